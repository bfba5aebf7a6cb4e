/* ask.c - a whole test: over one value, or any, all or none of a list. */
#include "base/cleanup.h"
#include "expect/run.h"

static enum truth negated(enum truth truth)
{
	if (truth == TRUTH_UNKNOWN)
		return TRUTH_UNKNOWN;
	return truth == TRUTH_TRUE ? TRUTH_FALSE : TRUTH_TRUE;
}

void asked_done(struct asked *asked)
{
	value_done(&asked->value);
	value_done(&asked->right);
	for (size_t i = 0; i < 3; i++)
		value_done(&asked->answers[i].value);
}

/* Keeps the first answer of each truth, for the one that decides; of what is not known, the
 * budget's end before all else.
 */
static void keep(struct asked *asked, enum truth truth, const struct answer *answer)
{
	struct answer *kept = &asked->answers[truth];
	struct value unwanted = answer->value;

	if (!kept->is_set || answer->doubt == DOUBT_LIMIT) {
		unwanted = kept->value;
		*kept = *answer;
	}
	value_done(&unwanted);
}

/* `exists` of something that is there, or that a function made nothing of. */
static enum truth exists(enum doubt doubt)
{
	if (doubt == DOUBT_NONE)
		return TRUTH_TRUE;
	return doubt == DOUBT_ABSENT || doubt == DOUBT_TYPE ? TRUTH_FALSE : TRUTH_UNKNOWN;
}

static enum truth quantified(enum quantifier quantifier, const struct asked *asked)
{
	const bool some_true = asked->answers[TRUTH_TRUE].is_set;
	const bool some_false = asked->answers[TRUTH_FALSE].is_set;
	const bool some_unknown = asked->answers[TRUTH_UNKNOWN].is_set;

	if (quantifier == QUANTIFIER_ANY || quantifier == QUANTIFIER_NONE) {
		const enum truth any = some_true      ? TRUTH_TRUE
				       : some_unknown ? TRUTH_UNKNOWN
						      : TRUTH_FALSE;

		return quantifier == QUANTIFIER_ANY ? any : negated(any);
	}
	if (some_false)
		return TRUTH_FALSE;
	if (some_unknown)
		return TRUTH_UNKNOWN;
	return some_true ? TRUTH_TRUE : TRUTH_FALSE;
}

/* Asks one value after the other until the rest cannot change anything. */
static void ask_each(struct items *items, const struct test *test, enum quantifier quantifier,
		     const struct right *right, struct asked *asked)
{
	const enum truth decides = quantifier == QUANTIFIER_ANY || quantifier == QUANTIFIER_NONE
					   ? TRUTH_TRUE
					   : TRUTH_FALSE;
	struct expect_run *run = items->run;
	struct answer answer = { .is_set = true };
	enum truth truth;

	do {
		if (!items_next(items, &answer.value, &answer.doubt, &answer.function))
			break;
		answer.index = ++asked->count;
		truth = TRUTH_UNKNOWN;
		if (test->compare == COMPARE_EXISTS) {
			truth = exists(answer.doubt);
		} else if (!answer.doubt) {
			answer.function = NULL;
			truth = hold(run, test, &answer.value, right, &answer.doubt);
		}
		/* One value is cheap enough to be looked at whatever is left. */
		if (items->is_listed && budget_spend(&run->budget, 1) < 0) {
			truth = TRUTH_UNKNOWN;
			answer.doubt = DOUBT_LIMIT;
		}
		keep(asked, truth, &answer);
	} while (truth != decides && answer.doubt != DOUBT_LIMIT);
	asked->raw = quantified(quantifier, asked);
}

static bool is_cut_by_limit(const struct asked *asked)
{
	return asked->answers[TRUTH_UNKNOWN].is_set &&
	       asked->answers[TRUTH_UNKNOWN].doubt == DOUBT_LIMIT;
}

/* `contains` of a list: whether an element is equal. */
static void ask_contains(struct items *items, const struct test *test, const struct right *right,
			 struct asked *asked)
{
	struct test equal = *test;

	equal.compare = COMPARE_EQUAL;
	equal.is_each_negated = false;
	ask_each(items, &equal, QUANTIFIER_ANY, right, asked);
	/* Elements of another type are not equal, as long as some are of this one. */
	if (asked->raw == TRUTH_UNKNOWN && asked->answers[TRUTH_FALSE].is_set &&
	    !is_cut_by_limit(asked))
		asked->raw = TRUTH_FALSE;
	asked->is_turned = test->is_each_negated;
	if (asked->is_turned)
		asked->raw = negated(asked->raw);
}

/* `is empty` of a list. */
static void ask_empty(struct items *items, const struct test *test, struct asked *asked)
{
	struct answer answer = { .is_set = true };

	while (items_next(items, &answer.value, &answer.doubt, &answer.function)) {
		answer.index = ++asked->count;
		keep(asked, test->is_each_negated ? TRUTH_TRUE : TRUTH_FALSE, &answer);
		if (asked->total > 0)
			break;
	}
	asked->raw = (asked->count == 0) != test->is_each_negated ? TRUTH_TRUE : TRUTH_FALSE;
}

/* The right side, as `right` and what `right` borrows from.  DOUBT_NONE or why not. */
static enum doubt open_right(struct expect_run *run, const struct test *test, struct asked *asked,
			     struct items *items, struct right *right)
{
	enum doubt doubt;

	if (!test->right.subject) {
		if (test->items_count > 0)
			right->value = &test->items[0].value;
		return DOUBT_NONE;
	}
	if (test->compare != COMPARE_IN) {
		doubt = operand_value(run, &test->right, &asked->right, &asked->function);
		asked->has_right = !doubt;
		right->value = &asked->right;
		return doubt;
	}
	doubt = items_open(items, run, &test->right, test->right.is_list);
	if (!doubt && !test->right.is_list)
		doubt = items_open_array(items);
	right->items = items;
	return doubt;
}

static void ask_items(struct items *items, const struct test *test, const struct right *right,
		      struct asked *asked)
{
	const bool is_whole = items->is_listed && !test->quantifier;

	asked->total = items_total(items);
	if (is_whole && test->compare == COMPARE_CONTAINS)
		ask_contains(items, test, right, asked);
	else if (is_whole && test->compare == COMPARE_EMPTY)
		ask_empty(items, test, asked);
	else
		ask_each(items, test, test->quantifier, right, asked);
}

void ask(struct expect_run *run, const struct test *test, struct asked *ret)
{
	cleanup(items)
	struct items left = { 0 }, members = { 0 };
	struct right right = { 0 };

	*ret = (struct asked){ .raw = TRUTH_UNKNOWN };
	ret->doubt = items_open(&left, run, &test->left,
				operand_is_listed(&test->left, test->quantifier));
	if (!ret->doubt) {
		ret->doubt = open_right(run, test, ret, &members, &right);
		ret->is_right = ret->doubt;
	}
	if (!ret->doubt)
		ask_items(&left, test, &right, ret);
	else if (test->compare == COMPARE_EXISTS && ret->doubt == DOUBT_ABSENT)
		ret->raw = test->quantifier == QUANTIFIER_NONE ? TRUTH_TRUE : TRUTH_FALSE;
	ret->truth = test->is_negated ? negated(ret->raw) : ret->raw;
}
