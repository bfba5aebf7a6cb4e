/* receivers.c - who is told, and the keys of that. */
#include <stdlib.h>
#include <string.h>

#include "alert/receiver.h"
#include "base/arena.h"
#include "base/cleanup.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/receivers.h"
#include "option/value.h"

static const struct option_word severities[] = {
	{ "degraded", SEVERITY_WARNING },
	{ "down", SEVERITY_CRITICAL },
	{ NULL, 0 },
};

static bool check_grouping(const char *text, size_t len, struct text *wanted)
{
	if (strcmp(text, "endpoint") == 0 || strcmp(text, "group") == 0 ||
	    strcmp(text, "severity") == 0)
		return true;
	text_append(wanted, "takes endpoint, group, severity and names of labels; this one ");
	if (!keys_check_label(text, len, wanted))
		return false;
	text_clear(wanted);
	return true;
}

static const struct option retry_options[] = {
	{
		.key = "first",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct receiver_draft, receiver.retry.first, usec_t),
		.fallback = "1s",
		.min = 100 * USEC_PER_MS,
		.max = USEC_PER_HOUR,
		.about = "From the first try to the second; from then on twice as long each time.",
		.elsewhere = "initial delay",
	},
	{
		.key = "max",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct receiver_draft, receiver.retry.max, usec_t),
		.fallback = "5m",
		.min = 100 * USEC_PER_MS,
		.max = USEC_PER_DAY,
		.about = "From one try to the next at most.",
		.elsewhere = "max_delay cap",
	},
	{
		.key = "for",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct receiver_draft, receiver.retry.span, usec_t),
		.fallback = "24h",
		.min = USEC_PER_SEC,
		.max = 30 * USEC_PER_DAY,
		.about = "When the message is older it is given up.",
		.elsewhere = "expire until",
	},
	OPTION_END,
};

static void examine_retry(const void *object, struct complaints *complaints,
			  const struct option_places *places)
{
	const struct retry *retry = &((const struct receiver_draft *)object)->receiver.retry;

	if (retry->first > retry->max)
		option_complain(complaints, places, "first", "'first' is longer than 'max'");
}

static const struct option_table retry_table = {
	.options = retry_options,
	.examine = examine_retry,
};

static const struct option common[] = {
	{
		.key = "group_by",
		.kind = OPTION_TEXTS,
		.offset = MEMBER(struct receiver_draft, receiver.group_by, const char *const *),
		.fallback = "group",
		.min = 1,
		.max = 128,
		.check = check_grouping,
		.about = "Incidents that are equal in these are told together: endpoint, group, "
			 "severity, or labels by their names.",
		.elsewhere = "groupby group",
	},
	{
		.key = "group_wait",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct receiver_draft, receiver.group_wait, usec_t),
		.fallback = "10s",
		.max = USEC_PER_HOUR,
		.about =
			"How long the first incident waits for others to be told with it. What has "
			"recovered by then is not told at all.",
	},
	{
		.key = "group_interval",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct receiver_draft, receiver.group_interval, usec_t),
		.fallback = "1m",
		.min = USEC_PER_MS,
		.max = USEC_PER_DAY,
		.about = "Time from one message about a group to the next, at least.",
	},
	{
		.key = "repeat",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct receiver_draft, receiver.repeat, usec_t),
		.fallback = "4h",
		.min = USEC_PER_SEC,
		.max = 30 * USEC_PER_DAY,
		.about =
			"How often what is still wrong, and that nobody has acknowledged, is told again.",
		.elsewhere = "repeat_interval reminder every",
	},
	{
		.key = "retry",
		.kind = OPTION_MAPPING,
		.table = &retry_table,
		.about = "How a message that was not taken is tried again.",
		.elsewhere = "retries",
	},
	{
		.key = "timeout",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct receiver_draft, receiver.timeout, usec_t),
		.fallback = "10s",
		.min = 100 * USEC_PER_MS,
		.max = 10 * USEC_PER_MIN,
		.about = "How long one delivery may take.",
	},
	{
		.key = "send_resolved",
		.kind = OPTION_FLAG,
		.offset = MEMBER(struct receiver_draft, receiver.sends_resolved, bool),
		.fallback = "true",
		.about = "Whether it is told, too, that what it was told of is over.",
		.elsewhere = "resolved",
	},
	{
		.key = "min_severity",
		.kind = OPTION_CHOICE,
		.offset = MEMBER(struct receiver_draft, receiver.min_severity, enum severity),
		.fallback = "degraded",
		.words = severities,
		.about = "Incidents that are less bad are not told; unknown is as bad as degraded.",
		.elsewhere = "severity level",
	},
};

enum { COMMON = sizeof(common) / sizeof(common[0]) };

static unsigned types_count(void)
{
	unsigned count = 0;

	while (receiver_types[count])
		count++;
	return count;
}

struct option_table receivers_table(struct arena *arena)
{
	const unsigned types = types_count();
	struct option *rows = arena_take(arena, (types + COMMON + 1) * sizeof(*rows));

	for (unsigned i = 0; i < types; i++)
		rows[i] = (struct option){
			.key = receiver_types[i]->name,
			.kind = OPTION_MAPPING,
			.is_separate = true,
			.offset =
				offsetof(struct receiver_draft, options) + i * sizeof(const void *),
			.table = receiver_types[i]->table,
			.about = receiver_types[i]->about,
		};
	memcpy(rows + types, common, sizeof(common));
	rows[types + COMMON].kind = OPTION_LAST;
	return (struct option_table){
		.options = rows,
		.size = sizeof(struct receiver_draft),
	};
}

/* --- Reading ------------------------------------------------------------------------------ */

/* One receiver in the making. */
struct reading {
	struct loader *loader;
	struct origins origins; /* in the snapshot's arena; there are few of these */
	const char **secrets; /* in the arena, NULL-terminated; or NULL */
	unsigned secrets_count;
};

static void add_secret(const char *text, void *context)
{
	struct reading *reading = context;
	struct arena *arena = reading->loader->arena;
	const char **list = arena_take(arena, (reading->secrets_count + 2) * sizeof(*list));

	if (reading->secrets_count)
		memcpy(list, reading->secrets, reading->secrets_count * sizeof(*list));
	list[reading->secrets_count++] = arena_text(arena, text);
	reading->secrets = list;
}

static const char *expand(const struct value *scalar, bool braces, bool *ret_is_secret,
			  void *context)
{
	struct reading *reading = context;
	struct each none = { 0 };

	return references_expand(reading->loader->references, scalar, braces, &none, add_secret,
				 reading, ret_is_secret);
}

static void note(const char *path, const struct value *value, bool is_secret, void *context)
{
	struct reading *reading = context;
	struct origins *origins = &reading->origins;
	struct origin *list =
		arena_take(reading->loader->arena, (origins->count + 1) * sizeof(*list));

	if (origins->count)
		memcpy(list, origins->list, origins->count * sizeof(*list));
	list[origins->count++] = origin_of(reading->loader, path, value, is_secret);
	origins->list = list;
}

/* Whoever groups by himself is told at once, unless the configuration says otherwise. */
static void follow_type(struct receiver *receiver, const struct value *value)
{
	if (!receiver->type->tells_all)
		return;
	if (!value_find(value, "group_wait"))
		receiver->group_wait = 0;
	if (!value_find(value, "group_interval"))
		receiver->group_interval = USEC_PER_SEC;
}

/* Exactly one way to tell. */
static bool choose_type(struct loader *loader, struct receiver_draft *draft,
			const struct value *value)
{
	const struct place place = value_place(value);
	unsigned found = 0;

	for (unsigned i = 0; receiver_types[i]; i++) {
		if (!draft->options[i])
			continue;
		draft->receiver.type = receiver_types[i];
		draft->receiver.options = draft->options[i];
		found++;
	}
	if (found == 1) {
		follow_type(&draft->receiver, value);
		return true;
	}
	if (found > 1)
		complain(loader->complaints, &place,
			 "a receiver has one way to tell; make another receiver of the other");
	else
		complain(loader->complaints, &place,
			 "this receiver has no way to tell, a key such as '%s'",
			 receiver_types[0]->name);
	return false;
}

/* What comes of secrets is one: a server may give back what it was sent. */
static void add_derived(struct reading *reading, const struct receiver *receiver)
{
	cleanup(free)
	char *secret = receiver->type->secret ? receiver->type->secret(receiver->options) : NULL;

	if (secret)
		add_secret(secret, reading);
}

void receivers_add(struct loader *loader, const struct value *key)
{
	const struct option_table *table = &loader->keys->receiver;
	const size_t calls = complaints_calls(loader->complaints);
	const struct value *const layers[] = { &key[1] };
	const struct option_places places = { .layers = layers, .count = 1 };
	struct snapshot_receiver *added = arena_take(loader->arena, sizeof(*added));
	struct reading reading = { .loader = loader };
	const struct option_reader reader = {
		.arena = loader->arena,
		.complaints = loader->complaints,
		.expand = expand,
		.secret = add_secret,
		.note = note,
		.context = &reading,
	};

	added->draft.receiver.name = arena_text(loader->arena, key->text);
	/* Known by its name even where it has faults: one complaint is enough. */
	(void)map_set(loader->receivers, added->draft.receiver.name, added);
	option_fill(table, &added->draft, loader->arena);
	added->draft.receiver.name = arena_text(loader->arena, key->text);
	option_set(table, &key[1], &added->draft, "", &reader);
	added->origins = reading.origins;
	if (complaints_calls(loader->complaints) != calls ||
	    !choose_type(loader, &added->draft, &key[1]))
		return;
	if (option_finish(table, &added->draft, "", &places, loader->complaints))
		add_derived(&reading, &added->draft.receiver);
	added->draft.receiver.secrets = reading.secrets;
}

static int compare_names(const void *left, const void *right)
{
	const struct receiver *const *a = left, *const *b = right;

	return strcmp((*a)->name, (*b)->name);
}

void receivers_place(struct loader *loader)
{
	const size_t count = map_count(loader->receivers);
	const struct receiver **list = arena_take(loader->arena, (count + 1) * sizeof(*list));
	const char *name;
	size_t at = 0, placed = 0;
	void *found;

	while (map_next(loader->receivers, &at, &name, &found)) {
		const struct receiver *receiver =
			&((struct snapshot_receiver *)found)->draft.receiver;

		list[placed++] = receiver;
		loader->snapshot->runs_programs |= receiver->type && receiver->type->is_child;
	}
	if (count)
		qsort(list, count, sizeof(*list), compare_names);
	loader->snapshot->receivers = list;
	loader->snapshot->receivers_count = (unsigned)count;
}

void receivers_check(struct loader *loader, const char *const *names,
		     const struct option_places *places)
{
	for (; names && *names; names++) {
		const char **known;
		const char *nearest, *name;
		size_t at = 0, count = 0;
		void *ignored;

		if (map_find(loader->receivers, *names))
			continue;
		known = memory_new(map_count(loader->receivers) + 1, sizeof(*known));
		while (map_next(loader->receivers, &at, &name, &ignored))
			known[count++] = name;
		nearest = complaint_nearest(*names, known);
		option_complain(loader->complaints, places, "notify",
				"no receiver is called '%.130s'%s%s%s", *names,
				nearest ? "; did you mean '" : "", nearest ? nearest : "",
				nearest ? "'?" : "");
		free(known);
	}
}
