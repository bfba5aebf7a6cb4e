/* receiver.h - somebody who is told of incidents, as the configuration has it.
 *
 * Receivers are immutable and live in the arena of one snapshot.
 */
#pragma once

#include <stdbool.h>

#include "base/clock.h"
#include "model/incident.h"

struct receiver_type; /* alert/receiver.h */

struct receiver {
	const char *name;
	const struct receiver_type *type;
	const void *options; /* the struct that the type's table fills in */
	const char *const
		*group_by; /* "endpoint", "group", "severity" or labels; NULL-terminated */
	usec_t group_wait, group_interval;
	usec_t repeat; /* 0: never */
	usec_t retry; /* for how long a notification is tried again */
	usec_t timeout;
	bool sends_resolved;
	enum severity min_severity;
};
