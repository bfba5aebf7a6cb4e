/* lookouts.c - the further loops: which checks they get, and what becomes of these.
 *
 *   launch --lookouts_take, _send--> lookout --observed--> judge --collect--> settle
 *
 * A handshake of TLS takes a turn of one to four milliseconds, and nobody else should wait for
 * that.  So what shakes hands never stays with the first loop: there are as many further loops
 * for it as `loops:` says, the last of which is there from the first such check on.  All else is
 * spread over the first loop and the further ones but the last.
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
#include "loop/resolve.h"
#include "probe/lookout.h"

static_assert((int)LOOPS_MAX == (int)LOOKOUTS_MAX, "the first loop shakes no hands");

/* A loop never blocks on files or network, so one that does not turn for so long is a bug and worth a
 * restart.
 */
static const usec_t patience = 10 * USEC_PER_SEC;

/* A thread that could not be had is tried for again after this, or at a reload. */
static const usec_t retry_after = USEC_PER_MIN;

/* Where one lookout lays down what it has seen. */
struct desk {
	struct lookout *lookout; /* owned */
	struct judge *judge; /* borrowed */
	/* The lookout's, from its start to its end. */
	struct judge_tray *tray; /* owned */
	struct event *flush_timer; /* owned; a few ms after the first check that is gathered */
};

struct lookouts {
	struct desk *desks; /* owned array of `room` */
	unsigned count, room;
	unsigned shared; /* so many look at what shakes no hands, too */
	bool has_told; /* that handshakes have no loop of their own */
	usec_t refused; /* monotonic; when another one could not be had; 0: it was not tried, or there is one */
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

/* Its thread has ended, or could not be started. */
static void close_desk(struct desk *desk)
{
	event_free(desk->flush_timer);
	judge_tray_free(desk->tray);
	lookout_free(desk->lookout);
}

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
	int r;

	desk->lookout = lookout_new(&options);
	if (!desk->lookout)
		return -EMFILE;
	desk->judge = engine->judge;
	desk->tray = judge_tray_new(engine->judge);
	desk->flush_timer = evtimer_new(lookout_base(desk->lookout), on_flush, desk);
	r = lookout_start(desk->lookout);
	if (r < 0)
		close_desk(desk);
	else
		lookouts->count++;
	return r;
}

int lookouts_init(struct engine *engine, const struct resolver_options *resolver)
{
	const unsigned loops = sizing_loops(&engine->snapshot->settings);
	struct lookouts *lookouts = engine->lookouts = MEMORY_NEW(struct lookouts);
	int r = 0;

	lookouts->room = loops;
	lookouts->desks = memory_new(loops, sizeof(*lookouts->desks));
	lookouts->turns = memory_new(loops, sizeof(*lookouts->turns));
	while (r == 0 && lookouts->count < loops - 1)
		r = open_desk(engine, resolver);
	lookouts->shared = lookouts->count;
	if (r != -EAGAIN)
		return r;
	lookouts->refused = clock_now();
	log_line(LOG_WARNING, "only %u of %u loops could be started; going on with them",
		 lookouts->count + 1, loops);
	return 0;
}

/* The one that is there only for handshakes, once there are any. */
static void open_last(struct engine *engine)
{
	struct lookouts *lookouts = engine->lookouts;
	const struct resolver_options resolver = engine_resolver(&engine->snapshot->settings);
	const usec_t now = clock_now();
	const bool was_told = lookouts->has_told;

	if (lookouts->refused && now - lookouts->refused < retry_after)
		return;
	lookouts->refused = open_desk(engine, &resolver) == 0 ? 0 : now;
	lookouts->has_told = lookouts->refused;
	if (lookouts->refused && !was_told)
		log_line(LOG_WARNING,
			 "no loop for handshakes of TLS can be started; they are made on %s, where "
			 "other checks wait for them, until one can",
			 lookouts->count ? "the other loops" : "the first loop");
	else if (!lookouts->refused && was_told)
		log_line(LOG_NOTICE, "there is a loop for handshakes of TLS now");
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

static bool shakes_hands(const struct endpoint *endpoint)
{
	return endpoint->type->shakes_hands && endpoint->type->shakes_hands(endpoint);
}

/* Number of the further loop, or 0 for the first. */
static unsigned choose_loop(struct engine *engine, const struct endpoint *endpoint)
{
	struct lookouts *lookouts = engine->lookouts;

	if (stays(endpoint))
		return 0;
	/* The schedule spreads checks by the upper bits of the hash. */
	if (!shakes_hands(endpoint))
		return (unsigned)(endpoint->hash % (lookouts->shared + 1));
	if (lookouts->count < lookouts->room)
		open_last(engine);
	return lookouts->count ? 1 + (unsigned)(endpoint->hash % lookouts->count) : 0;
}

bool lookouts_take(struct engine *engine, struct check *check)
{
	struct lookouts *lookouts = engine->lookouts;
	const unsigned loop = choose_loop(engine, check->endpoint);

	if (loop == 0)
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
	return engine->lookouts ? engine->lookouts->away : 0;
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
	engine->lookouts->refused = 0;
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
