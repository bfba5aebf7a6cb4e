/* keep.c - what outlives the process: watches go to the store.
 *
 * A watch is written at once when its state changes or is being made sure of, and now
 * and then otherwise: a streak that leads nowhere is worth no sync.  So that a steady
 * endpoint is not mistaken for one nobody looked at, the time of our last sign of life is
 * kept too; it was checked within its interval before that.
 */
#include <stdlib.h>

#include "alert/alert.h"
#include "base/cleanup.h"
#include "base/memory.h"
#include "engine/keep.h"
#include "history/history.h"
#include "model/kept.h"
#include "model/kept_pulse.h"

enum {
	/* At 100,000 endpoints these bound what is written while nothing happens. */
	SWEPT_A_TURN = 200,
	SWEEPS_A_ROUND = 6,
	/* While everything is to be written, as at the end. */
	ROWS_A_SLICE = 1000,
	INCIDENTS_A_SLICE = 300,
	ROWS_AHEAD = 4000,
	/* Numbers of events that are spoken for on the disk before they are used. */
	EVENTS_AHEAD = 1000000,
};

static const usec_t fill_every = 20 * USEC_PER_MS;

/* --- To the store ------------------------------------------------------------------------ */

void keep_submit(struct keep *keep, struct store_batch *batch)
{
	if (store_batch_rows(batch)->rows)
		store_submit(keep->store, batch, NULL, NULL);
	else
		store_batch_free(batch);
}

/* Of beats the file may have more before it was read. */
static void pack_watch(struct engine *engine, const struct watch *watch, struct pack *rows)
{
	const bool has_pulse = watch->pulse != NULL, is_loaded = engine->keep->is_loaded;

	kept_pack_watch(watch, rows);
	if (has_pulse && is_loaded)
		kept_pack_pulse(watch, rows);
	engine->members[watch->id].is_unkept = has_pulse && !is_loaded;
}

static void add_watch(struct engine *engine, const struct watch *watch, struct store_batch *batch)
{
	pack_watch(engine, watch, store_batch_rows(batch));
}

static void pack_meta(struct pack *rows, const char *key, uint64_t value)
{
	pack_begin(rows, STORE_PUT_META);
	pack_text(rows, key);
	pack_number(rows, (int64_t)value);
}

void keep_add_meta(struct engine *engine, struct store_batch *batch)
{
	struct keep *keep = engine->keep;
	struct pack *rows = store_batch_rows(batch);

	pack_meta(rows, "alive_at", clock_wall());
	pack_meta(rows, "anchor", engine->anchor);
	if (engine->status)
		keep->events_until = status_last_event(engine->status) + EVENTS_AHEAD;
	pack_meta(rows, "events_until", keep->events_until);
}

struct pack *keep_rows(struct engine *engine)
{
	struct keep *keep = engine->keep;

	if (!keep)
		return NULL;
	if (!keep->gathered)
		keep->gathered = store_batch_new();
	return store_batch_rows(keep->gathered);
}

void keep_commit(struct engine *engine)
{
	struct keep *keep = engine->keep;

	/* One without rows will do for the next, which is nearly always so. */
	if (keep && keep->gathered && store_batch_rows(keep->gathered)->rows)
		keep_submit(keep, TAKE(keep->gathered));
}

void keep_commit_then(struct engine *engine, void (*done)(int result, void *context), void *context)
{
	if (engine->keep && engine->keep->gathered)
		store_submit(engine->keep->store, TAKE(engine->keep->gathered), done, context);
}

void keep_later(struct engine *engine, const struct watch *watch)
{
	engine->members[watch->id].is_unkept = true;
}

void keep_watch(struct engine *engine, const struct watch *watch)
{
	struct pack *rows = keep_rows(engine);

	if (!rows)
		return;
	/* What the file has of one that nobody looked at yet must not be lost to less. */
	if (!engine->keep->is_loaded && watch->last.wall == 0) {
		keep_later(engine, watch);
		return;
	}
	pack_watch(engine, watch, rows);
}

void keep_pulse(struct engine *engine, const struct watch *watch)
{
	struct pack *rows = keep_rows(engine);

	if (!rows)
		return;
	if (engine->keep->is_loaded)
		kept_pack_pulse(watch, rows);
	else
		keep_later(engine, watch);
}

void keep_pack_drop(struct pack *rows, enum store_write statement, const char *name)
{
	pack_begin(rows, statement);
	pack_text(rows, name);
}

void keep_drop_pulse(struct engine *engine, const struct watch *watch)
{
	struct pack *rows = keep_rows(engine);

	if (rows)
		keep_pack_drop(rows, STORE_DROP_PULSE, watch->endpoint->name);
	keep_commit(engine);
}

void keep_drop(struct engine *engine, const struct watch *watch)
{
	struct pack *rows = keep_rows(engine);

	if (!rows)
		return;
	keep_pack_drop(rows, STORE_DROP_ENDPOINT, watch->endpoint->name);
	if (watch->pulse)
		keep_pack_drop(rows, STORE_DROP_PULSE, watch->endpoint->name);
}

/* Those of the next `ids` that are to be written, at most `rows`; whether a round is over. */
static bool sweep(struct engine *engine, uint32_t ids, unsigned rows, struct store_batch *batch)
{
	struct keep *keep = engine->keep;

	for (; ids > 0 && store_batch_rows(batch)->rows < rows; ids--) {
		const struct watch *watch;

		if (keep->at >= engine->roster.room) {
			keep->at = 0;
			return true;
		}
		watch = engine->roster.watches[keep->at++];
		if (watch && engine->members[watch->id].is_unkept &&
		    !engine->members[watch->id].is_leaving)
			add_watch(engine, watch, batch);
	}
	return false;
}

/* A slice of everything; whether that was the last one. */
static bool fill(struct engine *engine)
{
	struct store_batch *batch = store_batch_new();
	bool is_over = false;

	if (store_condition(engine->keep->store)->waiting >= ROWS_AHEAD) {
		/* The store has enough. */
	} else if (engine->keep->is_refilling) {
		engine->keep->is_refilling =
			!alert_pack_some(engine->alert, INCIDENTS_A_SLICE, store_batch_rows(batch));
	} else {
		is_over = sweep(engine, UINT32_MAX, ROWS_A_SLICE, batch);
	}
	keep_submit(engine->keep, batch);
	return is_over;
}

void keep_on_sweep(evutil_socket_t fd, short what, void *context)
{
	struct engine *engine = context;
	struct keep *keep = engine->keep;
	struct store_batch *batch;

	(void)fd;
	(void)what;
	if (keep->is_filling) {
		keep->is_filling = !fill(engine);
		engine_arm(keep->sweep, fill_every);
		return;
	}
	engine_arm(keep->sweep, KEEP_SWEEP_EVERY);
	/* Where nothing can be written, memory has the latest anyway. */
	if (!keep->is_loaded || store_condition(keep->store)->state != STORE_OK)
		return;
	batch = store_batch_new();
	(void)sweep(engine, engine->roster.room / SWEEPS_A_ROUND + 1, SWEPT_A_TURN, batch);
	keep_add_meta(engine, batch);
	keep_submit(keep, batch);
}

void keep_refill(struct engine *engine)
{
	struct keep *keep = engine->keep;

	for (uint32_t id = 0; id < engine->roster.room; id++)
		if (engine->roster.watches[id])
			engine->members[id].is_unkept = true;
	holds_pack(engine, keep_rows(engine));
	keep_commit(engine);
	alert_pack_begin(engine->alert);
	keep->is_refilling = true;
	history_refill(engine->history);
	keep->at = 0;
	keep->is_filling = true;
	engine_arm(keep->sweep, 0);
}

/* --- The end ----------------------------------------------------------------------------- */

bool keep_flush(struct engine *engine)
{
	struct keep *keep = engine->keep;

	if (!keep)
		return true;
	if (!keep->is_flushing) {
		keep->is_flushing = true;
		keep->at = 0;
	}
	if (!keep->is_flushed) {
		const bool is_good = store_condition(keep->store)->state == STORE_OK;
		struct store_batch *batch;

		if (is_good && !keep->is_filled && !(keep->is_filled = fill(engine)))
			return false;
		if (engine->history && !history_flush(engine->history))
			return false;
		batch = store_batch_new();
		keep_add_meta(engine, batch);
		keep_submit(keep, batch);
		keep->is_flushed = true;
		store_end(keep->store);
	}
	return store_is_idle(keep->store);
}

bool keep_done(struct engine *engine)
{
	/* A daemon that does not get as far as its start has no grace. */
	const usec_t by = engine->end_by ? engine->end_by : clock_now() + USEC_PER_SEC;
	struct keep *keep = engine->keep;
	bool is_whole;

	engine->vitals.store = NULL;
	is_whole = store_free(keep->store, by);
	event_free(keep->wake);
	event_free(keep->sweep);
	if (keep->gathered)
		store_batch_free(keep->gathered);
	pack_done(&keep->gone);
	free(TAKE(engine->keep));
	return is_whole;
}
