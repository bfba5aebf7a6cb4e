/* function.h - length count lower upper trim number age until sha256.
 *
 * A function is one row in function.c.  All but count() turn one value into
 * another; count() is of a list and is done by whoever has the list.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "expect/value.h"

/* Why a value is not known. */
enum doubt {
	DOUBT_NONE,
	DOUBT_ABSENT, /* the subject does not exist */
	DOUBT_TYPE, /* it is of a type that this cannot be asked of */
	DOUBT_NOT_JSON,
	DOUBT_CUT, /* the answer may lie beyond the body limit */
	DOUBT_LIMIT, /* the budget ran out */
};

/* Replaces the value.  Where it returns a doubt, the value is as before.
 * `wall` is when the check began.
 */
typedef enum doubt function_apply(struct value *value, usec_t wall);

struct function {
	const char *name;
	unsigned takes; /* bits 1 << enum type */
	const char *takes_what; /* "a text or a JSON value": for faults */
	enum type gives;
	const char *reads; /* "a number": what a value is not where it gives DOUBT_TYPE */
	const char *unit; /* of a duration, for those who forget it */
	function_apply *apply; /* NULL: count() */
};

/* The row, or NULL. */
const struct function *function_find(const char *name, size_t len);
/* By index, NULL behind the last. */
const struct function *function_at(size_t index);
