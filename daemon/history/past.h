/* past.h - what the checks of an endpoint came to, read back: counts and latencies by steps.
 *
 * Rows are read and added up on the store's thread; what is not written yet is handed to it as a
 * copy, so an answer is as of the question.  Bounded by PAST_STEPS_MAX and by how long
 * anything is kept.  Loop thread only.
 */
#pragma once

#include "history/timeline.h"

enum { PAST_STEPS_MAX = 5000 };

struct history;
struct past_request;
struct watch;

struct past_step {
	usec_t from, until; /* wall */
	struct times times;
	uint64_t checks, failed;
	uint64_t unknown; /* of the checks: these say nothing about the endpoint */
	uint64_t answers; /* that have a latency; without any, what follows is 0 */
	usec_t least, mean, p50, p95, p99, greatest;
};

struct past {
	struct past_step whole; /* from the first to the last */
	struct past_step *steps; /* owned array, in order */
	unsigned count;
};

/* Steps of the clock that is read by people: calendar days in the time zone of this host. */
#define PAST_DAYS 0

struct past_question {
	usec_t from, until; /* wall; `from` is moved back to the beginning of its step */
	usec_t step; /* whole multiples of five minutes, or PAST_DAYS */
};

/* The last so many days of the calendar, today being the last: `count` + 1 edges, the last of them
 * `wall`.
 */
void past_days(usec_t wall, unsigned count, usec_t *ret_edges);
/* How many steps that is; above PAST_STEPS_MAX it is not answered. */
unsigned past_count_steps(const struct past_question *question);

/* Asks; `done` runs once, with NULL where the store could not be read, or at once, where there is
 * no store: then what is returned is NULL.  The past is the history's own until `done` returns; the steps may
 * be taken out of it.
 */
struct past_request *history_ask(struct history *history, const struct watch *watch,
				 const struct past_question *question,
				 void (*done)(struct past *past, void *context), void *context);
/* Nobody wants to hear of it any more. */
void history_forget(struct past_request *request);
