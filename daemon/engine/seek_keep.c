/* seek_keep.c - what was found outlives the process: the last good set of each URL and name is a
 * file beside the store, as an http_sd document, so that a restart knows what it watched.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/snapshot.h"
#include "engine/seek.h"
#include "option/complaint.h"

static const char prefix[] = "found-", suffix[] = ".json";

/* The key may hold a secret, and a name of a file is for everybody. */
static char *name_of(const char *key)
{
	return memory_print("%s%016llx%s", prefix, (unsigned long long)hash_name(key), suffix);
}

char *seek_path(const struct engine *engine, const char *key)
{
	cleanup(free)
	char *name = name_of(key);

	return engine->state_folder ? memory_print("%s/%s", engine->state_folder, name) : NULL;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		const ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

void seek_write(const char *path, const char *text, size_t len)
{
	cleanup(free)
	char *beside = memory_print("%s.new", path);
	cleanup(close)
	int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	/* Where that fails a restart knows less, and nothing else is amiss. */
	if (fd < 0 || write_all(fd, text, len) < 0 || fsync(fd) < 0 || rename(beside, path) < 0)
		log_line(LOG_WARNING, "'%s' can't be written: %s; what was found is not kept", path,
			 strerror(errno));
}

/* Its last good set, or NULL. */
static struct targets *recall(const struct engine *engine, const struct discovery *discovery)
{
	cleanup(free)
	char *path = seek_path(engine, discovery->key);
	cleanup(free)
	char *text = NULL;
	cleanup(text)
	struct text fault = { 0 };
	struct targets *targets = NULL;
	size_t len;

	if (file_read(path, TARGETS_BYTES_MAX, &text, &len) == 0)
		(void)targets_parse(text, len, TARGETS_JSON, path, &targets, &fault);
	return targets;
}

static bool is_wanted(const struct snapshot *snapshot, const char *file)
{
	for (unsigned i = 0; i < snapshot->discoveries_count; i++) {
		cleanup(free)
		char *name = name_of(snapshot->discoveries[i].key);

		if (strcmp(name, file) == 0)
			return true;
	}
	return false;
}

/* Of sources that are not in the configuration any more. */
static void remove_others(const struct engine *engine)
{
	DIR *folder = opendir(engine->state_folder);
	const struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0 &&
		    !is_wanted(engine->snapshot, entry->d_name))
			(void)unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder)
		(void)closedir(folder);
}

bool seek_take_up(struct engine *engine, const struct finds *finds)
{
	struct complaints *complaints = complaints_new();
	struct snapshot *next;
	const bool is_made = snapshot_find(engine->snapshot, finds, complaints, &next) == 0;

	if (is_made) {
		snapshot_unref(engine->snapshot);
		engine->snapshot = next;
	}
	complaints_free(complaints);
	return is_made;
}

void seek_recall(struct engine *engine)
{
	const struct snapshot *snapshot = engine->snapshot;
	struct find *list = memory_new(snapshot->discoveries_count + 1u, sizeof(*list));
	struct finds finds = { .list = list };
	unsigned recalled = 0;

	for (unsigned i = 0; i < snapshot->discoveries_count; i++) {
		const struct discovery *discovery = &snapshot->discoveries[i];
		struct targets *targets =
			discovery->targets ? targets_ref(discovery->targets) : NULL;

		if (!targets && discovery->kind != DISCOVERY_FILE) {
			targets = recall(engine, discovery);
			recalled += targets != NULL;
		}
		if (targets)
			list[finds.count++] = (struct find){
				.key = memory_text(discovery->key),
				.targets = targets,
			};
	}
	remove_others(engine);
	if (recalled)
		(void)seek_take_up(engine, &finds);
	for (unsigned i = 0; i < finds.count; i++) {
		free((char *)(uintptr_t)list[i].key);
		targets_unref(list[i].targets);
	}
	free(list);
}
