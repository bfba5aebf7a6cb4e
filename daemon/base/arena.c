/* arena.c - memory that is freed all at once. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"

/* Blocks grow with the arena: most are small, and there may be one for each endpoint.  Those of a
 * large one are pages of their own: what a configuration took, libc would keep for the next, in
 * pieces between what stays.
 */
enum {
	SMALLEST_BLOCK = 1024 - 64,
	USUAL_BLOCK = 64 * 1024 - 64,
	MAPPED_BLOCK = 256 * 1024,
	LARGEST_BLOCK = 1024 * 1024 - 64,
};

struct block {
	struct block *next; /* owned */
	size_t used, room;
	size_t size; /* of all of it */
	_Alignas(max_align_t) char data[];
};

_Static_assert(sizeof(struct block) <= 64, "blocks are whole pages with their head");

struct arena {
	struct block *blocks; /* owned; the first has room */
	size_t bytes;
};

struct arena *arena_new(void)
{
	return MEMORY_NEW(struct arena);
}

void arena_free(struct arena *arena)
{
	while (arena->blocks) {
		struct block *block = arena->blocks;

		arena->blocks = block->next;
		if (block->size >= MAPPED_BLOCK)
			memory_unmap(block, block->size);
		else
			free(block);
	}
	free(arena);
}

static size_t room_after(size_t bytes)
{
	if (bytes / 16 >= MAPPED_BLOCK)
		return bytes / 16 < LARGEST_BLOCK ? bytes / 16 : LARGEST_BLOCK;
	if (bytes < SMALLEST_BLOCK)
		return SMALLEST_BLOCK;
	return bytes < USUAL_BLOCK ? bytes : USUAL_BLOCK;
}

static struct block *block_new(struct arena *arena, size_t least)
{
	size_t room = room_after(arena->bytes), size;
	struct block *block;

	room = room < least ? least : room;
	size = sizeof(*block) + room;
	block = size >= MAPPED_BLOCK ? memory_map(size) : memory_new(1, size);
	block->room = room;
	block->size = size;
	arena->bytes += size;
	return block;
}

void *arena_take(struct arena *arena, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	struct block *block = arena->blocks;
	void *memory;

	size = (size + align - 1) / align * align;
	if (!block || block->room - block->used < size) {
		block = block_new(arena, size);
		/* A large one goes behind, so that the rest of the first is still used. */
		if (size == block->room && arena->blocks) {
			block->next = arena->blocks->next;
			arena->blocks->next = block;
		} else {
			block->next = arena->blocks;
			arena->blocks = block;
		}
	}
	memory = block->data + block->used;
	block->used += size;
	return memory;
}

/* Texts need no alignment, so they come from the end of the block. */
char *arena_text_len(struct arena *arena, const char *text, size_t len)
{
	struct block *block = arena->blocks;
	char *copy;

	if (!block || block->room - block->used < len + 1) {
		copy = arena_take(arena, len + 1);
	} else {
		block->room -= len + 1;
		copy = block->data + block->room;
	}
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *arena_text(struct arena *arena, const char *text)
{
	return arena_text_len(arena, text, strlen(text));
}

void arena_join(struct arena *arena, struct arena *other)
{
	/* Behind the first, which has room. */
	struct block **end = arena->blocks ? &arena->blocks->next : &arena->blocks;
	struct block *rest = *end;

	*end = other->blocks;
	while (*end)
		end = &(*end)->next;
	*end = rest;
	arena->bytes += other->bytes;
	free(other);
}

size_t arena_bytes(const struct arena *arena)
{
	return arena->bytes;
}
