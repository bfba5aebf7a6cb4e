/* types.c - what can be compared with what, as far as it is known before there is
 * anything to compare.
 *
 * Only json and perf have a type that shows itself later; everything else that cannot
 * come true is a fault while the configuration loads.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "expect/literal.h"
#include "expect/parser.h"
#include "model/verdict.h"

enum { SUGGESTION = 64 };

static bool is_ordering(enum compare compare)
{
	return compare >= COMPARE_LESS && compare <= COMPARE_MORE_EQUAL;
}

/* The unit of a duration that was probably meant: that of the outermost function, or the subject's. */
static const char *unit_of(const struct operand *operand)
{
	return operand->functions_count ? operand->functions[operand->functions_count - 1]->unit
					: operand->subject->unit;
}

/* How a number would be written for what stands on the left, or an empty text. */
static void right_quantity(const struct operand *left, const struct value *number,
			   const char *written, int len, char suggestion[SUGGESTION])
{
	const bool is_whole = !number->is_real;
	const char *unit = unit_of(left);

	suggestion[0] = '\0';
	if (left->type == TYPE_DURATION && is_whole && number->as.integer >= 0)
		(void)snprintf(suggestion, SUGGESTION, "%.*s%s", len, written, unit);
	else if (left->type == TYPE_DURATION && number->is_real &&
		 floor(number->as.real * 1000) == number->as.real * 1000 && number->as.real >= 0 &&
		 number->as.real < 1e9)
		(void)snprintf(suggestion, SUGGESTION, "%.0fms", number->as.real * 1000);
	else if (left->type == TYPE_SIZE && is_whole && number->as.integer >= 0)
		(void)snprintf(suggestion, SUGGESTION, "%.*sB", len, written);
	else if (left->type == TYPE_RATIO)
		(void)snprintf(suggestion, SUGGESTION, "%.*s%%", len, written);
	else if (left->type == TYPE_TEXT)
		(void)snprintf(suggestion, SUGGESTION, "\"%.*s\"", len, written);
}

/* 'latency' is a duration: write 800ms */
static int fault_types(struct parser *parser, const struct test *test, const struct value *value,
		       const struct token *token)
{
	const struct operand *left = &test->left;
	const char *written = parser->lexer.line + token->start;
	const int len = token->end - token->start > 40 ? 40 : (int)(token->end - token->start);
	char suggestion[SUGGESTION] = "";
	struct value number;

	if (value->type == TYPE_NUMBER && left->type == TYPE_TEXT && is_ordering(test->compare))
		return fault(parser, token->start, "'%.60s' is a text: write number(%.60s)",
			     left->shown, left->shown);
	if (value->type == TYPE_NUMBER)
		right_quantity(left, value, written, len, suggestion);
	else if (left->type == TYPE_TEXT && value->type != TYPE_TEXT)
		(void)snprintf(suggestion, sizeof(suggestion), "\"%.*s\"", len, written);
	else if (left->type == TYPE_NUMBER && value->type == TYPE_TEXT &&
		 literal_number(value->as.text.data, value->as.text.len, &number) == 0)
		(void)snprintf(suggestion, sizeof(suggestion), "%.*s", len - 2, written + 1);
	if (suggestion[0])
		return fault(parser, token->start, "'%.60s' is %s: write %s", left->shown,
			     type_name(left->type), suggestion);
	if (left->type == TYPE_JSON)
		return fault(parser, token->start,
			     "a JSON value is never %s: write a number without a unit",
			     type_name(value->type));
	return fault(parser, token->start, "'%.60s' is %s, not %s", left->shown,
		     type_name(left->type), type_name(value->type));
}

/* Whether values of these types can ever be compared. */
static bool are_comparable(enum type left, enum type right)
{
	if (left == TYPE_MEASURE || right == TYPE_MEASURE) {
		const enum type other = left == TYPE_MEASURE ? right : left;

		return other <= TYPE_RATIO || other == TYPE_JSON || other == TYPE_MEASURE;
	}
	if (left == TYPE_JSON || right == TYPE_JSON) {
		const enum type other = left == TYPE_JSON ? right : left;

		return other != TYPE_DURATION && other != TYPE_SIZE && other != TYPE_RATIO;
	}
	return left == right || (left == TYPE_ADDRESS && right == TYPE_TEXT) ||
	       (left == TYPE_TEXT && right == TYPE_ADDRESS);
}

static int check_address(struct parser *parser, const struct test *test, const struct value *value,
			 const struct token *token)
{
	const char *text = value->as.text.data;
	struct address address = { 0 };
	const bool is_network = strchr(text, '/');

	if (strlen(text) == value->as.text.len &&
	    (is_network ? address_is_within(&address, text) : address_parse(text, &address)) >= 0) {
		if (!is_network || test->compare == COMPARE_IN)
			return 0;
		return fault(parser, token->start,
			     "a network stands to the right of 'in': write %s %sin \"%.60s\"",
			     test->left.shown, test->compare == COMPARE_NOT_EQUAL ? "not " : "",
			     text);
	}
	return fault(parser, token->start, "\"%.60s\" is no address%s", text,
		     is_network || test->compare == COMPARE_IN ? " and no network" : "");
}

/* A class is one of a closed list, so a slip of the pen would never show. */
static int check_class(struct parser *parser, const struct test *test, const struct value *value,
		       const struct token *token)
{
	if (test->left.functions_count || strcmp(test->left.subject->name, "class") != 0 ||
	    value->type != TYPE_TEXT || class_find(value->as.text.data) != CLASS_NONE)
		return 0;
	return fault_unknown_class(parser, token, value->as.text.data);
}

/* Literals of == != < and so on, and of lists. */
static int check_comparable(struct parser *parser, const struct test *test,
			    const struct value *value, const struct token *token)
{
	const enum type left = test->left.type;

	if (!are_comparable(left, value->type))
		return fault_types(parser, test, value, token);
	if (is_ordering(test->compare) && (value->type == TYPE_BOOL || value->type == TYPE_NULL))
		return fault(parser, token->start,
			     "true, false and null are neither less nor more than anything");
	if (left == TYPE_ADDRESS)
		return check_address(parser, test, value, token);
	return check_class(parser, test, value, token);
}

int types_check_item(struct parser *parser, const struct test *test, const struct item *item,
		     const struct token *token)
{
	const bool is_listed = operand_is_listed(&test->left, QUANTIFIER_NONE_GIVEN);

	switch (test->compare) {
	case COMPARE_CONTAINS:
		if (is_listed && !test->quantifier)
			return check_comparable(parser, test, &item->value, token);
		if (test->left.type == TYPE_JSON)
			return check_comparable(parser, test, &item->value, token);
		break;
	case COMPARE_MATCHES:
	case COMPARE_LIKE:
		break;
	case COMPARE_EQUAL:
	case COMPARE_NOT_EQUAL:
	case COMPARE_LESS:
	case COMPARE_LESS_EQUAL:
	case COMPARE_MORE:
	case COMPARE_MORE_EQUAL:
	case COMPARE_IN:
	case COMPARE_EXISTS:
	case COMPARE_EMPTY:
	case COMPARE_NULL:
	case COMPARE_TRUE:
	case COMPARE_FALSE:
	default:
		return check_comparable(parser, test, &item->value, token);
	}
	if (item->value.type == TYPE_TEXT)
		return 0;
	return fault(parser, token->start, "what is looked for in a text is a text: write \"%.*s\"",
		     PIECE(parser, token->start, token->end));
}

static int check_textual(struct parser *parser, const struct test *test, size_t at,
			 const char *word)
{
	const enum type type = test->left.type;

	if (type == TYPE_TEXT || type == TYPE_ADDRESS || type == TYPE_JSON)
		return 0;
	return fault(parser, at, "'%.60s' is %s, and '%s' is asked of texts", test->left.shown,
		     type_name(type), word);
}

static int check_kind(struct parser *parser, const struct test *test, size_t at)
{
	const enum type type = test->left.type;
	const bool is_listed = operand_is_listed(&test->left, QUANTIFIER_NONE_GIVEN);

	if (type == TYPE_JSON || (type == TYPE_BOOL && (test->compare == COMPARE_TRUE ||
							test->compare == COMPARE_FALSE)))
		return 0;
	if (test->compare == COMPARE_EMPTY && (type == TYPE_TEXT || is_listed))
		return 0;
	if (test->compare == COMPARE_EMPTY)
		return fault(parser, at, "'%.60s' is %s, which is never empty", test->left.shown,
			     type_name(type));
	return fault(parser, at, "'%.60s' is %s; only a JSON value is null, true or false",
		     test->left.shown, type_name(type));
}

int types_check_left(struct parser *parser, const struct test *test, size_t at)
{
	switch (test->compare) {
	case COMPARE_LESS:
	case COMPARE_LESS_EQUAL:
	case COMPARE_MORE:
	case COMPARE_MORE_EQUAL:
		if (test->left.type != TYPE_ADDRESS)
			return 0;
		return fault(parser, at,
			     "addresses are not ordered: write address in \"192.0.2.0/24\"");
	case COMPARE_CONTAINS:
		if (operand_is_listed(&test->left, QUANTIFIER_NONE_GIVEN) && !test->quantifier)
			return 0;
		return check_textual(parser, test, at, "contains");
	case COMPARE_MATCHES:
		return check_textual(parser, test, at, "matches");
	case COMPARE_LIKE:
		return check_textual(parser, test, at, "like");
	case COMPARE_EMPTY:
	case COMPARE_NULL:
	case COMPARE_TRUE:
	case COMPARE_FALSE:
		return check_kind(parser, test, at);
	case COMPARE_EQUAL:
	case COMPARE_NOT_EQUAL:
	case COMPARE_IN:
	case COMPARE_EXISTS:
	default:
		return 0;
	}
}

int types_check_right(struct parser *parser, const struct test *test, size_t at)
{
	const struct operand *left = &test->left, *right = &test->right;
	const bool is_text_wanted = test->compare == COMPARE_LIKE ||
				    (test->compare == COMPARE_CONTAINS && left->type != TYPE_JSON &&
				     (test->quantifier || !left->is_list));

	if (test->compare == COMPARE_IN && !right->is_list && right->type != TYPE_JSON)
		return fault(parser, at,
			     "to the right of 'in' stands a list or a range, and '%.60s' is %s",
			     right->shown, type_name(right->type));
	if (test->compare != COMPARE_IN && right->is_list)
		return fault(parser, at, "'%.60s' is a list: write %.60s in %.60s", right->shown,
			     left->shown, right->shown);
	if (is_text_wanted && right->type != TYPE_TEXT && right->type != TYPE_JSON)
		return fault(parser, at, "'%.60s' is %s, and what is looked for is a text",
			     right->shown, type_name(right->type));
	if (is_text_wanted || are_comparable(left->type, right->type))
		return 0;
	return fault(parser, at, "'%.60s' is %s, and '%.60s' is %s", left->shown,
		     type_name(left->type), right->shown, type_name(right->type));
}
