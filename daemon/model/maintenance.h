/* maintenance.h - windows in which somebody works on an endpoint, and whether one is open.
 *
 * A window opens by a calendar (base/calendar.h), at what a local clock jumps over with the jump,
 * and is open for some time by the clock.  Windows that overlap or meet are one.  Wall time
 * is an argument; any thread.
 */
#pragma once

#include <stdbool.h>

#include "base/calendar.h"

struct window {
	const char *text; /* of the calendar, as it was written */
	struct calendar at;
	usec_t lasts;
};

struct maintenance {
	const char *key; /* the same for the same windows, in whatever configuration */
	const struct window *windows;
	unsigned count;
};

/* How it is at some time: whether one is open, since when (0: none is), and until when this is so;
 * USEC_NEVER: for good.  Where windows follow each other without an end, `until` is only as far
 * as anybody looked, and to be asked again then.
 */
struct maintenance_look {
	bool is_open;
	usec_t since, until;
};

struct maintenance_look maintenance_look(const struct maintenance *maintenance, usec_t wall);

/* Since when that is so for whoever comes back at `wall` and was away from `away` on: from when a
 * window opened or closed meanwhile, else from now on.
 */
usec_t maintenance_since(const struct maintenance *maintenance, usec_t away, usec_t wall);

/* What is known of it now, shared by all that have these windows.  Loop thread only. */
struct upkeep {
	const struct maintenance *maintenance; /* owned, all of it (engine/) */
	bool is_open;
	usec_t since; /* when that began, or when we came to know (wall) */
	usec_t until; /* wall; USEC_NEVER: for good */
};
