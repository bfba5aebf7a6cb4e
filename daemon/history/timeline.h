/* timeline.h - what an endpoint was, and from when to when.
 *
 * Not sums for each five minutes but the changes themselves: eight bytes each, so one that is
 * up for a year costs eight bytes.  An outage that is confirmed late begins with its first failing
 * check by writing the change where it belongs, and every sum is exact to the millisecond, whatever
 * span is asked for: no midnight and no bucket cuts anything.
 *
 * Of one that changes all the time the older half of its marks becomes a lump from time to time:
 * how long it was what, without the order.  So an endpoint has at most MARKS_MAX marks
 * and LUMPS_MAX lumps, 6 KB; a span that cuts a lump gets its share of it.
 *
 * Whether there is maintenance is apart from the state and hides it.  Loop thread only.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

struct absences;
struct pack;
struct store_row;

enum time_kind {
	TIME_NONE, /* nobody watched it */
	TIME_UP,
	TIME_DEGRADED,
	TIME_DOWN,
	TIME_UNKNOWN,
	TIME_PAUSED,
	TIME_MAINTENANCE,
	TIMES,
};

/* How long it was what. */
struct times {
	usec_t of[TIMES];
};

enum { MARKS_MAX = 256, MARKS_FEW = 2, LUMPS_MAX = 64 };

struct lump {
	usec_t from, until; /* wall, whole milliseconds */
	struct times times;
};

struct timeline {
	/* In order: milliseconds since 1970, maintenance, kind. */
	union {
		/* While `room` is 0: most were unknown, and are up since. */
		uint64_t few[MARKS_FEW];
		uint64_t *many; /* owned */
	} marks;
	struct lump *lumps; /* owned; in order, all before the first mark */
	uint16_t count, lumps_count;
	uint16_t room; /* of `many` */
};

void timeline_done(struct timeline *timeline);
/* All of them; whoever may change the timeline may change them. */
uint64_t *timeline_marks(const struct timeline *timeline);
/* "up", "down", …; NULL: TIME_NONE */
const char *time_name(enum time_kind kind);

/* It is `kind` since `wall`, whatever was noted behind that; false where that changes nothing.
 * Marks before the first one that is another now (or gone, if it is `count`) are as they were.
 */
bool timeline_set(struct timeline *timeline, enum time_kind kind, usec_t wall, unsigned *ret_first);
/* The same for the beginning or the end of maintenance. */
bool timeline_maintain(struct timeline *timeline, bool is_on, usec_t wall, unsigned *ret_first);
/* As set last, maintenance or not; TIME_NONE where there is nothing. */
enum time_kind timeline_last(const struct timeline *timeline);
/* When that began; 0 where there is nothing. */
usec_t timeline_last_since(const struct timeline *timeline);

/* Adds what a span consists of; what is not over lasts to its end.  Absence is unknown, but where
 * it was paused or maintained.
 */
void timeline_sum(const struct timeline *timeline, const struct absences *absences, usec_t from,
		  usec_t until, struct times *times);

/* Where there are too many marks: rows that keep what was made of them go to `rows` (or NULL). */
void timeline_bound(struct timeline *timeline, const struct absences *absences, const char *name,
		    struct pack *rows);
/* Forgets what was over before `horizon`. */
void timeline_trim(struct timeline *timeline, usec_t horizon, const char *name, struct pack *rows);

/* Rows that keep the marks from `first` on, and drop what else is kept there. */
void timeline_pack(const struct timeline *timeline, unsigned first, const char *name,
		   struct pack *rows);
/* The same with the lumps, where nothing is kept. */
void timeline_pack_all(const struct timeline *timeline, const char *name, struct pack *rows);
/* Rows that end one that is known by its name alone. */
void timeline_pack_end(const char *name, usec_t wall, struct pack *rows);
/* What a row of MARKS says; of a lump TIME_UNKNOWN. */
enum time_kind timeline_kind_in(const struct store_row *row);
/* A row of MARKS: older than what is there, or among it. */
void timeline_take(struct timeline *timeline, const struct store_row *row);
