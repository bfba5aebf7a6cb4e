/* page_incidents.c - incidents for people: those that are open, and the last that are over. */
#include <string.h>

#include "alert/alert.h"
#include "base/cleanup.h"
#include "base/html.h"
#include "base/text.h"
#include "base/units.h"
#include "model/roster.h"
#include "status/events.h"
#include "status/inside.h"
#include "status/page.h"

/* Looks are a bound on what one turn of the loop costs. */
enum { OPEN_SHOWN = 30, CLOSED_SHOWN = 20, LOOKS = 6000 };

struct showing {
	const struct status *status;
	const char *name; /* of the endpoint; NULL: all */
	const char *root;
	bool sees_all;
	usec_t wall;
};

static bool is_wanted(const struct showing *showing, const struct incident *incident)
{
	if (showing->name)
		return incident->endpoint && strcmp(incident->endpoint, showing->name) == 0;
	return showing->sees_all || status_is_public(showing->status, incident->endpoint);
}

static void print_when(struct text *html, const struct showing *showing,
		       const struct incident *incident)
{
	text_append(html, "<span class=\"when\">");
	if (incident_is_open(incident)) {
		text_append(html, "for ");
		page_print_age(html, incident->started, showing->wall);
	} else {
		text_append(html, "lasted ");
		units_duration_show(html, incident->ended > incident->started
						  ? incident->ended - incident->started
						  : 0);
		text_append(html, ", ended <span class=\"nowrap\">");
		page_print_age(html, incident->ended, showing->wall);
		text_append(html, " ago</span>");
	}
	text_append(html, "</span>");
}

static void print_who(struct text *html, const struct acknowledgement *acknowledged)
{
	if (!acknowledged->at)
		return;
	text_append(html, " <span class=\"tag\">acknowledged");
	if (acknowledged->by) {
		text_append(html, " by ");
		html_append(html, acknowledged->by);
	}
	text_append(html, "</span>");
}

static void print_one(struct text *html, const struct showing *showing,
		      const struct incident *incident)
{
	const enum state shown = incident_is_open(incident) ? incident->state : STATE_UP;

	text_print(html, "<li data-s=\"%s\">", state_name(shown));
	if (incident->endpoint && !showing->name) {
		text_print(html, "<a href=\"%sendpoint/", showing->root);
		html_append_part(html, incident->endpoint);
		text_append(html, "\">");
		html_append(html, incident->endpoint);
		text_append(html, "</a> ");
	} else if (!incident->endpoint) {
		text_append(html, "<strong>picket itself</strong> ");
	}
	text_print(html, "<b>%s</b> ",
		   incident_is_open(incident) ? state_name(incident->state)
					      : incident_end_name(incident->end));
	print_when(html, showing, incident);
	print_who(html, &incident->acknowledged);
	if (incident->reason) {
		text_append(html, "<p>");
		html_append(html, incident->reason);
		text_append(html, "</p>");
	}
	text_append(html, "</li>\n");
}

/* Those that are open, or those that are over; false where there are more of them. */
static bool print_list(struct text *html, const struct showing *showing, bool is_open)
{
	const unsigned most = is_open ? OPEN_SHOWN : CLOSED_SHOWN;
	const struct incident *incident = NULL;
	unsigned count = 0;

	for (unsigned looks = 0; looks < LOOKS; looks++) {
		incident = alert_before(showing->status->alert, incident);
		if (!incident)
			return true;
		if (incident_is_open(incident) != is_open || !is_wanted(showing, incident))
			continue;
		if (count++ == most)
			return false;
		print_one(html, showing, incident);
	}
	return false;
}

static void print_part(struct text *html, const struct showing *showing, bool is_open)
{
	cleanup(text)
	struct text items = { 0 };
	const bool is_all = print_list(&items, showing, is_open);

	text_print(html, "<h3>%s</h3>\n", is_open ? "Open" : "Over");
	if (items.len) {
		text_append(html, "<ol>\n");
		text_append_len(html, items.data, items.len);
		text_append(html, "</ol>\n");
	} else {
		text_append(html, "<p class=\"none\">None.</p>\n");
	}
	if (!is_all)
		text_print(html,
			   "<p class=\"none\">And more: <a href=\"%sv1/incidents\">"
			   "all as JSON</a>.</p>\n",
			   showing->root);
}

void page_print_incidents(struct text *html, const struct status *status, const char *name,
			  const char *root, bool sees_all)
{
	const struct showing showing = {
		.status = status,
		.name = name,
		.root = root,
		.sees_all = sees_all,
		.wall = clock_wall(),
	};

	text_append(html, "<section id=\"incidents\" aria-labelledby=\"incidents-head\">\n"
			  "<h2 id=\"incidents-head\">Incidents</h2>\n");
	print_part(html, &showing, true);
	print_part(html, &showing, false);
	text_append(html, "</section>\n");
}

void page_incidents_answer(struct call *call)
{
	static const char *const known[] = { NULL };
	const struct page_head head = {
		.title = "Incidents · picket",
		.kind = "incidents",
		.root = "",
		.worst = STATE_PAUSED,
		.seq = events_last(call->status->events),
	};
	cleanup(text)
	struct text html = { 0 };

	if (!call_check_query(call, known, NULL))
		return;
	page_print_head(&html, &head);
	text_append(&html, "<header class=\"bar\"><h1 class=\"unseen\">Incidents of all "
			   "endpoints</h1><p><a href=\"./\">All endpoints</a></p><p "
			   "id=\"live\" role=\"status\"></p></header>\n<main id=\"main\">\n");
	page_print_incidents(&html, call->status, NULL, "", call->shows_detail);
	text_append(&html, "</main>\n");
	page_print_foot(&html, "");
	page_set_headers(call->answer, true);
	answer_document(call->answer, 200, "text/html; charset=utf-8", &html);
}
