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
#include "base/utf8.h"
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

void snapshot_unref(struct snapshot *snapshot)
{
	if (atomic_fetch_sub(&snapshot->references, 1) != 1)
		return;
	for (size_t i = 0; i < snapshot->programs_count; i++)
		program_free(snapshot->programs[i]);
	free(snapshot->path);
	arena_free(snapshot->arena);
	free(snapshot);
}

int snapshot_load(const char *path, struct complaints *complaints, struct snapshot **ret_snapshot)
{
	return snapshot_load_with(path, probe_types(), complaints, ret_snapshot);
}

int snapshot_load_with(const char *path, const struct probe_type *const *types,
		       struct complaints *complaints, struct snapshot **ret_snapshot)
{
	struct loader loader;

	loader_init(&loader, types, complaints);
	loader.snapshot->path = memory_text(path);
	loader.snapshot->loaded_at = clock_wall();
	files_read(&loader.files, path, loader.scratch, complaints);
	loader_run(&loader);
	return loader_finish(&loader, ret_snapshot);
}

static struct value *put_scalar(struct arena *arena, struct value *value, const char *text)
{
	*value = (struct value){
		.kind = VALUE_SCALAR,
		.style = VALUE_DOUBLE,
		.text = arena_text(arena, text),
		.count = (uint32_t)strlen(text),
	};
	return value + 1;
}

/* The probe whose scheme a URL has, or NULL. */
static const struct probe_type *type_of(const char *url)
{
	if (strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0)
		return probe_type_find("http");
	return NULL;
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

/* References mean nothing on a command line, so what looks like one is literal. */
static void put_url(struct arena *arena, struct value *value, const char *url)
{
	cleanup(text)
	struct text literal = { 0 };

	for (; *url; url++) {
		if (strncmp(url, "${", 2) == 0)
			text_append_char(&literal, '$');
		text_append_char(&literal, *url);
	}
	put_scalar(arena, value, text_string(&literal));
}

static bool make_item(struct loader *loader, struct map *names, const char *url, struct value *ret)
{
	const struct probe_type *type = type_of(url);
	struct value *pairs = arena_take(loader->scratch, 4 * sizeof(*pairs));
	cleanup(text)
	struct text name = { 0 };
	unsigned number = 1;

	if (!type || !utf8_is_valid(url, strlen(url)) || strlen(url) > 64 * 1024) {
		complain(
			loader->complaints, NULL,
			"'%.200s' is no URL that can be checked; it begins with http:// or https://",
			url);
		return false;
	}
	for (print_name(url, number, &name); map_find(names, text_string(&name));) {
		text_clear(&name);
		print_name(url, ++number, &name);
	}
	put_scalar(loader->scratch, &pairs[0], "name");
	put_scalar(loader->scratch, &pairs[1], text_string(&name));
	put_scalar(loader->scratch, &pairs[2], type->name);
	put_url(loader->scratch, &pairs[3], url);
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
