/* heartbeat.h - probe heartbeat: its options, for whoever lets beats in, and its deadline. */
#pragma once

#include "base/clock.h"

struct pulse; /* model/pulse.h */

struct heartbeat_options {
	usec_t every, grace;
	const char *token; /* a secret; NULL: none */
};

/* When the next beat is missed, on the clock of deadlines; USEC_NEVER: none is waited for. */
usec_t heartbeat_due(const struct heartbeat_options *options, const struct pulse *pulse);
