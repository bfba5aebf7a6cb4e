/* places.c - names to small dense numbers that outlive a reload. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/memory.h"
#include "engine/places.h"

enum { INDEX_FIRST = 16 };

struct numbered {
	uint32_t users;
	uint32_t hash; /* of the name */
	char name[];
};

void places_init(struct places *places)
{
	*places = (struct places){ .index_room = INDEX_FIRST };
	places->index = memory_new(places->index_room, sizeof(*places->index));
	/* As base/map.c has it. */
	(void)!getrandom(&places->seed, sizeof(places->seed), GRND_NONBLOCK);
}

void places_done(struct places *places)
{
	for (uint32_t i = 0; i < places->room; i++)
		free(places->places[i]);
	free(places->places);
	free(places->index);
}

/* --- By name ------------------------------------------------------------------------------ */

static uint32_t hash_of(const struct places *places, const char *name)
{
	return (uint32_t)hash_bytes(&places->seed, name, strlen(name));
}

static struct numbered *place_at(const struct places *places, uint32_t at)
{
	return places->places[places->index[at] - 1];
}

static uint32_t next_of(const struct places *places, uint32_t at)
{
	return (at + 1) & (places->index_room - 1);
}

/* Where the name stands, or the free entry where it would. */
static uint32_t find_entry(const struct places *places, const char *name, uint32_t hash)
{
	uint32_t at = hash & (places->index_room - 1);

	while (places->index[at] && (place_at(places, at)->hash != hash ||
				     strcmp(place_at(places, at)->name, name) != 0))
		at = next_of(places, at);
	return at;
}

/* All of them in twice the room. */
static void grow_index(struct places *places)
{
	places->index_room *= 2;
	free(places->index);
	places->index = memory_new(places->index_room, sizeof(*places->index));
	for (uint32_t number = 0; number < places->room; number++) {
		const struct numbered *place = places->places[number];

		if (place)
			places->index[find_entry(places, place->name, place->hash)] = number + 1;
	}
}

/* Out of the index; what was pushed past the hole moves back into it. */
static void remove_entry(struct places *places, uint32_t hole)
{
	for (uint32_t at = next_of(places, hole); places->index[at]; at = next_of(places, at)) {
		const uint32_t home = place_at(places, at)->hash;

		if (((at - home) & (places->index_room - 1)) <
		    ((at - hole) & (places->index_room - 1)))
			continue;
		places->index[hole] = places->index[at];
		hole = at;
	}
	places->index[hole] = 0;
}

/* --- By number ---------------------------------------------------------------------------- */

static uint32_t free_number(struct places *places)
{
	const uint32_t before = places->room;
	uint32_t number = places->free_from;

	while (number < before && places->places[number])
		number++;
	if (number == before) {
		places->room = (uint32_t)memory_next_room(before, before + 1u);
		places->places =
			memory_grow(places->places, places->room, sizeof(struct numbered *));
		memset(places->places + before, 0,
		       (places->room - before) * sizeof(struct numbered *));
	}
	places->free_from = number + 1;
	return number;
}

static struct numbered *numbered_new(const char *name, uint32_t hash)
{
	const size_t size = strlen(name) + 1;
	struct numbered *place = memory_new(1, sizeof(*place) + size);

	place->hash = hash;
	memcpy(place->name, name, size);
	return place;
}

uint32_t places_enter(struct places *places, const char *name)
{
	uint32_t hash, at, number;

	if (!name)
		return PLACE_NONE;
	hash = hash_of(places, name);
	at = find_entry(places, name, hash);
	if (!places->index[at]) {
		if ((places->count + 1) * UINT64_C(4) > places->index_room * UINT64_C(3)) {
			grow_index(places);
			at = find_entry(places, name, hash);
		}
		number = free_number(places);
		places->places[number] = numbered_new(name, hash);
		places->index[at] = number + 1;
		places->count++;
	}
	place_at(places, at)->users++;
	return places->index[at] - 1;
}

void places_leave(struct places *places, uint32_t number)
{
	struct numbered *place;

	if (number == PLACE_NONE)
		return;
	place = places->places[number];
	assert(place && place->users > 0);
	if (--place->users > 0)
		return;
	remove_entry(places, find_entry(places, place->name, place->hash));
	places->places[number] = NULL;
	places->count--;
	if (number < places->free_from)
		places->free_from = number;
	free(place);
}

uint32_t places_find(const struct places *places, const char *name)
{
	const uint32_t at = find_entry(places, name, hash_of(places, name));

	return places->index[at] ? places->index[at] - 1 : PLACE_NONE;
}
