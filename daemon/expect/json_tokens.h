/* json_tokens.h - within expect/: what a JSON document consists of, one thing after the other.
 *
 * Source: RFC 8259.  Whoever finds something else says so in the notes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "expect/json.h"

enum {
	/* A number of so many bytes without an exponent is less than any double's end. */
	TOKENS_SURELY_FINITE = 300,
};

struct tokens {
	const char *data; /* borrowed */
	size_t len;
	size_t at;
	struct json_notes *notes; /* borrowed */
};

/* The byte that comes next; -1: none does. */
static inline int tokens_peek(const struct tokens *tokens)
{
	return tokens->at < tokens->len ? (unsigned char)tokens->data[tokens->at] : -1;
}

static inline bool tokens_is_blank(int c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static inline bool tokens_is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static inline void tokens_skip_blanks(struct tokens *tokens)
{
	while (tokens_is_blank(tokens_peek(tokens)))
		tokens->at++;
}

/* Over a text, at the quote that it begins with; over a text, a number or a word.  False after a
 * fault.
 */
bool tokens_take_text(struct tokens *tokens, bool is_name);
bool tokens_take_scalar(struct tokens *tokens);

/* Always false, for whoever reads to end. */
bool tokens_fault(struct tokens *tokens, size_t at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool tokens_unexpected(struct tokens *tokens, const char *wanted);
