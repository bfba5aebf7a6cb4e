/* lexer.h - an expectation as a row of tokens.
 *
 * What a character means can depend on the word before it: after `json` comes a
 * path, after `header` a name, after `matches` a regular expression.  So tokens
 * are read one at a time, and whoever knows the word asks for the right one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum token_kind {
	TOKEN_END,
	TOKEN_WORD, /* status, latency.connect, and: with dots inside */
	TOKEN_QUANTITY, /* starts with a digit or a minus: 200, 1.5e3, 1h30m, 64KiB, 20% */
	TOKEN_TEXT, /* with its quotes */
	TOKEN_REGEX, /* with its slashes and flags */
	TOKEN_NAME, /* of a header, without quotes */
	TOKEN_PATH, /* RFC 9535 */
	TOKEN_OPEN, /* ( */
	TOKEN_CLOSE,
	TOKEN_LIST_OPEN, /* [ */
	TOKEN_LIST_CLOSE,
	TOKEN_COMMA,
	TOKEN_RANGE, /* .. */
	TOKEN_EQUAL,
	TOKEN_NOT_EQUAL,
	TOKEN_LESS,
	TOKEN_LESS_EQUAL,
	TOKEN_MORE,
	TOKEN_MORE_EQUAL,
	TOKEN_UNCLOSED, /* a text or regular expression whose end is missing */
	TOKEN_STRAY, /* nothing that the language knows: =, &&, ;, @ */
};

struct token {
	enum token_kind kind;
	size_t start, end; /* bytes of the line: [start, end) */
};

struct lexer {
	const char *line; /* borrowed */
	size_t len;
	size_t at;
};

struct token lexer_next(struct lexer *lexer);

/* What comes after `header`, `json` and `matches`.  Each gives TOKEN_END if the
 * line is over; a name and a path may come out empty (start == end), and
 * lexer_regex() gives what lexer_next() does unless a slash is next.
 */
struct token lexer_name(struct lexer *lexer);
struct token lexer_path(struct lexer *lexer);
struct token lexer_regex(struct lexer *lexer);

bool token_is(const struct token *token, const char *line, const char *word);
bool token_is_compare(enum token_kind kind);
