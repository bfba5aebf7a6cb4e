/* told.c - what one receiver knows of one incident, and rows of it. */
#include <stdlib.h>
#include <string.h>

#include "alert/bundle.h"
#include "alert/told.h"
#include "base/memory.h"
#include "store/row.h"
#include "store/schema.h"

/* The columns, in the order of statements.inc. */
enum told_column {
	INCIDENT,
	RECEIVER,
	GROUP,
	TRANSITION,
	SEQUENCE,
	EVENT,
	AT,
	TOLD_STATE,
	FIRST_AT,
	BY,
	TOLD_COLUMNS
};
enum queued_column {
	QUEUED_ID,
	QUEUED_RECEIVER,
	QUEUED_GROUP,
	QUEUED_SEQUENCE,
	QUEUED_EVENT,
	QUEUED_CREATED,
	QUEUED_BODY,
	QUEUED_COLUMNS,
};

struct told *told_new(struct incident *incident, struct bundle *bundle)
{
	struct told *told = MEMORY_NEW(struct told);

	told->incident = incident;
	told->bundle = bundle;
	told->next = incident->told;
	incident->told = told;
	bundle->users++;
	list_init(&told->pending);
	list_init(&told->member);
	told->number = TOLD_NO_NUMBER;
	return told;
}

void told_free(struct teller *teller, struct told *told)
{
	struct told **place = &told->incident->told;

	while (*place != told)
		place = &(*place)->next;
	*place = told->next;
	step_forget(teller, told);
	told_leave(told);
	told_set_message(told, NULL);
	told->bundle->users--;
	free(told);
}

bool told_is_news(const struct told *told)
{
	return told->round != told->bundle->round && !list_is_empty(&told->pending);
}

static unsigned bits_of(const struct told *told)
{
	const struct incident *incident = told->incident;
	const bool is_pending = !list_is_empty(&told->pending);
	const bool is_open = incident_is_open(incident);
	const bool is_member = !list_is_empty(&told->member) && !incident->is_held;
	unsigned bits = 0;

	if (is_member && is_open)
		bits |= 1u << TOLD_OPEN;
	if (is_member && is_open && incident->severity == SEVERITY_CRITICAL)
		bits |= 1u << TOLD_CRITICAL;
	if (is_member && is_open && told->transition && !incident->acknowledged.at)
		bits |= 1u << TOLD_REMINDED;
	if (is_pending && !told_is_news(told))
		bits |= 1u << TOLD_PENDING | (is_open ? 0 : 1u << TOLD_OVER) |
			(is_open && !told->transition ? 1u << TOLD_FIRST : 0) |
			(is_open && !told->transition && told->by == TOLD_BY_ESCALATION
				 ? 1u << TOLD_ESCALATED
				 : 0);
	return bits;
}

void told_count(struct told *told)
{
	const unsigned bits = bits_of(told);
	unsigned changed;

	/* The message that was made took what was pending off all at once. */
	if (told->round != told->bundle->round)
		told->counted &= ~(1u << TOLD_PENDING | 1u << TOLD_OVER | 1u << TOLD_FIRST |
				   1u << TOLD_ESCALATED);
	changed = bits ^ told->counted;
	for (unsigned i = 0; changed >> i; i++)
		if (changed >> i & 1)
			told->bundle->counts[i] += bits >> i & 1 ? 1u : -1u;
	told->counted = bits;
}

void told_leave(struct told *told)
{
	list_remove(&told->pending);
	list_remove(&told->member);
	told_count(told);
}

void told_move(struct told *told, struct bundle *bundle)
{
	told_leave(told);
	told->bundle->users--;
	told->bundle = bundle;
	told->round = bundle->round;
	bundle->users++;
}

void told_set_message(struct told *told, struct notification *message)
{
	if (message)
		(void)notification_ref(message);
	if (told->message)
		notification_unref(told->message);
	told->message = message;
}

static const char *const bys[TOLD_BYS] = {
	[TOLD_BY_NOTIFY] = "notify",
	[TOLD_BY_ESCALATION] = "escalation",
	[TOLD_BY_FALLBACK] = "fallback",
};

void told_pack(const struct told *told, struct pack *rows)
{
	const struct notification *message = told->message;

	if (!message)
		return;
	pack_begin(rows, STORE_PUT_TOLD);
	pack_text(rows, told->incident->id);
	pack_text(rows, told->bundle->channel->name);
	pack_text(rows, told->bundle->key);
	pack_number(rows, told->transition);
	pack_number(rows, (int64_t)message->sequence);
	pack_text(rows, notification_event_name(message->event));
	pack_number(rows, (int64_t)message->created);
	pack_text(rows, notification_state_name(message->state));
	pack_number(rows, (int64_t)told->first_wall);
	pack_text(rows, bys[told->by]);
}

void told_pack_drop(const struct incident *incident, struct pack *rows)
{
	pack_begin(rows, STORE_DROP_TOLD);
	pack_text(rows, incident->id);
}

void told_pack_notification(const struct notification *notification, struct pack *rows)
{
	pack_begin(rows, STORE_PUT_NOTIFICATION);
	pack_text(rows, notification->id);
	pack_text(rows, notification->bundle->channel->name);
	pack_text(rows, notification->bundle->key);
	pack_number(rows, (int64_t)notification->sequence);
	pack_text(rows, notification_event_name(notification->event));
	pack_number(rows, (int64_t)notification->created);
	pack_text(rows, notification->json);
}

void told_pack_drop_notification(const char *id, struct pack *rows)
{
	pack_begin(rows, STORE_DROP_NOTIFICATION);
	pack_text(rows, id);
}

void told_pack_state(const struct notification *notification, struct pack *rows)
{
	pack_begin(rows, STORE_STATE_TOLD);
	pack_text(rows, notification_state_name(notification->state));
	pack_text(rows, notification->bundle->channel->name);
	pack_text(rows, notification->bundle->key);
	pack_number(rows, (int64_t)notification->sequence);
}

static const char *text_of(const struct store_row *row, unsigned column)
{
	return row->values[column].kind == STORE_TEXT ? row->values[column].data : NULL;
}

static uint64_t number_of(const struct store_row *row, unsigned column)
{
	const struct store_value *value = &row->values[column];

	return value->kind == STORE_NUMBER && value->number > 0 ? (uint64_t)value->number : 0;
}

static enum notification_event event_of(const struct store_row *row, unsigned column)
{
	const char *name = text_of(row, column);
	const enum notification_event event =
		name ? notification_event_find(name) : NOTIFICATION_EVENTS;

	return event == NOTIFICATION_EVENTS ? NOTIFICATION_PROBLEM : event;
}

bool told_is_sound(const struct store_row *row, const char **ret_receiver, const char **ret_key)
{
	if (row->count != TOLD_COLUMNS || !text_of(row, RECEIVER) || !text_of(row, GROUP))
		return false;
	*ret_receiver = text_of(row, RECEIVER);
	*ret_key = text_of(row, GROUP);
	return true;
}

const char *told_incident(const struct store_row *row)
{
	const char *id = row->count == TOLD_COLUMNS ? text_of(row, INCIDENT) : NULL;

	return id ? id : "";
}

uint64_t told_sequence(const struct store_row *row)
{
	return number_of(row, SEQUENCE);
}

static enum notification_state state_of(const struct store_row *row, unsigned column)
{
	const char *name = text_of(row, column);
	const enum notification_state state =
		name ? notification_state_find(name) : NOTIFICATION_STATES;

	return state == NOTIFICATION_STATES ? NOTIFICATION_SENT : state;
}

static enum told_by by_of(const struct store_row *row, unsigned column)
{
	const char *name = text_of(row, column);

	for (enum told_by by = 0; name && by < TOLD_BYS; by++)
		if (strcmp(bys[by], name) == 0)
			return by;
	return TOLD_BY_NOTIFY;
}

void told_take(struct told *told, const struct store_row *row)
{
	struct notification *message = bundle_find(told->bundle, told_sequence(row));
	const enum notification_state state = state_of(row, TOLD_STATE);

	told->transition = (unsigned)number_of(row, TRANSITION);
	told->first_wall = number_of(row, FIRST_AT);
	told->by = by_of(row, BY);
	if (message) {
		told_set_message(told, message);
		return;
	}
	/* It was noted of some, and the end came before the message was whole: nobody got it.  What
	 * is over would not be told if its beginning had not been.
	 */
	if (state == NOTIFICATION_QUEUED) {
		told->transition = incident_is_open(told->incident) ? 0 : 1;
		return;
	}
	message = notification_new(event_of(row, EVENT));
	message->sequence = told_sequence(row);
	message->id =
		memory_print("%s%llu", told->bundle->prefix, (unsigned long long)message->sequence);
	message->created = number_of(row, AT);
	message->state = state;
	told_set_message(told, message);
	notification_unref(message);
}

struct notification *told_take_notification(const struct store_row *row, const char **ret_receiver,
					    const char **ret_key)
{
	struct notification *one;

	if (row->count != QUEUED_COLUMNS || !text_of(row, QUEUED_ID) ||
	    !text_of(row, QUEUED_RECEIVER) || !text_of(row, QUEUED_GROUP) ||
	    !text_of(row, QUEUED_BODY))
		return NULL;
	one = notification_new(event_of(row, QUEUED_EVENT));
	one->id = memory_text(text_of(row, QUEUED_ID));
	one->sequence = number_of(row, QUEUED_SEQUENCE);
	one->json = memory_text(text_of(row, QUEUED_BODY));
	one->created = number_of(row, QUEUED_CREATED);
	*ret_receiver = text_of(row, QUEUED_RECEIVER);
	*ret_key = text_of(row, QUEUED_GROUP);
	return one;
}
