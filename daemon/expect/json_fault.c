/* json_fault.c - one pass over a document, to its first fault. */
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
#include "expect/json_fault.h"

struct walk {
	const char *data; /* borrowed */
	size_t len;
	size_t at;
	char *brackets; /* owned; those that are open */
	unsigned depth, max_depth;
	struct json_notes *notes; /* borrowed; of the caller */
};

static void set_place(struct walk *walk, size_t at)
{
	walk->notes->line = 1;
	walk->notes->column = 1;
	for (size_t i = 0; i < at; i++) {
		if (walk->data[i] == '\n') {
			walk->notes->line++;
			walk->notes->column = 1;
		} else if ((walk->data[i] & 0xc0) != 0x80) {
			walk->notes->column++;
		}
	}
}

/* Always false, for the walk to end. */
static bool fault(struct walk *walk, size_t at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static bool fault(struct walk *walk, size_t at, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(walk->notes->reason, sizeof(walk->notes->reason), format, arguments);
	va_end(arguments);
	set_place(walk, at);
	return false;
}

static int peek(const struct walk *walk)
{
	return walk->at < walk->len ? (unsigned char)walk->data[walk->at] : -1;
}

static void skip_blanks(struct walk *walk)
{
	while (peek(walk) > 0 && strchr(" \t\r\n", peek(walk)))
		walk->at++;
}

static bool unexpected(struct walk *walk, const char *wanted)
{
	cleanup(text)
	struct text found = { .limit_bytes = 32 };
	uint32_t code;
	size_t step;

	if (walk->at >= walk->len)
		return fault(walk, walk->at, "it ends too early, %s was expected", wanted);
	step = utf8_next(walk->data + walk->at, walk->len - walk->at, &code);
	text_append_escaped(&found, walk->data + walk->at, step ? step : 1);
	return fault(walk, walk->at, "%s was expected, not '%s'", wanted, text_string(&found));
}

/* Four hexadecimal digits; -1: there are none. */
static long take_hex(struct walk *walk)
{
	char digits[5] = "";

	for (size_t i = 0; i < 4 && isxdigit(peek(walk)); i++)
		digits[i] = walk->data[walk->at++];
	return strlen(digits) == 4 ? strtol(digits, NULL, 16) : -1;
}

/* What follows \u, which stands at `from`. */
static bool take_code(struct walk *walk, size_t from, bool is_name)
{
	long code = take_hex(walk), low = 0;

	if (code < 0)
		return fault(walk, from, "\\u takes four hexadecimal digits");
	if (code == 0 && is_name)
		return fault(walk, from, "a name holds a NUL");
	if (code >= 0xd800 && code <= 0xdbff && walk->at + 1 < walk->len &&
	    memcmp(walk->data + walk->at, "\\u", 2) == 0) {
		walk->at += 2;
		low = take_hex(walk);
	}
	if (code >= 0xd800 && code <= 0xdfff && (code > 0xdbff || low < 0xdc00 || low > 0xdfff))
		return fault(walk, from, "half of a surrogate pair stands alone");
	return true;
}

static bool take_escape(struct walk *walk, bool is_name)
{
	const size_t from = walk->at++;
	const int c = peek(walk);

	walk->at++;
	if (c == 'u')
		return take_code(walk, from, is_name);
	if (c > 0 && strchr("\"\\/bfnrt", c))
		return true;
	return fault(walk, from, "there is no such escape");
}

static bool take_string(struct walk *walk, bool is_name)
{
	uint32_t code;
	size_t step;

	walk->at++;
	while (peek(walk) >= 0 && peek(walk) != '"') {
		if (peek(walk) == '\\') {
			if (!take_escape(walk, is_name))
				return false;
			continue;
		}
		step = utf8_next(walk->data + walk->at, walk->len - walk->at, &code);
		if (step == 0)
			return fault(walk, walk->at, "a byte is not UTF-8");
		if (code < 0x20)
			return fault(walk, walk->at,
				     "the control character \\u%04x stands in a text", code);
		walk->at += step;
	}
	if (peek(walk) < 0)
		return fault(walk, walk->len, "it ends within a text");
	walk->at++;
	return true;
}

static bool take_digits(struct walk *walk)
{
	if (!isdigit(peek(walk)))
		return unexpected(walk, "a digit");
	while (isdigit(peek(walk)))
		walk->at++;
	return true;
}

static bool take_number(struct walk *walk)
{
	const size_t from = walk->at, digits = from + (peek(walk) == '-');
	char *number;
	bool is_finite;

	walk->at = digits;
	if (!take_digits(walk))
		return false;
	if (walk->data[digits] == '0' && walk->at > digits + 1)
		return fault(walk, digits, "a number has no leading zeros");
	if (peek(walk) == '.') {
		walk->at++;
		if (!take_digits(walk))
			return false;
	}
	if (peek(walk) == 'e' || peek(walk) == 'E') {
		walk->at++;
		walk->at += peek(walk) == '+' || peek(walk) == '-';
		if (!take_digits(walk))
			return false;
	}
	number = memory_text_len(walk->data + from, walk->at - from);
	is_finite = isfinite(strtod(number, NULL));
	free(number);
	return is_finite || fault(walk, from, "a number is beyond what a double holds");
}

static bool take_word(struct walk *walk)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < 3; i++)
		if (walk->len - walk->at >= strlen(words[i]) &&
		    memcmp(walk->data + walk->at, words[i], strlen(words[i])) == 0) {
			walk->at += strlen(words[i]);
			return true;
		}
	return unexpected(walk, "a value");
}

/* A name, and the colon behind it. */
static bool take_name(struct walk *walk)
{
	skip_blanks(walk);
	if (peek(walk) != '"')
		return unexpected(walk, "a name in double quotes");
	if (!take_string(walk, true))
		return false;
	skip_blanks(walk);
	if (peek(walk) != ':')
		return unexpected(walk, "':'");
	walk->at++;
	return true;
}

/* Over an opening bracket.  Whether a value has to follow; else the bracket is closed. */
static bool enter(struct walk *walk, bool *ret_is_open)
{
	const char bracket = walk->data[walk->at];
	const char closing = bracket == '{' ? '}' : ']';

	if (walk->depth >= walk->max_depth)
		return fault(walk, walk->at, "it is nested more than %u levels deep",
			     walk->max_depth);
	walk->at++;
	skip_blanks(walk);
	*ret_is_open = peek(walk) != closing;
	if (!*ret_is_open) {
		walk->at++;
		return true;
	}
	walk->brackets[walk->depth++] = closing;
	return bracket == '[' || take_name(walk);
}

/* What follows a value, up to where the next one begins; *ret_is_over: there is none. */
static bool go_on(struct walk *walk, bool *ret_is_over)
{
	*ret_is_over = false;
	for (;;) {
		skip_blanks(walk);
		if (walk->depth == 0) {
			*ret_is_over = true;
			return walk->at == walk->len ||
			       fault(walk, walk->at, "something follows the value");
		}
		if (peek(walk) == walk->brackets[walk->depth - 1]) {
			walk->depth--;
			walk->at++;
			continue;
		}
		if (peek(walk) != ',')
			return unexpected(walk, walk->brackets[walk->depth - 1] == '}'
							? "',' or '}'"
							: "',' or ']'");
		walk->at++;
		return walk->brackets[walk->depth - 1] == ']' || take_name(walk);
	}
}

/* One value, or the opening bracket of one and what stands before the first inside. */
static bool take_value(struct walk *walk, bool *ret_is_open)
{
	int c;

	*ret_is_open = false;
	skip_blanks(walk);
	c = peek(walk);
	if (c == '{' || c == '[')
		return enter(walk, ret_is_open);
	if (c == '"')
		return take_string(walk, false);
	if (c == '-' || isdigit(c))
		return take_number(walk);
	return take_word(walk);
}

static bool take_document(struct walk *walk)
{
	bool is_open, is_over = false;

	if (walk->len >= 3 && memcmp(walk->data, "\xef\xbb\xbf", 3) == 0)
		return fault(walk, 0, "it begins with a byte order mark");
	while (!is_over)
		if (!take_value(walk, &is_open) || (!is_open && !go_on(walk, &is_over)))
			return false;
	return true;
}

bool json_fault_find(const char *data, size_t len, unsigned max_depth, struct json_notes *ret)
{
	struct walk walk = {
		.data = data,
		.len = len,
		.brackets = memory_new(max_depth + 1, 1),
		.max_depth = max_depth,
		.notes = ret,
	};
	const bool is_good = take_document(&walk);

	free(walk.brackets);
	return !is_good;
}
