/* turns.c - how long the turns of the loop take. */
#include <event2/event.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "loop/turns.h"

struct turns {
	struct histogram *histogram; /* borrowed; or NULL */
	usec_t before; /* the thread's CPU time when the last turn ended; 0: there was none */
};

struct turns *turns_new(struct histogram *histogram)
{
	struct turns *turns = MEMORY_NEW(struct turns);

	turns->histogram = histogram;
	return turns;
}

usec_t turns_run(struct turns *turns, struct event_base *base)
{
	usec_t now, took;

	/* What a start takes is no turn. */
	if (!turns->before)
		turns->before = clock_thread_cpu();
	(void)event_base_loop(base, EVLOOP_ONCE);
	/* A system call of its own, so only one a turn: waiting takes no CPU time. */
	now = clock_thread_cpu();
	took = now - turns->before;
	turns->before = now;
	if (turns->histogram)
		histogram_add(turns->histogram, took);
	return took;
}

void turns_free(struct turns *turns)
{
	free(turns);
}
