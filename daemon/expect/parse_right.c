/* parse_right.c - what stands to the right of a comparison. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "expect/literal.h"
#include "expect/parser.h"

/* The flags behind the closing slash. */
static int regex_flags(struct parser *parser, size_t at, unsigned *ret_flags)
{
	static const char letters[] = "imsx";

	for (; at < parser->token.end; at++) {
		const char *found = strchr(letters, parser->lexer.line[at]);

		if (!found)
			return fault(parser, at,
				     "'%c' is no flag of a regular expression: there are i m s x",
				     parser->lexer.line[at]);
		*ret_flags |= 1u << (found - letters);
	}
	return 0;
}

_Static_assert(REGEX_CASELESS == 1 << 0 && REGEX_MULTILINE == 1 << 1 && REGEX_DOTALL == 1 << 2 &&
		       REGEX_EXTENDED == 1 << 3,
	       "regex_flags() counts on their order");

/* PCRE2 needs no escape before a slash, and \/ is a slash for it too. */
static int parse_regex(struct parser *parser, struct test *test)
{
	const struct token token = parser->token;
	const char *start = parser->lexer.line + token.start + 1;
	const char *end = parser->lexer.line + token.end;
	struct regex_fault wrong;
	unsigned flags = 0;
	int r;

	while (*--end != '/')
		;
	r = regex_flags(parser, (size_t)(end + 1 - parser->lexer.line), &flags);
	if (r < 0)
		return r;
	if (regex_compile(start, (size_t)(end - start), flags, &test->regex, &wrong) < 0)
		return fault(parser, token.start + 1 + wrong.offset, "regular expression: %s",
			     wrong.message);
	parser_advance(parser);
	return 0;
}

/* A pattern in quotes, where escapes have moved what is at fault. */
static int parse_regex_text(struct parser *parser, struct test *test, const struct item *item,
			    size_t at)
{
	struct regex_fault wrong;

	if (regex_compile(item->value.as.text.data, item->value.as.text.len, 0, &test->regex,
			  &wrong) < 0)
		return fault(parser, at, "regular expression: %s", wrong.message);
	return 0;
}

static int parse_quantity(struct parser *parser, struct value *ret)
{
	const struct token token = parser->token;
	struct text wrong = { 0 };
	int r = literal_quantity(parser->lexer.line + token.start, token.end - token.start, ret,
				 &wrong);

	if (r < 0)
		r = fault(parser, token.start, "%s", text_string(&wrong));
	else
		parser_advance(parser);
	text_done(&wrong);
	return r;
}

static int parse_text(struct parser *parser, struct value *ret)
{
	const struct token token = parser->token;
	struct text wrong = { 0 };
	size_t at;
	int r = literal_text(parser->lexer.line + token.start, token.end - token.start,
			     parser->each, ret, &wrong, &at);

	if (r < 0)
		r = fault(parser, token.start + at, "%s", text_string(&wrong));
	else
		parser_advance(parser);
	text_done(&wrong);
	return r;
}

bool parser_sees_word_literal(const struct parser *parser)
{
	return parser_sees(parser, "null") || parser_sees(parser, "true") ||
	       parser_sees(parser, "false");
}

static bool is_literal(const struct parser *parser)
{
	return parser->token.kind == TOKEN_QUANTITY || parser->token.kind == TOKEN_TEXT ||
	       parser_sees_word_literal(parser);
}

static int parse_literal(struct parser *parser, struct value *ret)
{
	if (parser->token.kind == TOKEN_QUANTITY)
		return parse_quantity(parser, ret);
	if (parser->token.kind == TOKEN_TEXT)
		return parse_text(parser, ret);
	if (!parser_sees_word_literal(parser))
		return fault_no_literal(parser);
	if (parser_sees(parser, "null"))
		*ret = (struct value){ .type = TYPE_NULL };
	else
		*ret = value_integer(TYPE_BOOL, parser_sees(parser, "true"));
	parser_advance(parser);
	return 0;
}

/* The upper end of a range, whose lower end was just read. */
static int parse_range(struct parser *parser, const struct test *test, const struct token *first,
		       struct item *item)
{
	const size_t at = parser->token.start;
	struct token upper;
	int r;

	if (test->compare != COMPARE_IN)
		return fault(parser, at, "a range stands to the right of 'in': write %s %sin %.*s",
			     test->left.shown, test->compare == COMPARE_NOT_EQUAL ? "not " : "",
			     PIECE(parser, first->start, parser->lexer.len));
	parser_advance(parser);
	upper = parser->token;
	item->is_range = true;
	if (parser->token.kind != TOKEN_QUANTITY)
		return fault(parser, parser->token.start,
			     "the end of the range is missing: write 200..299");
	r = parse_quantity(parser, &item->last);
	if (r < 0)
		return r;
	if (item->value.type != TYPE_NUMBER || item->last.type != TYPE_NUMBER)
		return fault(parser, first->start,
			     "a range has two plain numbers: write %s >= %.*s and %s <= %.*s",
			     test->left.shown, PIECE(parser, first->start, first->end),
			     test->left.shown, PIECE(parser, upper.start, upper.end));
	if (value_order(&item->value, &item->last) == ORDER_MORE)
		return fault(parser, first->start,
			     "this range is empty: its end is below its start");
	return 0;
}

/* A literal or a range, as one more item of the test. */
static int parse_item(struct parser *parser, struct test *test)
{
	const struct token token = parser->token;
	struct item *item;
	int r;

	test->items = memory_grow(test->items, test->items_count + 1, sizeof(*test->items));
	item = &test->items[test->items_count++];
	*item = (struct item){ 0 };
	r = parse_literal(parser, &item->value);
	if (r == 0 && parser->token.kind == TOKEN_RANGE)
		r = parse_range(parser, test, &token, item);
	if (r == 0 && token.kind == TOKEN_QUANTITY && parser->token.kind == TOKEN_QUANTITY &&
	    parser->token.start == parser->end)
		r = fault(parser, token.start, "a range is written with two dots: write %.*s..%.*s",
			  PIECE(parser, token.start, token.end),
			  PIECE(parser, parser->token.start + 1, parser->token.end));
	return r < 0 ? r : types_check_item(parser, test, item, &token);
}

static int parse_list(struct parser *parser, struct test *test)
{
	const size_t start = parser->token.start;
	int r;

	do {
		parser_advance(parser);
		r = parse_item(parser, test);
		if (r < 0)
			return r;
	} while (parser->token.kind == TOKEN_COMMA);
	if (parser->token.kind == TOKEN_END)
		return fault(parser, start, "the ']' for this '[' is missing");
	if (parser->token.kind != TOKEN_LIST_CLOSE)
		return fault(parser, parser->token.start,
			     "items are separated by ',' and the list ends with ']'");
	parser_advance(parser);
	return 0;
}

static int parse_matches(struct parser *parser, struct test *test)
{
	const size_t at = parser->token.start;
	int r;

	if (parser->token.kind == TOKEN_REGEX)
		return parse_regex(parser, test);
	if (parser->token.kind != TOKEN_TEXT)
		return parser->token.kind == TOKEN_UNCLOSED
			       ? fault_unclosed(parser)
			       : fault(parser, at,
				       "after matches comes a regular expression: write "
				       "matches /…/");
	r = parse_item(parser, test);
	return r < 0 ? r : parse_regex_text(parser, test, &test->items[0], at);
}

int parse_right(struct parser *parser, struct test *test)
{
	const size_t at = parser->token.start;
	int r;

	if (test->compare == COMPARE_MATCHES)
		return parse_matches(parser, test);
	if (parser->token.kind == TOKEN_LIST_OPEN && test->compare == COMPARE_IN)
		return parse_list(parser, test);
	if (is_literal(parser))
		return parse_item(parser, test);
	if (parser->token.kind != TOKEN_WORD)
		return fault_no_literal(parser);
	if (!subject_find(parser->lexer.line + at, parser->token.end - at) &&
	    !function_find(parser->lexer.line + at, parser->token.end - at))
		return fault_no_literal(parser);
	r = parse_operand(parser, QUANTIFIER_NONE_GIVEN, &test->right);
	return r < 0 ? r : types_check_right(parser, test, at);
}
