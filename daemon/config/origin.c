/* origin.c - within config/: which line each value came from. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/memory.h"
#include "config/loader.h"

_Static_assert((unsigned)FILES_MAX < (unsigned)ORIGIN_NO_FILE, "each file has a number");

static unsigned number_of_file(struct loader *loader, const char *name)
{
	if (loader->last_file == name)
		return loader->last_number;
	for (unsigned i = 0; i < loader->files.count; i++) {
		if (loader->files.sources[i]->name != name)
			continue;
		loader->last_file = name;
		loader->last_number = i;
		return i;
	}
	return ORIGIN_NO_FILE;
}

static unsigned add_path(struct loader *loader, const char *path)
{
	struct paths *paths = &loader->paths;

	if (paths->count == paths->room) {
		paths->room = (unsigned)memory_next_room(paths->room, 64);
		paths->names = memory_grow(paths->names, paths->room, sizeof(*paths->names));
	}
	paths->names[paths->count] = arena_text(loader->arena, path);
	map_set(paths->numbers, paths->names[paths->count], (void *)(uintptr_t)(paths->count + 1));
	return paths->count++;
}

static unsigned number_of_path(struct loader *loader, const char *path)
{
	const uintptr_t found = (uintptr_t)map_find(loader->paths.numbers, path);

	if (found)
		return (unsigned)(found - 1);
	return loader->paths.count < ORIGIN_PATHS_MAX ? add_path(loader, path) : 0;
}

struct origin origin_of(struct loader *loader, const char *path, const struct value *value,
			bool is_secret)
{
	return (struct origin){
		.path = number_of_path(loader, path) & (ORIGIN_PATHS_MAX - 1),
		.line = (value->line < ORIGIN_LINES_MAX ? value->line : ORIGIN_LINES_MAX) &
			ORIGIN_LINES_MAX,
		.file = number_of_file(loader, value->file) & ORIGIN_NO_FILE,
		.is_secret = is_secret,
		.is_removal = value->kind == VALUE_NULL,
	};
}

void origins_begin(struct loader *loader)
{
	loader->paths = (struct paths){ .numbers = map_new() };
	(void)add_path(loader, "");
}

void origins_end(struct loader *loader)
{
	map_free(loader->paths.numbers);
	free(loader->paths.names);
}

void origins_place(struct loader *loader)
{
	const struct paths *known = &loader->paths;
	const unsigned count = loader->files.count;
	const char **files = arena_take(loader->arena, (count + 1) * sizeof(*files));
	const char **paths = arena_take(loader->arena, known->count * sizeof(*paths));

	for (unsigned i = 0; i < count; i++)
		files[i] = arena_text(loader->arena, loader->files.sources[i]->name);
	memcpy(paths, known->names, known->count * sizeof(*paths));
	loader->snapshot->files = files;
	loader->snapshot->paths = paths;
}

void notes_add(struct notes *notes, struct origin origin)
{
	if (notes->count == notes->room) {
		notes->room = (unsigned)memory_next_room(notes->room, 8);
		notes->list = memory_grow(notes->list, notes->room, sizeof(*notes->list));
	}
	notes->list[notes->count++] = origin;
}

struct origins notes_take(struct notes *notes, struct arena *arena)
{
	struct origins origins = { .count = notes->count };
	struct origin *list = arena_take(arena, (notes->count + 1) * sizeof(*list));

	if (notes->count)
		memcpy(list, notes->list, notes->count * sizeof(*list));
	origins.list = list;
	free(notes->list);
	*notes = (struct notes){ 0 };
	return origins;
}
