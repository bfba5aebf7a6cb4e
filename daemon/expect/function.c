/* function.c - length count lower upper trim number age until sha256. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "expect/function.h"
#include "expect/literal.h"
#include "expect/times.h"

/* Characters of a text (bytes where it is not UTF-8), elements, members. */
static enum doubt apply_length(struct value *value, usec_t wall)
{
	int64_t length;

	if (value->type == TYPE_TEXT && value->is_cut)
		return DOUBT_CUT;
	if (value->type == TYPE_TEXT)
		length = (int64_t)(utf8_is_valid(value->as.text.data, value->as.text.len)
					   ? utf8_count(value->as.text.data, value->as.text.len)
					   : value->as.text.len);
	else if (value->type == TYPE_ARRAY)
		length = (int64_t)json_array_size(value->as.node);
	else if (value->type == TYPE_OBJECT)
		length = (int64_t)json_object_size(value->as.node);
	else
		return DOUBT_TYPE;
	value_done(value);
	*value = value_integer(TYPE_NUMBER, length);
	return DOUBT_NONE;
}

/* A text of the same length with the letters from `first` to `last` in the other case. */
static enum doubt change_case(struct value *value, char first, char last)
{
	const size_t len = value->type == TYPE_TEXT ? value->as.text.len : 0;
	char *changed;

	if (value->type != TYPE_TEXT)
		return DOUBT_TYPE;
	changed = value->owned ? value->owned : memory_text_len(value->as.text.data, len);
	if (value->owned)
		memmove(changed, value->as.text.data, len);
	for (size_t i = 0; i < len; i++)
		if (changed[i] >= first && changed[i] <= last)
			changed[i] ^= 'a' ^ 'A';
	value->owned = changed;
	value->as.text.data = changed;
	return DOUBT_NONE;
}

static enum doubt apply_lower(struct value *value, usec_t wall)
{
	return change_case(value, 'A', 'Z');
}

static enum doubt apply_upper(struct value *value, usec_t wall)
{
	return change_case(value, 'a', 'z');
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static enum doubt apply_trim(struct value *value, usec_t wall)
{
	const char *data = value->as.text.data;
	size_t len = value->as.text.len;

	if (value->type != TYPE_TEXT)
		return DOUBT_TYPE;
	while (len > 0 && is_blank(data[0]))
		data++, len--;
	/* Blanks before the cut may be followed by something. */
	while (len > 0 && is_blank(data[len - 1]) && !value->is_cut)
		len--;
	value->as.text.data = data;
	value->as.text.len = len;
	return DOUBT_NONE;
}

static enum doubt apply_number(struct value *value, usec_t wall)
{
	struct value trimmed = *value, number;

	if (value->type == TYPE_NUMBER)
		return DOUBT_NONE;
	if (value->type != TYPE_TEXT)
		return DOUBT_TYPE;
	if (value->is_cut)
		return DOUBT_CUT;
	(void)apply_trim(&trimmed, wall);
	if (literal_number(trimmed.as.text.data, trimmed.as.text.len, &number) < 0)
		return DOUBT_TYPE;
	value_done(value);
	*value = number;
	return DOUBT_NONE;
}

static enum doubt to_time(const struct value *value, usec_t wall, int64_t *ret_time)
{
	int r;

	if (value->type == TYPE_TEXT && value->is_cut)
		return DOUBT_CUT;
	if (value->type == TYPE_TEXT)
		r = times_read(value->as.text.data, value->as.text.len, wall, ret_time);
	else if (value->type == TYPE_NUMBER)
		r = times_from_seconds(value->is_real ? value->as.real : (double)value->as.integer,
				       ret_time);
	else
		return DOUBT_TYPE;
	return r < 0 ? DOUBT_TYPE : DOUBT_NONE;
}

static enum doubt apply_age(struct value *value, usec_t wall)
{
	int64_t time;
	const enum doubt doubt = to_time(value, wall, &time);

	if (doubt)
		return doubt;
	value_done(value);
	*value = value_integer(TYPE_DURATION, (int64_t)wall - time);
	return DOUBT_NONE;
}

static enum doubt apply_until(struct value *value, usec_t wall)
{
	const enum doubt doubt = apply_age(value, wall);

	if (!doubt)
		value->as.integer = -value->as.integer;
	return doubt;
}

static enum doubt apply_sha256(struct value *value, usec_t wall)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	struct text text = { 0 };
	unsigned len;

	if (value->type != TYPE_TEXT)
		return DOUBT_TYPE;
	if (value->is_cut)
		return DOUBT_CUT;
	/* Nothing but want of memory makes it fail. */
	if (!EVP_Digest(value->as.text.data, value->as.text.len, digest, &len, EVP_sha256(), NULL))
		memory_out();
	for (unsigned i = 0; i < len; i++)
		text_print(&text, "%02x", digest[i]);
	value_done(value);
	*value = value_made(&text);
	return DOUBT_NONE;
}

#define TEXTS	(1u << TYPE_TEXT | 1u << TYPE_JSON)
#define TIMES	(1u << TYPE_TEXT | 1u << TYPE_NUMBER | 1u << TYPE_JSON)
#define NUMBERS (1u << TYPE_TEXT | 1u << TYPE_NUMBER | 1u << TYPE_JSON)

static const struct function functions[] = {
	{ "length", 1u << TYPE_TEXT | 1u << TYPE_JSON, "a text or a JSON value", TYPE_NUMBER,
	  "a text, an array or an object", .apply = apply_length },
	{ "count", 0, "a list", TYPE_NUMBER, "a list", .apply = NULL },
	{ "lower", TEXTS, "a text", TYPE_TEXT, "a text", .apply = apply_lower },
	{ "upper", TEXTS, "a text", TYPE_TEXT, "a text", .apply = apply_upper },
	{ "trim", TEXTS, "a text", TYPE_TEXT, "a text", .apply = apply_trim },
	{ "number", NUMBERS, "a text or a JSON value", TYPE_NUMBER, "a number",
	  .apply = apply_number },
	{ "age", TIMES, "a time: a text, a number or a JSON value", TYPE_DURATION, "a time",
	  .unit = "s", .apply = apply_age },
	{ "until", TIMES, "a time: a text, a number or a JSON value", TYPE_DURATION, "a time",
	  .unit = "s", .apply = apply_until },
	{ "sha256", TEXTS, "a text", TYPE_TEXT, "a text", .apply = apply_sha256 },
};

enum { FUNCTIONS_COUNT = sizeof(functions) / sizeof(functions[0]) };

const struct function *function_find(const char *name, size_t len)
{
	for (size_t i = 0; i < FUNCTIONS_COUNT; i++)
		if (strlen(functions[i].name) == len && memcmp(functions[i].name, name, len) == 0)
			return &functions[i];
	return NULL;
}

const struct function *function_at(size_t index)
{
	return index < FUNCTIONS_COUNT ? &functions[index] : NULL;
}
