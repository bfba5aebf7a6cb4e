/* silence.h - a span in which nobody is told of some endpoints, by whom and why.
 *
 * It ends by CLOCK_BOOTTIME, so that a clock that is set moves no end, and a machine that
 * sleeps does not make it longer; what is kept and shown is wall time.  Never changed once
 * made.  Loop thread only.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "model/endpoint.h"

enum {
	SILENCE_ID_SIZE = 11,
	SILENCE_MATCH_MAX = 512, /* bytes of a glob, a group's name, a label's key or value */
	SILENCE_LABELS_MAX = 16,
	SILENCE_COMMENT_MAX = 1024,
};

/* From one second to one year. */
#define SILENCE_SPAN_MIN USEC_PER_SEC
#define SILENCE_SPAN_MAX (366 * USEC_PER_DAY)

struct silence {
	char id[SILENCE_ID_SIZE];
	uint64_t number; /* rises from one to the next (alert/silences.c) */
	char *match; /* owned; a glob of names */
	char *group; /* owned; NULL: any */
	struct label *labels; /* owned, and their texts; all of them are wanted */
	unsigned labels_count;
	usec_t made, ends; /* wall */
	usec_t until; /* CLOCK_BOOTTIME; when it ends */
	char *by; /* owned; or NULL */
	char *comment; /* owned; or NULL */
};

/* Of all endpoints, until more is said; without a span. */
struct silence *silence_new(const char *match);
void silence_free(struct silence *silence);
void silence_add_label(struct silence *silence, const char *key, const char *value);
/* Begins at `wall`, which is `boot` on the other clock, and gets its id. */
void silence_date(struct silence *silence, usec_t wall, usec_t boot, usec_t span);

bool silence_matches(const struct silence *silence, const struct endpoint *endpoint);
/* The same of what has a name and a group (or NULL) alone; NULL: picket itself. */
bool silence_matches_name(const struct silence *silence, const char *name, const char *group);
