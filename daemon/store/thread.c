/* thread.c - the thread that owns the file: it opens it, and writes what waits.
 *
 * Its own are the folder, the database and the batches that it has taken.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "store/inside.h"

enum {
	BATCHES_A_TRANSACTION = 256,
	ROWS_A_CHUNK = 256,
	CHUNKS_MAX = 16, /* read and not yet collected */
};

static const usec_t gather_for = 20 * USEC_PER_MS;
static const usec_t retry_first = USEC_PER_SEC, retry_last = 30 * USEC_PER_SEC;

/* --- From the thread to the loop ------------------------------------------------------- */

static void say(struct store *store, struct message *message)
{
	const uint64_t one = 1;

	(void)pthread_mutex_lock(&store->lock);
	list_append(&store->said, &message->link);
	store->chunks += message->saying == SAY_ROWS;
	(void)pthread_mutex_unlock(&store->lock);
	(void)!write(store->wakeup, &one, sizeof(one));
}

static struct message *message_new(enum saying saying)
{
	struct message *message = MEMORY_NEW(struct message);

	message->saying = saying;
	return message;
}

static void say_only(struct store *store, enum saying saying)
{
	say(store, message_new(saying));
}

static void say_condition(struct store *store, enum store_state state, const char *fault)
{
	struct message *message = message_new(SAY_CONDITION);

	message->state = state;
	message->sentence = fault ? memory_text(fault) : NULL;
	say(store, message);
}

/* Takes the sentence; says nothing twice in a row, however often it is tried again. */
static void say_notice(struct store *store, char *sentence)
{
	struct message *message;

	if (store->noticed && strcmp(store->noticed, sentence) == 0) {
		free(sentence);
		return;
	}
	free(store->noticed);
	store->noticed = memory_text(sentence);
	message = message_new(SAY_NOTICE);
	message->sentence = sentence;
	say(store, message);
}

/* --- The thread: opening --------------------------------------------------------------- */

static void wait_for_work(struct store *store, usec_t most)
{
	const usec_t until = clock_now() + most;
	const struct timespec by = { (time_t)(until / USEC_PER_SEC),
				     (long)(until % USEC_PER_SEC) * 1000 };

	(void)sem_clockwait(&store->work, CLOCK_MONOTONIC, &by);
}

/* A chunk for the loop; waits while it has many that it did not look at. */
static bool pass_rows(struct pack *pack, void *context)
{
	struct store *store = context;
	struct message *message = message_new(SAY_ROWS);
	bool is_full = true;

	message->rows = *pack;
	say(store, message);
	while (is_full && !atomic_load(&store->is_ending)) {
		(void)pthread_mutex_lock(&store->lock);
		is_full = store->chunks >= CHUNKS_MAX;
		(void)pthread_mutex_unlock(&store->lock);
		if (is_full)
			wait_for_work(store, USEC_PER_SEC);
	}
	return !atomic_load(&store->is_ending);
}

static bool keep_pack(struct pack *pack, void *context)
{
	*(struct pack *)context = *pack;
	return false;
}

/* All that the file has, for the loop. */
static enum database_result load(struct store *store)
{
	struct message *opened = message_new(SAY_OPENED);
	enum database_result result = database_read(store->database, STORE_READ_META, SIZE_MAX,
						    keep_pack, &opened->rows, &store->fault);

	if (result != DATABASE_OK) {
		store_message_free(opened);
		return result;
	}
	say(store, opened);
	for (unsigned query = STORE_READ_META + 1; query < STORE_READS; query++) {
		result = database_read(store->database, query, ROWS_A_CHUNK, pass_rows, store,
				       &store->fault);
		if (result != DATABASE_OK)
			return result;
	}
	return DATABASE_OK;
}

/* One of a newer version stays as it is, and ours is beside it. */
static enum database_result open_file(struct store *store)
{
	cleanup(free)
	char *name = memory_print("picket-v%d.db", schema_version);
	enum database_result result;

	free(store->path);
	store->path = folder_file(&store->home, "picket.db");
	result = database_open(store->path, &store->database, &store->fault);
	if (result != DATABASE_NEWER)
		return result;
	free(store->path);
	store->path = folder_file(&store->home, name);
	say_notice(store, memory_print("%s; it is left as it is, and '%s' is used instead",
				       store->fault, store->path));
	return database_open(store->path, &store->database, &store->fault);
}

static enum database_result open_and_load(struct store *store)
{
	enum database_result result = open_file(store);

	if (result == DATABASE_OK && !store->is_loaded)
		result = load(store);
	if (result == DATABASE_OK)
		database_rest(store->database);
	return result;
}

static int set_aside(struct store *store)
{
	int r;

	if (store->database)
		database_close(TAKE(store->database));
	r = folder_set_aside(store->path);
	if (r == 0)
		say_notice(store,
			   memory_print("%s; it is kept as '%s.corrupt', and a new one is begun",
					store->fault, store->path));
	return r;
}

static int enter(struct store *store)
{
	const char *network;
	int r = folder_enter(&store->home);

	if (r < 0) {
		free(store->fault);
		store->fault = r == -EBUSY ? memory_print("another picketd has its state in '%s'",
							  store->folder)
					   : memory_print("'%s' cannot be used: %s", store->folder,
							  strerror(-r));
		return r;
	}
	network = folder_network(&store->home);
	if (network)
		say_notice(store,
			   memory_print("'%s' is on a network file system (%s), where locks "
					"and syncs cannot be relied on; a local one is better",
					store->folder, network));
	return 0;
}

/* What the file lacks is written again once it can be. */
static void set_behind(struct store *store)
{
	(void)pthread_mutex_lock(&store->lock);
	store->is_behind = true;
	(void)pthread_mutex_unlock(&store->lock);
}

/* -EAGAIN, with store->fault, where it is to be tried again; -EBUSY where the folder is another's. */
static int bring_up(struct store *store)
{
	const bool was_loaded = store->is_loaded;
	enum database_result result;
	int r = enter(store);

	if (r < 0)
		return r == -EBUSY ? r : -EAGAIN;
	result = open_and_load(store);
	if (result == DATABASE_CORRUPT && set_aside(store) == 0) {
		set_behind(store);
		result = open_and_load(store);
	}
	if (result != DATABASE_OK)
		return -EAGAIN;
	store->is_loaded = true;
	say_condition(store, STORE_OK, NULL);
	if (!was_loaded)
		say_only(store, SAY_LOADED);
	return 0;
}

static void take_down(struct store *store)
{
	if (store->database)
		database_close(TAKE(store->database));
	folder_leave(&store->home);
}

/* --- The thread: writing --------------------------------------------------------------- */

struct taken {
	struct list batches;
	const struct pack *packs[BATCHES_A_TRANSACTION]; /* borrowed */
	unsigned count;
	size_t rows;
};

static void take_waiting(struct store *store, struct taken *taken)
{
	*taken = (struct taken){ 0 };
	list_init(&taken->batches);
	(void)pthread_mutex_lock(&store->lock);
	while (taken->count < BATCHES_A_TRANSACTION && !list_is_empty(&store->waiting)) {
		struct store_batch *batch =
			LIST_ENTRY(list_first(&store->waiting), struct store_batch, message.link);

		if (taken->count &&
		    (batch->work || taken->rows + batch->rows.rows > ROWS_A_TRANSACTION))
			break;
		list_remove(&batch->message.link);
		list_append(&taken->batches, &batch->message.link);
		taken->packs[taken->count++] = &batch->rows;
		taken->rows += batch->rows.rows;
		store->waiting_bytes -= batch->rows.bytes.len;
		store->waiting_weight -= store_batch_weight(batch);
		if (batch->work)
			break;
	}
	store->waiting_rows -= taken->rows;
	store->taken_rows = taken->rows;
	store->has_taken = taken->count > 0;
	(void)pthread_mutex_unlock(&store->lock);
}

static void put_back(struct store *store, struct taken *taken)
{
	(void)pthread_mutex_lock(&store->lock);
	while (!list_is_empty(&taken->batches)) {
		struct list *link = taken->batches.before;
		const struct store_batch *batch =
			LIST_ENTRY(link, struct store_batch, message.link);

		list_remove(link);
		list_prepend(&store->waiting, link);
		store->waiting_rows += batch->rows.rows;
		store->waiting_bytes += batch->rows.bytes.len;
		store->waiting_weight += store_batch_weight(batch);
	}
	store->taken_rows = 0;
	store->has_taken = false;
	(void)pthread_mutex_unlock(&store->lock);
}

static void report_done(struct store *store, struct taken *taken)
{
	bool is_behind;

	list_each (link, &taken->batches) {
		struct store_batch *batch = LIST_ENTRY(link, struct store_batch, message.link);

		list_remove(link);
		pack_done(&batch->rows);
		say(store, &batch->message);
	}
	(void)pthread_mutex_lock(&store->lock);
	store->taken_rows = 0;
	store->has_taken = false;
	is_behind = store->is_behind;
	store->is_behind = false;
	(void)pthread_mutex_unlock(&store->lock);
	if (is_behind)
		say_only(store, SAY_REFILL);
}

static bool is_waiting(struct store *store)
{
	bool is;

	(void)pthread_mutex_lock(&store->lock);
	is = !list_is_empty(&store->waiting);
	(void)pthread_mutex_unlock(&store->lock);
	return is;
}

/* A little more may come, and a sync costs the same for a thousand rows as for one. */
static void gather(struct store *store)
{
	const struct timespec wait = { 0, (long)gather_for * 1000 };
	bool is_full;

	(void)pthread_mutex_lock(&store->lock);
	is_full = store->waiting_rows >= ROWS_A_TRANSACTION;
	(void)pthread_mutex_unlock(&store->lock);
	if (!is_full && !atomic_load(&store->is_ending))
		(void)nanosleep(&wait, NULL);
}

/* A job waits for no others, and is done once, well or not. */
static struct store_batch *first_job(struct store *store)
{
	struct store_batch *batch = NULL;

	(void)pthread_mutex_lock(&store->lock);
	if (!list_is_empty(&store->waiting))
		batch = LIST_ENTRY(list_first(&store->waiting), struct store_batch, message.link);
	(void)pthread_mutex_unlock(&store->lock);
	return batch && batch->work ? batch : NULL;
}

static enum database_result write_taken(struct store *store, struct taken *taken)
{
	enum database_result result;
	size_t skipped = 0;

	atomic_store(&store->busy_since, clock_now());
	result = database_write(store->database, taken->packs, taken->count, &skipped,
				&store->fault);
	atomic_store(&store->busy_since, 0);
	if (result != DATABASE_OK) {
		put_back(store, taken);
		return result;
	}
	atomic_fetch_add(&store->written, taken->rows - skipped);
	atomic_fetch_add(&store->skipped, skipped);
	report_done(store, taken);
	return result;
}

/* Where the file fails, nobody waits for it to come back: whoever asked is told. */
static void refuse_jobs(struct store *store)
{
	const uint64_t one = 1;

	(void)pthread_mutex_lock(&store->lock);
	list_each (link, &store->waiting) {
		struct store_batch *batch = LIST_ENTRY(link, struct store_batch, message.link);

		if (!batch->work)
			continue;
		batch->result = -EIO;
		list_remove(link);
		list_append(&store->said, link);
	}
	(void)pthread_mutex_unlock(&store->lock);
	(void)!write(store->wakeup, &one, sizeof(one));
}

/* Until the end (0), or until it fails. */
static enum database_result serve(struct store *store)
{
	for (;;) {
		enum database_result result;
		struct store_batch *job;
		struct taken taken;

		while (!is_waiting(store)) {
			if (atomic_load(&store->is_ending))
				return DATABASE_OK;
			(void)sem_wait(&store->work);
		}
		job = first_job(store);
		if (!job)
			gather(store);
		take_waiting(store, &taken);
		if (job) {
			result = store_session_run(store, job);
			report_done(store, &taken);
		} else {
			result = write_taken(store, &taken);
		}
		if (result != DATABASE_OK)
			return result;
	}
}

static void wait_to_retry(struct store *store, usec_t wait)
{
	const usec_t until = clock_now() + wait;
	usec_t now;

	while ((now = clock_now()) < until && !atomic_load(&store->is_ending))
		wait_for_work(store, until - now);
}

/* One life of the file, from opening it to its fault; 0 at the end. */
static int live(struct store *store)
{
	enum database_result result;
	int r = bring_up(store);

	if (r < 0)
		return r;
	result = serve(store);
	if (result == DATABASE_OK)
		return 0;
	/* It is gone or broken, and what was in it with it: all of it comes again. */
	if (result == DATABASE_CORRUPT || result == DATABASE_MOVED)
		set_behind(store);
	if (result == DATABASE_CORRUPT)
		(void)set_aside(store);
	return -EAGAIN;
}

void *store_run(void *context)
{
	struct store *store = context;
	bool is_last = false;
	usec_t wait = 0;

	while (!is_last) {
		const uint64_t written = atomic_load(&store->written);
		int r;

		is_last = atomic_load(&store->is_ending);
		r = live(store);
		refuse_jobs(store);
		take_down(store);
		if (r == 0)
			break;
		say_condition(store, r == -EBUSY && !store->is_loaded ? STORE_BUSY : STORE_FAILING,
			      store->fault);
		if (wait == 0 || atomic_load(&store->written) != written)
			wait = retry_first;
		else
			wait = wait * 2 < retry_last ? wait * 2 : retry_last;
		wait_to_retry(store, wait);
	}
	atomic_store(&store->has_ended, true);
	(void)sem_post(&store->ended);
	return NULL;
}
