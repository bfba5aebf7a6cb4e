/* check.c - picketctl check: look now, and say what came of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/document.h"
#include "ctl/names.h"
#include "ctl/paint.h"

struct run {
	const struct names *names; /* borrowed */
	bool is_waiting;
	bool has_color, has_utf8;
	int worst; /* exit status */
};

static enum verdict_kind find_verdict(const char *name)
{
	for (enum verdict_kind kind = VERDICT_PASS; kind <= VERDICT_FAIL; kind++)
		if (strcmp(verdict_name(kind), name) == 0)
			return kind;
	return VERDICT_NONE;
}

static void print_expectations(struct text *line, const json_t *check)
{
	size_t i;
	json_t *expectation;

	json_array_foreach(json_object_get(check, "expectations"), i, expectation)
	{
		text_append(line, "\n    ");
		document_show(line, expectation, "line");
		text_append(line, ": ");
		document_show(line, expectation, "value");
	}
}

/* "✗ fail  shop  1.25s  timeout: …" */
static void print_verdict(struct run *run, const json_t *check)
{
	const enum verdict_kind kind = find_verdict(document_text(check, "verdict"));
	cleanup(text)
	struct text line = { 0 };

	if (kind == VERDICT_NONE)
		text_append(&line, "no verdict");
	else
		paint_print(&line, paint_verdict(kind, run->has_utf8), verdict_name(kind),
			    run->has_color);
	text_append(&line, "  ");
	document_show(&line, check, "name");
	if (json_object_get(check, "latency")) {
		text_append(&line, "  ");
		document_show_seconds(&line, check, "latency");
	}
	if (*document_text(check, "reason")) {
		text_append(&line, "  ");
		document_show_reason(&line, check);
	}
	print_expectations(&line, check);
	(void)puts(line.data);
	if (kind != VERDICT_PASS && run->worst == CTL_OK)
		run->worst = CTL_NOT_UP;
}

static void print_asked(const struct run *run, size_t index)
{
	const char *name = run->names->names[index];
	cleanup(text)
	struct text line = { 0 };

	text_append_escaped(&line, name, strlen(name));
	text_append(&line, ": is checked as soon as a permit is free");
	(void)puts(line.data);
}

static void answered(size_t index, int code, const struct text *body, void *context)
{
	struct run *run = context;
	cleanup(json)
	json_t *json = NULL;

	if (code != 200 && code != 202) {
		run->worst = client_refused(code, body);
		return;
	}
	json = document_parse(body);
	if (ctl_settings()->is_json)
		(void)fputs(text_string(body), stdout);
	if (code == 200 && ctl_settings()->is_json) {
		if (strcmp(document_text(json, "verdict"), "pass") != 0 && run->worst == CTL_OK)
			run->worst = CTL_NOT_UP;
	} else if (code == 200) {
		print_verdict(run, json);
	} else if (!ctl_settings()->is_json) {
		print_asked(run, index);
	}
	(void)fflush(stdout);
}

static int check_all(struct run *run)
{
	char **paths = memory_new(run->names->count, sizeof(*paths));
	int r;

	for (size_t i = 0; i < run->names->count; i++) {
		struct text path = { 0 };

		text_append(&path, "/v1/endpoints/");
		client_escape(&path, run->names->names[i]);
		text_append(&path, run->is_waiting ? "/check?wait=1" : "/check");
		paths[i] = text_take(&path);
	}
	r = client_post_all(paths, run->names->count, answered, run);
	for (size_t i = 0; i < run->names->count; i++)
		free(paths[i]);
	free(paths);
	return r != 0 ? r : run->worst;
}

int ctl_check(int argc, char **argv)
{
	static const struct option options[] = { { "wait", no_argument, NULL, 'w' },
						 CTL_OPTIONS,
						 { 0 } };
	struct run run = { .has_color = paint_has_color(stdout), .has_utf8 = paint_has_utf8() };
	struct names names = { 0 };
	int option, r;

	optind = 0;
	while ((option = getopt_long(argc, argv, "s:h", options, NULL)) >= 0) {
		if (option == 'w') {
			run.is_waiting = true;
		} else {
			r = ctl_take_option(option, "check");
			if (r < 0)
				return -1 - r;
		}
	}
	if (optind == argc) {
		(void)fprintf(stderr, "picketctl: 'check' wants the name of an endpoint.\n");
		return CTL_USAGE;
	}
	r = names_find(&names, argv + optind, argc - optind);
	run.names = &names;
	if (r == 0)
		r = check_all(&run);
	if (r == 0 && names.is_missing)
		r = CTL_NOT_UP;
	names_done(&names);
	return r;
}
