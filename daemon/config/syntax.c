/* syntax.c - what is no YAML, in words that help. */
#include <string.h>
#include <yaml.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "config/syntax.h"

#define ADVICE_INDENT "; what belongs together stands exactly one below the other"

/* Whether nothing stands before that column. */
static bool may_be_indented(const char *line, size_t column)
{
	return strspn(line, " ") >= column;
}

/* Whether the line has one word before that column, as a key does. */
static bool is_key(const char *line, size_t column)
{
	const size_t start = strspn(line, " ");

	return start < column && start + strcspn(line + start, " :'\"") >= column;
}

/* What people run into, and what to do about it. */
static const char *advice_for(const yaml_parser_t *parser, const char *line, size_t len)
{
	const char *problem = parser->problem;
	const size_t column = parser->problem_mark.column;

	if (len > column && line[column] == '\t')
		return "; indent with blanks, not with tabs";
	if (len > column && (line[column] == '@' || line[column] == '`' || line[column] == '%'))
		return "; a text that begins so goes into quotes";
	if (strstr(problem, "mapping values are not allowed"))
		return is_key(line, column) ? ADVICE_INDENT
					    : "; a text with ': ' in it goes into quotes";
	if (memmem(line, len, "expect: [", 9) || memmem(line, len, "warn: [", 7))
		return "; write expectations one a line, each behind a '- '";
	if (strstr(problem, "unexpected end of stream"))
		return "; a quote, bracket or brace is not closed";
	if (strstr(problem, "expected '-' indicator") || strstr(problem, "expected <block end>"))
		return may_be_indented(line, column)
			       ? ADVICE_INDENT
			       : "; a text with quotes in it goes whole into quotes of the other kind";
	if (strstr(problem, "could not find expected ':'"))
		return "; write KEY: VALUE, with a blank behind the ':'";
	if (strstr(problem, "expected ',' or"))
		return "; a bracket or brace is not closed, or a text with [ ] { } or , needs quotes";
	return "";
}

/* A line that cannot be parsed may still be one that must not be shown. */
static bool may_hold_secret(const char *line, size_t len)
{
	static const char *const words[] = { "password", "bearer", "secret", "token", "://" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (memmem(line, len, words[i], strlen(words[i])))
			return true;
	return false;
}

void syntax_refuse(struct source *source, const yaml_parser_t *parser,
		   struct complaints *complaints)
{
	cleanup(text)
	struct text shown = { .limit_bytes = 100 };
	const struct place place = {
		.file = source->name,
		.line = (uint32_t)parser->problem_mark.line + 1,
		.column = (uint32_t)parser->problem_mark.column + 1,
	};
	size_t len;
	const char *line = source_line(source, place.line, &len);

	if (len && !may_hold_secret(line, len)) {
		text_append(&shown, ": '");
		text_append_len(&shown, line, len);
		text_append_char(&shown, '\'');
	}
	/* It names where the thing began that is not whole, when that is another line. */
	if (parser->context && parser->context_mark.line != parser->problem_mark.line)
		complain(complaints, &place, "%s %s that began in line %zu%s%s", parser->problem,
			 parser->context, parser->context_mark.line + 1,
			 advice_for(parser, line, len), text_string(&shown));
	else
		complain(complaints, &place, "%s%s%s%s%s", parser->problem,
			 parser->context ? " " : "", parser->context ? parser->context : "",
			 advice_for(parser, line, len), text_string(&shown));
}
