/* resend.c - what lasts is told again every minute to those that keep no account of their own.
 *
 * An Alertmanager forgets its alerts when it is restarted, and takes those that are not sent again
 * for over.  Open incidents that it was told of are sent to it in slices: looked for over
 * several turns, so many in one request, and one request at a time.  None of it is kept or tried again,
 * since the next minute brings all of it once more.
 */
#include <stdlib.h>

#include "alert/alert.h"
#include "alert/receiver.h"
#include "alert/teller.h"
#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/snapshot.h"
#include "engine/house.h"

enum { LOOKS_A_TURN = 1000, INCIDENTS_MAX = 100 };

static const usec_t every = USEC_PER_MIN, first_after = 10 * USEC_PER_SEC;

struct resend {
	struct event *timer; /* owned */
	unsigned at; /* of the receivers: whose turn it is */
	bool is_walking; /* over the incidents, for that one */
	bool is_walked; /* to the end */
	struct text incidents; /* JSON objects, found so far */
	unsigned count;
	usec_t round; /* monotonic: when it began; 0: none is under way */

	/* A request on its way. */
	struct delivery *delivery; /* owned; or NULL */
	const struct receiver *receiver; /* borrowed from snapshot */
	struct snapshot *snapshot; /* one reference, owned */
	struct notification *message; /* owned */
};

static void request_done(struct resend *resend)
{
	snapshot_unref(TAKE(resend->snapshot));
	notification_unref(TAKE(resend->message));
	resend->delivery = NULL;
}

static void sent(const struct delivery_result *result, void *context)
{
	struct engine *engine = context;

	(void)result;
	request_done(engine->resend);
	engine_arm(engine->resend->timer, 0);
}

static void send_found(struct engine *engine, const struct receiver *receiver)
{
	struct resend *resend = engine->resend;
	const struct delivery_tools tools = outbox_tools(engine);
	struct text json = { 0 };

	resend->message = notification_new(NOTIFICATION_REMINDER);
	resend->message->id = memory_print("%s/again", receiver->name);
	text_print(&json, "{\"incidents\":[%s]}", text_string(&resend->incidents));
	resend->message->json = text_take(&json);
	text_clear(&resend->incidents);
	resend->count = 0;
	resend->snapshot = snapshot_ref(engine->snapshot);
	resend->receiver = receiver;
	resend->delivery = receiver->type->start(&tools, receiver, resend->message, sent, engine);
}

/* Whose turn it is, or NULL. */
static const struct receiver *whose_turn(struct engine *engine)
{
	struct resend *resend = engine->resend;

	for (; resend->at < engine->snapshot->receivers_count; resend->at++)
		if (engine->snapshot->receivers[resend->at]->type->tells_all)
			return engine->snapshot->receivers[resend->at];
	return NULL;
}

static void end_round(struct engine *engine)
{
	struct resend *resend = engine->resend;
	const usec_t next = resend->round + every, now = clock_now();

	resend->round = 0;
	resend->at = 0;
	engine_arm(resend->timer, next > now ? next - now : 0);
}

static void turn(evutil_socket_t fd, short what, void *context)
{
	struct engine *engine = context;
	struct resend *resend = engine->resend;
	const struct receiver *receiver;

	(void)fd;
	(void)what;
	if (engine->is_ending || resend->delivery)
		return;
	if (!resend->round)
		resend->round = clock_now();
	receiver = whose_turn(engine);
	if (!receiver) {
		end_round(engine);
		return;
	}
	if (!resend->is_walking) {
		alert_resend(engine->alert);
		resend->is_walking = true;
	}
	resend->is_walked = alert_resend_some(engine->alert, receiver->name, LOOKS_A_TURN,
					      INCIDENTS_MAX, &resend->incidents, &resend->count);
	if (resend->is_walked) {
		resend->is_walking = false;
		resend->at++;
	}
	if (resend->count == INCIDENTS_MAX || (resend->is_walked && resend->count))
		send_found(engine, receiver);
	else
		engine_arm(resend->timer, 0);
}

void resend_init(struct engine *engine)
{
	struct resend *resend = MEMORY_NEW(struct resend);

	engine->resend = resend;
	resend->timer = evtimer_new(engine->base, turn, engine);
	engine_arm(resend->timer, first_after);
}

void resend_follow(struct engine *engine)
{
	struct resend *resend = engine->resend;

	text_clear(&resend->incidents);
	resend->count = 0;
	resend->at = 0;
	resend->is_walking = false;
}

void resend_done(struct engine *engine)
{
	struct resend *resend = engine->resend;

	if (resend->delivery) {
		resend->receiver->type->cancel(resend->delivery);
		request_done(resend);
	}
	event_free(resend->timer);
	text_done(&resend->incidents);
	free(TAKE(engine->resend));
}
