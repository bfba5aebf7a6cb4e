/* why.c - picketctl why: the last failure as evidence. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "ctl/chain.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/document.h"
#include "ctl/page.h"
#include "ctl/paint.h"
#include "ctl/waterfall.h"
#include "ctl/why.h"

static void print_expectations(struct page *page, const json_t *evidence)
{
	size_t i;
	json_t *line;

	if (json_array_size(json_object_get(evidence, "expectations")) == 0)
		return;
	page_end(page, 0);
	text_append(&page->line, "  expectations");
	page_end(page, 4);
	json_array_foreach(json_object_get(evidence, "expectations"), i, line)
	{
		const bool holds = json_is_true(json_object_get(line, "holds"));

		text_print(&page->line, "    %s ", page_mark(page, holds));
		page_show(page, line, "severity");
		text_append(&page->line, ": ");
		page_show(page, line, "line");
		page_end(page, 8);
		if (!*document_text(line, "value"))
			continue;
		text_append(&page->line, "        ");
		page_show(page, line, "value");
		page_end(page, 8);
	}
}

/* The other addresses of `ip: both` and `ip: each`. */
static void print_others(struct page *page, const json_t *evidence)
{
	size_t i;
	json_t *other;

	if (json_array_size(json_object_get(evidence, "others")) == 0)
		return;
	page_end(page, 0);
	text_append(&page->line, "  other addresses");
	page_end(page, 4);
	json_array_foreach(json_object_get(evidence, "others"), i, other)
	{
		const bool is_good = strcmp(document_text(other, "verdict"), "pass") == 0;

		text_print(&page->line, "    %s ", page_mark(page, is_good));
		page_show(page, other, "address");
		text_append(&page->line, *document_text(other, "address") ? "  " : "");
		page_show(page, other, "verdict");
		text_append(&page->line, " after ");
		document_show_seconds(&page->line, other, "latency");
		page_end(page, 8);
		if (is_good)
			continue;
		text_append(&page->line, "        ");
		document_show_reason(&page->line, other);
		page_end(page, 8);
	}
}

static void print_lines(struct page *page, const json_t *evidence, const char *key,
			const char *title)
{
	size_t i;
	json_t *line;

	if (json_array_size(json_object_get(evidence, key)) == 0)
		return;
	page_end(page, 0);
	text_print(&page->line, "  %s", title);
	page_end(page, 4);
	json_array_foreach(json_object_get(evidence, key), i, line)
	{
		text_append(&page->line, "    ");
		text_append_escaped(&page->line, json_string_value(line), json_string_length(line));
		page_end(page, 8);
	}
}

/* Line by line, so that what is shown keeps its shape and nothing else gets through. */
static void print_shape(struct page *page, const char *line)
{
	while (*line) {
		const size_t len = strcspn(line, "\n");

		text_append(&page->line, "    ");
		text_append_escaped(&page->line, line,
				    len > 0 && line[len - 1] == '\r' ? len - 1 : len);
		page_end(page, 4);
		line += len + (line[len] == '\n');
	}
}

/* How a program ended. */
static void print_process(struct page *page, const json_t *process)
{
	const char *errors = json_string_value(json_object_get(process, "stderr"));
	static const char *const keys[] = { "exit", "signal" };
	static const char *const titles[] = { "exit status", "signal" };

	for (size_t i = 0; i < 2; i++) {
		if (!json_object_get(process, keys[i]))
			continue;
		page_end(page, 0);
		text_print(&page->line, "  %s  %lld", titles[i],
			   (long long)json_integer_value(json_object_get(process, keys[i])));
		page_end(page, 4);
	}
	if (!errors)
		return;
	page_end(page, 0);
	text_append(&page->line, "  standard error");
	page_end(page, 4);
	print_shape(page, errors);
}

static void print_body(struct page *page, const json_t *evidence)
{
	const json_t *body = json_object_get(evidence, "body");
	const char *line = json_string_value(body);

	if (!line || !*line)
		return;
	page_end(page, 0);
	text_print(&page->line, "  body, %lld bytes%s%s",
		   (long long)json_integer_value(json_object_get(evidence, "size")),
		   json_is_true(json_object_get(evidence, "is_cut")) ? ", cut at the limit" : "",
		   json_is_true(json_object_get(evidence, "has_duplicate_names"))
			   ? ", which names a member twice: the last one counted"
			   : "");
	page_end(page, 4);
	print_shape(page, line);
}

static void print_summary(struct page *page, const json_t *evidence, const char *title)
{
	page_end(page, 0);
	text_append(&page->line, title);
	page_show_time(page, evidence, "at");
	text_append_char(&page->line, ':');
	page_end(page, 4);
	if (*document_text(evidence, "class")) {
		text_append(&page->line, "  ");
		page_show(page, evidence, "class");
		text_append(&page->line, " (");
		page_show(page, evidence, "phase");
		text_append(&page->line, "): ");
		page_show(page, evidence, "reason");
		page_end(page, 4);
	}
	if (json_object_get(evidence, "latency")) {
		text_append(&page->line, "  after ");
		document_show_seconds(&page->line, evidence, "latency");
	}
	if (*document_text(evidence, "address")) {
		text_append(&page->line, ", at ");
		page_show(page, evidence, "address");
	}
	if (page->line.len)
		page_end(page, 4);
}

static void print_failure(struct page *page, const json_t *evidence)
{
	const bool is_warning = strcmp(document_text(evidence, "verdict"), "warn") == 0;

	print_summary(page, evidence, is_warning ? "The last warning, " : "The last failure, ");
	print_expectations(page, evidence);
	waterfall_print(page, evidence);
	print_others(page, evidence);
	chain_print(page, json_object_get(evidence, "tls"));
	print_process(page, json_object_get(evidence, "process"));
	print_lines(page, evidence, "request", "request");
	print_lines(page, evidence, "headers", "headers");
	print_body(page, evidence);
}

static const char *fingerprint_of(const json_t *evidence)
{
	const json_t *tls = json_object_get(evidence, "tls");

	return document_text(json_array_get(json_object_get(tls, "chain"), 0), "fingerprint");
}

/* To see what is different: another certificate, another address, other times. */
static void print_success(struct page *page, const json_t *evidence, const json_t *failure)
{
	print_summary(page, evidence, "The last success, ");
	print_expectations(page, evidence);
	waterfall_print(page, evidence);
	if (strcmp(fingerprint_of(evidence), fingerprint_of(failure)) != 0)
		chain_print(page, json_object_get(evidence, "tls"));
}

static void print_head(struct page *page, const json_t *endpoint)
{
	const enum state state = state_find(document_text(endpoint, "state"));

	/* Colours take no room. */
	paint_print(page->text, paint_state(state, page->has_utf8),
		    state < STATES ? state_name(state) : "unknown", page->has_color);
	text_append(page->text, "  ");
	document_show(page->text, endpoint, "name");
	text_append(page->text, "  ");
	document_show(page->text, endpoint, "target");
	if (*document_text(endpoint, "since")) {
		text_append(&page->line, "  since ");
		page_show_time(page, endpoint, "since");
		text_append_char(page->text, page->width ? '\n' : ' ');
	}
	page_end(page, 2);
	if (*document_text(json_object_get(endpoint, "maintenance"), "until")) {
		text_append(&page->line, "  maintenance until ");
		page_show_time(page, json_object_get(endpoint, "maintenance"), "until");
		page_end(page, 2);
	}
}

void why_print(struct text *text, const json_t *endpoint, const struct why_look *look)
{
	const json_t *evidence = json_object_get(endpoint, "evidence");
	const json_t *success = json_object_get(endpoint, "evidence_success");
	cleanup(page)
	struct page page = { .text = text,
			     .width = look->width,
			     .has_color = look->has_color,
			     .has_utf8 = look->has_utf8,
			     .now_wall = look->now_wall };

	print_head(&page, endpoint);
	if (evidence)
		print_failure(&page, evidence);
	if (success)
		print_success(&page, success, evidence);
	if (!evidence && !success)
		text_append(text,
			    "No check of it has failed since the daemon began to watch it.\n");
}

static int show(const char *name)
{
	const struct why_look look = { .has_color = paint_has_color(stdout),
				       .has_utf8 = paint_has_utf8(),
				       .width = paint_width(),
				       .now_wall = clock_wall() };
	cleanup(text)
	struct text path = { 0 };
	cleanup(text)
	struct text body = { 0 };
	cleanup(text)
	struct text text = { 0 };
	cleanup(json)
	json_t *json = NULL;
	int r, code;

	text_append(&path, "/v1/endpoints/");
	client_escape(&path, name);
	r = client_ask("GET", path.data, &body, &code);
	if (r != 0)
		return r;
	if (code != 200) {
		r = client_refused(code, &body);
		return code == 404 ? CTL_NOT_UP : r;
	}
	if (ctl_settings()->is_json) {
		(void)fputs(text_string(&body), stdout);
		return CTL_OK;
	}
	json = document_parse(&body);
	why_print(&text, json, &look);
	(void)fputs(text.data, stdout);
	return CTL_OK;
}

int ctl_why(int argc, char **argv)
{
	static const struct option options[] = { CTL_OPTIONS, { 0 } };
	int option, r;

	optind = 0;
	while ((option = getopt_long(argc, argv, "s:h", options, NULL)) >= 0) {
		r = ctl_take_option(option, "why");
		if (r < 0)
			return -1 - r;
	}
	if (argc - optind != 1) {
		(void)fprintf(stderr, "picketctl: 'why' wants the name of one endpoint.\n");
		return CTL_USAGE;
	}
	return show(argv[optind]);
}
