/* turns.c - how long the turns of the loop take. */
#include <event2/event.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "loop/turns.h"

struct turns {
	struct histogram *histogram; /* borrowed */
};

struct turns *turns_new(struct event_base *base, struct histogram *histogram)
{
	struct turns *turns = MEMORY_NEW(struct turns);

	turns->histogram = histogram;
	return turns;
}

void turns_run(struct turns *turns, struct event_base *base)
{
	const usec_t before = clock_thread_cpu();

	(void)event_base_loop(base, EVLOOP_ONCE);
	histogram_add(turns->histogram, clock_thread_cpu() - before);
}

void turns_free(struct turns *turns)
{
	free(turns);
}
