/* explain.c - what was found instead of what a test wanted, for people.
 *
 * Says only what was seen: a value, or why there is none.
 */
#include <string.h>

#include "base/mask.h"
#include "base/units.h"
#include "expect/run.h"

enum { VALUE_BYTES = 100, PHRASES_BYTES = 16 * 1024 };

static void print_limit(struct text *text)
{
	text_append(text, ": judging it took more time or memory than one check may have");
}

static void print_not_json(const struct expect_run *run, struct text *text)
{
	text_append(text, "body");
	json_notes_print(text, &run->notes);
}

static void print_cut(const struct expect_run *run, struct text *text)
{
	if (!run->observation->body_is_cut) {
		text_append(text, ": the body is not complete, and the answer may lie in what is "
				  "missing");
		return;
	}
	text_append(text, ": the body was cut at its limit of ");
	units_size_print(text, run->observation->body.len);
	text_append(text, ", and the answer may lie beyond");
}

/* The operand as it was written, but for the word before a path. */
static void print_operand(const struct operand *operand, struct text *text)
{
	const char *shown = operand->shown;

	if (operand->path && operand->functions_count == 0)
		shown = strchr(shown, '$');
	text_append(text, shown);
}

/* Why nothing is known of a whole side of the test. */
static void print_doubt(const struct expect_run *run, const struct operand *operand,
			enum doubt doubt, struct text *text)
{
	/* Which subject it was does not matter: none of them can be known. */
	if (doubt != DOUBT_NOT_JSON)
		print_operand(operand, text);
	switch (doubt) {
	case DOUBT_ABSENT:
		text_append(text, " does not exist");
		if (operand->subject->absent)
			text_print(text, ": %s", operand->subject->absent);
		break;
	case DOUBT_NOT_JSON:
		print_not_json(run, text);
		break;
	case DOUBT_CUT:
		print_cut(run, text);
		break;
	case DOUBT_LIMIT:
		print_limit(text);
		break;
	case DOUBT_TYPE:
		text_append(text, " is not a list");
		break;
	case DOUBT_NONE:
	default:
		break;
	}
}

/* What the test would have had to find to know. */
static const char *wanted_type(const struct test *test, const struct asked *asked)
{
	switch (test->compare) {
	case COMPARE_MATCHES:
	case COMPARE_LIKE:
		return type_name(TYPE_TEXT);
	case COMPARE_EMPTY:
		return "a text, an array or an object";
	case COMPARE_EQUAL:
	case COMPARE_NOT_EQUAL:
	case COMPARE_LESS:
	case COMPARE_LESS_EQUAL:
	case COMPARE_MORE:
	case COMPARE_MORE_EQUAL:
	case COMPARE_CONTAINS:
	case COMPARE_IN:
		if (asked->has_right)
			return type_name(asked->right.type);
		if (test->items_count == 1)
			return type_name(test->items[0].value.type);
		return "of a type in the list";
	case COMPARE_EXISTS:
	case COMPARE_NULL:
	case COMPARE_TRUE:
	case COMPARE_FALSE:
	default:
		return "of that type";
	}
}

static void print_answer(const struct expect_run *run, const struct test *test,
			 const struct asked *asked, const struct answer *answer, struct text *text)
{
	if (answer->doubt == DOUBT_CUT) {
		print_cut(run, text);
		return;
	}
	if (answer->doubt == DOUBT_LIMIT) {
		print_limit(text);
		return;
	}
	text_append(text, answer->function ? ": " : " is ");
	value_print(text, &answer->value, VALUE_BYTES, run->secrets);
	if (answer->doubt == DOUBT_TYPE && answer->function)
		text_print(text, " is not %s", answer->function->reads);
	else if (answer->doubt == DOUBT_TYPE)
		text_print(text, ", %s %s",
			   test->compare == COMPARE_CONTAINS && answer->value.type == TYPE_ARRAY
				   ? "in which nothing is"
				   : "which is not",
			   wanted_type(test, asked));
}

/* The answer that made the test what it is, or NULL: the list was empty. */
static const struct answer *decisive(const struct test *test, const struct asked *asked)
{
	const bool is_opposite = asked->is_turned || test->quantifier == QUANTIFIER_NONE;
	enum truth truth = asked->raw;

	if (is_opposite && truth != TRUTH_UNKNOWN)
		truth = truth == TRUTH_TRUE ? TRUTH_FALSE : TRUTH_TRUE;
	return asked->answers[truth].is_set ? &asked->answers[truth] : NULL;
}

/* Whether it is what all values have in common that decides, not one of them. */
static bool is_about_all(const struct test *test, const struct asked *asked,
			 const struct answer *answer)
{
	const bool is_any = test->quantifier == QUANTIFIER_ANY ||
			    test->quantifier == QUANTIFIER_NONE ||
			    test->compare == COMPARE_CONTAINS;

	if (test->compare == COMPARE_EMPTY && !test->quantifier)
		return true;
	return answer->doubt == DOUBT_NONE &&
	       answer == &asked->answers[is_any ? TRUTH_FALSE : TRUTH_TRUE];
}

static void print_list(const struct expect_run *run, const struct test *test,
		       const struct asked *asked, struct text *text)
{
	const struct answer *answer = decisive(test, asked);
	const size_t total = asked->total > asked->count ? asked->total : asked->count;

	if (!answer) {
		text_append(text, test->left.path ? " selects nothing" : " is an empty list");
		return;
	}
	if (is_about_all(test, asked, answer)) {
		text_print(text, " has %zu element%s, the first of which", total,
			   total == 1 ? "" : "s");
	} else {
		text_print(text, ": element %zu", answer->index);
		if (asked->total > 0)
			text_print(text, " of %zu", asked->total);
	}
	print_answer(run, test, asked, answer, text);
}

static void print_asked(const struct expect_run *run, const struct test *test,
			const struct asked *asked, struct text *text)
{
	const struct operand *operand = asked->is_right ? &test->right : &test->left;

	if (asked->doubt && asked->function) {
		print_operand(operand, text);
		text_append(text, ": ");
		value_print(text, &asked->right, VALUE_BYTES, run->secrets);
		text_print(text, " is not %s", asked->function->reads);
		return;
	}
	if (asked->doubt) {
		print_doubt(run, operand, asked->doubt, text);
		return;
	}
	print_operand(operand, text);
	if (operand_is_listed(&test->left, test->quantifier))
		print_list(run, test, asked, text);
	else
		print_answer(run, test, asked, decisive(test, asked), text);
	if (asked->has_right) {
		text_append(text, ", ");
		print_operand(&test->right, text);
		text_append(text, " is ");
		value_print(text, &asked->right, VALUE_BYTES, run->secrets);
	}
}

/* Whether it helps to say what was wanted, or the reason why nothing is known says it all. */
static bool is_wanted_shown(const struct test *test, const struct asked *asked)
{
	const struct answer *answer = asked->doubt ? NULL : decisive(test, asked);
	const struct operand *operand = asked->is_right ? &test->right : &test->left;
	const enum doubt doubt = answer ? answer->doubt : asked->doubt;

	if (doubt == DOUBT_ABSENT && operand->subject->absent)
		return false;
	return test->wanted && doubt != DOUBT_NOT_JSON && doubt != DOUBT_CUT &&
	       doubt != DOUBT_LIMIT;
}

void explain(struct expect_run *run, const struct test *test, const struct asked *asked)
{
	struct text text = { 0 };

	run->phrases.limit_bytes = PHRASES_BYTES;
	print_asked(run, test, asked, &text);
	mask_append_escaped(&run->phrases, text_string(&text), text.len, run->secrets);
	if (is_wanted_shown(test, asked)) {
		text_append_char(&run->phrases, '\t');
		mask_append_escaped(&run->phrases, test->wanted, strlen(test->wanted),
				    run->secrets);
	}
	text_append_char(&run->phrases, '\n');
	text_done(&text);
}
