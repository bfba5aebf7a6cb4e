/* json_skim.c - over a value that nobody asks for.
 *
 * Of most documents one value is looked for, and all the others only have to be JSON.  What these
 * consist of, short texts and numbers, is gone over here in a few instructions each.  Texts with
 * escapes or other letters than ASCII's are left to json_tokens.c; whatever else is unusual is
 * the caller's, who begins again.  So nothing here has to say what is wrong.
 */
#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "expect/json_skim.h"
#include "expect/json_tokens.h"

/* Brackets are a bit each. */
enum { DEEPEST = 63 };

struct skim {
	struct tokens *tokens; /* borrowed */
	const char *end;
	uint64_t objects; /* which of the brackets that are open are braces, the innermost lowest */
	unsigned depth, room;
};

/* In compact documents, none. */
static inline const char *over_blanks(const char *at, const char *end)
{
	if (at != end && *at > ' ')
		return at;
	while (at < end && tokens_is_blank((unsigned char)*at))
		at++;
	return at;
}

/* Needs no second look within a text: ASCII, but for control characters. */
static bool is_plain(unsigned char c)
{
	return (unsigned char)(c - ' ') < 0x80 - ' ' && c != '"' && c != '\\';
}

/* A byte in each place. */
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* How many of eight bytes, from the first on, are plain.  A subtraction borrows from the byte behind
 * only where one is not plain, so the first that is marked is marked rightly.
 */
static inline unsigned count_plain(const char *at)
{
	uint64_t bytes, marks;

	memcpy(&bytes, at, sizeof(bytes));
	bytes = le64toh(bytes);
	marks = bytes | (bytes - EACH(' ')) | ((bytes ^ EACH('"')) - EACH(1)) |
		((bytes ^ EACH('\\')) - EACH(1));
	marks &= EACH(0x80);
	return marks ? (unsigned)__builtin_ctzll(marks) / 8 : 8;
}

/* To the first byte that is not plain. */
static inline const char *over_plain(const char *at, const char *end)
{
	while (end - at >= 8) {
		const unsigned plain = count_plain(at);

		at += plain;
		if (plain < 8)
			return at;
	}
	while (at < end && is_plain((unsigned char)*at))
		at++;
	return at;
}

/* From the quote; NULL: it is none. */
static const char *over_text(const struct skim *skim, const char *at, bool is_name)
{
	struct tokens *tokens = skim->tokens;
	const char *next = over_plain(at + 1, skim->end);

	if (next < skim->end && *next == '"')
		return next + 1;
	tokens->at = (size_t)(at - tokens->data);
	return tokens_take_text(tokens, is_name) ? tokens->data + tokens->at : NULL;
}

static const char *over_digits(const char *at, const char *end)
{
	while (at < end && tokens_is_digit(*at))
		at++;
	return at;
}

static const char *over_number(const char *at, const char *end)
{
	const char *const digits = at + (*at == '-');
	const char *next = over_digits(digits, end);

	if (next == digits || (*digits == '0' && next > digits + 1))
		return NULL;
	if (next < end && *next == '.') {
		const char *const fraction = next + 1;

		next = over_digits(fraction, end);
		if (next == fraction)
			return NULL;
	}
	if (next == end || *next == 'e' || *next == 'E' || next - at >= TOKENS_SURELY_FINITE)
		return NULL;
	return next;
}

static const char *over_word(const char *at, const char *end)
{
	if (end - at >= 4 && (memcmp(at, "true", 4) == 0 || memcmp(at, "null", 4) == 0))
		return at + 4;
	return end - at >= 5 && memcmp(at, "false", 5) == 0 ? at + 5 : NULL;
}

static const char *over_scalar(const struct skim *skim, const char *at)
{
	if (*at == '"')
		return over_text(skim, at, false);
	if (*at == '-' || tokens_is_digit(*at))
		return over_number(at, skim->end);
	return over_word(at, skim->end);
}

/* A name, and the colon behind it. */
static const char *over_name(const struct skim *skim, const char *at)
{
	at = over_blanks(at, skim->end);
	if (at == skim->end || *at != '"' || !(at = over_text(skim, at, true)))
		return NULL;
	at = over_blanks(at, skim->end);
	return at < skim->end && *at == ':' ? at + 1 : NULL;
}

/* Over an opening bracket, to where the first value in it begins; or to behind the closing one. */
static const char *enter(struct skim *skim, const char *at, bool *ret_is_open)
{
	const bool is_object = *at == '{';

	if (skim->depth == skim->room || skim->depth == DEEPEST)
		return NULL;
	at = over_blanks(at + 1, skim->end);
	if (at == skim->end)
		return NULL;
	*ret_is_open = *at != (is_object ? '}' : ']');
	if (!*ret_is_open)
		return at + 1;
	skim->depth++;
	skim->objects = skim->objects << 1 | is_object;
	return is_object ? over_name(skim, at) : at;
}

/* A value, or what opens one. */
static const char *over_value(struct skim *skim, const char *at, bool *ret_is_open)
{
	*ret_is_open = false;
	at = over_blanks(at, skim->end);
	if (at == skim->end)
		return NULL;
	return *at == '{' || *at == '[' ? enter(skim, at, ret_is_open) : over_scalar(skim, at);
}

/* From behind a value to where the next one begins, or behind the last. */
static const char *go_on(struct skim *skim, const char *at)
{
	while (skim->depth > 0) {
		const bool is_object = skim->objects & 1;

		at = over_blanks(at, skim->end);
		if (at == skim->end)
			return NULL;
		if (*at == ',')
			return is_object ? over_name(skim, at + 1) : at + 1;
		if (*at++ != (is_object ? '}' : ']'))
			return NULL;
		skim->objects >>= 1;
		skim->depth--;
	}
	return at;
}

bool json_skim(struct tokens *tokens, unsigned room)
{
	struct skim skim = { .tokens = tokens, .end = tokens->data + tokens->len, .room = room };
	const size_t begin = tokens->at;
	const char *at = tokens->data + begin;
	bool is_open;

	do {
		at = over_value(&skim, at, &is_open);
		if (at && !is_open)
			at = go_on(&skim, at);
	} while (at && (is_open || skim.depth > 0));
	tokens->at = at ? (size_t)(at - tokens->data) : begin;
	return at;
}
