/* page_endpoint.c - GET /endpoint/NAME[?span=]: one endpoint for people.
 *
 * What its checks came to is in the store, which is asked first; by the time that it answers,
 * the endpoint may be another, or gone.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/cleanup.h"
#include "base/html.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/units.h"
#include "history/past.h"
#include "model/check.h"
#include "model/evidence.h"
#include "model/maintenance.h"
#include "model/roster.h"
#include "probe/probe.h"
#include "status/events.h"
#include "status/inside.h"
#include "status/page.h"
#include "status/page_past.h"

enum { CHART_HEIGHT = 64, CHART_STEP = 10 };

static const char root[] = "../";

static void begin_fact(struct text *html, const char *name)
{
	text_print(html, "<div><dt>%s</dt><dd>", name);
}

static void print_fact(struct text *html, const char *name, const char *value)
{
	begin_fact(html, name);
	html_append(html, value);
	text_append(html, "</dd></div>\n");
}

static void print_span(struct text *html, const char *name, usec_t span)
{
	begin_fact(html, name);
	units_duration_show(html, span);
	text_append(html, "</dd></div>\n");
}

static void print_labels(struct text *html, const struct endpoint *endpoint)
{
	if (endpoint->labels_count == 0)
		return;
	begin_fact(html, "labels");
	for (unsigned i = 0; i < endpoint->labels_count; i++) {
		text_append(html, i > 0 ? ", " : "");
		html_append(html, endpoint->labels[i].key);
		text_append(html, "=");
		html_append(html, endpoint->labels[i].value);
	}
	text_append(html, "</dd></div>\n");
}

static void print_upkeep(struct text *html, const struct upkeep *upkeep)
{
	if (upkeep->until == USEC_NEVER)
		return;
	begin_fact(html, upkeep->is_open ? "maintenance until" : "next maintenance");
	units_time_print(html, upkeep->until);
	text_append(html, "</dd></div>\n");
}

static void print_facts(struct text *html, const struct call *call, const struct watch *watch,
			usec_t wall)
{
	const struct endpoint *endpoint = watch->endpoint;
	const usec_t next = next_check_wall(call->status, watch);

	text_append(html, "<dl>\n");
	print_fact(html, "target", endpoint->target);
	print_fact(html, "probe", endpoint->type->name);
	print_labels(html, endpoint);
	print_span(html, "interval", endpoint->interval);
	if (watch->last.wall) {
		begin_fact(html, "last check");
		page_print_age(html, watch->last.wall, wall);
		text_append(html, " ago</dd></div>\n");
		if (watch->last.latency != USEC_NEVER)
			print_span(html, "latency", watch->last.latency);
	}
	if (next != USEC_NEVER)
		print_span(html, "next check in", next > wall ? next - wall : 0);
	if (watch->upkeep)
		print_upkeep(html, watch->upkeep);
	text_append(html, "</dl>\n");
}

/* The last checks, the oldest first. */
struct checks {
	struct past_check list[PAST_CHECKS];
	unsigned count;
};

/* A bar for each check, as high as it was slow; one that measured nothing has the full height. */
static void print_bars(struct text *html, const struct checks *checks, uint32_t most)
{
	for (unsigned i = 0; i < checks->count; i++) {
		const struct past_check *past = &checks->list[i];
		const uint64_t share = (uint64_t)past->latency * (CHART_HEIGHT - 4) / most;
		const unsigned height = past->latency ? (unsigned)share + 4 : CHART_HEIGHT;

		text_print(
			html,
			"<rect class=\"%s\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"><title>",
			verdict_name(past->kind), i * CHART_STEP, CHART_HEIGHT - height,
			CHART_STEP - 2, height);
		units_time_print(html, past->at);
		text_print(html, " %s ", verdict_name(past->kind));
		if (past->latency)
			units_duration_show(html, past->latency);
		text_append(html, "</title></rect>");
	}
}

static void print_chart(struct text *html, const struct checks *checks)
{
	uint32_t most = 0, least = UINT32_MAX;

	for (unsigned i = 0; i < checks->count; i++) {
		const uint32_t latency = checks->list[i].latency;

		most = latency > most ? latency : most;
		least = latency && latency < least ? latency : least;
	}
	text_append(html, "<figure>\n");
	text_print(html,
		   "<svg class=\"chart\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" "
		   "role=\"img\" aria-labelledby=\"chart-head\">",
		   PAST_CHECKS * CHART_STEP, CHART_HEIGHT);
	print_bars(html, checks, most ? most : 1);
	text_print(html, "</svg>\n<figcaption id=\"chart-head\">Latency of the last %u checks",
		   checks->count);
	if (most) {
		text_append(html, ", from ");
		units_duration_show(html, least);
		text_append(html, " to ");
		units_duration_show(html, most);
	}
	text_append(html, "; oldest first.</figcaption>\n</figure>\n");
}

static void print_past(struct text *html, const struct past_check *past)
{
	text_append(html, "<tr><td>");
	units_time_print(html, past->at);
	text_print(html, "</td><td class=\"%s\">%s</td><td>", verdict_name(past->kind),
		   verdict_name(past->kind));
	if (past->class != CLASS_NONE)
		text_append(html, class_name(past->class));
	if (past->class != CLASS_NONE && past->phase < PHASES)
		text_print(html, " (%s)", phase_name(past->phase));
	text_append(html, "</td><td class=\"number\">");
	if (past->latency)
		units_duration_show(html, past->latency);
	text_append(html, "</td></tr>\n");
}

static void print_checks(struct text *html, const struct watch *watch)
{
	struct checks checks;

	checks.count = recent_read(watch->recent, checks.list);
	if (checks.count == 0)
		return;
	text_append(html, "<section aria-labelledby=\"checks-head\">\n<h2 id=\"checks-head\">Checks"
			  "</h2>\n");
	print_chart(html, &checks);
	text_append(html,
		    "<details><summary>As a table, newest first</summary>\n<table>\n<thead><tr>"
		    "<th scope=\"col\">at</th><th scope=\"col\">verdict</th><th "
		    "scope=\"col\">class</th><th scope=\"col\" class=\"number\">latency</th>"
		    "</tr></thead>\n<tbody>\n");
	for (unsigned i = checks.count; i > 0; i--)
		print_past(html, &checks.list[i - 1]);
	text_append(html, "</tbody>\n</table></details>\n</section>\n");
}

/* As it is kept, on lines of its own for people. */
static void print_evidence(struct text *html, const char *head, const struct evidence *evidence)
{
	json_t *json;
	char *lines;

	if (!evidence)
		return;
	json = json_loadb(evidence->json, evidence->len, JSON_DECODE_ANY, NULL);
	lines = json ? json_dumps(json, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
	text_print(html, "<details><summary>%s</summary>\n<pre tabindex=\"0\">", head);
	if (lines)
		html_append(html, lines);
	else
		html_append_len(html, evidence->json, evidence->len);
	text_append(html, "</pre></details>\n");
	free(lines);
	json_decref(json);
}

static void print_banner(struct text *html, const struct call *call, const struct watch *watch,
			 usec_t wall)
{
	const struct endpoint *endpoint = watch->endpoint;

	text_print(
		html,
		"<header class=\"banner\" data-s=\"%s\">\n<nav aria-label=\"Way back\"><a href=\"../\">All "
		"endpoints</a>",
		state_name(watch->standing.state));
	if (endpoint->group) {
		text_append(html, " › <a href=\"../?group=");
		html_append_part(html, endpoint->group->name);
		text_append(html, "\">");
		html_append(html, endpoint->group->name);
		text_append(html, "</a>");
	}
	text_append(html, "</nav>\n<h1 id=\"headline\">");
	html_append(html, endpoint->name);
	text_append(html, " is ");
	page_print_state(html, watch->standing.state);
	text_append(html, "</h1>\n<p>");
	if (watch->standing.since) {
		text_append(html, "for ");
		page_print_age(html, watch->standing.since, wall);
	}
	page_print_tags(html, call->status->roster, watch);
	text_append(html, " <span id=\"live\" role=\"status\"></span></p>\n");
	if (page_reason_of(watch)) {
		text_append(html, "<p class=\"reason\">");
		html_append(html, page_reason_of(watch));
		text_append(html, "</p>\n");
	}
	text_append(html, "</header>\n");
}

/* Somebody who waits for the page. */
struct viewing {
	struct call call; /* its query is over */
	char *name; /* owned; of the call */
	const struct page_span *span;
	struct past_request *request; /* borrowed; NULL: answered */
};

static void print_all(struct text *html, const struct viewing *viewing, const struct watch *watch,
		      const struct past *past)
{
	const struct call *call = &viewing->call;
	const usec_t wall = clock_wall();
	cleanup(text)
	struct text title = { 0 };
	struct page_head head = {
		.kind = "endpoint",
		.root = root,
		.name = watch->endpoint->name,
		.worst = watch->standing.state,
		.seq = events_last(call->status->events),
	};

	text_print(&title, "%s is %s · picket", watch->endpoint->name,
		   state_name(watch->standing.state));
	head.title = title.data;
	page_print_head(html, &head);
	print_banner(html, call, watch, wall);
	text_append(html, "<main id=\"main\">\n");
	print_facts(html, call, watch, wall);
	print_checks(html, watch);
	if (call->status->history)
		page_print_past(html, past, viewing->span);
	page_print_uptime(html, call->status->history, watch, wall);
	page_print_incidents(html, call->status, watch->endpoint->name, root, call->shows_detail);
	if (call->shows_detail) {
		print_evidence(html, "Evidence of the last failure", watch->evidence);
		print_evidence(html, "Evidence of the last success", watch->success);
	}
	text_append(html, "</main>\n");
	page_print_foot(html, root);
}

static void viewing_free(struct viewing *viewing)
{
	free(viewing->name);
	free(viewing);
}

static void came(struct past *past, void *context)
{
	struct viewing *viewing = context;
	struct call *call = &viewing->call;
	const struct watch *watch = roster_find(call->status->roster, call->name);
	cleanup(text)
	struct text html = { 0 };

	call->answer->lost = NULL;
	if (watch && call_sees(call, watch)) {
		print_all(&html, viewing, watch, past);
		page_set_headers(call->answer, true);
		answer_document(call->answer, 200, "text/html; charset=utf-8", &html);
	} else {
		page_answer_unknown(call);
	}
	viewing_free(viewing);
}

static void lost(struct answer *answer)
{
	struct viewing *viewing = answer->work;

	if (viewing->request)
		history_forget(viewing->request);
	viewing_free(viewing);
}

static void ask(struct viewing *viewing, const struct watch *watch)
{
	struct history *history = viewing->call.status->history;
	struct past_question question;
	struct past_request *request;

	page_span_question(viewing->span, clock_wall(), &question);
	/* Where it is answered at once, nothing of it is left here. */
	request = history_ask(history, watch, &question, came, viewing);
	if (request)
		viewing->request = request;
}

void page_endpoint_answer(struct call *call)
{
	static const char *const known[] = { "span", NULL };
	const struct watch *watch = roster_find(call->status->roster, call->name);
	struct viewing *viewing;
	const struct page_span *span;

	if (!call_check_query(call, known, NULL))
		return;
	span = page_span_find(query_find(call->query, "span"));
	if (!span) {
		answer_error(call->answer, 400, "bad_request",
			     "The value of 'span' is none of 24h, 7d, 30d and 365d.");
		return;
	}
	if (!watch || !call_sees(call, watch)) {
		page_answer_unknown(call);
		return;
	}
	viewing = MEMORY_NEW(struct viewing);
	viewing->call = *call;
	viewing->call.name = viewing->name = memory_text(call->name);
	viewing->call.query = NULL;
	viewing->span = span;
	call->answer->work = viewing;
	call->answer->lost = lost;
	if (call->status->history)
		ask(viewing, watch);
	else
		came(NULL, viewing);
}
