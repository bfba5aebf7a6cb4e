/* json.c - reading JSON that a stranger sent.
 *
 * jansson is strict, but descends 2,048 levels, so depth is bounded before it begins;
 * and it knows no integers beyond 64 bits with sign, so those are made reals.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "expect/json.h"
#include "expect/json_walk.h"

#define FLAGS (JSON_DECODE_ANY | JSON_ALLOW_NUL)

/* How deep brackets outside of strings nest; of what is not JSON, anything. */
static unsigned depth_of(const char *data, size_t len, unsigned enough)
{
	unsigned depth = 0, deepest = 0;
	bool in_string = false;

	for (size_t i = 0; i < len && deepest < enough; i++) {
		if (in_string) {
			in_string = data[i] != '"';
			i += data[i] == '\\';
		} else if (data[i] == '"') {
			in_string = true;
		} else if (data[i] == '[' || data[i] == '{') {
			depth++;
		} else if ((data[i] == ']' || data[i] == '}') && depth > 0) {
			depth--;
		}
		deepest = depth > deepest ? depth : deepest;
	}
	return deepest;
}

/* Whether these digits, perhaps behind a minus, are more than 64 bits with sign hold. */
static bool is_beyond(const char *number, size_t len)
{
	char digits[32];

	if (len >= sizeof(digits))
		return true;
	memcpy(digits, number, len);
	digits[len] = '\0';
	errno = 0;
	(void)strtoll(digits, NULL, 10);
	return errno == ERANGE;
}

/* The document with ".0" behind each integer that is too large, so that the others stay
 * exact.
 */
static void widen(const char *data, size_t len, struct text *wide)
{
	bool in_string = false;
	size_t from = 0, i = 0;

	while (i < len) {
		if (in_string || (data[i] != '-' && !isdigit((unsigned char)data[i]))) {
			in_string ^= data[i] == '"';
			i += in_string && data[i] == '\\' ? 2 : 1;
			continue;
		}

		const size_t number = i;

		while (i < len && strchr("+-.eE0123456789", data[i]) && data[i])
			i++;
		if (memchr(data + number, '.', i - number) ||
		    memchr(data + number, 'e', i - number) ||
		    memchr(data + number, 'E', i - number) || !is_beyond(data + number, i - number))
			continue;
		text_append_len(wide, data + from, i - from);
		text_append(wide, ".0");
		from = i;
	}
	text_append_len(wide, data + from, len - from);
}

static json_t *load(const char *data, size_t len, json_error_t *error)
{
	json_t *root = json_loadb(data, len, FLAGS, error);
	struct text wide = { 0 };

	if (root || json_error_code(error) != json_error_numeric_overflow)
		return root;
	widen(data, len, &wide);
	root = json_loadb(text_string(&wide), wide.len, FLAGS, error);
	text_done(&wide);
	return root;
}

static bool is_blank(const char *data, size_t len)
{
	size_t at = 0;

	while (at < len && data[at] && strchr(" \t\r\n", data[at]))
		at++;
	return at == len;
}

static int refuse_blank(const char *data, size_t len, struct json_notes *ret_notes)
{
	ret_notes->line = 0;
	if (!is_blank(data, len))
		return 0;
	(void)snprintf(ret_notes->reason, sizeof(ret_notes->reason), "%s",
		       len ? "it is blank" : "it is empty");
	return -EINVAL;
}

int json_read(const char *data, size_t len, unsigned max_depth, json_t **ret,
	      struct json_notes *ret_notes)
{
	json_error_t error = { .text = "" };
	struct json_range whole;
	json_t *root = NULL;

	if (refuse_blank(data, len, ret_notes) < 0)
		return -EINVAL;
	/* jansson passes over a NUL behind a number. */
	if (!memchr(data, '\0', len) && utf8_is_valid(data, len) &&
	    depth_of(data, len, max_depth + 1) <= max_depth)
		root = load(data, len, &error);
	if (!root && json_walk(data, len, max_depth, NULL, 0, &whole, ret_notes))
		(void)snprintf(ret_notes->reason, sizeof(ret_notes->reason), "%s", error.text);
	if (!root)
		return -EINVAL;
	*ret = root;
	return 0;
}

int json_pick(const char *data, size_t len, unsigned max_depth, const struct jsonpath_step *steps,
	      size_t count, json_t **ret, struct json_notes *ret_notes)
{
	json_error_t error = { .text = "" };
	struct json_range range;

	if (refuse_blank(data, len, ret_notes) < 0 ||
	    !json_walk(data, len, max_depth, steps, count, &range, ret_notes))
		return -EINVAL;
	*ret = NULL;
	if (range.from == range.to)
		return 0;
	*ret = load(data + range.from, range.to - range.from, &error);
	if (!*ret)
		(void)snprintf(ret_notes->reason, sizeof(ret_notes->reason), "%s", error.text);
	return *ret ? 0 : -EINVAL;
}

void json_notes_print(struct text *text, const struct json_notes *notes)
{
	text_append(text, " is not JSON");
	if (notes->line)
		text_print(text, " at %zu:%zu", notes->line, notes->column);
	text_print(text, ": %s", notes->reason);
}

bool json_has_duplicates(const char *data, size_t len)
{
	json_error_t error;
	json_t *root = json_loadb(data, len,
				  FLAGS | JSON_DECODE_INT_AS_REAL | JSON_REJECT_DUPLICATES, &error);

	if (root) {
		json_decref(root);
		return false;
	}
	return json_error_code(&error) == json_error_duplicate_key;
}
