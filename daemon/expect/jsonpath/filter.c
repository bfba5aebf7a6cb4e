/* filter.c - filter expressions and functions at work (RFC 9535, 2.3.5 and 2.4). */
#include <errno.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "expect/jsonpath/evaluate.h"
#include "expect/jsonpath/iregexp.h"

/* Compiling a pattern out of the document costs about as much as this many steps. */
#define STEPS_A_PATTERN 500u

/* What an operand comes to; NULL is Nothing. */
struct value {
	json_t *json;
	bool is_owned; /* a number that a function made, not a part of document or query */
};

static void value_done(struct value *value)
{
	if (value->is_owned)
		json_decref(value->json);
}

#define cleanup_value value_done

static int evaluate_operand(struct evaluation *evaluation, const struct operand *operand,
			    json_t *current, struct value *ret);

static void set_number(struct value *value, size_t number)
{
	value->json = json_integer((json_int_t)number);
	value->is_owned = true;
}

/* 2.4.4 */
static int call_length(struct evaluation *evaluation, const struct operand *call, json_t *current,
		       struct value *ret)
{
	cleanup(value)
	struct value of = { 0 };
	int r = evaluate_operand(evaluation, call->arguments[0], current, &of);

	if (r < 0)
		return r;
	if (json_is_string(of.json))
		set_number(ret,
			   utf8_count(json_string_value(of.json), json_string_length(of.json)));
	else if (json_is_array(of.json))
		set_number(ret, json_array_size(of.json));
	else if (json_is_object(of.json))
		set_number(ret, json_object_size(of.json));
	return 0;
}

/* 2.4.5 and 2.4.8 */
static int call_on_nodes(struct evaluation *evaluation, const struct operand *call, json_t *current,
			 struct value *ret)
{
	struct jsonpath_nodes nodes = { 0 };
	int r = evaluate_query(evaluation, call->arguments[0]->query, current, &nodes);

	if (r < 0)
		return r;
	if (call->function == FUNCTION_COUNT)
		set_number(ret, nodes.count);
	else if (nodes.count == 1)
		ret->json = nodes.node[0];
	evaluate_done(evaluation, &nodes);
	return 0;
}

static int evaluate_operand(struct evaluation *evaluation, const struct operand *operand,
			    json_t *current, struct value *ret)
{
	*ret = (struct value){ 0 };
	switch (operand->kind) {
	case OPERAND_LITERAL:
		ret->json = operand->literal;
		return 0;
	case OPERAND_QUERY:
		return evaluate_singular(evaluation, operand->query, current, &ret->json);
	case OPERAND_CALL:
		return operand->function == FUNCTION_LENGTH
			       ? call_length(evaluation, operand, current, ret)
			       : call_on_nodes(evaluation, operand, current, ret);
	}
	return 0;
}

/* The expression for a pattern that is not known before; NULL if it is no I-Regexp.  The
 * same one usually serves for all elements of an array.
 */
static int find_regex(struct evaluation *evaluation, const struct value *pattern, bool whole,
		      const struct regex **ret)
{
	struct regex_fault fault;
	int r;

	if (pattern->json != evaluation->pattern || whole != evaluation->pattern_is_whole) {
		if (evaluation->regex)
			regex_free(evaluation->regex);
		evaluation->regex = NULL;
		evaluation->pattern = pattern->json;
		evaluation->pattern_is_whole = whole;
		r = iregexp_compile(json_string_value(pattern->json),
				    json_string_length(pattern->json), whole, &evaluation->regex,
				    &fault);
		if (r == -E2BIG)
			return r;
		r = budget_spend(evaluation->budget, STEPS_A_PATTERN);
		if (r < 0)
			return r;
	}
	*ret = evaluation->regex;
	return 0;
}

/* 2.4.6 and 2.4.7: whatever is no text or no I-Regexp is no match. */
static int call_regex(struct evaluation *evaluation, const struct operand *call, json_t *current)
{
	cleanup(value)
	struct value subject = { 0 };
	cleanup(value)
	struct value pattern = { 0 };
	const struct regex *regex = call->regex;
	int r;

	r = evaluate_operand(evaluation, call->arguments[0], current, &subject);
	if (r == 0)
		r = evaluate_operand(evaluation, call->arguments[1], current, &pattern);
	if (r < 0)
		return r;
	if (!json_is_string(subject.json) || !json_is_string(pattern.json))
		return 0;
	if (!regex) {
		r = find_regex(evaluation, &pattern, call->function == FUNCTION_MATCH, &regex);
		if (r < 0 || !regex)
			return r;
	}
	return regex_match(regex, json_string_value(subject.json), json_string_length(subject.json),
			   evaluation->budget);
}

static int test_holds(struct evaluation *evaluation, const struct operand *operand, json_t *current)
{
	struct jsonpath_nodes nodes = { 0 };
	json_t *node = NULL;
	bool is_there;
	int r;

	if (operand->kind == OPERAND_CALL)
		return call_regex(evaluation, operand, current);
	if (operand->query->is_singular) {
		r = evaluate_singular(evaluation, operand->query, current, &node);
		return r < 0 ? r : node != NULL;
	}
	r = evaluate_query(evaluation, operand->query, current, &nodes);
	if (r < 0)
		return r;
	is_there = nodes.count > 0;
	evaluate_done(evaluation, &nodes);
	return is_there;
}

static int comparison_holds(struct evaluation *evaluation, const struct logical *logical,
			    json_t *current)
{
	cleanup(value)
	struct value left = { 0 };
	cleanup(value)
	struct value right = { 0 };
	int r;

	r = evaluate_operand(evaluation, logical->left, current, &left);
	if (r == 0)
		r = evaluate_operand(evaluation, logical->right, current, &right);
	return r < 0 ? r : compare(left.json, logical->comparison, right.json, evaluation->budget);
}

int filter_holds(struct evaluation *evaluation, const struct logical *filter, json_t *current)
{
	const bool enough = filter->kind == LOGICAL_OR;
	int r;

	switch (filter->kind) {
	case LOGICAL_TEST:
		return test_holds(evaluation, filter->left, current);
	case LOGICAL_COMPARE:
		return comparison_holds(evaluation, filter, current);
	case LOGICAL_NOT:
		r = filter_holds(evaluation, filter->parts, current);
		return r < 0 ? r : !r;
	case LOGICAL_OR:
	case LOGICAL_AND:
		for (const struct logical *part = filter->parts; part; part = part->next) {
			r = filter_holds(evaluation, part, current);
			if (r < 0 || r == enough)
				return r;
		}
		return !enough;
	}
	return 0;
}
