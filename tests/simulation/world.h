/* world.h - a schedule among endpoints that answer as they are told, under a false clock.
 *
 * Time jumps from event to event, so hours pass in seconds.  Confirming is played
 * as the daemon does it: three failures or two successes before a change is believed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "schedule/schedule.h"

enum { CONFIRM_FAILURES = 3, CONFIRM_SUCCESSES = 2 };

struct actor {
	struct beat beat;
	usec_t takes; /* how long its check lasts */
	bool is_dark; /* it never answers: the check ends at the timeout */
	bool is_believed_down;
	unsigned streak; /* of verdicts against what is believed */
	usec_t last_start;
	/* since world_measure() */
	unsigned checks;
	usec_t least_gap, most_gap; /* between starts */
	usec_t lateness_max;
};

struct world {
	struct schedule *schedule; /* owned */
	struct heap *ends; /* owned; checks in flight by when they end */
	struct actor *actors; /* owned */
	unsigned count;
	usec_t now, timeout;
	/* since world_measure(); lateness is that of actors that are not dark */
	unsigned in_flight_max;
	uint64_t checks;
	uint32_t *lateness; /* owned; microseconds */
	size_t lateness_count, lateness_room;
	bool is_measuring;
};

struct world_plan {
	unsigned count, max, max_per_host;
	usec_t interval, timeout, takes;
	uint64_t seed; /* of the hashes: other seeds are other names */
	usec_t start, anchor;
};

/* Each actor on a host of its own, none in a group. */
void world_init(struct world *world, const struct world_plan *plan);
void world_done(struct world *world);
/* Lets time pass; checks that are in flight at the end stay there. */
void world_run(struct world *world, usec_t until);
/* Nothing happens for `span`; then everything that should have does at once. */
void world_stall(struct world *world, usec_t span);
/* Each actor is dark with this chance, the same ones for the same seed; returns how many. */
unsigned world_darken(struct world *world, unsigned percent, uint64_t seed);
/* Forgets what was measured, and measures from now on. */
void world_measure(struct world *world);
/* Such that `part` of the measured lateness is at most this. */
usec_t world_lateness(struct world *world, double part);

/* A number below `below`; the same ones for the same seed. */
uint64_t world_random(uint64_t *seed, uint64_t below);
