/* compose.c - one message about a bundle: what is news in it, in which order, and in words. */
#include <stdlib.h>

#include "alert/bundle.h"
#include "alert/message.h"
#include "alert/told.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/row.h"

static const usec_t stored_within = 2 * USEC_PER_SEC;

/* The news in an order that shows the worst: what is open first, critical before the rest. */
static int badness(const struct incident *incident)
{
	return incident_is_open(incident) ? 1 + (int)incident->severity : 0;
}

struct gathered {
	const struct incident *shown[MESSAGE_INCIDENTS_MAX];
	struct message_parts parts;
};

static void show_of(struct gathered *gathered, const struct list *head, bool is_pending,
		    int how_bad)
{
	struct message_parts *parts = &gathered->parts;

	for (const struct list *link = head->after;
	     link != head && parts->incidents_count < MESSAGE_INCIDENTS_MAX; link = link->after) {
		const struct told *told = is_pending ? LIST_ENTRY(link, const struct told, pending)
						     : LIST_ENTRY(link, const struct told, member);

		if (badness(told->incident) == how_bad)
			gathered->shown[parts->incidents_count++] = told->incident;
	}
}

static void gather(struct gathered *gathered, const struct bundle *bundle, bool is_reminder)
{
	struct message_parts *parts = &gathered->parts;
	const struct list *members = &bundle->members;
	const struct list *news = is_reminder ? members : &bundle->pending;
	bool is_first = false;

	for (const struct list *link = members->after; link != members; link = link->after) {
		const struct told *told = LIST_ENTRY(link, const struct told, member);
		const bool is_news = is_reminder || !list_is_empty(&told->pending);
		const bool is_open = incident_is_open(told->incident);

		parts->open += is_open;
		parts->critical += is_open && told->incident->severity == SEVERITY_CRITICAL;
		parts->news += is_news;
		parts->resolved += is_news && !is_open;
		is_first = is_first || (is_news && is_open && !told->transition);
	}
	for (int how_bad = SEVERITIES; how_bad >= 0; how_bad--)
		show_of(gathered, news, !is_reminder, how_bad);
	parts->incidents = gathered->shown;
	parts->event = is_reminder			? NOTIFICATION_REMINDER
		       : parts->resolved == parts->news ? NOTIFICATION_RECOVERY
		       : is_first			? NOTIFICATION_PROBLEM
							: NOTIFICATION_UPDATE;
}

/* Rises over restarts too, without being kept: nobody makes a message a millisecond. */
static uint64_t next_sequence(struct bundle *bundle, usec_t wall)
{
	const uint64_t by_clock = wall / USEC_PER_MS;

	bundle->sequence = by_clock > bundle->sequence ? by_clock : bundle->sequence + 1;
	return bundle->sequence;
}

static struct notification *make(struct teller *teller, struct bundle *bundle,
				 struct gathered *gathered, struct moment at)
{
	struct notification *one = MEMORY_NEW(struct notification);
	struct message_parts *parts = &gathered->parts;
	struct text id = { 0 }, json = { 0 };

	one->sequence = next_sequence(bundle, at.wall);
	text_print(&id, "%s%llu", bundle->prefix, (unsigned long long)one->sequence);
	one->id = text_take(&id);
	one->event = parts->event;
	one->created = at.wall;
	one->next_try = at.now;
	parts->id = one->id;
	parts->receiver = bundle->channel->name;
	parts->group = bundle->key;
	parts->wall = at.wall;
	message_print(&json, parts);
	one->json = text_take(&json);
	list_init(&one->link);
	bundle_enqueue(teller, bundle, one);
	return one;
}

/* What the message says is told by it from now on. */
static void note_told(struct bundle *bundle, const struct notification *one, struct pack *rows)
{
	struct list *link;

	while ((link = list_take_first(&bundle->pending))) {
		struct told *told = LIST_ENTRY(link, struct told, pending);

		told->transition = told->incident->notable;
		told->sequence = one->sequence;
		told->event = one->event;
		told->at = one->created;
		told->has_failed = false;
		if (!incident_is_open(told->incident))
			list_remove(&told->member);
		if (rows)
			told_pack(told, rows);
	}
}

void bundle_tell(struct teller *teller, struct bundle *bundle, bool is_reminder, struct moment at,
		 uint64_t batch, struct pack *rows)
{
	struct gathered gathered = { .parts = { 0 } };
	struct notification *one;

	gather(&gathered, bundle, is_reminder);
	one = make(teller, bundle, &gathered, at);
	bundle->told = at.now;
	if (!is_reminder)
		note_told(bundle, one, rows);
	if (!rows)
		return;
	one->batch = batch;
	one->stored_by = at.now + stored_within;
	told_pack_notification(one, rows);
}
