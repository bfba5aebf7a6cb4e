/* heartbeat.h - probe heartbeat: its options, for whoever lets beats in, and its deadline. */
#pragma once

#include "base/calendar.h"

struct pulse; /* model/pulse.h */

/* A beat may come so much before its time by the calendar: clocks are never quite the same. */
#define HEARTBEAT_EARLY USEC_PER_MIN

struct heartbeat_options {
	usec_t every; /* 0: as the calendar says */
	const char *calendar; /* as it was written; NULL: `every` so long */
	struct calendar at; /* the same */
	usec_t grace;
	const char *token; /* a secret; NULL: none */
};

/* When the next beat is missed, on the clock of deadlines; USEC_NEVER: none is waited for. */
usec_t heartbeat_due(const struct heartbeat_options *options, const struct pulse *pulse);
