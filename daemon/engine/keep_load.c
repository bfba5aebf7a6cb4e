/* keep_load.c - what outlives the process: watches come back from the store. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "alert/alert.h"
#include "alert/teller.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/memory.h"
#include "config/snapshot.h"
#include "engine/keep.h"
#include "health/health.h"
#include "history/history.h"
#include "loop/notify.h"
#include "model/kept.h"
#include "schedule/schedule.h"

enum { COLLECTED_A_TURN = 64 };

/* At the start: for the file to open, and for what is in it. */
static const usec_t patience_to_open = 10 * USEC_PER_SEC;
static const usec_t patience_to_load = 60 * USEC_PER_SEC;
/* The clock was set, or this is another boot: then the grid begins anew. */
static const usec_t anchor_slack = USEC_PER_MIN;

/* --- From the store ---------------------------------------------------------------------- */

static void opened(const struct pack *meta, void *context)
{
	struct engine *engine = context;
	struct keep *keep = engine->keep;
	struct store_row row;
	size_t at = 0;

	while (pack_next(meta, &at, &row)) {
		const char *key = row.values[0].data;
		const uint64_t value = (uint64_t)row.values[1].number;

		if (row.count != 2 || !key || row.values[1].kind != STORE_NUMBER ||
		    row.values[1].number < 0)
			continue;
		if (strcmp(key, "alive_at") == 0)
			keep->alive_wall = value;
		else if (strcmp(key, "anchor") == 0)
			keep->anchor = value;
		else if (strcmp(key, "events_until") == 0)
			keep->events_from = value;
	}
	keep->is_opened = true;
	/* Where the file opens late. */
	if (engine->history)
		history_opened(engine->history, keep->alive_wall, engine->vitals.started_wall);
}

/* When it was checked for certain, by its row or by our sign of life. */
static usec_t seen_wall(const struct keep *keep, const struct watch *watch)
{
	const usec_t interval = watch->endpoint->interval;
	const usec_t alive = keep->alive_wall > interval ? keep->alive_wall - interval : 0;

	return watch->last.wall && alive > watch->last.wall ? alive : watch->last.wall;
}

static void take_up(struct engine *engine, struct watch *watch)
{
	const usec_t wall = clock_wall(), seen = seen_wall(engine->keep, watch);
	const usec_t interval = watch->endpoint->interval;
	const bool was_checked = watch->last.wall > 0;

	if (watch->evidence)
		evidence_shelve(&engine->shelf, &watch->evidence);
	watch->is_stale = was_checked && wall > seen && wall - seen > 2 * interval;
	if (watch->is_stale) {
		health_forget(&watch->standing);
	} else {
		health_recall(watch);
		health_return(&watch->standing, &watch->endpoint->terms->confirm);
	}
	roster_set_state(&engine->roster, watch, watch->standing.state);
	roll_follow_state(engine, watch);
	roll_follow_pause(engine, watch);
	if (watch->is_paused)
		return;
	if (watch->standing.leaning != watch->standing.state)
		schedule_now(engine->schedule, watch->id, clock_now());
	else if (was_checked && wall >= watch->last.wall && wall - watch->last.wall <= interval)
		schedule_return(engine->schedule, watch->id, clock_now());
}

static void row_came(const struct store_row *row, void *context)
{
	struct engine *engine = context;
	struct watch *watch;
	struct store_row renamed;

	row = rename_row(engine, row, &renamed);
	if (row->statement == STORE_READ_SILENCES) {
		holds_load(engine, row, &engine->keep->gone);
		return;
	}
	if (row->statement == STORE_READ_INCIDENTS || row->statement == STORE_READ_TOLD) {
		alert_take(engine->alert, row);
		return;
	}
	if (row->statement == STORE_READ_NOTIFICATIONS) {
		teller_take_notification(engine->teller, row, clock_now());
		return;
	}
	if (row->statement == STORE_READ_MARKS || row->statement == STORE_READ_ABSENCES) {
		history_take(engine->history, &engine->roster, row, &engine->keep->gone);
		return;
	}
	watch = roster_find(&engine->roster, kept_name(row));
	if (row->statement == STORE_READ_PULSES) {
		if (watch && watch->pulse)
			heartbeat_return(engine, watch, row);
		else
			keep_pack_drop(&engine->keep->gone, STORE_DROP_PULSE, kept_name(row));
		return;
	}
	if (!watch) {
		keep_pack_drop(&engine->keep->gone, STORE_DROP_ENDPOINT, kept_name(row));
		return;
	}
	/* Where the file came late, what was seen since the start counts more. */
	if (watch->last.wall == 0 && !watch->is_in_flight && kept_take_watch(watch, row))
		take_up(engine, watch);
}

static void loaded(void *context)
{
	struct engine *engine = context;
	struct keep *keep = engine->keep;
	struct store_batch *batch = store_batch_new();

	keep->is_loaded = true;
	history_loaded(engine->history, &keep->gone);
	*store_batch_rows(batch) = keep->gone;
	keep->gone = (struct pack){ 0 };
	alert_loaded(engine->alert, &engine->roster, clock_moment(), store_batch_rows(batch));
	keep_add_meta(engine, batch);
	keep_submit(keep, batch);
	outbox_retell(engine);
	holds_follow(engine);
	tell_soon(engine);
}

static void refill(void *engine)
{
	keep_refill(engine);
}

static void changed(void *context)
{
	struct engine *engine = context;
	struct keep *keep = engine->keep;
	const struct store_condition *condition = store_condition(keep->store);
	const struct log_field fields[] = { { "PICKET_REASON", condition->fault }, { 0 } };

	if (condition->state == STORE_FAILING) {
		keep->has_failed = true;
		log_event(LOG_ERR, LOG_STORE_FAILING, fields,
			  "%s; going on from memory, and trying again", condition->fault);
	} else if (condition->state == STORE_OK && keep->has_failed) {
		keep->has_failed = false;
		log_event(LOG_NOTICE, LOG_STORE_WORKS, NULL, "the store works again");
	}
}

static void noticed(const char *sentence, void *context)
{
	const struct log_field fields[] = { { "PICKET_REASON", sentence }, { 0 } };

	(void)context;
	log_event(LOG_WARNING, LOG_STORE_FAILING, fields, "%s", sentence);
}

static void on_wake(evutil_socket_t fd, short what, void *context)
{
	struct engine *engine = context;
	unsigned collected = 0;

	(void)fd;
	(void)what;
	while (store_collect(engine->keep->store))
		if (++collected == COLLECTED_A_TURN) {
			engine_wake_again(store_wake_fd(engine->keep->store));
			return;
		}
	if (engine->is_ending)
		end_check(engine);
}

/* --- The start --------------------------------------------------------------------------- */

/* Takes in what the store says until it is as wanted; false: not in time, or it fails. */
static bool wait_for(struct keep *keep, const bool *is_wanted, usec_t most)
{
	const usec_t until = clock_now() + most;

	notify_extend(most);
	while (!*is_wanted) {
		struct pollfd ready = { .fd = store_wake_fd(keep->store), .events = POLLIN };
		const enum store_state state = store_condition(keep->store)->state;
		const usec_t now = clock_now();

		if (state == STORE_FAILING || state == STORE_BUSY || now >= until)
			return false;
		if (!store_collect(keep->store))
			(void)poll(&ready, 1, (int)((until - now) / USEC_PER_MS) + 1);
	}
	return true;
}

/* The folder that the service manager has made for us, where the configuration has no own wish. */
static char *folder_of(const char *asked, const char *configured)
{
	const char *given = getenv("STATE_DIRECTORY");

	if (asked)
		return memory_text(asked);
	if (given && *given && strcmp(configured, SETTINGS_STATE_DIR) == 0)
		return memory_text_len(given, strcspn(given, ":"));
	return memory_text(configured);
}

int keep_open(struct engine *engine, const char *folder, char **ret_fault)
{
	const struct store_listener listener = {
		.opened = opened,
		.row = row_came,
		.loaded = loaded,
		.refill = refill,
		.changed = changed,
		.noticed = noticed,
		.context = engine,
	};
	char *path = folder_of(folder, engine->snapshot->settings.state_dir);
	struct keep *keep = MEMORY_NEW(struct keep);
	usec_t drift;

	engine->keep = keep;
	keep->store = store_new(path, &listener);
	engine->state_folder = path;
	if (!keep->store) {
		free(TAKE(engine->keep));
		*ret_fault = memory_text("the store's thread cannot be started");
		return -EAGAIN;
	}
	engine->vitals.store = keep->store;
	keep->wake = event_new(engine->base, store_wake_fd(keep->store), EV_READ | EV_PERSIST,
			       on_wake, engine);
	keep->sweep = evtimer_new(engine->base, keep_on_sweep, engine);
	(void)event_add(keep->wake, NULL);
	if (!wait_for(keep, &keep->is_opened, patience_to_open) &&
	    store_condition(keep->store)->state == STORE_BUSY) {
		*ret_fault = memory_text(store_condition(keep->store)->fault);
		return -EBUSY;
	}
	drift = keep->anchor > engine->anchor ? keep->anchor - engine->anchor
					      : engine->anchor - keep->anchor;
	if (keep->anchor && drift < anchor_slack)
		engine->anchor = keep->anchor;
	return 0;
}

uint64_t keep_first_event(const struct engine *engine)
{
	const uint64_t wall = clock_wall();

	return engine->keep && engine->keep->events_from > wall ? engine->keep->events_from : wall;
}

void keep_load(struct engine *engine)
{
	struct keep *keep = engine->keep;

	if (!keep)
		return;
	if (!wait_for(keep, &keep->is_loaded, patience_to_load))
		log_event(LOG_WARNING, LOG_STORE_FAILING, NULL,
			  "nothing is known yet of the time before this start; "
			  "going on without it");
	engine_arm(keep->sweep, KEEP_SWEEP_EVERY);
	/* What came in the meantime and was not waited for. */
	event_active(keep->wake, EV_READ, 0);
}
