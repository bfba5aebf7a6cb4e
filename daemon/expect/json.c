/* json.c - reading JSON that a stranger sent.
 *
 * jansson is strict, but descends 2,048 levels and calls half of what it refuses
 * "unexpected token"; so the plain cases are told apart before it begins.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "expect/json.h"

#define FLAGS (JSON_DECODE_ANY | JSON_ALLOW_NUL)

static const char blanks[] = " \t\r\n";

static int refuse(struct json_notes *notes, const char *reason)
{
	(void)snprintf(notes->reason, sizeof(notes->reason), "%s", reason);
	return -EINVAL;
}

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

static int check_outside(const char *data, size_t len, unsigned max_depth, struct json_notes *notes)
{
	size_t start = 0;

	if (len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
		return refuse(notes, "it begins with a byte order mark");
	while (start < len && data[start] && strchr(blanks, data[start]))
		start++;
	if (start == len)
		return refuse(notes, len ? "it is blank" : "it is empty");
	if (!data[start] || !strchr("{[\"-0123456789tfn", data[start]))
		return refuse(notes, "no JSON value begins like this");
	if (!utf8_is_valid(data, len))
		return refuse(notes, "it holds bytes that are not UTF-8");
	if (depth_of(data, len, max_depth + 1) > max_depth) {
		(void)snprintf(notes->reason, sizeof(notes->reason),
			       "it is nested more than %u levels deep", max_depth);
		return -EINVAL;
	}
	return 0;
}

static void explain(const json_error_t *error, struct json_notes *notes)
{
	const enum json_error_code code = json_error_code(error);
	const char *near = strstr(error->text, " near ");
	const char *what = error->text;
	int what_len = near ? (int)(near - error->text) : (int)strlen(error->text);

	if (code == json_error_numeric_overflow)
		what = "a number beyond what a double holds";
	else if (code == json_error_null_byte_in_key)
		what = "a NUL in a name";
	else if (code == json_error_end_of_input_expected)
		what = "something follows the value";
	else if (code == json_error_premature_end_of_input)
		what = "it ends too early";
	else if (code == json_error_stack_overflow)
		what = "it is nested too deep";
	if (what != error->text)
		what_len = (int)strlen(what);
	(void)snprintf(notes->reason, sizeof(notes->reason), "%.*s, line %d, column %d", what_len,
		       what, error->line, error->column);
}

int json_read(const char *data, size_t len, unsigned max_depth, json_t **ret,
	      struct json_notes *ret_notes)
{
	json_error_t error;
	json_t *root;
	int r;

	r = check_outside(data, len, max_depth, ret_notes);
	if (r < 0)
		return r;
	root = json_loadb(data, len, FLAGS, &error);
	/* Exact integers are worth more than a document that reads in one go. */
	if (!root && json_error_code(&error) == json_error_numeric_overflow)
		root = json_loadb(data, len, FLAGS | JSON_DECODE_INT_AS_REAL, &error);
	if (!root) {
		explain(&error, ret_notes);
		return -EINVAL;
	}
	*ret = root;
	return 0;
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
