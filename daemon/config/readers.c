/* readers.c - a large file, read by several threads.
 *
 *   text --cut--> part, part, … --read, a thread each--> lists --joined--> tree
 *
 * Each thread has memory and complaints of its own.  Where there is anything to complain about, and
 * where a part makes no list, all is forgotten and read once more as a whole: so what is wrong
 * is said as if nobody had cut anything.
 */
#include <string.h>

#include "base/arena.h"
#include "base/thread.h"
#include "config/parts.h"
#include "config/readers.h"
#include "config/tree.h"

struct reader {
	struct source *source; /* borrowed; nobody changes it meanwhile */
	struct part part;
	struct arena *arena; /* owned */
	struct complaints *complaints; /* owned */
	struct value root;
	int result;
	pthread_t thread;
	bool has_thread;
};

static void *read_part(void *context)
{
	struct reader *reader = context;

	reader->result = tree_read_part(reader->source, &reader->part, reader->arena,
					reader->complaints, &reader->root);
	return NULL;
}

static void read_all(struct reader *readers, unsigned count)
{
	for (unsigned i = 1; i < count; i++)
		readers[i].has_thread =
			thread_start("reader", read_part, &readers[i], &readers[i].thread) == 0;
	for (unsigned i = 0; i < count; i++)
		if (!readers[i].has_thread)
			(void)read_part(&readers[i]);
	for (unsigned i = 1; i < count; i++)
		if (readers[i].has_thread)
			(void)pthread_join(readers[i].thread, NULL);
}

/* Whether its last value is one that is not there, whose place is said to be where the next token
 * is: that of a key that is written with a question mark.
 */
static bool ends_with_nothing(const struct value *last, const struct reader *next)
{
	while (last->kind >= VALUE_LIST && last->count)
		last = &last->items[last->count * (last->kind == VALUE_MAP ? 2 : 1) - 1];
	return last->line > next->part.line;
}

/* The list that the others go on with; NULL where something is wrong anywhere. */
static struct value *find_list(struct reader *readers, unsigned count)
{
	const struct value *list = NULL;

	for (unsigned i = 0; i < count; i++) {
		const struct value *root = &readers[i].root;

		if (readers[i].result < 0 || complaints_calls(readers[i].complaints) > 0)
			return NULL;
		if (i == 0)
			list = root->kind == VALUE_MAP ? value_find(root, "endpoints") : NULL;
		if (!list || list->kind != VALUE_LIST || (i > 0 && root->kind != VALUE_LIST) ||
		    (i + 1 < count && ends_with_nothing(i ? root : list, &readers[i + 1])))
			return NULL;
	}
	return (struct value *)(uintptr_t)list;
}

static void join(struct value *list, struct reader *readers, unsigned count, struct arena *arena)
{
	struct value *items;
	size_t total = list->count, at = list->count;

	for (unsigned i = 1; i < count; i++)
		total += readers[i].root.count;
	items = arena_take(arena, total * sizeof(*items));
	memcpy(items, list->items, list->count * sizeof(*items));
	for (unsigned i = 1; i < count; i++) {
		const struct value *more = &readers[i].root;

		memcpy(items + at, more->items, more->count * sizeof(*items));
		at += more->count;
	}
	list->items = items;
	list->count = (uint32_t)total;
}

static bool is_text(const struct source *source)
{
	struct complaints *unheard = complaints_new();
	const bool is_good = source_examine(source, unheard) == 0;

	complaints_free(unheard);
	return is_good;
}

int readers_read(struct source *source, size_t least, unsigned most, struct arena *arena,
		 struct complaints *complaints, struct value *ret_root)
{
	struct reader readers[PARTS_MAX] = { 0 };
	struct part parts[PARTS_MAX];
	const unsigned count = parts_cut(source->text, source->len, least,
					 most < PARTS_MAX ? most : PARTS_MAX, parts);
	struct value *list;

	if (count == 1 || !is_text(source))
		return tree_read(source, arena, complaints, ret_root);
	for (unsigned i = 0; i < count; i++)
		readers[i] = (struct reader){
			.source = source,
			.part = parts[i],
			.arena = arena_new(),
			.complaints = complaints_new(),
		};
	read_all(readers, count);
	list = find_list(readers, count);
	if (list) {
		join(list, readers, count, arena);
		*ret_root = readers[0].root;
	}
	for (unsigned i = 0; i < count; i++) {
		complaints_free(readers[i].complaints);
		if (list)
			arena_join(arena, readers[i].arena);
		else
			arena_free(readers[i].arena);
	}
	return list ? 0 : tree_read(source, arena, complaints, ret_root);
}
