/* schedule.h - what is due next, and whether a permit is free.
 *
 * Time is an argument, so hours can pass in a test at once.  Watches are known by
 * their dense number.  Deadlines are absolute on the monotonic clock: no drift;
 * beats that were missed are skipped.  Nothing is held while something waits.
 *
 *   due heap -> [cell of equal limits] -> permits -> launch -> schedule_done
 *
 * Two lanes keep what is dark from delaying what is not.  A check whose last one was
 * slow, and one that confirms, goes in the slow lane, which may hold half of the
 * permits (at least one); a check of the ordinary lane counts as slow too once it is
 * in flight for more than a second.  Who waits for a host or a group delays nobody
 * else, and of all that may go the oldest goes first.
 *
 * Everything is O(log n); 64 bytes a watch, and 28 in the heap.
 * Loop thread only.  Out of memory ends the process; nothing else fails.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

struct schedule;

#define SCHEDULE_NO_LIMIT UINT32_MAX

struct schedule_limits {
	unsigned max; /* permits for all; at least 1 */
	unsigned max_per_host; /* for each host index; 0: no limit */
	usec_t anchor; /* added to the monotonic clock gives the grid's time (wall time at the start) */
};

/* What the schedule has to know of one watch. */
struct beat {
	usec_t interval; /* not 0 */
	uint64_t hash; /* of the name: its place in the interval is mulhi64(hash, interval) */
	uint32_t group; /* index of a group that has a limit, or SCHEDULE_NO_LIMIT */
	uint32_t host; /* index of the host, or SCHEDULE_NO_LIMIT */
};

struct schedule *schedule_new(const struct schedule_limits *limits);
void schedule_free(struct schedule *schedule);
/* After a reload.  What is in flight over a lowered limit keeps its permits. */
void schedule_set_limits(struct schedule *schedule, unsigned max, unsigned max_per_host);
/* 0: no limit, as it is before this is called. */
void schedule_set_group(struct schedule *schedule, uint32_t group, unsigned max);
/* Instead of max_per_host; 0: max_per_host, as it is before this is called. */
void schedule_set_host(struct schedule *schedule, uint32_t host, unsigned max);

/* A new watch.  Its first check is at its place in the grid if that is within 30 s,
 * else after hash mod 30 s: nobody waits for an hour to hear of a new one, and nobody
 * is checked twice in its first interval.
 */
void schedule_add(struct schedule *schedule, uint32_t id, const struct beat *beat, usec_t now);
/* Known from before the start and checked within its interval: not a new one, so its next
 * check is at its beat, however far that is.
 */
void schedule_return(struct schedule *schedule, uint32_t id, usec_t now);
/* Not in flight (schedule_done() first). */
void schedule_remove(struct schedule *schedule, uint32_t id);
/* Other interval, group or host; keeps its turn where the interval is the same.  One in
 * flight counts for its new group and host from now on, even where they have no room.
 */
void schedule_change(struct schedule *schedule, uint32_t id, const struct beat *beat, usec_t now);
/* One in flight is paused when it is done. */
void schedule_pause(struct schedule *schedule, uint32_t id);
/* First checked as a new one. */
void schedule_resume(struct schedule *schedule, uint32_t id, usec_t now);
/* Due at once, within the permits; joins where it waits or is in flight already.  Not
 * one that is paused.
 */
void schedule_now(struct schedule *schedule, uint32_t id, usec_t now);
/* The same at `by`, where it would be later; its beat after that stays where it is. */
void schedule_by(struct schedule *schedule, uint32_t id, usec_t by, usec_t now);

/* While held nothing is launched (the judges are behind, or the end has come). */
void schedule_hold(struct schedule *schedule, bool is_held);

typedef void schedule_launch(uint32_t id, usec_t due, void *context);

/* Launches what is due and has a permit, oldest first, at most `most`; returns how
 * many.  launch() may call nothing of the schedule but schedule_now().
 */
unsigned schedule_pump(struct schedule *schedule, usec_t now, unsigned most,
		       schedule_launch *launch, void *context);

enum beat_next {
	BEAT_REGULAR, /* back to its place in the grid */
	BEAT_CONFIRM, /* again `after` from now, +- 20 %, in the slow lane */
	BEAT_SOON, /* at once, because someone asked meanwhile */
};

/* The check ended; its permit goes back.  `is_slow`: it timed out or took more
 * than 1 s, so the next one comes from the slow lane.
 */
void schedule_done(struct schedule *schedule, uint32_t id, enum beat_next next, usec_t after,
		   bool is_slow, usec_t now);

/* When schedule_pump() has something to do next: 0 at once, USEC_NEVER nothing
 * until a permit comes back.
 */
usec_t schedule_next(const struct schedule *schedule);
/* When this one is due (in flight: the beat after this one), USEC_NEVER: paused. */
usec_t schedule_due(const struct schedule *schedule, uint32_t id, usec_t now);

struct schedule_counts {
	unsigned max, in_flight, waiting, slow_in_flight;
	uint64_t missed; /* beats that were skipped */
};
struct schedule_counts schedule_count(const struct schedule *schedule);
