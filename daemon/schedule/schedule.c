/* schedule.c - what is due next, and whether a permit is free.
 *
 * A seat is in exactly one place: in the heap until it is due and a permit for it
 * is free, in a cell while one of its own limits refuses it, in flight, or paused.
 * While there are no permits at all nobody leaves the heap: it is the line for them.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "schedule/grid.h"
#include "schedule/schedule.h"
#include "schedule/seats.h"

/* What one pump may look at, so that a turn stays short when most of it is refused. */
enum { LOOKS_MAX = 1024 };

struct schedule *schedule_new(const struct schedule_limits *limits)
{
	struct schedule *const schedule = MEMORY_NEW(struct schedule);

	schedule->due = heap_new();
	schedule->anchor = limits->anchor;
	permits_init(&schedule->permits);
	permits_set_max(&schedule->permits, limits->max, limits->max_per_host);
	return schedule;
}

void schedule_free(struct schedule *schedule)
{
	permits_done(&schedule->permits);
	heap_free(schedule->due);
	for (uint32_t i = 0; i < schedule->chunks_count; i++)
		free(schedule->chunks[i]);
	free(schedule->chunks);
	free(schedule);
}

struct seat *schedule_seat(const struct schedule *schedule, uint32_t id)
{
	if (id / SEATS_CHUNK >= schedule->chunks_count)
		return NULL;
	return &schedule->chunks[id / SEATS_CHUNK][id % SEATS_CHUNK];
}

/* One that is there; anything else is a bug of the caller. */
static struct seat *seat_of(const struct schedule *schedule, uint32_t id)
{
	struct seat *const seat = schedule_seat(schedule, id);

	assert(seat && seat->place != SEAT_FREE);
	return seat;
}

static struct seat *seat_made(struct schedule *schedule, uint32_t id)
{
	const uint32_t chunk = id / SEATS_CHUNK;

	if (chunk >= schedule->chunks_count) {
		schedule->chunks =
			memory_grow(schedule->chunks, chunk + 1u, sizeof(*schedule->chunks));
		while (schedule->chunks_count <= chunk)
			schedule->chunks[schedule->chunks_count++] = memory_new_aligned(
				_Alignof(struct seat), SEATS_CHUNK, sizeof(struct seat));
	}
	return schedule_seat(schedule, id);
}

static struct grid grid_of(const struct schedule *schedule, const struct seat *seat)
{
	return (struct grid){ schedule->anchor, seat->interval, seat->hash };
}

static void wait_until(struct schedule *schedule, struct seat *seat, usec_t due)
{
	seat->due = due;
	seat->place = SEAT_HEAP;
	heap_set(schedule->due, seat->id, due);
}

/* As wait_until(), for the next beat. */
static void wait_for_beat(struct schedule *schedule, struct seat *seat, usec_t now)
{
	const struct grid grid = grid_of(schedule, seat);

	seat->is_beat = true;
	wait_until(schedule, seat, grid_next(&grid, now));
}

static void wait_for_first(struct schedule *schedule, struct seat *seat, usec_t now)
{
	const struct grid grid = grid_of(schedule, seat);
	const usec_t first = grid_first(&grid, now);

	seat->is_beat = first == grid_next(&grid, now);
	wait_until(schedule, seat, first);
}

/* Out of heap or cell. */
static void stop_waiting(struct schedule *schedule, struct seat *seat)
{
	if (seat->place == SEAT_HEAP)
		(void)heap_remove(schedule->due, seat->id);
	else if (seat->place == SEAT_CELL)
		permits_leave(&schedule->permits, seat);
}

void schedule_set_limits(struct schedule *schedule, unsigned max, unsigned max_per_host)
{
	permits_set_max(&schedule->permits, max, max_per_host);
}

void schedule_set_group(struct schedule *schedule, uint32_t group, unsigned max)
{
	permits_set_group(&schedule->permits, group, max);
}

void schedule_set_host(struct schedule *schedule, uint32_t host, unsigned max)
{
	permits_set_host(&schedule->permits, host, max);
}

void schedule_add(struct schedule *schedule, uint32_t id, const struct beat *beat, usec_t now)
{
	struct seat *const seat = seat_made(schedule, id);

	assert(seat->place == SEAT_FREE && beat->interval > 0);
	*seat = (struct seat){
		.interval = beat->interval,
		.hash = beat->hash,
		.id = id,
		.group = beat->group,
		.host = beat->host,
	};
	wait_for_first(schedule, seat, now);
}

void schedule_return(struct schedule *schedule, uint32_t id, usec_t now)
{
	struct seat *const seat = seat_of(schedule, id);

	if (seat->place == SEAT_HEAP)
		wait_for_beat(schedule, seat, now);
}

void schedule_remove(struct schedule *schedule, uint32_t id)
{
	struct seat *const seat = seat_of(schedule, id);

	assert(seat->place != SEAT_FLIGHT);
	stop_waiting(schedule, seat);
	seat->place = SEAT_FREE;
}

/* Under other limits from now on. */
static void move(struct schedule *schedule, struct seat *seat, uint32_t group, uint32_t host)
{
	if (seat->group == group && seat->host == host)
		return;
	if (seat->place == SEAT_FLIGHT) {
		permits_move(&schedule->permits, seat, group, host);
		return;
	}
	if (seat->place == SEAT_CELL) {
		permits_leave(&schedule->permits, seat);
		wait_until(schedule, seat, seat->due);
	}
	seat->group = group;
	seat->host = host;
}

void schedule_change(struct schedule *schedule, uint32_t id, const struct beat *beat, usec_t now)
{
	struct seat *const seat = seat_of(schedule, id);
	const bool is_same = seat->interval == beat->interval && seat->hash == beat->hash;

	assert(beat->interval > 0);
	move(schedule, seat, beat->group, beat->host);
	seat->interval = beat->interval;
	seat->hash = beat->hash;
	/* A turn that has come, and a check in between, are not the grid's to change. */
	if (!is_same && seat->place == SEAT_HEAP && seat->is_beat && seat->due > now)
		wait_for_beat(schedule, seat, now);
}

void schedule_pause(struct schedule *schedule, uint32_t id)
{
	struct seat *const seat = seat_of(schedule, id);

	seat->is_paused = true;
	if (seat->place == SEAT_FLIGHT)
		return;
	stop_waiting(schedule, seat);
	seat->place = SEAT_PAUSED;
}

void schedule_resume(struct schedule *schedule, uint32_t id, usec_t now)
{
	struct seat *const seat = seat_of(schedule, id);

	seat->is_paused = false;
	if (seat->place == SEAT_PAUSED)
		wait_for_first(schedule, seat, now);
}

void schedule_by(struct schedule *schedule, uint32_t id, usec_t by, usec_t now)
{
	struct seat *const seat = seat_of(schedule, id);
	const usec_t due = by > now ? by : now;

	if (seat->place != SEAT_HEAP || seat->due <= due)
		return;
	seat->is_beat = false;
	wait_until(schedule, seat, due);
}

void schedule_now(struct schedule *schedule, uint32_t id, usec_t now)
{
	schedule_by(schedule, id, now, now);
}

void schedule_hold(struct schedule *schedule, bool is_held)
{
	schedule->is_held = is_held;
}

/* Whose turn it is by age, of those in cells that may go and of those that are due. */
static struct seat *oldest(struct schedule *schedule, usec_t now)
{
	struct seat *const waiting = permits_oldest(&schedule->permits);
	usec_t due;
	uint32_t id;

	if (!heap_least(schedule->due, &id, &due) || due > now)
		return waiting;
	if (waiting && waiting->due <= due)
		return waiting;
	return schedule_seat(schedule, id);
}

/* Off it goes, or into the line of the limit that refuses it. */
static bool depart(struct schedule *schedule, struct seat *seat, usec_t now)
{
	stop_waiting(schedule, seat);
	if (!permits_fits(&schedule->permits, seat)) {
		seat->place = SEAT_CELL;
		permits_join(&schedule->permits, seat);
		return false;
	}
	seat->place = SEAT_FLIGHT;
	permits_take(&schedule->permits, seat, now);
	return true;
}

unsigned schedule_pump(struct schedule *schedule, usec_t now, unsigned most,
		       schedule_launch *launch, void *context)
{
	unsigned launched = 0;

	schedule->pumped = now;
	permits_age(&schedule->permits, now);
	for (unsigned looks = 0; looks < LOOKS_MAX && launched < most; looks++) {
		struct seat *seat;

		if (schedule->is_held || permits_is_full(&schedule->permits))
			break;
		seat = oldest(schedule, now);
		if (!seat)
			break;
		if (depart(schedule, seat, now)) {
			launched++;
			launch(seat->id, seat->due, context);
		}
	}
	return launched;
}

void schedule_done(struct schedule *schedule, uint32_t id, enum beat_next next, usec_t after,
		   bool is_slow, usec_t now)
{
	struct seat *const seat = seat_of(schedule, id);
	const struct grid grid = grid_of(schedule, seat);

	assert(seat->place == SEAT_FLIGHT);
	permits_give(&schedule->permits, seat);
	if (seat->is_beat)
		schedule->missed += grid_beats(&grid, seat->due, now);
	seat->lane = is_slow || next == BEAT_CONFIRM ? LANE_SLOW : LANE_ORDINARY;
	if (seat->is_paused) {
		seat->place = SEAT_PAUSED;
	} else if (next == BEAT_REGULAR) {
		wait_for_beat(schedule, seat, now);
	} else {
		seat->is_beat = false;
		wait_until(schedule, seat, next == BEAT_SOON ? now : grid_soon(&grid, after, now));
	}
}

usec_t schedule_next(const struct schedule *schedule)
{
	usec_t due;
	uint32_t id;

	if (schedule->is_held || permits_is_full(&schedule->permits))
		return USEC_NEVER;
	if (permits_is_ready(&schedule->permits))
		return 0;
	return heap_least(schedule->due, &id, &due) ? due : USEC_NEVER;
}

usec_t schedule_due(const struct schedule *schedule, uint32_t id, usec_t now)
{
	const struct seat *const seat = seat_of(schedule, id);
	const struct grid grid = grid_of(schedule, seat);

	if (seat->is_paused)
		return USEC_NEVER;
	return seat->place == SEAT_FLIGHT ? grid_next(&grid, now) : seat->due;
}

struct schedule_counts schedule_count(const struct schedule *schedule)
{
	const struct permits *const permits = &schedule->permits;

	return (struct schedule_counts){
		.max = permits->max,
		.in_flight = permits->used,
		.waiting = permits->waiting + heap_count_until(schedule->due, schedule->pumped),
		.slow_in_flight = permits->lanes[LANE_SLOW].used,
		.missed = schedule->missed,
	};
}
