/* cells.h - seats that wait for the same: equal host, group and lane, first in first out.
 *
 * There is a cell only while somebody waits in it.  Only for permits.c and tests.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "schedule/line.h"

enum lane { LANE_ORDINARY, LANE_SLOW, LANES };

enum seat_place { SEAT_FREE, SEAT_HEAP, SEAT_CELL, SEAT_FLIGHT, SEAT_PAUSED };

/* What is kept of one watch: one cache line. */
struct seat {
	_Alignas(64) usec_t due; /* in flight: when it was due */
	usec_t interval;
	uint64_t hash;
	union {
		struct cell *cell; /* borrowed; SEAT_CELL */
		usec_t started; /* SEAT_FLIGHT */
	};
	struct list link; /* in the cell, or in permits->fresh */
	uint32_t id;
	uint32_t group, host; /* or SCHEDULE_NO_LIMIT */
	uint8_t place; /* enum seat_place */
	uint8_t lane; /* enum lane; of its next check, or of the one in flight */
	bool is_beat : 1; /* `due` is a beat of the grid, not a check in between */
	bool is_paused : 1; /* SEAT_PAUSED, or will be when it is no longer in flight */
	bool is_slow : 1; /* in flight: counts for the slow lane */
};

_Static_assert(sizeof(struct seat) == 64, "a seat is one cache line");

struct cell {
	struct spot spot; /* in its host's or its gate's line */
	struct list seats; /* of seat->link; never empty between calls */
	struct cell *next; /* owned; in the same bucket */
	uint32_t host, group;
	uint8_t lane; /* enum lane */
	bool is_at_host; /* which of the two lines */
};

struct cells {
	struct cell **buckets; /* owned */
	uint32_t room; /* a power of two, or 0 */
	uint32_t count;
};

void cells_done(struct cells *cells);
/* The cell for a seat like this; a new one has no seats yet. */
struct cell *cells_made(struct cells *cells, const struct seat *seat);
/* Nobody waits in it any more. */
void cells_end(struct cells *cells, struct cell *cell);

static inline struct seat *cell_first(const struct cell *cell)
{
	return LIST_ENTRY(list_first(&cell->seats), struct seat, link);
}
