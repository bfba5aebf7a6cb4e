/* json_walk.h - one pass over a document that builds nothing; for json.c only.
 *
 * It finds what jansson does not say, where and why something is no JSON, and what an
 * expectation mostly asks for, one value: building all the others costs twenty times
 * what going over them does.  Source: RFC 8259.
 */
#pragma once

#include "expect/json.h"
#include "expect/jsonpath/jsonpath.h"

/* The bytes of a value, without blanks around it. */
struct json_range {
	size_t from, to; /* from == to: there is no such value */
};

/* Whether it is JSON as json_read() has it; else the reason and the place of the first
 * fault.  *ret_range is where the value that the steps lead to is; of duplicate names the
 * last counts.  `steps` may be NULL where count is 0, then it is the whole value.
 */
bool json_walk(const char *data, size_t len, unsigned max_depth, const struct jsonpath_step *steps,
	       size_t count, struct json_range *ret_range, struct json_notes *ret_notes);
