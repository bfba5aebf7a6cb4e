/* lookout.h - a further loop: a thread with tools of its own, which looks at what it is handed.
 *
 *   first loop --lookout_hand, lookout_send--> [mail] --> lookout: type->start() --> observed()
 *
 * A check that was handed over belongs to the lookout until observed() gets it, on the
 * lookout's thread.  Whoever handed it over does not touch it meanwhile, and asks for its
 * end by the number of its watch: that may come too late, and then does nothing.
 * Threads: the functions are the first loop's, but for what says otherwise.
 */
#pragma once

#include <stdint.h>

#include "base/clock.h"
#include "probe/probe.h"

struct histogram; /* base/histogram.h */
struct lookout;

enum { LOOKOUTS_MAX = 32 }; /* beside the first loop */

struct lookout_options {
	unsigned number; /* from 1; the thread is called "loop-NUMBER" */
	const struct resolver_options *resolver; /* borrowed during the call */
	/* Gets each check once, on the lookout's thread, in a later turn than it was started.  What
	 * was cancelled before it could start comes as it is.
	 */
	probe_done *observed;
	void *context;
};

/* NULL where the kernel has no descriptor left.  The thread runs from lookout_start() on: 0, or
 * -errno.
 */
struct lookout *lookout_new(const struct lookout_options *options);
int lookout_start(struct lookout *lookout);
/* Where observed() may have timers; they are made before lookout_start(), and freed after
 * lookout_end().
 */
struct event_base *lookout_base(const struct lookout *lookout);
/* Waits for the thread, which ends with its turn.  Every check was observed before.  False where it does
 * not turn any more: then it is left to itself, with all that it has.
 */
bool lookout_end(struct lookout *lookout);
/* It has ended, or was never started. */
void lookout_free(struct lookout *lookout);

/* Gathers checks (CHECK_PROBING), and hands over what is gathered, with one wake.  Those that have not
 * begun (check->started is 0) begin when the lookout takes them.
 */
void lookout_hand(struct lookout *lookout, struct check *check);
void lookout_send(struct lookout *lookout);
/* The check of that watch, or every check, is given up, wherever it is by then. */
void lookout_cancel(struct lookout *lookout, uint32_t watch_id, uint32_t generation);
void lookout_cancel_all(struct lookout *lookout);
/* New servers for names; the options are copied. */
void lookout_configure(struct lookout *lookout, const struct resolver_options *options);

/* Has it turn at once, though there is nothing to do: for lookout_silence(). */
void lookout_ask(struct lookout *lookout);
/* Any thread: for how long something has waited for it to turn; 0: nothing does. */
usec_t lookout_silence(const struct lookout *lookout, usec_t now);
/* Any thread: a copy of how long its turns take. */
void lookout_turns(struct lookout *lookout, struct histogram *ret_turns);
