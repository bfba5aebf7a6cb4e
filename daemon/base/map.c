/* map.c - from a text to a pointer. */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/hash.h"
#include "base/map.h"
#include "base/memory.h"

struct entry {
	const char *key; /* borrowed; NULL: free */
	void *value; /* borrowed */
	uint64_t hash;
};

struct map {
	struct entry *entries; /* owned */
	size_t room; /* a power of two */
	size_t count;
	struct hash_key seed;
};

struct map *map_new(void)
{
	struct map *map = MEMORY_NEW(struct map);

	map->room = 16;
	map->entries = memory_new(map->room, sizeof(*map->entries));
	/* Before the pool is ready a fixed seed serves: nobody can know it matters yet. */
	(void)!getrandom(&map->seed, sizeof(map->seed), GRND_NONBLOCK);
	return map;
}

void map_free(struct map *map)
{
	free(map->entries);
	free(map);
}

/* Where `key` stands, or the free place where it would. */
static struct entry *place(const struct map *map, const char *key, uint64_t hash)
{
	size_t i = hash & (map->room - 1);

	while (map->entries[i].key &&
	       (map->entries[i].hash != hash || strcmp(map->entries[i].key, key) != 0))
		i = (i + 1) & (map->room - 1);
	return &map->entries[i];
}

static uint64_t hash_of(const struct map *map, const char *key)
{
	return hash_bytes(&map->seed, key, strlen(key));
}

void *map_find(const struct map *map, const char *key)
{
	return place(map, key, hash_of(map, key))->value;
}

static void grow(struct map *map)
{
	struct entry *before = map->entries;
	const size_t room = map->room;

	map->room *= 2;
	map->entries = memory_new(map->room, sizeof(*map->entries));
	for (size_t i = 0; i < room; i++)
		if (before[i].key)
			*place(map, before[i].key, before[i].hash) = before[i];
	free(before);
}

void *map_set(struct map *map, const char *key, void *value)
{
	const uint64_t hash = hash_of(map, key);
	struct entry *entry;
	void *before;

	if ((map->count + 1) * 4 > map->room * 3)
		grow(map);
	entry = place(map, key, hash);
	before = entry->value;
	if (!entry->key)
		map->count++;
	*entry = (struct entry){ .key = key, .value = value, .hash = hash };
	return before;
}

void *map_remove(struct map *map, const char *key)
{
	struct entry *hole = place(map, key, hash_of(map, key));
	void *value = hole->value;
	size_t i;

	if (!hole->key)
		return NULL;
	/* Close the gap: what was pushed past the hole moves back into it. */
	i = (size_t)(hole - map->entries);
	for (size_t next = (i + 1) & (map->room - 1); map->entries[next].key;
	     next = (next + 1) & (map->room - 1)) {
		const size_t home = map->entries[next].hash & (map->room - 1);

		if (((next - home) & (map->room - 1)) < ((next - i) & (map->room - 1)))
			continue;
		map->entries[i] = map->entries[next];
		i = next;
	}
	map->entries[i] = (struct entry){ 0 };
	map->count--;
	return value;
}

size_t map_count(const struct map *map)
{
	return map->count;
}

bool map_next(const struct map *map, size_t *at, const char **ret_key, void **ret_value)
{
	for (; *at < map->room; (*at)++) {
		const struct entry *entry = &map->entries[*at];

		if (!entry->key)
			continue;
		*ret_key = entry->key;
		*ret_value = entry->value;
		(*at)++;
		return true;
	}
	return false;
}
