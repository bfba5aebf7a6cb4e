/* map.h - from a text to a pointer.  Keys are borrowed and must outlive their entry.
 *
 * Open addressing, seeded by the process, so that names from outside cannot
 * be chosen to collide.  Not for several threads at once.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct map;

struct map *map_new(void);
void map_free(struct map *map);

/* The value of `key`, or NULL. */
void *map_find(const struct map *map, const char *key);
/* Returns the value that was there before and is replaced, or NULL.  `value` is not NULL. */
void *map_set(struct map *map, const char *key, void *value);
/* Returns the value that is no longer there, or NULL. */
void *map_remove(struct map *map, const char *key);
size_t map_count(const struct map *map);

/* Each entry, in no order: start with *at = 0; false at the end.  No changes meanwhile. */
bool map_next(const struct map *map, size_t *at, const char **ret_key, void **ret_value);
