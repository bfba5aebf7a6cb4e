/* seek.h - within engine/: where endpoints are found. */
#pragma once

#include <pthread.h>

#include "config/discover.h"
#include "engine/house.h"

struct fetch;
struct records_lookup;

/* One source. */
struct search {
	struct seeker *seeker; /* borrowed */
	struct list link; /* in seeker->searches */
	struct list job; /* in seeker->jobs while it waits for the thread */
	enum discovery_kind kind;
	char *key, *what, *shown; /* owned */
	usec_t refresh; /* 0: not given */
	usec_t ttl; /* of a name: how long the last answer is good for */
	bool is_busy; /* it is being looked at */
	bool is_stale; /* and has changed since that began */
	bool is_wanted; /* by the running snapshot */
	struct targets *targets; /* one reference; the last good set, or NULL */
	usec_t read_wall; /* when that was read; 0: never */
	char *fault; /* owned; of the last try, or NULL */
	usec_t due; /* monotonic; when it is looked at next */
	usec_t looked; /* monotonic; when it was last */
	int watch; /* of inotify, on the folder; -1: none */
	struct fetch *fetch; /* owned; in flight */
	struct records_lookup *records; /* owned; in flight */
	struct text document; /* that came and is to be read by the thread */
};

/* What the thread has in its hands. */
struct seek_job {
	enum discovery_kind kind;
	char *what; /* owned; a pattern, or what to call the document */
	struct text document; /* owned */
	int inotify; /* borrowed */
	int watch;
	char *kept; /* owned; where a document is kept that says something new; or NULL */
	uint64_t digest; /* of what was known before; 0: nothing */
	struct targets *targets; /* one reference; NULL: see fault */
	struct text fault; /* owned */
};

struct seeker {
	struct engine *engine; /* borrowed */
	struct list searches;
	struct list jobs;
	unsigned fetching;
	struct event *timer; /* owned; when the next search is due */
	struct event *changed; /* owned; when the next snapshot is made */
	usec_t taken; /* monotonic; when the last one was */
	usec_t took; /* how long that was in the making */
	usec_t asked; /* when it was asked for; 0: none is in the making */
	char *refused; /* owned; why the last one was not taken, or NULL */
	struct discovery_vital *shown; /* owned array; for vitals */
	int inotify; /* owned; -1: none */
	struct event *folders; /* owned; or NULL */

	pthread_t thread;
	struct search *busy; /* whose job the thread has; NULL: none, or that is gone */
	struct seek_job *job; /* owned; NULL: the thread does not run */
	int ready_fd; /* owned eventfd */
	struct event *ready; /* owned */
};

/* seek.c: a search has come to an end; takes the reference, and copies the fault. */
void seek_found(struct seeker *seeker, struct search *search, struct targets *targets,
		const char *fault, usec_t again);
/* seek_keep.c: where the last good set of a source is kept, malloc'ed; NULL: nowhere. */
char *seek_path(const struct engine *engine, const char *key);
/* Makes the snapshot anew, with these.  Whether it could be made. */
bool seek_take_up(struct engine *engine, const struct finds *finds);
/* Any thread. */
void seek_write(const char *path, const char *text, size_t len);

/* seek_read.c: begins to look, or says why it can't. */
void seek_begin(struct seeker *seeker, struct search *search);
void seek_next_job(struct seeker *seeker);
void seek_job_free(struct seek_job *job);
void seek_take_job(evutil_socket_t fd, short what, void *seeker);
