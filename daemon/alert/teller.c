/* teller.c - from incidents to notifications. */
#include <stdlib.h>
#include <string.h>

#include "alert/bundle.h"
#include "alert/teller.h"
#include "alert/told.h"
#include "base/cleanup.h"
#include "base/heap.h"
#include "base/map.h"
#include "base/memory.h"
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
	teller->steps = heap_new();
	list_init(&teller->called);
	list_init(&teller->unstored);
	return teller;
}

void teller_free(struct teller *teller)
{
	const char *name;
	void *value;

	for (uint32_t i = 0; i < teller->by_number.count; i++)
		if (numbers_thing(&teller->by_number, i))
			bundle_free(numbers_thing(&teller->by_number, i));
	for (size_t i = 0; map_next(teller->channels, &i, &name, &value);) {
		struct channel *channel = value;

		free(channel->name);
		free(channel);
	}
	map_free(teller->channels);
	map_free(teller->bundles);
	heap_free(teller->due);
	heap_free(teller->steps);
	numbers_done(&teller->stepping);
	numbers_done(&teller->by_number);
	free(teller);
}

/* --- When ---------------------------------------------------------------------------------- */

/* It gets each incident in a message, and what lasts again and again beside them. */
static bool is_complete(const struct receiver *receiver)
{
	return receiver->type && receiver->type->tells_all;
}

static usec_t repeat_due(const struct bundle *bundle)
{
	const struct receiver *receiver = bundle->channel->receiver;

	if (!receiver || is_complete(receiver) || !receiver->repeat || !bundle->told ||
	    !bundle->counts[TOLD_REMINDED])
		return USEC_NEVER;
	return bundle->told + receiver->repeat;
}

void teller_plan(struct teller *teller, struct bundle *bundle)
{
	const usec_t repeat = repeat_due(bundle), delivery = bundle_delivery_due(teller, bundle);
	usec_t when = list_is_empty(&bundle->pending) ? USEC_NEVER : bundle->due;

	if (repeat < when)
		when = repeat;
	if (when < bundle->not_before)
		when = bundle->not_before;
	if (bundle->noting)
		when = 0;
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

	if (!list_is_empty(&teller->called))
		return 0;
	if (!heap_least(teller->due, &number, &when))
		when = USEC_NEVER;
	return step_next(teller) < when ? step_next(teller) : when;
}

/* --- Who is told -------------------------------------------------------------------------- */

void teller_set_pending(struct teller *teller, struct told *told, usec_t now, struct pack *rows)
{
	struct bundle *bundle = told->bundle;
	const struct receiver *receiver = bundle->channel->receiver;
	const bool is_first = list_is_empty(&bundle->pending);
	const bool is_new = list_is_empty(&bundle->members);

	bundle_note_one(teller, told, rows);
	told->round = bundle->round;
	told->wanted = told->incident->notable;
	list_remove(&told->pending);
	list_append(&bundle->pending, &told->pending);
	list_remove(&told->member);
	list_append(&bundle->members, &told->member);
	told_count(told);
	if (is_first) {
		bundle->due = now + receiver->group_wait;
		if (!is_new && bundle->told &&
		    bundle->told + receiver->group_interval > bundle->due)
			bundle->due = bundle->told + receiver->group_interval;
	}
	teller_plan(teller, bundle);
}

void teller_settle(struct teller *teller, struct told *told, struct pack *rows)
{
	bundle_note_one(teller, told, rows);
	told_leave(told);
	if (told->transition && told->transition < told->incident->notable) {
		told->transition = told->incident->notable;
		if (rows)
			told_pack(told, rows);
	}
	teller_plan(teller, told->bundle);
}

/* One receiver knows of one incident, or is about to. */
static struct told *told_made(struct teller *teller, struct incident *incident,
			      const struct receiver *receiver, enum told_by by)
{
	struct told *told = incident->told;
	cleanup(free)
	char *key = NULL;

	while (told && strcmp(told->bundle->channel->name, receiver->name) != 0)
		told = told->next;
	if (told)
		return told;
	key = bundle_key(incident, receiver);
	told = told_new(incident, bundle_made(teller, receiver->name, key));
	told->by = by;
	return told;
}

void teller_tell(struct teller *teller, struct incident *incident, const struct channel *channel,
		 enum told_by by, usec_t now, struct pack *rows)
{
	struct told *told;

	if (!channel || !channel->receiver || incident->is_held ||
	    incident->severity < channel->receiver->min_severity)
		return;
	told = told_made(teller, incident, channel->receiver, by);
	bundle_note_one(teller, told, rows);
	if (told->transition < incident->notable)
		teller_set_pending(teller, told, now, rows);
}

void teller_open(struct teller *teller, struct incident *incident, usec_t now, struct pack *rows)
{
	const struct endpoint *endpoint = incident->watch ? incident->watch->endpoint : NULL;
	const char *name;
	void *channel;

	/* Of this host everybody wants to know. */
	if (!endpoint && !incident->endpoint)
		for (size_t i = 0; map_next(teller->channels, &i, &name, &channel);)
			teller_tell(teller, incident, channel, TOLD_BY_NOTIFY, now, rows);
	for (const char *const *one = endpoint ? endpoint->notify : NULL; one && *one; one++)
		teller_tell(teller, incident, map_find(teller->channels, *one), TOLD_BY_NOTIFY, now,
			    rows);
	for (struct told *told = incident->told; told; told = told->next)
		if (told->by != TOLD_BY_NOTIFY &&
		    (told->transition || !list_is_empty(&told->pending)))
			teller_tell(teller, incident, told->bundle->channel, told->by, now, rows);
}

/* Whoever was told is told that it is over; who was not, is not told at all. */
static void close_one(struct teller *teller, struct incident *incident, usec_t now,
		      struct pack *rows)
{
	for (struct told *told = incident->told; told; told = told->next) {
		const struct receiver *receiver = told->bundle->channel->receiver;

		bundle_note_one(teller, told, rows);
		if (!told->transition || !receiver || !receiver->sends_resolved)
			teller_settle(teller, told, rows);
		else if (!incident->is_held)
			teller_set_pending(teller, told, now, rows);
	}
}

void teller_follow(struct teller *teller, struct incident *incident, enum incident_move move,
		   struct moment at, struct pack *rows)
{
	if (move == INCIDENT_OPENS || move == INCIDENT_WORSENS || move == INCIDENT_CHANGES)
		teller_open(teller, incident, at.now, rows);
	else if (move == INCIDENT_CLOSES)
		close_one(teller, incident, at.now, rows);
	else if (move == INCIDENT_IS_ACKNOWLEDGED)
		step_stop(teller, incident, rows);
	for (struct told *told = incident->told; told; told = told->next) {
		/* Somebody whom it was not bad enough for may want to know now. */
		if (move == INCIDENT_WORSENS)
			told->steps = 0;
		told_count(told);
		step_plan(teller, told);
	}
}

bool teller_is_settled(const struct incident *incident)
{
	for (const struct told *told = incident->told; told; told = told->next)
		if (!list_is_empty(&told->pending))
			return false;
	return true;
}

bool teller_has_told(const struct incident *incident, const char *receiver)
{
	for (const struct told *told = incident->told; told; told = told->next)
		if (told->transition && strcmp(told->bundle->channel->name, receiver) == 0)
			return true;
	return false;
}

void teller_forget(struct teller *teller, struct incident *incident, struct pack *rows)
{
	if (incident->told && rows)
		told_pack_drop(incident, rows);
	while (incident->told) {
		struct bundle *bundle = incident->told->bundle;

		told_free(teller, incident->told);
		if (!bundle_release(teller, bundle))
			teller_plan(teller, bundle);
	}
}

/* --- Making messages ---------------------------------------------------------------------- */

/* What there is to be told of a bundle, as far as its own times go. */
enum telling { TELL_NOTHING, TELL_NEWS, TELL_AGAIN };

static enum telling telling_of(struct bundle *bundle, usec_t now)
{
	if (bundle->not_before > now)
		return TELL_NOTHING;
	if (!list_is_empty(&bundle->pending) && bundle->due <= now) {
		if (bundle->queued < TELLER_QUEUE_MAX)
			return TELL_NEWS;
		bundle->due = now + bundle->channel->receiver->group_interval + USEC_PER_SEC;
	} else if (repeat_due(bundle) <= now) {
		/* Not while the one before is still on its way. */
		if (list_is_empty(&bundle->queue))
			return TELL_AGAIN;
		bundle->told = now;
	}
	return TELL_NOTHING;
}

/* How many steps it took. */
static unsigned pump_bundle(struct teller *teller, struct bundle *bundle, struct moment at,
			    uint64_t batch, struct pack *rows, unsigned steps_max)
{
	const struct receiver *receiver = bundle->channel->receiver;
	enum telling telling = TELL_NOTHING;
	unsigned steps = 1;

	if (!receiver && !bundle->noting) {
		bundle_drop(teller, bundle, rows);
		return 1;
	}
	/* What is being noted comes first. */
	if (!bundle->noting)
		telling = telling_of(bundle, at.now);
	if (telling != TELL_NOTHING && rate_due(bundle->channel) > at.now)
		steps += rate_put_off(teller, bundle, at.now, steps_max, rows);
	else if (telling != TELL_NOTHING)
		steps += bundle_tell(teller, bundle, telling == TELL_AGAIN, at, rows);
	if (bundle->noting)
		steps += bundle_note(teller, bundle, steps_max, at.now, batch, rows);
	if (receiver)
		bundle_deliver(teller, bundle, at.now);
	return steps;
}

void teller_pump(struct teller *teller, struct moment at, uint64_t batch, struct pack *rows)
{
	unsigned steps;
	uint32_t number;
	usec_t when;

	teller_deliver_called(teller, at.now);
	steps = step_pump(teller, at, TELLER_STEPS_MAX, rows);
	for (unsigned i = 0; i < TELLER_PUMPED_MAX && steps < TELLER_STEPS_MAX; i++) {
		struct bundle *bundle;

		if (!heap_least(teller->due, &number, &when) || when > at.now)
			return;
		bundle = numbers_thing(&teller->by_number, number);
		steps += pump_bundle(teller, bundle, at, batch, rows, TELLER_STEPS_MAX - steps);
		if (!bundle_release(teller, bundle))
			teller_plan(teller, bundle);
	}
}

struct teller_counts teller_count(const struct teller *teller)
{
	return (struct teller_counts){
		.queued = teller->queued,
		.sent = teller->sent,
		.failed = teller->failed,
		.limited = teller->limited,
	};
}

unsigned teller_bundles(const struct teller *teller)
{
	return numbers_taken(&teller->by_number);
}

const struct channel *teller_next_channel(const struct teller *teller, size_t *at)
{
	const char *name;
	void *channel;

	return map_next(teller->channels, at, &name, &channel) ? channel : NULL;
}
