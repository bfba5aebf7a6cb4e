/* resume.c - what was told, and what is on its way, from the store and again to it. */
#include <string.h>

#include "alert/bundle.h"
#include "alert/told.h"
#include "store/row.h"

void teller_take_told(struct teller *teller, struct incident *incident, const struct store_row *row)
{
	const char *receiver, *key;
	struct told *told;

	if (!told_is_sound(row, &receiver, &key))
		return;
	for (told = incident->told; told; told = told->next)
		if (strcmp(told->bundle->channel->name, receiver) == 0)
			return;
	told = told_new(incident, bundle_made(teller, receiver, key));
	told_take(told, row);
	if (told->sequence > told->bundle->sequence)
		told->bundle->sequence = told->sequence;
	if (incident_is_open(incident) && told->transition)
		list_append(&told->bundle->members, &told->member);
}

void teller_take_notification(struct teller *teller, const struct store_row *row, usec_t now)
{
	const char *receiver, *key;
	struct notification *one = told_take_notification(row, &receiver, &key);
	struct bundle *bundle;

	if (!one)
		return;
	bundle = bundle_made(teller, receiver, key);
	list_each (link, &bundle->queue)
		if (LIST_ENTRY(link, struct notification, link)->sequence == one->sequence) {
			notification_free(one);
			return;
		}
	if (one->sequence > bundle->sequence)
		bundle->sequence = one->sequence;
	one->next_try = now;
	bundle_enqueue(teller, bundle, one);
	teller_plan(teller, bundle);
}

void teller_resume(struct teller *teller, struct incident *incident, struct moment at)
{
	if (!incident_is_open(incident)) {
		for (struct told *told = incident->told; told; told = told->next)
			if (told->transition && told->transition < incident->notable &&
			    told->bundle->channel->receiver &&
			    told->bundle->channel->receiver->sends_resolved)
				teller_set_pending(teller, told, at.now);
		return;
	}
	for (struct told *told = incident->told; told; told = told->next) {
		/* Reminders count from the message, or from now where the clock is in doubt. */
		const usec_t ago = at.wall > told->at ? at.wall - told->at : 0;

		if (at.now > ago && at.now - ago > told->bundle->told)
			told->bundle->told = at.now - ago;
		teller_plan(teller, told->bundle);
	}
	teller_open(teller, incident, at.now);
}

void teller_pack_told(const struct incident *incident, struct pack *rows)
{
	for (const struct told *told = incident->told; told; told = told->next)
		if (told->transition)
			told_pack(told, rows);
}

void teller_pack_queued(const struct teller *teller, struct pack *rows)
{
	for (uint32_t i = 0; i < teller->bundles_count; i++) {
		const struct list *head = &teller->by_number[i]->queue;

		for (const struct list *link = head->after; link != head; link = link->after)
			told_pack_notification(LIST_ENTRY(link, const struct notification, link),
					       rows);
	}
}
