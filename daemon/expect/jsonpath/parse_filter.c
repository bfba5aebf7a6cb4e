/* parse_filter.c - filter expressions and function calls (RFC 9535, 2.3.5 and 2.4).
 *
 * All functions of the RFC have one or two parameters, each a value or a list of
 * nodes, and give a value or a truth; none takes or gives anything else, so the
 * type rules of 2.4.3 come down to two questions: is this a value, is this a query.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "expect/jsonpath/iregexp.h"
#include "expect/jsonpath/parse.h"

static const struct function {
	const char *name;
	unsigned arguments;
	bool takes_nodes;
	bool gives_truth;
} functions[] = {
	[FUNCTION_LENGTH] = { .name = "length", .arguments = 1 },
	[FUNCTION_COUNT] = { .name = "count", .arguments = 1, .takes_nodes = true },
	[FUNCTION_MATCH] = { .name = "match", .arguments = 2, .gives_truth = true },
	[FUNCTION_SEARCH] = { .name = "search", .arguments = 2, .gives_truth = true },
	[FUNCTION_VALUE] = { .name = "value", .arguments = 1, .takes_nodes = true },
};

#define FUNCTIONS (sizeof(functions) / sizeof(functions[0]))

static int parse_or(struct scan *scan, struct logical *ret);
static int parse_operand(struct scan *scan, const struct operand **ret);

static int check_value(struct scan *scan, const struct operand *operand)
{
	if (operand->kind == OPERAND_CALL && functions[operand->function].gives_truth)
		return scan_fault(scan, operand->at,
				  "%s() is true or false by itself and gives no value",
				  functions[operand->function].name);
	if (operand->kind != OPERAND_QUERY)
		return 0;
	if (!operand->query->is_singular)
		return scan_fault(
			scan, operand->at,
			"this query can select several nodes, and a value is needed here");
	if (operand->query->has_blanks)
		return scan_fault(scan, operand->at,
				  "a query that stands for a value has no blanks in its brackets");
	return 0;
}

static int check_argument(struct scan *scan, const struct function *function,
			  const struct operand *argument)
{
	if (!function->takes_nodes)
		return check_value(scan, argument);
	if (argument->kind == OPERAND_QUERY)
		return 0;
	return scan_fault(scan, argument->at, "%s() takes a query", function->name);
}

/* A literal pattern that is no I-Regexp is valid and matches nothing (2.4.6): noted for
 * jsonpath_check_patterns().
 */
static int note_hopeless(struct scan *scan, const struct operand *pattern,
			 const struct regex_fault *fault)
{
	struct jsonpath_fault *hopeless = arena_take(scan->path->arena, sizeof(*hopeless));

	hopeless->column = pattern->at + 1;
	(void)snprintf(hopeless->message, sizeof(hopeless->message),
		       "no I-Regexp (RFC 9485): after %zu bytes of it, %.120s", fault->offset,
		       fault->message);
	if (!scan->path->hopeless)
		scan->path->hopeless = hopeless;
	return 0;
}

static int compile_pattern(struct scan *scan, struct operand *call)
{
	const struct operand *pattern = call->arguments[1];
	struct regex_fault fault;
	struct regex *regex;
	int r;

	if (pattern->kind != OPERAND_LITERAL || !json_is_string(pattern->literal))
		return 0;
	r = iregexp_compile(json_string_value(pattern->literal),
			    json_string_length(pattern->literal), call->function == FUNCTION_MATCH,
			    &regex, &fault);
	if (r == -EINVAL)
		return note_hopeless(scan, pattern, &fault);
	if (r < 0)
		return scan_fault(scan, pattern->at, "this regular expression is too large: %s",
				  fault.message);
	parse_own(scan->path, NULL, regex);
	call->regex = regex;
	return 0;
}

static int parse_arguments(struct scan *scan, struct operand *call)
{
	const struct function *function = &functions[call->function];
	unsigned count = 0;
	int r;

	(void)scan_blanks(scan);
	while (scan_peek(scan, 0) != ')') {
		const struct operand *argument;

		r = parse_operand(scan, &argument);
		if (r < 0)
			return r;
		if (count < function->arguments) {
			r = check_argument(scan, function, argument);
			if (r < 0)
				return r;
			call->arguments[count] = argument;
		}
		count++;
		(void)scan_blanks(scan);
		if (!scan_accept(scan, ","))
			break;
		(void)scan_blanks(scan);
		if (scan_peek(scan, 0) == ')')
			return scan_unexpected(scan, "an argument");
	}
	if (!scan_accept(scan, ")"))
		return scan_unexpected(scan, "',' or ')'");
	if (count == function->arguments)
		return 0;
	return scan_fault(scan, call->at, "%s() takes %u argument%s, not %u", function->name,
			  function->arguments, function->arguments == 1 ? "" : "s", count);
}

/* From the opening parenthesis on. */
static int parse_call(struct scan *scan, const char *name, size_t len, struct operand *call)
{
	size_t i = 0;
	int r;

	while (i < FUNCTIONS &&
	       (strlen(functions[i].name) != len || memcmp(functions[i].name, name, len) != 0))
		i++;
	if (i == FUNCTIONS)
		return scan_fault(scan, call->at,
				  "there is no function '%.*s'; there are length, count, match, "
				  "search and value",
				  (int)(len < 40 ? len : 40), name);
	call->kind = OPERAND_CALL;
	call->function = (enum function_id)i;
	r = scan_enter(scan);
	if (r < 0)
		return r;
	scan->at++;
	r = parse_arguments(scan, call);
	scan_leave(scan);
	return r == 0 && functions[i].gives_truth ? compile_pattern(scan, call) : r;
}

static int parse_word(struct scan *scan, struct operand *operand)
{
	const char *word = scan->text + scan->at;
	const size_t from = scan->at;
	size_t len;

	while (islower(scan_peek(scan, 0)) ||
	       (scan->at > from && (isdigit(scan_peek(scan, 0)) || scan_peek(scan, 0) == '_')))
		scan->at++;
	len = scan->at - from;
	if (len > 0 && scan_peek(scan, 0) == '(')
		return parse_call(scan, word, len, operand);
	if (len == 4 && memcmp(word, "true", len) == 0)
		operand->literal = json_true();
	else if (len == 5 && memcmp(word, "false", len) == 0)
		operand->literal = json_false();
	else if (len == 4 && memcmp(word, "null", len) == 0)
		operand->literal = json_null();
	if (operand->literal)
		return 0;
	scan->at = from;
	return scan_unexpected(scan, "'@', '$', a literal or a function");
}

static int parse_operand(struct scan *scan, const struct operand **ret)
{
	struct operand *operand = arena_take(scan->path->arena, sizeof(*operand));
	const int c = scan_peek(scan, 0);
	const char *string;
	size_t len;
	int r;

	*ret = operand;
	operand->at = scan->at;
	operand->kind = OPERAND_LITERAL;
	if (c == '@' || c == '$') {
		struct query *query = arena_take(scan->path->arena, sizeof(*query));

		operand->kind = OPERAND_QUERY;
		operand->query = query;
		return parse_query(scan, query);
	}
	if (c != '\'' && c != '"' && c != '-' && !isdigit(c))
		return parse_word(scan, operand);
	if (c == '\'' || c == '"') {
		r = scan_string(scan, &string, &len);
		if (r == 0)
			operand->literal = json_stringn_nocheck(string, len);
	} else {
		r = scan_number(scan, &operand->literal);
	}
	if (r == 0)
		parse_own(scan->path, operand->literal, NULL);
	return r;
}

static bool accept_comparison(struct scan *scan, enum comparison *ret)
{
	static const struct {
		const char *sign;
		enum comparison comparison;
	} signs[] = {
		{ "==", COMPARE_EQ }, { "!=", COMPARE_NE }, { "<=", COMPARE_LE },
		{ ">=", COMPARE_GE }, { "<", COMPARE_LT },  { ">", COMPARE_GT },
	};

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (scan_accept(scan, signs[i].sign)) {
			*ret = signs[i].comparison;
			return true;
		}
	return false;
}

static int parse_test(struct scan *scan, const struct operand *operand, struct logical *ret)
{
	ret->kind = LOGICAL_TEST;
	ret->left = operand;
	if (operand->kind == OPERAND_QUERY)
		return 0;
	if (operand->kind == OPERAND_LITERAL)
		return scan_fault(scan, operand->at, "a literal has to be compared with something");
	if (!functions[operand->function].gives_truth)
		return scan_fault(scan, operand->at,
				  "what %s() gives has to be compared with something",
				  functions[operand->function].name);
	return 0;
}

static int parse_test_or_comparison(struct scan *scan, bool is_negated, struct logical *ret)
{
	size_t after;
	int r;

	r = parse_operand(scan, &ret->left);
	if (r < 0)
		return r;
	after = scan->at;
	(void)scan_blanks(scan);
	if (scan_peek(scan, 0) == '=' && scan_peek(scan, 1) != '=')
		return scan_fault(scan, scan->at, "equality is '=='");
	if (!accept_comparison(scan, &ret->comparison)) {
		scan->at = after;
		return parse_test(scan, ret->left, ret);
	}
	if (is_negated)
		return scan_fault(
			scan, after,
			"'!' negates a test or what stands in parentheses, not a comparison");
	ret->kind = LOGICAL_COMPARE;
	r = check_value(scan, ret->left);
	if (r < 0)
		return r;
	(void)scan_blanks(scan);
	r = parse_operand(scan, &ret->right);
	return r < 0 ? r : check_value(scan, ret->right);
}

static int parse_parentheses(struct scan *scan, struct logical *ret)
{
	int r = scan_enter(scan);

	if (r < 0)
		return r;
	scan->at++;
	(void)scan_blanks(scan);
	r = parse_or(scan, ret);
	if (r < 0)
		return r;
	scan_leave(scan);
	(void)scan_blanks(scan);
	return scan_accept(scan, ")") ? 0 : scan_unexpected(scan, "'&&', '||' or ')'");
}

static int parse_basic(struct scan *scan, struct logical *ret)
{
	bool is_negated = scan_accept(scan, "!");

	if (is_negated) {
		ret->kind = LOGICAL_NOT;
		ret->parts = arena_take(scan->path->arena, sizeof(*ret));
		ret = ret->parts;
		(void)scan_blanks(scan);
	}
	return scan_peek(scan, 0) == '(' ? parse_parentheses(scan, ret)
					 : parse_test_or_comparison(scan, is_negated, ret);
}

typedef int parse_part(struct scan *scan, struct logical *ret);

/* Parts with `sign` in between. */
static int parse_chain(struct scan *scan, const char *sign, parse_part *part, struct logical *ret)
{
	struct logical **end = &ret->parts;
	size_t after;

	for (;;) {
		struct logical *next = arena_take(scan->path->arena, sizeof(*next));
		int r = part(scan, next);

		if (r < 0)
			return r;
		*end = next;
		end = &next->next;
		after = scan->at;
		(void)scan_blanks(scan);
		if (!scan_accept(scan, sign))
			break;
		(void)scan_blanks(scan);
	}
	scan->at = after;
	return 0;
}

static int parse_and(struct scan *scan, struct logical *ret)
{
	ret->kind = LOGICAL_AND;
	return parse_chain(scan, "&&", parse_basic, ret);
}

static int parse_or(struct scan *scan, struct logical *ret)
{
	ret->kind = LOGICAL_OR;
	return parse_chain(scan, "||", parse_and, ret);
}

int parse_filter(struct scan *scan, const struct logical **ret)
{
	struct logical *filter = arena_take(scan->path->arena, sizeof(*filter));
	int r = scan_enter(scan);

	if (r < 0)
		return r;
	r = parse_or(scan, filter);
	if (r < 0)
		return r;
	scan_leave(scan);
	*ret = filter;
	return 0;
}
