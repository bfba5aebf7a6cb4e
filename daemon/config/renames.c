/* renames.c - endpoints that had another name, and go on with what is known of it. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "config/loader.h"

static int compare_before(const void *left, const void *right)
{
	const struct endpoint *const *a = left, *const *b = right;
	const int order = strcmp((*a)->renamed_from, (*b)->renamed_from);

	return order ? order : strcmp((*a)->name, (*b)->name);
}

/* Nobody can go on with what another one has. */
static void examine(struct loader *loader, const struct endpoint *endpoint,
		    const struct endpoint *before_it)
{
	const struct made *made = made_find(loader, endpoint->name);
	const struct place place = value_place(made->place);
	const struct made *other = made_find(loader, endpoint->renamed_from);

	const bool is_shared =
		before_it && strcmp(before_it->renamed_from, endpoint->renamed_from) == 0;
	struct mention mention = { 0 };

	if (other || is_shared)
		mention = mention_by(loader, made, "renamed_from", 0, endpoint->renamed_from);
	if (strcmp(endpoint->renamed_from, endpoint->name) == 0)
		complain(loader->complaints, &place,
			 "'renamed_from' of '%s' is its own name; it wants the one of before",
			 endpoint->name);
	else if (other)
		complain(loader->complaints, &place,
			 "'renamed_from' of '%s' names '%s', which is there as well, in %s:%u; "
			 "leave one of them out",
			 endpoint->name, mention.name, other->place->file, other->place->line);
	if (is_shared)
		complain(loader->complaints, &place,
			 "'%s' and '%s' are both 'renamed_from' '%s'; only one can go on with it",
			 before_it->name, endpoint->name, mention.name);
}

void examine_renames(struct loader *loader)
{
	const struct endpoint **list;
	unsigned count = 0;

	for (size_t i = 0; i < loader->made_count; i++)
		count += loader->made[i].endpoint && loader->made[i].endpoint->renamed_from;
	list = arena_take(loader->arena, (count + 1) * sizeof(*list));
	count = 0;
	for (size_t i = 0; i < loader->made_count; i++)
		if (loader->made[i].endpoint && loader->made[i].endpoint->renamed_from)
			list[count++] = loader->made[i].endpoint;
	if (count)
		qsort(list, count, sizeof(*list), compare_before);
	for (unsigned i = 0; i < count; i++)
		examine(loader, list[i], i ? list[i - 1] : NULL);
	loader->snapshot->renames = list;
	loader->snapshot->renames_count = count;
}

static int compare_with(const void *name, const void *element)
{
	const struct endpoint *const *endpoint = element;

	return strcmp(name, (*endpoint)->renamed_from);
}

const struct endpoint *snapshot_find_renamed(const struct snapshot *snapshot, const char *before)
{
	const struct endpoint *const *found = NULL;

	if (snapshot->renames_count)
		found = bsearch(before, snapshot->renames, snapshot->renames_count, sizeof(*found),
				compare_with);
	return found ? *found : NULL;
}
