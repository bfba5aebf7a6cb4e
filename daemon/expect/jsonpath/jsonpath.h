/* jsonpath.h - RFC 9535, the whole of it, over jansson's values.
 *
 * Threads: a compiled query never changes and may be evaluated by several
 * threads at once; what an evaluation needs belongs to its caller.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "expect/budget.h"

struct jsonpath;

struct jsonpath_fault {
	size_t column; /* byte of the query, from 1 */
	char message[200]; /* a sentence without its full stop */
};

/* The nodes a query selected, in the order of RFC 9535. */
struct jsonpath_nodes {
	json_t **node; /* the array is owned, the values are borrowed from the document */
	size_t count;
	size_t room;
};

/* 0, or -EINVAL with the fault: not well-formed or not valid as section 2.1 of the RFC has it,
 * nested more than 64 deep, or with a regular expression of more than 1,024 bytes.
 */
int jsonpath_compile(const char *text, size_t len, struct jsonpath **ret,
		     struct jsonpath_fault *ret_fault);
void jsonpath_free(struct jsonpath *path);

/* 0, or -EINVAL with the first pattern in quotes that is no I-Regexp.  The RFC lets such a one
 * match nothing (2.4.6), which nobody wants on purpose.
 */
int jsonpath_check_patterns(const struct jsonpath *path, struct jsonpath_fault *ret_fault);

/* Whether it selects at most one node, whatever the document (2.3.5.1). */
bool jsonpath_is_singular(const struct jsonpath *path);

/* One step of a singular query: a member by its name, or an element. */
struct jsonpath_step {
	const char *name; /* NULL: an element */
	size_t name_len;
	size_t index;
};

/* The steps from the top to the one node that it can select; they live as long as the query.
 * NULL where it may select several, the top itself, or counts elements from the end.
 */
const struct jsonpath_step *jsonpath_steps(const struct jsonpath *path, size_t *ret_count);

/* 0 with the nodes in `ret`, -ETIMEDOUT if the budget's time ran out, -E2BIG if
 * its steps or a regular expression's limits did, or if more than JSONPATH_NODES_MAX
 * nodes were in hand.
 */
int jsonpath_evaluate(const struct jsonpath *path, json_t *root, struct budget *budget,
		      struct jsonpath_nodes *ret);

void jsonpath_nodes_done(struct jsonpath_nodes *nodes);

/* 1 if they are equal as 2.3.5.2.2 has it, 0 if not: numbers by value, text by its
 * characters, arrays and objects by what they hold.  NULL is Nothing, which equals
 * itself only.  Errors as above.
 */
int jsonpath_equal(const json_t *left, const json_t *right, struct budget *budget);

#define JSONPATH_NODES_MAX ((size_t)1 << 20)

static inline void cleanup_jsonpath(struct jsonpath **path)
{
	if (*path)
		jsonpath_free(*path);
}

#define cleanup_jsonpath_nodes jsonpath_nodes_done
