/* targets_file.c - targets from files: which there are, and what they say together. */
#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/pattern.h"
#include "config/targets_inside.h"

static const char *const suffixes[] = { ".json", ".yaml", ".yml", NULL };

/* Where files of the pattern are; NULL where it names no folder. */
static char *folder_of(const char *pattern)
{
	char *folder = memory_text_len(pattern, strcspn(pattern, "*?"));
	char *slash = strrchr(folder, '/');

	if (!slash) {
		free(folder);
		return memory_text(".");
	}
	slash[slash == folder] = '\0';
	return folder;
}

/* Files are written elsewhere and renamed, or written where they are and closed: one that is
 * half there is not looked at.  Whatever happens to whichever name means another look, since a
 * link may lead to it.
 */
static int watch_folder(int inotify, const char *folder)
{
	if (inotify < 0)
		return -1;
	return inotify_add_watch(inotify, folder,
				 IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
					 IN_ONLYDIR);
}

static bool is_json(const char *path)
{
	const size_t len = strlen(path);

	return len > 5 && strcmp(path + len - 5, ".json") == 0;
}

static int add_file(struct targets_draft *draft, const char *path, size_t *total,
		    struct text *fault)
{
	cleanup(free)
	char *text = NULL;
	cleanup(text)
	struct text why = { 0 };
	size_t len;
	int r = file_read(path, TARGETS_BYTES_MAX, &text, &len);

	if (r < 0)
		text_append(&why, r == -EFBIG	 ? "it is larger than 16MiB"
				  : r == -EINVAL ? "it is not a regular file"
						 : strerrordesc_np(-r));
	else if ((*total += len) > TARGETS_BYTES_MAX)
		text_append(&why, "the files are larger than 16MiB together");
	else
		r = targets_add(draft, text, len, is_json(path) ? TARGETS_JSON : TARGETS_YAML, path,
				&why);
	if (!why.len)
		return 0;
	text_print(fault, "'%s': %s", path, text_string(&why));
	return r < 0 ? r : -EFBIG;
}

int targets_read(const char *pattern, int inotify, int *ret_watch, struct targets **ret_targets,
		 struct text *fault)
{
	struct pattern_matches matches;
	struct targets_draft draft;
	cleanup(free)
	char *folder = folder_of(pattern);
	size_t total = 0;
	int r;

	/* First the watch, then the look: nothing that happens between them is missed. */
	*ret_watch = watch_folder(inotify, folder);
	r = pattern_expand(pattern, "", suffixes, TARGETS_FILES_MAX, &matches);
	targets_begin(&draft);
	/* A disk that is not there is no reason to forget everything. */
	if (r == 0 && matches.count == 0 && access(folder, X_OK) < 0)
		r = -errno;
	if (r < 0)
		text_print(fault, "'%s': %s", pattern, strerrordesc_np(-r));
	else if (matches.is_cut) {
		text_print(fault, "'%s' matches more than %d files", pattern, TARGETS_FILES_MAX);
		r = -EFBIG;
	}
	for (unsigned i = 0; r == 0 && i < matches.count; i++)
		r = add_file(&draft, matches.paths[i], &total, fault);
	pattern_matches_done(&matches);
	if (r < 0)
		targets_drop(&draft);
	else
		*ret_targets = targets_finish(&draft);
	return r;
}
