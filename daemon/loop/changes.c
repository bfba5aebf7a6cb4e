/* changes.c - which of a few files may have changed, by inotify. */
#include <event2/event.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "loop/changes.h"

enum { PATHS_MAX = 8, FOLDERS_MAX = 4 * PATHS_MAX };

struct changes {
	const char *const *paths; /* borrowed */
	bool is_changed[PATHS_MAX];
	int folders[FOLDERS_MAX]; /* watch descriptors */
	unsigned folders_count;
	int fd; /* owned; -1: none */
	struct event *event; /* owned; NULL: none */
};

/* Watching a folder twice is watching it once. */
static void watch_folder(struct changes *changes, const char *path)
{
	char *slash = strrchr(path, '/');
	cleanup(free)
	char *folder = slash ? memory_text_len(path, (size_t)(slash - path)) : memory_text(".");
	int watch;

	if (changes->folders_count == FOLDERS_MAX)
		return;
	watch = inotify_add_watch(changes->fd, *folder ? folder : "/",
				  IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE |
					  IN_DELETE | IN_ONLYDIR);
	if (watch < 0)
		return;
	for (unsigned i = 0; i < changes->folders_count; i++)
		if (changes->folders[i] == watch)
			return;
	changes->folders[changes->folders_count++] = watch;
}

static void watch_file(struct changes *changes, const char *path)
{
	cleanup(free)
	char *real = realpath(path, NULL);

	watch_folder(changes, path);
	if (real && strcmp(real, path) != 0)
		watch_folder(changes, real);
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The same name in another watched folder is one reading too many, and harmless. */
static bool is_about(const char *path, const char *name)
{
	cleanup(free)
	char *real = NULL;

	if (strcmp(last_part(path), name) == 0)
		return true;
	real = realpath(path, NULL);
	return real && strcmp(last_part(real), name) == 0;
}

static void forget_folder(struct changes *changes, int watch)
{
	for (unsigned i = 0; i < changes->folders_count; i++)
		if (changes->folders[i] == watch)
			changes->folders[i] = changes->folders[--changes->folders_count];
}

static void note(struct changes *changes, const struct inotify_event *event)
{
	for (unsigned i = 0; changes->paths[i]; i++) {
		const bool is_lost = event->mask & (IN_Q_OVERFLOW | IN_IGNORED);

		if (changes->is_changed[i])
			continue;
		if (is_lost || (event->len && is_about(changes->paths[i], event->name)))
			changes->is_changed[i] = true;
	}
}

static void on_events(int fd, short what, void *context)
{
	char data[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	const ssize_t len = read(fd, data, sizeof(data));

	for (ssize_t at = 0; at < len;) {
		const struct inotify_event *event = (const void *)(data + at);

		if (event->mask & IN_IGNORED)
			forget_folder(context, event->wd);
		note(context, event);
		at += (ssize_t)(sizeof(*event) + event->len);
	}
}

struct changes *changes_new(struct event_base *base, const char *const *paths)
{
	struct changes *changes = MEMORY_NEW(struct changes);

	changes->paths = paths;
	changes->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	for (unsigned i = 0; paths[i] && i < PATHS_MAX; i++) {
		changes->is_changed[i] = true;
		if (changes->fd >= 0)
			watch_file(changes, paths[i]);
	}
	if (changes->fd >= 0) {
		changes->event =
			event_new(base, changes->fd, EV_READ | EV_PERSIST, on_events, changes);
		(void)event_add(changes->event, NULL);
	}
	return changes;
}

void changes_free(struct changes *changes)
{
	if (changes->event)
		event_free(changes->event);
	if (changes->fd >= 0)
		(void)close(changes->fd);
	free(changes);
}

bool changes_take(struct changes *changes, unsigned index)
{
	if (!changes->is_changed[index])
		return false;
	changes->is_changed[index] = false;
	/* A link may lead elsewhere by now. */
	if (changes->fd >= 0)
		watch_file(changes, changes->paths[index]);
	return true;
}
