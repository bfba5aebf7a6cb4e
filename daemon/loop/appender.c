/* appender.c - a file that lines are added to, by a thread of its own. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "loop/appender.h"

struct appender {
	pthread_t thread;
	pthread_mutex_t lock; /* of all down to the end */
	pthread_cond_t wake;
	struct text waiting; /* whole lines */
	uint64_t waiting_lines;
	size_t limit_bytes;
	char *path; /* owned */
	bool is_moved; /* the file is to be opened anew */
	bool is_ending;
	struct appender_counts counts;
	atomic_bool has_ended; /* the thread, but for its return */
	sem_t ended; /* posted then */
};

/* --- The thread ---------------------------------------------------------------------- */

/* What the thread has in its hands. */
struct hands {
	int fd; /* -1: not open */
	char *path; /* owned */
	struct text text;
	uint64_t lines;
	bool is_torn; /* the last line is not whole in the file */
};

/* A pipe that nobody reads must not hold us up, neither when it is opened nor when it is full. */
static int open_file(struct hands *hands)
{
	if (hands->fd >= 0)
		return 0;
	hands->fd = open(hands->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640);
	hands->is_torn = false;
	return hands->fd < 0 ? -errno : 0;
}

static int write_all(struct hands *hands)
{
	size_t done = 0;

	if (hands->is_torn && write(hands->fd, "\n", 1) != 1)
		return -errno;
	while (done < hands->text.len) {
		const ssize_t n = write(hands->fd, hands->text.data + done, hands->text.len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			hands->is_torn = done > 0 && hands->text.data[done - 1] != '\n';
			return -errno;
		}
		done += (size_t)n;
	}
	hands->is_torn = false;
	return 0;
}

static void close_file(struct hands *hands)
{
	if (hands->fd >= 0)
		(void)close(hands->fd);
	hands->fd = -1;
}

/* Under the lock: takes what waits and what was asked for. */
static void take(struct appender *appender, struct hands *hands)
{
	struct text empty = hands->text;

	if (appender->is_moved) {
		close_file(hands);
		free(hands->path);
		hands->path = memory_text(appender->path);
		appender->is_moved = false;
	}
	text_clear(&empty);
	hands->text = appender->waiting;
	appender->waiting = empty;
	hands->lines = appender->waiting_lines;
	appender->waiting_lines = 0;
}

static void *append(void *context)
{
	struct appender *appender = context;
	struct hands hands = { .fd = -1 };

	(void)pthread_mutex_lock(&appender->lock);
	for (;;) {
		int r;

		while (!appender->waiting_lines && !appender->is_moved && !appender->is_ending)
			(void)pthread_cond_wait(&appender->wake, &appender->lock);
		if (appender->is_ending && !appender->waiting_lines)
			break;
		take(appender, &hands);
		(void)pthread_mutex_unlock(&appender->lock);
		r = open_file(&hands);
		if (r == 0)
			r = write_all(&hands);
		(void)pthread_mutex_lock(&appender->lock);
		if (r == 0)
			appender->counts.written += hands.lines;
		else
			appender->counts.lost += hands.lines;
		appender->counts.fault = -r;
	}
	(void)pthread_mutex_unlock(&appender->lock);
	close_file(&hands);
	free(hands.path);
	text_done(&hands.text);
	atomic_store(&appender->has_ended, true);
	(void)sem_post(&appender->ended);
	return NULL;
}

/* --- The loop ------------------------------------------------------------------------ */

struct appender *appender_new(const char *path, size_t limit_bytes)
{
	struct appender *appender = MEMORY_NEW(struct appender);

	(void)pthread_mutex_init(&appender->lock, NULL);
	(void)pthread_cond_init(&appender->wake, NULL);
	(void)sem_init(&appender->ended, 0, 0);
	appender->limit_bytes = limit_bytes;
	appender->path = memory_text(path);
	appender->is_moved = true;
	if (pthread_create(&appender->thread, NULL, append, appender) != 0) {
		free(appender->path);
		free(appender);
		return NULL;
	}
	(void)pthread_setname_np(appender->thread, "appender");
	return appender;
}

void appender_add(struct appender *appender, const char *line, size_t len)
{
	(void)pthread_mutex_lock(&appender->lock);
	if (appender->waiting.len + len > appender->limit_bytes) {
		appender->counts.lost++;
	} else {
		text_append_len(&appender->waiting, line, len);
		if (appender->waiting_lines++ == 0)
			(void)pthread_cond_signal(&appender->wake);
	}
	(void)pthread_mutex_unlock(&appender->lock);
}

void appender_reopen(struct appender *appender, const char *path)
{
	(void)pthread_mutex_lock(&appender->lock);
	if (path) {
		free(appender->path);
		appender->path = memory_text(path);
	}
	appender->is_moved = true;
	(void)pthread_cond_signal(&appender->wake);
	(void)pthread_mutex_unlock(&appender->lock);
}

struct appender_counts appender_count(struct appender *appender)
{
	struct appender_counts counts;

	(void)pthread_mutex_lock(&appender->lock);
	counts = appender->counts;
	(void)pthread_mutex_unlock(&appender->lock);
	return counts;
}

bool appender_free(struct appender *appender, usec_t by)
{
	const struct timespec until = { (time_t)(by / USEC_PER_SEC),
					(long)(by % USEC_PER_SEC) * 1000 };

	(void)pthread_mutex_lock(&appender->lock);
	appender->is_ending = true;
	(void)pthread_cond_signal(&appender->wake);
	(void)pthread_mutex_unlock(&appender->lock);
	while (!atomic_load(&appender->has_ended))
		if (sem_clockwait(&appender->ended, CLOCK_MONOTONIC, &until) < 0 &&
		    errno == ETIMEDOUT) {
			(void)pthread_detach(appender->thread);
			return false;
		}
	(void)pthread_join(appender->thread, NULL);
	(void)sem_destroy(&appender->ended);
	(void)pthread_mutex_destroy(&appender->lock);
	(void)pthread_cond_destroy(&appender->wake);
	text_done(&appender->waiting);
	free(appender->path);
	free(appender);
	return true;
}
