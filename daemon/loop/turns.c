/* turns.c - how long the turns of the loop take. */
#include <event2/event.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "loop/turns.h"

struct turns {
	struct histogram *histogram; /* borrowed */
	usec_t before; /* the thread's CPU time when the last turn ended; 0: there was none */
};

struct turns *turns_new(struct event_base *base, struct histogram *histogram)
{
	struct turns *turns = MEMORY_NEW(struct turns);

	turns->histogram = histogram;
	return turns;
}

void turns_run(struct turns *turns, struct event_base *base)
{
	usec_t now;

	/* What a start takes is no turn. */
	if (!turns->before)
		turns->before = clock_thread_cpu();
	(void)event_base_loop(base, EVLOOP_ONCE);
	/* A system call of its own, so only one a turn: waiting takes no CPU time. */
	now = clock_thread_cpu();
	histogram_add(turns->histogram, now - turns->before);
	turns->before = now;
}

void turns_free(struct turns *turns)
{
	free(turns);
}
