/* heap.c - which of many numbered things has the least key. */
#include <stdlib.h>
#include <string.h>

#include "base/heap.h"
#include "base/memory.h"

#define NOWHERE UINT32_MAX

struct node {
	usec_t key;
	uint32_t id;
};

struct heap {
	struct node *nodes; /* owned */
	uint32_t count;
	uint32_t nodes_room;
	uint32_t *places; /* owned; by id: index in nodes, or NOWHERE */
	uint32_t places_room;
};

struct heap *heap_new(void)
{
	return MEMORY_NEW(struct heap);
}

void heap_free(struct heap *heap)
{
	free(heap->nodes);
	free(heap->places);
	free(heap);
}

static void put(struct heap *heap, uint32_t place, struct node node)
{
	heap->nodes[place] = node;
	heap->places[node.id] = place;
}

static void sift_up(struct heap *heap, uint32_t place, struct node node)
{
	while (place > 0) {
		const uint32_t parent = (place - 1) / 4;

		if (heap->nodes[parent].key <= node.key)
			break;
		put(heap, place, heap->nodes[parent]);
		place = parent;
	}
	put(heap, place, node);
}

static void sift_down(struct heap *heap, uint32_t place, struct node node)
{
	for (;;) {
		const uint64_t first = (uint64_t)place * 4 + 1;
		uint32_t least;

		if (first >= heap->count)
			break;
		least = (uint32_t)first;
		for (uint32_t child = least + 1; child < heap->count && child < first + 4; child++)
			if (heap->nodes[child].key < heap->nodes[least].key)
				least = child;
		if (heap->nodes[least].key >= node.key)
			break;
		put(heap, place, heap->nodes[least]);
		place = least;
	}
	put(heap, place, node);
}

static void make_room(struct heap *heap, uint32_t id)
{
	if (id >= heap->places_room) {
		const uint32_t room = (uint32_t)memory_next_room(heap->places_room, id + 1u);

		heap->places = memory_grow(heap->places, room, sizeof(*heap->places));
		for (uint32_t i = heap->places_room; i < room; i++)
			heap->places[i] = NOWHERE;
		heap->places_room = room;
	}
	if (heap->count == heap->nodes_room) {
		heap->nodes_room = (uint32_t)memory_next_room(heap->nodes_room, heap->count + 1u);
		heap->nodes = memory_grow(heap->nodes, heap->nodes_room, sizeof(*heap->nodes));
	}
}

void heap_set(struct heap *heap, uint32_t id, usec_t key)
{
	const struct node node = { .key = key, .id = id };

	make_room(heap, id);
	if (heap->places[id] == NOWHERE) {
		sift_up(heap, heap->count++, node);
	} else if (key < heap->nodes[heap->places[id]].key) {
		sift_up(heap, heap->places[id], node);
	} else {
		sift_down(heap, heap->places[id], node);
	}
}

bool heap_remove(struct heap *heap, uint32_t id)
{
	struct node last;
	uint32_t place;

	if (!heap_has(heap, id))
		return false;
	place = heap->places[id];
	heap->places[id] = NOWHERE;
	last = heap->nodes[--heap->count];
	if (last.id == id)
		return true;
	if (place > 0 && last.key < heap->nodes[(place - 1) / 4].key)
		sift_up(heap, place, last);
	else
		sift_down(heap, place, last);
	return true;
}

bool heap_has(const struct heap *heap, uint32_t id)
{
	return id < heap->places_room && heap->places[id] != NOWHERE;
}

bool heap_least(const struct heap *heap, uint32_t *ret_id, usec_t *ret_key)
{
	if (heap->count == 0)
		return false;
	*ret_id = heap->nodes[0].id;
	*ret_key = heap->nodes[0].key;
	return true;
}

uint32_t heap_count(const struct heap *heap)
{
	return heap->count;
}

/* A branch ends at its first greater key, and is at most 16 deep. */
static uint32_t count_from(const struct heap *heap, uint64_t place, usec_t key)
{
	uint32_t count = 1;

	if (place >= heap->count || heap->nodes[place].key > key)
		return 0;
	for (uint64_t child = place * 4 + 1; child <= place * 4 + 4; child++)
		count += count_from(heap, child, key);
	return count;
}

uint32_t heap_count_until(const struct heap *heap, usec_t key)
{
	return count_from(heap, 0, key);
}
