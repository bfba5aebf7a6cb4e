/* pattern.c - which files an `include:` or a `discover:` means. */
#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/glob.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/pattern.h"

enum { ENTRIES_MAX = 100000 };

static bool is_wild(const char *pattern)
{
	return strpbrk(pattern, "*?") != NULL;
}

static const char *const yaml[] = { ".yaml", ".yml", NULL };

static bool ends_in(const char *path, const char *const *suffixes)
{
	const size_t len = strlen(path);

	for (; *suffixes; suffixes++)
		if (len > strlen(*suffixes) &&
		    strcmp(path + len - strlen(*suffixes), *suffixes) == 0)
			return true;
	return false;
}

bool pattern_may_be_yaml(const char *pattern)
{
	const char *dot = strrchr(pattern, '.');

	/* What comes behind the last dot is known, or is for the wild card to find. */
	if (!dot || is_wild(dot) || strchr(dot, '/'))
		return is_wild(pattern);
	return ends_in(pattern, yaml);
}

/* What is looked for, and what was found of it. */
struct search {
	const char *const *suffixes;
	unsigned max;
	struct pattern_matches *matches;
};

static void add_match(const struct search *search, const char *path)
{
	struct pattern_matches *matches = search->matches;

	if (matches->count == search->max) {
		matches->is_cut = true;
		return;
	}
	if (matches->count == matches->room) {
		matches->room = (unsigned)memory_next_room(matches->room, 16);
		matches->paths =
			memory_grow(matches->paths, matches->room, sizeof(*matches->paths));
	}
	matches->paths[matches->count++] = memory_text(path);
}

static char *join(const char *directory, const char *name, size_t len)
{
	const char *between = *directory && directory[strlen(directory) - 1] != '/' ? "/" : "";

	return memory_print("%s%s%.*s", directory, between, (int)len, name);
}

static int expand(const struct search *search, const char *directory, const char *rest);

static int expand_wild(const struct search *search, const char *directory, const char *rest,
		       size_t len)
{
	DIR *stream = opendir(*directory ? directory : ".");
	const struct dirent *entry;
	unsigned seen = 0;
	int r = 0;

	if (!stream)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	while (r == 0 && seen++ < ENTRIES_MAX && (entry = readdir(stream))) {
		const size_t width = strlen(entry->d_name);

		if (entry->d_name[0] == '.' || !glob_matches(rest, len, entry->d_name, width))
			continue;
		cleanup(free)
		char *path = join(directory, entry->d_name, width);

		if (rest[len])
			r = expand(search, path, rest + len + 1);
		else if (ends_in(path, search->suffixes))
			add_match(search, path);
	}
	(void)closedir(stream);
	return r;
}

/* The parts of `rest` in turn; as deep as the pattern has parts. */
static int expand(const struct search *search, const char *directory, const char *rest)
{
	const size_t len = strcspn(rest, "/");
	cleanup(free)
	char *part = memory_text_len(rest, len);
	cleanup(free)
	char *path = NULL;

	if (is_wild(part))
		return expand_wild(search, directory, rest, len);
	path = join(directory, rest, len);
	if (rest[len])
		return expand(search, path, rest + len + 1);
	add_match(search, path);
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int pattern_expand(const char *pattern, const char *directory, const char *const *suffixes,
		   unsigned max, struct pattern_matches *ret)
{
	const struct search search = { suffixes ? suffixes : yaml, max, ret };
	const bool is_absolute = *pattern == '/';
	int r;

	*ret = (struct pattern_matches){ 0 };
	r = expand(&search, is_absolute ? "/" : directory, pattern + strspn(pattern, "/"));
	if (ret->count)
		qsort(ret->paths, ret->count, sizeof(*ret->paths), compare);
	return r;
}

void pattern_matches_done(struct pattern_matches *matches)
{
	for (unsigned i = 0; i < matches->count; i++)
		free(matches->paths[i]);
	free(matches->paths);
	*matches = (struct pattern_matches){ 0 };
}
