/* told.c - what one receiver knows of one incident, and rows of it. */
#include <stdlib.h>

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
	FAILED,
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
	list_init(&told->pending);
	list_init(&told->member);
	return told;
}

void told_free_all(struct incident *incident)
{
	while (incident->told) {
		struct told *told = incident->told;

		incident->told = told->next;
		list_remove(&told->pending);
		list_remove(&told->member);
		free(told);
	}
}

void told_pack(const struct told *told, struct pack *rows)
{
	pack_begin(rows, STORE_PUT_TOLD);
	pack_text(rows, told->incident->id);
	pack_text(rows, told->bundle->channel->name);
	pack_text(rows, told->bundle->key);
	pack_number(rows, told->transition);
	pack_number(rows, (int64_t)told->sequence);
	pack_text(rows, notification_event_name(told->event));
	pack_number(rows, (int64_t)told->at);
	pack_number(rows, told->has_failed);
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

void told_pack_failed(const struct notification *notification, struct pack *rows)
{
	pack_begin(rows, STORE_FAIL_TOLD);
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

void told_take(struct told *told, const struct store_row *row)
{
	told->transition = (unsigned)number_of(row, TRANSITION);
	told->sequence = number_of(row, SEQUENCE);
	told->event = event_of(row, EVENT);
	told->at = number_of(row, AT);
	told->has_failed = number_of(row, FAILED) > 0;
}

struct notification *told_take_notification(const struct store_row *row, const char **ret_receiver,
					    const char **ret_key)
{
	struct notification *one;

	if (row->count != QUEUED_COLUMNS || !text_of(row, QUEUED_ID) ||
	    !text_of(row, QUEUED_RECEIVER) || !text_of(row, QUEUED_GROUP) ||
	    !text_of(row, QUEUED_BODY))
		return NULL;
	one = MEMORY_NEW(struct notification);
	list_init(&one->link);
	one->id = memory_text(text_of(row, QUEUED_ID));
	one->sequence = number_of(row, QUEUED_SEQUENCE);
	one->event = event_of(row, QUEUED_EVENT);
	one->json = memory_text(text_of(row, QUEUED_BODY));
	one->created = number_of(row, QUEUED_CREATED);
	*ret_receiver = text_of(row, QUEUED_RECEIVER);
	*ret_key = text_of(row, QUEUED_GROUP);
	return one;
}
