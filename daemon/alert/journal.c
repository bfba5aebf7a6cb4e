/* journal.c - tells by a message in the log, for whoever reads that. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "alert/receiver.h"
#include "base/log.h"
#include "base/memory.h"

struct journal_options {
	int priority;
};

struct delivery {
	struct event *turn; /* owned; done() comes in a turn of its own */
	delivery_done *done;
	void *context;
};

static const struct option_word priorities[] = {
	{ "emerg", LOG_EMERG },	    { "alert", LOG_ALERT },
	{ "crit", LOG_CRIT },	    { "err", LOG_ERR },
	{ "warning", LOG_WARNING }, { "notice", LOG_NOTICE },
	{ "info", LOG_INFO },	    { NULL, 0 },
};

static const struct option journal_options[] = {
	{
		.key = "priority",
		.kind = OPTION_CHOICE,
		.offset = MEMBER(struct journal_options, priority, int),
		.fallback = "warning",
		.words = priorities,
		.about = "How urgent the message is; one that all is well again is a notice.",
		.elsewhere = "level severity",
	},
	OPTION_END,
};

static const struct option_table journal_table = {
	.options = journal_options,
	.size = sizeof(struct journal_options),
	.short_key = "priority",
};

static void turned(evutil_socket_t fd, short what, void *context)
{
	const struct delivery_result result = { .outcome = DELIVERY_TAKEN, .detail = "logged" };
	struct delivery *delivery = context;

	(void)fd;
	(void)what;
	delivery->done(&result, delivery->context);
	event_free(delivery->turn);
	free(delivery);
}

static struct delivery *journal_start(const struct delivery_tools *tools,
				      const struct receiver *receiver,
				      const struct notification *notification, delivery_done *done,
				      void *context)
{
	const struct journal_options *options = receiver->options;
	const struct timeval now = { 0 };
	struct delivery *delivery = MEMORY_NEW(struct delivery);
	json_t *message = json_loads(notification->json, 0, NULL);
	const char *summary = json_string_value(json_object_get(message, "summary"));
	const struct log_field fields[] = {
		{ "PICKET_RECEIVER", receiver->name },
		{ "PICKET_NOTIFICATION", notification->id },
		{ "PICKET_EVENT", notification_event_name(notification->event) },
		{ 0 },
	};

	delivery->done = done;
	delivery->context = context;
	log_event(notification->event == NOTIFICATION_RECOVERY ? LOG_NOTICE : options->priority,
		  LOG_TOLD, fields, "%s", summary ? summary : notification->id);
	json_decref(message);
	delivery->turn = evtimer_new(tools->post.base, turned, delivery);
	(void)evtimer_add(delivery->turn, &now);
	return delivery;
}

static void journal_cancel(struct delivery *delivery)
{
	event_free(delivery->turn);
	free(delivery);
}

const struct receiver_type receiver_journal = {
	.name = "journal",
	.about = "Tells by a message in the log.",
	.table = &journal_table,
	.start = journal_start,
	.cancel = journal_cancel,
};
