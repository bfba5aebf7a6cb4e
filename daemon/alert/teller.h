/* teller.h - from incidents to notifications: who is told, what goes together, and when.
 *
 *   incident --> told (one for each receiver) --> bundle (what goes together) --> queue --> delivery
 *
 * A bundle is what one receiver is told together: incidents of equal `group_by`.  The first of
 * them waits `group_wait` for others; later ones are told `group_interval` after the last
 * message at the earliest; and while something is open and nobody has acknowledged it, it is told
 * again every `repeat`.  What has recovered before it was told is not told at all; what was told
 * is told to be over.  The messages of a bundle are delivered one after the other, each until
 * it is taken, or until `retry` is over.  What ended while the receiver did not want to hear of
 * it, or was not there, is not told later either.  An incident that is held is not told, reminded
 * of or counted until it no longer is.  Who else is told after some time is step.c's.
 *
 * Where a message tells of many incidents, that they are told by it is noted in slices; it goes
 * out behind the last of them.  Nothing here takes more than some hundred steps in one turn.
 *
 * Time is an argument.  What must survive is added to `rows` (NULL: nothing is kept): a message
 * and what it tells are one batch.  Loop thread only; nothing fails.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert/receiver.h"
#include "base/list.h"

struct pack;
struct store_row;
struct teller;

enum {
	TELLER_QUEUE_MAX = 100, /* messages of one bundle; beyond it what is new waits */
	TELLER_IN_FLIGHT_MAX = 4, /* deliveries to one receiver: one that hangs holds up no other */
	TELLER_PUMPED_MAX = 64, /* bundles a turn */
	TELLER_STEPS_MAX = 400, /* a turn: each incident that is shown or noted is one */
};

/* A receiver by its name, over reloads. */
struct channel {
	char *name; /* owned */
	const struct receiver
		*receiver; /* borrowed from the snapshot; NULL: not configured any more */
	unsigned in_flight;
	uint64_t sent, failed; /* messages since the start: taken, and given up */
	uint64_t limited; /* that had to wait because of `rate` */
	usec_t spent_until; /* monotonic: the place in time of the next message (rate.c) */
	struct list starved; /* of bundle->waiting: their message waits for a place in flight */
};

/* What is counted in a bundle. */
enum told_count {
	TOLD_OPEN,
	TOLD_CRITICAL, /* of these */
	TOLD_REMINDED, /* open, told, and acknowledged by nobody */
	TOLD_PENDING,
	TOLD_OVER, /* of these */
	TOLD_FIRST, /* open ones among these that were never told */
	TOLD_ESCALATED, /* of these, by an escalation */
	TOLD_COUNTS,
};

struct bundle {
	struct channel *channel; /* borrowed */
	char *name; /* owned; "RECEIVER/KEY" */
	char *key; /* owned; the group's part of the id */
	char *prefix; /* owned; of the id, as far as the sequence: "ops/web/" */
	uint32_t number;
	struct list pending; /* of told->pending: not in a message yet */
	struct list members; /* of told->member: open, or pending */
	struct list queue; /* of notification->link */
	unsigned queued;
	unsigned users; /* told that are in it; it is freed when nothing is left of it */
	unsigned counts[TOLD_COUNTS];
	uint32_t round; /* one more with each message; what is pending of an older one is news */
	struct notification
		*noting; /* one reference, owned; made, and not in the queue yet; or NULL */
	struct list news; /* of told->pending: told by that, and not noted yet */
	usec_t told; /* monotonic: when the last message was made; 0: never */
	usec_t due; /* monotonic: when what is pending goes out */
	usec_t not_before; /* monotonic: the receiver was told so much that this one waits */
	bool is_put_off; /* and that was counted */
	struct list waiting; /* in channel->starved, or in the teller's called */
	bool has_place; /* in flight, for the first of its queue */
};

/* Why somebody is told of an incident at all. */
enum told_by {
	TOLD_BY_NOTIFY,
	TOLD_BY_ESCALATION, /* of another receiver, which has not acknowledged it */
	TOLD_BY_FALLBACK, /* of another, which has not taken it */
	TOLD_BYS,
};

#define TOLD_NO_NUMBER UINT32_MAX

/* That one receiver knows of one incident; incident->told. */
struct told {
	struct incident *incident; /* borrowed */
	struct bundle *bundle; /* borrowed */
	struct told *next; /* owned; of another receiver */
	struct list pending, member;
	unsigned transition; /* that was told, or need not be told any more; 0: none */
	unsigned wanted; /* that is pending */
	uint32_t round; /* of its bundle, in which it came to be pending */
	unsigned counted; /* bits of enum told_count: as what it is counted in its bundle */
	struct notification *message; /* one reference, owned; the last that told it; or NULL */
	enum told_by by;
	usec_t first_wall; /* when it was told first; 0: not yet */
	/* The same by the monotonic clock, perhaps of before the boot, and when the first message was
	 * made of those that are not taken; 0: not known (step.c).
	 */
	int64_t first, untaken_since;
	unsigned steps; /* of the receiver's `escalate`: so many were taken */
	bool is_passed_on; /* to the receiver's `fallback` */
	uint32_t number; /* in teller->stepping; TOLD_NO_NUMBER: no step will come */
};

/* A message goes out: `told` is to call teller_done() later.  Runs within teller_pump(). */
typedef void teller_deliver(struct notification *notification, const struct receiver *receiver,
			    void *context);

struct teller *teller_new(teller_deliver *deliver, void *context);
void teller_free(struct teller *teller);

/* The receivers of a new configuration, NULL-terminated; borrowed until the next. */
void teller_configure(struct teller *teller, const struct receiver *const *receivers);
const struct receiver *teller_receiver(const struct teller *teller, const char *name);

/* Something happened to an incident; `notable` says whether it is news. */
void teller_follow(struct teller *teller, struct incident *incident, enum incident_move move,
		   struct moment at, struct pack *rows);
/* Whether nobody is to be told of it any more. */
bool teller_is_settled(const struct incident *incident);
/* Whether this receiver was told of it. */
bool teller_has_told(const struct incident *incident, const char *receiver);
/* From now on nobody is told of the incident, or is again: of what is true then.  Messages that
 * are made already are delivered.
 */
void teller_hold(struct teller *teller, struct incident *incident, bool is_held, struct moment at,
		 struct pack *rows);
/* Whether somebody who knows of an incident that is over has yet to be told of its end. */
bool teller_owes(const struct incident *incident);
/* The incident is about to be freed. */
void teller_forget(struct teller *teller, struct incident *incident, struct pack *rows);

/* Makes messages of what is due, and delivers what waits.  `batch` is the number of the store's
 * batch that `rows` will be handed over in.
 */
void teller_pump(struct teller *teller, struct moment at, uint64_t batch, struct pack *rows);
/* When it has something to do next (monotonic); USEC_NEVER: nothing. */
usec_t teller_next(const struct teller *teller);
/* All batches up to this number are on the disk, or were given up. */
void teller_stored(struct teller *teller, uint64_t batch, usec_t now);
/* What became of a delivery.  True if that was the end of the notification, which then may be gone. */
bool teller_done(struct teller *teller, struct notification *notification,
		 const struct delivery_result *result, struct moment at, struct pack *rows);

/* Rows of STORE_READ_NOTIFICATIONS and then of STORE_READ_TOLD, after those of incidents. */
void teller_take_told(struct teller *teller, struct incident *incident,
		      const struct store_row *row);
void teller_take_notification(struct teller *teller, const struct store_row *row, usec_t now);
/* What an incident of before the restart, or of another configuration, has left to tell. */
void teller_resume(struct teller *teller, struct incident *incident, struct moment at,
		   struct pack *rows);
/* All that is known of an incident, after the store lost it. */
void teller_pack_told(const struct incident *incident, struct pack *rows);
/* And all that is queued, a slice of at most `max` messages from bundle *at; true at the end. */
bool teller_pack_queued(const struct teller *teller, uint32_t *at, unsigned max, struct pack *rows);

struct teller_counts {
	unsigned queued;
	uint64_t sent, failed, limited;
};
struct teller_counts teller_count(const struct teller *teller);
/* How many bundles it keeps. */
unsigned teller_bundles(const struct teller *teller);
/* Each receiver there was since the start, in no order: start with *at = 0; NULL at the end. */
const struct channel *teller_next_channel(const struct teller *teller, size_t *at);
