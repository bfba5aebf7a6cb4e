/* orphans.c - who outlives the programs that we started. */
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/memory.h"
#include "loop/child_inside.h"
#include "loop/orphans.h"

enum {
	LIST_BYTES = 64 * 1024, /* of numbers; what does not fit is there the next time */
	STAT_BYTES = 1024,
	START_FIELD = 22,
};

/* Those whose parents are on their way out are there a little later. */
static const usec_t first_look = 10 * USEC_PER_MS, last_look = USEC_PER_SEC;
static const usec_t free_for = 250 * USEC_PER_MS, free_pause = 2 * USEC_PER_MS;

struct orphans {
	struct list families; /* of children->family */
	struct event *timer; /* owned */
	usec_t wait; /* before the next look */
	pid_t self;
	long ticks; /* a second, of starts in /proc */
};

void orphans_join(struct orphans *orphans, struct list *family)
{
	list_append(&orphans->families, family);
}

/* --- What /proc says ----------------------------------------------------------------------- */

static size_t read_text(const char *path, char *text, size_t room)
{
	cleanup(close)
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;

	while (fd >= 0 && len < room - 1 && (n = read(fd, text + len, room - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	return len;
}

/* When a process was started, in ticks since the boot; 0 where it is gone.  Its name, in
 * parentheses, may have anything in it.
 */
static uint64_t start_of(pid_t pid)
{
	char text[STAT_BYTES];
	cleanup(free)
	char *path = memory_print("/proc/%d/stat", (int)pid);
	const char *at;

	(void)read_text(path, text, sizeof(text));
	at = strrchr(text, ')');
	for (unsigned field = 2; at && field < START_FIELD; field++) {
		at = strchr(at, ' ');
		at += at != NULL;
	}
	return at ? strtoull(at, NULL, 10) : 0;
}

/* A tick early rather than late. */
static uint64_t ticks_of(const struct orphans *orphans, usec_t monotonic)
{
	const usec_t boot = monotonic + (clock_boot() - clock_now());
	const uint64_t ticks = boot / (USEC_PER_SEC / (usec_t)orphans->ticks);

	return ticks ? ticks - 1 : 0;
}

/* --- Whose it is --------------------------------------------------------------------------- */

static bool is_child(const struct orphans *orphans, pid_t pid)
{
	list_each (family, &orphans->families)
		list_each (link, &LIST_ENTRY(family, struct children, family)->present) {
			const struct child *child = LIST_ENTRY(link, struct child, link);

			if (child->stage > CHILD_STARTING && child->pid == pid)
				return true;
		}
	return false;
}

/* Whether a program runs, or is being started, that may have started this one, or be it. */
static bool may_be_wanted(const struct orphans *orphans, uint64_t start)
{
	list_each (family, &orphans->families)
		list_each (link, &LIST_ENTRY(family, struct children, family)->present) {
			const struct child *child = LIST_ENTRY(link, struct child, link);

			if (child->stage != CHILD_KILLED &&
			    ticks_of(orphans, child->given) <= start)
				return true;
		}
	return false;
}

/* While it is not reaped its number is nobody else's.  Whether that was worth another look. */
static bool end_one(const struct orphans *orphans, pid_t pid)
{
	const bool is_ours = orphans->self != 1;

	if (is_ours)
		(void)kill(pid, SIGKILL);
	return waitpid(pid, NULL, WNOHANG) > 0 || is_ours;
}

/* All that are known to the kernel as children of the thread that takes orphans in; whether
 * something was ended, or is not gone yet.
 */
static bool look(struct orphans *orphans)
{
	cleanup(free)
	char *text = memory_new(LIST_BYTES, 1);
	cleanup(free)
	char *path = memory_print("/proc/self/task/%d/children", (int)orphans->self);
	bool is_busy = false;
	char *end;

	/* Those that a thread has just started are known by their numbers from here on. */
	list_each (family, &orphans->families)
		child_take_started(LIST_ENTRY(family, struct children, family));
	(void)read_text(path, text, LIST_BYTES);
	for (char *at = text; *at; at = end) {
		const pid_t pid = (pid_t)strtol(at, &end, 10);

		if (end == at || pid <= 0)
			break;
		end += *end == ' ';
		if (is_child(orphans, pid) || may_be_wanted(orphans, start_of(pid)))
			continue;
		is_busy = end_one(orphans, pid) || is_busy;
	}
	return is_busy;
}

/* --- When ---------------------------------------------------------------------------------- */

static void arm(struct orphans *orphans)
{
	const struct timeval in = { (time_t)(orphans->wait / USEC_PER_SEC),
				    (suseconds_t)(orphans->wait % USEC_PER_SEC) };

	(void)event_add(orphans->timer, &in);
}

/* Whoever was ended may have had children of his own, so there is another look after that. */
static void on_timer(evutil_socket_t fd, short what, void *context)
{
	struct orphans *orphans = context;
	const bool is_busy = look(orphans);

	(void)fd;
	(void)what;
	if (orphans->wait >= last_look && !is_busy)
		return;
	orphans->wait = orphans->wait * 5 > last_look ? last_look : orphans->wait * 5;
	arm(orphans);
}

void orphans_look(struct orphans *orphans)
{
	if (evtimer_pending(orphans->timer, NULL) && orphans->wait == first_look)
		return;
	orphans->wait = first_look;
	arm(orphans);
}

struct orphans *orphans_new(struct event_base *base)
{
	struct orphans *orphans = MEMORY_NEW(struct orphans);

	list_init(&orphans->families);
	orphans->timer = evtimer_new(base, on_timer, orphans);
	orphans->self = getpid();
	orphans->ticks = sysconf(_SC_CLK_TCK);
	/* Linux 3.4 has it; before, orphans were nobody's. */
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L);
	return orphans;
}

void orphans_free(struct orphans *orphans)
{
	const struct timespec pause = { .tv_nsec = (long)free_pause * 1000 };
	const usec_t until = clock_now() + free_for;

	while (look(orphans) && clock_now() < until)
		(void)nanosleep(&pause, NULL);
	event_free(orphans->timer);
	free(orphans);
}
