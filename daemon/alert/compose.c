/* compose.c - one message about a bundle: what is news in it, in which order, and in words. */
#include <stdlib.h>

#include "alert/bundle.h"
#include "alert/message.h"
#include "alert/told.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/row.h"

enum { LOOKS_MAX = 10000 };

static const usec_t stored_within = 2 * USEC_PER_SEC;

struct gathered {
	const struct incident *shown[MESSAGE_INCIDENTS_MAX];
	struct told *told[MESSAGE_INCIDENTS_MAX]; /* of these */
	struct message_parts parts;
};

/* How bad it is, the worst first: what is over is the least. */
static int badness(const struct incident *incident)
{
	return incident_is_open(incident) ? 1 + (int)incident->severity : 0;
}

/* What people know, or is pending anyway, is not in a reminder. */
static bool is_reminded(const struct told *told)
{
	return told->counted & 1u << TOLD_REMINDED;
}

static void add_shown(struct gathered *gathered, struct told *told)
{
	struct message_parts *parts = &gathered->parts;

	gathered->told[parts->incidents_count] = told;
	gathered->shown[parts->incidents_count++] = told->incident;
}

static void show_of(struct gathered *gathered, struct bundle *bundle, bool is_reminder, int how_bad)
{
	struct message_parts *parts = &gathered->parts;
	struct list *head = is_reminder ? &bundle->members : &bundle->pending;
	unsigned looks = 0;

	for (struct list *link = head->after;
	     link != head && parts->incidents_count < MESSAGE_INCIDENTS_MAX && looks < LOOKS_MAX;
	     link = link->after, looks++) {
		struct told *told = is_reminder ? LIST_ENTRY(link, struct told, member)
						: LIST_ENTRY(link, struct told, pending);

		if (badness(told->incident) == how_bad && (!is_reminder || is_reminded(told)))
			add_shown(gathered, told);
	}
}

static void gather(struct gathered *gathered, struct bundle *bundle, bool is_reminder)
{
	struct message_parts *parts = &gathered->parts;
	const unsigned *counts = bundle->counts;

	parts->incidents = gathered->shown;
	parts->open = counts[TOLD_OPEN];
	parts->critical = counts[TOLD_CRITICAL];
	parts->news = counts[is_reminder ? TOLD_REMINDED : TOLD_PENDING];
	parts->resolved = is_reminder ? 0 : counts[TOLD_OVER];
	for (int how_bad = SEVERITIES; how_bad >= 0; how_bad--)
		if (how_bad > 0 ? parts->news > parts->resolved : parts->resolved > 0)
			show_of(gathered, bundle, is_reminder, how_bad);
	parts->event = is_reminder			? NOTIFICATION_REMINDER
		       : parts->resolved == parts->news ? NOTIFICATION_RECOVERY
		       : counts[TOLD_ESCALATED]		? NOTIFICATION_ESCALATION
		       : counts[TOLD_FIRST]		? NOTIFICATION_PROBLEM
							: NOTIFICATION_UPDATE;
}

/* Rises over restarts too, without being kept: there are few messages a millisecond. */
static uint64_t next_sequence(struct teller *teller, usec_t wall)
{
	const uint64_t by_clock = wall / USEC_PER_MS;

	teller->sequence = by_clock > teller->sequence ? by_clock : teller->sequence + 1;
	return teller->sequence;
}

static struct notification *make(struct teller *teller, const struct bundle *bundle,
				 struct gathered *gathered, struct moment at)
{
	struct message_parts *parts = &gathered->parts;
	struct notification *one = notification_new(parts->event);
	struct text json = { 0 };

	one->sequence = next_sequence(teller, at.wall);
	one->id = memory_print("%s%llu", bundle->prefix, (unsigned long long)one->sequence);
	one->created = at.wall;
	one->since = at.now;
	one->next_try = at.now;
	parts->id = one->id;
	parts->receiver = bundle->channel->name;
	parts->group = bundle->key;
	parts->wall = at.wall;
	message_print(&json, parts);
	one->json = text_take(&json);
	return one;
}

static bool tells_all(const struct bundle *bundle)
{
	const struct receiver *receiver = bundle->channel->receiver;

	return receiver->type && receiver->type->tells_all;
}

/* The message is about what it shows; another one will be about the rest. */
static void leave_rest(struct gathered *gathered)
{
	struct message_parts *parts = &gathered->parts;

	parts->news = parts->incidents_count;
	parts->resolved = 0;
	for (unsigned i = 0; i < parts->incidents_count; i++)
		parts->resolved += !incident_is_open(parts->incidents[i]);
	if (parts->resolved == parts->news)
		parts->event = NOTIFICATION_RECOVERY;
}

/* That it is told by this message. */
static void note(struct teller *teller, struct told *told, struct notification *message,
		 struct pack *rows)
{
	step_note(told, message);
	told->transition = told->wanted;
	told_set_message(told, message);
	list_remove(&told->pending);
	if (!incident_is_open(told->incident))
		list_remove(&told->member);
	told_count(told);
	if (rows)
		told_pack(told, rows);
	step_plan(teller, told);
}

static void note_shown(struct teller *teller, struct gathered *gathered,
		       struct notification *message, struct pack *rows)
{
	for (unsigned i = 0; i < gathered->parts.incidents_count; i++)
		note(teller, gathered->told[i], message, rows);
}

unsigned bundle_tell(struct teller *teller, struct bundle *bundle, bool is_reminder,
		     struct moment at, struct pack *rows)
{
	struct gathered gathered = { .parts = { 0 } };

	gather(&gathered, bundle, is_reminder);
	if (tells_all(bundle))
		leave_rest(&gathered);
	bundle->noting = make(teller, bundle, &gathered, at);
	bundle->told = at.now;
	bundle->is_put_off = false;
	rate_take(bundle->channel, at.now);
	if (tells_all(bundle)) {
		note_shown(teller, &gathered, bundle->noting, rows);
	} else if (!is_reminder) {
		/* All of them, in one step. */
		list_append(&bundle->pending, &bundle->news);
		list_remove(&bundle->pending);
		bundle->round++;
		bundle->counts[TOLD_PENDING] = 0;
		bundle->counts[TOLD_OVER] = 0;
		bundle->counts[TOLD_FIRST] = 0;
		bundle->counts[TOLD_ESCALATED] = 0;
	}
	return gathered.parts.incidents_count;
}

void bundle_note_one(struct teller *teller, struct told *told, struct pack *rows)
{
	if (told_is_news(told))
		note(teller, told, told->bundle->noting, rows);
}

unsigned bundle_note(struct teller *teller, struct bundle *bundle, unsigned max, usec_t now,
		     uint64_t batch, struct pack *rows)
{
	struct notification *one = bundle->noting;
	unsigned noted = 0;
	struct list *link;

	for (; noted < max && (link = list_first(&bundle->news)); noted++)
		bundle_note_one(teller, LIST_ENTRY(link, struct told, pending), rows);
	if (!list_is_empty(&bundle->news))
		return noted;
	bundle->noting = NULL;
	bundle_enqueue(teller, bundle, one);
	if (!rows)
		return noted;
	/* Behind what it tells: of what is noted without it nobody believes that it was told. */
	told_pack_notification(one, rows);
	one->batch = batch;
	one->stored_by = now + stored_within;
	list_append(&teller->unstored, &one->unstored);
	return noted;
}
