/* turns.h - how long the turns of the loop take: what is done between two waits.
 *
 * libevent 2.1 does not say when a wait is over, so a turn is measured in CPU
 * time of the loop's thread, of which waiting takes none.  A thread that wants
 * to run and may not shows as lateness instead.  Loop thread only.
 */
#pragma once

#include "base/histogram.h"

struct event_base;
struct turns;

/* Adds each turn's length to `histogram` (borrowed until turns_free()), or NULL. */
struct turns *turns_new(struct histogram *histogram);
/* One turn: waits for events and runs what they are for.  Its length. */
usec_t turns_run(struct turns *turns, struct event_base *base);
void turns_free(struct turns *turns);

/* Asked at the end of an event that may be one of many: where this turn has taken a millisecond by
 * now, it is over, and the other events run in the next one, behind a look at what else has
 * come and whose time it is.
 */
void turns_share(struct event_base *base);
