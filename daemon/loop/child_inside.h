/* child_inside.h - what the files of loop/child share.
 *
 *   child.c        the line, the stages, how a child ends
 *   child_spawn.c  the threads that start them
 *   child_pipe.c   what they print
 */
#pragma once

#include <event2/event_struct.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "base/list.h"
#include "loop/child.h"
#include "loop/orphans.h"

enum child_stage {
	CHILD_IN_LINE,
	CHILD_STARTING, /* in a spawner's hands, but for what the loop keeps */
	CHILD_RUNNING,
	CHILD_LINGERING, /* gone, but its pipes are still open */
	CHILD_ASKED, /* SIGTERM was sent */
	CHILD_KILLED,
};

/* One of its two outputs, our end. */
struct child_pipe {
	struct child *child; /* borrowed */
	int fd; /* owned; -1: closed */
	struct text text;
	bool is_cut;
	bool is_flooding; /* read by the drain, not by the event */
	struct event event;
};

struct child {
	struct children *children; /* borrowed */
	struct list link; /* in the line, or among those that have a place */
	enum child_stage stage;

	/* What it is to be. */
	char **argv, **environment; /* owned */
	char *folder; /* owned; or NULL */
	int input; /* owned; a memory file, or -1 */
	int descriptor; /* owned; or -1 */
	usec_t deadline;
	uint64_t token;

	int output_ends[2], errors_ends[2]; /* owned, until it is there; -1 */

	/* The spawner's, until it is handed back. */
	struct list task; /* in the list of tasks, then in that of the started */
	pid_t pid; /* 0: not started; its process group's too */
	int pidfd; /* owned; -1 */
	int error; /* errno, or 0 */
	const char *detail; /* static; or NULL */
	usec_t given, started;

	/* The loop's. */
	struct event exited, timer;
	struct child_pipe output, errors;
	bool is_unable; /* not even to be given to a spawner; see `error` */
	bool is_late; /* the deadline has passed while it was there */
	bool is_over; /* its exit was seen, though it may not be reaped */
	usec_t ended;
	child_done *done; /* NULL: nobody waits any more */
	void *context; /* borrowed */
};

struct spawner;

struct children {
	struct event_base *base; /* borrowed */
	unsigned max, count;
	struct list line; /* of child->link */
	struct list present; /* of child->link: all that have a place */
	struct orphans *orphans; /* borrowed */
	struct list family; /* in its list of who has children */
	struct spawner *spawner; /* owned */
	struct event started; /* a spawner has handed one back */
	struct event drain; /* a while after somebody began to flood */
	struct event company; /* a while after a task was given: was it taken? */
};

/* child_spawn.c: threads that start children, at least one, others while that one hangs. */
struct spawner *spawner_new(void);
/* A file with what the child is to read, at its beginning; -1 where it reads nothing.  0 or -errno. */
int child_keep_input(const struct child_request *request, int *ret_fd);
/* A copy of the descriptor that the child is to have, where there is one.  0 or -errno. */
int child_keep_descriptor(const struct child_request *request, int *ret_fd);
/* Once the child has its own: with two of them nobody would see that it closed its. */
void child_close_descriptor(struct child *child);
/* No more tasks are begun; waits for those that are, but not for a thread that hangs. */
void spawner_stop(struct spawner *spawner);
/* After spawner_stop().  With a thread that hangs it stays, and goes with the process. */
void spawner_free(struct spawner *spawner);
/* Readable when spawner_next() has one. */
int spawner_fd(const struct spawner *spawner);
void spawner_give(struct spawner *spawner, struct child *child);
/* One that was started or not, or NULL. */
struct child *spawner_next(struct spawner *spawner);
/* Out of the tasks, unless a thread has it in its hands by now. */
bool spawner_take_back(struct spawner *spawner, struct child *child);
/* One thread more, up to `max`, where the oldest task has waited for so long.  Whether tasks wait. */
bool spawner_look(struct spawner *spawner, usec_t patience, unsigned max);

/* child_pipe.c */
/* Takes our end over, and closes the child's. */
void child_pipe_open(struct child_pipe *pipe, struct child *child, int ends[2]);
/* Reads what is there by now, within its bounds, and closes it. */
void child_pipe_close(struct child_pipe *pipe);
/* Closes it without a look at what is there. */
void child_pipe_drop(struct child_pipe *pipe);
/* Reads on for one that floods. */
void child_pipe_drain(struct child_pipe *pipe);

/* child.c: takes what spawners have handed back. */
void child_take_started(struct children *children);
/* A pipe came to its end; one began to flood. */
void child_pipe_ended(struct child *child);
void child_flooded(struct children *children);
