/* parse_operand.c - subjects, inside of functions or not. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "expect/literal.h"
#include "expect/parser.h"

/* RFC 9110, 5.6.2. */
static bool is_header_name(const char *name)
{
	for (const char *at = name; *at; at++)
		if (!strchr("!#$%&'*+-.^_`|~", *at) && !(*at >= '0' && *at <= '9') &&
		    !((*at | 0x20) >= 'a' && (*at | 0x20) <= 'z'))
			return false;
	return *name != '\0';
}

static int check_header_name(struct parser *parser, const struct token *token, const char *name)
{
	const struct token last = { TOKEN_STRAY, token->end - 1, token->end };

	if (is_header_name(name))
		return 0;
	if (parser->lexer.line[last.start] == ':')
		return fault_replacing(parser, &last, "", "the name of a header has no ':'");
	return fault(parser, token->start, "'%.60s' is not the name of a header", name);
}

/* A name in quotes: 0 with a text that the caller owns. */
static int unquote_name(struct parser *parser, const struct token *token, char **ret_name)
{
	struct text wrong = { 0 };
	struct value unquoted = { .type = TYPE_TEXT };
	size_t at;
	int r = literal_text(parser->lexer.line + token->start, token->end - token->start,
			     parser->each, &unquoted, &wrong, &at);

	if (r < 0)
		r = fault(parser, token->start + at, "%s", text_string(&wrong));
	else if (strlen(unquoted.owned) != unquoted.as.text.len)
		r = fault(parser, token->start, "a name has no NUL in it");
	if (r == 0)
		*ret_name = TAKE(unquoted.owned);
	value_done(&unquoted);
	text_done(&wrong);
	return r;
}

static int parse_name(struct parser *parser, struct operand *operand)
{
	const struct token token = parser->token;
	const char *subject = operand->subject->name;
	int r = 0;

	if (token.kind == TOKEN_UNCLOSED)
		return fault_unclosed(parser);
	if (token.start == token.end)
		return fault(parser, token.start, "the name of a %s is missing: write %s %s exists",
			     subject, subject, strcmp(subject, "header") == 0 ? "Server" : "load1");
	if (token.kind == TOKEN_NAME)
		operand->name =
			memory_text_len(parser->lexer.line + token.start, token.end - token.start);
	else
		r = unquote_name(parser, &token, &operand->name);
	if (r == 0 && strcmp(subject, "header") == 0)
		r = check_header_name(parser, &token, operand->name);
	return r;
}

static int parse_path(struct parser *parser, struct operand *operand)
{
	const struct token token = parser->token;
	struct jsonpath_fault wrong;

	if (token.start == token.end || parser->lexer.line[token.start] != '$')
		return fault(parser, token.start,
			     "after json comes a path, which starts with '$': write json $.status");
	if (jsonpath_compile(parser->lexer.line + token.start, token.end - token.start,
			     &operand->path, &wrong) < 0 ||
	    jsonpath_check_patterns(operand->path, &wrong) < 0)
		return fault_path(parser, &token, &wrong);
	return 0;
}

/* The subject, which is the current token, and what belongs to it. */
static int parse_subject(struct parser *parser, struct operand *operand)
{
	const struct token word = parser->token;
	const struct subject *subject =
		word.kind == TOKEN_WORD
			? subject_find(parser->lexer.line + word.start, word.end - word.start)
			: NULL;
	int r;

	if (!subject)
		return fault_unknown_subject(parser, &word);
	if (!(subject->probes & parser->subjects))
		return fault(parser, word.start, "this probe has no '%s', only %s has",
			     subject->name, subject_probes(subject->probes));
	operand->subject = subject;
	operand->type = subject->type;
	operand->is_list = subject->is_list;
	switch (subject->takes) {
	case TAKES_NAME:
		parser_accept(parser, lexer_name(&parser->lexer));
		r = parse_name(parser, operand);
		break;
	case TAKES_PATH:
		parser_accept(parser, lexer_path(&parser->lexer));
		r = parse_path(parser, operand);
		if (r == 0)
			operand->is_list = !jsonpath_is_singular(operand->path);
		break;
	case TAKES_NOTHING:
	default:
		r = 0;
	}
	if (r < 0)
		return r;
	parser_advance(parser);
	return parser_weigh(parser);
}

/* What stands between the parentheses of a function, for messages. */
struct inner {
	const char *text; /* borrowed from the line */
	int len;
};

static int check_list(struct parser *parser, const struct operand *operand, size_t at,
		      const struct inner *inner)
{
	if (!operand->is_counted && (operand->is_list || operand->subject->is_lines))
		return 0;
	if (operand->path && operand->functions_count == 0)
		return fault(parser, at,
			     "'%.*s' is one value, and count() is of a list: "
			     "write length(%.*s) or count(%.*s[*])",
			     inner->len, inner->text, inner->len, inner->text, inner->len,
			     inner->text);
	return fault(parser, at, "'%.*s' is %s, and count() is of a list", inner->len, inner->text,
		     type_name(operand->type));
}

static int check_value(struct parser *parser, const struct function *function,
		       const struct operand *operand, size_t at, const struct inner *inner)
{
	if (function->takes & 1u << operand->type)
		return 0;
	return fault(parser, at, "'%.*s' is %s, and %s() is of %s", inner->len, inner->text,
		     type_name(operand->type), function->name, function->takes_what);
}

static int add_function(struct parser *parser, const struct function *function, size_t at,
			const struct inner *inner, struct operand *operand)
{
	int r;

	if (function->apply)
		r = check_value(parser, function, operand, at, inner);
	else
		r = check_list(parser, operand, at, inner);
	if (r < 0)
		return r;
	if (!function->apply) {
		operand->is_counted = true;
		operand->is_list = false;
		operand->count_at = operand->functions_count;
	}
	operand->type = function->gives;
	operand->functions = memory_grow(operand->functions, operand->functions_count + 1,
					 sizeof(struct function *));
	operand->functions[operand->functions_count++] = function;
	return parser_weigh(parser);
}

static int parse_left(struct parser *parser, enum quantifier quantifier, struct operand *operand);

static int parse_call(struct parser *parser, const struct function *function,
		      enum quantifier quantifier, struct operand *operand)
{
	const size_t at = parser->token.start;
	struct inner inner;
	size_t inner_at;
	int r = parser_descend(parser);

	if (r < 0)
		return r;
	parser_advance(parser);
	if (parser->token.kind != TOKEN_OPEN)
		return fault(parser, at, "%s() is a function: write %s(%s)", function->name,
			     function->name, function->apply ? "body" : "json $.items[*]");
	parser_advance(parser);
	inner_at = parser->token.start;
	r = parse_left(parser, quantifier, operand);
	if (r < 0)
		return r;
	inner = (struct inner){ parser->lexer.line + inner_at, (int)(parser->end - inner_at) };
	inner.len = inner.len > 60 ? 60 : inner.len;
	if (parser->token.kind != TOKEN_CLOSE)
		return fault(parser, parser->token.start, "the ')' of %s( is missing here",
			     function->name);
	if (strcmp(function->name, "length") == 0 && operand_is_listed(operand, quantifier) &&
	    !quantifier)
		return fault(parser, at,
			     "'%.*s' is a list: write count(%.*s) for how many there are, or "
			     "any, all or none before length()",
			     inner.len, inner.text, inner.len, inner.text);
	parser_advance(parser);
	parser->depth--;
	return add_function(parser, function, at, &inner, operand);
}

/* The rule `left`. */
static int parse_left(struct parser *parser, enum quantifier quantifier, struct operand *operand)
{
	const struct token token = parser->token;
	const struct function *function =
		token.kind == TOKEN_WORD
			? function_find(parser->lexer.line + token.start, token.end - token.start)
			: NULL;

	return function ? parse_call(parser, function, quantifier, operand)
			: parse_subject(parser, operand);
}

int parse_operand(struct parser *parser, enum quantifier quantifier, struct operand *ret)
{
	const size_t start = parser->token.start;
	const int r = parse_left(parser, quantifier, ret);

	if (r < 0)
		return r;
	ret->shown = memory_text_len(parser->lexer.line + start, parser->end - start);
	return 0;
}
