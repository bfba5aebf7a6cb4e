/* json.h - reading JSON that a stranger sent.
 *
 * Source: RFC 8259, with any value at the top.  Integers of 64 bits with sign
 * are exact, larger ones are doubles.
 * json_object_seed() has to be called once before threads start.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "expect/jsonpath/jsonpath.h"

/* Why something is not JSON. */
struct json_notes {
	char reason[160]; /* as the end of "is not JSON at 1:17: ...", fit for a terminal */
	size_t line, column; /* from 1, columns in characters; line 0: it has no place */
};

/* The value, to be released with json_decref(), or -EINVAL with the reason in
 * `ret_notes`: a byte order mark, bytes that are not UTF-8, a NUL in a name, a
 * number beyond a double, arrays and objects nested more than `max_depth` deep,
 * or anything after the value.  Of duplicate names the last counts.
 */
int json_read(const char *data, size_t len, unsigned max_depth, json_t **ret,
	      struct json_notes *ret_notes);

/* The value that the steps of a singular query lead to, as json_read() and the query would
 * find it, or NULL where there is none; released with json_decref().  The document is
 * looked at whole, and refused as json_read() refuses it, but only the value is built.
 */
int json_pick(const char *data, size_t len, unsigned max_depth, const struct jsonpath_step *steps,
	      size_t count, json_t **ret, struct json_notes *ret_notes);

/* " is not JSON at 1:17: ...", to stand behind what it is. */
void json_notes_print(struct text *text, const struct json_notes *notes);

/* Whether an object of this document, which json_read() took, names a member
 * twice.  Costs as much as reading it, so it is for evidence only.
 */
bool json_has_duplicates(const char *data, size_t len);
