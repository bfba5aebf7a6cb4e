/* snapshot.c - one configuration, whole and checked: to load and to let go. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/thread.h"
#include "base/utf8.h"
#include "config/discover.h"
#include "config/loader.h"
#include "expect/expect.h"
#include "option/value.h"

enum { URLS_MAX = 100000, NAME_MAX_BYTES = 120 };

struct snapshot *snapshot_new(void)
{
	struct snapshot *snapshot = MEMORY_NEW(struct snapshot);

	snapshot->arena = arena_new();
	atomic_init(&snapshot->references, 1);
	return snapshot;
}

struct snapshot *snapshot_ref(struct snapshot *snapshot)
{
	atomic_fetch_add(&snapshot->references, 1);
	return snapshot;
}

bool snapshot_is_last(const struct snapshot *snapshot)
{
	return atomic_load(&snapshot->references) == 1;
}

void snapshot_unref(struct snapshot *snapshot)
{
	if (atomic_fetch_sub(&snapshot->references, 1) != 1)
		return;
	for (size_t i = 0; i < snapshot->programs_count; i++)
		program_free(snapshot->programs[i]);
	for (unsigned i = 0; i < snapshot->discoveries_count; i++)
		if (snapshot->discoveries[i].targets)
			targets_unref(snapshot->discoveries[i].targets);
	if (snapshot->texts)
		texts_unref(snapshot->texts);
	free(snapshot->path);
	arena_free(snapshot->arena);
	free(snapshot);
}

static int load(const char *path, const struct probe_type *const *types, const struct finds *finds,
		unsigned threads, struct complaints *complaints, struct snapshot **ret_snapshot)
{
	struct loader loader;

	loader_init(&loader, types, complaints);
	loader.finds = finds;
	loader.snapshot->path = memory_text(path);
	loader.snapshot->loaded_at = clock_wall();
	files_read(&loader.files, path, threads, loader.scratch, complaints);
	loader_run(&loader);
	return loader_finish(&loader, ret_snapshot);
}

int snapshot_load(const char *path, struct complaints *complaints, struct snapshot **ret_snapshot)
{
	return load(path, probe_types(), NULL, thread_processors(), complaints, ret_snapshot);
}

int snapshot_load_found(const char *path, const struct finds *finds, struct complaints *complaints,
			struct snapshot **ret_snapshot)
{
	/* The other CPUs are for checks meanwhile. */
	return load(path, probe_types(), finds, 1, complaints, ret_snapshot);
}

int snapshot_load_with(const char *path, const struct probe_type *const *types,
		       struct complaints *complaints, struct snapshot **ret_snapshot)
{
	return load(path, types, NULL, 1, complaints, ret_snapshot);
}

int snapshot_find(const struct snapshot *snapshot, const struct finds *finds,
		  struct complaints *complaints, struct snapshot **ret_snapshot)
{
	struct loader loader;

	loader_init(&loader, snapshot->keys->types, complaints);
	loader.finds = finds;
	loader.snapshot->path = memory_text(snapshot->path);
	loader.snapshot->loaded_at = snapshot->loaded_at;
	files_read_again(&loader.files, snapshot->texts, loader.scratch, complaints);
	loader_run(&loader);
	return loader_finish(&loader, ret_snapshot);
}

static void put_text(struct arena *arena, struct value *value, const char *text, size_t len)
{
	*value = (struct value){
		.kind = VALUE_SCALAR,
		.style = VALUE_DOUBLE,
		.text = arena_text_len(arena, text, len),
		.count = (uint32_t)len,
	};
}

/* One key more with its text, in which nothing is a reference: they mean nothing on a
 * command line.
 */
static void put_pair(struct arena *arena, struct value *map, struct value *pairs, const char *key,
		     const char *text, size_t len)
{
	cleanup(text)
	struct text literal = { 0 };

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '$' && i + 1 < len && text[i + 1] == '{')
			text_append_char(&literal, '$');
		text_append_char(&literal, text[i]);
	}
	put_text(arena, &pairs[2 * map->count], key, strlen(key));
	put_text(arena, &pairs[2 * map->count + 1], text_string(&literal), literal.len);
	map->count++;
}

/* The probe that has the scheme of a URL, or NULL. */
static const struct probe_type *type_of(const char *url, const struct probe_url **ret)
{
	const char *end = strstr(url, "://");

	for (const struct probe_type *const *type = probe_types(); end && *type; type++)
		for (*ret = (*type)->urls; *ret && (*ret)->scheme; (*ret)++)
			if (strlen((*ret)->scheme) == (size_t)(end - url) &&
			    strncasecmp((*ret)->scheme, url, (size_t)(end - url)) == 0)
				return *type;
	return NULL;
}

/* What the URL says, as the probe's mapping; false where it says more than that has keys for. */
static bool read_url(struct arena *arena, const struct probe_url *form, const char *url,
		     struct value *ret)
{
	const char *host = strstr(url, "://") + 3;
	const char *slash = strchr(host, '/');
	const char *behind = slash ? slash + 1 : "";
	struct value *pairs = arena_take(arena, 4 * sizeof(*pairs));

	*ret = (struct value){ .kind = VALUE_MAP, .items = pairs };
	if (form->whole) {
		put_pair(arena, ret, pairs, form->whole, url, strlen(url));
		return true;
	}
	put_pair(arena, ret, pairs, form->before, host,
		 slash ? (size_t)(slash - host) : strlen(host));
	if (form->behind && *behind)
		put_pair(arena, ret, pairs, form->behind, behind, strlen(behind));
	return form->behind || !*behind;
}

/* A name that no other of them has. */
static void print_name(const char *url, unsigned number, struct text *name)
{
	cleanup(free)
	char *clean = memory_text_len(url, utf8_cut(url, strlen(url), NAME_MAX_BYTES));

	keys_clean_name(clean);
	text_append(name, clean);
	if (number > 1)
		text_print(name, "_%u", number);
}

static void refuse_url(struct complaints *complaints, const char *url)
{
	cleanup(text)
	struct text schemes = { 0 };

	for (const struct probe_type *const *type = probe_types(); *type; type++)
		for (const struct probe_url *form = (*type)->urls; form && form->scheme; form++)
			text_print(&schemes, "%s%s://", schemes.len ? ", " : "", form->scheme);
	complain(complaints, NULL, "'%.200s' is no URL that can be checked; these begin with %s",
		 url, text_string(&schemes));
}

static bool make_item(struct loader *loader, struct map *names, const char *url, struct value *ret)
{
	struct value *pairs = arena_take(loader->scratch, 4 * sizeof(*pairs));
	const struct probe_url *form;
	const struct probe_type *type = type_of(url, &form);
	cleanup(text)
	struct text name = { 0 };
	unsigned number = 1;

	if (!type || !utf8_is_valid(url, strlen(url)) || strlen(url) > 64 * 1024 ||
	    !read_url(loader->scratch, form, url, &pairs[3])) {
		refuse_url(loader->complaints, url);
		return false;
	}
	for (print_name(url, number, &name); map_find(names, text_string(&name));) {
		text_clear(&name);
		print_name(url, ++number, &name);
	}
	put_text(loader->scratch, &pairs[0], "name", strlen("name"));
	put_text(loader->scratch, &pairs[1], text_string(&name), name.len);
	put_text(loader->scratch, &pairs[2], type->name, strlen(type->name));
	map_set(names, pairs[1].text, pairs);
	*ret = (struct value){ .kind = VALUE_MAP, .count = 2, .items = pairs };
	return true;
}

int snapshot_from_urls(const char *const *urls, struct complaints *complaints,
		       struct snapshot **ret_snapshot)
{
	struct loader loader;
	struct map *names = map_new();

	loader_init(&loader, probe_types(), complaints);
	loader.snapshot->path = memory_text("");
	loader.snapshot->loaded_at = clock_wall();
	for (unsigned i = 0; urls[i] && i < URLS_MAX; i++) {
		/* Endpoints point to their mapping until they are made. */
		struct value *item = arena_take(loader.scratch, sizeof(*item));

		if (make_item(&loader, names, urls[i], item))
			endpoint_make(&loader, item);
	}
	map_free(names);
	loader_run(&loader);
	return loader_finish(&loader, ret_snapshot);
}
