/* notification.c - the words for notifications. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/notification.h"

static const char *const events[NOTIFICATION_EVENTS] = {
	[NOTIFICATION_PROBLEM] = "problem",   [NOTIFICATION_UPDATE] = "update",
	[NOTIFICATION_REMINDER] = "reminder", [NOTIFICATION_ESCALATION] = "escalation",
	[NOTIFICATION_RECOVERY] = "recovery", [NOTIFICATION_TEST] = "test",
};

static const char *const states[NOTIFICATION_STATES] = {
	[NOTIFICATION_QUEUED] = "queued",
	[NOTIFICATION_SENT] = "sent",
	[NOTIFICATION_GIVEN_UP] = "given_up",
	[NOTIFICATION_DROPPED] = "dropped",
};

const char *notification_event_name(enum notification_event event)
{
	return events[event];
}

enum notification_event notification_event_find(const char *name)
{
	enum notification_event event = 0;

	while (event < NOTIFICATION_EVENTS && strcmp(events[event], name) != 0)
		event++;
	return event;
}

const char *notification_state_name(enum notification_state state)
{
	return states[state];
}

enum notification_state notification_state_find(const char *name)
{
	enum notification_state state = 0;

	while (state < NOTIFICATION_STATES && strcmp(states[state], name) != 0)
		state++;
	return state;
}

struct notification *notification_new(enum notification_event event)
{
	struct notification *notification = MEMORY_NEW(struct notification);

	notification->references = 1;
	notification->event = event;
	list_init(&notification->link);
	list_init(&notification->unstored);
	return notification;
}

struct notification *notification_ref(struct notification *notification)
{
	notification->references++;
	return notification;
}

void notification_unref(struct notification *notification)
{
	if (--notification->references > 0)
		return;
	list_remove(&notification->link);
	list_remove(&notification->unstored);
	free(notification->id);
	free(notification->json);
	free(notification);
}
