/* child.h - processes: started off the loop, watched by pidfd, ended with all they started.
 *
 * A child is started by a thread, since exec on a file system that hangs blocks whoever
 * calls it; a second thread takes over where that happens.  It gets a process group of
 * its own, /dev/null (or the input) as standard input, of our descriptors at most the one that
 * it is to have, no blocked and no ignored signals, and only the environment that it is given.
 *
 *   in line --place--> starting --> running --exit--> [100 ms for the pipes] --> done
 *                          \           \--deadline--> SIGTERM --500 ms--> SIGKILL
 *                           \--error--> done
 *
 * done() comes once, in a later turn, 750 ms after the deadline at the latest.  What
 * cannot even be killed (it waits for a dead disk) keeps its place until it is gone.
 * Whatever is left in the process group when the child has ended is killed, and what has
 * left the group a moment later (loop/orphans.h).
 *
 * Loop thread only.  Sources: posix_spawn(3), pidfd_open(2), waitid(2).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/text.h"

struct child;
struct children;
struct event_base;
struct orphans;

enum { CHILD_DESCRIPTOR = 3 };

struct child_request {
	/* All of it is borrowed during child_start() only. */
	const char *const *argv; /* NULL-terminated; the first: a path, or a name in PATH */
	const char *const *environment; /* "NAME=value", NULL-terminated */
	const char *folder; /* to start in; NULL: / */
	const char *input; /* on its standard input; NULL: /dev/null */
	size_t input_len;
	const int *descriptor; /* of ours, of which it has a copy as CHILD_DESCRIPTOR; NULL: none */
	size_t output_bytes, errors_bytes; /* kept; what comes after these is read and dropped */
	usec_t deadline; /* monotonic */
	uint64_t token; /* of two with the same the second waits for the first; 0: none */
};

enum child_outcome {
	CHILD_EXITED, /* with `status` */
	CHILD_SIGNALED, /* by the signal `status` */
	CHILD_TIMED_OUT, /* at the deadline; it is ended, or as good as */
	CHILD_NOT_STARTED, /* `error`: there is no such program, or it may not be run */
	CHILD_LOCAL, /* `error`: no processes, memory or descriptors here; or no place in time */
};

struct child_result {
	enum child_outcome outcome;
	int status;
	int error; /* errno */
	const char *detail; /* for people; static; or NULL */
	struct text output, errors; /* done() may take them; what it leaves is freed */
	bool output_is_cut, errors_are_cut;
	usec_t took; /* from its start to its end, or to the deadline; 0: it was not started */
};

typedef void child_done(struct child_result *result, void *context);

/* At most `max` children at one time; others wait in line. */
struct children *children_new(struct event_base *base, struct orphans *orphans, unsigned max);
/* Kills all that are left; their done() does not run. */
void children_free(struct children *children);
void children_set_max(struct children *children, unsigned max);
/* Places taken, those in which nobody waits for the child any more included. */
unsigned children_count(const struct children *children);

struct child *child_start(struct children *children, const struct child_request *request,
			  child_done *done, void *context);
/* done() does not run any more; the child is ended as at its deadline. */
void child_cancel(struct child *child);
