/* why.c - picketctl why: the last failure as evidence. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/document.h"
#include "ctl/paint.h"
#include "ctl/why.h"

enum { BAR_WIDTH = 40 };

static const char *const phases[] = { "resolve",    "connect",	"tls",	"request",
				      "first_byte", "transfer", "judge" };

enum { PHASE_NAMES = sizeof(phases) / sizeof(phases[0]) };

static double seconds_of(const json_t *object, const char *key)
{
	const double seconds = json_number_value(json_object_get(object, key));

	return seconds > 0 ? seconds : 0;
}

static double sum_of(const json_t *object)
{
	double sum = 0;

	for (unsigned i = 0; i < PHASE_NAMES; i++)
		sum += seconds_of(object, phases[i]);
	return sum;
}

/* Where in a check that took `total` this phase lies: "    ████      ". */
static void print_bar(struct text *text, double start, double length, double total, bool has_utf8)
{
	const unsigned from = total > 0 ? (unsigned)(start / total * BAR_WIDTH) : 0;
	unsigned to = total > 0 ? (unsigned)((start + length) / total * BAR_WIDTH + 0.5) : 0;

	if (to > BAR_WIDTH)
		to = BAR_WIDTH;
	for (unsigned i = 0; i < BAR_WIDTH; i++) {
		const bool is_in = i >= from && (i < to || (i == from && length > 0));

		text_append(text, is_in ? (has_utf8 ? "█" : "#") : (has_utf8 ? "·" : "."));
	}
}

/* One line a phase; the bars of all hops share one scale. */
static double print_phases(struct text *text, const json_t *object, double start, double total,
			   const struct why_look *look)
{
	for (unsigned i = 0; i < PHASE_NAMES; i++) {
		const json_t *phase = json_object_get(object, phases[i]);

		if (!json_is_number(phase))
			continue;
		text_print(text, "    %-10s  ", phases[i]);
		print_bar(text, start, seconds_of(object, phases[i]), total, look->has_utf8);
		text_append(text, "  ");
		document_show_seconds(text, object, phases[i]);
		text_append_char(text, '\n');
		start += seconds_of(object, phases[i]);
	}
	return start;
}

static void print_hops(struct text *text, const json_t *evidence, const struct why_look *look)
{
	const json_t *hops = json_object_get(evidence, "hops");
	double start = 0, total = 0;
	size_t i;
	json_t *hop;

	json_array_foreach(hops, i, hop) total += sum_of(json_object_get(hop, "phases"));
	json_array_foreach(hops, i, hop)
	{
		text_print(text, "\n  hop %zu  ", i + 1);
		document_show(text, hop, "url");
		if (json_object_get(hop, "status"))
			text_print(text, "  status %lld",
				   (long long)json_integer_value(json_object_get(hop, "status")));
		if (*document_text(hop, "address")) {
			text_append(text, "  at ");
			document_show(text, hop, "address");
		}
		text_append_char(text, '\n');
		start = print_phases(text, json_object_get(hop, "phases"), start, total, look);
	}
	if (json_array_size(hops) > 0)
		return;
	text_append(text, "\n");
	(void)print_phases(text, json_object_get(evidence, "phases"), 0,
			   sum_of(json_object_get(evidence, "phases")), look);
}

static void print_expectations(struct text *text, const json_t *evidence)
{
	size_t i;
	json_t *finding;

	if (json_array_size(json_object_get(evidence, "expectations")) == 0)
		return;
	text_append(text, "\n  what did not hold\n");
	json_array_foreach(json_object_get(evidence, "expectations"), i, finding)
	{
		text_append(text, "    ");
		document_show(text, finding, "severity");
		text_append(text, ": ");
		document_show(text, finding, "line");
		text_append(text, "\n      ");
		document_show(text, finding, "value");
		text_append_char(text, '\n');
	}
}

static void print_chain(struct text *text, const json_t *tls)
{
	size_t i;
	json_t *certificate;

	if (!tls)
		return;
	text_append(text, "\n  TLS");
	if (*document_text(tls, "cipher")) {
		text_append(text, "  ");
		document_show(text, tls, "cipher");
	}
	text_append_char(text, '\n');
	json_array_foreach(json_object_get(tls, "chain"), i, certificate)
	{
		text_print(text, "    %zu  ", i);
		document_show(text, certificate, "subject");
		text_append(text, "\n       signed by ");
		document_show(text, certificate, "issuer");
		text_append(text, "\n       valid from ");
		document_show(text, certificate, "not_before");
		text_append(text, " to ");
		document_show(text, certificate, "not_after");
		text_append_char(text, '\n');
	}
}

static void print_headers(struct text *text, const json_t *evidence)
{
	size_t i;
	json_t *header;

	if (json_array_size(json_object_get(evidence, "headers")) == 0)
		return;
	text_append(text, "\n  headers\n");
	json_array_foreach(json_object_get(evidence, "headers"), i, header)
	{
		text_append(text, "    ");
		text_append_escaped(text, json_string_value(header), json_string_length(header));
		text_append_char(text, '\n');
	}
}

/* How a program ended. */
static void print_process(struct text *text, const json_t *process)
{
	const json_t *ended = json_object_get(process, "exit");
	const char *errors = json_string_value(json_object_get(process, "stderr"));

	if (ended)
		text_print(text, "\nexit status  %lld\n", (long long)json_integer_value(ended));
	if (json_object_get(process, "signal"))
		text_print(text, "\nsignal  %lld\n",
			   (long long)json_integer_value(json_object_get(process, "signal")));
	if (!errors)
		return;
	text_append(text, "\nstandard error\n");
	while (*errors) {
		const size_t len = strcspn(errors, "\n");

		text_append(text, "  ");
		text_append_escaped(text, errors, len);
		text_append_char(text, '\n');
		errors += len + (errors[len] == '\n');
	}
}

/* Line by line, so that what is shown keeps its shape and nothing else gets through. */
static void print_body(struct text *text, const json_t *evidence)
{
	const json_t *body = json_object_get(evidence, "body");
	const char *line = json_string_value(body);

	if (!line || !*line)
		return;
	text_print(text, "\n  body, %lld bytes%s%s\n",
		   (long long)json_integer_value(json_object_get(evidence, "size")),
		   json_is_true(json_object_get(evidence, "is_cut")) ? ", cut at the limit" : "",
		   json_is_true(json_object_get(evidence, "has_duplicate_names"))
			   ? ", which names a member twice: the last one counted"
			   : "");
	while (*line) {
		const size_t len = strcspn(line, "\n");

		text_append(text, "    ");
		text_append_escaped(text, line, len > 0 && line[len - 1] == '\r' ? len - 1 : len);
		text_append_char(text, '\n');
		line += len + (line[len] == '\n');
	}
}

static void print_evidence(struct text *text, const json_t *evidence, const struct why_look *look)
{
	text_append(text, "\nThe last failure, ");
	document_show(text, evidence, "at");
	text_append(text, ":\n  ");
	document_show(text, evidence, "class");
	if (*document_text(evidence, "phase")) {
		text_append(text, " (");
		document_show(text, evidence, "phase");
		text_append_char(text, ')');
	}
	text_append(text, ": ");
	document_show(text, evidence, "reason");
	text_append(text, "\n  after ");
	document_show_seconds(text, evidence, "latency");
	if (*document_text(evidence, "address")) {
		text_append(text, ", at ");
		document_show(text, evidence, "address");
	}
	text_append_char(text, '\n');
	print_expectations(text, evidence);
	print_hops(text, evidence, look);
	print_chain(text, json_object_get(evidence, "tls"));
	print_process(text, json_object_get(evidence, "process"));
	print_headers(text, evidence);
	print_body(text, evidence);
}

void why_print(struct text *text, const json_t *endpoint, const struct why_look *look)
{
	const json_t *evidence = json_object_get(endpoint, "evidence");
	const char *word = document_text(endpoint, "state");
	const enum state state = state_find(word);

	paint_print(text, paint_state(state, look->has_utf8),
		    state < STATES ? state_name(state) : "unknown", look->has_color);
	text_append(text, "  ");
	document_show(text, endpoint, "name");
	text_append(text, "  ");
	document_show(text, endpoint, "target");
	if (*document_text(endpoint, "since")) {
		text_append(text, "  since ");
		document_show(text, endpoint, "since");
	}
	text_append_char(text, '\n');
	if (evidence)
		print_evidence(text, evidence, look);
	else
		text_append(text,
			    "No check of it has failed since the daemon began to watch it.\n");
}

static int show(const char *name)
{
	const struct why_look look = { .has_color = paint_has_color(stdout),
				       .has_utf8 = paint_has_utf8() };
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
