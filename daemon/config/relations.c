/* relations.c - endpoints that name others: what they depend on, and what says whether this
 * host is online.
 *
 * A name must be that of an endpoint, and nobody may depend on itself, be it by way of others.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "config/discover.h"
#include "config/loader.h"

enum { NEAREST_AMONG_MAX = 1000, CHAIN_TOLD_MAX = 8 };

/* How far the walk along `depends_on` has come, by the number of the endpoint. */
enum mark { MARK_NEW, MARK_OPEN, MARK_DONE };

struct walk {
	struct loader *loader;
	enum mark *marks;
	uint32_t *path; /* the open ones, from the first */
	unsigned *next; /* which of its parents comes next, by place in the path */
	unsigned depth;
};

static int compare_name(const void *key, const void *element)
{
	return strcmp(key, ((const struct made *)element)->name);
}

const struct made *made_find(const struct loader *loader, const char *name)
{
	if (!loader->made_count)
		return NULL;
	return bsearch(name, loader->made, loader->made_count, sizeof(*loader->made), compare_name);
}

/* Too many names are not searched for what may have been meant. */
static const char *nearest(const struct loader *loader, const char *name)
{
	const char **names;
	const char *found;

	if (loader->made_count > NEAREST_AMONG_MAX)
		return NULL;
	names = memory_new(loader->made_count + 1, sizeof(*names));
	for (size_t i = 0; i < loader->made_count; i++)
		names[i] = loader->made[i].name;
	found = complaint_nearest(name, names);
	free(names);
	return found;
}

void relations_refuse_name(const struct loader *loader, const struct mention *mention,
			   const char *name)
{
	const char *meant = mention->is_secret ? NULL : nearest(loader, name);

	/* It may stand in a file that could not be read, or be found later. */
	if (loader->files.is_broken || discovery_may_name(loader, name))
		return;
	complain(loader->complaints, &mention->place,
		 "'%s' names '%.130s', which is no endpoint%s%s%s", mention->key, mention->name,
		 meant ? "; did you mean '" : "", meant ? meant : "", meant ? "'?" : "");
}

static void examine_online_if(struct loader *loader)
{
	const char *const *names = loader->snapshot->settings.online_if;
	const struct value **roots = memory_new(loader->files.count + 1, sizeof(*roots));
	const struct option_places places = { .layers = roots, .count = loader->files.count };

	for (unsigned i = 0; i < loader->files.count; i++)
		roots[i] = &loader->files.roots[i];
	for (unsigned i = 0; names && names[i]; i++) {
		struct mention mention;

		if (made_find(loader, names[i]))
			continue;
		mention = mention_of(loader, &places, "picket.online_if", i, names[i]);
		mention.key = "online_if";
		relations_refuse_name(loader, &mention, names[i]);
	}
	free(roots);
}

/* The endpoints from one that is on the path already back to it. */
static void refuse_circle(const struct walk *walk, uint32_t closing)
{
	const struct made *made = walk->loader->made;
	const struct place place = value_place(made[walk->path[walk->depth - 1]].place);
	struct text chain = { 0 };
	unsigned first = 0;

	while (walk->path[first] != closing)
		first++;
	for (unsigned i = first; i < walk->depth && i < first + CHAIN_TOLD_MAX; i++)
		text_print(&chain, "'%s' on ", made[walk->path[i]].name);
	text_print(&chain, "%s'%s'", walk->depth > first + CHAIN_TOLD_MAX ? "… on " : "",
		   made[closing].name);
	complain(walk->loader->complaints, &place,
		 "'depends_on' goes round in a circle: %s; nothing could be told of any of them",
		 text_string(&chain));
	text_done(&chain);
}

static void enter(struct walk *walk, uint32_t number)
{
	walk->marks[number] = MARK_OPEN;
	walk->path[walk->depth] = number;
	walk->next[walk->depth++] = 0;
}

static void refuse_parent(struct loader *loader, const struct made *made, unsigned number,
			  const char *name)
{
	const struct mention mention = mention_by(loader, made, "depends_on", number, name);

	relations_refuse_name(loader, &mention, name);
}

/* One step from the last of the path: to its next parent, or back. */
static void step(struct walk *walk)
{
	const struct made *made = walk->loader->made;
	const uint32_t number = walk->path[walk->depth - 1];
	const char *const *parents = made[number].depends_on;
	const unsigned next = walk->next[walk->depth - 1];
	const char *name = parents ? parents[next] : NULL;
	const struct made *parent;

	if (!name) {
		walk->marks[number] = MARK_DONE;
		walk->depth--;
		return;
	}
	walk->next[walk->depth - 1]++;
	parent = made_find(walk->loader, name);
	if (parent && parent->endpoint)
		/* It is still in the making. */
		((struct endpoint *)(uintptr_t)parent->endpoint)->is_parent = true;
	if (!parent)
		refuse_parent(walk->loader, &made[number], next, name);
	else if (walk->marks[parent - made] == MARK_OPEN)
		refuse_circle(walk, (uint32_t)(parent - made));
	else if (walk->marks[parent - made] == MARK_NEW)
		enter(walk, (uint32_t)(parent - made));
}

static void examine_depends_on(struct loader *loader)
{
	const size_t count = loader->made_count;
	struct walk walk = {
		.loader = loader,
		.marks = memory_new(count + 1, sizeof(*walk.marks)),
		.path = memory_new(count + 1, sizeof(*walk.path)),
		.next = memory_new(count + 1, sizeof(*walk.next)),
	};

	for (uint32_t i = 0; i < count; i++) {
		if (walk.marks[i] != MARK_NEW || !loader->made[i].depends_on)
			continue;
		enter(&walk, i);
		while (walk.depth > 0)
			step(&walk);
	}
	free(walk.marks);
	free(walk.path);
	free(walk.next);
}

void examine_relations(struct loader *loader)
{
	examine_online_if(loader);
	examine_depends_on(loader);
}
