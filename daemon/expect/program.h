/* program.h - what the parser makes and evaluation runs.
 *
 * A line is an array of instructions for a stack of truth values:
 *
 *	TEST            push what the test gives
 *	SKIP_IF_FALSE   where the top is false, go on at `target`
 *	SKIP_IF_TRUE    the same for true
 *	AND, OR         pop two, push one
 *
 *	a and (b or c)  =  a  SKIP_IF_FALSE  b  SKIP_IF_TRUE  c  OR  AND
 *
 * There is no NOT: the parser turns `not (a or b)` into `not a and not b`, which
 * is the same with three values too.  So the line fails because of tests that
 * are not true, and each knows by itself when it has something to explain.
 */
#pragma once

#include "expect/expect.h"
#include "expect/function.h"
#include "expect/jsonpath/jsonpath.h"
#include "expect/regex.h"
#include "expect/subject.h"

enum {
	LINE_BYTES = 4096,
	LINE_LEVELS = 64,
	LINE_INSTRUCTIONS = 256,
};

enum quantifier { QUANTIFIER_NONE_GIVEN, QUANTIFIER_ANY, QUANTIFIER_ALL, QUANTIFIER_NONE };

enum compare {
	COMPARE_EQUAL,
	COMPARE_NOT_EQUAL,
	COMPARE_LESS,
	COMPARE_LESS_EQUAL,
	COMPARE_MORE,
	COMPARE_MORE_EQUAL,
	COMPARE_IN,
	COMPARE_CONTAINS,
	COMPARE_MATCHES,
	COMPARE_LIKE,
	COMPARE_EXISTS,
	COMPARE_EMPTY,
	COMPARE_NULL,
	COMPARE_TRUE,
	COMPARE_FALSE,
};

/* A subject inside of functions: lower(trim(header Server)). */
struct operand {
	const struct subject *subject; /* NULL: there is none */
	char *name; /* owned; of a header */
	struct jsonpath *path; /* owned */
	const struct function **functions; /* owned array, the innermost first */
	size_t functions_count;
	bool is_counted; /* one of them is count() */
	size_t count_at; /* its index */
	char *shown; /* owned; as it was written */
	enum type type; /* after the functions; of a list: of its elements */
	bool is_list; /* a list even where no quantifier stands before it */
};

/* A literal, or a range of two numbers. */
struct item {
	struct value value;
	struct value last;
	bool is_range;
};

struct test {
	enum quantifier quantifier;
	struct operand left;
	bool is_each_negated; /* `not in`, `is not`: of each element */
	bool is_negated; /* of the test as a whole */
	enum compare compare;
	struct operand right; /* its subject is NULL where the right side is items or nothing */
	struct item *items; /* owned array */
	size_t items_count;
	struct regex *regex; /* owned; for matches */
	char *wanted; /* owned; behind "expected": "200", "< 1s", "any == 4"; NULL: is plain */
};

enum code { CODE_TEST, CODE_SKIP_IF_TRUE, CODE_SKIP_IF_FALSE, CODE_AND, CODE_OR };

struct instruction {
	enum code code;
	size_t target; /* of SKIP_…: the instruction behind the AND or OR */
	struct test *test; /* owned; of TEST */
};

struct line {
	char *text; /* owned; as it was written */
	struct instruction *code; /* owned array */
	size_t count;
};

struct program {
	struct line *lines; /* owned array */
	size_t count;
	bool has_own; /* the last line is the probe's */
};

void operand_done(struct operand *operand);
void test_free(struct test *test);
void line_done(struct line *line);

/* Whether any, all and none have more than one element to look at, or none. */
static inline bool operand_is_listed(const struct operand *operand, enum quantifier quantifier)
{
	return operand->is_list ||
	       (operand->subject->is_lines && quantifier && !operand->is_counted);
}
