/* probing.c - what all probing has around it: one deadline, one end. */
#include <event2/event.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "probe/probing.h"

void probing_end(struct probing *probing)
{
	struct check *check = probing->check;
	probe_done *done = probing->done;
	void *context = probing->context;

	event_free(probing->timer);
	check->probe = NULL;
	probing->verbs->release(probing);
	done(check, context);
}

static void timer_fired(evutil_socket_t fd, short what, void *context)
{
	struct probing *probing = context;

	if (probing->is_over)
		probing_end(probing);
	else
		probing->verbs->expire(probing);
}

void probing_begin(struct probing *probing, const struct probing_verbs *verbs, struct check *check,
		   struct probe_tools *tools, probe_done *done, void *context)
{
	const usec_t now = clock_now();
	const usec_t left = check->deadline > now ? check->deadline - now : 0;
	const struct timeval in = { (time_t)(left / USEC_PER_SEC),
				    (suseconds_t)(left % USEC_PER_SEC) };

	check->probe = probing;
	check->observation.wall = clock_wall();
	probing->verbs = verbs;
	probing->check = check;
	probing->tools = tools;
	probing->done = done;
	probing->context = context;
	probing->is_over = false;
	probing->timer = evtimer_new(tools->base, timer_fired, probing);
	if (!probing->timer)
		memory_out();
	(void)evtimer_add(probing->timer, &in);
}

void probing_end_later(struct probing *probing)
{
	probing->is_over = true;
	event_active(probing->timer, EV_TIMEOUT, 1);
}

void probing_cancel(struct check *check)
{
	struct probing *probing = check->probe;

	check->is_cancelled = true;
	probing->verbs->stop(probing);
	probing_end_later(probing);
}
