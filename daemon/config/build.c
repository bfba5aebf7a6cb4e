/* build.c - from a draft whose layers are all set to an endpoint. */
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/units.h"
#include "config/build.h"
#include "config/receivers.h"
#include "config/share.h"
#include "config/windows.h"
#include "expect/expect.h"
#include "model/maintenance.h"
#include "option/value.h"

/* Number of the probe that a layer names; -1 for none, -2 for several. */
static int probe_of(const struct keys *keys, const struct value *layer)
{
	int number = -1;

	for (unsigned i = 0; i < keys->types_count; i++) {
		const struct value *value = value_find(layer, keys->types[i]->name);

		if (value && value->kind != VALUE_NULL)
			number = number == -1 ? (int)i : -2;
	}
	return number;
}

static void refuse_probes(const struct build *build, const struct value *layer)
{
	const struct keys *keys = build->loader->keys;
	const struct value *first = NULL;

	for (unsigned i = 0; i < keys->types_count; i++) {
		const struct value *value = value_find(layer, keys->types[i]->name);
		const struct place place = value ? value_place(value) : (struct place){ 0 };

		if (!value)
			continue;
		if (first)
			complain(
				build->loader->complaints, &place,
				"an endpoint has one probe; this is another, beside that in line %u",
				first->line);
		first = first ? first : value;
	}
}

/* The strongest layer that names one probe decides. */
static bool choose_probe(struct build *build)
{
	const struct keys *keys = build->loader->keys;
	const struct place place = value_place(build->value);

	for (unsigned i = build->places.count; i-- > 0;) {
		const int number = probe_of(keys, build->places.layers[i]);

		if (number >= 0) {
			build->type_number = (unsigned)number;
			build->type = keys->types[number];
			return true;
		}
		if (number == -2) {
			refuse_probes(build, build->places.layers[i]);
			return false;
		}
	}
	complain(build->loader->complaints, &place,
		 "this endpoint has no probe, a key such as '%s' that says what to look at",
		 keys->types[0]->name);
	return false;
}

/* Lines that are not the endpoint's as a whole. */
static const struct program *compile_part(const struct value *value, const struct probe_type *type,
					  bool is_expect, void *context)
{
	const struct build *build = context;
	struct lines lines = { 0 };

	if (value)
		lines_add(build->loader, "expect", value, &lines);
	return lines_compile(build->loader, &lines, type, is_expect, build->making->each.value);
}

/* Whether everything is there and goes together. */
static bool finish_draft(struct build *build)
{
	struct loader *loader = build->loader;
	const size_t calls = complaints_calls(loader->complaints);
	struct draft *draft = &build->making->draft;
	const void *options = draft->probes[build->type_number];

	/* Options for other probes, from defaults or templates, are nobody's business here. */
	memset(draft->probes, 0, sizeof(draft->probes));
	draft->probes[build->type_number] = options;
	if (!option_finish(&loader->keys->endpoint, draft, "", &build->places,
			   loader->complaints) ||
	    !options || complaints_calls(loader->complaints) != calls)
		return false;
	share_options(build, &draft->probes[build->type_number], &build->options, &build->own);
	if (build->type->compile)
		build->type->compile((void *)(uintptr_t)draft->probes[build->type_number],
				     compile_part, build);
	return complaints_calls(loader->complaints) == calls;
}

static void compare_times(const struct build *build)
{
	const struct draft *draft = &build->making->draft;
	cleanup(text)
	struct text timeout = { 0 }, interval = { 0 };
	const bool is_set = option_is_set(&build->places, "timeout");

	if (draft->timeout <= draft->interval)
		return;
	units_duration_print(&timeout, draft->timeout);
	units_duration_print(&interval, draft->interval);
	option_warn(build->loader->complaints, &build->places, is_set ? "timeout" : "interval",
		    "a timeout of %s is longer than the interval of %s: a check that takes so long "
		    "costs the next ones their turn",
		    text_string(&timeout), text_string(&interval));
}

/* {} in the name, and what may not be in one. */
static const char *make_name(const struct build *build)
{
	const char *name = build->making->draft.name;
	const char *each = build->making->each.value;
	const struct value *place = value_find(build->value, "name");
	const struct place where = value_place(place ? place : build->value);
	cleanup(text)
	struct text full = { 0 }, wanted = { 0 };
	cleanup(free)
	char *clean = NULL;

	if (strstr(name, "${"))
		complain(build->loader->complaints, &where,
			 "'name' is taken as it stands; references are not read in it");
	if (!each) {
		if (strstr(name, "{}"))
			complain_warn(
				build->loader->complaints, &where,
				"the {} stays as it is, since there is no 'each' and no 'discover'");
		return name;
	}
	clean = memory_text(each);
	keys_clean_name(clean);
	for (const char *at = name; *at;) {
		const bool is_brace = strncmp(at, "{}", 2) == 0;

		if (is_brace)
			text_append(&full, clean);
		else
			text_append_char(&full, *at);
		at += is_brace ? 2 : 1;
	}
	if (!keys_check_name(text_string(&full), full.len, &wanted))
		complain(build->loader->complaints, &where,
			 "'name' %s; with '%s' for {} it is '%s'", text_string(&wanted), each,
			 text_string(&full));
	return arena_text_len(build->loader->arena, text_string(&full), full.len);
}

/* The options' own text where that is the same: most targets are what was written. */
static const char *keep_target(const struct build *build, const char *target)
{
	const void *options = build->making->draft.probes[build->type_number];
	const struct option_table *table = build->type->table;

	for (const struct option *row = table->options; row->kind != OPTION_LAST; row++) {
		const char *text;

		if (row->kind != OPTION_TEXT || !table->short_key ||
		    strcmp(row->key, table->short_key) != 0)
			continue;
		memcpy(&text, (const char *)options + row->offset, sizeof(text));
		if (text && strcmp(text, target) == 0)
			return text;
	}
	return arena_text(build->loader->arena, target);
}

void build_mask(const struct secrets *secrets, const char *text, struct text *ret)
{
	while (*text) {
		size_t longest = 0;

		for (unsigned i = 0; i < secrets->count; i++) {
			const size_t len = strlen(secrets->list[i]);

			if (len > longest && strncmp(text, secrets->list[i], len) == 0)
				longest = len;
		}
		if (longest)
			text_append(ret, "***");
		else
			text_append_char(ret, *text);
		text += longest ? longest : 1;
	}
}

/* Secrets may be in it, from references: "***" instead. */
static const char *mask(const struct build *build, const char *text)
{
	cleanup(text)
	struct text masked = { 0 };

	if (!build->making->secrets.count)
		return keep_target(build, text);
	build_mask(&build->making->secrets, text, &masked);
	return keep_target(build, text_string(&masked));
}

static void set_host(const struct build *build, struct endpoint *endpoint)
{
	struct loader *loader = build->loader;
	cleanup(free)
	char *name = build->type->host(build->making->draft.probes[build->type_number]);
	struct host *host;

	endpoint->host_index = UINT32_MAX;
	if (!name)
		return;
	host = map_find(loader->hosts, name);
	if (!host) {
		const char *kept = build->own ? build->type->parts->host(build->own) : NULL;

		host = arena_take(loader->scratch, sizeof(*host));
		host->name =
			kept && strcmp(kept, name) == 0 ? kept : arena_text(loader->arena, name);
		host->index = (uint32_t)map_count(loader->hosts);
		map_set(loader->hosts, host->name, host);
	}
	endpoint->host = host->name;
	endpoint->host_index = host->index;
}

static void set_labels(const struct build *build, struct endpoint *endpoint)
{
	const struct option_pairs *pairs = &build->making->draft.labels;
	struct label *labels;

	if (!pairs->count)
		return;
	labels = arena_take(build->loader->arena, pairs->count * sizeof(*labels));
	for (unsigned i = 0; i < pairs->count; i++) {
		labels[i].key = pairs->pairs[i].key;
		/* Labels are there to be shown. */
		labels[i].value = pairs->pairs[i].is_secret ? "***" : pairs->pairs[i].value;
	}
	endpoint->labels = labels;
	endpoint->labels_count = pairs->count;
}

static const char *const *make_secrets(const struct build *build)
{
	const struct secrets *secrets = &build->making->secrets;
	const void *options = build->making->draft.probes[build->type_number];
	cleanup(free)
	char *encoded = build->type->credentials ? build->type->credentials(options) : NULL;
	const char **list;

	if (!secrets->count && !encoded)
		return NULL;
	list = arena_take(build->loader->arena, (secrets->count + 2) * sizeof(*list));
	if (secrets->count)
		memcpy(list, secrets->list, secrets->count * sizeof(*list));
	if (encoded)
		list[secrets->count] = arena_text(build->loader->arena, encoded);
	return list;
}

static void digest_program(struct text *bytes, const struct program *program)
{
	for (size_t i = 0; program && i < program_count(program); i++) {
		text_append(bytes, program_line(program, i));
		text_append_char(bytes, '\n');
	}
	text_append_char(bytes, '\0');
}

static void digest_text(struct text *bytes, const char *text)
{
	text_append(bytes, text);
	text_append_char(bytes, '\n');
}

static void digest_options(const struct build *build, struct text *bytes)
{
	if (!build->own) {
		option_digest(build->type->table, build->options, bytes);
		return;
	}
	text_append_len(bytes, &build->options_digest, sizeof(build->options_digest));
	digest_text(bytes, build->type->parts->text(build->own));
}

static uint64_t make_digest(const struct build *build, const struct endpoint *endpoint)
{
	static const struct hash_key key = { 0x7069636b6574, 0x64696765737421 };
	const struct draft *draft = &build->making->draft;
	cleanup(text)
	struct text bytes = { 0 };

	digest_text(&bytes, endpoint->group ? endpoint->group->name : "");
	digest_text(&bytes, build->type->name);
	digest_text(&bytes, build->making->each.value ? build->making->each.value : "");
	text_append_len(&bytes, &draft->interval, sizeof(draft->interval));
	text_append_len(&bytes, &draft->interval_failing, sizeof(draft->interval_failing));
	text_append_len(&bytes, &draft->timeout, sizeof(draft->timeout));
	text_append_len(&bytes, &endpoint->terms->confirm, sizeof(endpoint->terms->confirm));
	text_append_char(&bytes, draft->is_public ? '1' : '0');
	text_append_char(&bytes, draft->is_enabled ? '1' : '0');
	text_append_char(&bytes, draft->is_inverted ? '1' : '0');
	digest_text(&bytes, draft->slo.text ? draft->slo.text : "");
	text_append_len(&bytes, &draft->slo.window, sizeof(draft->slo.window));
	text_append_char(&bytes, draft->awaits_success ? '1' : '0');
	text_append(&bytes, endpoint->maintenance ? endpoint->maintenance->key : "");
	for (const char *const *name = draft->notify; name && *name; name++)
		digest_text(&bytes, *name);
	for (unsigned i = 0; i < endpoint->labels_count; i++)
		text_print(&bytes, "%s=%s\n", endpoint->labels[i].key, endpoint->labels[i].value);
	for (const char *const *name = endpoint->depends_on; name && *name; name++)
		text_print(&bytes, "on %s\n", *name);
	digest_options(build, &bytes);
	digest_program(&bytes, endpoint->expect);
	digest_program(&bytes, endpoint->warn);
	return hash_bytes(&key, bytes.data, bytes.len);
}

static void keep(const struct build *build, const char *name, const struct endpoint *endpoint)
{
	struct loader *loader = build->loader;

	if (loader->made_count == loader->made_room) {
		loader->made_room = memory_next_room(loader->made_room, 64);
		loader->made = memory_grow(loader->made, loader->made_room, sizeof(*loader->made));
	}
	loader->made[loader->made_count] = (struct made){
		.name = name,
		.endpoint = endpoint,
		.order = loader->made_count,
		.depends_on = build->making->draft.depends_on,
		.place = value_find(build->value, "name"),
		.value = build->value,
		.discovery = loader->discovery,
		.target = loader->discovery ? build->making->each.value : NULL,
	};
	loader->made_count++;
}

void build_refuse(const struct build *build)
{
	struct loader *loader = build->loader;
	const struct making *making = build->making;
	const struct value *name = value_find(build->value, "name");

	receivers_check(loader, making->draft.notify, &build->places);
	if (build->type) {
		(void)lines_compile(loader, &making->expect, build->type, true, making->each.value);
		(void)lines_compile(loader, &making->warn, build->type, false, making->each.value);
	} else {
		lines_examine(loader, &making->expect);
		lines_examine(loader, &making->warn);
	}
	/* By what was written, be it no name: others may call it so. */
	if (name && name->kind == VALUE_SCALAR && !making->draft.each && !making->each.value)
		keep(build, name->text, NULL);
}

/* Of one that is certain at once; what defaults and templates say is meant for others. */
static const struct patience at_once = { .failures = 1, .successes = 1, .every = USEC_PER_SEC };

static void refuse_confirm(const struct build *build)
{
	const struct value *confirm = value_find(build->value, "confirm");
	const struct place place = confirm ? value_place(confirm) : (struct place){ 0 };

	if (confirm && confirm->kind != VALUE_NULL && build->type->is_certain)
		complain(build->loader->complaints, &place,
			 "'confirm' makes no difference to '%s': what it says is certain at once",
			 build->type->name);
}

void build_endpoint(struct build *build, const struct endpoint_source *source)
{
	struct loader *loader = build->loader;
	struct making *making = build->making;
	const struct draft *draft = &making->draft;
	struct endpoint *endpoint;
	cleanup(free)
	char *target = NULL;

	if (!choose_probe(build) || !finish_draft(build)) {
		build_refuse(build);
		return;
	}
	compare_times(build);
	refuse_confirm(build);
	endpoint = arena_take(loader->arena, sizeof(*endpoint));
	endpoint->name = make_name(build);
	endpoint->renamed_from = draft->renamed_from;
	endpoint->group = build->base->group;
	endpoint->type = build->type;
	loader->snapshot->runs_programs |= build->type->is_child;
	endpoint->options = build->options;
	endpoint->own = build->own;
	target = build->type->target(draft->probes[build->type_number]);
	endpoint->target = mask(build, target);
	set_host(build, endpoint);
	endpoint->interval = draft->interval;
	endpoint->interval_failing =
		draft->interval_failing ? draft->interval_failing : draft->interval;
	endpoint->timeout = draft->timeout;
	endpoint->terms = share_terms(loader, build->type->is_certain ? &at_once : &draft->confirm,
				      &draft->slo);
	endpoint->maintenance = windows_make(build, &draft->maintenance);
	endpoint->notify = draft->notify;
	receivers_check(loader, draft->notify, &build->places);
	endpoint->is_enabled = draft->is_enabled;
	endpoint->is_inverted = draft->is_inverted;
	endpoint->awaits_success = draft->awaits_success;
	endpoint->is_public = draft->is_public;
	endpoint->depends_on = draft->depends_on;
	set_labels(build, endpoint);
	endpoint->expect =
		lines_compile(loader, &making->expect, build->type, true, making->each.value);
	endpoint->warn =
		lines_compile(loader, &making->warn, build->type, false, making->each.value);
	endpoint->secrets = make_secrets(build);
	endpoint->hash = hash_name(endpoint->name);
	endpoint->digest = make_digest(build, endpoint);
	endpoint->source = source;
	keep(build, endpoint->name, endpoint);
}
