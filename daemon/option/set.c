/* set.c - from parsed values to the members of a struct, row by row. */
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "option/scalar.h"

/* The way to a key, from the outermost mapping; for notes. */
struct trail {
	const struct trail *above;
	const char *key;
};

enum { TRAIL_MAX = 16 };

static void set_layer(const struct option_table *table, const struct value *layer, void *object,
		      const struct trail *trail, const struct option_reader *reader);

static void note(const struct option_reader *reader, const struct trail *trail,
		 const struct value *value, bool is_secret)
{
	const char *keys[TRAIL_MAX];
	cleanup(text)
	struct text path = { 0 };
	unsigned count = 0;

	if (!reader->note)
		return;
	for (; trail && count < TRAIL_MAX; trail = trail->above)
		if (*trail->key)
			keys[count++] = trail->key;
	while (count-- > 0) {
		text_append(&path, keys[count]);
		if (count > 0)
			text_append_char(&path, '.');
	}
	reader->note(text_string(&path), value, is_secret, reader->context);
}

/* One text of a list or mapping, which is a secret or may be shown; NULL after a complaint. */
static const char *read_element(struct setting *setting, bool is_hidden)
{
	if (setting->value->kind != VALUE_SCALAR) {
		fault_element(setting);
		return NULL;
	}
	if (!scalar_read(setting))
		return NULL;
	if (setting->is_secret && setting->option->secrets_in) {
		fault_value(setting,
			    "must not hold a secret, which everybody on this host could read; use "
			    "'%s'",
			    setting->option->secrets_in);
		return NULL;
	}
	if (!scalar_is_fit(setting))
		return NULL;
	return scalar_keep(setting, is_hidden);
}

static bool set_texts(const struct setting *setting, const char *const **member)
{
	const struct value *value = setting->value;
	const uint32_t count = value->kind == VALUE_LIST ? value->count : 1;
	const struct value *items = value->kind == VALUE_LIST ? value->items : value;
	const char **texts = arena_take(setting->reader->arena, (count + 1) * sizeof(*texts));
	struct setting element = *setting;
	bool is_whole = true, is_secret = false;

	element.text = value->kind == VALUE_SCALAR ? value->text : "";
	if (value->kind == VALUE_SCALAR && scalar_word(&element)) {
		*member = NULL;
		return false;
	}
	for (uint32_t i = 0; i < count; i++) {
		element.value = &items[i];
		texts[i] = read_element(&element, setting->option->is_secret);
		is_whole = is_whole && texts[i];
		is_secret = is_secret || element.is_secret;
	}
	if (is_whole)
		*member = texts;
	return is_secret;
}

static bool is_key(const struct option *option, const char *a, const char *b)
{
	return option->ignores_case ? strcasecmp(a, b) == 0 : strcmp(a, b) == 0;
}

static bool is_key_fit(const struct setting *setting, const struct value *key)
{
	cleanup(text)
	struct text wanted = { 0 };
	const struct place place = value_place(key);

	if (!setting->option->check_key ||
	    setting->option->check_key(key->text, key->count, &wanted))
		return true;
	complain(setting->reader->complaints, &place, "'%s': the key '%.80s' %s",
		 setting->option->key, key->text, text_string(&wanted));
	return false;
}

/* Where the pair of that key stands, or behind the last. */
static unsigned find_pair(const struct option *option, const struct option_pairs *pairs,
			  const char *key)
{
	unsigned i = 0;

	while (i < pairs->count && !is_key(option, pairs->pairs[i].key, key))
		i++;
	return i;
}

enum { PAIRS_MAX = 256, PART_MIN = 8 };

static bool holds_secret(const struct option *option, const char *key)
{
	return option->is_secret || (option->holds_secret && option->holds_secret(key));
}

/* Of "Bearer 5eb63bbb" and "session=5eb63bbb" the last word is what must not be seen, whatever
 * stands before it; one that is short may well be another word too.
 */
static void keep_part(const struct option_reader *reader, const char *text)
{
	const char *part = strpbrk(text, " =");

	if (part && reader->secret && strlen(part + 1) >= PART_MIN)
		reader->secret(part + 1, reader->context);
}

/* Keys that differ, but not to whoever reads them. */
static bool has_twin(const struct setting *setting, uint32_t number)
{
	const struct value *items = setting->value->items;
	const struct value *key = &items[2 * (size_t)number];
	const struct place place = value_place(key);

	for (uint32_t i = 0; setting->option->ignores_case && i < number; i++) {
		if (strcasecmp(items[2 * i].text, key->text) != 0)
			continue;
		complain(setting->reader->complaints, &place,
			 "'%s': the key '%.80s' stands here twice; first in line %u",
			 setting->option->key, key->text, items[2 * i].line);
		return true;
	}
	return false;
}

/* Key by key over what is there; null takes a key away. */
static void set_pairs(const struct setting *setting, struct option_pairs *member,
		      const struct trail *trail)
{
	const struct value *map = setting->value;
	const struct option_reader *reader = setting->reader;
	struct option_pairs merged = { 0 };
	struct option_pair *pairs;

	if (map->count + member->count > PAIRS_MAX) {
		fault_value(setting, "may have at most %d keys", PAIRS_MAX);
		return;
	}
	pairs = arena_take(reader->arena, (map->count + member->count) * sizeof(*pairs));
	if (member->count)
		memcpy(pairs, member->pairs, member->count * sizeof(*pairs));
	merged.pairs = pairs;
	merged.count = member->count;
	for (uint32_t i = 0; i < map->count; i++) {
		const struct value *key = &map->items[2 * i];
		const struct trail step = { trail, key->text };
		struct setting element = *setting;
		const unsigned at = find_pair(setting->option, &merged, key->text);

		element.value = key + 1;
		if (has_twin(setting, i) || !is_key_fit(setting, key))
			continue;
		if (key[1].kind == VALUE_NULL) {
			if (at < merged.count)
				memmove(&pairs[at], &pairs[at + 1],
					(--merged.count - at) * sizeof(*pairs));
			note(reader, &step, key + 1, false);
			continue;
		}
		const bool is_hidden = holds_secret(setting->option, key->text);
		const char *text = read_element(&element, is_hidden);

		note(reader, &step, key + 1, element.is_secret || is_hidden);
		if (!text)
			continue;
		if (is_hidden)
			keep_part(reader, text);
		pairs[at] = (struct option_pair){
			.key = arena_text_len(reader->arena, key->text, key->count),
			.value = text,
			.is_secret = element.is_secret || is_hidden,
		};
		merged.count += at == merged.count;
	}
	*member = merged;
}

/* What is written shortly: a scalar or list for the one key it stands for. */
static void set_short(const struct option_table *table, const struct value *value, void *object,
		      const struct trail *trail, const struct option_reader *reader)
{
	const struct value key = {
		.file = value->file,
		.line = value->line,
		.column = value->column,
		.kind = VALUE_SCALAR,
		.text = table->short_key,
		.count = (uint32_t)strlen(table->short_key),
	};
	const struct value items[2] = { key, *value };
	const struct value map = {
		.file = value->file,
		.line = value->line,
		.column = value->column,
		.kind = VALUE_MAP,
		.count = 1,
		.items = items,
	};

	set_layer(table, &map, object, trail, reader);
}

static void *place_for(const struct option *option, const struct option_reader *reader)
{
	return option->is_lent && reader->lend ? reader->lend(option, reader->context)
					       : arena_take(reader->arena, option->table->size);
}

static void set_mapping(const struct setting *setting, void *member, const struct trail *trail)
{
	const struct option *option = setting->option;
	const struct option_table *table = option->table;
	void *object = member;

	if (setting->value->kind != VALUE_MAP && !table->short_key) {
		fault_shape(setting, "a mapping");
		return;
	}
	if (option->is_separate) {
		const void *before;

		memcpy(&before, member, sizeof(before));
		object = place_for(option, setting->reader);
		if (!before)
			before = table->builtin;
		if (!before)
			option_fill(table, object, setting->reader->arena);
		else if (object != before)
			memcpy(object, before, table->size);
		memcpy(member, &object, sizeof(object));
	}
	if (setting->value->kind == VALUE_MAP)
		set_layer(table, setting->value, object, trail, setting->reader);
	else
		set_short(table, setting->value, object, trail, setting->reader);
}

enum { STEPS_MAX = 64 };

/* The list as a whole replaces what was there; its items are counted from 0 in paths. */
static void set_steps(const struct setting *setting, struct option_steps *member,
		      const struct trail *trail)
{
	const struct option_table *table = setting->option->table;
	const struct value *list = setting->value;
	struct arena *arena = setting->reader->arena;
	/* In short form the value is only lent. */
	struct value *kept = arena_take(arena, sizeof(*kept));
	char *items;

	if (list->count > STEPS_MAX) {
		fault_value(setting, "may have at most %d entries", STEPS_MAX);
		return;
	}
	items = arena_take(arena, (list->count + 1) * table->size);
	for (uint32_t i = 0; i < list->count; i++) {
		struct setting step = *setting;
		cleanup(text)
		struct text number = { 0 };
		struct trail below = { trail, NULL };

		step.value = &list->items[i];
		if (step.value->kind != VALUE_MAP) {
			fault_shape(&step, "a list of mappings");
			return;
		}
		text_append_uint(&number, i);
		below.key = text_string(&number);
		option_fill(table, items + i * table->size, arena);
		set_layer(table, step.value, items + i * table->size, &below, setting->reader);
	}
	*kept = *list;
	*member = (struct option_steps){ .items = items, .list = kept, .count = list->count };
}

/* Back to the built-in value. */
static void reset(const struct option *option, void *member, const struct option_reader *reader)
{
	const struct option row[] = { *option, OPTION_END };
	const struct option_table alone = { .options = row };

	option_fill(&alone, (char *)member - option->offset, reader->arena);
}

/* Kinds that are one scalar. */
static void set_scalar(struct setting *setting, void *member, const struct trail *trail)
{
	const enum option_kind kind = setting->option->kind;
	cleanup(text)
	struct text wanted = { 0 };

	if (setting->value->kind != VALUE_SCALAR) {
		fault_describe(setting->option, &wanted);
		fault_shape(setting, text_string(&wanted));
		return;
	}
	if (scalar_read(setting))
		scalar_set(setting, member);
	note(setting->reader, trail, setting->value, setting->is_secret || kind == OPTION_SECRET);
}

/* Kinds that someone else sets: only their shape is looked at. */
static void set_raw(const struct setting *setting, const struct value **member)
{
	const enum option_kind kind = setting->option->kind;
	const enum value_kind is = setting->value->kind;
	cleanup(text)
	struct text wanted = { 0 };

	if ((kind == OPTION_MAPPINGS && is == VALUE_LIST) ||
	    ((kind == OPTION_NAMED || kind == OPTION_MAPPING) && is == VALUE_MAP) ||
	    (kind == OPTION_LINES && (is == VALUE_LIST || is == VALUE_SCALAR))) {
		*member = setting->value;
		return;
	}
	fault_describe(setting->option, &wanted);
	fault_shape(setting, text_string(&wanted));
}

static void set_row(struct setting *setting, void *member, const struct trail *trail)
{
	const struct value *value = setting->value;

	if (value->kind == VALUE_NULL) {
		reset(setting->option, member, setting->reader);
		note(setting->reader, trail, value, false);
		return;
	}
	switch (setting->option->kind) {
	case OPTION_TEXTS:
		if (value->kind == VALUE_MAP)
			fault_shape(setting, "a list of texts, or one");
		else
			note(setting->reader, trail, value,
			     set_texts(setting, member) || setting->option->is_secret);
		break;
	case OPTION_PAIRS:
		if (value->kind != VALUE_MAP)
			fault_shape(setting, "a mapping");
		else
			set_pairs(setting, member, trail);
		break;
	case OPTION_MAPPING:
		if (setting->option->is_raw)
			set_raw(setting, member);
		else
			set_mapping(setting, member, trail);
		break;
	case OPTION_STEPS:
		if (value->kind != VALUE_LIST)
			fault_shape(setting, "a list of mappings");
		else
			set_steps(setting, member, trail);
		break;
	case OPTION_MAPPINGS:
	case OPTION_NAMED:
	case OPTION_LINES:
		set_raw(setting, member);
		break;
	case OPTION_LAST:
	case OPTION_FLAG:
	case OPTION_COUNT:
	case OPTION_MODE:
	case OPTION_SIZE:
	case OPTION_DURATION:
	case OPTION_CHOICE:
	case OPTION_TEXT:
	case OPTION_SECRET:
	case OPTION_PATH:
		set_scalar(setting, member, trail);
	}
}

static const struct option *find_option(const struct option_table *table, const char *key)
{
	for (const struct option *row = table->options; row->kind != OPTION_LAST; row++)
		if (row->key[0] == key[0] && strcmp(row->key, key) == 0)
			return row;
	return NULL;
}

static bool is_free(const struct option_table *table, const char *key)
{
	return table->free_prefix &&
	       strncmp(key, table->free_prefix, strlen(table->free_prefix)) == 0;
}

static void set_layer(const struct option_table *table, const struct value *layer, void *object,
		      const struct trail *trail, const struct option_reader *reader)
{
	for (uint32_t i = 0; i < layer->count; i++) {
		const struct value *key = &layer->items[2 * i];
		const struct option *option = find_option(table, key->text);
		const struct trail step = { trail, key->text };
		struct setting setting = {
			.option = option,
			.reader = reader,
			.value = key + 1,
		};

		if (option)
			set_row(&setting, (char *)object + option->offset, &step);
		else if (!is_free(table, key->text))
			fault_unknown_key(table, key, reader);
	}
}

void option_set(const struct option_table *table, const struct value *layer, void *object,
		const char *path, const struct option_reader *reader)
{
	const struct trail trail = { NULL, path };

	if (layer->kind == VALUE_MAP)
		set_layer(table, layer, object, &trail, reader);
	else if (layer->kind != VALUE_NULL && table->short_key)
		set_short(table, layer, object, &trail, reader);
}
