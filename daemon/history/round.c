/* round.c - what comes every five minutes: buckets are closed and written, old ones aged.
 *
 * A round begins a little after the five minutes are over, so that checks which began in them are in.
 * It goes in slices; the store is given no more than it takes in.
 */
#include "base/cleanup.h"
#include "history/inside.h"
#include "model/roster.h"

enum {
	CLOSED_A_TURN = 1000,
	FILLED_A_TURN = 500,
	ROWS_A_BATCH = 1000,
	ROWS_AHEAD = 4000, /* in the store's hands */
};

static const usec_t begin_after = 15 * USEC_PER_SEC;
static const usec_t next_slice = 20 * USEC_PER_MS, next_batch = 100 * USEC_PER_MS;
/* Nothing looked that long: this machine slept, or we were stopped. */
static const usec_t absent_after = USEC_PER_MIN;

static void submit(struct history *history, struct store_batch *batch)
{
	if (store_batch_rows(batch)->rows)
		store_submit(history->store, batch, NULL, NULL);
	else
		store_batch_free(batch);
}

static bool may_write(const struct history *history)
{
	const struct store_condition *condition =
		history->store ? store_condition(history->store) : NULL;

	return condition && condition->state == STORE_OK && condition->waiting < ROWS_AHEAD;
}

/* What no answer reaches back to. */
static usec_t horizon(const struct history *history, usec_t wall)
{
	return wall > history->settings.hours ? wall - history->settings.hours : 0;
}

static void close_one(struct history *history, uint32_t id, const struct roster *roster,
		      struct pack *rows)
{
	const struct round *round = &history->round;
	struct track *track = history_track_at(history, id);

	if (track->bucket.checks && (round->is_ending || track->bucket.span < round->span))
		history_close(history, track);
	if (roster && track->is_there && id < roster->room && roster->watches[id])
		timeline_trim(&track->timeline, horizon(history, history->beat),
			      roster->watches[id]->endpoint->name, rows);
}

/* A slice of the tracks: buckets that are older than the round are closed, and what is too old of
 * the timelines goes.  Whether that was the last one.
 */
static bool close_some(struct history *history, const struct roster *roster)
{
	struct round *round = &history->round;
	struct store_batch *batch = history->store ? store_batch_new() : NULL;

	for (unsigned i = 0; i < CLOSED_A_TURN && round->at < history->room; i++)
		close_one(history, round->at++, roster, batch ? store_batch_rows(batch) : NULL);
	if (batch)
		submit(history, batch);
	return round->at >= history->room;
}

static void add_rows(struct history *history, struct pack *into, struct pack *rows)
{
	history->waiting_bytes -= rows->bytes.len;
	if (into->rows == 0) {
		pack_done(into);
		*into = *rows;
	} else {
		into->begun = into->bytes.len + rows->begun;
		into->rows += rows->rows;
		text_append_len(&into->bytes, rows->bytes.data, rows->bytes.len);
		pack_done(rows);
	}
	*rows = (struct pack){ 0 };
}

/* Parts that follow each other, until they fill a batch; whether all are written. */
static bool write_some(struct history *history)
{
	struct round *round = &history->round;
	struct store_batch *batch;

	if (!may_write(history))
		return false;
	batch = store_batch_new();
	while (round->at < PARTS && store_batch_rows(batch)->rows < ROWS_A_BATCH) {
		struct pack *rows = &history->parts[round->at++];

		if (rows->rows)
			add_rows(history, store_batch_rows(batch), rows);
	}
	submit(history, batch);
	return round->at == PARTS;
}

/* A slice of the timelines that the file has not all of; whether that was the last one. */
static bool fill_some(struct history *history, const struct roster *roster)
{
	struct round *round = &history->round;
	struct store_batch *batch = store_batch_new();

	if (round->refill_at == 0)
		absences_pack(&history->absences, store_batch_rows(batch));
	for (unsigned i = 0; i < FILLED_A_TURN && round->refill_at < history->room; i++) {
		const uint32_t id = round->refill_at++;
		struct track *track = history_track_at(history, id);

		if (!track->is_there || !track->is_unkept || id >= roster->room ||
		    !roster->watches[id])
			continue;
		track->is_unkept = false;
		timeline_pack_all(&track->timeline, roster->watches[id]->endpoint->name,
				  store_batch_rows(batch));
	}
	submit(history, batch);
	return round->refill_at >= history->room;
}

void history_refill(struct history *history)
{
	for (uint32_t id = 0; id < history->room; id++)
		history_track_at(history, id)->is_unkept = true;
	history->round.refill_at = 0;
}

/* --- Turns -------------------------------------------------------------------------------- */

static void note_beat(struct history *history, usec_t wall)
{
	struct store_batch *batch;

	if (history->beat && wall > history->beat && wall - history->beat > absent_after) {
		batch = history->store ? store_batch_new() : NULL;
		absences_add(&history->absences, history->beat, wall,
			     batch ? store_batch_rows(batch) : NULL);
		if (batch)
			submit(history, batch);
	}
	history->beat = wall;
}

/* The next round begins when its time is over; a clock that was set begins one at once. */
static usec_t rest(struct history *history, usec_t wall)
{
	struct round *round = &history->round;
	const usec_t settled = wall > begin_after ? wall - begin_after : 0;
	const uint32_t span = (uint32_t)(settled / HISTORY_SPAN);
	const usec_t left = HISTORY_SPAN - settled % HISTORY_SPAN;

	if (round->span == span)
		return left < absent_after / 2 ? left : absent_after / 2;
	round->span = span;
	round->at = 0;
	round->step = ROUND_CLOSE;
	history_age(history, wall);
	if (may_write(history)) {
		struct store_batch *batch = store_batch_new();

		absences_trim(&history->absences, horizon(history, wall), store_batch_rows(batch));
		submit(history, batch);
	}
	return 0;
}

static usec_t take_step(struct history *history, const struct roster *roster, usec_t wall)
{
	struct round *round = &history->round;

	switch (round->step) {
	case ROUND_REST:
		return rest(history, wall);
	case ROUND_CLOSE:
		if (close_some(history, roster)) {
			round->step = history->store ? ROUND_WRITE : ROUND_REST;
			round->at = 0;
		}
		return next_slice;
	case ROUND_WRITE:
		if (!may_write(history) && store_condition(history->store)->state != STORE_OK)
			round->step = ROUND_REST;
		else if (write_some(history))
			round->step = ROUND_REST;
		return next_batch;
	}
	return USEC_PER_SEC;
}

usec_t history_turn(struct history *history, const struct roster *roster, struct moment moment)
{
	struct round *round = &history->round;
	const bool is_filling = round->refill_at != UINT32_MAX && history->store;
	usec_t wait;

	if (!history->has_begun)
		return USEC_PER_SEC;
	note_beat(history, moment.wall);
	if (history->wants_past)
		history_ask_marks(history, roster);
	if (is_filling && may_write(history)) {
		if (fill_some(history, roster))
			round->refill_at = UINT32_MAX;
		return next_batch;
	}
	wait = take_step(history, roster, moment.wall);
	return is_filling && wait > USEC_PER_SEC ? USEC_PER_SEC : wait;
}

bool history_flush(struct history *history)
{
	struct round *round = &history->round;

	if (!history->store || store_condition(history->store)->state != STORE_OK)
		return true;
	if (!round->is_ending) {
		round->is_ending = true;
		round->at = 0;
		round->step = ROUND_CLOSE;
	}
	if (round->step == ROUND_CLOSE) {
		if (!close_some(history, NULL))
			return false;
		round->at = 0;
		round->step = ROUND_WRITE;
	}
	return write_some(history);
}
