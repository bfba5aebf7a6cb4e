/* arena.c - memory that is freed all at once. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"

/* Blocks grow with the arena: most are small, and there may be one for each endpoint. */
enum { SMALLEST_BLOCK = 1024 - 64, LARGEST_BLOCK = 64 * 1024 - 64 };

struct block {
	struct block *next; /* owned */
	size_t used, room;
	_Alignas(max_align_t) char data[];
};

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
		free(block);
	}
	free(arena);
}

static struct block *block_new(struct arena *arena, size_t least)
{
	size_t room = arena->bytes;
	struct block *block;

	room = room < SMALLEST_BLOCK ? SMALLEST_BLOCK : room > LARGEST_BLOCK ? LARGEST_BLOCK : room;
	room = room < least ? least : room;
	block = memory_new(1, sizeof(*block) + room);
	block->room = room;
	arena->bytes += sizeof(*block) + room;
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

size_t arena_bytes(const struct arena *arena)
{
	return arena->bytes;
}
