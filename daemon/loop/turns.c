/* turns.c - how long the turns of the loop take. */
#include <event2/event.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "loop/turns.h"

/* By the clock: who may not run is no better off with a long turn behind that. */
static const usec_t long_turn = USEC_PER_MS;

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

void turns_share(struct event_base *base)
{
	struct timeval since;
	usec_t began, now;

	/* libevent keeps the time at which the last wait was over. */
	if (event_base_gettimeofday_cached(base, &since) < 0)
		return;
	began = (usec_t)since.tv_sec * USEC_PER_SEC + (usec_t)since.tv_usec;
	now = clock_wall();
	/* A clock that is set meanwhile ends some turns early, for the seconds that libevent
	 * takes to notice.
	 */
	if (now < began || now - began >= long_turn)
		(void)event_base_loopbreak(base);
}

void turns_free(struct turns *turns)
{
	free(turns);
}
