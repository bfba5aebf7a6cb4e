/* loader.c - from trees to a snapshot: which keys of which file say what. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/discover.h"
#include "config/loader.h"
#include "config/modules.h"
#include "config/receivers.h"
#include "config/share.h"
#include "expect/expect.h"

void loader_init(struct loader *loader, const struct probe_type *const *types,
		 struct complaints *complaints)
{
	*loader = (struct loader){
		.complaints = complaints,
		.scratch = arena_new(),
		.snapshot = snapshot_new(),
		.groups = map_new(),
		.receivers = map_new(),
		.modules = map_new(),
		.templates = map_new(),
		.bases = map_new(),
		.programs = map_new(),
		.hosts = map_new(),
		.commons = map_new(),
		.terms = map_new(),
		.maintenances = map_new(),
	};
	loader->arena = loader->snapshot->arena;
	origins_begin(loader);
	loader->references = references_new(loader->arena, &loader->files, complaints);
	/* Explaining needs the tables as long as the snapshot lives. */
	loader->snapshot->keys = arena_take(loader->arena, sizeof(struct keys));
	loader->keys = loader->snapshot->keys;
	keys_init(loader->snapshot->keys, types, loader->arena);
}

/* Two values for one key: mappings may add to each other, anything else is said once. */
static void compare_pair(struct loader *loader, const struct value *first,
			 const struct value *second, const char *what)
{
	const struct place place = value_place(second);

	if (first[1].kind == VALUE_MAP && second[1].kind == VALUE_MAP) {
		for (uint32_t i = 0; i < second[1].count; i++) {
			const struct value *key = &second[1].items[2 * i];
			const struct value *twin = value_find(&first[1], key->text);

			if (twin)
				compare_pair(loader, twin - 1, key, what);
		}
		return;
	}
	complain(loader->complaints, &place, "'%s' of '%s' stands in two files; first in %s:%u",
		 second->text, what, first->file, first->line);
}

/* The pair of `key`, not its value. */
static const struct value *find_pair(const struct value *root, const char *key)
{
	const struct value *value = value_find(root, key);

	return value ? value - 1 : NULL;
}

/* `picket:` and `defaults:` of later files against those of earlier ones. */
static void compare_files(struct loader *loader, unsigned number)
{
	static const char *const keys[] = { "picket", "defaults" };
	const struct value *roots = loader->files.roots;

	for (unsigned k = 0; k < 2; k++) {
		const struct value *later = find_pair(&roots[number], keys[k]);

		for (unsigned i = 0; later && i < number; i++) {
			const struct value *earlier = find_pair(&roots[i], keys[k]);

			if (earlier && earlier[1].kind == VALUE_MAP && later[1].kind == VALUE_MAP)
				compare_pair(loader, earlier, later, keys[k]);
		}
	}
}

static void note_setting(const char *path, const struct value *value, bool is_secret, void *context)
{
	struct loader *loader = context;
	struct snapshot *snapshot = loader->snapshot;
	struct origin *list;

	if (strncmp(path, "picket.", 7) != 0)
		return;
	/* There are few of these. */
	list = arena_take(loader->arena, (snapshot->origins_count + 1) * sizeof(*list));
	if (snapshot->origins_count)
		memcpy(list, snapshot->origins, snapshot->origins_count * sizeof(*list));
	list[snapshot->origins_count++] = origin_of(loader, path, value, is_secret);
	snapshot->origins = list;
}

static const char *expand_setting(const struct value *scalar, bool braces, bool *ret_is_secret,
				  void *context)
{
	struct loader *loader = context;
	struct each none = { 0 };

	return references_expand(loader->references, scalar, braces, &none, NULL, NULL,
				 ret_is_secret);
}

static void add_defaults(struct loader *loader, const struct value *value)
{
	struct layer *layer = arena_take(loader->scratch, sizeof(*layer));
	const struct layer **list =
		arena_take(loader->scratch, (loader->defaults_count + 1) * sizeof(*list));

	layer_init(loader, layer, &loader->keys->defaults, value, NULL);
	if (loader->defaults_count)
		memcpy(list, loader->defaults, loader->defaults_count * sizeof(*list));
	list[loader->defaults_count++] = layer;
	loader->defaults = list;
}

/* Names are for templates and groups what they are for endpoints. */
static bool is_name_fit(struct loader *loader, const struct value *key, const char *what,
			const struct value *twin)
{
	const struct place place = value_place(key);
	cleanup(text)
	struct text wanted = { 0 };

	if (!keys_check_name(key->text, key->count, &wanted)) {
		complain(loader->complaints, &place, "the name of a %s %s, not '%.130s'", what,
			 text_string(&wanted), key->text);
		return false;
	}
	if (twin) {
		complain(loader->complaints, &place,
			 "the %s '%s' stands in two files; first in %s:%u", what, key->text,
			 twin->file, twin->line);
		return false;
	}
	if (key[1].kind != VALUE_MAP && key[1].kind != VALUE_NULL) {
		const struct place value = value_place(&key[1]);

		complain(loader->complaints, &value, "the %s '%s' must be a mapping, not %s", what,
			 key->text, value_kind_name(&key[1]));
		return false;
	}
	return true;
}

static void add_template(struct loader *loader, const struct value *key)
{
	const struct layer *twin = map_find(loader->templates, key->text);
	struct layer *layer;

	if (!is_name_fit(loader, key, "template", twin ? twin->value - 1 : NULL))
		return;
	layer = arena_take(loader->scratch, sizeof(*layer));
	layer_init(loader, layer, &loader->keys->template, &key[1], NULL);
	map_set(loader->templates, key->text, layer);
}

static void add_receiver(struct loader *loader, const struct value *key)
{
	const bool is_twin = map_find(loader->receivers, key->text);
	const struct place place = value_place(key);

	if (is_twin)
		complain(loader->complaints, &place, "the receiver '%.130s' stands in two files",
			 key->text);
	else if (is_name_fit(loader, key, "receiver", NULL))
		receivers_add(loader, key);
}

static void add_module(struct loader *loader, const struct value *key)
{
	const bool is_twin = map_find(loader->modules, key->text);
	const struct place place = value_place(key);

	if (is_twin)
		complain(loader->complaints, &place, "the module '%.130s' stands in two files",
			 key->text);
	else if (is_name_fit(loader, key, "module", NULL))
		modules_add(loader, key);
}

static void add_group(struct loader *loader, const struct value *key)
{
	const struct group_layer *twin = map_find(loader->groups, key->text);
	struct group_layer *added;

	if (!is_name_fit(loader, key, "group", twin ? twin->key : NULL))
		return;
	added = arena_take(loader->scratch, sizeof(*added));
	added->key = key;
	layer_init(loader, &added->layer, &loader->keys->group, &key[1], &added->said);
	added->group = arena_take(loader->scratch, sizeof(*added->group));
	*added->group = (struct group){
		.name = arena_text(loader->arena, key->text),
		.max_concurrent = added->said.draft->max_concurrent,
		.index = (unsigned)map_count(loader->groups),
	};
	map_set(loader->groups, key->text, added);
}

/* All groups in one array of the snapshot, in the order of the files. */
static void place_groups(struct loader *loader)
{
	const unsigned count = (unsigned)map_count(loader->groups);
	struct group *groups = arena_take(loader->arena, (count + 1) * sizeof(*groups));
	struct said *said = arena_take(loader->arena, (count + 1) * sizeof(*said));
	const char *name;
	size_t at = 0;
	void *found;

	while (map_next(loader->groups, &at, &name, &found)) {
		struct group_layer *added = found;
		struct group *place = &groups[added->group->index];

		said[added->group->index] = added->said;
		*place = *added->group;
		added->group = place;
	}
	loader->snapshot->groups = groups;
	loader->snapshot->groups_said = said;
	loader->snapshot->groups_count = count;
}

/* Everything of one file but its endpoints, which need the names of all files. */
static void take_file(struct loader *loader, struct root *root, const struct value *value)
{
	const struct option_reader reader = {
		.arena = loader->arena,
		.complaints = loader->complaints,
		.expand = expand_setting,
		.note = note_setting,
		.context = loader,
	};

	root->defaults = root->templates = root->groups = root->receivers = NULL;
	root->modules = root->endpoints = NULL;
	option_set(&loader->keys->root, value, root, "", &reader);
	if (root->defaults)
		add_defaults(loader, root->defaults);
	for (uint32_t i = 0; root->templates && i < root->templates->count; i++)
		add_template(loader, &root->templates->items[2 * i]);
	for (uint32_t i = 0; root->groups && i < root->groups->count; i++)
		add_group(loader, &root->groups->items[2 * i]);
	for (uint32_t i = 0; root->receivers && i < root->receivers->count; i++)
		add_receiver(loader, &root->receivers->items[2 * i]);
	for (uint32_t i = 0; root->modules && i < root->modules->count; i++)
		add_module(loader, &root->modules->items[2 * i]);
}

static void take_endpoints(struct loader *loader, const struct value *root)
{
	const struct value *endpoints = value_find(root, "endpoints");

	for (uint32_t i = 0; endpoints && endpoints->kind == VALUE_LIST && i < endpoints->count;
	     i++)
		endpoint_make(loader, &endpoints->items[i]);
}

/* Those of the files before those that were found, so that these give way. */
static int compare_made(const void *left, const void *right)
{
	const struct made *a = left, *b = right;
	const int order = strcmp(a->name, b->name);

	if (order)
		return order;
	if (!a->discovery != !b->discovery)
		return a->discovery ? 1 : -1;
	return (a->order > b->order) - (a->order < b->order);
}

/* What was found and has the name of another is not made, and the others stand closer. */
static void drop_twins(struct loader *loader)
{
	size_t kept = 0;

	for (size_t i = 0; i < loader->made_count; i++) {
		const struct made *made = &loader->made[i];

		if (made->discovery && kept &&
		    strcmp(loader->made[kept - 1].name, made->name) == 0) {
			discovery_leave_out(loader, made->discovery, made->target,
					    "another endpoint has the name that it would get");
			continue;
		}
		if (made->discovery)
			made->discovery->endpoints++;
		loader->made[kept++] = *made;
	}
	loader->made_count = kept;
}

static void refuse_twin(struct loader *loader, const struct made *first, const struct made *second)
{
	const struct place place = value_place(second->place);

	if (first->place == second->place)
		complain(loader->complaints, &place,
			 "'each' makes two endpoints that are called '%s'", second->name);
	else
		complain(loader->complaints, &place,
			 "another endpoint is called '%s' too, in %s:%u", second->name,
			 first->place->file, first->place->line);
}

static void sort_endpoints(struct loader *loader)
{
	const struct endpoint **endpoints;
	size_t count;

	if (loader->made_count)
		qsort(loader->made, loader->made_count, sizeof(*loader->made), compare_made);
	drop_twins(loader);
	count = loader->made_count;
	endpoints = arena_take(loader->arena, (count + 1) * sizeof(*endpoints));
	for (size_t i = 0; i < count; i++) {
		endpoints[i] = loader->made[i].endpoint;
		if (i && strcmp(loader->made[i].name, loader->made[i - 1].name) == 0)
			refuse_twin(loader, &loader->made[i - 1], &loader->made[i]);
	}
	loader->snapshot->endpoints = endpoints;
	loader->snapshot->endpoints_count = (unsigned)count;
	loader->snapshot->hosts_count = (unsigned)map_count(loader->hosts);
}

static int compare_targets(const void *a, const void *b)
{
	const struct endpoint *const *one = a, *const *other = b;
	const int order = strcmp((*one)->target, (*other)->target);

	return order ? order : strcmp((*one)->name, (*other)->name);
}

/* Whoever asks for a target does not wait until all endpoints were looked at. */
static void sort_targets(struct loader *loader)
{
	struct snapshot *snapshot = loader->snapshot;
	const unsigned count = snapshot->endpoints_count;
	const struct endpoint **targets = arena_take(loader->arena, (count + 1) * sizeof(*targets));

	/* Where there are faults, some have none, and nobody asks. */
	if (complaints_faults(loader->complaints) > 0)
		return;
	for (unsigned i = 0; i < count; i++)
		targets[i] = snapshot->endpoints[i];
	if (count)
		qsort(targets, count, sizeof(*targets), compare_targets);
	snapshot->by_target = targets;
}

void loader_run(struct loader *loader)
{
	struct root root;

	option_fill(&loader->keys->root, &root, loader->arena);
	for (unsigned i = 0; i < loader->files.count; i++) {
		if (loader->files.roots[i].kind != VALUE_MAP)
			continue;
		compare_files(loader, i);
		take_file(loader, &root, &loader->files.roots[i]);
	}
	place_groups(loader);
	receivers_place(loader);
	modules_place(loader);
	for (unsigned i = 0; i < loader->files.count; i++)
		take_endpoints(loader, &loader->files.roots[i]);
	loader->snapshot->settings = root.settings;
	sort_endpoints(loader);
	examine_relations(loader);
	examine_renames(loader);
	examine_quorums(loader);
	examine_rates(loader);
	sort_targets(loader);
	origins_place(loader);
}

/* Programs are the snapshot's from now on. */
static void hand_over_programs(struct loader *loader)
{
	struct program **programs =
		arena_take(loader->arena, (map_count(loader->programs) + 1) * sizeof(*programs));
	const char *key;
	size_t at = 0, count = 0;
	void *program;

	while (map_next(loader->programs, &at, &key, &program))
		programs[count++] = program;
	loader->snapshot->programs = programs;
	loader->snapshot->programs_count = count;
}

int loader_finish(struct loader *loader, struct snapshot **ret_snapshot)
{
	const bool is_good = complaints_faults(loader->complaints) == 0;
	struct snapshot *snapshot = loader->snapshot;

	hand_over_programs(loader);
	if (is_good && snapshot->discoveries_count)
		snapshot->texts = files_texts(&loader->files);
	references_free(loader->references);
	map_free(loader->groups);
	map_free(loader->receivers);
	map_free(loader->modules);
	map_free(loader->templates);
	map_free(loader->bases);
	origins_end(loader);
	map_free(loader->programs);
	map_free(loader->hosts);
	map_free(loader->commons);
	map_free(loader->terms);
	map_free(loader->maintenances);
	share_done(loader);
	free(loader->made);
	files_done(&loader->files);
	arena_free(loader->scratch);
	if (!is_good) {
		snapshot_unref(snapshot);
		return -EINVAL;
	}
	*ret_snapshot = snapshot;
	return 0;
}
