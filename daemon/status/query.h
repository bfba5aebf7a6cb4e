/* query.h - a request's path and parameters, decoded and checked.
 *
 * Source: RFC 3986 2.1; parameters as HTML forms send them (+ is a blank).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { QUERY_MAX = 16, PATH_MAX_PARTS = 8 };

struct parameter {
	char *key, *value; /* owned */
};

struct query {
	struct parameter parameters[QUERY_MAX];
	unsigned count;
};

/* "/v1/endpoints/a%20b" is "v1", "endpoints", "a b". */
struct path {
	char *parts[PATH_MAX_PARTS]; /* owned */
	unsigned count;
};

/* 0; -EINVAL: a bad escape, a NUL, or not UTF-8; -E2BIG: more than anything here has. */
int path_parse(const char *text, struct path *ret_path);
void path_done(struct path *path);

/* The same for what stands behind the question mark (NULL: nothing). */
int query_parse(const char *text, struct query *ret_query);
void query_done(struct query *query);

/* The value of the first of that key, or NULL. */
const char *query_find(const struct query *query, const char *key);
/* The first key that is not among `known` (NULL-terminated), or that is there twice and
 * not `repeatable` (or NULL); NULL where all are fine.
 */
const char *query_fault(const struct query *query, const char *const *known,
			const char *repeatable);
/* A decimal number; 0, or -EINVAL where it is none or not within. */
int query_number(const char *value, unsigned long long least, unsigned long long most,
		 unsigned long long *ret_number);
