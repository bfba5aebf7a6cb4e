/* bundle.h - within alert/: what a teller keeps, and the bundles of it. */
#pragma once

#include "alert/teller.h"
#include "base/numbers.h"

struct heap;
struct map;

/* The key of what a receiver is told together since it was too much. */
#define BUNDLE_REST "+rest"

struct teller {
	teller_deliver *deliver;
	void *context;
	struct map *channels; /* owned; by name */
	struct map *bundles; /* owned; by name */
	struct numbers by_number; /* of bundles, which are owned */
	struct heap *due; /* owned; of bundles' numbers */
	struct numbers stepping; /* of told that have a step to come */
	struct heap *steps; /* owned; of their numbers, by when it comes */
	struct list called; /* of bundle->waiting: they have a place in flight now */
	struct list unstored; /* of notification->unstored, in the order of batches */
	uint64_t stored; /* batches up to this are on the disk */
	uint64_t sequence; /* of the last message */
	unsigned queued;
	uint64_t sent, failed, limited;
};

/* The bundle of that receiver and key, made where there is none yet. */
struct bundle *bundle_made(struct teller *teller, const char *receiver, const char *key);
void bundle_free(struct bundle *bundle);
/* Frees it where nothing is left of it; whether it did. */
bool bundle_release(struct teller *teller, struct bundle *bundle);
/* Its message with that sequence, or NULL. */
struct notification *bundle_find(const struct bundle *bundle, uint64_t sequence);
/* What an incident has of what the receiver groups by; malloc'ed. */
char *bundle_key(const struct incident *incident, const struct receiver *receiver);
/* One message more in the bundle's queue. */
void bundle_enqueue(struct teller *teller, struct bundle *bundle, struct notification *one);

/* compose.c: makes a message of what is pending, or a reminder of all that is open; how many
 * incidents it shows.
 */
unsigned bundle_tell(struct teller *teller, struct bundle *bundle, bool is_reminder,
		     struct moment at, struct pack *rows);
/* Notes of at most `max` incidents that they are told by the message that was made, and queues
 * it behind the last; how many it noted.
 */
unsigned bundle_note(struct teller *teller, struct bundle *bundle, unsigned max, usec_t now,
		     uint64_t batch, struct pack *rows);
/* One of these now, since something happens to it. */
void bundle_note_one(struct teller *teller, struct told *told, struct pack *rows);

/* deliver.c: when the first of its queue goes out, and that it does. */
usec_t bundle_delivery_due(const struct teller *teller, const struct bundle *bundle);
void bundle_deliver(struct teller *teller, struct bundle *bundle, usec_t now);
/* Those that have waited for a place, and have one now. */
void teller_deliver_called(struct teller *teller, usec_t now);
/* Nobody is there any more who could be told. */
void bundle_drop(struct teller *teller, struct bundle *bundle, struct pack *rows);

/* teller.c: when the bundle is to be looked at next. */
void teller_plan(struct teller *teller, struct bundle *bundle);
/* This is to be told. */
void teller_set_pending(struct teller *teller, struct told *told, usec_t now, struct pack *rows);
/* This is not, and not later either: it is as if it had been. */
void teller_settle(struct teller *teller, struct told *told, struct pack *rows);
/* To that receiver, unless it knows it, has it held, or does not want to hear of it. */
void teller_tell(struct teller *teller, struct incident *incident, const struct channel *channel,
		 enum told_by by, usec_t now, struct pack *rows);
/* To all that are named in `notify`, or were told all the same, and do not know it. */
void teller_open(struct teller *teller, struct incident *incident, usec_t now, struct pack *rows);

/* rate.c: when the receiver may have one message more (0: now), and that it has it. */
usec_t rate_due(const struct channel *channel);
void rate_take(struct channel *channel, usec_t now);
/* It may not: what is pending waits, and at most `max` of what was never told go elsewhere; how
 * many went.
 */
unsigned rate_put_off(struct teller *teller, struct bundle *bundle, usec_t now, unsigned max,
		      struct pack *rows);

/* step.c: who else is told, and when.  Whatever it depends on may be another now. */
void step_plan(struct teller *teller, struct told *told);
void step_forget(struct teller *teller, struct told *told);
/* This message is about to be noted. */
void step_note(struct told *told, const struct notification *message);
/* After a restart, or with other receivers. */
void step_resume(struct teller *teller, struct told *told, struct moment at);
/* Somebody knows of it: whoever was to be told only since nobody did is not. */
void step_stop(struct teller *teller, struct incident *incident, struct pack *rows);
/* When the next step is due; USEC_NEVER: none is. */
usec_t step_next(const struct teller *teller);
/* Takes at most `max` steps that are due; how many there were. */
unsigned step_pump(struct teller *teller, struct moment at, unsigned max, struct pack *rows);
