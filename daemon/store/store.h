/* store.h - what survives a restart: a SQLite file, on a thread of its own.
 *
 *   loop --store_submit--> [waiting] --> thread: one transaction --> [said] --store_collect--> loop
 *
 * A batch is written whole or not at all, after those before it.  What comes within
 * 20 ms, or up to 1,000 rows, is one transaction, synced to the disk once.  The loop never waits for
 * the disk: while the file cannot be opened or written, batches wait in memory up to a bound and
 * the thread tries again, 1 s later at first and 30 s at last.  Beyond the bound all that
 * waits is given up and counted, and once the file works `refill` asks for everything
 * again; so does it when a broken file was set aside for a new one, or the file was removed.
 *
 * What is in the file is read once, when it first opens: `opened` with the rows of META,
 * then `row` for each other row, in the order of statements.inc, then `loaded`.
 *
 * The store knows no meaning of a row.  It logs nothing: what people should know goes to `noticed`.
 * All functions are the loop thread's.  Source: measured, see database.h for SQLite's own.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "store/row.h"
#include "store/schema.h"

struct store;
struct store_batch;
struct store_session;

enum store_state {
	STORE_OPENING, /* not yet opened for the first time */
	STORE_OK,
	STORE_FAILING,
	STORE_BUSY, /* another process has the folder */
};

struct store_condition {
	enum store_state state;
	char *fault; /* owned; why it fails, or NULL */
	bool is_slow; /* what is being written has taken longer than 2 s */
	size_t waiting; /* rows that are not written yet */
	uint64_t written, lost; /* rows */
};

/* All run within store_collect(). */
struct store_listener {
	void (*opened)(const struct pack *meta, void *context);
	void (*row)(const struct store_row *row, void *context);
	void (*loaded)(void *context);
	void (*refill)(void *context);
	void (*changed)(void *context); /* the condition's state or fault */
	void (*noticed)(const char *sentence, void *context);
	void *context;
};

/* Starts the thread, which opens the file in `folder`.  NULL where no thread or descriptor is left. */
struct store *store_new(const char *folder, const struct store_listener *listener);
/* What waits is written if the file takes it, and the thread ends. */
void store_end(struct store *store);
/* Nothing waits, or nothing of it can be written. */
bool store_is_idle(struct store *store);
/* Waits for the thread until `by` (monotonic); false where it was left behind then, with what it
 * holds, for the process to end.  Callers of batches that are not written hear nothing more.
 */
bool store_free(struct store *store, usec_t by);

/* Readable when store_collect() has something. */
int store_wake_fd(const struct store *store);
/* Takes in one thing that the thread has said; whether there was one. */
bool store_collect(struct store *store);
/* As of now; borrowed until the next call. */
const struct store_condition *store_condition(struct store *store);
const char *store_state_name(enum store_state state);

/* Rows to be written together: store_batch_rows() is filled with pack_begin() and so on. */
struct store_batch *store_batch_new(void);
void store_batch_free(struct store_batch *batch);
struct pack *store_batch_rows(struct store_batch *batch);
/* Takes the batch.  `done` (or NULL) runs once: 0 when it is on the disk, -ENOSPC when it was
 * given up.
 */
void store_submit(struct store *store, struct store_batch *batch,
		  void (*done)(int result, void *context), void *context);

/* --- Jobs: what is read and made anew later, on the store's thread ---------------------------- */

/* Runs on the thread, in one transaction that counts only where 0 is returned.  What a
 * failing session returns is returned at once.
 */
typedef int store_work(struct store_session *session, void *context);

/* Rows of STORE_ASK_…: `question` is one row.  `take` says whether to go on.  0, or -EIO where
 * the file fails.
 */
int store_session_ask(struct store_session *session, const struct pack *question,
		      bool (*take)(const struct store_row *row, void *context), void *context);
int store_session_put(struct store_session *session, const struct pack *rows);

/* Has it done, behind what was submitted before.  `done` runs once, in store_collect(), with what
 * `work` returned, -EIO or -ENOSPC; after store_free() nobody hears of it.  -EAGAIN, and nothing
 * will be done, where the file cannot be used now.
 */
int store_submit_work(struct store *store, store_work *work,
		      void (*done)(int result, void *context), void *context);
