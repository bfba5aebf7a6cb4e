/* mistakes.c - what people write instead, and how it is written right.
 *
 * Whoever proposes another line has it parsed first: what a message tells
 * people to write is right.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "expect/parser.h"
#include "option/complaint.h"

enum { SUGGESTED_BYTES = 160, WORD_BYTES = 64 };

static int fault_set(struct parser *parser, size_t at, const struct text *message)
{
	struct text shown = { 0 };
	size_t len;

	text_append_escaped(&shown, text_string(message), message->len);
	len = utf8_cut(text_string(&shown), shown.len, sizeof(parser->fault->message) - 1);
	memcpy(parser->fault->message, text_string(&shown), len);
	parser->fault->message[len] = '\0';
	parser->fault->column = at + 1;
	text_done(&shown);
	return -EINVAL;
}

int fault(struct parser *parser, size_t at, const char *format, ...)
{
	struct text message = { 0 };
	va_list arguments;

	va_start(arguments, format);
	text_vprint(&message, format, arguments);
	va_end(arguments);
	(void)fault_set(parser, at, &message);
	text_done(&message);
	return -EINVAL;
}

/* Appends ": write LINE" if that is a line, and short enough to be read. */
static bool suggest(const struct parser *parser, struct text *message, const struct text *line)
{
	if (parser->is_trial || line->len > SUGGESTED_BYTES ||
	    !parser_would_read(parser, text_string(line), line->len))
		return false;
	text_print(message, ": write %s", text_string(line));
	return true;
}

int fault_replacing(struct parser *parser, const struct token *token, const char *replacement,
		    const char *format, ...)
{
	const struct lexer *lexer = &parser->lexer;
	struct text message = { 0 }, line = { 0 };
	va_list arguments;

	va_start(arguments, format);
	text_vprint(&message, format, arguments);
	va_end(arguments);
	text_append_len(&line, lexer->line, token->start);
	text_append(&line, replacement);
	text_append_len(&line, lexer->line + token->end, lexer->len - token->end);
	(void)suggest(parser, &message, &line);
	(void)fault_set(parser, token->start, &message);
	text_done(&message);
	text_done(&line);
	return -EINVAL;
}

/* Signs of other languages, and what they are called here. */
static const struct slip {
	const char *sign, *right;
} slips[] = {
	{ "=", "==" },	    { "===", "==" },	     { "!==", "!=" }, { "<>", "!=" },
	{ "=<", "<=" },	    { "=>", ">=" },	     { "&&", "and" }, { "&", "and" },
	{ "||", "or" },	    { "|", "or" },	     { "!", "not" },  { "=~", "matches" },
	{ "~", "matches" }, { "!~", "not matches" },
};

static const char *const keywords[] = {
	"and",	"or",	  "not", "any",	  "all",  "none", "in",	   "contains", "matches",
	"like", "exists", "is",	 "empty", "null", "true", "false", NULL,
};

/* How the token would be written if it is a slip, else NULL. */
static const char *right_spelling(const char *line, const struct token *token)
{
	const size_t len = token->end - token->start;
	const char *start = line + token->start;

	if (token->kind == TOKEN_STRAY) {
		for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++)
			if (strlen(slips[i].sign) == len && memcmp(slips[i].sign, start, len) == 0)
				return slips[i].right;
	}
	if (token->kind == TOKEN_WORD) {
		for (size_t i = 0; keywords[i]; i++)
			if (strlen(keywords[i]) == len && memcmp(keywords[i], start, len) != 0 &&
			    strncasecmp(keywords[i], start, len) == 0)
				return keywords[i];
	}
	return NULL;
}

/* The next token, as a parser would read it after `last`. */
static struct token next_token(struct lexer *lexer, const struct token *last)
{
	if (token_is(last, lexer->line, "json"))
		return lexer_path(lexer);
	if (token_is(last, lexer->line, "header") || token_is(last, lexer->line, "perf"))
		return lexer_name(lexer);
	if (token_is(last, lexer->line, "matches"))
		return lexer_regex(lexer);
	return lexer_next(lexer);
}

/* The line with all slips of the pen put right. */
static void mend(const struct parser *parser, struct text *mended)
{
	struct lexer lexer = { .line = parser->lexer.line, .len = parser->lexer.len };
	struct token token = { .kind = TOKEN_END };

	for (;;) {
		const size_t end = token.end;
		const char *right;

		token = next_token(&lexer, &token);
		text_append_len(mended, lexer.line + end, token.start - end);
		if (token.start == lexer.len)
			return;
		right = right_spelling(lexer.line, &token);
		if (!right) {
			text_append_len(mended, lexer.line + token.start, token.end - token.start);
			continue;
		}
		if (token.start == end && end > 0)
			text_append_char(mended, ' ');
		text_append(mended, right);
		if (lexer.at < lexer.len && !isspace((unsigned char)lexer.line[lexer.at]))
			text_append_char(mended, ' ');
		if (strcmp(right, "matches") == 0)
			token = (struct token){ TOKEN_END, token.start, token.end };
	}
}

/* The current token is a slip: names it and shows the whole line put right. */
static bool is_slip(struct parser *parser)
{
	const char *right = right_spelling(parser->lexer.line, &parser->token);
	struct text message = { 0 }, line = { 0 };

	if (!right)
		return false;
	text_print(&message, "'%.*s' is written '%s'",
		   PIECE(parser, parser->token.start, parser->token.end), right);
	mend(parser, &line);
	(void)suggest(parser, &message, &line);
	(void)fault_set(parser, parser->token.start, &message);
	text_done(&message);
	text_done(&line);
	return true;
}

int fault_unclosed(struct parser *parser)
{
	const char first = parser->lexer.line[parser->token.start];

	return fault(parser, parser->token.start, "the %s that starts here has no closing %s",
		     first == '/' ? "regular expression" : "text",
		     first == '/'   ? "/"
		     : first == '"' ? "\""
				    : "'");
}

/* Words that other tools have for what is called otherwise here. */
static const struct slip synonyms[] = {
	{ "status_code", "status" },
	{ "code", "status" },
	{ "statusCode", "status" },
	{ "time", "latency" },
	{ "duration", "latency" },
	{ "response_time", "latency" },
	{ "elapsed", "latency" },
	{ "ttfb", "latency.first_byte" },
	{ "content", "body" },
	{ "text", "body" },
	{ "response", "body" },
	{ "ip", "address" },
	{ "error", "class" },
	{ "headers", "header NAME" },
	{ "jsonpath", "json PATH" },
	{ "protocol", "http.version" },
	{ "certificate", "certificate.expires_in" },
	{ "expires", "certificate.expires_in" },
};

/* The subject that was probably meant, or NULL. */
static const char *nearest_subject(const struct parser *parser, const char *word)
{
	const char *names[128];
	size_t count = 0;

	for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++)
		if (strcasecmp(synonyms[i].sign, word) == 0)
			return synonyms[i].right;
	for (size_t i = 0; subject_at(i); i++) {
		if (strcasecmp(subject_at(i)->name, word) == 0)
			return subject_at(i)->name;
		if (subject_at(i)->probes & parser->subjects && count < 100)
			names[count++] = subject_at(i)->name;
	}
	for (size_t i = 0; function_at(i); i++)
		names[count++] = function_at(i)->name;
	names[count] = NULL;
	return complaint_nearest(word, names);
}

/* The word at `token`, with a NUL behind it, as far as it fits. */
static void copy_word(const struct parser *parser, const struct token *token, char word[WORD_BYTES])
{
	const size_t len = token->end - token->start;
	const size_t fits = len < WORD_BYTES ? len : WORD_BYTES - 1;

	memcpy(word, parser->lexer.line + token->start, fits);
	word[fits] = '\0';
}

/* exists header X: it is said behind the subject. */
static int fault_exists_first(struct parser *parser)
{
	const struct token word = parser->token;
	struct lexer lexer = parser->lexer;
	const struct token subject = lexer_next(&lexer);
	struct text message = { 0 }, line = { 0 };

	text_append(&message, "'exists' stands behind its subject");
	text_append_len(&line, lexer.line, word.start);
	text_append_len(&line, lexer.line + subject.start, lexer.len - subject.start);
	text_append(&line, " exists");
	(void)suggest(parser, &message, &line);
	(void)fault_set(parser, word.start, &message);
	text_done(&message);
	text_done(&line);
	return -EINVAL;
}

int fault_unknown_subject(struct parser *parser, const struct token *token)
{
	char word[WORD_BYTES];
	const char *meant;

	if (token->kind != TOKEN_WORD)
		return token->kind == TOKEN_END
			       ? fault(parser, token->start, "a subject is missing here")
			       : fault(parser, token->start, "'%.*s' is no subject",
				       PIECE(parser, token->start, token->end));
	if (is_slip(parser))
		return -EINVAL;
	copy_word(parser, token, word);
	if (strcmp(word, "exists") == 0)
		return fault_exists_first(parser);
	if (strncmp(word, "json.", 5) == 0)
		return fault(parser, token->start, "a path starts with '$': write json $.%s",
			     word + 5);
	if (strncmp(word, "header.", 7) == 0 || strncmp(word, "headers.", 8) == 0)
		return fault(parser, token->start, "write header %s", strchr(word, '.') + 1);
	meant = nearest_subject(parser, word);
	if (meant)
		return fault(parser, token->start, "there is no subject '%s': did you mean '%s'?",
			     word, meant);
	return fault(parser, token->start, "there is no subject '%s'", word);
}

int fault_unknown_class(struct parser *parser, const struct token *token, const char *name)
{
	const char *names[CLASSES];
	const char *meant;

	for (int i = CLASS_NONE + 1; i < CLASSES; i++)
		names[i - 1] = class_name((enum failure_class)i);
	names[CLASSES - 1] = NULL;
	meant = complaint_nearest(name, names);
	if (meant)
		return fault(parser, token->start,
			     "there is no class \"%.40s\": did you mean \"%s\"?", name, meant);
	return fault(parser, token->start, "there is no class \"%.40s\"", name);
}

/* The sign with left and right side changed over. */
static const char *mirrored(enum token_kind kind)
{
	static const char *const signs[] = {
		[TOKEN_EQUAL - TOKEN_EQUAL] = "==", [TOKEN_NOT_EQUAL - TOKEN_EQUAL] = "!=",
		[TOKEN_LESS - TOKEN_EQUAL] = ">",   [TOKEN_LESS_EQUAL - TOKEN_EQUAL] = ">=",
		[TOKEN_MORE - TOKEN_EQUAL] = "<",   [TOKEN_MORE_EQUAL - TOKEN_EQUAL] = "<=",
	};

	return signs[kind - TOKEN_EQUAL];
}

/* The unit at the end of a quantity, for `1 < latency < 5s`. */
static void append_unit(struct text *text, const char *line, const struct token *from)
{
	size_t at = from->end;

	while (at > from->start && !isdigit((unsigned char)line[at - 1]))
		at--;
	text_append_len(text, line + at, from->end - at);
}

static bool is_plain_number(const char *line, const struct token *token)
{
	return token->kind == TOKEN_QUANTITY && isdigit((unsigned char)line[token->end - 1]);
}

/* 1 < latency < 5s: latency > 1s and latency < 5s */
static bool turn_around(const struct parser *parser, struct text *line)
{
	struct lexer lexer = parser->lexer;
	const char *text = lexer.line;
	const struct token first = parser->token, sign = lexer_next(&lexer);
	struct token subject = lexer_next(&lexer), end = subject, second, last;

	if (!token_is_compare(sign.kind) || subject.kind != TOKEN_WORD)
		return false;
	if (token_is(&subject, text, "json") || token_is(&subject, text, "header"))
		end = next_token(&lexer, &subject);
	text_append_len(line, text, first.start);
	text_print(line, "%.*s %s %.*s", (int)(end.end - subject.start), text + subject.start,
		   mirrored(sign.kind), (int)(first.end - first.start), text + first.start);
	second = lexer_next(&lexer);
	if (!token_is_compare(second.kind)) {
		text_append_len(line, text + end.end, lexer.len - end.end);
		return true;
	}
	last = lexer_next(&lexer);
	if (is_plain_number(text, &first) && last.kind == TOKEN_QUANTITY)
		append_unit(line, text, &last);
	text_print(line, " and %.*s %.*s", (int)(end.end - subject.start), text + subject.start,
		   (int)(lexer.len - second.start), text + second.start);
	return true;
}

static int fault_literal_first(struct parser *parser)
{
	struct text message = { 0 }, line = { 0 };

	text_append(&message, "a comparison starts with its subject and has one sign");
	if (turn_around(parser, &line))
		(void)suggest(parser, &message, &line);
	(void)fault_set(parser, parser->token.start, &message);
	text_done(&message);
	text_done(&line);
	return -EINVAL;
}

int fault_no_test(struct parser *parser)
{
	const struct token token = parser->token;

	if (token.kind == TOKEN_UNCLOSED)
		return fault_unclosed(parser);
	if (is_slip(parser))
		return -EINVAL;
	if (token.kind == TOKEN_END)
		return fault(parser, token.start, "an expectation is missing at the end");
	if (token.kind == TOKEN_QUANTITY || token.kind == TOKEN_TEXT || token.kind == TOKEN_WORD)
		return fault_literal_first(parser);
	return fault(parser, token.start, "a subject stands here, not '%.*s'",
		     PIECE(parser, token.start, token.end));
}

int fault_no_compare(struct parser *parser, const struct test *test)
{
	const struct token token = parser->token;
	char word[WORD_BYTES];
	const char *meant = NULL;

	if (is_slip(parser))
		return -EINVAL;
	if (token.kind == TOKEN_WORD) {
		copy_word(parser, &token, word);
		meant = complaint_nearest(word, keywords);
	}
	if (meant)
		return fault(parser, token.start, "'%s' is no comparison: did you mean '%s'?", word,
			     meant);
	return fault(parser, token.start,
		     "after '%.60s' comes how it is compared: == != < <= > >= in contains matches "
		     "like exists is",
		     test->left.shown);
}

int fault_no_kind(struct parser *parser, const struct test *test, size_t is_at)
{
	/* status is 200, status is not 200 */
	const struct token is = { TOKEN_WORD, is_at, parser->end };

	if (is_slip(parser))
		return -EINVAL;
	(void)fault_replacing(parser, &is, test->is_each_negated ? "!=" : "==",
			      "after is comes empty, null, true or false");
	parser->fault->column = parser->token.start + 1;
	return -EINVAL;
}

/* A bare word, as far as the next blank or mark, in quotes. */
static int fault_quotes(struct parser *parser)
{
	const char *line = parser->lexer.line;
	struct token word = { TOKEN_WORD, parser->token.start, parser->token.start };
	char quoted[WORD_BYTES + 2];
	size_t len;

	while (word.end < parser->lexer.len && !isspace((unsigned char)line[word.end]) &&
	       !strchr("),]", line[word.end]))
		word.end++;
	len = utf8_cut(line + word.start, word.end - word.start, WORD_BYTES - 1);
	quoted[0] = '"';
	memcpy(quoted + 1, line + word.start, len);
	memcpy(quoted + 1 + len, "\"", 2);
	return fault(parser, word.start, "'%.*s' is no subject, and a text has quotes: write %s",
		     (int)len, line + word.start, quoted);
}

int fault_no_literal(struct parser *parser)
{
	const struct token token = parser->token;

	if (token.kind == TOKEN_UNCLOSED)
		return fault_unclosed(parser);
	if (token.kind == TOKEN_END)
		return fault(parser, token.start, "what it is compared with is missing");
	if (is_slip(parser))
		return -EINVAL;
	if (token.kind == TOKEN_OPEN)
		return fault(parser, token.start, "a list stands in brackets: write in [200, 201]");
	if (token.kind == TOKEN_LIST_OPEN)
		return fault(parser, token.start, "a list stands to the right of 'in'");
	if (token.kind == TOKEN_LIST_CLOSE)
		return fault(parser, token.start, "a list has at least one item");
	if (token.kind == TOKEN_STRAY && parser->lexer.line[token.start] == '/')
		return fault(parser, token.start, "a regular expression stands after matches");
	if (token.kind == TOKEN_WORD || token.kind == TOKEN_STRAY)
		return fault_quotes(parser);
	return fault(parser, token.start, "a value stands here, not '%.*s'",
		     PIECE(parser, token.start, token.end));
}

int fault_after_test(struct parser *parser)
{
	const struct token token = parser->token;

	if (is_slip(parser))
		return -EINVAL;
	if (token.kind == TOKEN_UNCLOSED)
		return fault_unclosed(parser);
	if (token_is_compare(token.kind))
		return fault(parser, token.start,
			     "a comparison has one sign: write two and join them with 'and'");
	if (token.kind == TOKEN_CLOSE)
		return fault(parser, token.start, "there is no '(' for this ')'");
	return fault(parser, token.start,
		     "after a whole comparison comes 'and' or 'or', not '%.*s'",
		     PIECE(parser, token.start, token.end));
}

/* $.content-type: as a name in brackets. */
int fault_path(struct parser *parser, const struct token *token,
	       const struct jsonpath_fault *path_fault)
{
	const char *line = parser->lexer.line;
	const size_t at = token->start + path_fault->column - 1;
	struct token name = { TOKEN_PATH, at, at };
	char *replacement;

	if (at >= token->end || line[at] != '-')
		return fault(parser, at, "json path: %s", path_fault->message);
	while (name.start > token->start && line[name.start - 1] != '.' &&
	       line[name.start - 1] != ']' && line[name.start - 1] != '$')
		name.start--;
	while (name.end < token->end && line[name.end] != '.' && line[name.end] != '[')
		name.end++;
	if (name.start > token->start && line[name.start - 1] == '.')
		name.start--;
	replacement =
		memory_print("['%.*s']", (int)(name.end - name.start - 1), line + name.start + 1);
	(void)fault_replacing(parser, &name, replacement,
			      "json path: a name with '-' stands in brackets and quotes");
	parser->fault->column = at + 1;
	free(replacement);
	return -EINVAL;
}
