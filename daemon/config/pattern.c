/* pattern.c - which files an `include:` means. */
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

static bool is_yaml(const char *path)
{
	const size_t len = strlen(path);

	return (len > 5 && strcmp(path + len - 5, ".yaml") == 0) ||
	       (len > 4 && strcmp(path + len - 4, ".yml") == 0);
}

bool pattern_may_be_yaml(const char *pattern)
{
	const char *dot = strrchr(pattern, '.');

	/* What comes behind the last dot is known, or is for the wild card to find. */
	if (!dot || is_wild(dot) || strchr(dot, '/'))
		return is_wild(pattern);
	return is_yaml(pattern);
}

static void add_match(struct pattern_matches *matches, const char *path, unsigned max)
{
	if (matches->count == max) {
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

static int expand(const char *directory, const char *rest, unsigned max,
		  struct pattern_matches *matches);

static int expand_wild(const char *directory, const char *rest, size_t len, unsigned max,
		       struct pattern_matches *matches)
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
			r = expand(path, rest + len + 1, max, matches);
		else if (is_yaml(path))
			add_match(matches, path, max);
	}
	(void)closedir(stream);
	return r;
}

/* The parts of `rest` in turn; as deep as the pattern has parts. */
static int expand(const char *directory, const char *rest, unsigned max,
		  struct pattern_matches *matches)
{
	const size_t len = strcspn(rest, "/");
	cleanup(free)
	char *part = memory_text_len(rest, len);
	cleanup(free)
	char *path = NULL;

	if (is_wild(part))
		return expand_wild(directory, rest, len, max, matches);
	path = join(directory, rest, len);
	if (rest[len])
		return expand(path, rest + len + 1, max, matches);
	add_match(matches, path, max);
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int pattern_expand(const char *pattern, const char *directory, unsigned max,
		   struct pattern_matches *ret)
{
	const bool is_absolute = *pattern == '/';
	int r;

	*ret = (struct pattern_matches){ 0 };
	r = expand(is_absolute ? "/" : directory, pattern + strspn(pattern, "/"), max, ret);
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
