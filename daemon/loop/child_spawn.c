/* child_spawn.c - the threads that start children.
 *
 *   loop --give--> [tasks] --> thread: posix_spawn() --> [started] --next--> loop
 *
 * posix_spawn() returns when the child has its new program, so a file system that hangs
 * keeps the thread; the loop then asks for one more.  A thread touches nothing but the
 * task in its hands.  One lock guards both lists.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/thread.h"
#include "loop/child_inside.h"

struct spawner {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct list tasks, started; /* of child->task */
	unsigned threads, idle;
	bool is_closing;
	int fd; /* eventfd */
};

/* --- In the thread --------------------------------------------------------------------- */

static bool is_open(const char *path, bool is_folder)
{
	struct stat at;

	return stat(path, &at) == 0 && (at.st_mode & S_IWOTH) &&
	       !(is_folder && (at.st_mode & S_ISVTX));
}

int child_keep_input(const struct child_request *request, int *ret_fd)
{
	int fd, r;

	*ret_fd = -1;
	if (!request->input)
		return 0;
	fd = memfd_create("input", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = file_write(fd, request->input, request->input_len);
	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = -errno;
	if (r == 0)
		*ret_fd = fd;
	else
		(void)close(fd);
	return r;
}

int child_keep_descriptor(const struct child_request *request, int *ret_fd)
{
	if (!request->descriptor)
		return 0;
	/* Above those in whose place the child's are put. */
	*ret_fd = fcntl(*request->descriptor, F_DUPFD_CLOEXEC, CHILD_DESCRIPTOR);
	return *ret_fd < 0 ? -errno : 0;
}

void child_close_descriptor(struct child *child)
{
	if (child->descriptor >= 0)
		(void)close(child->descriptor);
	child->descriptor = -1;
}

/* Whoever may write to a program, or put another in its place, is who runs. */
static bool is_way_open(const char *program)
{
	char path[PATH_MAX];
	char *slash;

	if (strlen(program) >= sizeof(path))
		return false; /* nor can it be started */
	memcpy(path, program, strlen(program) + 1);
	if (is_open(path, false))
		return true;
	while ((slash = strrchr(path, '/'))) {
		*slash = '\0';
		if (is_open(*path ? path : "/", true))
			return true;
	}
	return false;
}

/* The way that is written, and the one that it leads to by links. */
static bool is_writable_by_all(const char *program)
{
	char path[PATH_MAX];

	return is_way_open(program) || (realpath(program, path) && is_way_open(path));
}

static int spawn_at(struct child *child, const char *path)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int r;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	(void)posix_spawnattr_init(&attributes);
	(void)posix_spawnattr_setpgroup(&attributes, 0);
	(void)posix_spawnattr_setsigmask(&attributes, &none);
	(void)posix_spawnattr_setsigdefault(&attributes, &all);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
							    POSIX_SPAWN_SETSIGDEF);
	(void)posix_spawn_file_actions_init(&actions);
	if (child->input >= 0)
		(void)posix_spawn_file_actions_adddup2(&actions, child->input, 0);
	else
		(void)posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&actions, child->output_ends[1], 1);
	(void)posix_spawn_file_actions_adddup2(&actions, child->errors_ends[1], 2);
	if (child->descriptor >= 0)
		(void)posix_spawn_file_actions_adddup2(&actions, child->descriptor,
						       CHILD_DESCRIPTOR);
	(void)posix_spawn_file_actions_addclosefrom_np(&actions,
						       CHILD_DESCRIPTOR + (child->descriptor >= 0));
	(void)posix_spawn_file_actions_addchdir_np(&actions, child->folder ? child->folder : "/");
	child->started = clock_now();
	r = posix_spawn(&child->pid, path, &actions, &attributes, child->argv, child->environment);
	(void)posix_spawn_file_actions_destroy(&actions);
	(void)posix_spawnattr_destroy(&attributes);
	return r;
}

static int spawn_if_safe(struct child *child, const char *path)
{
	if (!is_writable_by_all(path))
		return spawn_at(child, path);
	child->detail = "it, or a folder on the way to it, can be written to by everybody";
	return EPERM;
}

/* As execvp(3), but in the child's own PATH. */
static int spawn_in_path(struct child *child)
{
	const char *folders = "/usr/local/bin:/usr/bin:/bin";
	char path[PATH_MAX];
	int error = ENOENT;

	for (char **entry = child->environment; *entry; entry++)
		if (strncmp(*entry, "PATH=", 5) == 0)
			folders = *entry + 5;
	while (*folders) {
		const size_t len = strcspn(folders, ":");
		const int r =
			snprintf(path, sizeof(path), "%.*s/%s", (int)len, folders, child->argv[0]);

		folders += len + (folders[len] == ':');
		/* An empty one would be wherever we stand. */
		if (len == 0 || r >= (int)sizeof(path) || access(path, X_OK) < 0)
			continue;
		error = spawn_if_safe(child, path);
		if (error != ENOENT && error != EACCES)
			return error;
	}
	return error;
}

static int spawn(struct child *child)
{
	const char *program = child->argv[0];
	int error;

	if (!strchr(program, '/'))
		error = spawn_in_path(child);
	else
		error = spawn_if_safe(child, program);
	if (error == ENOEXEC)
		child->detail = "it is no program and has no '#!' line";
	if ((error == ENOENT || error == EACCES || error == ENOTDIR) && child->folder &&
	    access(child->folder, X_OK) < 0)
		child->detail = "the folder to start it in can't be entered";
	return error;
}

/* All that can take long. */
static void start(struct child *child)
{
	child->error = spawn(child);
	if (child->error) {
		child->pid = 0;
		return;
	}
	child->pidfd = pidfd_open(child->pid, 0);
	if (child->pidfd >= 0)
		return;
	child->error = errno;
	(void)kill(-child->pid, SIGKILL);
	(void)waitpid(child->pid, NULL, 0);
	child->pid = 0;
}

static void hand_back(struct spawner *spawner, struct child *child)
{
	const uint64_t one = 1;

	list_append(&spawner->started, &child->task);
	(void)!write(spawner->fd, &one, sizeof(one));
}

static void *work(void *context)
{
	struct spawner *spawner = context;

	(void)pthread_mutex_lock(&spawner->lock);
	while (!spawner->is_closing) {
		struct list *task = list_take_first(&spawner->tasks);

		if (!task) {
			spawner->idle++;
			(void)pthread_cond_wait(&spawner->changed, &spawner->lock);
			spawner->idle--;
			continue;
		}
		(void)pthread_mutex_unlock(&spawner->lock);
		start(LIST_ENTRY(task, struct child, task));
		(void)pthread_mutex_lock(&spawner->lock);
		hand_back(spawner, LIST_ENTRY(task, struct child, task));
		/* One is enough while nothing hangs. */
		if (spawner->idle > 0 && list_is_empty(&spawner->tasks))
			break;
	}
	spawner->threads--;
	(void)pthread_cond_broadcast(&spawner->changed);
	(void)pthread_mutex_unlock(&spawner->lock);
	return NULL;
}

/* --- On the loop ----------------------------------------------------------------------- */

static void start_thread(struct spawner *spawner)
{
	pthread_t thread;

	if (thread_start("spawner", work, spawner, &thread) < 0)
		return;
	spawner->threads++;
	(void)pthread_detach(thread);
}

struct spawner *spawner_new(void)
{
	struct spawner *spawner = MEMORY_NEW(struct spawner);
	pthread_condattr_t attributes;

	(void)pthread_condattr_init(&attributes);
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&spawner->changed, &attributes);
	(void)pthread_condattr_destroy(&attributes);
	(void)pthread_mutex_init(&spawner->lock, NULL);
	list_init(&spawner->tasks);
	list_init(&spawner->started);
	spawner->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return spawner;
}

void spawner_stop(struct spawner *spawner)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec++;
	(void)pthread_mutex_lock(&spawner->lock);
	spawner->is_closing = true;
	(void)pthread_cond_broadcast(&spawner->changed);
	while (spawner->threads > 0 &&
	       pthread_cond_timedwait(&spawner->changed, &spawner->lock, &until) == 0)
		continue;
	(void)pthread_mutex_unlock(&spawner->lock);
}

void spawner_free(struct spawner *spawner)
{
	bool is_left;

	(void)pthread_mutex_lock(&spawner->lock);
	is_left = spawner->threads > 0;
	(void)pthread_mutex_unlock(&spawner->lock);
	if (is_left)
		return;
	(void)close(spawner->fd);
	(void)pthread_cond_destroy(&spawner->changed);
	(void)pthread_mutex_destroy(&spawner->lock);
	free(spawner);
}

int spawner_fd(const struct spawner *spawner)
{
	return spawner->fd;
}

void spawner_give(struct spawner *spawner, struct child *child)
{
	child->given = clock_now();
	(void)pthread_mutex_lock(&spawner->lock);
	list_append(&spawner->tasks, &child->task);
	if (spawner->threads == 0)
		start_thread(spawner);
	(void)pthread_cond_signal(&spawner->changed);
	(void)pthread_mutex_unlock(&spawner->lock);
}

struct child *spawner_next(struct spawner *spawner)
{
	struct list *first;

	(void)pthread_mutex_lock(&spawner->lock);
	first = list_take_first(&spawner->started);
	(void)pthread_mutex_unlock(&spawner->lock);
	return first ? LIST_ENTRY(first, struct child, task) : NULL;
}

bool spawner_take_back(struct spawner *spawner, struct child *child)
{
	bool is_waiting = false;

	(void)pthread_mutex_lock(&spawner->lock);
	list_each (link, &spawner->tasks)
		is_waiting = is_waiting || link == &child->task;
	if (is_waiting)
		list_remove(&child->task);
	(void)pthread_mutex_unlock(&spawner->lock);
	return is_waiting;
}

bool spawner_look(struct spawner *spawner, usec_t patience, unsigned max)
{
	struct list *first;

	(void)pthread_mutex_lock(&spawner->lock);
	first = list_first(&spawner->tasks);
	if (first && spawner->threads < max &&
	    clock_now() - LIST_ENTRY(first, struct child, task)->given >= patience)
		start_thread(spawner);
	(void)pthread_mutex_unlock(&spawner->lock);
	return first != NULL;
}
