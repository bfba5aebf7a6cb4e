/* requests.c - what the API may ask of the house: a check now, a reload, the next beat. */
#include <stdlib.h>

#include "alert/alert.h"
#include "alert/teller.h"
#include "base/log.h"
#include "base/memory.h"
#include "config/snapshot.h"
#include "engine/house.h"
#include "judge/judge.h"
#include "schedule/schedule.h"

/* Beside its timeout, how long a check that was asked for may wait for a permit. */
static const usec_t patience_for_permit = 5 * USEC_PER_SEC;

/* Somebody who asked for a check and waits for its verdict. */
struct waiter {
	struct list link; /* in watch->waiters */
	struct event *timer; /* owned */
	void (*settled)(const struct check *check, void *context);
	void *context;
};

static void waiter_free(struct waiter *waiter)
{
	list_remove(&waiter->link);
	event_free(waiter->timer);
	free(waiter);
}

static void answer(struct waiter *waiter, const struct check *check)
{
	void (*settled)(const struct check *, void *) = waiter->settled;
	void *context = waiter->context;

	waiter_free(waiter);
	settled(check, context);
}

void requests_answer(struct watch *watch, const struct check *check)
{
	struct list *link;

	while ((link = list_first(&watch->waiters)))
		answer(LIST_ENTRY(link, struct waiter, link), check);
}

static void gave_up(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	answer(context, NULL);
}

static void *check_now(struct watch *watch,
		       void (*settled)(const struct check *check, void *context), void *context,
		       void *engine_)
{
	struct engine *engine = engine_;
	struct waiter *waiter = MEMORY_NEW(struct waiter);

	waiter->settled = settled;
	waiter->context = context;
	waiter->timer = evtimer_new(engine->base, gave_up, waiter);
	list_append(&watch->waiters, &waiter->link);
	engine_arm(waiter->timer, watch->endpoint->timeout + patience_for_permit);
	if (!watch->is_in_flight && !engine->is_ending) {
		schedule_now(engine->schedule, watch->id, clock_now());
		/* In a turn of its own, since this may be in the middle of another. */
		engine_arm(engine->pump_timer, 0);
	}
	return waiter;
}

static void check_forget(void *handle, void *engine)
{
	(void)engine;
	waiter_free(handle);
}

static usec_t next_check(const struct watch *watch, void *engine_)
{
	const struct engine *engine = engine_;

	return schedule_due(engine->schedule, watch->id, clock_now());
}

static void refresh(void *engine_)
{
	struct engine *engine = engine_;
	const struct schedule_counts counts = schedule_count(engine->schedule);
	struct vitals *vitals = &engine->vitals;
	struct teller_counts counts_of_messages;

	vitals->in_flight = counts.in_flight;
	vitals->waiting = counts.waiting;
	vitals->permits_max = counts.max;
	lookouts_show(engine);
	vitals->judges = judge_threads(engine->judge);
	vitals->judge_queued = (unsigned)judge_waiting(engine->judge);
	vitals->judge_queue_max = engine->judge_queue_max;
	counts_of_messages = teller_count(engine->teller);
	vitals->messages_queued = counts_of_messages.queued;
	vitals->messages_sent = counts_of_messages.sent;
	vitals->messages_limited = counts_of_messages.limited;
	vitals->messages_failed = counts_of_messages.failed;
	export_count(engine);
	if (engine->seeker)
		seek_show(engine);
	vitals->config_fault = engine->config_fault;
	vitals->config_path = engine->snapshot->path;
	vitals->config_loaded_wall = engine->snapshot->loaded_at;
}

static void explain(const struct watch *watch, struct text *json, void *engine_)
{
	const struct engine *engine = engine_;

	snapshot_explain(watch ? watch->snapshot : engine->snapshot, watch ? watch->endpoint : NULL,
			 &engine->over, json);
}

static void reload(void (*loaded)(const char *faults, void *context), void *context, void *engine)
{
	reload_request(engine, loaded, context);
}

static void pause_watch(struct watch *watch, bool is_paused, void *engine_)
{
	struct engine *engine = engine_;
	const enum state before = watch->standing.state;

	if (watch->pause_asked == is_paused)
		return;
	watch->pause_asked = is_paused;
	roll_follow_pause(engine, watch);
	keep_watch(engine, watch);
	keep_commit(engine);
	if (is_paused)
		requests_answer(watch, NULL);
	if (watch->standing.state != before)
		status_publish_state(engine->status, watch, before);
	log_line(LOG_NOTICE, "'%s' is %s", watch->endpoint->name,
		 is_paused ? "paused" : "no longer paused");
	tell_soon(engine);
	/* In a turn of its own, since this may be in the middle of another. */
	engine_arm(engine->pump_timer, 0);
}

static void *test_receiver(const char *name,
			   void (*tested)(const struct delivery_result *, void *context),
			   void *context, void *engine_)
{
	struct engine *engine = engine_;
	const struct receiver *receiver = teller_receiver(engine->teller, name);

	return receiver && !engine->is_ending ? outbox_test(engine, receiver, tested, context)
					      : NULL;
}

static void test_forget(void *handle, void *engine)
{
	(void)engine;
	outbox_forget(handle);
}

static int acknowledge(const char *id, const char *by, const char *comment, void *engine_)
{
	struct engine *engine = engine_;
	const int r = alert_acknowledge(engine->alert, id, by, comment, clock_moment(),
					keep_rows(engine));

	keep_commit(engine);
	return r;
}

static int add_silence(struct silence *silence, void *engine)
{
	return holds_add(engine, silence);
}

static struct silence *end_silence(const char *id, const char *by, void *engine)
{
	return holds_end(engine, id, by);
}

void requests_init(struct engine *engine, struct status_requests *ret_requests)
{
	*ret_requests = (struct status_requests){
		.refresh = refresh,
		.next_check = next_check,
		.check_now = check_now,
		.check_forget = check_forget,
		.acknowledge = acknowledge,
		.silence = add_silence,
		.unsilence = end_silence,
		.pause = pause_watch,
		.beat = heartbeat_hear,
		.test_receiver = test_receiver,
		.test_forget = test_forget,
		.find_target = guest_find_target,
		.probe = guest_probe,
		.probe_forget = guest_forget,
		.reload = reload,
		.explain = explain,
		.engine = engine,
	};
}
