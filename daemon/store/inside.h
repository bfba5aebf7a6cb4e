/* inside.h - within store/: what the loop's side (store.c) and the thread's (thread.c) share.
 *
 * One lock guards what both sides see; it is never held while SQLite works.
 */
#pragma once

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "base/list.h"
#include "store/database.h"
#include "store/folder.h"
#include "store/store.h"

enum saying { SAY_OPENED, SAY_ROWS, SAY_LOADED, SAY_DONE, SAY_REFILL, SAY_CONDITION, SAY_NOTICE };

/* Something the thread says. */
struct message {
	struct list link;
	enum saying saying;
	struct pack rows; /* owned */
	enum store_state state;
	char *sentence; /* owned */
};

enum { ROWS_A_TRANSACTION = 1000 };

struct store_batch {
	struct message
		message; /* with SAY_DONE; first, so that the one can be told from the other */
	struct pack rows;
	store_work *work; /* a job, and no rows; or NULL */
	int result;
	void (*done)(int result, void *context);
	void *context;
};

struct store {
	char *folder; /* owned */
	pthread_t thread;
	int wakeup; /* eventfd */
	sem_t work; /* something was submitted or collected, or the end has come */
	sem_t ended; /* the thread has said its last */
	atomic_bool is_ending, has_ended;
	_Atomic usec_t busy_since; /* 0: not writing */
	atomic_uint_fast64_t written, skipped;

	pthread_mutex_t lock; /* what follows: */
	struct list waiting; /* of batches */
	size_t waiting_rows, waiting_bytes;
	size_t waiting_weight; /* of their store_batch_weight() */
	size_t taken_rows; /* in the thread's hands */
	bool has_taken; /* something is, be it a job that has none */
	bool is_behind; /* something was given up: a refill is due */
	uint64_t given_up;
	struct list said; /* of messages */
	unsigned chunks; /* SAY_ROWS among them */

	/* The thread's. */
	struct folder home;
	struct database *database; /* owned; NULL: not open */
	bool is_loaded;
	char *path; /* owned; of the file that is open, or was to be */
	char *fault; /* owned; the last */
	char *noticed; /* owned; the last sentence */

	/* The loop's. */
	struct store_listener listener;
	struct store_condition condition;
};

/* What a batch counts in the bound of rows: one thought that is large is no sign of a disk that
 * stands still, and must not throw away itself and what waits.
 */
static inline size_t store_batch_weight(const struct store_batch *batch)
{
	return batch->rows.rows < ROWS_A_TRANSACTION ? batch->rows.rows : ROWS_A_TRANSACTION;
}

/* Not one that is a batch's. */
void store_message_free(struct message *message);
/* What the thread does from its first to its last moment; `context` is the store. */
void *store_run(void *context);
/* One job, from its transaction's begin to its end; fills in `result` of the batch. */
enum database_result store_session_run(struct store *store, struct store_batch *batch);
