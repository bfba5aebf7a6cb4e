/* endpoint.c - which layers an endpoint has, and how many endpoints `each` and `discover` make. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "config/build.h"
#include "config/discover.h"
#include "option/value.h"

enum { ENDPOINTS_MAX = 1000000 };

/* Of a target, over those of the same names that defaults, group and templates give.  They come
 * from outside: nothing is read in them.
 */
static void add_labels(struct making *making, const struct target *target)
{
	struct option_pairs *labels = &making->draft.labels;
	struct option_pair *pairs;
	unsigned count = labels->count;

	if (!target || !target->labels_count)
		return;
	pairs = arena_take(making->loader->arena,
			   (labels->count + target->labels_count) * sizeof(*pairs));
	if (labels->count)
		memcpy(pairs, labels->pairs, labels->count * sizeof(*pairs));
	for (unsigned i = 0; i < target->labels_count; i++) {
		unsigned at = 0;

		while (at < count && strcmp(pairs[at].key, target->labels[i].key) != 0)
			at++;
		count += at == count;
		pairs[at] = (struct option_pair){
			.key = target->labels[i].key,
			.value = target->labels[i].value,
		};
	}
	*labels = (struct option_pairs){ .pairs = pairs, .count = count };
}

/* All layers for one value of `each` or one target, or for none where the shared base will not
 * do.
 */
static void make_all_layers(struct making *making, const struct base *base,
			    const struct value *value, const char *each,
			    const struct target *target)
{
	struct loader *loader = base->making.loader;

	*making = (struct making){ .loader = loader, .each.value = each, .is_passing = true };
	option_fill(&loader->keys->endpoint, &making->draft, loader->arena);
	for (unsigned i = 0; i < base->layers_count; i++)
		making_apply(making, base->layers[i]->table, base->layers[i]->value);
	add_labels(making, target);
	making_apply(making, &loader->keys->endpoint, value);
}

static void note_lines(struct loader *loader, const char *key, const struct lines *lines,
		       struct notes *notes)
{
	for (unsigned i = lines->last; i < lines->count; i++)
		notes_add(notes, origin_of(loader, key, lines->items[i], false));
}

static struct endpoint_source *make_source(const struct base *base, const struct making *making,
					   struct notes *notes)
{
	struct loader *loader = base->making.loader;
	struct endpoint_source *source;

	note_lines(loader, "expect", &making->expect, notes);
	note_lines(loader, "warn", &making->warn, notes);
	source = arena_take(loader->arena, sizeof(*source) + notes->count * sizeof(source->own[0]));
	source->heritage = base->heritage;
	source->drops_expect = making->expect.last != base->making.expect.count;
	source->drops_warn = making->warn.last != base->making.warn.count;
	source->count = notes->count;
	if (notes->count)
		memcpy(source->own, notes->list, notes->count * sizeof(source->own[0]));
	return source;
}

/* False where the endpoints would all be called the same. */
static bool examine_each(struct loader *loader, const struct value *endpoint)
{
	const struct value *each = value_find(endpoint, "each");
	const struct value *name = value_find(endpoint, "name");
	const struct value *items = each->kind == VALUE_LIST ? each->items : each;
	const uint32_t count = each->kind == VALUE_LIST ? each->count : 1;

	for (uint32_t i = 0; i < count; i++) {
		const struct place place = value_place(&items[i]);

		if (items[i].kind == VALUE_SCALAR && strstr(items[i].text, "${"))
			complain(
				loader->complaints, &place,
				"no references here: what stands in 'each' becomes part of names, and "
				"those are shown");
	}
	if (count > 1 && name && name->kind == VALUE_SCALAR && !strstr(name->text, "{}")) {
		const struct place place = value_place(name);

		complain(loader->complaints, &place,
			 "'name' needs a {} in it, since 'each' makes %u endpoints of it", count);
		return false;
	}
	return true;
}

/* The mapping as each of the endpoints has it, without `each` and `discover`: taking over the list every time would be
 * quadratic in its length.
 */
static struct value without_each(struct loader *loader, const struct value *endpoint)
{
	struct value rest = *endpoint;
	struct value *items = arena_take(loader->scratch, 2 * endpoint->count * sizeof(*items));

	rest.items = items;
	rest.count = 0;
	for (uint32_t i = 0; i < endpoint->count; i++) {
		const struct value *pair = &endpoint->items[2 * i];

		if (strcmp(pair->text, "each") == 0 || strcmp(pair->text, "discover") == 0)
			continue;
		memcpy(&items[2 * rest.count], pair, 2 * sizeof(*pair));
		rest.count++;
	}
	return rest;
}

static void make_each(struct build *build, const struct endpoint_source *source)
{
	const char *const *each = build->making->draft.each;
	const struct value rest = without_each(build->loader, build->value);
	struct making making;

	if (!examine_each(build->loader, build->value))
		return;
	if (!each[0]) {
		const struct place place = value_place(value_find(build->value, "each"));

		complain_warn(build->loader->complaints, &place,
			      "'each' is empty, so there is no such endpoint");
	}
	for (unsigned i = 0; each[i] && build->loader->made_count < ENDPOINTS_MAX; i++) {
		make_all_layers(&making, build->base, &rest, each[i], NULL);
		build->making = &making;
		build_endpoint(build, source);
	}
}

/* One endpoint of a target, with whatever is wrong said to `complaints`; whether there is one. */
static bool make_found(struct build *build, const struct endpoint_source *source,
		       const struct value *rest, const struct target *target,
		       struct complaints *complaints)
{
	struct loader *loader = build->loader;
	struct complaints *usual = loader->complaints;
	struct making *first = build->making;
	const size_t calls = complaints_calls(complaints), made = loader->made_count;
	struct making making;
	bool is_good;

	loader->complaints = complaints;
	make_all_layers(&making, build->base, rest, target->name, target);
	build->making = &making;
	build_endpoint(build, source);
	build->making = first;
	loader->complaints = usual;
	is_good = complaints_calls(complaints) == calls && loader->made_count > made;
	if (!is_good)
		loader->made_count = made;
	return is_good;
}

/* Whether the keys make an endpoint of some target, known before there is any: which kind of
 * text they want is theirs to say.  Complains where none will do.
 */
static bool try_found(struct build *build, const struct endpoint_source *source,
		      const struct value *rest)
{
	static const char *const tries[] = { "target.invalid", "target.invalid:9", "192.0.2.1",
					     "http://target.invalid/" };
	const unsigned count = sizeof(tries) / sizeof(tries[0]);
	struct loader *loader = build->loader;
	const size_t made = loader->made_count;
	struct complaints *unheard = complaints_new();
	unsigned fitting = 0;
	bool is_good;

	while (fitting < count && !make_found(build, source, rest,
					      &(struct target){ .name = tries[fitting] }, unheard))
		fitting++;
	complaints_free(unheard);
	/* Once more, to be heard: warnings, or why the first will not do. */
	is_good = make_found(build, source, rest,
			     &(struct target){ .name = tries[fitting < count ? fitting : 0] },
			     loader->complaints);
	loader->made_count = made;
	return is_good;
}

/* The first of them that is a fault, not a warning. */
static const char *first_fault(struct complaints *complaints)
{
	const size_t count = complaints_count(complaints);

	for (size_t i = 0; i < count; i++)
		if (!complaints_get(complaints, i)->is_warning)
			return complaints_get(complaints, i)->message;
	return "no endpoint can be made of it";
}

static void make_all_found(struct build *build, const struct endpoint_source *source,
			   const struct value *rest, struct discovery *discovery)
{
	const struct targets *targets = discovery->targets;
	struct loader *loader = build->loader;
	struct complaints *complaints = complaints_new();

	loader->discovery = discovery;
	for (unsigned i = 0; i < targets->count && loader->made_count < ENDPOINTS_MAX; i++)
		if (!make_found(build, source, rest, &targets->list[i], complaints))
			discovery_leave_out(loader, discovery, targets->list[i].name,
					    first_fault(complaints));
	loader->discovery = NULL;
	complaints_free(complaints);
}

static void make_discovered(struct build *build, const struct endpoint_source *source)
{
	struct loader *loader = build->loader;
	const struct value *value = value_find(build->value, "discover");
	const struct value *name = value_find(build->value, "name");
	const struct discover *discover = build->making->draft.discover;
	const struct value rest = without_each(loader, build->value);
	const struct option_places places = { .layers = &value, .count = 1 };
	const size_t calls = complaints_calls(loader->complaints);
	const struct place place = value_place(name ? name : build->value);
	struct discovery *discovery;

	if (build->making->draft.each)
		option_complain(loader->complaints, &places, NULL,
				"an endpoint has either 'each' or 'discover'");
	if (name && name->kind == VALUE_SCALAR && !strstr(name->text, "{}"))
		complain(loader->complaints, &place,
			 "'name' needs a {} in it, since 'discover' may find many targets");
	discover_table.examine(discover, loader->complaints, &places);
	if (complaints_calls(loader->complaints) != calls || !try_found(build, source, &rest))
		return;
	discovery = discovery_enter(loader, discover, value, &build->making->secrets);
	if (discovery && discovery->targets)
		make_all_found(build, source, &rest, discovery);
}

static void refuse_item(struct loader *loader, const struct value *value)
{
	const struct place place = value_place(value);

	if (value->kind == VALUE_SCALAR && strstr(value->text, "://"))
		complain(loader->complaints, &place,
			 "an endpoint is a mapping; write: - { name: NAME, http: '%.200s' }",
			 value->text);
	else
		complain(loader->complaints, &place,
			 "an endpoint is a mapping with 'name' and a probe, not %s",
			 value_kind_name(value));
}

/* One value of `each` for a first try, whose complaints are those of all. */
static const char *first_each(const struct value *endpoint)
{
	const struct value *each = value_find(endpoint, "each");

	if (each && each->kind == VALUE_LIST)
		each = each->count ? each->items : NULL;
	return each && each->kind == VALUE_SCALAR ? each->text : NULL;
}

void endpoint_make(struct loader *loader, const struct value *value)
{
	const struct value *layers[BUILD_LAYERS_MAX];
	struct build build = { .loader = loader, .value = value };
	struct notes notes = { 0 };
	struct making making;
	struct base *base;

	if (value->kind != VALUE_MAP) {
		refuse_item(loader, value);
		return;
	}
	base = base_of(loader, value);
	build.places = places_of(base, value, layers);
	if (!base || base->layers_count >= BUILD_LAYERS_MAX) {
		making = (struct making){ .loader = loader, .each.is_open = true };
		option_fill(&loader->keys->endpoint, &making.draft, loader->arena);
		making_apply(&making, &loader->keys->endpoint, value);
		build.making = &making;
		build_refuse(&build);
		return;
	}
	build.base = base;
	build.making = &making;
	making = base->making;
	making.each = (struct each){
		.value = first_each(value),
		.is_open = value_find(value, "discover") != NULL,
	};
	making.is_passing = true;
	making.notes = &notes;
	making_apply(&making, &loader->keys->endpoint, value);
	const struct endpoint_source *source = make_source(base, &making, &notes);

	free(notes.list);
	making.notes = NULL;
	if (making.draft.discover) {
		make_discovered(&build, source);
		return;
	}
	if (making.draft.each) {
		make_each(&build, source);
		return;
	}
	if (base->making.each.was_asked)
		make_all_layers(&making, base, value, NULL, NULL);
	build_endpoint(&build, source);
}
