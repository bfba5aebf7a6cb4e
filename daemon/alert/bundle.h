/* bundle.h - within alert/: what a teller keeps, and the bundles of it. */
#pragma once

#include "alert/teller.h"

struct heap;
struct map;

struct teller {
	teller_deliver *deliver;
	void *context;
	struct map *channels; /* owned; by name */
	struct map *bundles; /* owned; by "RECEIVER/KEY" */
	struct bundle **by_number; /* owned, and each of them */
	uint32_t bundles_count, bundles_room;
	struct heap *due; /* owned; of bundles' numbers */
	uint64_t stored; /* batches up to this are on the disk */
	unsigned queued;
	uint64_t sent, failed;
};

/* The bundle of that receiver and key, made where there is none yet. */
struct bundle *bundle_made(struct teller *teller, const char *receiver, const char *key);
void bundle_free(struct bundle *bundle);
/* What an incident has of what the receiver groups by; malloc'ed. */
char *bundle_key(const struct incident *incident, const struct receiver *receiver);
/* One message more in the bundle's queue. */
void bundle_enqueue(struct teller *teller, struct bundle *bundle, struct notification *one);

/* compose.c: makes a message of what is pending, or a reminder of all that is open. */
void bundle_tell(struct teller *teller, struct bundle *bundle, bool is_reminder, struct moment at,
		 uint64_t batch, struct pack *rows);

/* teller.c: when the bundle is to be looked at next. */
void teller_plan(struct teller *teller, struct bundle *bundle);
/* This is to be told. */
void teller_set_pending(struct teller *teller, struct told *told, usec_t now);
/* To all that are named in `notify` and do not know it. */
void teller_open(struct teller *teller, struct incident *incident, usec_t now);
