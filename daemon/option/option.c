/* option.c - built-in values, and what is looked at once all layers are set. */
#include <stdarg.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "option/option.h"
#include "option/value.h"

enum { LAYERS_MAX = 64 };

/* The built-in value of one row, through the same functions as any other. */
static void fill_row(const struct option *option, void *object, struct arena *arena)
{
	const struct option_reader reader = { .arena = arena };
	struct value pair[2] = {
		{ .kind = VALUE_SCALAR, .text = option->key },
		{ .kind = VALUE_SCALAR, .text = option->fallback },
	};
	const struct value layer = { .kind = VALUE_MAP, .count = 1, .items = pair };
	const struct option row[] = { *option, OPTION_END };
	const struct option_table alone = { .options = row };

	if (!option->fallback)
		return;
	pair[0].count = (uint32_t)strlen(option->key);
	pair[1].count = (uint32_t)strlen(option->fallback);
	option_set(&alone, &layer, object, "", &reader);
}

static size_t size_of(const struct option *option)
{
	switch (option->kind) {
	case OPTION_FLAG:
		return sizeof(bool);
	case OPTION_COUNT:
	case OPTION_MODE:
		return sizeof(unsigned);
	case OPTION_CHOICE:
		return sizeof(int);
	case OPTION_SIZE:
	case OPTION_DURATION:
		return sizeof(uint64_t);
	case OPTION_PAIRS:
		return sizeof(struct option_pairs);
	case OPTION_STEPS:
		return sizeof(struct option_steps);
	case OPTION_MAPPING:
		/* The rows of an embedded one are filled each for itself. */
		return option->is_separate || option->is_raw ? sizeof(void *) : 0;
	case OPTION_LAST:
		return 0;
	case OPTION_TEXT:
	case OPTION_SECRET:
	case OPTION_PATH:
	case OPTION_TEXTS:
	case OPTION_MAPPINGS:
	case OPTION_NAMED:
	case OPTION_LINES:
		break;
	}
	return sizeof(void *);
}

void option_fill(const struct option_table *table, void *object, struct arena *arena)
{
	for (const struct option *row = table->options; row->kind != OPTION_LAST; row++) {
		void *member = (char *)object + row->offset;

		memset(member, 0, size_of(row));
		if (row->kind == OPTION_MAPPING && !row->is_separate && !row->is_raw)
			option_fill(row->table, member, arena);
		else
			fill_row(row, object, arena);
	}
}

static bool finish_mapping(const struct option *option, const void *object, const char *path,
			   const struct option_places *places, struct complaints *complaints)
{
	const struct value *layers[LAYERS_MAX];
	struct option_places inner = { .layers = layers };
	const void *member = (const char *)object + option->offset;

	if (option->is_separate)
		memcpy(&member, (const char *)object + option->offset, sizeof(member));
	if (!member)
		return true;
	/* An embedded one that nobody wrote has nothing that could be wrong. */
	inner.count = option_below(places, option->key, layers, LAYERS_MAX);
	if (inner.count == 0)
		return true;

	cleanup(free)
	char *below = *path ? memory_print("%s.%s", path, option->key) : NULL;

	return option_finish(option->table, member, below ? below : option->key, &inner,
			     complaints);
}

static bool finish_steps(const struct option *option, const void *object, const char *path,
			 struct complaints *complaints)
{
	struct option_steps steps;
	bool is_whole = true;

	memcpy(&steps, (const char *)object + option->offset, sizeof(steps));
	for (unsigned i = 0; i < steps.count; i++) {
		const struct value *layer = &steps.list->items[i];
		const struct option_places places = { .layers = &layer, .count = 1 };
		cleanup(free)
		char *below = memory_print("%s%s%s.%u", path, *path ? "." : "", option->key, i);

		if (!option_finish(option->table,
				   (const char *)steps.items + i * option->table->size, below,
				   &places, complaints))
			is_whole = false;
	}
	return is_whole;
}

/* Whether somebody wrote something for that row, good or bad. */
static bool is_given(const struct option_table *table, const struct option *option,
		     const struct option_places *places)
{
	const bool is_short = table->short_key && strcmp(table->short_key, option->key) == 0;

	for (unsigned i = 0; is_short && i < places->count; i++)
		if (places->layers[i]->kind != VALUE_MAP)
			return true;
	return option_is_set(places, option->key);
}

static bool is_missing(const struct option *option, const void *object)
{
	const void *pointer;

	memcpy(&pointer, (const char *)object + option->offset, sizeof(pointer));
	return option->is_required && !pointer;
}

bool option_finish(const struct option_table *table, const void *object, const char *path,
		   const struct option_places *places, struct complaints *complaints)
{
	bool is_whole = true;

	for (const struct option *row = table->options; row->kind != OPTION_LAST; row++) {
		if (row->kind == OPTION_MAPPING && !row->is_raw &&
		    !finish_mapping(row, object, path, places, complaints))
			is_whole = false;
		if (row->kind == OPTION_STEPS && !finish_steps(row, object, path, complaints))
			is_whole = false;
		if (!is_missing(row, object))
			continue;
		is_whole = false;
		/* One that was refused has its complaint already. */
		if (!is_given(table, row, places))
			option_complain(complaints, places, row->key, "'%s%s%s' is missing", path,
					*path ? "." : "", row->key);
	}
	if (is_whole && table->examine)
		table->examine(object, complaints, places);
	return is_whole;
}
