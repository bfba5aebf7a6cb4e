/* listing.c - GET /v1/endpoints, /v1/history and /v1/config: many endpoints, a slice a turn.
 *
 * All that is kept between two slices are names, so endpoints may come and go
 * meanwhile.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "history/past.h"
#include "status/endpoint.h"
#include "status/filter.h"
#include "status/inside.h"
#include "status/member.h"

enum {
	FEW = 100, /* that are put in order and shown at once */
	LIMIT_MAX = 1000000,
	DAYS_MAX = 400,
	DAYS_USUAL = 90,
};

struct listing;

typedef void listing_print(struct text *json, const struct listing *listing,
			   const struct watch *watch);

struct listing {
	struct status *status; /* borrowed */
	struct answer *answer; /* borrowed */
	listing_print *print; /* one endpoint */
	struct filter filter;
	char *after; /* owned; the name that was looked at last, or NULL */
	char *last; /* owned; the name that was shown last, or NULL */
	unsigned long long left; /* that may still be shown */
	bool has_shown;
	bool shows_detail; /* addresses */
	unsigned days; /* of an overview, else 0 */
	usec_t edges[DAYS_MAX + 1]; /* when each of them begins */
};

static void listing_free(struct listing *listing)
{
	filter_done(&listing->filter);
	free(listing->after);
	free(listing->last);
	free(listing);
}

static void lost(struct answer *answer)
{
	listing_free(answer->work);
}

static void show(struct listing *listing, struct text *json, const struct watch *watch)
{
	if (listing->has_shown)
		text_append(json, ",\n");
	listing->has_shown = true;
	listing->left--;
	listing->print(json, listing, watch);
}

static void replace(char **name, const struct watch *watch)
{
	free(*name);
	*name = memory_text(watch->endpoint->name);
}

/* One slice in name order; true where it was the last. */
static bool collect(struct listing *listing, struct text *json)
{
	const struct roster *roster = listing->status->roster;
	const uint32_t start = listing->after ? roster_behind(roster, listing->after) : 0;
	struct slice slice = slice_begin();
	const struct watch *shown = NULL;
	bool is_last = false;
	uint32_t place = start;

	while (place < roster->count && !slice_is_full(&slice, json)) {
		const struct watch *watch = roster->by_name[place];

		if (filter_matches(&listing->filter, watch)) {
			is_last = listing->left == 0;
			if (is_last)
				break;
			show(listing, json, watch);
			shown = watch;
		}
		place++;
	}
	if (shown)
		replace(&listing->last, shown);
	if (place > start)
		replace(&listing->after, roster->by_name[place - 1]);
	if (place == roster->count) {
		/* Nothing is left for another page. */
		free(TAKE(listing->last));
		is_last = true;
	}
	return is_last;
}

static int compare_names(const void *a, const void *b)
{
	const struct watch *const *one = a, *const *other = b;

	return strcmp((*one)->endpoint->name, (*other)->endpoint->name);
}

/* All in a state that few are in: that costs these few, however many the others are. */
static void collect_few(struct listing *listing, struct text *json)
{
	const struct roster *roster = listing->status->roster;
	const struct list *head = &roster->by_state[listing->filter.state];
	const struct watch *few[FEW];
	unsigned count = 0, i;

	for (const struct list *link = head->after; link != head; link = link->after) {
		const struct watch *watch = LIST_ENTRY(link, const struct watch, by_state);

		/* What a reload under way has added is not shown yet. */
		if (count < FEW && filter_matches(&listing->filter, watch) &&
		    (!listing->after || strcmp(watch->endpoint->name, listing->after) > 0) &&
		    roster_find(roster, watch->endpoint->name) == watch)
			few[count++] = watch;
	}
	qsort(few, count, sizeof(few[0]), compare_names);
	for (i = 0; i < count && listing->left > 0; i++)
		show(listing, json, few[i]);
	if (i < count)
		replace(&listing->last, few[i - 1]);
}

static void finish(struct listing *listing, struct text *json)
{
	struct answer *answer = listing->answer;

	text_append_char(json, ']');
	if (listing->last)
		member_text(json, "next", listing->last);
	text_append(json, "}\n");
	answer_write(answer, json);
	listing_free(listing);
	answer_end(answer);
}

static void next_slice(struct answer *answer)
{
	struct listing *listing = answer->work;
	cleanup(text)
	struct text json = { 0 };

	if (collect(listing, &json))
		finish(listing, &json);
	else
		answer_write_slice(answer, &json);
}

/* `head` is the document up to the array of endpoints. */
static void begin(struct listing *listing, struct text *head)
{
	const enum state state = listing->filter.state;

	answer_begin(listing->answer, "application/json");
	if (state != STATES && listing->status->roster->in_state[state] <= FEW) {
		collect_few(listing, head);
		finish(listing, head);
	} else {
		answer_write(listing->answer, head);
		answer_slices(listing->answer, next_slice);
	}
}

/* NULL, where an error was answered. */
static struct listing *listing_new(struct call *call, listing_print *print)
{
	const char *limit = query_find(call->query, "limit");
	const char *after = query_find(call->query, "after");
	unsigned long long left = LIMIT_MAX;
	struct filter filter = { 0 };
	struct listing *listing;
	const char *fault = filter_parse(call->query, &filter);

	if (!fault && limit && query_number(limit, 1, LIMIT_MAX, &left) < 0)
		fault = "limit";
	if (fault) {
		filter_done(&filter);
		answer_error(call->answer, 400, "bad_request",
			     "The value of '%s' makes no sense; see picket-api(7).", fault);
		return NULL;
	}
	listing = MEMORY_NEW(struct listing);
	listing->status = call->status;
	listing->answer = call->answer;
	listing->print = print;
	listing->filter = filter;
	listing->filter.sees_all = call->shows_detail;
	listing->after = after ? memory_text(after) : NULL;
	listing->left = left;
	listing->shows_detail = call->shows_detail;
	call->answer->work = listing;
	call->answer->lost = lost;
	return listing;
}

static void print_state(struct text *json, const struct listing *listing, const struct watch *watch)
{
	const struct status *status = listing->status;

	text_append_char(json, '{');
	endpoint_print_members(json, status->roster, watch, next_check_wall(status, watch),
			       listing->shows_detail);
	history_print_uptime(json, status->history, watch, clock_wall());
	history_print_slo(json, status->history, watch, clock_wall());
	text_append_char(json, '}');
}

void listing_answer(struct call *call)
{
	static const char *const known[] = { "state", "group", "name", "label",
					     "limit", "after", NULL };
	cleanup(text)
	struct text head = { 0 };
	struct listing *listing;

	if (!call_check_query(call, known, "label"))
		return;
	listing = listing_new(call, print_state);
	if (!listing)
		return;
	text_append(&head, "{\"endpoints\":[");
	begin(listing, &head);
}

/* --- Days --------------------------------------------------------------------------------- */

static void print_overview(struct text *json, const struct listing *listing,
			   const struct watch *watch)
{
	text_append_char(json, '{');
	member_text(json, "name", watch->endpoint->name);
	if (watch->endpoint->group)
		member_text(json, "group", watch->endpoint->group->name);
	member_text(json, "state", state_name(watch->standing.state));
	history_print_days(json, listing->status->history, watch, listing->edges, listing->days);
	history_print_recent(json, watch);
	text_append_char(json, '}');
}

static void print_dates(struct text *json, const struct listing *listing)
{
	member(json, "days");
	text_append_char(json, '[');
	for (unsigned i = 0; i < listing->days; i++) {
		text_append(json, i ? ",\"" : "\"");
		units_time_print(json, listing->edges[i]);
		text_append_char(json, '"');
	}
	text_append_char(json, ']');
}

void overview_answer(struct call *call)
{
	static const char *const known[] = { "days",  "state", "group", "name",
					     "label", "limit", "after", NULL };
	const char *days = query_find(call->query, "days");
	unsigned long long count = DAYS_USUAL;
	cleanup(text)
	struct text head = { 0 };
	struct listing *listing;

	if (!call_check_query(call, known, "label"))
		return;
	if (days && query_number(days, 1, DAYS_MAX, &count) < 0) {
		answer_error(call->answer, 400, "bad_request", "'days' is a number from 1 to %d.",
			     DAYS_MAX);
		return;
	}
	listing = listing_new(call, print_overview);
	if (!listing)
		return;
	listing->days = (unsigned)count;
	past_days(clock_wall(), listing->days, listing->edges);
	text_append_char(&head, '{');
	print_dates(&head, listing);
	member(&head, "endpoints");
	text_append_char(&head, '[');
	begin(listing, &head);
}

/* --- Configuration ------------------------------------------------------------------------ */

static void print_config(struct text *json, const struct listing *listing,
			 const struct watch *watch)
{
	const struct status_requests *requests = &listing->status->requests;

	text_append_char(json, '{');
	member_text(json, "name", watch->endpoint->name);
	member(json, "config");
	requests->explain(watch, json, requests->engine);
	text_append_char(json, '}');
}

void config_answer(struct call *call)
{
	static const char *const known[] = { "group", "name", "label", "limit", "after", NULL };
	const struct status_requests *requests = &call->status->requests;
	cleanup(text)
	struct text head = { 0 };
	struct listing *listing;

	if (!call_check_query(call, known, "label"))
		return;
	listing = listing_new(call, print_config);
	if (!listing)
		return;
	text_append_char(&head, '{');
	member(&head, "config");
	requests->explain(NULL, &head, requests->engine);
	member(&head, "endpoints");
	text_append_char(&head, '[');
	begin(listing, &head);
}
