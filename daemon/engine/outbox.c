/* outbox.c - messages to receivers: when they are made, and who carries them.
 *
 * Never on the way of a check: what is due is looked at in a turn of its own, and deliveries
 * have places of their own in flight.  A message goes out when it is on the disk, or 2 s later.
 */
#include <stdlib.h>

#include "alert/alert.h"
#include "alert/message.h"
#include "alert/teller.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/memory.h"
#include "config/snapshot.h"
#include "engine/house.h"
#include "loop/child.h"
#include "probe/probe.h"
#include "store/store.h"

/* A message in somebody's hands, and the configuration that says how. */
struct carried {
	struct list link; /* in outbox->carried */
	struct engine *engine; /* borrowed */
	struct notification *notification; /* borrowed; owned where it is a test */
	const struct receiver *receiver; /* borrowed from snapshot */
	struct snapshot *snapshot; /* one reference, owned */
	struct delivery *delivery; /* owned */
	void (*tested)(const struct delivery_result *result, void *context); /* NULL: no test */
	void *context;
};

struct outbox {
	struct event *timer; /* owned */
	struct list carried;
	uint64_t batch; /* of the store, the last that was handed over */
	uint64_t stored; /* how many of them came back */
	bool is_retelling;
	struct children *children; /* owned; programs that tell */
};

enum { RETOLD_A_TURN = 300, CHILDREN_MAX = 16 };

static void pump(evutil_socket_t fd, short what, void *context);

void outbox_init(struct engine *engine)
{
	struct outbox *outbox = MEMORY_NEW(struct outbox);

	list_init(&outbox->carried);
	outbox->timer = evtimer_new(engine->base, pump, engine);
	outbox->children = children_new(engine->base, engine->orphans, CHILDREN_MAX);
	engine->outbox = outbox;
}

static void carried_free(struct carried *carried)
{
	list_remove(&carried->link);
	snapshot_unref(carried->snapshot);
	if (carried->tested)
		notification_unref(carried->notification);
	free(carried);
}

void outbox_done(struct engine *engine)
{
	struct outbox *outbox = engine->outbox;

	list_each (link, &outbox->carried) {
		struct carried *carried = LIST_ENTRY(link, struct carried, link);

		carried->receiver->type->cancel(carried->delivery);
		carried_free(carried);
	}
	children_free(outbox->children);
	event_free(outbox->timer);
	free(TAKE(engine->outbox));
}

/* Sleeps until there is something to make or to carry. */
void outbox_follow(struct engine *engine)
{
	const usec_t next = teller_next(engine->teller), now = clock_now();

	if (!engine->is_ending && engine->outbox->is_retelling)
		engine_arm(engine->outbox->timer, 0);
	else if (engine->is_ending || next == USEC_NEVER)
		(void)event_del(engine->outbox->timer);
	else
		engine_arm(engine->outbox->timer, next > now ? next - now : 0);
}

void outbox_retell(struct engine *engine)
{
	alert_retell(engine->alert);
	engine->outbox->is_retelling = true;
	outbox_follow(engine);
}

static void log_delivery(const struct carried *carried, const struct delivery_result *result,
			 bool is_over)
{
	const struct notification *notification = carried->notification;
	const struct log_field fields[] = {
		{ "PICKET_RECEIVER", carried->receiver->name },
		{ "PICKET_NOTIFICATION", notification->id },
		{ "PICKET_REASON", result->detail },
		{ 0 },
	};

	if (result->outcome == DELIVERY_TAKEN)
		log_event(LOG_INFO, LOG_DELIVERED, fields, "told '%s' (%s)",
			  carried->receiver->name, notification->id);
	else if (is_over)
		log_event(LOG_ERR, LOG_UNDELIVERED, fields,
			  "'%s' could not be told (%s): %s; giving up after %u tries",
			  carried->receiver->name, notification->id, result->detail,
			  notification->tries);
	else
		log_event(notification->tries == 1 ? LOG_WARNING : LOG_INFO, LOG_UNDELIVERED,
			  fields, "'%s' is not told yet (%s): %s; trying again",
			  carried->receiver->name, notification->id, result->detail);
}

static void delivered(const struct delivery_result *result, void *context)
{
	struct carried *carried = context;
	struct engine *engine = carried->engine;
	struct notification *notification = carried->notification;
	const bool is_taken = result->outcome == DELIVERY_TAKEN;

	if (carried->tested) {
		carried->tested(result, carried->context);
		carried_free(carried);
		return;
	}
	status_publish_notification(engine->status, notification, carried->receiver->name, is_taken,
				    result->detail);
	/* Asked before it may be gone. */
	log_delivery(carried, result,
		     !is_taken &&
			     clock_wall() > notification->created + carried->receiver->retry.span);
	(void)teller_done(engine->teller, notification, result, clock_moment(), keep_rows(engine));
	keep_commit(engine);
	carried_free(carried);
	outbox_follow(engine);
}

struct delivery_tools outbox_tools(const struct engine *engine)
{
	return (struct delivery_tools){
		.post = {
			.base = engine->base,
			.connector = engine->tools->connector,
			.transfers = engine->tools->transfers,
			.stores = engine->tools->stores,
		},
		.children = engine->outbox->children,
	};
}

static struct carried *carry(struct engine *engine, struct notification *notification,
			     const struct receiver *receiver)
{
	const struct delivery_tools tools = outbox_tools(engine);
	struct carried *carried = MEMORY_NEW(struct carried);

	carried->engine = engine;
	carried->notification = notification;
	carried->receiver = receiver;
	carried->snapshot = snapshot_ref(engine->snapshot);
	list_append(&engine->outbox->carried, &carried->link);
	carried->delivery =
		receiver->type->start(&tools, receiver, notification, delivered, carried);
	return carried;
}

void outbox_deliver(struct notification *notification, const struct receiver *receiver,
		    void *context)
{
	(void)carry(context, notification, receiver);
}

/* After a start or a reload. */
static void retell(struct engine *engine, struct pack *rows)
{
	engine->outbox->is_retelling =
		!alert_retell_some(engine->alert, RETOLD_A_TURN, clock_moment(), rows);
}

static void stored(int result, void *context)
{
	struct engine *engine = context;

	(void)result;
	teller_stored(engine->teller, ++engine->outbox->stored, clock_now());
	outbox_follow(engine);
}

static void pump(evutil_socket_t fd, short what, void *context)
{
	struct engine *engine = context;
	struct outbox *outbox = engine->outbox;
	struct pack *rows = keep_rows(engine);

	(void)fd;
	(void)what;
	if (outbox->is_retelling)
		retell(engine, rows);
	teller_pump(engine->teller, clock_moment(), outbox->batch + 1, rows);
	if (rows && rows->rows) {
		outbox->batch++;
		keep_commit_then(engine, stored, engine);
	}
	outbox_follow(engine);
}

void *outbox_test(struct engine *engine, const struct receiver *receiver,
		  void (*tested)(const struct delivery_result *result, void *context),
		  void *context)
{
	struct notification *notification = notification_new(NOTIFICATION_TEST);
	struct message_parts parts = {
		.receiver = receiver->name,
		.group = "test",
		.event = NOTIFICATION_TEST,
		.wall = clock_wall(),
	};
	struct text json = { 0 };
	struct carried *carried;

	notification->created = parts.wall;
	notification->id = memory_print("%s/test/%llu", receiver->name,
					(unsigned long long)(parts.wall / USEC_PER_MS));
	parts.id = notification->id;
	message_print(&json, &parts);
	notification->json = text_take(&json);
	carried = carry(engine, notification, receiver);
	carried->tested = tested;
	carried->context = context;
	return carried;
}

void outbox_forget(void *handle)
{
	struct carried *carried = handle;

	carried->receiver->type->cancel(carried->delivery);
	carried_free(carried);
}
