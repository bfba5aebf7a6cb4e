/* shed.c - configurations that ran before are let go by a thread.
 *
 * A hundred thousand endpoints are 45 MB of pages, and the kernel takes six milliseconds to have
 * them back: too long for a turn.  Checks in flight may still point into one; so it is kept until
 * nobody else has it, and then given to a thread that does nothing else.
 */
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"
#include "config/snapshot.h"
#include "engine/house.h"
#include "engine/shed.h"

struct shed {
	struct event *timer; /* owned */
	struct snapshot **waiting; /* owned, one reference each; the oldest first */
	unsigned count, room;
	pthread_t thread;
	bool is_running;
};

static const usec_t look_every = USEC_PER_SEC;

static void *let_go(void *snapshot)
{
	snapshot_unref(snapshot);
	/* libc would keep what lay between things that stay, for whoever asks next. */
	(void)malloc_trim(0);
	return NULL;
}

static void join(struct shed *shed)
{
	if (shed->is_running)
		(void)pthread_join(shed->thread, NULL);
	shed->is_running = false;
}

/* The first that nobody else has, out of those that wait; NULL: there is none. */
static struct snapshot *take_last(struct shed *shed)
{
	for (unsigned i = 0; i < shed->count; i++) {
		struct snapshot *snapshot = shed->waiting[i];

		if (!snapshot_is_last(snapshot))
			continue;
		shed->count--;
		for (unsigned k = i; k < shed->count; k++)
			shed->waiting[k] = shed->waiting[k + 1];
		return snapshot;
	}
	return NULL;
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	struct shed *shed = context;
	struct snapshot *snapshot;

	(void)fd;
	(void)what;
	join(shed); /* It has had a second. */
	snapshot = take_last(shed);
	if (snapshot) {
		shed->is_running = pthread_create(&shed->thread, NULL, let_go, snapshot) == 0;
		if (shed->is_running)
			(void)pthread_setname_np(shed->thread, "shed");
		else
			snapshot_unref(snapshot);
	}
	if (shed->count || shed->is_running)
		engine_arm(shed->timer, look_every);
}

struct shed *shed_new(struct event_base *base)
{
	struct shed *shed = MEMORY_NEW(struct shed);

	shed->timer = evtimer_new(base, on_timer, shed);
	return shed;
}

void shed_free(struct shed *shed)
{
	join(shed);
	for (unsigned i = 0; i < shed->count; i++)
		snapshot_unref(shed->waiting[i]);
	event_free(shed->timer);
	free(shed->waiting);
	free(shed);
}

void shed_snapshot(struct shed *shed, struct snapshot *snapshot)
{
	if (shed->count == shed->room) {
		shed->room = (unsigned)memory_next_room(shed->room, 4);
		shed->waiting = memory_grow(shed->waiting, shed->room, sizeof(*shed->waiting));
	}
	shed->waiting[shed->count++] = snapshot;
	engine_arm(shed->timer, look_every);
}
