/* layers.c - defaults, groups and templates, set one over the other.
 *
 * What endpoints of the same group with the same templates begin with is made once and
 * copied: an endpoint then costs what it says itself.
 */
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/build.h"
#include "config/loader.h"
#include "config/share.h"

static void add_secret(const char *text, void *context)
{
	struct making *making = context;
	struct secrets *secrets = &making->secrets;

	for (unsigned i = 0; i < secrets->count; i++)
		if (strcmp(secrets->list[i], text) == 0)
			return;
	if (secrets->count == secrets->room) {
		/* A new array, since others may share the one before. */
		const unsigned room = secrets->room * 2 + 2;
		const char **list = arena_take(making->loader->arena, room * sizeof(*list));

		if (secrets->count)
			memcpy(list, secrets->list, secrets->count * sizeof(*list));
		secrets->list = list;
		secrets->room = room;
	}
	secrets->list[secrets->count++] = arena_text(making->loader->arena, text);
}

static const char *expand(const struct value *scalar, bool braces, bool *ret_is_secret,
			  void *context)
{
	struct making *making = context;

	return references_expand(making->loader->references, scalar, braces, &making->each,
				 add_secret, making, ret_is_secret);
}

/* A secret that stands in the file itself is as secret as the file. */
static void examine_secret(struct loader *loader, const struct value *value)
{
	struct source *source = files_find(&loader->files, value->file);
	const struct place place = value_place(value);

	if (!source || source->has_warned || !(source->mode & S_IROTH) ||
	    value->kind != VALUE_SCALAR || strstr(value->text, "${"))
		return;
	source->has_warned = true;
	complain_warn(
		loader->complaints, &place,
		"a secret stands here in a file that everybody can read: take that right away "
		"(chmod o-r), or write ${credential:NAME}");
}

static void note(const char *path, const struct value *value, bool is_secret, void *context)
{
	struct making *making = context;

	if (!making->notes)
		return;
	notes_add(making->notes, origin_of(making->loader, path, value, is_secret));
	if (is_secret)
		examine_secret(making->loader, value);
}

/* For a row of draft->probes. */
static void *lend(const struct option *option, void *context)
{
	struct making *making = context;
	const size_t first = offsetof(struct draft, probes);

	return share_draft(making->loader,
			   (unsigned)((option->offset - first) / sizeof(const void *)));
}

static bool is_null(const struct value *map, const char *key)
{
	const struct value *value = value_find(map, key);

	return value && value->kind == VALUE_NULL;
}

void making_apply(struct making *making, const struct option_table *table,
		  const struct value *value)
{
	struct loader *loader = making->loader;
	struct draft *draft = &making->draft;
	const struct option_reader reader = {
		.arena = loader->arena,
		.complaints = loader->complaints,
		.has_each = making->each.value || making->each.is_open,
		.expand = expand,
		.secret = add_secret,
		.note = making->notes ? note : NULL,
		.lend = making->is_passing ? lend : NULL,
		.context = making,
	};

	draft->expect = draft->warn = NULL;
	draft->inherits = true;
	option_set(table, value, draft, "", &reader);
	if (!draft->inherits || is_null(value, "expect"))
		making->expect = (struct lines){ 0 };
	if (!draft->inherits || is_null(value, "warn"))
		making->warn = (struct lines){ 0 };
	making->expect.last = making->expect.count;
	making->warn.last = making->warn.count;
	if (draft->expect)
		lines_add(loader, "expect", draft->expect, &making->expect);
	if (draft->warn)
		lines_add(loader, "warn", draft->warn, &making->warn);
}

struct origins line_origins(struct loader *loader, const char *path, const struct lines *lines)
{
	struct notes notes = { 0 };

	for (unsigned i = 0; i < lines->count; i++)
		notes_add(&notes, origin_of(loader, path, lines->items[i], false));
	return notes_take(&notes, loader->arena);
}

static const char *const *line_texts(struct loader *loader, const struct lines *lines)
{
	const char **texts = arena_take(loader->arena, (lines->count + 1) * sizeof(*texts));

	for (unsigned i = 0; i < lines->count; i++)
		texts[i] = arena_text(loader->arena, lines->items[i]->text);
	return texts;
}

static void keep_said(struct making *making, const struct layer *layer, struct said *said)
{
	struct loader *loader = making->loader;
	struct draft *draft = arena_take(loader->arena, sizeof(*draft));

	*draft = making->draft;
	*said = (struct said){
		.draft = draft,
		.own = layer->origins,
		.expect_lines = line_texts(loader, &making->expect),
		.warn_lines = line_texts(loader, &making->warn),
		.expect = line_origins(loader, "expect", &making->expect),
		.warn = line_origins(loader, "warn", &making->warn),
	};
}

void layer_init(struct loader *loader, struct layer *layer, const struct option_table *table,
		const struct value *value, struct said *said)
{
	struct notes notes = { 0 };
	struct making making = { .loader = loader, .each.is_open = true, .notes = &notes };

	*layer = (struct layer){ .table = table, .value = value };
	option_fill(&loader->keys->endpoint, &making.draft, loader->arena);
	making_apply(&making, table, value);
	layer->origins = notes_take(&notes, loader->arena);
	lines_examine(loader, &making.expect);
	lines_examine(loader, &making.warn);
	if (said)
		keep_said(&making, layer, said);
}

/* `key` of the strongest of these mappings that has it. */
static const struct value *choose(const struct value *endpoint, const struct value *group,
				  const struct loader *loader, const char *key)
{
	const struct value *value = value_find(endpoint, key);

	if (!value && group)
		value = value_find(group, key);
	for (unsigned i = 0; !value && i < loader->defaults_count; i++)
		value = value_find(loader->defaults[i]->value, key);
	return value && value->kind != VALUE_NULL ? value : NULL;
}

/* What `key` names, which says what layers there are, and so is read before all of them.  NULL
 * after a complaint.
 */
static const char *read_name(struct loader *loader, const struct value *value, const char *key)
{
	const struct place place = value_place(value);
	struct each each = { .is_open = true };
	const char *name;
	bool is_secret;

	if (!strstr(value->text, "${"))
		return value->text;
	name = references_expand(loader->references, value, false, &each, NULL, NULL, &is_secret);
	if (each.was_asked)
		complain(loader->complaints, &place,
			 "${each} is not read in '%s', which is the same for all that 'each' makes",
			 key);
	return name;
}

/* As it was written, so that no secret is told. */
static void refuse_name(struct loader *loader, const struct value *value, const char *what,
			const struct map *map)
{
	const struct place place = value_place(value);
	const char **names = memory_new(map_count(map) + 1, sizeof(*names));
	const char *nearest;
	size_t at = 0, count = 0;
	void *ignored;

	while (map_next(map, &at, &names[count], &ignored))
		count++;
	names[count] = NULL;
	nearest = complaint_nearest(value->text, names);
	/* It may stand in a file that could not be read. */
	if (!loader->files.is_broken)
		complain(loader->complaints, &place, "there is no %s '%.100s'%s%s%s", what,
			 value->text, nearest ? "; did you mean '" : "", nearest ? nearest : "",
			 nearest ? "'?" : "");
	free(names);
}

static bool find_group(struct loader *loader, const struct value *value,
		       const struct group_layer **ret)
{
	const char *name;

	*ret = NULL;
	if (!value)
		return true;
	if (value->kind != VALUE_SCALAR)
		return false; /* the table complains */
	name = read_name(loader, value, "group");
	if (!name)
		return false;
	*ret = map_find(loader->groups, name);
	if (!*ret)
		refuse_name(loader, value, "group", loader->groups);
	return *ret;
}

static bool find_templates(struct loader *loader, const struct value *value,
			   const struct layer **layers, unsigned *ret_count)
{
	const bool is_list = value && value->kind == VALUE_LIST;
	const struct value *items = is_list ? value->items : value;
	const uint32_t count = is_list ? value->count : value != NULL;
	bool is_whole = true;

	*ret_count = 0;
	if (count > USE_MAX) {
		const struct place place = value_place(value);

		complain(loader->complaints, &place, "'use' may name at most %d templates",
			 USE_MAX);
		return false;
	}
	for (uint32_t i = 0; i < count; i++) {
		const bool is_text = items[i].kind == VALUE_SCALAR;
		const char *name = is_text ? read_name(loader, &items[i], "use") : NULL;
		struct layer *layer = name ? map_find(loader->templates, name) : NULL;

		if (name && !layer)
			refuse_name(loader, &items[i], "template", loader->templates);
		if (layer)
			layers[(*ret_count)++] = layer;
		is_whole = is_whole && layer;
	}
	return is_whole;
}

static struct base *base_new(struct loader *loader, const struct layer **layers, unsigned count,
			     const struct group *group)
{
	struct base *base = arena_take(loader->scratch, sizeof(*base));
	struct heritage *heritage = arena_take(loader->arena, sizeof(*heritage));
	struct origins *origins = arena_take(loader->arena, (count + 1) * sizeof(*origins));

	base->making = (struct making){ .loader = loader, .each.is_open = true };
	base->layers = arena_take(loader->scratch, (count + 1) * sizeof(*base->layers));
	base->layers_count = count;
	base->group = group;
	base->heritage = heritage;
	option_fill(&loader->keys->endpoint, &base->making.draft, loader->arena);
	for (unsigned i = 0; i < count; i++) {
		base->layers[i] = layers[i];
		origins[i] = layers[i]->origins;
		making_apply(&base->making, layers[i]->table, layers[i]->value);
	}
	heritage->layers = origins;
	heritage->layers_count = count;
	heritage->expect = line_origins(loader, "expect", &base->making.expect);
	heritage->warn = line_origins(loader, "warn", &base->making.warn);
	return base;
}

struct base *base_of(struct loader *loader, const struct value *endpoint)
{
	cleanup(free)
	const struct layer **layers =
		memory_new(loader->defaults_count + 1 + USE_MAX, sizeof(*layers));
	cleanup(text)
	struct text key = { 0 };
	const struct group_layer *group;
	unsigned count = 0, used;
	struct base *base;
	bool is_whole;

	is_whole = find_group(loader, choose(endpoint, NULL, loader, "group"), &group);
	for (; count < loader->defaults_count; count++)
		layers[count] = loader->defaults[count];
	if (group)
		layers[count++] = &group->layer;
	if (!find_templates(loader,
			    choose(endpoint, group ? group->layer.value : NULL, loader, "use"),
			    layers + count, &used) ||
	    !is_whole)
		return NULL;
	count += used;
	/* The same layers by the same addresses. */
	for (unsigned i = 0; i < count; i++) {
		text_append_uint(&key, (uintptr_t)layers[i]);
		text_append_char(&key, ' ');
	}
	base = map_find(loader->bases, text_string(&key));
	if (base)
		return base;
	base = base_new(loader, layers, count, group ? group->group : NULL);
	map_set(loader->bases, arena_text(loader->scratch, text_string(&key)), base);
	return base;
}

struct option_places places_of(const struct base *base, const struct value *endpoint,
			       const struct value **layers)
{
	struct option_places places = { .layers = layers };

	for (unsigned i = 0; base && i < base->layers_count && i + 1 < BUILD_LAYERS_MAX; i++)
		layers[places.count++] = base->layers[i]->value;
	layers[places.count++] = endpoint;
	return places;
}
