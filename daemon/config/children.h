/* children.h - within config/: what a list or mapping holds, while it is read. */
#pragma once

#include "option/value.h"

struct arena;
struct map;

struct children {
	struct value *items; /* owned */
	size_t count, room;
};

void children_append(struct children *children, const struct value *value);
/* Moves them into the arena. */
const struct value *children_take(struct children *children, struct arena *arena);

/* Of a mapping: key, value, key, value, … */
struct pairs {
	struct children children;
	struct map *index; /* owned; key -> its number + 1; made when there are many */
};

/* Number of the pair with that key, or how many pairs there are. */
size_t pairs_find(struct pairs *pairs, const char *key);
void pairs_add(struct pairs *pairs, const struct value *key, const struct value *value);
/* The index only: the children are taken. */
void pairs_done(struct pairs *pairs);
