/* lookouts.c - the further loops: which checks they get, and what becomes of these.
 *
 *   launch --lookouts_take, _send--> lookout --observed--> judge --collect--> settle
 *
 * An endpoint is always looked at from the same loop, so that what a connection that is kept
 * open is good for is found there again.  The schedule, permits and all state stay with the
 * first loop, which counts how many checks are away and touches none of them meanwhile.
 * Only observed() and on_flush() run on the threads of others; they touch their desk.
 */
#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/histogram.h"
#include "base/log.h"
#include "base/memory.h"
#include "config/snapshot.h"
#include "engine/house.h"
#include "judge/judge.h"
#include "probe/lookout.h"

static_assert(LOOPS_MAX == LOOKOUTS_MAX + 1, "the first loop is one of them");

/* A loop never blocks on files or network, so one that does not turn for so long is a bug and worth a
 * restart.
 */
static const usec_t patience = 10 * USEC_PER_SEC;

/* Where one lookout lays down what it has seen. */
struct desk {
	struct lookout *lookout; /* owned */
	struct judge *judge; /* borrowed */
	/* The lookout's, from its start to its end. */
	struct judge_tray *tray; /* owned */
	struct event *flush_timer; /* owned; a few ms after the first check that is gathered */
};

struct lookouts {
	struct desk *desks; /* owned array */
	unsigned count;
	unsigned away; /* checks */
	struct histogram *turns; /* owned array, one for each; what vitals shows */
};

/* --- On a lookout's thread ------------------------------------------------------------- */

static void observed(struct check *check, void *context)
{
	struct desk *desk = context;

	check->observed = clock_now();
	if (check->is_cancelled || check->is_silent)
		judge_pass(desk->judge, check);
	else if (judge_submit(desk->tray, check) && !evtimer_pending(desk->flush_timer, NULL))
		engine_arm(desk->flush_timer, ENGINE_GATHER_FOR);
}

static void on_flush(evutil_socket_t fd, short what, void *context)
{
	struct desk *desk = context;

	(void)fd;
	(void)what;
	judge_flush(desk->tray);
}

/* --- On the first loop's --------------------------------------------------------------- */

/* 0, or -EMFILE; -EAGAIN: no thread can be started. */
static int open_desk(struct engine *engine, const struct resolver_options *resolver)
{
	struct lookouts *lookouts = engine->lookouts;
	struct desk *desk = &lookouts->desks[lookouts->count];
	const struct lookout_options options = {
		.number = lookouts->count + 1,
		.resolver = resolver,
		.observed = observed,
		.context = desk,
	};

	desk->lookout = lookout_new(&options);
	if (!desk->lookout)
		return -EMFILE;
	desk->judge = engine->judge;
	desk->tray = judge_tray_new(engine->judge);
	desk->flush_timer = evtimer_new(lookout_base(desk->lookout), on_flush, desk);
	lookouts->count++;
	return lookout_start(desk->lookout);
}

/* Its thread has ended, or could not be started. */
static void close_desk(struct desk *desk)
{
	event_free(desk->flush_timer);
	judge_tray_free(desk->tray);
	lookout_free(desk->lookout);
}

int lookouts_init(struct engine *engine, const struct resolver_options *resolver)
{
	const unsigned wanted = sizing_loops(&engine->snapshot->settings) - 1;
	struct lookouts *lookouts;
	int r = 0;

	if (wanted == 0)
		return 0;
	lookouts = engine->lookouts = MEMORY_NEW(struct lookouts);
	lookouts->desks = memory_new(wanted, sizeof(*lookouts->desks));
	lookouts->turns = memory_new(wanted, sizeof(*lookouts->turns));
	while (r == 0 && lookouts->count < wanted)
		r = open_desk(engine, resolver);
	if (r != -EAGAIN)
		return r;
	close_desk(&lookouts->desks[--lookouts->count]);
	log_line(LOG_WARNING, "only %u of %u loops could be started; going on with them",
		 lookouts->count + 1, wanted + 1);
	if (lookouts->count == 0)
		lookouts_done(engine);
	return 0;
}

bool lookouts_end(struct engine *engine)
{
	bool have_ended = true;

	assert(engine->lookouts->away == 0);
	for (unsigned i = 0; i < engine->lookouts->count; i++)
		have_ended &= lookout_end(engine->lookouts->desks[i].lookout);
	return have_ended;
}

void lookouts_done(struct engine *engine)
{
	struct lookouts *lookouts = TAKE(engine->lookouts);

	for (unsigned i = 0; i < lookouts->count; i++)
		close_desk(&lookouts->desks[i]);
	free(lookouts->desks);
	free(lookouts->turns);
	free(lookouts);
}

static bool stays(const struct endpoint *endpoint)
{
	const struct probe_type *type = endpoint->type;

	return type->stays || (type->stays_for && type->stays_for(endpoint->options));
}

bool lookouts_take(struct engine *engine, struct check *check)
{
	struct lookouts *lookouts = engine->lookouts;
	/* The schedule spreads checks by the upper bits of the hash. */
	const unsigned loop = (unsigned)(check->endpoint->hash % (lookouts->count + 1));

	if (loop == 0 || stays(check->endpoint))
		return false;
	check->is_away = true;
	lookouts->away++;
	lookout_hand(lookouts->desks[loop - 1].lookout, check);
	return true;
}

void lookouts_send(struct engine *engine)
{
	for (unsigned i = 0; i < engine->lookouts->count; i++)
		lookout_send(engine->lookouts->desks[i].lookout);
}

void lookouts_return(struct engine *engine, struct check *check)
{
	check->is_away = false;
	engine->lookouts->away--;
}

unsigned lookouts_away(const struct engine *engine)
{
	return engine->lookouts->away;
}

void lookouts_cancel(struct engine *engine, const struct watch *watch)
{
	/* Its endpoint may have another name by now than when the check set out. */
	for (unsigned i = 0; i < engine->lookouts->count; i++)
		lookout_cancel(engine->lookouts->desks[i].lookout, watch->id, watch->generation);
}

void lookouts_cancel_all(struct engine *engine)
{
	for (unsigned i = 0; i < engine->lookouts->count; i++)
		lookout_cancel_all(engine->lookouts->desks[i].lookout);
}

void lookouts_configure(struct engine *engine, const struct resolver_options *resolver)
{
	for (unsigned i = 0; i < engine->lookouts->count; i++)
		lookout_configure(engine->lookouts->desks[i].lookout, resolver);
}

/* What is asked now is answered by the next time. */
bool lookouts_are_alive(const struct engine *engine)
{
	const usec_t now = clock_now();
	bool are_alive = true;

	for (unsigned i = 0; i < engine->lookouts->count; i++) {
		are_alive &= lookout_silence(engine->lookouts->desks[i].lookout, now) < patience;
		lookout_ask(engine->lookouts->desks[i].lookout);
	}
	return are_alive;
}

void lookouts_show(struct engine *engine)
{
	const struct lookouts *lookouts = engine->lookouts;

	for (unsigned i = 0; i < lookouts->count; i++)
		lookout_turns(lookouts->desks[i].lookout, &lookouts->turns[i]);
	engine->vitals.further_turns = lookouts->turns;
	engine->vitals.further_loops = lookouts->count;
}
