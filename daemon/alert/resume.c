/* resume.c - what was told, and what is on its way, from the store and again to it. */
#include <string.h>

#include "alert/bundle.h"
#include "alert/told.h"
#include "store/row.h"

/* Of messages in one slice, about. */
enum { PACKED_BYTES = 1 << 20 };

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
	if (told_sequence(row) > teller->sequence)
		teller->sequence = told_sequence(row);
}

void teller_take_notification(struct teller *teller, const struct store_row *row, usec_t now)
{
	const char *receiver, *key;
	struct notification *one = told_take_notification(row, &receiver, &key);
	struct bundle *bundle;

	if (!one)
		return;
	bundle = bundle_made(teller, receiver, key);
	if (bundle_find(bundle, one->sequence)) {
		notification_unref(one);
		return;
	}
	if (one->sequence > teller->sequence)
		teller->sequence = one->sequence;
	/* Anew: nobody knows how much of its age is a clock that was set. */
	one->since = one->next_try = now;
	bundle_enqueue(teller, bundle, one);
	teller_plan(teller, bundle);
}

/* Nobody hears later of what ended while he did not want to. */
static void resume_closed(struct teller *teller, struct told *told, struct moment at,
			  struct pack *rows)
{
	const struct receiver *receiver = told->bundle->channel->receiver;

	if (!receiver || !receiver->sends_resolved)
		teller_settle(teller, told, rows);
	else if (told->transition && told->transition < told->incident->notable &&
		 list_is_empty(&told->pending))
		teller_set_pending(teller, told, at.now, rows);
}

/* Reminders count from the message, or from now where the clock is in doubt. */
static void resume_open(struct teller *teller, struct told *told, struct moment at)
{
	struct bundle *bundle = told->bundle;
	const usec_t made = told->message ? told->message->created : at.wall;
	const usec_t ago = at.wall > made ? at.wall - made : 0;

	if (at.now > ago && at.now - ago > bundle->told)
		bundle->told = at.now - ago;
	if (told->transition && bundle->channel->receiver && list_is_empty(&told->member)) {
		list_append(&bundle->members, &told->member);
		told_count(told);
	}
	step_resume(teller, told, at);
	teller_plan(teller, bundle);
}

void teller_resume(struct teller *teller, struct incident *incident, struct moment at,
		   struct pack *rows)
{
	const bool is_open = incident_is_open(incident);

	if (incident->is_held)
		return;
	for (struct told *told = incident->told; told; told = told->next) {
		if (is_open)
			resume_open(teller, told, at);
		else
			resume_closed(teller, told, at, rows);
	}
	if (is_open)
		teller_open(teller, incident, at.now, rows);
}

void teller_pack_told(const struct incident *incident, struct pack *rows)
{
	for (const struct told *told = incident->told; told; told = told->next)
		told_pack(told, rows);
}

bool teller_pack_queued(const struct teller *teller, uint32_t *at, unsigned max, struct pack *rows)
{
	unsigned packed = 0;

	for (; *at < teller->by_number.count; ++*at) {
		const struct bundle *bundle = numbers_thing(&teller->by_number, *at);
		const struct list *head = bundle ? &bundle->queue : NULL;

		if (packed >= max || rows->bytes.len > PACKED_BYTES)
			return false;
		packed++;
		for (const struct list *link = head ? head->after : NULL; link != head;
		     link = link->after, packed++)
			told_pack_notification(LIST_ENTRY(link, const struct notification, link),
					       rows);
	}
	return true;
}
