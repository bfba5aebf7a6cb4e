/* json.h - reading JSON that a stranger sent.
 *
 * Source: RFC 8259, with any value at the top.  Integers of 64 bits with sign
 * are exact; if a document holds a larger one, all its numbers are doubles.
 * json_object_seed() has to be called once before threads start.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct json_notes {
	char reason[160]; /* why it is not JSON, as the end of "is not JSON: ..." */
};

/* The value, to be released with json_decref(), or -EINVAL with the reason in
 * `ret_notes`: a byte order mark, bytes that are not UTF-8, a NUL in a name, a
 * number beyond a double, arrays and objects nested more than `max_depth` deep,
 * or anything after the value.  Of duplicate names the last counts.
 */
int json_read(const char *data, size_t len, unsigned max_depth, json_t **ret,
	      struct json_notes *ret_notes);

/* Whether an object of this document, which json_read() took, names a member
 * twice.  Costs as much as reading it, so it is for evidence only.
 */
bool json_has_duplicates(const char *data, size_t len);
