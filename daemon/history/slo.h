/* slo.h - a promise about uptime: what of it is left, and how fast it is used up.
 *
 * A target of 99.9 % in 30 days allows 43 minutes of `down`: the budget, of the whole window also where
 * the endpoint is younger than that.  Time that is unknown, paused or maintained uses up
 * none of it.  A burn rate of 1 uses it up just as the window ends, one of 14.4 in two days.
 * Source: The Site Reliability Workbook, chapter 5.
 */
#pragma once

#include <stdbool.h>

#include "base/clock.h"

struct history;
struct watch;

enum { SLO_BURNS = 3 };

struct slo_burn {
	const char *name; /* "1h" */
	double rate; /* -1: nothing is known of that span */
};

struct slo_report {
	double target; /* 0 to 1 */
	usec_t window, budget, spent;
	double left; /* of the budget: 1 whole, 0 used up, less where it is overdrawn */
	struct slo_burn burns[SLO_BURNS]; /* of the last hour, six hours, three days */
};

/* False where the endpoint has no target, and nothing is filled in. */
bool slo_report(const struct history *history, const struct watch *watch, usec_t wall,
		struct slo_report *ret_report);
