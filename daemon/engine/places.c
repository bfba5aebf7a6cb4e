/* places.c - names to small dense numbers that outlive a reload. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/memory.h"
#include "engine/places.h"

struct numbered {
	char *name; /* owned */
	uint32_t number;
	uint32_t users;
};

void places_init(struct places *places)
{
	*places = (struct places){ .by_name = map_new() };
}

static void numbered_free(struct numbered *place)
{
	free(place->name);
	free(place);
}

void places_done(struct places *places)
{
	for (uint32_t i = 0; i < places->room; i++)
		if (places->places[i])
			numbered_free(places->places[i]);
	free(places->places);
	map_free(places->by_name);
}

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

uint32_t places_enter(struct places *places, const char *name)
{
	struct numbered *place;

	if (!name)
		return PLACE_NONE;
	place = map_find(places->by_name, name);
	if (!place) {
		place = MEMORY_NEW(struct numbered);
		place->name = memory_text(name);
		place->number = free_number(places);
		places->places[place->number] = place;
		(void)map_set(places->by_name, place->name, place);
	}
	place->users++;
	return place->number;
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
	(void)map_remove(places->by_name, place->name);
	places->places[number] = NULL;
	if (number < places->free_from)
		places->free_from = number;
	numbered_free(place);
}

uint32_t places_find(const struct places *places, const char *name)
{
	const struct numbered *place = map_find(places->by_name, name);

	return place ? place->number : PLACE_NONE;
}
