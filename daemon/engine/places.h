/* places.h - names to small dense numbers that outlive a reload.
 *
 * The schedule counts by number; a group or host keeps its number as long as one
 * watch is in it, whatever the order of the configuration is.
 */
#pragma once

#include <stdint.h>

#include "base/hash.h"

struct numbered;

#define PLACE_NONE UINT32_MAX

struct places {
	struct numbered **places; /* owned; by number; NULL: free */
	uint32_t room;
	/* Owned; by name: numbers + 1, or 0.  As many hosts as endpoints may be in it, so it holds
	 * no more than that (base/map.h has six times as much).
	 */
	uint32_t *index;
	uint32_t index_room; /* a power of two */
	uint32_t count;
	struct hash_key seed;
	uint32_t free_from; /* no number below is free */
};

void places_init(struct places *places);
void places_done(struct places *places);

/* The number of `name`, one more user of it; PLACE_NONE for NULL. */
uint32_t places_enter(struct places *places, const char *name);
void places_leave(struct places *places, uint32_t number);
/* PLACE_NONE if nobody is there. */
uint32_t places_find(const struct places *places, const char *name);
