/* history.c - what was: tracks of all endpoints, fed with checks and changes. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "history/inside.h"
#include "model/check.h"
#include "model/roster.h"

/* While nothing can be written. */
enum { WAITING_BYTES_MAX = 32 << 20 };

struct history *history_new(struct store *store, const struct history_settings *settings)
{
	struct history *history = MEMORY_NEW(struct history);

	history->store = store;
	history->settings = *settings;
	history->round.refill_at = UINT32_MAX;
	list_init(&history->asks);
	return history;
}

static void track_done(struct track *track)
{
	bucket_reset(&track->bucket, 0);
	timeline_done(&track->timeline);
	*track = (struct track){ 0 };
}

void history_free(struct history *history)
{
	history_free_asks(history);
	for (uint32_t id = 0; id < history->room; id++)
		track_done(history_track_at(history, id));
	for (uint32_t chunk = 0; chunk < history->room / TRACKS_A_CHUNK; chunk++)
		free(history->chunks[chunk]);
	for (unsigned part = 0; part < PARTS; part++)
		pack_done(&history->parts[part]);
	absences_done(&history->absences);
	free(history->ageing);
	if (history->comeback)
		history_free_comeback(history->comeback);
	free(history->orphan);
	free(history->chunks);
	free(history);
}

void history_configure(struct history *history, const struct history_settings *settings)
{
	history->settings = *settings;
}

struct track *history_track(const struct history *history, const struct watch *watch)
{
	struct track *track =
		watch->id < history->room ? history_track_at(history, watch->id) : NULL;

	return track && track->is_there ? track : NULL;
}

/* --- Who is there ------------------------------------------------------------------------- */

static void make_room(struct history *history, uint32_t id)
{
	while (id >= history->room) {
		const uint32_t chunk = history->room / TRACKS_A_CHUNK;

		history->chunks =
			memory_grow(history->chunks, chunk + 1u, sizeof(*history->chunks));
		history->chunks[chunk] = memory_new(TRACKS_A_CHUNK, sizeof(struct track));
		history->room += TRACKS_A_CHUNK;
	}
}

void history_enter(struct history *history, const struct watch *watch)
{
	struct track *track;

	make_room(history, watch->id);
	track = history_track_at(history, watch->id);
	track_done(track);
	track->key = watch->endpoint->hash;
	track->is_there = true;
	if (!history->has_begun)
		return;
	track->wants_past = history->is_loaded;
	history->wants_past |= track->wants_past;
	history_follow(history, watch, NULL);
}

static void keep(const struct history *history, struct track *track, const struct watch *watch,
		 unsigned first, struct pack *rows)
{
	track->is_unkept |= !rows;
	timeline_pack(&track->timeline, first, watch->endpoint->name, rows);
	timeline_bound(&track->timeline, &history->absences, watch->endpoint->name, rows);
}

void history_leave(struct history *history, const struct watch *watch, usec_t wall,
		   struct pack *rows)
{
	struct track *track = history_track(history, watch);
	unsigned first;

	if (!track)
		return;
	history_close(history, track);
	if (timeline_set(&track->timeline, TIME_NONE, wall, &first))
		keep(history, track, watch, first, rows);
	track_done(track);
}

/* What is closed and not written yet goes with it. */
static void rename_rows(struct history *history, uint64_t before, uint64_t now)
{
	struct pack *part = &history->parts[history_part(before)], rows = *part;
	struct store_row row;
	size_t at = 0;

	*part = (struct pack){ 0 };
	history->waiting_bytes -= rows.bytes.len;
	while (pack_next(&rows, &at, &row)) {
		const uint64_t key = (uint64_t)row.values[1].number == before
					     ? now
					     : (uint64_t)row.values[1].number;
		struct pack *to = &history->parts[history_part(key)];
		const size_t len = to->bytes.len;

		pack_begin(to, row.statement);
		pack_number(to, row.values[0].number);
		pack_number(to, (int64_t)key);
		pack_bytes(to, row.values[2].data, row.values[2].len);
		history->waiting_bytes += to->bytes.len - len;
	}
	pack_done(&rows);
}

void history_rename(struct history *history, const struct watch *watch)
{
	struct track *track = history_track(history, watch);

	if (!track)
		return;
	rename_rows(history, track->key, watch->endpoint->hash);
	track->key = watch->endpoint->hash;
}

/* --- From before -------------------------------------------------------------------------- */

/* One that left the configuration while nobody looked was watched until then. */
static void leave_orphan(struct history *history, struct pack *rows)
{
	if (history->orphan && history->is_orphan_open && rows)
		timeline_pack_end(history->orphan, history->away, rows);
	free(TAKE(history->orphan));
}

static void take_orphan(struct history *history, const struct store_row *row, struct pack *rows)
{
	const char *name = row->values[0].data;

	if (!history->orphan || strcmp(history->orphan, name) != 0) {
		leave_orphan(history, rows);
		history->orphan = memory_text(name);
	}
	history->is_orphan_open = timeline_kind_in(row) != TIME_NONE;
}

void history_take(struct history *history, const struct roster *roster, const struct store_row *row,
		  struct pack *rows)
{
	const char *name = row->count == 4 ? row->values[0].data : NULL;
	const struct watch *watch = name ? roster_find(roster, name) : NULL;
	struct track *track = watch ? history_track(history, watch) : NULL;

	if (row->count == 2 && row->values[0].number > 0 && row->values[1].number > 0)
		absences_add(&history->absences, (usec_t)row->values[0].number,
			     (usec_t)row->values[1].number, NULL);
	else if (track && (!history->is_loaded || track->wants_past))
		timeline_take(&track->timeline, row);
	else if (name && !watch && !history->is_loaded)
		take_orphan(history, row, rows);
}

void history_opened(struct history *history, usec_t away, usec_t back)
{
	history->away = away;
	history->back = back;
}

void history_loaded(struct history *history, struct pack *rows)
{
	leave_orphan(history, rows);
	history->is_loaded = true;
	if (history->away)
		absences_add(&history->absences, history->away, history->back, rows);
}

void history_begin(struct history *history, const struct roster *roster, usec_t wall)
{
	history->has_begun = true;
	history->beat = wall;
	for (uint32_t id = 0; id < roster->room; id++) {
		const struct watch *watch = roster->watches[id];
		struct track *track = watch ? history_track(history, watch) : NULL;
		unsigned first;

		if (!track)
			continue;
		history_follow(history, watch, NULL);
		track->is_unsure = watch->is_stale && watch->standing.state != STATE_PAUSED &&
				   timeline_set(&track->timeline, TIME_UNKNOWN, wall, &first);
		track->is_unkept |= track->is_unsure;
	}
	history->round.refill_at = 0;
}

/* --- What happens ------------------------------------------------------------------------- */

static enum time_kind kind_of(enum state state)
{
	static const enum time_kind kinds[STATES] = {
		[STATE_PENDING] = TIME_UNKNOWN,	  [STATE_UP] = TIME_UP,
		[STATE_DEGRADED] = TIME_DEGRADED, [STATE_DOWN] = TIME_DOWN,
		[STATE_UNKNOWN] = TIME_UNKNOWN,	  [STATE_PAUSED] = TIME_PAUSED,
	};

	return kinds[state];
}

void history_follow(struct history *history, const struct watch *watch, struct pack *rows)
{
	const enum time_kind kind = kind_of(watch->standing.state);
	struct track *track = history_track(history, watch);
	unsigned first;

	if (!track || !history->has_begun)
		return;
	/* A pause needs no check to be sure of. */
	track->is_unsure &= kind != TIME_PAUSED;
	if (track->is_unsure || timeline_last(&track->timeline) == kind)
		return;
	if (timeline_set(&track->timeline, kind, watch->standing.since, &first))
		keep(history, track, watch, first, rows);
}

/* The first check after an absence: what it was before is believed again from here on. */
static void make_sure(struct history *history, struct track *track, const struct watch *watch,
		      usec_t wall, struct pack *rows)
{
	const enum time_kind kind = kind_of(watch->standing.state);
	const usec_t since = watch->standing.since > wall ? watch->standing.since : wall;
	unsigned first;

	if (!track->is_unsure)
		return;
	track->is_unsure = false;
	if (timeline_set(&track->timeline, kind, since, &first))
		/* The unknown time before it may not be written yet. */
		keep(history, track, watch, first ? first - 1 : 0, rows);
}

static struct look_back look_back_at(const struct check *check)
{
	const struct verdict *verdict = &check->verdict;
	const bool is_unknown =
		verdict->class == CLASS_local || verdict->class == CLASS_plugin_unknown;
	const bool is_fail = verdict->kind == VERDICT_FAIL;

	return (struct look_back){
		.has_failed = is_fail && !is_unknown,
		.is_unknown = is_unknown,
		/* A beat has none. */
		.has_latency = !is_unknown && check->observation.latency != USEC_NEVER &&
			       (!is_fail || verdict->phase == PHASE_JUDGE),
		.latency = check->observation.latency,
	};
}

void history_append(struct history *history, const struct watch *watch, const struct check *check,
		    struct pack *rows)
{
	const usec_t wall = check->observation.wall;
	const uint32_t span = (uint32_t)(wall / HISTORY_SPAN);
	const struct look_back look = look_back_at(check);
	struct track *track = history_track(history, watch);

	if (!track)
		return;
	make_sure(history, track, watch, wall, rows);
	history_follow(history, watch, rows);
	/* A clock that is set back a little goes on with what is open. */
	if (track->bucket.span != span && track->bucket.span != span + 1)
		history_close(history, track);
	if (track->bucket.checks == 0)
		bucket_reset(&track->bucket, span);
	bucket_add(&track->bucket, &look);
}

void history_maintain(struct history *history, const struct watch *watch, bool is_on, usec_t wall,
		      struct pack *rows)
{
	struct track *track = history_track(history, watch);
	unsigned first;

	if (track && timeline_maintain(&track->timeline, is_on, wall, &first))
		keep(history, track, watch, first, rows);
}

/* --- Closed buckets ----------------------------------------------------------------------- */

static void give_up(struct history *history)
{
	for (unsigned part = 0; part < PARTS; part++) {
		history->lost += history->parts[part].rows;
		pack_done(&history->parts[part]);
	}
	history->waiting_bytes = 0;
}

void history_close(struct history *history, struct track *track)
{
	struct pack *rows = &history->parts[history_part(track->key)];
	const size_t before = rows->bytes.len;
	cleanup(text)
	struct text bytes = { 0 };
	struct account account = { 0 };
	const uint32_t span = track->bucket.span;

	if (track->bucket.checks && history->store) {
		account_add_bucket(&account, &track->bucket);
		account_pack(&account, span % SPANS_AN_HOUR, &bytes);
		pack_begin(rows, STORE_ADD_MINUTES);
		pack_number(rows, span / SPANS_AN_HOUR);
		pack_number(rows, (int64_t)track->key);
		pack_bytes(rows, bytes.data, bytes.len);
		history->waiting_bytes += rows->bytes.len - before;
	}
	bucket_reset(&track->bucket, 0);
	if (history->waiting_bytes > WAITING_BYTES_MAX)
		give_up(history);
}

usec_t history_minutes(const struct history *history)
{
	return history->settings.minutes;
}

usec_t history_hours(const struct history *history)
{
	return history->settings.hours;
}

uint64_t history_lost(const struct history *history)
{
	return history->lost;
}

/* --- Answers ------------------------------------------------------------------------------ */

void history_sum(const struct history *history, const struct watch *watch, usec_t from,
		 usec_t until, struct times *ret_times)
{
	const struct track *track = history_track(history, watch);

	*ret_times = (struct times){ 0 };
	if (track)
		timeline_sum(&track->timeline, &history->absences, from, until, ret_times);
}

double history_share(const struct times *times)
{
	const usec_t good = times->of[TIME_UP] + times->of[TIME_DEGRADED];
	const usec_t known = good + times->of[TIME_DOWN];

	return known ? (double)good / (double)known : -1;
}
