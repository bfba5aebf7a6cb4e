/* teller.c - from incidents to notifications. */
#include <stdlib.h>
#include <string.h>

#include "alert/bundle.h"
#include "alert/message.h"
#include "alert/teller.h"
#include "alert/told.h"
#include "base/cleanup.h"
#include "base/heap.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/row.h"
#include "store/schema.h"

struct teller *teller_new(teller_deliver *deliver, void *context)
{
	struct teller *teller = MEMORY_NEW(struct teller);

	teller->deliver = deliver;
	teller->context = context;
	teller->channels = map_new();
	teller->bundles = map_new();
	teller->due = heap_new();
	return teller;
}

void teller_free(struct teller *teller)
{
	const char *name;
	void *value;

	for (uint32_t i = 0; i < teller->bundles_count; i++)
		bundle_free(teller->by_number[i]);
	for (size_t i = 0; map_next(teller->bundles, &i, &name, &value);)
		free((void *)(uintptr_t)name);
	for (size_t i = 0; map_next(teller->channels, &i, &name, &value);) {
		struct channel *channel = value;

		free(channel->name);
		free(channel);
	}
	map_free(teller->channels);
	map_free(teller->bundles);
	heap_free(teller->due);
	free(teller->by_number);
	free(teller);
}

/* --- When ---------------------------------------------------------------------------------- */

static bool has_open(const struct bundle *bundle)
{
	const struct list *head = &bundle->members;

	for (const struct list *link = head->after; link != head; link = link->after) {
		const struct told *told = LIST_ENTRY(link, const struct told, member);

		if (told->transition && incident_is_open(told->incident) &&
		    !told->incident->acknowledged.at)
			return true;
	}
	return false;
}

static usec_t repeat_due(const struct bundle *bundle)
{
	const struct receiver *receiver = bundle->channel->receiver;

	if (!receiver || !receiver->repeat || !bundle->told || list_is_empty(&bundle->members))
		return USEC_NEVER;
	return bundle->told + receiver->repeat;
}

static usec_t delivery_due(const struct teller *teller, const struct bundle *bundle)
{
	const struct list *link = list_first(&bundle->queue);
	const struct notification *first =
		link ? LIST_ENTRY(link, const struct notification, link) : NULL;

	if (!first || first->is_in_flight || !list_is_empty(&bundle->waiting))
		return USEC_NEVER;
	if (first->batch > teller->stored && first->stored_by > first->next_try)
		return first->stored_by;
	return first->next_try;
}

void teller_plan(struct teller *teller, struct bundle *bundle)
{
	const usec_t repeat = repeat_due(bundle), delivery = delivery_due(teller, bundle);
	usec_t when = list_is_empty(&bundle->pending) ? USEC_NEVER : bundle->due;

	if (repeat < when)
		when = repeat;
	if (delivery < when)
		when = delivery;
	if (when == USEC_NEVER)
		(void)heap_remove(teller->due, bundle->number);
	else
		heap_set(teller->due, bundle->number, when);
}

usec_t teller_next(const struct teller *teller)
{
	uint32_t number;
	usec_t when;

	return heap_least(teller->due, &number, &when) ? when : USEC_NEVER;
}

/* --- Who is told -------------------------------------------------------------------------- */

void teller_set_pending(struct teller *teller, struct told *told, usec_t now)
{
	struct bundle *bundle = told->bundle;
	const struct receiver *receiver = bundle->channel->receiver;
	const bool is_first = list_is_empty(&bundle->pending);
	const bool is_new = list_is_empty(&bundle->members);

	list_remove(&told->pending);
	list_append(&bundle->pending, &told->pending);
	list_remove(&told->member);
	list_append(&bundle->members, &told->member);
	if (is_first) {
		bundle->due = now + receiver->group_wait;
		if (!is_new && bundle->told &&
		    bundle->told + receiver->group_interval > bundle->due)
			bundle->due = bundle->told + receiver->group_interval;
	}
	teller_plan(teller, bundle);
}

/* One receiver knows of one incident, or is about to. */
static struct told *told_made(struct teller *teller, struct incident *incident,
			      const struct receiver *receiver)
{
	struct told *told = incident->told;
	cleanup(free)
	char *key = NULL;

	while (told && strcmp(told->bundle->channel->name, receiver->name) != 0)
		told = told->next;
	if (told)
		return told;
	key = bundle_key(incident, receiver);
	return told_new(incident, bundle_made(teller, receiver->name, key));
}

static void tell(struct teller *teller, struct incident *incident, const struct channel *channel,
		 usec_t now)
{
	struct told *told;

	if (!channel || !channel->receiver || incident->severity < channel->receiver->min_severity)
		return;
	told = told_made(teller, incident, channel->receiver);
	if (told->transition < incident->notable)
		teller_set_pending(teller, told, now);
}

void teller_open(struct teller *teller, struct incident *incident, usec_t now)
{
	const struct endpoint *endpoint = incident->watch ? incident->watch->endpoint : NULL;
	const char *name;
	void *channel;

	/* Of this host everybody wants to know. */
	if (!endpoint && !incident->endpoint)
		for (size_t i = 0; map_next(teller->channels, &i, &name, &channel);)
			tell(teller, incident, channel, now);
	if (!endpoint || !endpoint->notify)
		return;
	for (const char *const *one = endpoint->notify; *one; one++)
		tell(teller, incident, map_find(teller->channels, *one), now);
}

/* Whoever was told is told that it is over; who was not, is not told at all. */
static void close_one(struct teller *teller, struct incident *incident, usec_t now)
{
	for (struct told *told = incident->told; told; told = told->next) {
		const struct receiver *receiver = told->bundle->channel->receiver;

		if (told->transition && receiver && receiver->sends_resolved) {
			teller_set_pending(teller, told, now);
			continue;
		}
		list_remove(&told->pending);
		list_remove(&told->member);
		teller_plan(teller, told->bundle);
	}
}

void teller_follow(struct teller *teller, struct incident *incident, enum incident_move move,
		   struct moment at)
{
	if (move == INCIDENT_OPENS || move == INCIDENT_WORSENS || move == INCIDENT_CHANGES)
		teller_open(teller, incident, at.now);
	else if (move == INCIDENT_CLOSES)
		close_one(teller, incident, at.now);
}

void teller_forget(struct teller *teller, struct incident *incident, struct pack *rows)
{
	for (struct told *told = incident->told; told; told = told->next) {
		list_remove(&told->pending);
		list_remove(&told->member);
		teller_plan(teller, told->bundle);
	}
	if (incident->told && rows)
		told_pack_drop(incident, rows);
	told_free_all(incident);
}

/* --- Delivery ------------------------------------------------------------------------------ */

static void drop(struct teller *teller, struct notification *one, struct pack *rows)
{
	if (rows)
		told_pack_drop_notification(one->id, rows);
	one->bundle->queued--;
	teller->queued--;
	notification_free(one);
}

/* Nobody is there any more who could be told. */
static void drop_queue(struct teller *teller, struct bundle *bundle, struct pack *rows)
{
	struct list *link;

	while ((link = list_first(&bundle->queue)) &&
	       !LIST_ENTRY(link, struct notification, link)->is_in_flight) {
		teller->failed++;
		drop(teller, LIST_ENTRY(link, struct notification, link), rows);
	}
	while ((link = list_take_first(&bundle->pending)))
		list_remove(&LIST_ENTRY(link, struct told, pending)->member);
	while ((link = list_take_first(&bundle->members)))
		;
}

static void deliver_first(struct teller *teller, struct bundle *bundle, usec_t now)
{
	struct list *link = list_first(&bundle->queue);
	struct notification *one = link ? LIST_ENTRY(link, struct notification, link) : NULL;

	if (!one || delivery_due(teller, bundle) > now)
		return;
	if (bundle->channel->in_flight >= TELLER_IN_FLIGHT_MAX) {
		list_append(&bundle->channel->starved, &bundle->waiting);
		return;
	}
	one->is_in_flight = true;
	one->is_unstored = one->batch > teller->stored;
	one->tries++;
	bundle->channel->in_flight++;
	teller->deliver(one, bundle->channel->receiver, teller->context);
}

static void pump_bundle(struct teller *teller, struct bundle *bundle, struct moment at,
			uint64_t batch, struct pack *rows)
{
	const struct receiver *receiver = bundle->channel->receiver;

	if (!receiver) {
		drop_queue(teller, bundle, rows);
		return;
	}
	if (!list_is_empty(&bundle->pending) && bundle->due <= at.now) {
		if (bundle->queued < TELLER_QUEUE_MAX)
			bundle_tell(teller, bundle, false, at, batch, rows);
		else
			bundle->due = at.now + receiver->group_interval + USEC_PER_SEC;
	} else if (repeat_due(bundle) <= at.now) {
		/* Not while the one before is still on its way. */
		if (list_is_empty(&bundle->queue) && has_open(bundle))
			bundle_tell(teller, bundle, true, at, batch, rows);
		else
			bundle->told = at.now;
	}
	deliver_first(teller, bundle, at.now);
}

void teller_pump(struct teller *teller, struct moment at, uint64_t batch, struct pack *rows)
{
	uint32_t number;
	usec_t when;

	for (unsigned i = 0; i < TELLER_PUMPED_MAX; i++) {
		if (!heap_least(teller->due, &number, &when) || when > at.now)
			return;
		pump_bundle(teller, teller->by_number[number], at, batch, rows);
		teller_plan(teller, teller->by_number[number]);
	}
}

void teller_stored(struct teller *teller, uint64_t batch, usec_t now)
{
	teller->stored = batch;
	if (teller->queued == 0)
		return;
	for (uint32_t i = 0; i < teller->bundles_count; i++)
		if (!list_is_empty(&teller->by_number[i]->queue))
			teller_plan(teller, teller->by_number[i]);
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

static void give_up(struct teller *teller, struct notification *one, struct pack *rows)
{
	const struct list *head = &one->bundle->members;

	for (const struct list *link = head->after; link != head; link = link->after) {
		struct told *told = LIST_ENTRY(link, struct told, member);

		if (told->sequence == one->sequence)
			told->has_failed = true;
	}
	if (rows)
		told_pack_failed(one, rows);
}

bool teller_done(struct teller *teller, struct notification *notification,
		 const struct delivery_result *result, struct moment at, struct pack *rows)
{
	struct bundle *bundle = notification->bundle;
	const struct receiver *receiver = bundle->channel->receiver;
	const bool is_taken = result->outcome == DELIVERY_TAKEN;
	const bool is_over =
		is_taken || !receiver || at.wall > notification->created + receiver->retry.span;
	struct list *link = list_take_first(&bundle->channel->starved);

	notification->is_in_flight = false;
	bundle->channel->in_flight--;
	if (is_over) {
		if (is_taken) {
			teller->sent++;
			bundle->channel->sent++;
		} else {
			teller->failed++;
			bundle->channel->failed++;
		}
		if (!is_taken)
			give_up(teller, notification, rows);
		drop(teller, notification, rows);
	} else {
		notification->next_try = at.now + wait_of(notification, result);
	}
	teller_plan(teller, bundle);
	if (link)
		teller_plan(teller, LIST_ENTRY(link, struct bundle, waiting));
	return is_over;
}

struct teller_counts teller_count(const struct teller *teller)
{
	return (struct teller_counts){
		.queued = teller->queued,
		.sent = teller->sent,
		.failed = teller->failed,
	};
}

const struct channel *teller_next_channel(const struct teller *teller, size_t *at)
{
	const char *name;
	void *channel;

	return map_next(teller->channels, at, &name, &channel) ? channel : NULL;
}

enum notification_state told_state(const struct told *told, unsigned *ret_tries)
{
	const struct list *head = &told->bundle->queue;

	*ret_tries = 1;
	for (const struct list *link = head->after; link != head; link = link->after) {
		const struct notification *one = LIST_ENTRY(link, const struct notification, link);

		if (one->sequence == told->sequence) {
			*ret_tries = one->tries;
			return NOTIFICATION_QUEUED;
		}
	}
	return told->has_failed ? NOTIFICATION_FAILED : NOTIFICATION_SENT;
}
