/* pulse.h - what is known of somebody who calls us: the beats of a heartbeat.
 *
 * Deadlines are on a clock that goes on while the host sleeps and that nobody sets,
 * CLOCK_BOOTTIME, moved so that it shows wall time where the daemon started: so what is
 * older than the boot has a time on it too.  People see, and the store keeps, the wall time
 * that it was then.  Loop thread only; a check has a copy.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

enum { PULSE_MESSAGE_BYTES = 1024 };

enum pulse_word { PULSE_NONE, PULSE_START, PULSE_OK, PULSE_FAIL, PULSE_WORDS };

/* "start", "ok", "fail"; NULL for PULSE_NONE. */
const char *pulse_word_name(enum pulse_word word);
/* PULSE_NONE if none is called so. */
enum pulse_word pulse_word_find(const char *name);

struct instant {
	usec_t at; /* on the clock of deadlines; 0: it did not happen */
	usec_t wall; /* since 1970 */
};

struct pulse {
	enum pulse_word last; /* PULSE_OK or PULSE_FAIL; PULSE_NONE: no job has ended yet */
	struct instant ended; /* when that was */
	struct instant began; /* of a job that has begun and not ended */
	usec_t took; /* the job that ended last; USEC_NEVER: nobody said when it began */
	char *message; /* owned; of what ended last, secrets masked; or NULL */
	/* Since when the next end is waited for: the last one, the first of all starts, or when
	 * it was resumed.
	 */
	struct instant waits;
	/* Nothing is missed before this, since nobody could have heard it; 0: as usual. */
	usec_t spared;

	/* engine/: what checks have not seen yet, and what the store has not. */
	bool is_news;
	enum pulse_word seen; /* `last`, as the last look had it */
	usec_t looked; /* when that was */
	usec_t kept; /* when it was last given to the store */
};

struct pulse *pulse_new(void);
void pulse_free(struct pulse *pulse);
struct pulse *pulse_copy(const struct pulse *pulse);

/* A beat.  The message (or NULL) is taken over, malloc'ed. */
void pulse_hear(struct pulse *pulse, enum pulse_word word, char *message, struct instant now);
/* As if the next end were waited for from now on; nothing where no beat ever came. */
void pulse_wait_anew(struct pulse *pulse, struct instant now);
