/* receivers.h - within config/: who is told, and the keys of that. */
#pragma once

#include "config/loader.h"
#include "config/origin.h"
#include "model/receiver.h"

enum { RECEIVER_TYPES_MAX = 8 };

/* A receiver while it is read; the table sets this. */
struct receiver_draft {
	struct receiver receiver;
	const void *options[RECEIVER_TYPES_MAX]; /* by the number of the type; NULL: none */
};

/* One of a snapshot's. */
struct snapshot_receiver {
	struct receiver_draft draft;
	struct origins origins;
	const struct value *value; /* as long as the files are read */
};

/* The keys of a receiver. */
struct option_table receivers_table(struct arena *arena);

/* One more; complains where it cannot be. */
void receivers_add(struct loader *loader, const struct value *key);
/* All of them into the snapshot. */
void receivers_place(struct loader *loader);
/* Complains of names in `notify:` that are no receiver's. */
void receivers_check(struct loader *loader, const char *const *names,
		     const struct option_places *places);
