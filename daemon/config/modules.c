/* modules.c - what /probe may be asked with: probes and expectations without a target. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/text.h"
#include "config/build.h"
#include "config/modules.h"
#include "option/value.h"

enum { TARGET_MAX_BYTES = 8192 };

/* The probes that may be aimed from outside, and the key that says where.  Not those that run
 * programs or read files.
 */
static const struct aim {
	const char *probe, *key;
	const char *sample; /* to load the module with */
} aims[] = {
	{ "http", "url", "http://target.invalid/" },	{ "tcp", "address", "target.invalid:1" },
	{ "tls", "address", "target.invalid:1" },	{ "udp", "address", "target.invalid:1" },
	{ "ping", "host", "target.invalid" },		{ "dns", "server", "target.invalid" },
	{ "websocket", "url", "ws://target.invalid/" },
};

enum { AIMS = sizeof(aims) / sizeof(aims[0]) };

static const struct aim *find_aim(const char *probe)
{
	for (unsigned i = 0; i < AIMS; i++)
		if (strcmp(aims[i].probe, probe) == 0)
			return &aims[i];
	return NULL;
}

/* The probe that the module names; NULL after a complaint, or where build_endpoint() makes one. */
static const struct aim *aim_of(struct loader *loader, const struct value *module)
{
	const struct aim *found = NULL;

	for (unsigned i = 0; i < loader->keys->types_count; i++) {
		const char *name = loader->keys->types[i]->name;
		const struct value *probe = value_find(module, name);
		const struct place place = probe ? value_place(probe) : (struct place){ 0 };
		const struct aim *aim = probe ? find_aim(name) : NULL;

		if (!probe)
			continue;
		if (!aim) {
			complain(loader->complaints, &place,
				 "a module cannot be of '%s': its target comes with a request, and "
				 "nobody is to start programs or read files here",
				 name);
			return NULL;
		}
		if (probe->kind == VALUE_NULL) {
			complain(loader->complaints, &place,
				 "nothing stands behind '%s'; write '%s: {}'", name, name);
			return NULL;
		}
		if (value_find(probe, aim->key) || probe->kind == VALUE_SCALAR) {
			complain(
				loader->complaints, &place,
				"'%s' of a module comes with the request (?target=); leave it away",
				aim->key);
			return NULL;
		}
		if (value_find(probe, "body_file")) {
			complain(loader->complaints, &place,
				 "a module has no 'body_file'; write the 'body' itself");
			return NULL;
		}
		found = aim;
	}
	return found;
}

static struct value scalar_at(const struct value *place, const char *text)
{
	return (struct value){
		.file = place->file,
		.line = place->line,
		.column = place->column,
		.kind = VALUE_SCALAR,
		.style = VALUE_DOUBLE,
		.text = text,
		.count = (uint32_t)strlen(text),
	};
}

static struct value map_at(const struct value *place, const struct value *pairs, uint32_t count)
{
	return (struct value){
		.file = place->file,
		.line = place->line,
		.column = place->column,
		.kind = VALUE_MAP,
		.items = pairs,
		.count = count,
	};
}

/* What is set first: { name: NAME, PROBE: { KEY: SAMPLE } }. */
static struct value *first_layer(struct loader *loader, const struct value *key,
				 const struct aim *aim)
{
	struct value *pairs = arena_take(loader->scratch, 6 * sizeof(*pairs));
	struct value *layer = arena_take(loader->scratch, sizeof(*layer));

	pairs[4] = scalar_at(key, aim->key);
	pairs[5] = scalar_at(key, aim->sample);
	pairs[0] = scalar_at(key, "name");
	pairs[1] = scalar_at(key, key->text);
	pairs[2] = scalar_at(key, aim->probe);
	pairs[3] = map_at(key, &pairs[4], 1);
	*layer = map_at(key, pairs, 2);
	return layer;
}

static unsigned number_of(const struct keys *keys, const char *probe)
{
	unsigned number = 0;

	while (strcmp(keys->types[number]->name, probe) != 0)
		number++;
	return number;
}

static const struct option *row_of(const struct option_table *table, const char *key)
{
	const struct option *row = table->options;

	while (strcmp(row->key, key) != 0)
		row++;
	return row;
}

static void keep_module(struct loader *loader, const struct module *module)
{
	map_set(loader->modules, module->endpoint.name, (void *)(uintptr_t)module);
}

void modules_add(struct loader *loader, const struct value *key)
{
	const struct value *value = &key[1];
	const struct aim *aim = aim_of(loader, value);
	const struct value *layers[2] = { NULL, value };
	struct base base = { .making.loader = loader };
	struct making making = { .loader = loader };
	struct notes notes = { 0 };
	struct build build = {
		.loader = loader,
		.making = &making,
		.base = &base,
		.value = value,
		.places = { .layers = layers, .count = 2 },
	};
	const size_t before = loader->made_count;
	struct module *module;
	struct said said = { 0 };
	unsigned number;

	option_fill(&loader->keys->endpoint, &making.draft, loader->arena);
	making.draft.interval = 30 * USEC_PER_DAY;
	if (aim) {
		layers[0] = first_layer(loader, key, aim);
		making_apply(&making, &loader->keys->endpoint, layers[0]);
	}
	making.notes = &notes;
	making_apply(&making, &loader->keys->module, value);
	making.notes = NULL;
	said.own = notes_take(&notes, loader->arena);
	said.expect = line_origins(loader, "expect", &making.expect);
	said.warn = line_origins(loader, "warn", &making.warn);
	if (!aim) {
		if (complaints_faults(loader->complaints) == 0) {
			build.places.layers = &layers[1];
			build.places.count = 1;
			build_endpoint(&build, NULL);
		}
		return;
	}
	number = number_of(loader->keys, aim->probe);
	module = arena_take(loader->arena, sizeof(*module));
	module->said = said;
	module->options = making.draft.probes[number];
	module->target = row_of(loader->keys->types[number]->table, aim->key);
	/* So that the probe works on a copy, and these stay as they are. */
	base.making.draft.probes[number] = module->options;
	build_endpoint(&build, NULL);
	if (loader->made_count == before)
		return;
	loader->made_count = before;
	if (!loader->made[before].endpoint)
		return;
	module->endpoint = *loader->made[before].endpoint;
	keep_module(loader, module);
}

static int compare_modules(const void *a, const void *b)
{
	const struct module *const *one = a, *const *other = b;

	return strcmp((*one)->endpoint.name, (*other)->endpoint.name);
}

void modules_place(struct loader *loader)
{
	struct snapshot *snapshot = loader->snapshot;
	const size_t room = map_count(loader->modules) + 1;
	const struct module **modules = arena_take(loader->arena, room * sizeof(*modules));
	const char *name;
	void *module;

	for (size_t at = 0; map_next(loader->modules, &at, &name, &module);)
		modules[snapshot->modules_count++] = module;
	if (snapshot->modules_count)
		qsort(modules, snapshot->modules_count, sizeof(*modules), compare_modules);
	snapshot->modules = modules;
}

static int compare_name(const void *key, const void *element)
{
	const struct module *const *module = element;

	return strcmp(key, (*module)->endpoint.name);
}

const struct module *module_find(const struct snapshot *snapshot, const char *name)
{
	const struct module *const *found = NULL;

	if (snapshot->modules_count)
		found = bsearch(name, snapshot->modules, snapshot->modules_count,
				sizeof(struct module *), compare_name);
	return found ? *found : NULL;
}

/* As blackbox_exporter does, whose targets are often without one. */
static const char *with_scheme(const struct module *module, const char *target, struct arena *arena)
{
	cleanup(text)
	struct text url = { 0 };

	if (strcmp(module->endpoint.type->name, "http") != 0 || strstr(target, "://"))
		return arena_text(arena, target);
	text_print(&url, "http://%s", target);
	return arena_text(arena, text_string(&url));
}

static bool is_target(const struct option *row, const char *target, struct text *fault)
{
	cleanup(text)
	struct text wanted = { 0 };
	const size_t len = strlen(target);

	if (len == 0 || len > TARGET_MAX_BYTES || (row->max && len > row->max)) {
		text_append(fault, len == 0 ? "the target is empty" : "the target is too long");
		return false;
	}
	if (!row->check || row->check(target, len, &wanted))
		return true;
	text_print(fault, "the target %s", text_string(&wanted));
	return false;
}

/* The first of what there is to say against it. */
static bool has_faults(struct complaints *complaints, struct text *fault)
{
	for (size_t i = 0; i < complaints_count(complaints); i++) {
		const struct complaint *complaint = complaints_get(complaints, i);

		if (complaint->is_warning)
			continue;
		text_append(fault, complaint->message);
		return true;
	}
	return false;
}

struct endpoint *module_aim(const struct module *module, const char *target, usec_t timeout,
			    struct arena *arena, struct text *fault)
{
	const struct probe_type *type = module->endpoint.type;
	const struct option_places nowhere = { 0 };
	struct complaints *complaints;
	struct endpoint *endpoint;
	void *options;
	const char *text;
	char *made;
	bool is_fine;

	text = with_scheme(module, target, arena);
	if (!is_target(module->target, text, fault))
		return NULL;
	options = arena_take(arena, type->table->size);
	memcpy(options, module->options, type->table->size);
	memcpy((char *)options + module->target->offset, &text, sizeof(text));
	complaints = complaints_new();
	if (option_finish(type->table, options, type->name, &nowhere, complaints) && type->prepare)
		type->prepare(options, arena, complaints, &nowhere);
	is_fine = !has_faults(complaints, fault);
	complaints_free(complaints);
	if (!is_fine)
		return NULL;
	endpoint = arena_take(arena, sizeof(*endpoint));
	*endpoint = module->endpoint;
	endpoint->options = options;
	endpoint->own = NULL;
	made = type->target(options);
	endpoint->target = arena_text(arena, made);
	free(made);
	made = type->host(options);
	endpoint->host = made ? arena_text(arena, made) : NULL;
	free(made);
	endpoint->timeout = timeout < endpoint->timeout ? timeout : endpoint->timeout;
	endpoint->interval = endpoint->interval_failing = 30 * USEC_PER_DAY;
	endpoint->hash = hash_name(endpoint->target);
	return endpoint;
}
