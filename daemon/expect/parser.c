/* parser.c - conjunctions: what `and`, `or`, `not` and parentheses make of tests. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "expect/parser.h"

void parser_accept(struct parser *parser, struct token token)
{
	parser->end = parser->token.end;
	parser->token = token;
}

void parser_advance(struct parser *parser)
{
	parser_accept(parser, lexer_next(&parser->lexer));
}

bool parser_sees(const struct parser *parser, const char *word)
{
	return token_is(&parser->token, parser->lexer.line, word);
}

int parser_weigh(struct parser *parser)
{
	if (++parser->weight > LINE_INSTRUCTIONS)
		return fault(parser, parser->token.start,
			     "this line needs more than %d instructions: write several lines",
			     LINE_INSTRUCTIONS);
	return 0;
}

int parser_descend(struct parser *parser)
{
	if (++parser->depth > LINE_LEVELS)
		return fault(parser, parser->token.start, "nested more than %d levels deep",
			     LINE_LEVELS);
	return 0;
}

static int parse_or(struct parser *parser, bool is_negated);

static size_t emit(struct parser *parser, enum code code)
{
	struct line *line = parser->line;

	line->code = memory_grow(line->code, line->count + 1, sizeof(*line->code));
	line->code[line->count] = (struct instruction){ .code = code };
	return line->count++;
}

static int parse_unary(struct parser *parser, bool is_negated)
{
	const struct token start = parser->token;
	int r;

	if (!parser_sees(parser, "not") && start.kind != TOKEN_OPEN)
		return parse_test(parser, is_negated);
	r = parser_descend(parser);
	if (r < 0)
		return r;
	parser_advance(parser);
	if (start.kind != TOKEN_OPEN) {
		r = parse_unary(parser, !is_negated);
	} else {
		r = parse_or(parser, is_negated);
		if (r == 0 && parser->token.kind == TOKEN_END)
			r = fault(parser, start.start, "the ')' for this '(' is missing");
		else if (r == 0 && parser->token.kind != TOKEN_CLOSE)
			r = fault_after_test(parser);
		if (r == 0)
			parser_advance(parser);
	}
	parser->depth--;
	return r;
}

/* One more part of a conjunction, behind the word that joins it. */
static int parse_joined(struct parser *parser, bool is_negated, bool is_and,
			int (*parse)(struct parser *parser, bool is_negated))
{
	const size_t jump = emit(parser, is_and ? CODE_SKIP_IF_FALSE : CODE_SKIP_IF_TRUE);
	int r;

	parser_advance(parser);
	r = parse(parser, is_negated);
	if (r < 0)
		return r;
	(void)emit(parser, is_and ? CODE_AND : CODE_OR);
	parser->line->code[jump].target = parser->line->count;
	return parser_weigh(parser);
}

static int parse_and(struct parser *parser, bool is_negated)
{
	int r = parse_unary(parser, is_negated);

	while (r == 0 && parser_sees(parser, "and"))
		r = parse_joined(parser, is_negated, !is_negated, parse_unary);
	return r;
}

static int parse_or(struct parser *parser, bool is_negated)
{
	int r = parse_and(parser, is_negated);

	while (r == 0 && parser_sees(parser, "or"))
		r = parse_joined(parser, is_negated, is_negated, parse_and);
	return r;
}

static int parse_line(struct parser *parser)
{
	int r;

	if (parser->lexer.len > LINE_BYTES)
		return fault(parser, LINE_BYTES, "an expectation has at most %d bytes", LINE_BYTES);
	if (memchr(parser->lexer.line, '\0', parser->lexer.len))
		return fault(parser, strlen(parser->lexer.line), "a NUL has no place here");
	parser->token = lexer_next(&parser->lexer);
	if (parser->token.kind == TOKEN_END)
		return fault(parser, 0, "an expectation is missing: write status == 200");
	r = parse_or(parser, false);
	if (r == 0 && parser->token.kind != TOKEN_END)
		r = fault_after_test(parser);
	return r;
}

bool parser_would_read(const struct parser *parser, const char *line, size_t len)
{
	struct line made = { 0 };
	struct expect_fault fault;
	struct parser trial = {
		.lexer = { .line = line, .len = len },
		.subjects = parser->subjects,
		.each = parser->each,
		.is_trial = true,
		.line = &made,
		.fault = &fault,
	};
	const int r = parse_line(&trial);

	line_done(&made);
	return r == 0;
}

int parser_read(const char *line, size_t len, unsigned subjects, const char *each, struct line *ret,
		struct expect_fault *ret_fault)
{
	struct line made = { 0 };
	struct parser parser = {
		.lexer = { .line = line, .len = len },
		.subjects = subjects | SUBJECTS_ALL,
		.each = each,
		.line = &made,
		.fault = ret_fault,
	};
	const int r = parse_line(&parser);

	if (r < 0) {
		line_done(&made);
		return r;
	}
	made.text = memory_text_len(line, len);
	*ret = made;
	return 0;
}
