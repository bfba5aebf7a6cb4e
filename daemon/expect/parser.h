/* parser.h - from a line to instructions, or to a fault that helps.
 *
 * Recursive descent, one function a rule of the grammar, bounded by LINE_LEVELS:
 * parser.c has conjunctions, parse_test.c tests, parse_right.c what a subject is
 * compared with, parse_operand.c subjects and functions, types.c what can be
 * compared with what, slips.c and mistakes.c what people write instead.
 *
 * Every function returns 0, or -EINVAL with the fault set.
 */
#pragma once

#include "expect/lexer.h"
#include "expect/program.h"

struct parser {
	struct lexer lexer;
	struct token token; /* the one to look at; everything before it is done with */
	size_t end; /* where the token before it ended */
	unsigned subjects; /* enum subjects: what the probe has */
	const char *each; /* borrowed, or NULL */
	bool is_trial; /* of a line that a fault is about to suggest */
	unsigned depth;
	size_t weight; /* instructions so far */
	struct line *line; /* borrowed; the one that is made */
	struct expect_fault *fault; /* borrowed */
};

/* The whole line.  On success the caller owns `ret`. */
int parser_read(const char *line, size_t len, unsigned subjects, const char *each, struct line *ret,
		struct expect_fault *ret_fault);

/* Whether another line would do for the same probe. */
bool parser_would_read(const struct parser *parser, const char *line, size_t len);

/* On to the next token. */
void parser_advance(struct parser *parser);
/* The token that was just read by one of the lexer's other functions becomes current. */
void parser_accept(struct parser *parser, struct token token);
bool parser_sees(const struct parser *parser, const char *word);
/* null, true or false. */
bool parser_sees_word_literal(const struct parser *parser);
/* Counts an instruction; a fault if there are too many. */
int parser_weigh(struct parser *parser);
/* One level deeper; a fault if there are too many.  parser->depth-- leaves it. */
int parser_descend(struct parser *parser);

/* parse_test.c */
int parse_test(struct parser *parser, bool is_negated);

/* parse_right.c */
int parse_right(struct parser *parser, struct test *test);

/* parse_operand.c.  With a quantifier a list may be given to length(). */
int parse_operand(struct parser *parser, enum quantifier quantifier, struct operand *ret);

/* types.c: whether the left side can be asked this, and be compared with that. */
int types_check_left(struct parser *parser, const struct test *test, size_t at);
int types_check_item(struct parser *parser, const struct test *test, const struct item *item,
		     const struct token *token);
int types_check_right(struct parser *parser, const struct test *test, size_t at);

/* slips.c */

/* A fault at byte `at` of the line. */
int fault(struct parser *parser, size_t at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The same at a token, and ": write LINE" with the token replaced: only if that is right. */
int fault_replacing(struct parser *parser, const struct token *token, const char *replacement,
		    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Whether the current token is a slip of the pen, such as && for and: then the fault is set. */
bool fault_is_slip(struct parser *parser);
/* The words that are no subjects, NULL-terminated. */
extern const char *const fault_keywords[];
/* 1 < latency, exists header X */
int fault_literal_first(struct parser *parser);
int fault_exists_first(struct parser *parser);

/* mistakes.c: the current token is not what can stand here. */
int fault_no_test(struct parser *parser);
int fault_no_compare(struct parser *parser, const struct test *test);
/* `is` stands at byte `is_at`, and what follows is no kind. */
int fault_no_kind(struct parser *parser, const struct test *test, size_t is_at);
int fault_no_literal(struct parser *parser);
int fault_after_test(struct parser *parser);
int fault_unclosed(struct parser *parser);
int fault_unknown_subject(struct parser *parser, const struct token *token);
int fault_unknown_class(struct parser *parser, const struct token *token, const char *name);
int fault_path(struct parser *parser, const struct token *token,
	       const struct jsonpath_fault *path_fault);

/* For %.*s: a piece of the line, not too long for a message. */
#define PIECE(parser, from, to)                                                                    \
	((to) - (from) > 80 ? 80 : (int)((to) - (from))), (parser)->lexer.line + (from)
