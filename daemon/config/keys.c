/* keys.c - every key of picket.yaml, as tables. */
#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "config/discover.h"
#include "config/keys.h"
#include "config/receivers.h"
#include "config/windows.h"
#include "option/complaint.h"

enum { NAME_ROW, GROUP_ROW, USE_ROW, EACH_ROW, DISCOVER_ROW, RENAMED_ROW };

/* Which endpoint, and what it is made from: not for every layer. */
static const struct option identity_options[] = {
	[NAME_ROW] = {
		.key = "name",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct draft, name, const char *),
		.is_required = true,
		.is_verbatim = true,
		.check = keys_check_name,
		.about = "What the endpoint is called: 1 to 128 bytes without control characters and "
			 "/ ? # % * [ ] \\.",
		.example = "shop",
		.elsewhere = "id title",
	},
	[GROUP_ROW] = {
		.key = "group",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct draft, group, const char *),
		.min = 1,
		.about = "The group it belongs to.",
		.example = "web",
	},
	[USE_ROW] = {
		.key = "use",
		.kind = OPTION_TEXTS,
		.offset = MEMBER(struct draft, use, const char *const *),
		.min = 1,
		.about = "Templates whose keys it takes over, the last one counting most.",
		.example = "json-api",
		.elsewhere = "template templates extends",
	},
	[EACH_ROW] = {
		.key = "each",
		.kind = OPTION_TEXTS,
		.offset = MEMBER(struct draft, each, const char *const *),
		.is_verbatim = true,
		.min = 1,
		.about = "Makes an endpoint of each of these texts. {} stands for it in name, labels and "
			 "target, ${each} in all other texts.",
		.example = "[a.example.com, b.example.com]",
		.elsewhere = "targets hosts foreach for_each",
	},
	[DISCOVER_ROW] = {
		.key = "discover",
		.kind = OPTION_MAPPING,
		.is_separate = true,
		.offset = MEMBER(struct draft, discover, const void *),
		.table = &discover_table,
		.about = "Makes an endpoint of each target that is found so, as 'each' does of its texts; "
			 "the labels that a target brings become the endpoint's.",
		.elsewhere = "discovery sd_configs service_discovery",
	},
	[RENAMED_ROW] = {
		.key = "renamed_from",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct draft, renamed_from, const char *),
		.has_each = true,
		.check = keys_check_name,
		.about = "What the endpoint was called before: its state, history and incidents go "
			 "on under the new name.",
		.example = "store",
		.elsewhere = "old_name formerly previous_name",
	},
};

static const struct option limit_option = {
	.key = "max_concurrent",
	.kind = OPTION_COUNT,
	.offset = MEMBER(struct draft, max_concurrent, unsigned),
	.min = 1,
	.max = 100000,
	.about = "How many checks of the group may be in flight at one time; as many as there are "
		 "permits unless given.",
	.example = "50",
	.elsewhere = "concurrency parallel",
};

/* What every layer may say. */
static const struct option common_options[] = {
	{
		.key = "labels",
		.kind = OPTION_PAIRS,
		.offset = MEMBER(struct draft, labels, struct option_pairs),
		.has_each = true,
		.check_key = keys_check_label,
		.about = "Names and texts that status and metrics show with the endpoint.",
		.example = "{ team: web }",
		.elsewhere = "tags",
	},
	{
		.key = "notify",
		.kind = OPTION_TEXTS,
		.offset = MEMBER(struct draft, notify, const char *const *),
		.min = 1,
		.max = 128,
		.about = "Receivers that are told of its incidents; [] is nobody.",
		.example = "[ops]",
		.elsewhere = "alert alerts receivers contacts notifications",
	},
	{
		.key = "interval",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct draft, interval, usec_t),
		.fallback = "30s",
		.min = USEC_PER_SEC,
		.max = 30 * USEC_PER_DAY,
		.about = "Time from one check to the next.",
		.elsewhere = "every period frequency schedule",
	},
	{
		.key = "interval_failing",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct draft, interval_failing, usec_t),
		.min = USEC_PER_SEC,
		.max = 30 * USEC_PER_DAY,
		.about = "Time from one check to the next while the endpoint is down; as interval "
			 "unless given.",
		.example = "10s",
		.elsewhere = "retry_interval interval_down downinter",
	},
	{
		.key = "timeout",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct draft, timeout, usec_t),
		.fallback = "10s",
		.min = 10 * USEC_PER_MS,
		.max = USEC_PER_HOUR,
		.about = "How long a check may take, from its permit to the last byte.",
	},
	{
		.key = "confirm",
		.kind = OPTION_MAPPING,
		.table = &keys_confirm,
		.about = "What must be seen before the state changes.",
		.elsewhere = "retry retries threshold",
	},
	{
		.key = "slo",
		.kind = OPTION_MAPPING,
		.table = &keys_slo,
		.about =
			"What is promised of its uptime: what is left of it, and how fast that is used up, "
			"is shown in status and metrics.",
		.elsewhere = "sla objective",
	},
	{
		.key = "maintenance",
		.kind = OPTION_STEPS,
		.table = &windows_table,
		.offset = MEMBER(struct draft, maintenance, struct option_steps),
		.about =
			"Windows in which somebody works on it: it goes on being checked, and nobody "
			"is told of what begins in one and is over by its end.",
		.example = "[{ at: \"Sun 02:00 Europe/Berlin\", for: 2h }]",
		.elsewhere = "maintenances downtime downtimes windows",
	},
	{
		.key = "expect",
		.kind = OPTION_LINES,
		.offset = MEMBER(struct draft, expect, const struct value *),
		.is_verbatim = true,
		.about = "Expectations, a line each: where one does not hold, the check fails.",
		.example = "[status == 200, latency < 800ms]",
		.elsewhere = "expects assert assertions conditions checks expectations",
	},
	{
		.key = "warn",
		.kind = OPTION_LINES,
		.offset = MEMBER(struct draft, warn, const struct value *),
		.is_verbatim = true,
		.about = "Expectations whose failing makes the endpoint degraded, not down.",
		.example = "certificate.expires_in > 21d",
		.elsewhere = "warning warnings",
	},
	{
		.key = "expect_inherit",
		.kind = OPTION_FLAG,
		.offset = MEMBER(struct draft, inherits, bool),
		.fallback = "true",
		.about = "Whether expect and warn add to those of defaults, group and templates.",
	},
	{
		.key = "enabled",
		.kind = OPTION_FLAG,
		.offset = MEMBER(struct draft, is_enabled, bool),
		.fallback = "true",
		.about = "Whether it is checked at all; if not, its state is paused.",
		.elsewhere = "active disabled",
	},
	{
		.key = "invert",
		.kind = OPTION_FLAG,
		.offset = MEMBER(struct draft, is_inverted, bool),
		.fallback = "false",
		.about = "Turns the verdict: what works fails, what is known not to work passes.",
		.elsewhere = "inverted upside_down negate",
	},
	{
		.key = "alert_after_first_success",
		.kind = OPTION_FLAG,
		.offset = MEMBER(struct draft, awaits_success, bool),
		.fallback = "false",
		.about = "Nobody is told of it before it was up for the first time.",
		.elsewhere = "bootstrap",
	},
	{
		.key = "public",
		.kind = OPTION_FLAG,
		.offset = MEMBER(struct draft, is_public, bool),
		.fallback = "true",
		.about =
			"Whether everybody who comes to listen may learn that it is there; if not, "
			"only the socket and listen_detail show it.",
		.elsewhere = "hidden private visible show",
	},
	{
		.key = "depends_on",
		.kind = OPTION_TEXTS,
		.offset = MEMBER(struct draft, depends_on, const char *const *),
		.min = 1,
		.about =
			"Endpoints without which this one cannot work: they are looked at before it "
			"is called down, and while one of them is down nobody is told of this one.",
		.example = "[edge]",
		.elsewhere = "parents parent dependencies depends",
	},
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static struct option probe_row(const struct keys *keys, unsigned number, struct arena *arena)
{
	const struct probe_type *type = keys->types[number];
	struct option_table *table = arena_take(arena, sizeof(*table));

	*table = *type->table;
	table->builtin = keys->builtin[number];
	if (!table->short_key)
		table->short_key = type->short_key;
	return (struct option){
		.key = type->name,
		.kind = OPTION_MAPPING,
		.is_separate = true,
		.is_lent = true,
		.offset = offsetof(struct draft, probes) + number * sizeof(const void *),
		.table = table,
		.about = type->about,
	};
}

/* Of what every layer may say only what has a meaning without an endpoint. */
static struct option_table make_module_table(const struct keys *keys, struct arena *arena)
{
	static const char *const kept[] = { "timeout", "expect", "warn", "invert" };
	const size_t kept_count = COUNT_OF(kept);
	struct option *rows =
		arena_take(arena, (kept_count + keys->types_count + 1) * sizeof(*rows));

	for (size_t i = 0; i < kept_count; i++)
		for (size_t k = 0; k < COUNT_OF(common_options); k++)
			if (strcmp(common_options[k].key, kept[i]) == 0)
				rows[i] = common_options[k];
	for (unsigned i = 0; i < keys->types_count; i++)
		rows[kept_count + i] = probe_row(keys, i, arena);
	rows[kept_count + keys->types_count].kind = OPTION_LAST;
	return (struct option_table){ .options = rows, .size = sizeof(struct draft) };
}

/* The rows of one kind of layer: some of its own, then those of all, then the probes. */
static struct option_table make_table(const struct keys *keys, const struct option *own,
				      size_t own_count, const char *about, struct arena *arena)
{
	const size_t common = COUNT_OF(common_options);
	struct option *rows =
		arena_take(arena, (own_count + common + keys->types_count + 1) * sizeof(*rows));

	if (own_count)
		memcpy(rows, own, own_count * sizeof(*rows));
	memcpy(rows + own_count, common_options, sizeof(common_options));
	for (unsigned i = 0; i < keys->types_count; i++)
		rows[own_count + common + i] = probe_row(keys, i, arena);
	rows[own_count + common + keys->types_count].kind = OPTION_LAST;
	return (struct option_table){
		.options = rows,
		.size = sizeof(struct draft),
		.about = about,
	};
}

static struct option_table make_root(const struct keys *keys, struct arena *arena)
{
	const struct option rows[] = {
		{
			.key = "picket",
			.kind = OPTION_MAPPING,
			.offset = MEMBER(struct root, settings, struct settings),
			.table = &keys_settings,
			.about = "The daemon itself.",
		},
		{
			.key = "include",
			.kind = OPTION_TEXTS,
			.offset = MEMBER(struct root, include, const char *const *),
			.is_verbatim = true,
			.min = 1,
			.about =
				"Further files, as paths or patterns beside this one; in the main file "
				"conf.d/*.yaml unless given.",
			.example = "conf.d/*.yaml",
			.elsewhere = "includes import",
		},
		{
			.key = "defaults",
			.kind = OPTION_MAPPING,
			.is_raw = true,
			.offset = MEMBER(struct root, defaults, const struct value *),
			.table = &keys->defaults,
			.about =
				"What every endpoint has unless its group, templates or itself say "
				"otherwise.",
		},
		{
			.key = "templates",
			.kind = OPTION_NAMED,
			.offset = MEMBER(struct root, templates, const struct value *),
			.table = &keys->template,
			.about = "Sets of endpoint keys, by name, for use.",
		},
		{
			.key = "groups",
			.kind = OPTION_NAMED,
			.offset = MEMBER(struct root, groups, const struct value *),
			.table = &keys->group,
			.about = "Groups of endpoints, by name.",
		},
		{
			.key = "receivers",
			.kind = OPTION_NAMED,
			.offset = MEMBER(struct root, receivers, const struct value *),
			.table = &keys->receiver,
			.about = "Who is told of incidents, by name, for notify.",
			.elsewhere = "contacts alerting notifiers channels",
		},
		{
			.key = "modules",
			.kind = OPTION_NAMED,
			.offset = MEMBER(struct root, modules, const struct value *),
			.table = &keys->module,
			.about = "Probes and expectations, by name, for targets that come with "
				 "requests to /probe.",
		},
		{
			.key = "endpoints",
			.kind = OPTION_MAPPINGS,
			.offset = MEMBER(struct root, endpoints, const struct value *),
			.table = &keys->endpoint,
			.about = "What is watched.",
			.elsewhere = "targets monitors services checks sites",
		},
		OPTION_END,
	};
	struct option *copy = arena_take(arena, sizeof(rows));

	memcpy(copy, rows, sizeof(rows));
	return (struct option_table){
		.options = copy,
		.size = sizeof(struct root),
		.free_prefix = "x-",
	};
}

static void fill_builtin(struct keys *keys, struct arena *arena)
{
	for (unsigned i = 0; i < keys->types_count; i++) {
		void *options = arena_take(arena, keys->types[i]->table->size);

		option_fill(keys->types[i]->table, options, arena);
		keys->builtin[i] = options;
	}
}

void keys_init(struct keys *keys, const struct probe_type *const *types, struct arena *arena)
{
	const struct option group_options[] = { limit_option, identity_options[USE_ROW] };

	*keys = (struct keys){ .types = types };
	while (types[keys->types_count])
		keys->types_count++;
	assert(keys->types_count <= PROBE_TYPES_MAX);
	fill_builtin(keys, arena);
	keys->template = make_table(keys, NULL, 0, NULL, arena);
	keys->defaults = make_table(keys, &identity_options[GROUP_ROW], 2, NULL, arena);
	keys->group = make_table(keys, group_options, COUNT_OF(group_options), NULL, arena);
	keys->endpoint =
		make_table(keys, identity_options, COUNT_OF(identity_options), NULL, arena);
	keys->module = make_module_table(keys, arena);
	keys->receiver = receivers_table(arena);
	keys->root = make_root(keys, arena);
}
