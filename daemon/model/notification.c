/* notification.c - the words for notifications. */
#include <stdlib.h>
#include <string.h>

#include "model/notification.h"

static const char *const events[NOTIFICATION_EVENTS] = {
	[NOTIFICATION_PROBLEM] = "problem",   [NOTIFICATION_UPDATE] = "update",
	[NOTIFICATION_REMINDER] = "reminder", [NOTIFICATION_RECOVERY] = "recovery",
	[NOTIFICATION_TEST] = "test",
};

static const char *const states[] = {
	[NOTIFICATION_QUEUED] = "queued",
	[NOTIFICATION_SENT] = "sent",
	[NOTIFICATION_FAILED] = "failed",
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

void notification_free(struct notification *notification)
{
	list_remove(&notification->link);
	free(notification->id);
	free(notification->json);
	free(notification);
}
