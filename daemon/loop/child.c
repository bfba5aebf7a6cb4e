/* child.c - from a request to the end of a process and all it started.
 *
 * That a child has ended is seen before it is reaped (WNOWAIT): until then its process
 * group keeps its number, so that what is left in it can be killed without hitting
 * anybody else.
 */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "loop/child_inside.h"

static const usec_t ask_for = 500 * USEC_PER_MS; /* from SIGTERM to SIGKILL */
static const usec_t kill_for = 250 * USEC_PER_MS; /* from SIGKILL to giving up on it */
static const usec_t linger_for = 100 * USEC_PER_MS; /* from its end to that of its pipes */
static const usec_t company_after = 100 * USEC_PER_MS; /* of a task that nobody takes */
static const usec_t drain_every = 20 * USEC_PER_MS;

static void admit(struct children *children);
static void arrive(struct child *child);

static void arm(struct event *timer, usec_t wait)
{
	const struct timeval in = { (time_t)(wait / USEC_PER_SEC),
				    (suseconds_t)(wait % USEC_PER_SEC) };

	(void)event_add(timer, &in);
}

static char **copy_texts(const char *const *texts)
{
	size_t count = 0;
	char **copy;

	while (texts[count])
		count++;
	copy = memory_new(count + 1, sizeof(*copy));
	for (size_t i = 0; i < count; i++)
		copy[i] = memory_text(texts[i]);
	return copy;
}

static void free_texts(char **texts)
{
	for (size_t i = 0; texts[i]; i++)
		free(texts[i]);
	free(texts);
}

static void close_ends(int ends[2])
{
	for (unsigned i = 0; i < 2; i++) {
		if (ends[i] >= 0)
			(void)close(ends[i]);
		ends[i] = -1;
	}
}

/* --- The end ---------------------------------------------------------------------------- */

static void report(struct child *child, struct child_result *result)
{
	child_done *done = child->done;

	child->done = NULL;
	if (!done)
		return;
	/* What comes after this is for nobody, and without a bound. */
	child_pipe_close(&child->output);
	child_pipe_close(&child->errors);
	result->output = child->output.text;
	result->output_is_cut = child->output.is_cut;
	result->errors = child->errors.text;
	result->errors_are_cut = child->errors.is_cut;
	child->output.text = child->errors.text = (struct text){ 0 };
	if (child->stage > CHILD_STARTING)
		result->took = (child->ended ? child->ended : clock_now()) - child->started;
	done(result, child->context);
	text_done(&result->output);
	text_done(&result->errors);
}

/* Of what the loop watches nothing is left. */
static void let_go(struct child *child)
{
	if (event_initialized(&child->exited))
		(void)event_del(&child->exited);
	if (child->pidfd >= 0)
		(void)close(child->pidfd);
	child->pidfd = -1;
	child_pipe_close(&child->output);
	child_pipe_close(&child->errors);
}

/* Out of its place, if it had one, and gone. */
static void dismiss(struct child *child)
{
	struct children *children = child->children;

	if (child->stage != CHILD_IN_LINE)
		children->count--;
	list_remove(&child->link);
	(void)event_del(&child->timer);
	let_go(child);
	text_done(&child->output.text);
	text_done(&child->errors.text);
	close_ends(child->output_ends);
	close_ends(child->errors_ends);
	child_close_descriptor(child);
	free_texts(child->argv);
	free_texts(child->environment);
	free(child->folder);
	if (child->input >= 0)
		(void)close(child->input);
	free(child);
	orphans_look(children->orphans);
	admit(children);
}

/* It has ended: with it go those it left behind. */
static void reap(struct child *child, siginfo_t *ret_info)
{
	(void)kill(-child->pid, SIGKILL);
	(void)waitid(P_PIDFD, (id_t)child->pidfd, ret_info, WEXITED);
	let_go(child);
}

static void finish(struct child *child)
{
	struct child_result result = { 0 };
	siginfo_t info = { 0 };

	reap(child, &info);
	result.outcome = child->is_late		      ? CHILD_TIMED_OUT
			 : info.si_code == CLD_EXITED ? CHILD_EXITED
						      : CHILD_SIGNALED;
	result.status = info.si_status;
	report(child, &result);
	dismiss(child);
}

static void end_without(struct child *child, enum child_outcome outcome, int error,
			const char *detail)
{
	struct child_result result = { .outcome = outcome, .error = error, .detail = detail };

	report(child, &result);
	dismiss(child);
}

/* SIGTERM to all of them; then time does the rest. */
static void ask_to_end(struct child *child)
{
	(void)kill(-child->pid, SIGTERM);
	child->stage = CHILD_ASKED;
	arm(&child->timer, ask_for);
}

static void expire_start(struct child *child)
{
	struct child_result result = {
		.outcome = CHILD_TIMED_OUT,
		.detail = "its program could not be started in time",
	};

	if (spawner_take_back(child->children->spawner, child))
		end_without(child, CHILD_LOCAL, EAGAIN, "no thread came to start it");
	else
		report(child, &result); /* it is ended when the thread hands it back */
}

static bool has_namesake(const struct child *child)
{
	list_each (link, &child->children->present)
		if (child->token && LIST_ENTRY(link, struct child, link)->token == child->token)
			return true;
	return false;
}

static void expire_in_line(struct child *child)
{
	if (has_namesake(child))
		end_without(child, CHILD_TIMED_OUT, 0,
			    "what an earlier check started is still there and can't be ended");
	else
		end_without(child, CHILD_LOCAL, EAGAIN,
			    "no place within 'exec_concurrent' came free in time");
}

static void timer_fired(evutil_socket_t fd, short what, void *context)
{
	struct child *child = context;
	struct child_result result = { .outcome = CHILD_TIMED_OUT };

	if (child->is_unable) {
		arrive(child);
		return;
	}
	child->is_late = child->is_late || child->stage != CHILD_LINGERING;
	switch (child->stage) {
	case CHILD_IN_LINE:
		expire_in_line(child);
		break;
	case CHILD_STARTING:
		expire_start(child);
		break;
	case CHILD_RUNNING:
		child->ended = clock_now();
		ask_to_end(child);
		break;
	case CHILD_LINGERING:
		finish(child);
		break;
	case CHILD_ASKED:
		(void)kill(-child->pid, SIGKILL);
		child->stage = CHILD_KILLED;
		arm(&child->timer, kill_for);
		break;
	case CHILD_KILLED:
	default:
		result.detail = "it can't be ended";
		report(child, &result);
	}
}

/* --- While it runs ----------------------------------------------------------------------- */

static void exited(evutil_socket_t fd, short what, void *context)
{
	struct child *child = context;
	siginfo_t info = { 0 };

	if (waitid(P_PIDFD, (id_t)fd, &info, WEXITED | WNOWAIT | WNOHANG) < 0 || info.si_pid == 0)
		return;
	(void)event_del(&child->exited);
	if (child->stage != CHILD_RUNNING) {
		finish(child);
		return;
	}
	child->ended = clock_now();
	child->stage = CHILD_LINGERING;
	if (child->output.fd < 0 && child->errors.fd < 0)
		finish(child);
	else
		arm(&child->timer, linger_for);
}

void child_pipe_ended(struct child *child)
{
	if (child->stage == CHILD_LINGERING && child->output.fd < 0 && child->errors.fd < 0)
		finish(child);
}

void child_flooded(struct children *children)
{
	if (!evtimer_pending(&children->drain, NULL))
		arm(&children->drain, drain_every);
}

static void drain(evutil_socket_t fd, short what, void *context)
{
	struct children *children = context;
	bool is_flooded = false;

	list_each (link, &children->present) {
		struct child *child = LIST_ENTRY(link, struct child, link);
		const bool output = child->output.is_flooding, errors = child->errors.is_flooding;

		/* It may be gone after its last pipe, not before. */
		if (output)
			child_pipe_drain(&child->output);
		if (errors)
			child_pipe_drain(&child->errors);
		is_flooded = is_flooded || output || errors;
	}
	if (is_flooded)
		child_flooded(children);
}

/* --- The beginning ----------------------------------------------------------------------- */

static bool is_local(int error)
{
	return error == EAGAIN || error == ENOMEM || error == EMFILE || error == ENFILE;
}

static void begin(struct child *child)
{
	(void)event_assign(&child->exited, child->children->base, child->pidfd,
			   EV_READ | EV_PERSIST, exited, child);
	(void)event_add(&child->exited, NULL);
	child_pipe_open(&child->output, child, child->output_ends);
	child_pipe_open(&child->errors, child, child->errors_ends);
	child_close_descriptor(child);
	child->stage = CHILD_RUNNING;
}

/* A spawner has done with it. */
static void arrive(struct child *child)
{
	if (child->error) {
		end_without(child,
			    child->is_unable || is_local(child->error) ? CHILD_LOCAL
								       : CHILD_NOT_STARTED,
			    child->error, child->detail);
		return;
	}
	begin(child);
	if (child->done)
		return;
	/* Nobody has waited for it for a while. */
	(void)kill(-child->pid, SIGKILL);
	child->stage = CHILD_KILLED;
	child_pipe_drop(&child->output);
	child_pipe_drop(&child->errors);
}

void child_take_started(struct children *children)
{
	struct child *child;

	while ((child = spawner_next(children->spawner)))
		arrive(child);
}

static void started(evutil_socket_t fd, short what, void *context)
{
	uint64_t count;

	(void)!read(fd, &count, sizeof(count));
	child_take_started(context);
}

static void look_after_tasks(evutil_socket_t fd, short what, void *context)
{
	struct children *children = context;

	if (spawner_look(children->spawner, company_after, children->max))
		arm(&children->company, company_after);
}

static void admit(struct children *children)
{
	list_each (link, &children->line) {
		struct child *child = LIST_ENTRY(link, struct child, link);

		if (children->count >= children->max)
			return;
		if (has_namesake(child))
			continue;
		list_remove(&child->link);
		list_append(&children->present, &child->link);
		children->count++;
		child->stage = CHILD_STARTING;
		/* What it is to read is part of what it is asked: without, it is not started. */
		if (child->error == 0 && (pipe2(child->output_ends, O_CLOEXEC) < 0 ||
					  pipe2(child->errors_ends, O_CLOEXEC) < 0))
			child->error = errno;
		if (child->error) {
			child->is_unable = true;
			event_active(&child->timer, EV_TIMEOUT, 1);
			continue;
		}
		spawner_give(children->spawner, child);
		if (!evtimer_pending(&children->company, NULL))
			arm(&children->company, company_after);
	}
}

struct child *child_start(struct children *children, const struct child_request *request,
			  child_done *done, void *context)
{
	struct child *child = MEMORY_NEW(struct child);
	const usec_t now = clock_now();

	child->children = children;
	child->argv = copy_texts(request->argv);
	child->environment = copy_texts(request->environment);
	child->folder = request->folder ? memory_text(request->folder) : NULL;
	child->descriptor = -1;
	child->error = -child_keep_input(request, &child->input);
	if (child->error == 0)
		child->error = -child_keep_descriptor(request, &child->descriptor);
	child->token = request->token;
	child->pidfd = -1;
	child->output_ends[0] = child->output_ends[1] = -1;
	child->errors_ends[0] = child->errors_ends[1] = -1;
	child->output.fd = child->errors.fd = -1;
	child->output.text.limit_bytes = request->output_bytes;
	child->errors.text.limit_bytes = request->errors_bytes;
	child->done = done;
	child->context = context;
	list_init(&child->task);
	list_append(&children->line, &child->link);
	(void)evtimer_assign(&child->timer, children->base, timer_fired, child);
	arm(&child->timer, request->deadline > now ? request->deadline - now : 0);
	admit(children);
	return child;
}

void child_cancel(struct child *child)
{
	child->done = NULL;
	child->is_late = true;
	if (child->stage == CHILD_RUNNING)
		ask_to_end(child);
	else if (child->stage < CHILD_ASKED)
		event_active(&child->timer, EV_TIMEOUT, 1);
}

struct children *children_new(struct event_base *base, struct orphans *orphans, unsigned max)
{
	struct children *children = MEMORY_NEW(struct children);

	children->base = base;
	children->orphans = orphans;
	children->max = max;
	orphans_join(orphans, &children->family);
	list_init(&children->line);
	list_init(&children->present);
	children->spawner = spawner_new();
	(void)evtimer_assign(&children->drain, base, drain, children);
	(void)evtimer_assign(&children->company, base, look_after_tasks, children);
	(void)event_assign(&children->started, base, spawner_fd(children->spawner),
			   EV_READ | EV_PERSIST, started, children);
	(void)event_add(&children->started, NULL);
	return children;
}

/* Out of the hands of the threads; what they began runs, and gets SIGKILL like all others. */
static void kill_all(struct children *children)
{
	struct child *child;

	while ((child = spawner_next(children->spawner)))
		if (child->pid)
			begin(child);
		else
			dismiss(child);
	list_each (link, &children->present) {
		child = LIST_ENTRY(link, struct child, link);
		if (child->stage != CHILD_STARTING)
			(void)kill(-child->pid, SIGKILL);
		else if (child->is_unable || spawner_take_back(children->spawner, child))
			dismiss(child);
	}
}

/* What can be killed is dead within a moment; what cannot goes with the process. */
static void put_down(struct child *child, usec_t until)
{
	struct pollfd fd = { .fd = child->pidfd, .events = POLLIN };
	const usec_t now = clock_now();
	siginfo_t info;

	if (poll(&fd, 1, now < until ? (int)((until - now) / USEC_PER_MS) : 0) == 1)
		reap(child, &info);
	dismiss(child);
}

void children_free(struct children *children)
{
	children->max = 0; /* nobody is admitted any more */
	spawner_stop(children->spawner);
	list_each (link, &children->line)
		dismiss(LIST_ENTRY(link, struct child, link));
	kill_all(children);
	const usec_t until = clock_now() + kill_for;
	/* One that is in the hands of a thread that hangs is that thread's. */
	list_each (link, &children->present)
		if (LIST_ENTRY(link, struct child, link)->stage != CHILD_STARTING)
			put_down(LIST_ENTRY(link, struct child, link), until);
	(void)event_del(&children->started);
	(void)event_del(&children->drain);
	(void)event_del(&children->company);
	list_remove(&children->family);
	spawner_free(children->spawner);
	free(children);
}

void children_set_max(struct children *children, unsigned max)
{
	children->max = max;
	admit(children);
}

unsigned children_count(const struct children *children)
{
	return children->count;
}
