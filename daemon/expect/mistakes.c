/* mistakes.c - what cannot stand where it stands, and what was probably meant. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "expect/parser.h"
#include "option/complaint.h"

enum { WORD_BYTES = 64 };

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
static const struct {
	const char *word, *subject;
} synonyms[] = {
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
		if (strcasecmp(synonyms[i].word, word) == 0)
			return synonyms[i].subject;
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

int fault_unknown_subject(struct parser *parser, const struct token *token)
{
	char word[WORD_BYTES];
	const char *meant;

	if (token->kind != TOKEN_WORD)
		return token->kind == TOKEN_END
			       ? fault(parser, token->start, "a subject is missing here")
			       : fault(parser, token->start, "'%.*s' is no subject",
				       PIECE(parser, token->start, token->end));
	if (fault_is_slip(parser))
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

int fault_no_test(struct parser *parser)
{
	const struct token token = parser->token;

	if (token.kind == TOKEN_UNCLOSED)
		return fault_unclosed(parser);
	if (fault_is_slip(parser))
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

	if (fault_is_slip(parser))
		return -EINVAL;
	if (token.kind == TOKEN_WORD) {
		copy_word(parser, &token, word);
		meant = complaint_nearest(word, fault_keywords);
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

	if (fault_is_slip(parser))
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
	if (fault_is_slip(parser))
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

	if (fault_is_slip(parser))
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
