/* receivers.c - who is told: one receiver after the other, and whom they name. */
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
	if (!value_find(value, "rate"))
		receiver->rate = 0;
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

	added->value = &key[1];
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

/* Complains of one that is none. */
static void refuse_name(const struct loader *loader, const char *name,
			const struct mention *mention)
{
	const char **known = memory_new(map_count(loader->receivers) + 1, sizeof(*known));
	const char *nearest, *one;
	size_t at = 0, count = 0;
	void *ignored;

	while (map_next(loader->receivers, &at, &one, &ignored))
		known[count++] = one;
	nearest = mention->is_secret ? NULL : complaint_nearest(name, known);
	complain(loader->complaints, &mention->place, "no receiver is called '%.130s'%s%s%s",
		 mention->name, nearest ? "; did you mean '" : "", nearest ? nearest : "",
		 nearest ? "'?" : "");
	free(known);
}

static void check_other(const struct loader *loader, const struct receiver *receiver,
			const char *key, const char *name, const struct mention *mention)
{
	if (strcmp(name, receiver->name) == 0)
		complain(loader->complaints, &mention->place,
			 "'%s' of '%.130s' names the receiver itself; it takes others", key, name);
	else if (!map_find(loader->receivers, name))
		refuse_name(loader, name, mention);
}

/* The steps one after the other, and whom they and `fallback` name. */
static void check_others(const struct loader *loader, const struct snapshot_receiver *added)
{
	const struct receiver *receiver = &added->draft.receiver;
	const struct escalation *steps = receiver->escalate.items;

	for (unsigned i = 0; i < receiver->escalate.count; i++) {
		const struct value *step = &receiver->escalate.list->items[i];
		const struct option_places places = { .layers = &step, .count = 1 };
		const struct place place = option_place(&places, "to");

		for (unsigned k = 0; steps[i].to && steps[i].to[k]; k++) {
			const struct mention mention =
				mention_of(loader, &places, "to", k, steps[i].to[k]);

			check_other(loader, receiver, "escalate", steps[i].to[k], &mention);
		}
		if (i > 0 && steps[i].after <= steps[i - 1].after)
			complain(loader->complaints, &place,
				 "'after' of this step is not later than that of the one before");
	}
	if (receiver->fallback.to) {
		const struct option_places places = { .layers = &added->value, .count = 1 };
		const struct mention mention =
			mention_of(loader, &places, "fallback.to", 0, receiver->fallback.to);

		check_other(loader, receiver, "fallback", receiver->fallback.to, &mention);
	}
}

void receivers_place(struct loader *loader)
{
	const size_t count = map_count(loader->receivers);
	const struct receiver **list = arena_take(loader->arena, (count + 1) * sizeof(*list));
	const char *name;
	size_t at = 0, placed = 0;
	void *found;

	while (map_next(loader->receivers, &at, &name, &found)) {
		const struct snapshot_receiver *added = found;
		const struct receiver *receiver = &added->draft.receiver;

		check_others(loader, added);
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
	for (unsigned i = 0; names && names[i]; i++) {
		struct mention mention;

		if (map_find(loader->receivers, names[i]))
			continue;
		mention = mention_of(loader, places, "notify", i, names[i]);
		refuse_name(loader, names[i], &mention);
	}
}
