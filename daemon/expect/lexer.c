/* lexer.c - an expectation as a row of tokens. */
#include <string.h>

#include "expect/lexer.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_word(char c)
{
	return is_word_start(c) || is_digit(c);
}

/* The character `ahead` bytes further on, or NUL. */
static char peek(const struct lexer *lexer, size_t ahead)
{
	return lexer->len - lexer->at > ahead ? lexer->line[lexer->at + ahead] : '\0';
}

static void skip_blanks(struct lexer *lexer)
{
	while (lexer->at < lexer->len && is_blank(lexer->line[lexer->at]))
		lexer->at++;
}

static bool is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c);
}

static enum token_kind read_word(struct lexer *lexer)
{
	do {
		while (is_word(peek(lexer, 0)))
			lexer->at++;
	} while (peek(lexer, 0) == '.' && is_word_start(peek(lexer, 1)) && ++lexer->at);
	return TOKEN_WORD;
}

/* Takes letters too, so that a unit, right or wrong, belongs to its number. */
static enum token_kind read_quantity(struct lexer *lexer)
{
	lexer->at++;
	for (;;) {
		const char c = peek(lexer, 0), last = lexer->line[lexer->at - 1];
		const bool is_exponent = (c == '-' || c == '+') && (last == 'e' || last == 'E') &&
					 is_digit(peek(lexer, 1));

		if (!is_word(c) && c != '%' && !(c == '.' && is_digit(peek(lexer, 1))) &&
		    !is_exponent)
			return TOKEN_QUANTITY;
		lexer->at++;
	}
}

static enum token_kind read_text(struct lexer *lexer)
{
	const char quote = lexer->line[lexer->at++];

	while (lexer->at < lexer->len) {
		const char c = lexer->line[lexer->at++];

		if (c == '\\' && quote == '"' && lexer->at < lexer->len)
			lexer->at++;
		else if (c == '\'' && quote == '\'' && peek(lexer, 0) == '\'')
			lexer->at++;
		else if (c == quote)
			return TOKEN_TEXT;
	}
	return TOKEN_UNCLOSED;
}

static enum token_kind read_signs(struct lexer *lexer)
{
	static const struct {
		const char *sign;
		enum token_kind kind;
	} signs[] = {
		{ "==", TOKEN_EQUAL }, { "!=", TOKEN_NOT_EQUAL },  { "<=", TOKEN_LESS_EQUAL },
		{ "<", TOKEN_LESS },   { ">=", TOKEN_MORE_EQUAL }, { ">", TOKEN_MORE },
	};
	const char *start = lexer->line + lexer->at;
	size_t len = 0;

	while (is_one_of(peek(lexer, len), "=!<>~&|"))
		len++;
	lexer->at += len;
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (strlen(signs[i].sign) == len && memcmp(signs[i].sign, start, len) == 0)
			return signs[i].kind;
	return TOKEN_STRAY;
}

static enum token_kind read_mark(struct lexer *lexer)
{
	switch (lexer->line[lexer->at++]) {
	case '(':
		return TOKEN_OPEN;
	case ')':
		return TOKEN_CLOSE;
	case '[':
		return TOKEN_LIST_OPEN;
	case ']':
		return TOKEN_LIST_CLOSE;
	case ',':
		return TOKEN_COMMA;
	case '.':
		if (peek(lexer, 0) != '.')
			return TOKEN_STRAY;
		lexer->at++;
		return TOKEN_RANGE;
	default:
		/* All bytes of one character, so that a message never shows half of it. */
		while ((peek(lexer, 0) & 0xc0) == 0x80)
			lexer->at++;
		return TOKEN_STRAY;
	}
}

static enum token_kind read_token(struct lexer *lexer)
{
	const char c = peek(lexer, 0);

	if (lexer->at == lexer->len)
		return TOKEN_END;
	if (is_word_start(c))
		return read_word(lexer);
	if (is_digit(c) || (c == '-' && is_digit(peek(lexer, 1))))
		return read_quantity(lexer);
	if (c == '"' || c == '\'')
		return read_text(lexer);
	if (is_one_of(c, "=!<>~&|"))
		return read_signs(lexer);
	return read_mark(lexer);
}

struct token lexer_next(struct lexer *lexer)
{
	struct token token;

	skip_blanks(lexer);
	token.start = lexer->at;
	token.kind = read_token(lexer);
	token.end = lexer->at;
	return token;
}

struct token lexer_name(struct lexer *lexer)
{
	struct token token;

	skip_blanks(lexer);
	if (is_one_of(peek(lexer, 0), "\"'"))
		return lexer_next(lexer);
	token.start = lexer->at;
	while (lexer->at < lexer->len && !is_blank(lexer->line[lexer->at]) &&
	       !is_one_of(lexer->line[lexer->at], ")=!<>"))
		lexer->at++;
	token.end = lexer->at;
	token.kind = lexer->at == lexer->len && token.start == token.end ? TOKEN_END : TOKEN_NAME;
	return token;
}

/* Behind the text that starts here, or at the end of the line. */
static void skip_quoted(struct lexer *lexer)
{
	const char quote = lexer->line[lexer->at++];

	while (lexer->at < lexer->len) {
		const char c = lexer->line[lexer->at++];

		if (c == '\\' && lexer->at < lexer->len)
			lexer->at++;
		else if (c == quote)
			return;
	}
}

struct token lexer_path(struct lexer *lexer)
{
	struct token token;
	unsigned depth = 0;

	skip_blanks(lexer);
	token.start = lexer->at;
	while (lexer->at < lexer->len) {
		const char c = lexer->line[lexer->at];

		if (depth == 0 && (is_blank(c) || is_one_of(c, "),=!<>")))
			break;
		if (is_one_of(c, "\"'")) {
			skip_quoted(lexer);
			continue;
		}
		if (c == '[')
			depth++;
		else if (c == ']' && depth > 0)
			depth--;
		lexer->at++;
	}
	token.end = lexer->at;
	token.kind = lexer->at == lexer->len && token.start == token.end ? TOKEN_END : TOKEN_PATH;
	return token;
}

struct token lexer_regex(struct lexer *lexer)
{
	struct token token;

	skip_blanks(lexer);
	if (peek(lexer, 0) != '/')
		return lexer_next(lexer);
	token = (struct token){ .kind = TOKEN_UNCLOSED, .start = lexer->at++ };
	while (lexer->at < lexer->len && token.kind == TOKEN_UNCLOSED) {
		const char c = lexer->line[lexer->at++];

		if (c == '\\' && lexer->at < lexer->len)
			lexer->at++;
		else if (c == '/')
			token.kind = TOKEN_REGEX;
	}
	while (is_word(peek(lexer, 0)))
		lexer->at++;
	token.end = lexer->at;
	return token;
}

bool token_is(const struct token *token, const char *line, const char *word)
{
	const size_t len = token->end - token->start;

	return token->kind == TOKEN_WORD && strlen(word) == len &&
	       memcmp(line + token->start, word, len) == 0;
}

bool token_is_compare(enum token_kind kind)
{
	return kind >= TOKEN_EQUAL && kind <= TOKEN_MORE_EQUAL;
}
