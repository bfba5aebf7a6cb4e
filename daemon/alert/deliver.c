/* deliver.c - messages of bundles go out, one after the other, until they are taken. */
#include <stdlib.h>

#include "alert/bundle.h"
#include "alert/told.h"
#include "base/cleanup.h"
#include "base/memory.h"

static struct notification *first_of(const struct bundle *bundle)
{
	struct list *link = list_first(&bundle->queue);

	return link ? LIST_ENTRY(link, struct notification, link) : NULL;
}

usec_t bundle_delivery_due(const struct teller *teller, const struct bundle *bundle)
{
	const struct notification *first = first_of(bundle);

	if (!first || first->is_in_flight || !list_is_empty(&bundle->waiting))
		return USEC_NEVER;
	if (first->batch > teller->stored && first->stored_by > first->next_try)
		return first->stored_by;
	return first->next_try;
}

/* Over a place in flight that is the bundle's. */
static void send_first(struct teller *teller, struct bundle *bundle)
{
	struct notification *one = first_of(bundle);

	bundle->has_place = false;
	one->is_in_flight = true;
	one->is_unstored = one->batch > teller->stored;
	one->tries++;
	teller->deliver(one, bundle->channel->receiver, teller->context);
}

void bundle_deliver(struct teller *teller, struct bundle *bundle, usec_t now)
{
	struct channel *channel = bundle->channel;

	if (bundle_delivery_due(teller, bundle) > now)
		return;
	/* Behind those that wait already, however long it is due itself. */
	if (channel->in_flight >= TELLER_IN_FLIGHT_MAX || !list_is_empty(&channel->starved)) {
		list_append(&channel->starved, &bundle->waiting);
		return;
	}
	channel->in_flight++;
	send_first(teller, bundle);
}

/* A place in flight is free: whoever has waited longest for it gets it. */
static void pass_place(struct teller *teller, struct channel *channel)
{
	struct list *link = list_take_first(&channel->starved);
	struct bundle *next = link ? LIST_ENTRY(link, struct bundle, waiting) : NULL;

	if (!next) {
		channel->in_flight--;
		return;
	}
	next->has_place = true;
	list_append(&teller->called, &next->waiting);
}

void teller_deliver_called(struct teller *teller, usec_t now)
{
	struct list *link;

	while ((link = list_take_first(&teller->called))) {
		struct bundle *bundle = LIST_ENTRY(link, struct bundle, waiting);

		if (bundle->channel->receiver && bundle_delivery_due(teller, bundle) <= now) {
			send_first(teller, bundle);
		} else {
			bundle->has_place = false;
			pass_place(teller, bundle->channel);
		}
		teller_plan(teller, bundle);
	}
}

/* Out of the queue, and what became of it is known. */
static void end(struct teller *teller, struct notification *one, enum notification_state state,
		struct pack *rows)
{
	struct channel *channel = one->bundle->channel;

	one->state = state;
	if (state == NOTIFICATION_SENT) {
		teller->sent++;
		channel->sent++;
	} else {
		teller->failed++;
		channel->failed++;
	}
	if (rows) {
		told_pack_state(one, rows);
		told_pack_drop_notification(one->id, rows);
	}
	one->bundle->queued--;
	teller->queued--;
	one->bundle = NULL;
	list_remove(&one->link);
	list_remove(&one->unstored);
	free(TAKE(one->json));
	notification_unref(one);
}

/* Whoever returns is told of what goes on if the message about it was dropped, and of nothing
 * that is over.
 */
static void forget_member(struct teller *teller, struct told *told, struct pack *rows)
{
	const bool is_dropped = told->message && told->message->state == NOTIFICATION_DROPPED;

	if (!incident_is_open(told->incident)) {
		teller_settle(teller, told, rows);
		return;
	}
	if (is_dropped) {
		told->transition = 0;
		if (rows)
			told_pack(told, rows);
	}
	told_leave(told);
}

void bundle_drop(struct teller *teller, struct bundle *bundle, struct pack *rows)
{
	struct notification *one;
	struct list *link;

	if (bundle->has_place || !list_is_empty(&bundle->waiting)) {
		list_remove(&bundle->waiting);
		if (bundle->has_place)
			pass_place(teller, bundle->channel);
		bundle->has_place = false;
	}
	while ((one = first_of(bundle)) && !one->is_in_flight)
		end(teller, one, NOTIFICATION_DROPPED, rows);
	while ((link = list_first(&bundle->members)))
		forget_member(teller, LIST_ENTRY(link, struct told, member), rows);
}

void teller_stored(struct teller *teller, uint64_t batch, usec_t now)
{
	struct list *link;

	(void)now;
	teller->stored = batch;
	while ((link = list_first(&teller->unstored))) {
		struct notification *one = LIST_ENTRY(link, struct notification, unstored);

		if (one->batch > batch)
			return;
		list_remove(&one->unstored);
		teller_plan(teller, one->bundle);
	}
}

static usec_t scatter(usec_t wait, uint64_t seed)
{
	const usec_t fifth = wait / 5 + 1;

	return wait - fifth + (seed * 0x9e3779b97f4a7c15u >> 32) % (2 * fifth);
}

static usec_t wait_of(const struct notification *one, const struct delivery_result *result)
{
	const struct retry *retry = &one->bundle->channel->receiver->retry;
	usec_t wait = retry->first;

	for (unsigned i = 1; i < one->tries && wait < retry->max; i++)
		wait *= 2;
	if (wait > retry->max || result->outcome == DELIVERY_REFUSED)
		wait = retry->max;
	wait = scatter(wait, one->sequence + one->tries);
	return result->retry_after > wait ? result->retry_after : wait;
}

bool teller_done(struct teller *teller, struct notification *notification,
		 const struct delivery_result *result, struct moment at, struct pack *rows)
{
	struct bundle *bundle = notification->bundle;
	const struct receiver *receiver = bundle->channel->receiver;
	const bool is_taken = result->outcome == DELIVERY_TAKEN;
	const bool is_over =
		is_taken || !receiver || at.now > notification->since + receiver->retry.span;

	notification->is_in_flight = false;
	if (is_over)
		end(teller, notification,
		    is_taken   ? NOTIFICATION_SENT
		    : receiver ? NOTIFICATION_GIVEN_UP
			       : NOTIFICATION_DROPPED,
		    rows);
	else
		notification->next_try = at.now + wait_of(notification, result);
	pass_place(teller, bundle->channel);
	if (!receiver)
		bundle_drop(teller, bundle, rows);
	if (!bundle_release(teller, bundle))
		teller_plan(teller, bundle);
	return is_over;
}
