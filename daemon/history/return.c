/* return.c - an endpoint comes back with a reload: what the file has of its timeline is asked for. */
#include <stdlib.h>

#include "base/memory.h"
#include "history/inside.h"
#include "model/roster.h"

enum { NAMES_A_JOB = 200 };

struct comeback {
	struct history *history; /* borrowed; the loop's */
	const struct roster *roster; /* borrowed; the loop's */
	char *names[NAMES_A_JOB]; /* owned */
	unsigned count;
	struct pack rows; /* what was found */
};

void history_free_comeback(struct comeback *comeback)
{
	for (unsigned i = 0; i < comeback->count; i++)
		free(comeback->names[i]);
	pack_done(&comeback->rows);
	free(comeback);
}

static bool keep_row(const struct store_row *row, void *context)
{
	struct comeback *comeback = context;

	pack_begin(&comeback->rows, STORE_READ_MARKS);
	pack_text(&comeback->rows, row->values[0].data);
	pack_number(&comeback->rows, row->values[1].number);
	pack_number(&comeback->rows, row->values[2].number);
	pack_bytes(&comeback->rows, row->values[3].data, row->values[3].len);
	return true;
}

static int read_marks(struct store_session *session, void *context)
{
	struct comeback *comeback = context;
	int r = 0;

	for (unsigned i = 0; i < comeback->count && r == 0; i++) {
		struct pack question = { 0 };

		pack_begin(&question, STORE_ASK_MARKS);
		pack_text(&question, comeback->names[i]);
		r = store_session_ask(session, &question, keep_row, comeback);
		pack_done(&question);
	}
	return r;
}

/* Whatever came of it, from here on it is followed. */
static void came_back(int result, void *context)
{
	struct comeback *comeback = context;
	struct history *history = comeback->history;
	struct store_row row;
	size_t at = 0;

	history->comeback = NULL;
	while (result == 0 && pack_next(&comeback->rows, &at, &row))
		history_take(history, comeback->roster, &row, NULL);
	for (unsigned i = 0; i < comeback->count; i++) {
		const struct watch *watch = roster_find(comeback->roster, comeback->names[i]);
		struct track *track = watch ? history_track(history, watch) : NULL;

		if (!track || !track->wants_past)
			continue;
		track->wants_past = false;
		history_follow(history, watch, NULL);
	}
	history->round.refill_at = 0;
	history_free_comeback(comeback);
}

/* A name that the roster does not show yet is asked for later. */
static void choose(struct history *history, const struct roster *roster, struct comeback *comeback)
{
	for (uint32_t i = 0; i < roster->count && comeback->count < NAMES_A_JOB; i++) {
		const struct track *track = history_track(history, roster->by_name[i]);

		if (track && track->wants_past)
			comeback->names[comeback->count++] =
				memory_text(roster->by_name[i]->endpoint->name);
	}
}

void history_ask_marks(struct history *history, const struct roster *roster)
{
	struct comeback *comeback;

	if (history->comeback || !history->wants_past)
		return;
	comeback = MEMORY_NEW(struct comeback);
	comeback->history = history;
	comeback->roster = roster;
	choose(history, roster, comeback);
	if (comeback->count == 0) {
		history->wants_past = false;
		history_free_comeback(comeback);
	} else if (store_submit_work(history->store, read_marks, came_back, comeback) == 0) {
		history->comeback = comeback;
	} else {
		history_free_comeback(comeback);
	}
}
