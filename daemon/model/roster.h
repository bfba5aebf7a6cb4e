/* roster.h - all watches: by number, by name, by state.
 *
 * Loop thread only.  Numbers are dense and used again after a watch is gone;
 * the generation tells an old parcel from a new one.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "model/watch.h"

struct roster {
	struct watch **watches; /* owned; by id; NULL where nobody is */
	uint32_t room; /* ids are below this */
	struct watch **by_name; /* borrowed; sorted by name (strcmp) */
	uint32_t count;
	struct list by_state[STATES]; /* of watch->by_state */
	uint32_t in_state[STATES];
};

void roster_init(struct roster *roster);
void roster_done(struct roster *roster);

/* A watch for each endpoint that comes with a new snapshot; takes a number and a generation. */
struct watch *roster_add(struct roster *roster, const struct endpoint *endpoint,
			 struct snapshot *snapshot);
/* Ends the watch; the snapshot's reference is the caller's to give back. */
void roster_remove(struct roster *roster, struct watch *watch);
/* After adding or removing: sorts by_name again.  Nothing may read by_name in between. */
void roster_sort(struct roster *roster);

struct watch *roster_find(const struct roster *roster, const char *name);
/* The first place in by_name whose name is not less than `name` (count: none). */
uint32_t roster_place(const struct roster *roster, const char *name);
/* NULL where the number is free or has another generation by now. */
struct watch *roster_get(const struct roster *roster, uint32_t id, uint32_t generation);

/* Keeps lists and counters; a no-op where the state is that already. */
void roster_set_state(struct roster *roster, struct watch *watch, enum state state);
/* Appends to the last checks and replaces `last`. */
struct check;
void roster_note(struct watch *watch, const struct check *check);
