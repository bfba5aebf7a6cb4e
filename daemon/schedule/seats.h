/* seats.h - all that the schedule keeps, for schedule.c and the tests of its invariants. */
#pragma once

#include "base/heap.h"
#include "schedule/permits.h"

enum { SEATS_CHUNK = 1024 };

struct schedule {
	struct seat **chunks; /* owned, and each of them; SEATS_CHUNK seats, by number */
	uint32_t chunks_count;
	struct heap *due; /* owned */
	struct permits permits;
	usec_t anchor;
	usec_t pumped; /* when schedule_pump() last ran */
	bool is_held;
	uint64_t missed;
};

/* NULL where there never was one. */
struct seat *schedule_seat(const struct schedule *schedule, uint32_t id);
