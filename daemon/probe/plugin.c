/* plugin.c - what a monitoring plugin prints: text, more text, performance data. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/process.h"
#include "probe/plugin.h"

enum { PERF_MAX = 256, NUMBER_BYTES = 64 };

/* A decimal number at `*at`, which moves behind it; locale and strtod()'s own words ("nan",
 * "0x") stay out.
 */
static bool read_number(const char **at, double *ret)
{
	const char *start = *at;
	const size_t sign = *start == '-' || *start == '+';
	size_t len = sign + strspn(start + sign, "0123456789.,");
	char number[NUMBER_BYTES];
	char *end;

	if (len > sign && (start[len] == 'e' || start[len] == 'E')) {
		const size_t exponent = strspn(start + len + 1, "+-0123456789");

		len += exponent ? exponent + 1 : 0;
	}
	if (len == sign || len >= sizeof(number))
		return false;
	memcpy(number, start, len);
	number[len] = '\0';
	/* Some plugins write as their locale has it. */
	for (char *comma = number; (comma = strchr(comma, ','));)
		*comma = '.';
	*ret = strtod(number, &end);
	*at = start + len;
	return *end == '\0' && isfinite(*ret);
}

int plugin_range_alerts(const char *range, double value)
{
	const bool is_inside = *range == '@';
	const char *at = range + is_inside;
	double start = 0, end = INFINITY;

	if (*at == '~') {
		start = -INFINITY;
		at++;
	} else if (*at != ':' && !read_number(&at, &start)) {
		return -EINVAL;
	}
	if (*at == ':') {
		at++;
		if (*at && !read_number(&at, &end))
			return -EINVAL;
	} else if (start != -INFINITY) {
		end = start;
		start = 0;
	} else {
		return -EINVAL;
	}
	if (*at || start > end)
		return -EINVAL;
	return (value >= start && value <= end) == is_inside;
}

/* What stands before the next of `ends`, or NULL where that is nothing. */
static char *take_part(const char **at, const char *ends)
{
	const size_t len = strcspn(*at, ends);
	char *part = len ? memory_text_len(*at, len) : NULL;

	*at += len;
	return part;
}

static char *take_field(const char **at)
{
	if (**at != ';')
		return NULL;
	(*at)++;
	return take_part(at, "; \t");
}

/* Plain up to the '=', or in quotes, where '' is one of them. */
static char *take_label(const char **at)
{
	struct text label = { 0 };

	if (**at != '\'')
		return take_part(at, "= \t");
	for ((*at)++; **at; (*at)++) {
		if (**at == '\'' && (*at)[1] != '\'')
			break;
		*at += **at == '\'';
		text_append_char(&label, **at);
	}
	if (**at != '\'' || label.len == 0) {
		text_done(&label);
		return NULL;
	}
	(*at)++;
	return text_take(&label);
}

static void take_value(const char **at, struct perf *perf)
{
	size_t len;

	perf->has_value = read_number(at, &perf->value);
	if (!perf->has_value)
		*at += strcspn(*at, "; \t"); /* "U" */
	len = strcspn(*at, "; \t");
	if (len >= sizeof(perf->unit))
		perf->has_value = false;
	else
		memcpy(perf->unit, *at, len);
	*at += len;
}

static enum perf_level level_of(const struct perf *perf)
{
	const int crit = perf->crit ? plugin_range_alerts(perf->crit, perf->value) : -EINVAL;
	const int warn = perf->warn ? plugin_range_alerts(perf->warn, perf->value) : -EINVAL;

	if (!perf->has_value || (crit < 0 && warn < 0))
		return PERF_NO_LEVEL;
	return crit > 0 ? PERF_CRITICAL : warn > 0 ? PERF_WARNING : PERF_OK;
}

/* One 'label'=value[unit];[warn];[crit];[min];[max]; false where it is none. */
static bool read_perf(const char **at, struct perf *ret)
{
	struct perf perf = { .label = take_label(at) };

	if (!perf.label || **at != '=') {
		free(perf.label);
		*at += strcspn(*at, " \t");
		return false;
	}
	(*at)++;
	take_value(at, &perf);
	perf.warn = take_field(at);
	perf.crit = take_field(at);
	perf.min = take_field(at);
	perf.max = take_field(at);
	*at += strcspn(*at, " \t");
	perf.level = level_of(&perf);
	*ret = perf;
	return true;
}

static void read_all_perf(const char *at, struct process_facts *facts)
{
	struct perf perf;

	while (facts->perf_count < PERF_MAX) {
		at += strspn(at, " \t");
		if (!*at)
			return;
		if (!read_perf(&at, &perf))
			continue;
		facts->perf = memory_grow(facts->perf, facts->perf_count + 1, sizeof(perf));
		facts->perf[facts->perf_count++] = perf;
	}
}

static char *trimmed(struct text *text)
{
	while (text->len && strchr(" \t\r\n", text->data[text->len - 1]))
		text->data[--text->len] = '\0';
	if (text->len)
		return text_take(text);
	text_done(text);
	return NULL;
}

void plugin_read(const char *output, size_t len, struct process_facts *facts)
{
	struct text said = { 0 }, more = { 0 }, perf = { 0 };
	bool is_perf = false; /* behind the '|' of the further lines all is */

	for (unsigned number = 0; len > 0; number++) {
		const char *newline = memchr(output, '\n', len);
		const size_t line = newline ? (size_t)(newline - output) : len;
		const char *bar = is_perf ? output - 1 : memchr(output, '|', line);
		const size_t words = is_perf ? 0 : bar ? (size_t)(bar - output) : line;
		struct text *text = number ? &more : &said;

		text_append_len(text, output, words);
		text_append_char(text, '\n');
		if (bar) {
			text_append_len(&perf, bar + 1, (size_t)(output + line - bar - 1));
			text_append_char(&perf, ' ');
		}
		is_perf = is_perf || (bar && number > 0);
		output += line + (newline != NULL);
		len -= line + (newline != NULL);
	}
	facts->said = trimmed(&said);
	facts->more = trimmed(&more);
	/* A NUL would hide the rest. */
	for (size_t i = 0; i < perf.len; i++)
		if (strchr("\r\n", perf.data[i]))
			perf.data[i] = ' ';
	read_all_perf(text_string(&perf), facts);
	text_done(&perf);
}
