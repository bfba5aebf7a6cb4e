/* incidents.c - picketctl incidents, and picketctl ack: what went wrong, and who knows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/units.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/document.h"
#include "ctl/paint.h"

struct look_of {
	bool has_color, has_utf8;
};

/* "✗ critical  8kq2m5x0ab  shop  open for 3m12s  timeout: no first byte …" */
static void print_incident(const struct look_of *look, const json_t *incident)
{
	const char *severity = document_text(incident, "severity");
	const char *end = document_text(incident, "end");
	const enum state state = strcmp(severity, "critical") == 0 ? STATE_DOWN : STATE_DEGRADED;
	cleanup(text)
	struct text line = { 0 };

	paint_print(&line, paint_state(*end ? STATE_UP : state, look->has_utf8), severity,
		    look->has_color);
	text_append(&line, "  ");
	document_show(&line, incident, "id");
	text_append(&line, "  ");
	if (json_is_string(json_object_get(incident, "endpoint")))
		document_show(&line, incident, "endpoint");
	else
		text_append(&line, "(this host)");
	text_append(&line, "  ");
	text_append(&line, *end ? end : "open");
	text_append(&line, *end ? " after " : " for ");
	document_show_seconds(&line, incident, "duration");
	if (json_object_get(incident, "acknowledged"))
		text_append(&line, ", acknowledged");
	if (*document_text(incident, "class")) {
		text_append(&line, "  ");
		document_show_reason(&line, incident);
	}
	(void)puts(line.data);
}

/* One page; the path of the next one in `path`, which is empty after the last. */
static int print_page(const struct look_of *look, const char *query, struct text *path,
		      bool *has_any)
{
	cleanup(text)
	struct text body = { 0 };
	cleanup(json)
	json_t *page = NULL;
	json_t *incident;
	size_t i;
	int r = client_get(text_string(path), &body);

	if (r != 0)
		return r;
	text_clear(path);
	page = document_parse(&body);
	if (ctl_settings()->is_json)
		(void)fputs(text_string(&body), stdout);
	json_array_foreach(json_object_get(page, "incidents"), i, incident)
	{
		*has_any = true;
		if (!ctl_settings()->is_json)
			print_incident(look, incident);
	}
	if (*document_text(page, "next")) {
		text_print(path, "/v1/incidents?%safter=", query);
		client_escape(path, document_text(page, "next"));
	}
	return CTL_OK;
}

static int print_all(const char *query)
{
	const struct look_of look = { paint_has_color(stdout), paint_has_utf8() };
	cleanup(text)
	struct text path = { 0 };
	bool has_any = false;
	int r = CTL_OK;

	text_print(&path, "/v1/incidents?%s", query);
	while (r == CTL_OK && path.len)
		r = print_page(&look, query, &path, &has_any);
	if (r == CTL_OK && !has_any && !ctl_settings()->is_json)
		(void)puts("No incidents.");
	return r;
}

/* How long ago, as a time of the API. */
static int add_since(struct text *query, const char *ago)
{
	usec_t span;

	if (units_duration_parse(ago, strlen(ago), &span) < 0 || span > clock_wall()) {
		(void)fprintf(stderr, "picketctl: --since wants a duration, such as 24h.\n");
		return CTL_USAGE;
	}
	text_append(query, "since=");
	units_time_print(query, clock_wall() - span);
	text_append_char(query, '&');
	return CTL_OK;
}

int ctl_incidents(int argc, char **argv)
{
	static const struct option options[] = { { "open", no_argument, NULL, 'o' },
						 { "since", required_argument, NULL, 't' },
						 CTL_OPTIONS,
						 { 0 } };
	cleanup(text)
	struct text query = { 0 };
	int option, r = CTL_OK;

	optind = 0;
	while (r == CTL_OK && (option = getopt_long(argc, argv, "s:h", options, NULL)) >= 0) {
		if (option == 'o') {
			text_append(&query, "open=1&");
		} else if (option == 't') {
			r = add_since(&query, optarg);
		} else {
			const int taken = ctl_take_option(option, "incidents");

			if (taken < 0)
				return -1 - taken;
		}
	}
	if (r != CTL_OK)
		return r;
	if (argc - optind > 1) {
		(void)fprintf(stderr, "picketctl: 'incidents' takes one name or glob.\n");
		return CTL_USAGE;
	}
	if (optind < argc) {
		text_append(&query, "name=");
		client_escape(&query, argv[optind]);
		text_append_char(&query, '&');
	}
	return print_all(text_string(&query));
}

int ctl_ack(int argc, char **argv)
{
	static const struct option options[] = { { "comment", required_argument, NULL, 'c' },
						 CTL_OPTIONS,
						 { 0 } };
	const char *comment = NULL;
	cleanup(text)
	struct text path = { 0 }, body = { 0 }, line = { 0 };
	cleanup(json)
	json_t *incident = NULL;
	int option, code, r;

	optind = 0;
	while ((option = getopt_long(argc, argv, "s:h", options, NULL)) >= 0) {
		if (option == 'c') {
			comment = optarg;
		} else {
			r = ctl_take_option(option, "ack");
			if (r < 0)
				return -1 - r;
		}
	}
	if (argc - optind != 1) {
		(void)fprintf(stderr, "picketctl: 'ack' wants the id of an incident.\n");
		return CTL_USAGE;
	}
	text_append(&path, "/v1/incidents/");
	client_escape(&path, argv[optind]);
	text_append(&path, "/ack");
	if (comment) {
		text_append(&path, "?comment=");
		client_escape(&path, comment);
	}
	r = client_ask("POST", text_string(&path), &body, &code);
	if (r != 0)
		return r;
	if (code != 200)
		return client_refused(code, &body);
	if (ctl_settings()->is_json) {
		(void)fputs(text_string(&body), stdout);
		return CTL_OK;
	}
	incident = document_parse(&body);
	document_show(&line, incident, "id");
	text_append(&line, ": acknowledged");
	(void)puts(line.data);
	return CTL_OK;
}
