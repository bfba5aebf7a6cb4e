/* board_print.c - the page of all endpoints as HTML. */
#include <string.h>

#include "base/cleanup.h"
#include "base/html.h"
#include "base/text.h"
#include "base/units.h"
#include "model/roster.h"
#include "status/board.h"
#include "status/inside.h"
#include "status/page.h"

/* A line of latencies for each is worth its weight only where one can look at all of them. */
enum { SPARKS_MAX = 600 };

unsigned board_worst(const unsigned counts[STATES])
{
	unsigned i = 0;

	while (i < STATES - 1 && counts[page_order[i]] == 0)
		i++;
	return i;
}

static bool has_sparks(const struct board *board)
{
	return board->shown_count <= SPARKS_MAX;
}

static unsigned sum_of(const unsigned counts[STATES])
{
	unsigned sum = 0;

	for (unsigned i = 0; i < STATES; i++)
		sum += counts[i];
	return sum;
}

/* What is to be seen from across the room; the script says it in the same words. */
static void print_headline(struct text *html, const unsigned counts[STATES])
{
	const unsigned sum = sum_of(counts);
	const enum state worst = page_order[board_worst(counts)];
	const unsigned count = counts[worst];
	const char *verb = count == 1 ? "is" : "are";

	if (sum == 0)
		text_append(html, "No endpoints");
	else if (worst != STATE_UP && worst != STATE_PAUSED)
		text_print(html, "%u of %u %s %s", count, sum, verb, state_name(worst));
	else if (count == 1)
		text_print(html, "1 endpoint is %s", state_name(worst));
	else
		text_print(html, "All %u endpoints are %s", count, state_name(worst));
}

/* The parameters that a link keeps. */
static void print_kept(struct text *html, const struct board *board, bool keeps_state)
{
	const char *sign = "?";
	const struct {
		const char *key, *value;
	} kept[] = {
		{ "state", keeps_state && board->only != STATES ? state_name(board->only) : NULL },
		{ "group", board->filter.group },
		{ "name", board->filter.glob },
		{ "q", board->search },
	};

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		if (!kept[i].value)
			continue;
		text_print(html, "%s%s=", sign, kept[i].key);
		html_append_part(html, kept[i].value);
		sign = "&amp;";
	}
	for (unsigned i = 0; i < board->filter.labels_count; i++) {
		text_print(html, "%slabel=", sign);
		html_append_part(html, board->filter.labels[i].key);
		text_append(html, "%3A");
		html_append_part(html, board->filter.labels[i].value);
		sign = "&amp;";
	}
}

static void print_chip(struct text *html, const struct board *board, enum state state,
		       unsigned count)
{
	const bool is_current = board->only == state;
	cleanup(text)
	struct text kept = { 0 };

	print_kept(&kept, board, false);
	text_append(html, "<li");
	if (state != STATES)
		text_print(html, " data-s=\"%s\"", state_name(state));
	text_print(html, "><a href=\"./%s", text_string(&kept));
	if (state != STATES)
		text_print(html, "%sstate=%s", kept.len ? "&amp;" : "?", state_name(state));
	text_print(html, "\"%s>%s <b>%u</b></a></li>\n", is_current ? " aria-current=\"true\"" : "",
		   state == STATES ? "all" : state_name(state), count);
}

static void print_hidden(struct text *html, const char *key, const char *value)
{
	if (!value)
		return;
	text_print(html, "<input type=\"hidden\" name=\"%s\" value=\"", key);
	html_append(html, value);
	text_append(html, "\">");
}

static void print_nav(struct text *html, const struct board *board)
{
	text_append(html, "<nav aria-label=\"Filter\">\n<form role=\"search\" action=\"./\"><label "
			  "for=\"q\">Search</label><input id=\"q\" name=\"q\" type=\"search\" "
			  "autocomplete=\"off\" spellcheck=\"false\" value=\"");
	html_append(html, board->search ? board->search : "");
	text_append(html, "\">");
	print_hidden(html, "state", board->only == STATES ? NULL : state_name(board->only));
	print_hidden(html, "group", board->filter.group);
	print_hidden(html, "name", board->filter.glob);
	text_append(html, "<button>Search</button></form>\n<ul class=\"chips\" id=\"chips\">\n");
	print_chip(html, board, STATES, sum_of(board->counts));
	for (unsigned i = 0; i < STATES; i++)
		if (board->counts[page_order[i]] || board->only == page_order[i])
			print_chip(html, board, page_order[i], board->counts[page_order[i]]);
	text_append(html, "</ul>\n");
	if (board->filter.group) {
		text_append(html, "<p class=\"only\">Only group <b>");
		html_append(html, board->filter.group);
		text_append(html, "</b> · <a href=\"./\">all groups</a></p>\n");
	}
	text_append(html, "</nav>\n");
}

void board_print_top(const struct board *board, struct text *html)
{
	const enum state worst = page_order[board_worst(board->counts)];
	const usec_t wall = clock_wall();
	cleanup(text)
	struct text title = { 0 };
	cleanup(text)
	struct text at = { 0 };
	struct page_head head = {
		.kind = "board",
		.root = "",
		.worst = worst,
		.seq = board->seq,
		.is_partial = board->shown_count < board->matching || board->only != STATES ||
			      board->search || board->filter.group || board->filter.glob ||
			      board->filter.labels_count,
	};

	print_headline(&title, board->counts);
	text_append(&title, " · picket");
	head.title = title.data;
	page_print_head(html, &head);
	text_print(html, "<header class=\"banner\" data-s=\"%s\">\n<h1 id=\"headline\">",
		   state_name(worst));
	print_headline(html, board->counts);
	units_time_print(&at, wall);
	/* "2026-11-22T09:55:04.123Z", of which people want the time. */
	text_print(html,
		   "</h1>\n<p>as of <time id=\"asof\" datetime=\"%s\">%.8s UTC</time> <span "
		   "id=\"live\" role=\"status\"></span></p>\n</header>\n",
		   at.data, at.data + strlen("2026-11-22T"));
	print_nav(html, board);
	text_print(html, "<main id=\"main\" class=\"board%s\">\n",
		   has_sparks(board) ? " sparks" : "");
	text_append(html, "<section id=\"endpoints\" "
			  "aria-labelledby=\"endpoints-head\">\n<h2 id=\"endpoints-head\" "
			  "class=\"unseen\">Endpoints</h2>\n<p id=\"found\" class=\"none\" "
			  "role=\"status\"></p>\n");
	if (board->matching == 0)
		text_append(html, "<p class=\"none\">No endpoint matches.</p>\n");
}

static void print_group(struct text *html, const struct board *board, const struct section *section)
{
	text_append(html, "<section class=\"group\"><h3>");
	if (*section->name == '\0') {
		text_append(html, section == board->rest ? "Further groups" : "No group");
	} else {
		text_append(html, "<a href=\"./?group=");
		html_append_part(html, section->name);
		text_append(html, "\">");
		html_append(html, section->name);
		text_append(html, "</a>");
	}
	text_append(html, " <span class=\"sums\">");
	for (unsigned i = 0; i < STATES; i++)
		if (section->counts[page_order[i]])
			text_print(html, "<span data-s=\"%s\">%u %s</span> ",
				   state_name(page_order[i]), section->counts[page_order[i]],
				   state_name(page_order[i]));
	text_append(html, "</span></h3>\n<ul>\n");
}

static void print_row(struct text *html, const struct board *board, const struct watch *watch,
		      usec_t wall)
{
	const struct endpoint *endpoint = watch->endpoint;
	const struct standing *standing = &watch->standing;

	text_print(html, "<li data-s=\"%s\"><a href=\"endpoint/", state_name(standing->state));
	html_append_part(html, endpoint->name);
	text_append(html, "\">");
	html_append(html, endpoint->name);
	text_print(html, "</a> <b>%s</b> ", state_name(standing->state));
	if (standing->since)
		page_print_age(html, standing->since, wall);
	if (has_sparks(board))
		page_print_spark(html, watch);
	text_append(html, " <i>");
	if (watch->last.wall && watch->last.latency != USEC_NEVER)
		units_duration_show(html, watch->last.latency);
	text_append(html, "</i>");
	page_print_tags(html, board->status->roster, watch);
	if (page_reason_of(watch)) {
		text_append(html, "<p>");
		html_append(html, page_reason_of(watch));
		text_append(html, "</p>");
	}
	text_append(html, "</li>\n");
}

bool board_print_rows(struct board *board, struct text *html)
{
	const struct roster *roster = board->status->roster;
	const usec_t wall = clock_wall();
	struct slice slice = slice_begin();

	while (board->next < board->shown_count && !slice_is_full(&slice, html)) {
		const struct seat *seat = &board->shown[board->next];
		const struct watch *watch = roster_get(roster, seat->id, seat->generation);
		const bool is_first = board->next == 0 || seat[-1].section != seat->section;

		if (is_first && board->next > 0)
			text_append(html, "</ul></section>\n");
		if (is_first)
			print_group(html, board, board->sections[seat->section]);
		board->next++;
		/* A reload may have changed what everybody may see. */
		if (watch && (board->sees_all || watch->endpoint->is_public))
			print_row(html, board, watch, wall);
	}
	return board->next == board->shown_count;
}

void board_print_bottom(const struct board *board, struct text *html)
{
	if (board->shown_count)
		text_append(html, "</ul></section>\n");
	if (board->shown_count < board->matching)
		text_print(
			html,
			"<p class=\"more\">And %u more, none of them worse. Search for a name, or "
			"choose a group or a state, to see others.</p>\n",
			board->matching - board->shown_count);
	text_append(html, "</section>\n");
	page_print_incidents(html, board->status, NULL, "", board->sees_all);
	text_append(html, "</main>\n");
	page_print_foot(html, "");
}
