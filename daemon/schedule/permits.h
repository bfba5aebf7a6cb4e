/* permits.h - the limits on checks in flight, and who waits for which of them.
 *
 * A check needs room under four limits at once: its host, its group, its lane, and
 * all.  It takes all four or none; nothing is held while waiting.  Seats of equal
 * host, group and lane wait in one cell, first in first out, and a cell stands in
 * exactly one line:
 *
 *   host->cells     while the host is full
 *   gate->cells     else: one gate for each group and lane
 *
 * A gate with cells stands in lane->gates while its group has room, so the first
 * of a lane's gates has the lane's oldest, and what a full group keeps back costs
 * nobody else a look.  What comes back to a host opens that host's line only.
 *
 * The slow lane may hold half of the permits, the ordinary one all.  A check of the
 * ordinary lane that is in flight for longer than PERMITS_SLOW counts as slow from
 * then on: when many endpoints go dark at once, those that are known to be dark
 * wait until the ones still to be found out have left room.
 *
 * Only for schedule.c and for tests that hold it to its invariants.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "schedule/cells.h"
#include "schedule/line.h"

#define PERMITS_SLOW USEC_PER_SEC

struct gate {
	struct spot spot; /* in its lane's line, while is_open */
	struct line cells;
	bool is_open;
};

struct group_limit {
	unsigned used;
	unsigned max; /* 0: none */
	struct gate gates[LANES];
};

struct host_limit {
	unsigned used;
	unsigned max; /* 0: that of all hosts */
	struct line cells;
};

struct lane_limit {
	unsigned used; /* the ordinary lane's is not counted: nothing asks for it */
	unsigned max;
	struct line gates;
};

struct permits {
	unsigned used, max;
	unsigned max_per_host; /* 0: none */
	struct lane_limit lanes[LANES];
	struct host_limit *hosts; /* owned; by number */
	uint32_t hosts_room;
	struct group_limit *
		*groups; /* owned, and each of them; by number; NULL: no limit was set */
	uint32_t groups_room;
	struct group_limit others; /* those without a group of their own */
	struct list fresh; /* in flight, ordinary, not yet slow; by when they started */
	struct cells cells;
	uint32_t waiting; /* seats in cells */
};

void permits_init(struct permits *permits);
void permits_done(struct permits *permits);
/* `max` at least 1; whoever is over a lowered limit keeps what is taken. */
void permits_set_max(struct permits *permits, unsigned max, unsigned max_per_host);
void permits_set_group(struct permits *permits, uint32_t group, unsigned max);
/* 0: that of all hosts. */
void permits_set_host(struct permits *permits, uint32_t host, unsigned max);

/* Room under the limit for all; without it nothing else is worth asking. */
bool permits_is_full(const struct permits *permits);
/* Room under all of this seat's limits. */
bool permits_fits(const struct permits *permits, const struct seat *seat);
/* Counts under all limits; does not ask whether there is room. */
void permits_take(struct permits *permits, struct seat *seat, usec_t now);
void permits_give(struct permits *permits, struct seat *seat);
/* In flight: counts for another group and host, even where there is no room. */
void permits_move(struct permits *permits, struct seat *seat, uint32_t group, uint32_t host);
/* Counts those in flight too long as slow. */
void permits_age(struct permits *permits, usec_t now);

/* Into its cell, at the end. */
void permits_join(struct permits *permits, struct seat *seat);
void permits_leave(struct permits *permits, struct seat *seat);
/* The oldest waiting that has room under all its limits, or NULL. */
struct seat *permits_oldest(struct permits *permits);
/* Whether permits_oldest() may find one. */
bool permits_is_ready(const struct permits *permits);
