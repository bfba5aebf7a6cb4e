/* history.c - picketctl history: uptime and latency of an endpoint, for hours or for a year. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/units.h"
#include "ctl/bars.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/document.h"
#include "ctl/paint.h"

enum { LABEL_WIDTH = 11, WIDTH = 80 };

static const char *const kinds[] = { "up", "degraded", "down", "unknown", "paused", "maintenance" };
static const char *const latencies[] = { "min", "avg", "p50", "p95", "p99", "max" };

enum {
	MEDIAN = 2, /* among the latencies */
	KINDS = sizeof(kinds) / sizeof(kinds[0]),
	LATENCIES = sizeof(latencies) / sizeof(latencies[0]),
};

static usec_t time_of(const json_t *object, const char *key)
{
	const char *text = document_text(object, key);
	usec_t wall = 0;

	(void)units_time_parse(text, strlen(text), &wall);
	return wall;
}

static usec_t seconds_of(const json_t *object, const char *key)
{
	const double seconds = json_number_value(json_object_get(object, key));

	return seconds > 0 && seconds < 1e12 ? (usec_t)(seconds * 1e6 + 0.5) : 0;
}

/* Local time: the day where whole days are meant, else with hour and minute. */
static void show_time(struct text *line, usec_t wall, bool is_day)
{
	const time_t seconds = (time_t)(wall / USEC_PER_SEC);
	struct tm parts;
	char text[32];

	if (localtime_r(&seconds, &parts) &&
	    strftime(text, sizeof(text), is_day ? "%Y-%m-%d" : "%Y-%m-%d %H:%M", &parts))
		text_append(line, text);
}

/* "99.953 %"; three digits more where it would look like all. */
static void show_share(struct text *line, const json_t *object)
{
	const json_t *value = json_object_get(object, "uptime");
	const double share = json_number_value(value) * 100;

	if (!value)
		text_append(line, "unknown");
	else if (share >= 100 || share <= 0)
		text_append(line, share <= 0 ? "0 %" : "100 %");
	else
		text_print(line, share > 99.999 ? "%.6f %%" : "%.3f %%",
			   share > 99.999999 ? 99.999999 : share);
}

static void show_kinds(struct text *line, const json_t *times)
{
	const char *before = "";

	for (unsigned i = 0; i < KINDS; i++) {
		if (!json_object_get(times, kinds[i]))
			continue;
		text_append(line, before);
		text_append(line, kinds[i]);
		text_append_char(line, ' ');
		units_duration_show(line, seconds_of(times, kinds[i]));
		before = ", ";
	}
}

static void show_latency(struct text *line, const json_t *latency)
{
	for (unsigned i = 0; i < LATENCIES; i++) {
		text_append(line, i ? " " : "");
		text_append(line, latencies[i]);
		text_append_char(line, ' ');
		document_show_seconds(line, latency, latencies[i]);
	}
}

static void say(struct text *line)
{
	(void)puts(text_string(line));
	text_clear(line);
}

static void show_whole(const json_t *answer)
{
	const json_int_t unknown = json_integer_value(json_object_get(answer, "unknown"));
	cleanup(text)
	struct text line = { 0 };

	document_show(&line, answer, "name");
	text_append(&line, "  ");
	show_share(&line, answer);
	text_append(&line, " up, ");
	show_time(&line, time_of(answer, "from"), false);
	text_append(&line, " to ");
	show_time(&line, time_of(answer, "until"), false);
	say(&line);
	text_append(&line, "time       ");
	show_kinds(&line, json_object_get(answer, "time"));
	say(&line);
	text_print(&line, "checks     %" JSON_INTEGER_FORMAT ", %" JSON_INTEGER_FORMAT " failed",
		   json_integer_value(json_object_get(answer, "checks")),
		   json_integer_value(json_object_get(answer, "failed")));
	if (unknown)
		text_print(&line, ", %" JSON_INTEGER_FORMAT " could not tell", unknown);
	say(&line);
	if (!json_object_get(answer, "latency"))
		return;
	text_append(&line, "latency    ");
	show_latency(&line, json_object_get(answer, "latency"));
	say(&line);
}

/* What of each bucket a line of bars shows; below 0 where it is not known. */
static double *values_of(const json_t *buckets, bool of_latency)
{
	double *values = memory_new(json_array_size(buckets) + 1, sizeof(*values));
	const json_t *bucket;
	size_t i;

	json_array_foreach(buckets, i, bucket)
	{
		const json_t *value =
			of_latency ? json_object_get(json_object_get(bucket, "latency"), "p95")
				   : json_object_get(bucket, "uptime");

		values[i] = value ? json_number_value(value) : -1;
	}
	return values;
}

static size_t bars_width(void)
{
	const size_t width = paint_width() ? paint_width() : WIDTH;

	if (width < 2 * LABEL_WIDTH)
		return LABEL_WIDTH;
	return width - LABEL_WIDTH < BARS_MAX ? width - LABEL_WIDTH : BARS_MAX;
}

static void show_bars(const json_t *buckets)
{
	const size_t count = json_array_size(buckets);
	cleanup(free)
	double *shares = values_of(buckets, false);
	cleanup(free)
	double *lengths = values_of(buckets, true);
	cleanup(text)
	struct text line = { 0 };

	text_append(&line, "uptime     ");
	bars_print_shares(&line, shares, count, bars_width(), paint_has_utf8());
	say(&line);
	text_append(&line, "p95        ");
	bars_print_lengths(&line, lengths, count, bars_width(), paint_has_utf8());
	say(&line);
}

static void show_step(const json_t *bucket, bool is_day)
{
	const json_t *latency = json_object_get(bucket, "latency");
	cleanup(text)
	struct text line = { 0 };
	cleanup(text)
	struct text cell = { 0 };

	show_time(&cell, time_of(bucket, "at"), is_day);
	text_print(&line, "%-16s", text_string(&cell));
	text_clear(&cell);
	show_share(&cell, bucket);
	text_print(&line, "%12s%8" JSON_INTEGER_FORMAT "%8" JSON_INTEGER_FORMAT, text_string(&cell),
		   json_integer_value(json_object_get(bucket, "checks")),
		   json_integer_value(json_object_get(bucket, "failed")));
	for (unsigned i = MEDIAN; latency && i < LATENCIES; i++) {
		text_clear(&cell);
		document_show_seconds(&cell, latency, latencies[i]);
		text_print(&line, "%9s", text_string(&cell));
	}
	say(&line);
}

static void show_steps(const json_t *answer)
{
	const bool is_day = seconds_of(answer, "step") >= USEC_PER_DAY;
	const json_t *bucket;
	size_t i;

	(void)printf("\n%-16s%12s%8s%8s%9s%9s%9s%9s\n", "from", "uptime", "checks", "failed", "p50",
		     "p95", "p99", "max");
	json_array_foreach(json_object_get(answer, "buckets"), i, bucket) show_step(bucket, is_day);
}

static int show(const char *path, bool has_steps)
{
	cleanup(text)
	struct text body = { 0 };
	cleanup(json)
	json_t *answer = NULL;
	int r = client_get(path, &body);

	if (r != 0)
		return r;
	if (ctl_settings()->is_json) {
		(void)fputs(text_string(&body), stdout);
		return CTL_OK;
	}
	answer = document_parse(&body);
	show_whole(answer);
	show_bars(json_object_get(answer, "buckets"));
	if (has_steps)
		show_steps(answer);
	return CTL_OK;
}

/* Durations are checked here: the daemon's answer would speak of parameters. */
static int add_duration(struct text *path, const char *name, const char *value)
{
	usec_t span;

	if (units_duration_parse(value, strlen(value), &span) < 0 || span == 0) {
		(void)fprintf(stderr, "picketctl: --%s wants a duration, such as 24h.\n", name);
		return CTL_USAGE;
	}
	text_print(path, "%s%s=", strchr(text_string(path), '?') ? "&" : "?", name);
	client_escape(path, value);
	return CTL_OK;
}

int ctl_history(int argc, char **argv)
{
	static const struct option options[] = { { "since", required_argument, NULL, 't' },
						 { "step", required_argument, NULL, 'p' },
						 CTL_OPTIONS,
						 { 0 } };
	const char *since = NULL, *step = NULL;
	cleanup(text)
	struct text path = { 0 };
	int option, r = CTL_OK;

	optind = 0;
	while ((option = getopt_long(argc, argv, "s:h", options, NULL)) >= 0) {
		if (option == 't') {
			since = optarg;
		} else if (option == 'p') {
			step = optarg;
		} else {
			const int taken = ctl_take_option(option, "history");

			if (taken < 0)
				return -1 - taken;
		}
	}
	if (argc - optind != 1) {
		(void)fprintf(stderr, "picketctl: 'history' wants the name of an endpoint.\n");
		return CTL_USAGE;
	}
	text_append(&path, "/v1/endpoints/");
	client_escape(&path, argv[optind]);
	text_append(&path, "/history");
	if (since)
		r = add_duration(&path, "since", since);
	if (r == CTL_OK && step)
		r = add_duration(&path, "step", step);
	return r == CTL_OK ? show(text_string(&path), step != NULL) : r;
}
