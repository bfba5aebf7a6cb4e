/* message.h - what a notification says. */
#pragma once

#include "base/clock.h"
#include "model/notification.h"

struct incident;
struct text;

/* The members of an incident object, which stays open for more. */
void message_print_incident(struct text *json, const struct incident *incident, usec_t wall);

enum { MESSAGE_INCIDENTS_MAX = 100 };

/* What a message is made of. */
struct message_parts {
	const char *id, *receiver, *group;
	enum notification_event event;
	usec_t wall;
	const struct incident *const *incidents; /* the first of those it is about */
	unsigned incidents_count; /* at most MESSAGE_INCIDENTS_MAX */
	unsigned news; /* how many it is about */
	unsigned resolved; /* of them */
	unsigned open, critical; /* incidents of the group that are open now */
};

/* The JSON object that picket.yaml(5) describes. */
void message_print(struct text *json, const struct message_parts *parts);
