/* absence.h - when nobody looked: the daemon was away, or this machine slept.
 *
 * One list for all endpoints, since a start would otherwise be a change of each of them.
 * Loop thread only.
 */
#pragma once

#include <stdbool.h>

#include "base/clock.h"

struct pack;

/* More are joined with their neighbours: the time between the two that are closest counts as unknown then. */
enum { ABSENCES_MAX = 512 };

struct absence {
	usec_t began, ended; /* wall */
	usec_t before; /* the sum of those before it */
};

struct absences {
	struct absence *list; /* owned; in order, none overlaps */
	unsigned count, room;
};

void absences_done(struct absences *absences);
/* Behind all others; what overlaps is left out.  The rows that keep it go to `rows` (or NULL). */
void absences_add(struct absences *absences, usec_t began, usec_t ended, struct pack *rows);
/* Forgets those that ended before `horizon`. */
void absences_trim(struct absences *absences, usec_t horizon, struct pack *rows);
/* All of them. */
void absences_pack(const struct absences *absences, struct pack *rows);
/* How much of a span is absence. */
usec_t absences_within(const struct absences *absences, usec_t from, usec_t until);
