/* exposition.h - metrics as text: what Prometheus reads, in either of its two formats.
 *
 * Sources: the text-based format 0.0.4 (Prometheus documentation, "Exposition formats"), and
 * OpenMetrics 1.0.0.  All samples of a family stand together behind its head.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

struct histogram;

enum exposition_format { EXPOSITION_TEXT, EXPOSITION_OPENMETRICS };

enum metric_kind { METRIC_GAUGE, METRIC_COUNTER, METRIC_HISTOGRAM };

struct exposition {
	enum exposition_format format;
	struct text *text; /* borrowed */
	bool has_label; /* of the sample that is being written */
};

/* What a reader asks for by Accept (RFC 9110, 12.5.1); NULL: nothing in particular. */
enum exposition_format exposition_choose(const char *accept);
const char *exposition_content_type(enum exposition_format format);

/* The head of a family: `name` is that of its samples, a counter's with its _total. */
void exposition_family(struct exposition *to, const char *name, enum metric_kind kind,
		       const char *help);

/* One sample: its name, each label, then the value. */
void exposition_begin(struct exposition *to, const char *name);
void exposition_label(struct exposition *to, const char *key, const char *value);
void exposition_value(struct exposition *to, double value);
void exposition_count(struct exposition *to, uint64_t value);

/* A family of one sample without labels. */
void exposition_gauge(struct exposition *to, const char *name, const char *help, double value);
void exposition_counter(struct exposition *to, const char *name, const char *help, double value);
/* Seconds; a bucket for each power of two. */
void exposition_histogram(struct exposition *to, const char *name, const char *help,
			  const struct histogram *histogram);
/* The samples of one histogram of a family, with a label; NULL: it has none. */
void exposition_spread(struct exposition *to, const char *name, const char *key, const char *value,
		       const struct histogram *histogram);

/* Behind the last family. */
void exposition_end(struct exposition *to);

/* A label's value with its quotes, escaped; bytes that are not UTF-8 become U+FFFD. */
void exposition_append_quoted(struct text *text, const char *value);
