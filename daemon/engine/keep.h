/* keep.h - within engine/: what keep.c, which writes, and keep_load.c, which reads, share. */
#pragma once

#include "engine/house.h"
#include "store/store.h"

struct keep {
	struct store *store; /* owned */
	struct event *wake, *sweep; /* owned */
	bool is_opened, is_loaded;
	bool has_failed; /* people were told, and want to know when it works again */
	usec_t anchor; /* of the schedule's grid, from the run before; 0: none */
	usec_t alive_wall; /* the last sign of life of the run before */
	uint64_t events_from; /* no event had this number or a later one */
	uint64_t events_until; /* these are spoken for */
	uint32_t at; /* the sweep has come so far */
	bool is_refilling; /* incidents and messages are, before watches */
	bool is_filling; /* everything is written, as fast as the disk takes it */
	/* At the end: what was to be written is handed over, or all of it has been. */
	bool is_flushing, is_filled, is_flushed;
	struct store_batch
		*gathered; /* owned; what belongs together, until keep_commit(); or NULL */
	struct pack gone; /* rows that drop what is over, such as endpoints nobody watches */
};

/* When watches that changed little are written, and the sign of life. */
#define KEEP_SWEEP_EVERY (10 * USEC_PER_SEC)

/* keep.c */
void keep_submit(struct keep *keep, struct store_batch *batch);
void keep_add_meta(struct engine *engine, struct store_batch *batch);
void keep_pack_drop(struct pack *rows, enum store_write statement, const char *name);
/* The file has nothing of it: all is written again. */
void keep_refill(struct engine *engine);
void keep_on_sweep(evutil_socket_t fd, short what, void *engine);
