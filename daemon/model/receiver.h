/* receiver.h - somebody who is told of incidents, as the configuration has it.
 *
 * Receivers are immutable and live in the arena of one snapshot.
 */
#pragma once

#include <stdbool.h>

#include "base/clock.h"
#include "model/incident.h"
#include "option/option.h"

struct receiver_type; /* alert/receiver.h */

/* How a message that was not taken is tried again. */
struct retry {
	usec_t first, max; /* from one try to the next */
	usec_t span; /* since it was made; then it is given up */
};

/* Who else is told of what nobody has acknowledged. */
struct escalation {
	usec_t after; /* since the receiver itself was told first */
	const char *const *to; /* names of receivers, NULL-terminated */
};

/* Who is told of what this one has not taken. */
struct fallback {
	const char *to; /* the name of a receiver; NULL: nobody */
	usec_t after; /* since the message was made */
};

struct receiver {
	const char *name;
	const struct receiver_type *type;
	const void *options; /* the struct that the type's table fills in */
	const char *const
		*group_by; /* "endpoint", "group", "severity" or labels; NULL-terminated */
	usec_t group_wait, group_interval;
	usec_t repeat; /* 0: never */
	struct retry retry;
	usec_t timeout;
	const char *const *secrets; /* never shown; NULL-terminated, or NULL */
	bool sends_resolved;
	enum severity min_severity;
	struct option_steps escalate; /* of struct escalation; each later than the one before */
	struct fallback fallback;
	unsigned rate; /* messages in any minute; 0: as many as there are */
};
