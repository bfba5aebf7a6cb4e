/* scrape.c - GET /metrics/endpoints: the metrics of many endpoints, a slice a turn.
 *
 * All samples of a family have to stand together, so the endpoints are gone through once for
 * each family.  As in listing.c all that is kept between two slices is where we are: a family
 * and a name.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "status/families.h"
#include "status/filter.h"
#include "status/inside.h"

struct scrape {
	struct status *status; /* borrowed */
	struct answer *answer; /* borrowed */
	struct filter filter;
	enum exposition_format format;
	bool shows_detail;
	usec_t wall; /* of the request: what is told of spans is as of then */
	unsigned family;
	bool has_head; /* of that family */
	char *after; /* owned; the name that was looked at last for it, or NULL */
};

static void scrape_free(struct scrape *scrape)
{
	filter_done(&scrape->filter);
	free(scrape->after);
	free(scrape);
}

static void lost(struct answer *answer)
{
	scrape_free(answer->work);
}

static void print(struct scrape *scrape, struct exposition *to, const struct watch *watch)
{
	const struct probed one = {
		.endpoint = watch->endpoint,
		.last = &watch->last,
		.figures = watch->figures,
		.state = watch->standing.state,
		.is_stale = watch->is_stale,
		.shows_detail = scrape->shows_detail,
		.history = scrape->status->history,
		.watch = watch,
		.wall = scrape->wall,
	};

	(void)families_print(to, scrape->family, &one, &scrape->has_head);
}

/* The endpoints behind `after` that still fit; false where that was not the last of them. */
static bool print_family(struct scrape *scrape, struct exposition *to, struct slice *slice)
{
	const struct roster *roster = scrape->status->roster;
	const uint32_t start = scrape->after ? roster_behind(roster, scrape->after) : 0;
	uint32_t place = start;

	while (place < roster->count && !slice_is_full(slice, to->text)) {
		const struct watch *watch = roster->by_name[place++];

		if (filter_matches(&scrape->filter, watch))
			print(scrape, to, watch);
	}
	if (place == roster->count)
		return true;
	if (place > start) {
		free(scrape->after);
		scrape->after = memory_text(roster->by_name[place - 1]->endpoint->name);
	}
	return false;
}

static void next_slice(struct answer *answer)
{
	struct scrape *scrape = answer->work;
	cleanup(text)
	struct text text = { 0 };
	struct exposition to = { .format = scrape->format, .text = &text };
	struct slice slice = slice_begin();

	while (scrape->family < families_count() && print_family(scrape, &to, &slice)) {
		free(TAKE(scrape->after));
		scrape->family++;
		scrape->has_head = false;
	}
	if (scrape->family < families_count()) {
		answer_write_slice(answer, &text);
		return;
	}
	exposition_end(&to);
	scrape_free(scrape);
	answer_write(answer, &text);
	answer_end(answer);
}

void scrape_answer(struct call *call)
{
	static const char *const known[] = { "state", "group", "name", "label", NULL };
	struct filter filter = { 0 };
	const char *fault;
	struct scrape *scrape;

	if (!call_check_query(call, known, "label"))
		return;
	fault = filter_parse(call->query, &filter);
	if (fault) {
		answer_error(call->answer, 400, "bad_request",
			     "The value of '%s' makes no sense; see picket-api(7).", fault);
		return;
	}
	scrape = MEMORY_NEW(struct scrape);
	scrape->status = call->status;
	scrape->answer = call->answer;
	scrape->filter = filter;
	scrape->filter.sees_all = call->shows_detail;
	scrape->format = exposition_choose(answer_header(call->answer, "Accept"));
	scrape->shows_detail = call->shows_detail;
	scrape->wall = clock_wall();
	call->answer->work = scrape;
	call->answer->lost = lost;
	answer_begin(call->answer, exposition_content_type(scrape->format));
	answer_slices(call->answer, next_slice);
}
