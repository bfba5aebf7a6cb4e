/* explain.c - the effective configuration, each value with the line it came from. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/keys.h"
#include "config/modules.h"
#include "config/origin.h"
#include "config/receivers.h"
#include "config/share.h"
#include "config/snapshot.h"
#include "expect/expect.h"
#include "model/maintenance.h"
#include "option/value.h"

static const char masked[] = "\"***\"";

struct explanation {
	const struct snapshot *snapshot;
	const struct origins *const *layers; /* the last counts most */
	unsigned layers_count;
	struct text *json;
	size_t skip; /* bytes of each path that the reader knows */
	bool has_any;
	bool is_partial; /* only what somebody said is shown */
	const struct settings_over *over; /* or NULL */
	const char *left_out; /* a path; or NULL */
};

static void begin_key(struct explanation *explanation, const char *path)
{
	text_append(explanation->json, explanation->has_any ? ", " : "");
	text_append_json(explanation->json, path + explanation->skip,
			 strlen(path + explanation->skip));
	text_append(explanation->json, ": ");
	explanation->has_any = true;
}

static void print_from(const struct explanation *explanation, const struct origin *origin)
{
	struct text *json = explanation->json;
	struct text place = { 0 };

	text_append(json, "\"from\": ");
	if (origin && origin->file != ORIGIN_NO_FILE)
		text_print(&place, "%s:%u", explanation->snapshot->files[origin->file],
			   (unsigned)origin->line);
	else
		text_append(&place, origin ? "command line" : "built-in");
	text_append_json(json, text_string(&place), place.len);
	text_done(&place);
}

/* Whether `above` is the mapping that `path` is in, or itself. */
static bool is_within(const char *path, const char *above)
{
	const size_t len = strlen(above);

	return strncmp(path, above, len) == 0 && (path[len] == '\0' || path[len] == '.');
}

/* Who had the last word about a key; NULL: nobody, or null took it back. */
static const struct origin *find_origin(const struct explanation *explanation, const char *path)
{
	for (unsigned i = explanation->layers_count; i-- > 0;) {
		const struct origins *layer = explanation->layers[i];

		for (unsigned k = layer->count; k-- > 0;) {
			const struct origin *origin = &layer->list[k];
			const char *at = explanation->snapshot->paths[origin->path];

			if (strcmp(at, path) == 0)
				return origin->is_removal ? NULL : origin;
			if (origin->is_removal && is_within(path, at))
				return NULL;
		}
	}
	return NULL;
}

static const struct origin command_line = { .file = ORIGIN_NO_FILE };

static bool is_over(const struct explanation *explanation, const char *path)
{
	const struct settings_over *over = explanation->over;

	return over && ((over->socket && strcmp(path, "picket.socket") == 0) ||
			(over->state_dir && strcmp(path, "picket.state_dir") == 0));
}

static void show(const char *path, const struct option *option, const char *json, void *context)
{
	struct explanation *explanation = context;
	const struct origin *origin =
		is_over(explanation, path) ? &command_line : find_origin(explanation, path);

	/* It has said what it had to. */
	if (strcmp(path, "expect_inherit") == 0 || (explanation->is_partial && !origin) ||
	    (explanation->left_out && strcmp(path, explanation->left_out) == 0))
		return;
	begin_key(explanation, path);
	text_print(explanation->json, "{\"value\": %s, ",
		   origin && origin->is_secret ? masked : json);
	print_from(explanation, origin);
	text_append_char(explanation->json, '}');
}

/* Where line `index` of `expect:` or `warn:` was written; NULL: the probe brings it. */
static const struct origin *line_origin(const struct snapshot *snapshot, const char *key,
					const struct origins *inherited, const struct origins *own,
					size_t index)
{
	if (index < inherited->count)
		return &inherited->list[index];
	index -= inherited->count;
	for (unsigned i = 0; i < own->count; i++)
		if (strcmp(snapshot->paths[own->list[i].path], key) == 0 && index-- == 0)
			return &own->list[i];
	return NULL;
}

static void show_line(struct explanation *explanation, const char *line,
		      const struct origin *origin, size_t number)
{
	text_append(explanation->json, number ? ", {\"value\": " : "{\"value\": ");
	text_append_json(explanation->json, line, strlen(line));
	text_append(explanation->json, ", ");
	print_from(explanation, origin);
	text_append_char(explanation->json, '}');
}

static void show_lines(struct explanation *explanation, const char *key,
		       const struct program *program, const struct origins *inherited,
		       const struct origins *own)
{
	if (!program)
		return;
	begin_key(explanation, key);
	text_append_char(explanation->json, '[');
	for (size_t i = 0; i < program_count(program); i++) {
		const struct origin *origin =
			line_origin(explanation->snapshot, key, inherited, own, i);

		show_line(explanation, program_line(program, i), origin, i);
	}
	text_append_char(explanation->json, ']');
}

/* Lines that are no program by themselves. */
static void show_own_lines(struct explanation *explanation, const char *key,
			   const char *const *lines, const struct origins *origins)
{
	if (!origins->count)
		return;
	begin_key(explanation, key);
	text_append_char(explanation->json, '[');
	for (unsigned i = 0; i < origins->count; i++)
		show_line(explanation, lines[i], &origins->list[i], i);
	text_append_char(explanation->json, ']');
}

static void explain_settings(const struct snapshot *snapshot, const struct settings_over *over,
			     struct text *json)
{
	const struct origins origins = {
		.list = snapshot->origins,
		.count = snapshot->origins_count,
	};
	const struct origins *const layers[] = { &origins };
	struct explanation explanation = {
		.snapshot = snapshot,
		.layers = layers,
		.layers_count = 1,
		.json = json,
		.skip = sizeof("picket.") - 1,
		.over = over,
	};
	struct root root = { .settings = snapshot->settings };

	if (over && over->socket)
		root.settings.socket = over->socket;
	if (over && over->state_dir)
		root.settings.state_dir = over->state_dir;

	text_append_char(json, '{');
	option_each(&snapshot->keys->root, &root, "", show, &explanation);
	text_append_char(json, '}');
}

/* The draft that an endpoint was made from, as far as it is shown. */
static void restore_draft(const struct snapshot *snapshot, const struct endpoint *endpoint,
			  const void *options, struct draft *draft, struct option_pair *labels)
{
	*draft = (struct draft){
		.name = endpoint->name,
		.renamed_from = endpoint->renamed_from,
		.group = endpoint->group ? endpoint->group->name : NULL,
		.interval = endpoint->interval,
		.interval_failing = endpoint->interval_failing,
		.timeout = endpoint->timeout,
		.confirm = endpoint->terms->confirm,
		.slo = endpoint->terms->slo,
		.notify = endpoint->notify,
		.is_enabled = endpoint->is_enabled,
		.is_inverted = endpoint->is_inverted,
		.awaits_success = endpoint->awaits_success,
		.is_public = endpoint->is_public,
		.depends_on = endpoint->depends_on,
		.labels = { .pairs = labels, .count = endpoint->labels_count },
	};
	if (endpoint->maintenance)
		draft->maintenance = (struct option_steps){
			.items = endpoint->maintenance->windows,
			.count = endpoint->maintenance->count,
		};
	for (unsigned i = 0; i < endpoint->labels_count; i++)
		labels[i] = (struct option_pair){
			.key = endpoint->labels[i].key,
			.value = endpoint->labels[i].value,
		};
	for (unsigned i = 0; i < snapshot->keys->types_count; i++)
		if (snapshot->keys->types[i] == endpoint->type)
			draft->probes[i] = options;
}

static void explain_endpoint(const struct snapshot *snapshot, const struct endpoint *endpoint,
			     struct text *json)
{
	const struct endpoint_source *source = endpoint->source;
	const struct heritage *heritage = source->heritage;
	const struct origins **layers = memory_new(heritage->layers_count + 1, sizeof(*layers));
	struct option_pair *labels = memory_new(endpoint->labels_count, sizeof(*labels));
	struct explanation explanation = {
		.snapshot = snapshot,
		.layers = layers,
		.layers_count = heritage->layers_count + 1,
		.json = json,
	};
	const struct origins nothing = { 0 }, own = { source->own, source->count };
	cleanup(free)
	void *whole = share_whole(endpoint);
	struct draft draft;

	for (unsigned i = 0; i < heritage->layers_count; i++)
		layers[i] = &heritage->layers[i];
	layers[heritage->layers_count] = &own;
	restore_draft(snapshot, endpoint, whole ? whole : endpoint->options, &draft, labels);
	text_append_char(json, '{');
	option_each(&snapshot->keys->endpoint, &draft, "", show, &explanation);
	show_lines(&explanation, "expect", endpoint->expect,
		   source->drops_expect ? &nothing : &heritage->expect, &own);
	show_lines(&explanation, "warn", endpoint->warn,
		   source->drops_warn ? &nothing : &heritage->warn, &own);
	text_append_char(json, '}');
	free(labels);
	free(layers);
}

static void explain_group(const struct snapshot *snapshot, const struct said *said,
			  struct text *json)
{
	const struct origins *const layers[] = { &said->own };
	struct explanation explanation = {
		.snapshot = snapshot,
		.layers = layers,
		.layers_count = 1,
		.json = json,
		.is_partial = true,
	};

	text_append_char(json, '{');
	option_each(&snapshot->keys->group, said->draft, "", show, &explanation);
	show_own_lines(&explanation, "expect", said->expect_lines, &said->expect);
	show_own_lines(&explanation, "warn", said->warn_lines, &said->warn);
	text_append_char(json, '}');
}

static void explain_groups(const struct snapshot *snapshot, struct text *json)
{
	text_append_char(json, '{');
	for (unsigned i = 0; i < snapshot->groups_count; i++) {
		text_append(json, i ? ", " : "");
		text_append_json(json, snapshot->groups[i].name, strlen(snapshot->groups[i].name));
		text_append(json, ": ");
		explain_group(snapshot, &snapshot->groups_said[i], json);
	}
	text_append_char(json, '}');
}

/* What there is to it but the target, which comes with a request. */
static void explain_module(const struct snapshot *snapshot, const struct module *module,
			   struct text *json)
{
	static const struct origins nothing;
	const struct origins *const layers[] = { &module->said.own };
	const struct endpoint *endpoint = &module->endpoint;
	cleanup(text)
	struct text target = { 0 };
	struct explanation explanation = {
		.snapshot = snapshot,
		.layers = layers,
		.layers_count = 1,
		.json = json,
	};
	struct draft draft;

	text_print(&target, "%s.%s", endpoint->type->name, module->target->key);
	explanation.left_out = text_string(&target);
	restore_draft(snapshot, endpoint, module->options, &draft, NULL);
	text_append_char(json, '{');
	option_each(&snapshot->keys->module, &draft, "", show, &explanation);
	show_lines(&explanation, "expect", endpoint->expect, &module->said.expect, &nothing);
	show_lines(&explanation, "warn", endpoint->warn, &module->said.warn, &nothing);
	text_append_char(json, '}');
}

static void explain_modules(const struct snapshot *snapshot, struct text *json)
{
	text_append_char(json, '{');
	for (unsigned i = 0; i < snapshot->modules_count; i++) {
		const struct module *module = snapshot->modules[i];

		text_append(json, i ? ", " : "");
		text_append_json(json, module->endpoint.name, strlen(module->endpoint.name));
		text_append(json, ": ");
		explain_module(snapshot, module, json);
	}
	text_append_char(json, '}');
}

static void explain_receivers(const struct snapshot *snapshot, struct text *json)
{
	text_append_char(json, '{');
	for (unsigned i = 0; i < snapshot->receivers_count; i++) {
		/* The receiver is the first member of what it was read into. */
		const struct snapshot_receiver *one =
			(const struct snapshot_receiver *)(const void *)snapshot->receivers[i];
		const struct origins *const layers[] = { &one->origins };
		struct explanation explanation = {
			.snapshot = snapshot,
			.layers = layers,
			.layers_count = 1,
			.json = json,
		};

		text_append(json, i ? ", " : "");
		text_append_json(json, one->draft.receiver.name, strlen(one->draft.receiver.name));
		text_append(json, ": {");
		option_each(&snapshot->keys->receiver, &one->draft, "", show, &explanation);
		text_append_char(json, '}');
	}
	text_append_char(json, '}');
}

void snapshot_explain(const struct snapshot *snapshot, const struct endpoint *endpoint,
		      const struct settings_over *over, struct text *json)
{
	if (endpoint) {
		explain_endpoint(snapshot, endpoint, json);
		return;
	}
	text_append(json, "{\"picket\": ");
	explain_settings(snapshot, over, json);
	text_append(json, ", \"groups\": ");
	explain_groups(snapshot, json);
	text_append(json, ", \"receivers\": ");
	explain_receivers(snapshot, json);
	text_append(json, ", \"modules\": ");
	explain_modules(snapshot, json);
	text_append_char(json, '}');
}
