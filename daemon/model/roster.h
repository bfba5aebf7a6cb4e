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
	struct watch **by_name; /* owned array of borrowed watches; sorted by name (strcmp) */
	uint32_t count;
	uint32_t *generations; /* owned; by id, of the next watch there */
	uint32_t *spare_ids; /* owned; numbers that are free again */
	uint32_t spare_count;
	struct list by_state[STATES]; /* of watch->by_state */
	uint32_t in_state[STATES];
};

void roster_init(struct roster *roster);
void roster_done(struct roster *roster);

/* A watch for each endpoint that comes with a new snapshot; takes a number and a
 * generation, and is pending.  Found by name only after roster_set_names().
 */
struct watch *roster_add(struct roster *roster, const struct endpoint *endpoint,
			 struct snapshot *snapshot);
/* Takes over a malloc'ed array of watches in the order of their names: what is shown from
 * now on.  Frees the one before.
 */
void roster_set_names(struct roster *roster, struct watch **names, uint32_t count);
/* Out of the lists and counters of states; keeps its number until roster_remove(). */
void roster_retire(struct roster *roster, struct watch *watch);
/* Ends a watch that no name leads to any more; retires it first where that was not
 * done.  The snapshot's reference is the caller's to give back.
 */
void roster_remove(struct roster *roster, struct watch *watch);

struct watch *roster_find(const struct roster *roster, const char *name);
/* The first place in by_name whose name is not less than `name` (count: none). */
uint32_t roster_place(const struct roster *roster, const char *name);
/* The first whose name is greater. */
uint32_t roster_behind(const struct roster *roster, const char *name);
/* NULL where the number is free or has another generation by now. */
struct watch *roster_get(const struct roster *roster, uint32_t id, uint32_t generation);

/* The first of those that this watch's endpoint depends on, be it by way of others, of which
 * `is_it` is true; NULL: there is none (or none among the first 256 that are looked at).  `looks`
 * goes up by how many were.
 */
typedef bool roster_is(const struct watch *parent, const struct watch *child);
const struct watch *roster_find_parent(const struct roster *roster, const struct watch *watch,
				       roster_is *is_it, unsigned *looks);
/* The same of one that is down. */
const struct watch *roster_find_down(const struct roster *roster, const struct watch *watch);

/* Keeps lists and counters, and standing.state with them: whoever changed standing.state
 * already tells it here.  Of a retired watch only standing.state changes.
 */
void roster_set_state(struct roster *roster, struct watch *watch, enum state state);
/* Appends to the last checks and replaces `last`; the evidence stays the check's. */
struct check;
void roster_note(struct watch *watch, const struct check *check);
