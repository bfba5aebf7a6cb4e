/* hold.c - whether one value is as a test wants it. */
#include <errno.h>
#include <string.h>

#include "expect/like.h"
#include "expect/run.h"

enum { BYTES_A_STEP = 64 };

static enum truth doubtful(enum doubt doubt, enum doubt *ret_doubt)
{
	*ret_doubt = doubt;
	return TRUTH_UNKNOWN;
}

static enum truth truth_of(bool is_true)
{
	return is_true ? TRUTH_TRUE : TRUTH_FALSE;
}

static bool is_null(const struct value *value)
{
	return value->type == TYPE_NULL;
}

/* Whether an order is one that a sign asks for. */
static bool is_asked(enum compare compare, enum order order)
{
	static const bool asked[][ORDER_NONE] = {
		[COMPARE_EQUAL] = { [ORDER_EQUAL] = true },
		[COMPARE_NOT_EQUAL] = { [ORDER_LESS] = true, [ORDER_MORE] = true },
		[COMPARE_LESS] = { [ORDER_LESS] = true },
		[COMPARE_LESS_EQUAL] = { [ORDER_LESS] = true, [ORDER_EQUAL] = true },
		[COMPARE_MORE] = { [ORDER_MORE] = true },
		[COMPARE_MORE_EQUAL] = { [ORDER_MORE] = true, [ORDER_EQUAL] = true },
	};

	return asked[compare][order];
}

/* A size that may be larger: known only if that would change nothing. */
static enum truth compare_cut_size(enum compare compare, const struct value *left,
				   const struct value *right, enum doubt *ret_doubt)
{
	const enum order order = value_order(left, right);
	const bool is_now = is_asked(compare, order), is_later = is_asked(compare, ORDER_MORE);

	if (is_now != is_later || (order == ORDER_LESS && is_asked(compare, ORDER_EQUAL) != is_now))
		return doubtful(DOUBT_CUT, ret_doubt);
	return truth_of(is_now);
}

static enum truth compare(const struct test *test, const struct value *left,
			  const struct value *right, struct budget *budget, enum doubt *ret_doubt)
{
	const bool is_equality =
		test->compare == COMPARE_EQUAL || test->compare == COMPARE_NOT_EQUAL;
	enum order order;
	enum truth equal;

	/* `== null` asks what `is null` asks: any value is null, or is not. */
	if (is_equality && is_null(right) && test->items_count)
		return truth_of(is_null(left) == (test->compare == COMPARE_EQUAL));
	if (left->is_cut && left->type == TYPE_SIZE && right->type == TYPE_SIZE)
		return compare_cut_size(test->compare, left, right, ret_doubt);
	if (left->is_cut || right->is_cut)
		return doubtful(DOUBT_CUT, ret_doubt);
	if (is_equality) {
		equal = value_equal(left, right, budget);
		if (equal == TRUTH_UNKNOWN)
			return doubtful(DOUBT_TYPE, ret_doubt);
		return truth_of((equal == TRUTH_TRUE) == (test->compare == COMPARE_EQUAL));
	}
	order = value_order(left, right);
	return order == ORDER_NONE ? doubtful(DOUBT_TYPE, ret_doubt)
				   : truth_of(is_asked(test->compare, order));
}

/* An address may lie in a network; nothing else may. */
static enum truth is_member(const struct value *left, const struct value *member,
			    struct budget *budget)
{
	if (left->type == TYPE_ADDRESS && member->type == TYPE_TEXT &&
	    memchr(member->as.text.data, '/', member->as.text.len))
		return value_is_within(left, member);
	return value_equal(left, member, budget);
}

static enum truth is_item(const struct value *left, const struct item *item, struct budget *budget)
{
	enum order first, last;

	if (!item->is_range)
		return is_member(left, &item->value, budget);
	first = value_order(left, &item->value);
	last = value_order(left, &item->last);
	if (first == ORDER_NONE || last == ORDER_NONE)
		return TRUTH_UNKNOWN;
	return truth_of(first != ORDER_LESS && last != ORDER_MORE);
}

/* What members gave, one after the other: one that is of no comparable type is
 * not equal, but where all are like that nobody compared anything.
 */
static enum truth members_truth(bool is_empty, bool was_compared, enum doubt *ret_doubt)
{
	return is_empty || was_compared ? TRUTH_FALSE : doubtful(DOUBT_TYPE, ret_doubt);
}

static enum truth in_items(const struct test *test, const struct value *left, struct budget *budget,
			   enum doubt *ret_doubt)
{
	bool was_compared = false;

	for (size_t i = 0; i < test->items_count; i++) {
		const enum truth truth = is_item(left, &test->items[i], budget);

		if (truth == TRUTH_TRUE)
			return TRUTH_TRUE;
		was_compared |= truth == TRUTH_FALSE;
	}
	return members_truth(false, was_compared, ret_doubt);
}

/* The same with the values of a subject. */
static enum truth in_subject(struct items *items, const struct value *left, struct budget *budget,
			     enum doubt *ret_doubt)
{
	bool was_compared = false, is_empty = true;
	const struct function *function;
	struct value member;
	enum doubt doubt;

	items_rewind(items);
	while (items_next(items, &member, &doubt, &function)) {
		const enum truth truth = doubt ? TRUTH_UNKNOWN : is_member(left, &member, budget);

		value_done(&member);
		if (budget_spend(budget, 1) < 0)
			return doubtful(DOUBT_LIMIT, ret_doubt);
		if (truth == TRUTH_TRUE)
			return TRUTH_TRUE;
		was_compared |= truth == TRUTH_FALSE;
		is_empty = false;
	}
	return members_truth(is_empty, was_compared, ret_doubt);
}

static enum truth is_in(const struct test *test, const struct value *left,
			const struct right *right, struct budget *budget, enum doubt *ret_doubt)
{
	if (left->is_cut)
		return doubtful(DOUBT_CUT, ret_doubt);
	return right->items ? in_subject(right->items, left, budget, ret_doubt)
			    : in_items(test, left, budget, ret_doubt);
}

static enum truth array_contains(const struct value *left, const struct value *right,
				 struct budget *budget, enum doubt *ret_doubt)
{
	const size_t count = json_array_size(left->as.node);
	bool was_compared = false;

	for (size_t i = 0; i < count; i++) {
		const struct value element = value_node(json_array_get(left->as.node, i));
		const enum truth truth = value_equal(&element, right, budget);

		if (budget_spend(budget, 1) < 0)
			return doubtful(DOUBT_LIMIT, ret_doubt);
		if (truth == TRUTH_TRUE)
			return TRUTH_TRUE;
		was_compared |= truth == TRUTH_FALSE;
	}
	return members_truth(count == 0, was_compared, ret_doubt);
}

static enum truth text_contains(const struct value *left, const struct value *right,
				struct budget *budget, enum doubt *ret_doubt)
{
	const size_t len = left->as.text.len;

	if (right->is_cut)
		return doubtful(DOUBT_CUT, ret_doubt);
	if (budget_spend(budget, (unsigned)(len / BYTES_A_STEP) + 1) < 0)
		return doubtful(DOUBT_LIMIT, ret_doubt);
	if (memmem(left->as.text.data, len, right->as.text.data, right->as.text.len))
		return TRUTH_TRUE;
	return left->is_cut ? doubtful(DOUBT_CUT, ret_doubt) : TRUTH_FALSE;
}

static enum truth text_matches(const struct test *test, const struct value *left,
			       const struct value *right, struct budget *budget,
			       enum doubt *ret_doubt)
{
	int r;

	if (left->is_cut || (right && right->is_cut))
		return doubtful(DOUBT_CUT, ret_doubt);
	r = test->compare == COMPARE_MATCHES
		    ? regex_match(test->regex, left->as.text.data, left->as.text.len, budget)
		    : like_matches(right->as.text.data, right->as.text.len, left->as.text.data,
				   left->as.text.len, budget);
	return r < 0 ? doubtful(DOUBT_LIMIT, ret_doubt) : truth_of(r > 0);
}

/* contains, matches and like. */
static enum truth look_inside(const struct test *test, const struct value *left,
			      const struct value *right, struct budget *budget,
			      enum doubt *ret_doubt)
{
	struct text address = { 0 };
	struct value text = *left;
	enum truth truth;

	if (left->type == TYPE_ARRAY && test->compare == COMPARE_CONTAINS)
		return array_contains(left, right, budget, ret_doubt);
	if (left->type == TYPE_ADDRESS) {
		address_print(&address, &left->as.address);
		text = value_text(text_string(&address), address.len);
	}
	if (text.type != TYPE_TEXT || (right && right->type != TYPE_TEXT))
		return doubtful(DOUBT_TYPE, ret_doubt);
	truth = test->compare == COMPARE_CONTAINS
			? text_contains(&text, right, budget, ret_doubt)
			: text_matches(test, &text, right, budget, ret_doubt);
	text_done(&address);
	return truth;
}

static enum truth is_empty(const struct value *value, enum doubt *ret_doubt)
{
	if (value->is_cut)
		return doubtful(DOUBT_CUT, ret_doubt);
	if (value->type == TYPE_TEXT)
		return truth_of(value->as.text.len == 0);
	if (value->type == TYPE_ARRAY)
		return truth_of(json_array_size(value->as.node) == 0);
	if (value->type == TYPE_OBJECT)
		return truth_of(json_object_size(value->as.node) == 0);
	return doubtful(DOUBT_TYPE, ret_doubt);
}

static enum truth hold_unnegated(struct expect_run *run, const struct test *test,
				 const struct value *left, const struct right *right,
				 enum doubt *ret_doubt)
{
	switch (test->compare) {
	case COMPARE_EQUAL:
	case COMPARE_NOT_EQUAL:
	case COMPARE_LESS:
	case COMPARE_LESS_EQUAL:
	case COMPARE_MORE:
	case COMPARE_MORE_EQUAL:
		return compare(test, left, right->value, &run->budget, ret_doubt);
	case COMPARE_IN:
		return is_in(test, left, right, &run->budget, ret_doubt);
	case COMPARE_CONTAINS:
	case COMPARE_MATCHES:
	case COMPARE_LIKE:
		return look_inside(test, left, right->value, &run->budget, ret_doubt);
	case COMPARE_EMPTY:
		return is_empty(left, ret_doubt);
	case COMPARE_NULL:
		return truth_of(left->type == TYPE_NULL);
	case COMPARE_TRUE:
		return truth_of(left->type == TYPE_BOOL && left->as.integer);
	case COMPARE_FALSE:
		return truth_of(left->type == TYPE_BOOL && !left->as.integer);
	case COMPARE_EXISTS:
	default:
		return TRUTH_TRUE;
	}
}

enum truth hold(struct expect_run *run, const struct test *test, const struct value *left,
		const struct right *right, enum doubt *ret_doubt)
{
	enum truth truth;

	*ret_doubt = DOUBT_NONE;
	truth = hold_unnegated(run, test, left, right, ret_doubt);
	/* Comparing arrays and objects says false when the budget ran out. */
	if (run->budget.error && (left->type == TYPE_ARRAY || left->type == TYPE_OBJECT))
		return doubtful(DOUBT_LIMIT, ret_doubt);
	if (!test->is_each_negated || truth == TRUTH_UNKNOWN)
		return truth;
	return truth == TRUTH_TRUE ? TRUTH_FALSE : TRUTH_TRUE;
}
