/* parse_test.c - one test: a subject and how it is compared. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "expect/parser.h"

enum { WANTED_BYTES = 100 };

static enum quantifier parse_quantifier(struct parser *parser)
{
	static const char *const words[] = {
		[QUANTIFIER_ANY] = "any",
		[QUANTIFIER_ALL] = "all",
		[QUANTIFIER_NONE] = "none",
	};

	for (enum quantifier i = QUANTIFIER_ANY; i <= QUANTIFIER_NONE; i++) {
		if (!parser_sees(parser, words[i]))
			continue;
		parser_advance(parser);
		return i;
	}
	return QUANTIFIER_NONE_GIVEN;
}

static int parse_kind(struct parser *parser, struct test *test)
{
	static const struct {
		const char *word;
		enum compare compare;
	} kinds[] = {
		{ "empty", COMPARE_EMPTY },
		{ "null", COMPARE_NULL },
		{ "true", COMPARE_TRUE },
		{ "false", COMPARE_FALSE },
	};
	const struct token is = parser->token;

	parser_advance(parser);
	if (parser_sees(parser, "not")) {
		test->is_each_negated = true;
		parser_advance(parser);
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!parser_sees(parser, kinds[i].word))
			continue;
		test->compare = kinds[i].compare;
		parser_advance(parser);
		return 0;
	}
	return fault_no_kind(parser, test, is.start);
}

/* `in`, `contains`, `matches`, `like`: whether the current token is one. */
static bool parse_word_compare(struct parser *parser, enum compare *ret_compare)
{
	static const struct {
		const char *word;
		enum compare compare;
	} words[] = {
		{ "in", COMPARE_IN },
		{ "contains", COMPARE_CONTAINS },
		{ "matches", COMPARE_MATCHES },
		{ "like", COMPARE_LIKE },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!parser_sees(parser, words[i].word))
			continue;
		*ret_compare = words[i].compare;
		parser_accept(parser, words[i].compare == COMPARE_MATCHES
					      ? lexer_regex(&parser->lexer)
					      : lexer_next(&parser->lexer));
		return true;
	}
	return false;
}

/* How it is compared, and with what. */
static int parse_predicate(struct parser *parser, struct test *test)
{
	const size_t at = parser->token.start;
	int r = 0;

	if (token_is_compare(parser->token.kind)) {
		test->compare = (enum compare)(parser->token.kind - TOKEN_EQUAL + COMPARE_EQUAL);
		parser_advance(parser);
	} else if (parser_sees(parser, "exists")) {
		test->compare = COMPARE_EXISTS;
		parser_advance(parser);
	} else if (parser_sees(parser, "is")) {
		r = parse_kind(parser, test);
	} else {
		if (parser_sees(parser, "not")) {
			test->is_each_negated = true;
			parser_advance(parser);
		}
		if (!parse_word_compare(parser, &test->compare))
			return fault_no_compare(parser, test);
	}
	if (r == 0)
		r = types_check_left(parser, test, at);
	return r < 0 || test->compare >= COMPARE_EXISTS ? r : parse_right(parser, test);
}

/* The line from `from` to the token, as the endpoint has it. */
static void append_wanted(const struct parser *parser, size_t from, struct text *wanted)
{
	static const char each[] = "${each}";
	const char *at = parser->lexer.line + from, *const end = parser->lexer.line + parser->end;
	const char *found;

	while (parser->each && (found = memmem(at, (size_t)(end - at), each, strlen(each)))) {
		text_append_len(wanted, at, (size_t)(found - at));
		text_append(wanted, parser->each);
		at = found + strlen(each);
	}
	text_append_len(wanted, at, (size_t)(end - at));
}

/* What stands at `from`, as what people read behind "expected". */
static void set_wanted(const struct parser *parser, size_t from, struct test *test)
{
	static const char *const quantifiers[] = { "", "any ", "all ", "none " };
	const bool is_plain = !test->quantifier && !test->is_negated && !test->left.is_list;
	struct text wanted = { .limit_bytes = WANTED_BYTES };

	if (test->compare == COMPARE_EXISTS) {
		if (test->is_negated != (test->quantifier == QUANTIFIER_NONE))
			test->wanted = memory_text("not to exist");
		return;
	}
	text_append(&wanted, test->is_negated ? "not " : "");
	text_append(&wanted, quantifiers[test->quantifier]);
	if (test->left.is_list && !test->quantifier && test->compare != COMPARE_CONTAINS &&
	    test->compare != COMPARE_EMPTY)
		text_append(&wanted, "all ");
	/* "status is 503, expected 200", and "expected empty". */
	if ((test->compare == COMPARE_EQUAL && is_plain) || test->compare >= COMPARE_EMPTY)
		for (from += strlen("is"); parser->lexer.line[from] == ' ';)
			from++;
	append_wanted(parser, from, &wanted);
	if (wanted.is_cut) {
		wanted.len = utf8_cut(wanted.data, wanted.len, wanted.len - strlen("…"));
		wanted.limit_bytes = 0;
		text_append(&wanted, "…");
	}
	test->wanted = text_take(&wanted);
}

int parse_test(struct parser *parser, bool is_negated)
{
	struct test *test = MEMORY_NEW(struct test);
	struct line *line = parser->line;
	size_t at;
	int r;

	/* In the line from the start, so that it is freed with it whatever is wrong. */
	line->code = memory_grow(line->code, line->count + 1, sizeof(*line->code));
	line->code[line->count++] = (struct instruction){ .code = CODE_TEST, .test = test };
	test->is_negated = is_negated;
	test->quantifier = parse_quantifier(parser);
	if (parser->token.kind != TOKEN_WORD || parser_sees_word_literal(parser))
		return fault_no_test(parser);
	r = parse_operand(parser, test->quantifier, &test->left);
	at = parser->token.start;
	if (r == 0)
		r = parse_predicate(parser, test);
	if (r == 0)
		set_wanted(parser, at, test);
	return r < 0 ? r : parser_weigh(parser);
}
