/* rate.c - how many messages a receiver gets in a minute, and what becomes of the others.
 *
 * Half of `rate` may go out at once, and the rest come evenly: so there are never more in any
 * minute.  A bundle that has to wait gives what was never told to one of its receiver's, in which
 * it is told together from then on, to its end.  What was told by the bundle stays with it and
 * waits, since its messages must come in their order.
 */
#include <string.h>

#include "alert/bundle.h"
#include "alert/told.h"

/* No value of a label makes such a key (bundle.c). */
static const char rest[] = BUNDLE_REST;

static unsigned at_once(const struct receiver *receiver)
{
	return (receiver->rate + 1) / 2;
}

/* From one message to the next, once those are gone. */
static usec_t spacing(const struct receiver *receiver)
{
	const unsigned left = receiver->rate - at_once(receiver) + 1;

	return (USEC_PER_MIN + left - 1) / left;
}

usec_t rate_due(const struct channel *channel)
{
	const struct receiver *receiver = channel->receiver;
	usec_t ahead;

	if (!receiver->rate)
		return 0;
	ahead = (at_once(receiver) - 1) * spacing(receiver);
	return channel->spent_until > ahead ? channel->spent_until - ahead : 0;
}

void rate_take(struct channel *channel, usec_t now)
{
	if (!channel->receiver->rate)
		return;
	if (channel->spent_until < now)
		channel->spent_until = now;
	channel->spent_until += spacing(channel->receiver);
}

/* To the bundle of all that had to wait; at most so many of them. */
static unsigned give_away(struct teller *teller, struct bundle *bundle, usec_t now, unsigned max,
			  struct pack *rows)
{
	struct list *head = &bundle->pending, *next;
	struct bundle *to = NULL;
	unsigned given = 0;

	for (struct list *link = head->after; link != head && given < max; link = next) {
		struct told *told = LIST_ENTRY(link, struct told, pending);

		next = link->after;
		if (told->transition)
			continue;
		if (!to)
			to = bundle_made(teller, bundle->channel->name, rest);
		told_move(told, to);
		teller_set_pending(teller, told, now, rows);
		given++;
	}
	return given;
}

unsigned rate_put_off(struct teller *teller, struct bundle *bundle, usec_t now, unsigned max,
		      struct pack *rows)
{
	unsigned given = 0;

	if (!bundle->is_put_off) {
		bundle->is_put_off = true;
		bundle->channel->limited++;
		teller->limited++;
	}
	if (strcmp(bundle->key, rest) != 0)
		given = give_away(teller, bundle, now, max, rows);
	if (given < max)
		bundle->not_before = rate_due(bundle->channel);
	return given;
}
