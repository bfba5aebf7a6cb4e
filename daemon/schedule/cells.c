/* cells.c - seats that wait for the same, found by what they wait for. */
#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"
#include "schedule/cells.h"

enum { ROOM_FIRST = 64 };

/* The keys are numbers of our own making; they need mixing, not a secret. */
static struct cell **bucket_of(const struct cells *cells, const struct cell *key)
{
	const uint64_t mixed = ((uint64_t)key->host * LANES + key->lane) * 0x9e3779b97f4a7c15u ^
			       (uint64_t)key->group * 0xc2b2ae3d27d4eb4fu;

	return &cells->buckets[(mixed ^ mixed >> 32) & (cells->room - 1)];
}

/* Where the cell equal to `key` is pointed to, or would be. */
static struct cell **find(const struct cells *cells, const struct cell *key)
{
	struct cell **at = bucket_of(cells, key);

	while (*at &&
	       ((*at)->host != key->host || (*at)->group != key->group || (*at)->lane != key->lane))
		at = &(*at)->next;
	return at;
}

static void grow(struct cells *cells)
{
	const struct cells old = *cells;

	cells->room = old.room ? 2 * old.room : ROOM_FIRST;
	cells->buckets = memory_new(cells->room, sizeof(struct cell *));
	for (uint32_t i = 0; i < old.room; i++) {
		struct cell *next;

		for (struct cell *cell = old.buckets[i]; cell; cell = next) {
			struct cell **const bucket = bucket_of(cells, cell);

			next = cell->next;
			cell->next = *bucket;
			*bucket = cell;
		}
	}
	free(old.buckets);
}

void cells_done(struct cells *cells)
{
	for (uint32_t i = 0; i < cells->room; i++) {
		struct cell *next;

		for (struct cell *cell = cells->buckets[i]; cell; cell = next) {
			next = cell->next;
			free(cell);
		}
	}
	free(cells->buckets);
}

struct cell *cells_made(struct cells *cells, const struct seat *seat)
{
	const struct cell key = { .host = seat->host, .group = seat->group, .lane = seat->lane };
	struct cell **at;

	if (cells->count >= cells->room)
		grow(cells);
	at = find(cells, &key);
	if (!*at) {
		*at = MEMORY_NEW(struct cell);
		**at = key;
		list_init(&(*at)->seats);
		cells->count++;
	}
	return *at;
}

void cells_end(struct cells *cells, struct cell *cell)
{
	struct cell **const at = find(cells, cell);

	assert(*at == cell);
	*at = cell->next;
	cells->count--;
	free(cell);
}
