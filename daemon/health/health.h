/* health.h - from verdicts to state: one bad answer is not an outage.
 *
 * A state changes only when a verdict is confirmed, that is, was given so many times in a row:
 *
 *   from       to        when                                        since
 *   all        unknown   `failures` local failures, or of a plugin   the first of them
 *   pending    up        the first pass
 *   pending    down      `failures` fails
 *   pending    degraded  `failures` fails or warns, not all fails
 *   up         down      `failures` fails
 *   up         degraded  `failures` fails or warns, not all fails
 *   degraded   down      `failures` fails
 *   degraded   up        `successes` passes
 *   down       up        `successes` passes
 *   down       degraded  `successes` passes or warns, not all passes
 *   unknown    up        `successes` passes
 *   unknown    down      `failures` fails
 *   unknown    degraded  as from up, or as from down
 *
 * With `within` a row may have holes: so many of the last `within` verdicts count.  What it
 * counts begins anew once the endpoint is up, and its fails once it is no longer down.
 *
 * A local failure says nothing about the endpoint: it neither adds to nor breaks
 * any streak but its own, which any other verdict breaks.  A plugin that could not tell
 * (plugin_unknown) has a streak of its own too; it breaks those of what is good, and
 * those of what is bad go on behind it.  Once the state is unknown,
 * all streaks begin anew.  The state is believed
 * since the first check of the streak that led to it.  While a streak is on its
 * way, the standing leans to where it leads: of several to the one that needs
 * the fewest more, of equals to the one farthest from the state.
 *
 * No clock, no I/O, no errors; loop thread only.  The same for users: picket.yaml(5), "STATES".
 */
#pragma once

#include "model/check.h"
#include "model/watch.h"

/* What a verdict led to. */
struct health_change {
	bool is_changed; /* the state is another one now */
	bool is_flapping_changed; /* standing.is_flapping is another one now */
	enum state from, to;
	bool is_confirming; /* look again `patience.every` after the end of this check */
};

/* A new watch: pending. */
void health_init(struct standing *standing, usec_t wall);

/* Takes in the verdict of a check that began at `wall`.  One that comes while paused changes nothing. */
struct health_change health_record(struct standing *standing, const struct verdict *verdict,
				   const struct patience *patience, usec_t wall);

/* What the store kept of before a restart: where its streaks lead, by today's patience. */
void health_return(struct standing *standing, const struct patience *patience);
/* The windows of the last verdicts, from the recent checks: as health_return(), before it. */
void health_recall(struct watch *watch);
/* What is too old to be made sure of: the state stays, all streaks begin anew. */
void health_forget(struct standing *standing);

/* With `within` a row begins at the oldest failure that its window still holds, and when
 * that was is among the recent checks: before health_record().  `passed_over`: so many of
 * the latest of them were not recorded.
 */
void health_date(struct standing *standing, const struct patience *patience,
		 const struct watch *watch, unsigned passed_over);

/* How much the last 20 verdicts changed from one to the next, 0 to 1, newer changes
 * counting more (0.8 for the oldest to 1.2 for the newest, as in Icinga 2).  An endpoint
 * flaps above 0.30, and until it is below 0.25.
 */
double health_flapping(const struct standing *standing);

void health_pause(struct standing *standing, usec_t wall);
/* From paused to pending, all streaks forgotten; otherwise nothing. */
void health_resume(struct standing *standing, usec_t wall);
