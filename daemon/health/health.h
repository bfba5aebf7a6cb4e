/* health.h - from verdicts to state: one bad answer is not an outage.
 *
 * The rules are in picket.yaml(5), "States".  No clock, no I/O; loop thread only.
 */
#pragma once

#include "model/check.h"
#include "model/watch.h"

/* What a verdict led to. */
struct health_change {
	bool is_changed; /* the state is another one now */
	enum state from, to;
	bool is_confirming; /* look again `patience.every` after the end of this check */
};

/* Takes in the verdict of a check that began at `wall`. */
struct health_change health_record(struct standing *standing, const struct verdict *verdict,
				   const struct patience *patience, usec_t wall);
void health_pause(struct standing *standing, usec_t wall);
void health_resume(struct standing *standing, usec_t wall);
/* A new watch: pending. */
void health_init(struct standing *standing, usec_t wall);
