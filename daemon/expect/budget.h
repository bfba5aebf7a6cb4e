/* budget.h - what judging one check may cost, in CPU time and in steps.
 *
 * One budget is shared by all queries and regular expressions of a check and is
 * spent from its first moment to its last; nothing gives it back.  A step is a
 * small bounded piece of work: a value looked at, a start position tried.
 *
 * The clock is the calling thread's CPU time, so begin and spend on one thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

struct budget {
	usec_t cpu; /* that may be spent once somebody has looked at the clock */
	usec_t ends; /* thread CPU time at which it is spent; from the first look on */
	usec_t looked; /* clock_now() when CPU time was last asked for */
	uint64_t steps; /* left */
	unsigned unlooked; /* steps since the last look at a clock */
	bool is_begun;
	int error; /* 0, or why it is spent: the answer of every further call */
};

void budget_init(struct budget *budget, usec_t cpu, uint64_t steps);

/* Takes `steps` away.  0, -E2BIG when there are not that many left, or
 * -ETIMEDOUT when the time is over; clocks are looked at every few hundred steps only.
 */
int budget_spend(struct budget *budget, unsigned steps);

/* The same after work of unknown length: looks at the clocks in any case. */
int budget_look(struct budget *budget);

/* CPU time that is left; 0 when spent. */
usec_t budget_left(struct budget *budget);

/* What happens between the two costs nothing: reading a body. */
usec_t budget_pause(const struct budget *budget);
void budget_resume(struct budget *budget, usec_t paused);
