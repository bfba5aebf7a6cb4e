/* slips.c - signs of other languages and lines the wrong way round, put right.
 *
 * A line that a message proposes was parsed first: what it tells people to
 * write is right.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "expect/parser.h"

enum { SUGGESTED_BYTES = 160 };

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

const char *const fault_keywords[] = {
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
		for (size_t i = 0; fault_keywords[i]; i++)
			if (strlen(fault_keywords[i]) == len &&
			    memcmp(fault_keywords[i], start, len) != 0 &&
			    strncasecmp(fault_keywords[i], start, len) == 0)
				return fault_keywords[i];
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
bool fault_is_slip(struct parser *parser)
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

int fault_literal_first(struct parser *parser)
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

/* exists header X: it is said behind the subject. */
int fault_exists_first(struct parser *parser)
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
