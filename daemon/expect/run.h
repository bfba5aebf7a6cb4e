/* run.h - judging one observation: what its expectations share, and the steps of a test.
 *
 *   operand.c   what the left or right side is worth, one value or a list of them
 *   hold.c      whether one value is as the test wants it
 *   ask.c       a whole test: any, all, none
 *   explain.c   what was found instead
 *   evaluate.c  lines
 */
#pragma once

#include "expect/json.h"
#include "expect/program.h"

/* Reading the body as JSON is not charged to it. */
#define RUN_CPU	   (50 * USEC_PER_MS)

/* Going over a body so often costs no more than building its values once. */
#define PICKED_MAX 8

struct expect_run {
	const struct observation *observation; /* borrowed */
	unsigned json_depth;
	const char *const *secrets; /* borrowed; not to be shown; NULL: none */
	bool has_begun;
	bool tells_all; /* also of tests that are true there is something to say */
	struct budget budget; /* once it has begun */
	bool has_read; /* the body as JSON, or tried to */
	bool is_json; /* if has_read */
	json_t *document; /* owned; NULL where no one needed the whole of it */
	/* Single values out of it, owned, NULL where there is none. */
	json_t *picked[PICKED_MAX];
	unsigned picked_count;
	struct json_notes notes;
	/* What was found so far, and behind a tab what was wanted; escaped, one a line. */
	struct text phrases;
};

/* The values of an operand, one after the other. */
struct items {
	struct expect_run *run; /* borrowed */
	const struct operand *operand; /* borrowed */
	bool is_listed; /* a list, not one value */
	bool is_opened; /* an array whose elements are the items */
	struct jsonpath_nodes nodes;
	struct value array; /* if is_opened */
	size_t at; /* index of the next */
	size_t cursor; /* the subject's own */
};

/* DOUBT_NONE, or why there is nothing to look at.  The caller always calls items_done(). */
enum doubt items_open(struct items *items, struct expect_run *run, const struct operand *operand,
		      bool is_listed);
/* Instead of a value that is an array, its elements; DOUBT_TYPE if it is none. */
enum doubt items_open_array(struct items *items);
/* The next one, functions applied: false at the end.  *ret_doubt: why its value is not
 * known, and *ret_function the one that could not read it.
 */
bool items_next(struct items *items, struct value *ret, enum doubt *ret_doubt,
		const struct function **ret_function);
void items_rewind(struct items *items);
/* How many there are, or 0 where that is not known before they are seen. */
size_t items_total(const struct items *items);
void items_done(struct items *items);
#define cleanup_items items_done

/* The value of what is no list. */
enum doubt operand_value(struct expect_run *run, const struct operand *operand, struct value *ret,
			 const struct function **ret_function);

/* What a test's right side is: one value, or for `in` the members. */
struct right {
	const struct value *value; /* borrowed; NULL for `in` and where there is none */
	struct items *items; /* borrowed; of `in` with a subject */
};

/* Whether `left` is as the test wants it, `not in` and `is not` included. */
enum truth hold(struct expect_run *run, const struct test *test, const struct value *left,
		const struct right *right, enum doubt *ret_doubt);

/* One of the values that were looked at. */
struct answer {
	bool is_set;
	size_t index; /* from 1 */
	struct value value;
	enum doubt doubt;
	const struct function *function; /* that could not read the value */
};

/* What asking came to. */
struct asked {
	enum truth truth; /* `not` before the test included */
	enum truth raw; /* without it */
	bool is_turned; /* raw is the opposite of what the answers say: `not contains` of a list */
	enum doubt doubt; /* of the whole left or right side; the answers are not set then */
	bool is_right; /* the doubt is the right side's */
	const struct function *function; /* that could not read `value` */
	struct value value; /* of the side that is in doubt */
	size_t count; /* values looked at */
	size_t total; /* as items_total() */
	struct answer answers[3]; /* the first of each truth, by enum truth */
	struct value right; /* what the right side was, where it is a subject */
	bool has_right;
};

void ask(struct expect_run *run, const struct test *test, struct asked *ret);
void asked_done(struct asked *asked);

/* What was found, as a line of run->phrases. */
void explain(struct expect_run *run, const struct test *test, const struct asked *asked);
