/* share.c - within config/: options that many endpoints have alike are kept once. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/units.h"
#include "config/build.h"
#include "config/share.h"

/* Of one type of probe: the endpoint in the making, and what was found for the one before. */
struct share {
	void *draft; /* owned */
	void *last; /* owned; as it was set, without what is an endpoint's own */
	const struct common *found; /* what is kept of that; NULL: nothing yet */
};

struct common {
	const void *options; /* prepared; in the snapshot's arena */
	uint64_t digest;
};

static struct share *share_of(struct loader *loader, unsigned number)
{
	const struct keys *keys = loader->keys;

	if (!loader->shares)
		loader->shares = memory_new(keys->types_count, sizeof(*loader->shares));
	return &loader->shares[number];
}

void *share_draft(struct loader *loader, unsigned type_number)
{
	struct share *share = share_of(loader, type_number);

	if (!share->draft)
		share->draft = memory_new(1, loader->keys->types[type_number]->table->size);
	return share->draft;
}

void share_done(struct loader *loader)
{
	for (unsigned i = 0; loader->shares && i < loader->keys->types_count; i++) {
		free(loader->shares[i].draft);
		free(loader->shares[i].last);
	}
	free(loader->shares);
}

/* What the options say, and nothing about where it stands in memory, as a key. */
static void print_key(const struct probe_type *type, const void *options, struct text *key)
{
	cleanup(text)
	struct text bytes = { 0 };

	option_digest(type->table, options, &bytes);
	text_print(key, "%s ", type->name);
	text_append_base64(key, bytes.data, bytes.len);
}

/* Prepared, and kept for those to come unless there is something to complain about: then each
 * is to be told for itself.
 */
static const struct common *make(struct build *build, const void *draft, const struct text *key,
				 const struct option_places *places)
{
	static const struct hash_key seed = { 0x7069636b6574, 0x636f6d6d6f6e21 };
	struct common *common = arena_take(build->loader->scratch, sizeof(*common));
	struct loader *loader = build->loader;
	const struct probe_type *type = build->type;
	const size_t calls = complaints_calls(loader->complaints);
	void *made = arena_take(loader->arena, type->table->size);

	memcpy(made, draft, type->table->size);
	type->parts->prepare(made, loader->arena, loader->complaints, places);
	*common = (struct common){ made, hash_bytes(&seed, key->data, key->len) };
	if (complaints_calls(loader->complaints) == calls)
		map_set(loader->commons, arena_text(loader->scratch, key->data), common);
	return common;
}

/* What is kept for options that say the same.  Most often those of the endpoint before are the
 * same to the byte, texts of layers above them included.
 */
static const struct common *find(struct build *build, const void *draft,
				 const struct option_places *places)
{
	struct loader *loader = build->loader;
	struct share *share = share_of(loader, build->type_number);
	const size_t size = build->type->table->size;
	cleanup(text)
	struct text key = { 0 };
	const struct common *found;

	if (share->found && memcmp(share->last, draft, size) == 0)
		return share->found;
	print_key(build->type, draft, &key);
	found = map_find(loader->commons, text_string(&key));
	if (!found) {
		found = make(build, draft, &key, places);
		if (!map_find(loader->commons, text_string(&key)))
			return found;
	}
	if (!share->last)
		share->last = memory_new(1, size);
	memcpy(share->last, draft, size);
	share->found = found;
	return found;
}

static void keep_parts(struct build *build, const struct option_places *places,
		       const void **options, const void **ret_options, const void **ret_own)
{
	struct loader *loader = build->loader;
	const struct probe_parts *parts = build->type->parts;
	void *draft = share_draft(loader, build->type_number);
	void *own = arena_take(loader->arena, parts->own_size);
	const struct common *common;

	if (*options != draft)
		memcpy(draft, *options, build->type->table->size);
	parts->part(draft, own);
	common = find(build, draft, places);
	*ret_options = common->options;
	build->options_digest = common->digest;
	parts->prepare_own(own, *ret_options, loader->arena, loader->complaints, places);
	*ret_own = own;
	memcpy(draft, *ret_options, build->type->table->size);
	parts->join(draft, own);
	*options = draft;
}

/* What nobody else has, or what the layers above gave it. */
static void keep_whole(struct build *build, const struct option_places *places,
		       const void **options)
{
	struct loader *loader = build->loader;
	const struct probe_type *type = build->type;
	const void *above = build->base->making.draft.probes[build->type_number];
	void *own;

	if (!type->prepare && *options == above)
		return;
	own = arena_take(loader->arena, type->table->size);
	memcpy(own, *options, type->table->size);
	*options = own;
	if (type->prepare)
		type->prepare(own, loader->arena, loader->complaints, places);
}

void share_options(struct build *build, const void **options, const void **ret_options,
		   const void **ret_own)
{
	const struct value *layers[BUILD_LAYERS_MAX];
	struct option_places below = { .layers = layers };

	below.count = option_below(&build->places, build->type->name, layers, BUILD_LAYERS_MAX);
	*ret_own = NULL;
	if (build->type->parts) {
		keep_parts(build, &below, options, ret_options, ret_own);
		return;
	}
	keep_whole(build, &below, options);
	*ret_options = *options;
}

static bool is_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_same(const struct terms *terms, const struct patience *confirm,
		    const struct objective *slo)
{
	const struct patience *other = &terms->confirm;

	return other->failures == confirm->failures && other->within == confirm->within &&
	       other->successes == confirm->successes && other->every == confirm->every &&
	       terms->slo.window == slo->window && is_text(terms->slo.text, slo->text);
}

static struct terms *make_terms(struct loader *loader, const struct patience *confirm,
				const struct objective *slo)
{
	struct terms *terms = arena_take(loader->arena, sizeof(*terms));

	*terms = (struct terms){ .confirm = *confirm, .slo = *slo };
	if (slo->text)
		(void)units_percent_parse(slo->text, strlen(slo->text), &terms->slo.target);
	return terms;
}

const struct terms *share_terms(struct loader *loader, const struct patience *confirm,
				const struct objective *slo)
{
	cleanup(text)
	struct text key = { 0 };

	/* Mostly those of the endpoint before. */
	if (loader->last_terms && is_same(loader->last_terms, confirm, slo))
		return loader->last_terms;
	text_print(&key, "%u %u %u %llu %llu %s", confirm->failures, confirm->within,
		   confirm->successes, (unsigned long long)confirm->every,
		   (unsigned long long)slo->window, slo->text ? slo->text : "");
	loader->last_terms = map_find(loader->terms, text_string(&key));
	if (!loader->last_terms) {
		struct terms *made = make_terms(loader, confirm, slo);

		map_set(loader->terms, arena_text(loader->scratch, text_string(&key)), made);
		loader->last_terms = made;
	}
	return loader->last_terms;
}

void *share_whole(const struct endpoint *endpoint)
{
	const struct probe_type *type = endpoint->type;
	void *whole;

	if (!endpoint->own)
		return NULL;
	whole = memory_copy(endpoint->options, type->table->size);
	type->parts->join(whole, endpoint->own);
	return whole;
}
