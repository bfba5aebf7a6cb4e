/* children.c - what a list or mapping holds, while it is read. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/memory.h"
#include "config/children.h"

void children_append(struct children *children, const struct value *value)
{
	if (children->count == children->room) {
		children->room = memory_next_room(children->room, 8);
		children->items =
			memory_grow(children->items, children->room, sizeof(*children->items));
	}
	children->items[children->count++] = *value;
}

const struct value *children_take(struct children *children, struct arena *arena)
{
	const size_t bytes = children->count * sizeof(*children->items);
	struct value *items = NULL;

	if (children->count) {
		items = arena_take(arena, bytes);
		memcpy(items, children->items, bytes);
	}
	free(children->items);
	return items;
}

enum { PAIRS_WITHOUT_INDEX = 12 };

size_t pairs_find(struct pairs *pairs, const char *key)
{
	const size_t count = pairs->children.count / 2;
	const struct value *items = pairs->children.items;
	size_t i = 0;

	if (count > PAIRS_WITHOUT_INDEX) {
		const uintptr_t found = (uintptr_t)map_find(pairs->index, key);

		return found ? found - 1 : count;
	}
	while (i < count && strcmp(items[2 * i].text, key) != 0)
		i++;
	return i;
}

void pairs_add(struct pairs *pairs, const struct value *key, const struct value *value)
{
	size_t first = pairs->children.count / 2;

	children_append(&pairs->children, key);
	children_append(&pairs->children, value);
	if (pairs->children.count / 2 <= PAIRS_WITHOUT_INDEX)
		return;
	if (!pairs->index) {
		pairs->index = map_new();
		first = 0;
	}
	for (size_t i = first; i < pairs->children.count / 2; i++)
		map_set(pairs->index, pairs->children.items[2 * i].text,
			(void *)(uintptr_t)(i + 1)); /* numbers, not pointers */
}

void pairs_done(struct pairs *pairs)
{
	if (pairs->index)
		map_free(pairs->index);
	pairs->index = NULL;
}
