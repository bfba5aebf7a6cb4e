/* scan.h - the text of a query: where we are, and the tokens that take more than one look. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "expect/jsonpath/jsonpath.h"
#include "expect/jsonpath/query.h"

struct scan {
	const char *text; /* borrowed */
	size_t len;
	size_t at;
	unsigned depth; /* of filters, parentheses and arguments */
	struct jsonpath *path;
	struct jsonpath_fault *fault; /* of the caller */
};

/* The byte `ahead` of where we are, or -1 after the end. */
int scan_peek(const struct scan *scan, size_t ahead);
/* Moves over `token` if it is what comes next. */
bool scan_accept(struct scan *scan, const char *token);
/* Moves over blanks (S in the grammar); whether there were any. */
bool scan_blanks(struct scan *scan);

/* Writes the fault: -EINVAL.  `at` is an offset into the text. */
int scan_fault(struct scan *scan, size_t at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* "'x' was expected, not 'y'" at the present place. */
int scan_unexpected(struct scan *scan, const char *expected);

/* One level deeper; a fault beyond QUERY_DEPTH_MAX. */
int scan_enter(struct scan *scan);
void scan_leave(struct scan *scan);

bool scan_is_name_first(const struct scan *scan);

/* An integer as in indices and slices: no leading zeros, no -0, within +-(2^53 - 1). */
int scan_integer(struct scan *scan, int64_t *ret);
/* A member name without quotes; lives in the arena. */
int scan_name(struct scan *scan, const char **ret, size_t *ret_len);
/* A text in either kind of quotes, unescaped; lives in the arena. */
int scan_string(struct scan *scan, const char **ret, size_t *ret_len);
/* A number as in comparisons; a new reference. */
int scan_number(struct scan *scan, json_t **ret);
