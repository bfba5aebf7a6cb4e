/* exposition.c - metrics as text: what Prometheus reads, in either of its two formats. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/histogram.h"
#include "base/utf8.h"
#include "status/exposition.h"

/* The quality of a media range's parameters, in thousandths; 1 where there is none. */
static unsigned quality_of(const char *parameters, size_t len)
{
	const char *end = parameters + len;

	for (const char *at = parameters; at < end; at++) {
		if (*at != ';')
			continue;
		at++;
		at += strspn(at, " \t");
		if (end - at > 2 && (*at == 'q' || *at == 'Q') && at[1] == '=') {
			const double quality = strtod(at + 2, NULL);

			return quality >= 0 && quality <= 1 ? (unsigned)(quality * 1000) : 0;
		}
		at--;
	}
	return 1000;
}

/* How much a media type is wanted, in thousandths; the best of those that name it. */
static unsigned quality_for(const char *accept, const char *type)
{
	const size_t type_len = strlen(type);
	unsigned best = 0;

	while (*accept) {
		const size_t len = strcspn(accept, ",");
		const size_t blanks = strspn(accept, " \t");
		const char *range = accept + blanks;
		const size_t range_len = blanks < len ? strcspn(range, ",; \t") : 0;

		if (range_len == type_len && strncasecmp(range, type, type_len) == 0) {
			const unsigned quality =
				quality_of(range + range_len, len - blanks - range_len);

			best = quality > best ? quality : best;
		}
		accept += len + (accept[len] == ',');
	}
	return best;
}

enum exposition_format exposition_choose(const char *accept)
{
	unsigned openmetrics;

	if (!accept)
		return EXPOSITION_TEXT;
	openmetrics = quality_for(accept, "application/openmetrics-text");
	return openmetrics > 0 && openmetrics >= quality_for(accept, "text/plain")
		       ? EXPOSITION_OPENMETRICS
		       : EXPOSITION_TEXT;
}

const char *exposition_content_type(enum exposition_format format)
{
	return format == EXPOSITION_OPENMETRICS
		       ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
		       : "text/plain; version=0.0.4; charset=utf-8";
}

/* In OpenMetrics a family of counters is called without the _total that its samples have. */
static void append_family_name(struct exposition *to, const char *name, enum metric_kind kind)
{
	static const char suffix[] = "_total";
	size_t len = strlen(name);

	if (to->format == EXPOSITION_OPENMETRICS && kind == METRIC_COUNTER &&
	    len >= sizeof(suffix) && strcmp(name + len - (sizeof(suffix) - 1), suffix) == 0)
		len -= sizeof(suffix) - 1;
	text_append_len(to->text, name, len);
}

void exposition_family(struct exposition *to, const char *name, enum metric_kind kind,
		       const char *help)
{
	static const char *const kinds[] = { "gauge", "counter", "histogram" };

	text_append(to->text, "# HELP ");
	append_family_name(to, name, kind);
	text_append_char(to->text, ' ');
	text_append(to->text, help);
	text_append(to->text, "\n# TYPE ");
	append_family_name(to, name, kind);
	text_append_char(to->text, ' ');
	text_append(to->text, kinds[kind]);
	text_append_char(to->text, '\n');
}

void exposition_begin(struct exposition *to, const char *name)
{
	text_append(to->text, name);
	to->has_label = false;
}

/* The bytes from here on that stand for themselves, all ASCII. */
static size_t plain_len(const char *value)
{
	size_t len = 0;

	while (value[len] > 0 && value[len] != '"' && value[len] != '\\' && value[len] != '\n')
		len++;
	return len;
}

void exposition_append_quoted(struct text *text, const char *value)
{
	text_append_char(text, '"');
	for (;;) {
		size_t len = plain_len(value);
		uint32_t code = 0;

		text_append_len(text, value, len);
		value += len;
		if (*value == '\0')
			break;
		len = utf8_next(value, strlen(value), &code);
		if (code == '\n')
			text_append(text, "\\n");
		else if (code == '"' || code == '\\')
			text_print(text, "\\%c", (int)code);
		else if (len == 0)
			text_append(text, "\xef\xbf\xbd");
		else
			text_append_len(text, value, len);
		value += len ? len : 1;
	}
	text_append_char(text, '"');
}

void exposition_label(struct exposition *to, const char *key, const char *value)
{
	text_append_char(to->text, to->has_label ? ',' : '{');
	to->has_label = true;
	text_append(to->text, key);
	text_append_char(to->text, '=');
	exposition_append_quoted(to->text, value);
}

static void end_labels(struct exposition *to)
{
	if (to->has_label)
		text_append_char(to->text, '}');
	text_append_char(to->text, ' ');
}

void exposition_count(struct exposition *to, uint64_t value)
{
	end_labels(to);
	text_append_uint(to->text, value);
	text_append_char(to->text, '\n');
}

/* Millionths, without zeros at the end: durations are microseconds, and most numbers are whole. */
static void append_millionths(struct text *text, int64_t millionths)
{
	if (millionths < 0)
		text_append_char(text, '-');
	text_append_decimal(text, millionths < 0 ? 0 - (uint64_t)millionths : (uint64_t)millionths,
			    6);
}

/* As few digits as give the same number again. */
static void append_number(struct text *text, double value)
{
	const double scaled = value * 1e6;
	char digits[32];
	int precision = 6;

	if (isnan(value)) {
		text_append(text, "NaN");
	} else if (isinf(value)) {
		text_append(text, value > 0 ? "+Inf" : "-Inf");
	} else if (fabs(scaled) < 9e15 && (double)llround(scaled) / 1e6 == value) {
		append_millionths(text, llround(scaled));
	} else {
		do
			(void)snprintf(digits, sizeof(digits), "%.*g", precision, value);
		while (strtod(digits, NULL) != value && ++precision <= 17);
		text_append(text, digits);
	}
}

void exposition_value(struct exposition *to, double value)
{
	end_labels(to);
	append_number(to->text, value);
	text_append_char(to->text, '\n');
}

void exposition_gauge(struct exposition *to, const char *name, const char *help, double value)
{
	exposition_family(to, name, METRIC_GAUGE, help);
	exposition_begin(to, name);
	exposition_value(to, value);
}

void exposition_counter(struct exposition *to, const char *name, const char *help, double value)
{
	exposition_family(to, name, METRIC_COUNTER, help);
	exposition_begin(to, name);
	exposition_value(to, value);
}

/* One sample of a histogram, but for its own labels and its value. */
static void begin_part(struct exposition *to, const char *name, const char *part, const char *key,
		       const char *value)
{
	exposition_begin(to, name);
	text_append(to->text, part);
	if (key)
		exposition_label(to, key, value);
}

static void append_bucket(struct exposition *to, double bound, uint64_t count)
{
	text_append(to->text, to->has_label ? ",le=\"" : "{le=\"");
	append_number(to->text, bound);
	text_append(to->text, "\"} ");
	text_append_uint(to->text, count);
	text_append_char(to->text, '\n');
}

void exposition_spread(struct exposition *to, const char *name, const char *key, const char *value,
		       const struct histogram *histogram)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		const usec_t bound = histogram_bound(i);

		count += histogram->counts[i];
		/* Four buckets are a power of two; the last is all the rest. */
		if (i % 4 != 0 || bound == USEC_NEVER)
			continue;
		begin_part(to, name, "_bucket", key, value);
		append_bucket(to, (double)bound / USEC_PER_SEC, count);
	}
	begin_part(to, name, "_bucket", key, value);
	append_bucket(to, INFINITY, count);
	begin_part(to, name, "_sum", key, value);
	exposition_value(to, (double)histogram->sum / USEC_PER_SEC);
	begin_part(to, name, "_count", key, value);
	exposition_count(to, count);
}

void exposition_histogram(struct exposition *to, const char *name, const char *help,
			  const struct histogram *histogram)
{
	exposition_family(to, name, METRIC_HISTOGRAM, help);
	exposition_spread(to, name, NULL, NULL, histogram);
}

void exposition_end(struct exposition *to)
{
	if (to->format == EXPOSITION_OPENMETRICS)
		text_append(to->text, "# EOF\n");
}
