/* arena.h - memory that is freed all at once: what one configuration snapshot is made of. */
#pragma once

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena);

/* Zeroed, aligned for any type. */
void *arena_take(struct arena *arena, size_t size);
char *arena_text(struct arena *arena, const char *text);
char *arena_text_len(struct arena *arena, const char *text, size_t len);
/* What `other` has is this one's from now on, and `other` is gone. */
void arena_join(struct arena *arena, struct arena *other);
size_t arena_bytes(const struct arena *arena);
