/* json_tokens.c - what a JSON document consists of, one thing after the other. */
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "expect/json_tokens.h"

static void set_place(struct tokens *tokens, size_t at)
{
	tokens->notes->line = 1;
	tokens->notes->column = 1;
	for (size_t i = 0; i < at; i++) {
		if (tokens->data[i] == '\n') {
			tokens->notes->line++;
			tokens->notes->column = 1;
		} else if ((tokens->data[i] & 0xc0) != 0x80) {
			tokens->notes->column++;
		}
	}
}

bool tokens_fault(struct tokens *tokens, size_t at, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(tokens->notes->reason, sizeof(tokens->notes->reason), format, arguments);
	va_end(arguments);
	set_place(tokens, at);
	return false;
}

bool tokens_unexpected(struct tokens *tokens, const char *wanted)
{
	cleanup(text)
	struct text found = { .limit_bytes = 32 };
	uint32_t code;
	size_t step;

	if (tokens->at >= tokens->len)
		return tokens_fault(tokens, tokens->at, "it ends too early, %s was expected",
				    wanted);
	step = utf8_next(tokens->data + tokens->at, tokens->len - tokens->at, &code);
	text_append_escaped(&found, tokens->data + tokens->at, step ? step : 1);
	return tokens_fault(tokens, tokens->at, "%s was expected, not '%s'", wanted,
			    text_string(&found));
}

/* Over what needs no second look, within a text. */
static void skip_plain(struct tokens *tokens)
{
	const unsigned char *at = (const unsigned char *)tokens->data + tokens->at;
	const unsigned char *end = (const unsigned char *)tokens->data + tokens->len;

	while (at < end && *at >= 0x20 && *at < 0x80 && *at != '"' && *at != '\\')
		at++;
	tokens->at = (size_t)((const char *)at - tokens->data);
}

/* Four hexadecimal digits; -1: there are none. */
static long take_hex(struct tokens *tokens)
{
	char digits[5] = "";

	for (size_t i = 0; i < 4 && isxdigit(tokens_peek(tokens)); i++)
		digits[i] = tokens->data[tokens->at++];
	return strlen(digits) == 4 ? strtol(digits, NULL, 16) : -1;
}

/* What follows \u, which stands at `from`. */
static bool take_code(struct tokens *tokens, size_t from, bool is_name)
{
	long code = take_hex(tokens), low = 0;

	if (code < 0)
		return tokens_fault(tokens, from, "\\u takes four hexadecimal digits");
	if (code == 0 && is_name)
		return tokens_fault(tokens, from, "a name holds a NUL");
	if (code >= 0xd800 && code <= 0xdbff && tokens->at + 1 < tokens->len &&
	    memcmp(tokens->data + tokens->at, "\\u", 2) == 0) {
		tokens->at += 2;
		low = take_hex(tokens);
	}
	if (code >= 0xd800 && code <= 0xdfff && (code > 0xdbff || low < 0xdc00 || low > 0xdfff))
		return tokens_fault(tokens, from, "half of a surrogate pair stands alone");
	return true;
}

static bool take_escape(struct tokens *tokens, bool is_name)
{
	const size_t from = tokens->at++;
	const int c = tokens_peek(tokens);

	tokens->at++;
	if (c == 'u')
		return take_code(tokens, from, is_name);
	if (c > 0 && strchr("\"\\/bfnrt", c))
		return true;
	return tokens_fault(tokens, from, "there is no such escape");
}

bool tokens_take_text(struct tokens *tokens, bool is_name)
{
	uint32_t code;
	size_t step;

	tokens->at++;
	for (skip_plain(tokens); tokens_peek(tokens) >= 0 && tokens_peek(tokens) != '"';
	     skip_plain(tokens)) {
		if (tokens_peek(tokens) == '\\') {
			if (!take_escape(tokens, is_name))
				return false;
			continue;
		}
		step = utf8_next(tokens->data + tokens->at, tokens->len - tokens->at, &code);
		if (step == 0)
			return tokens_fault(tokens, tokens->at, "a byte is not UTF-8");
		if (code < 0x20)
			return tokens_fault(tokens, tokens->at,
					    "the control character \\u%04x stands in a text", code);
		tokens->at += step;
	}
	if (tokens_peek(tokens) < 0)
		return tokens_fault(tokens, tokens->len, "it ends within a text");
	tokens->at++;
	return true;
}

static bool take_digits(struct tokens *tokens)
{
	if (!tokens_is_digit(tokens_peek(tokens)))
		return tokens_unexpected(tokens, "a digit");
	while (tokens_is_digit(tokens_peek(tokens)))
		tokens->at++;
	return true;
}

static bool is_finite(const struct tokens *tokens, size_t from)
{
	char *number = memory_text_len(tokens->data + from, tokens->at - from);
	const bool is_finite = isfinite(strtod(number, NULL));

	free(number);
	return is_finite;
}

static bool take_number(struct tokens *tokens)
{
	const size_t from = tokens->at, digits = from + (tokens_peek(tokens) == '-');
	bool has_exponent = false;

	tokens->at = digits;
	if (!take_digits(tokens))
		return false;
	if (tokens->data[digits] == '0' && tokens->at > digits + 1)
		return tokens_fault(tokens, digits, "a number has no leading zeros");
	if (tokens_peek(tokens) == '.') {
		tokens->at++;
		if (!take_digits(tokens))
			return false;
	}
	if (tokens_peek(tokens) == 'e' || tokens_peek(tokens) == 'E') {
		has_exponent = true;
		tokens->at++;
		tokens->at += tokens_peek(tokens) == '+' || tokens_peek(tokens) == '-';
		if (!take_digits(tokens))
			return false;
	}
	return (!has_exponent && tokens->at - from < TOKENS_SURELY_FINITE) ||
	       is_finite(tokens, from) ||
	       tokens_fault(tokens, from, "a number is beyond what a double holds");
}

static bool take_word(struct tokens *tokens)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < 3; i++)
		if (tokens->len - tokens->at >= strlen(words[i]) &&
		    memcmp(tokens->data + tokens->at, words[i], strlen(words[i])) == 0) {
			tokens->at += strlen(words[i]);
			return true;
		}
	return tokens_unexpected(tokens, "a value");
}

bool tokens_take_scalar(struct tokens *tokens)
{
	const int c = tokens_peek(tokens);

	if (c == '"')
		return tokens_take_text(tokens, false);
	if (c == '-' || tokens_is_digit(c))
		return take_number(tokens);
	return take_word(tokens);
}
