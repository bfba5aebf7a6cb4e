/* store.c - the loop's side: batches are handed over, and what the thread says is taken in. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/thread.h"
#include "store/inside.h"

/* What may wait in memory where nothing can be written. */
enum { ROWS_WAITING_MAX = 50000, BYTES_WAITING_MAX = 64 << 20 };

static const usec_t slow_after = 2 * USEC_PER_SEC;

static const char *const states[] = {
	[STORE_OPENING] = "opening",
	[STORE_OK] = "ok",
	[STORE_FAILING] = "failing",
	[STORE_BUSY] = "busy",
};

const char *store_state_name(enum store_state state)
{
	return states[state];
}

void store_message_free(struct message *message)
{
	pack_done(&message->rows);
	free(message->sentence);
	free(message);
}

static void release(struct store *store)
{
	while (!list_is_empty(&store->waiting)) {
		struct list *link = list_take_first(&store->waiting);

		store_batch_free(LIST_ENTRY(link, struct store_batch, message.link));
	}
	while (!list_is_empty(&store->said)) {
		struct list *link = list_take_first(&store->said);
		struct message *message = LIST_ENTRY(link, struct message, link);

		if (message->saying == SAY_DONE)
			store_batch_free(LIST_ENTRY(link, struct store_batch, message.link));
		else
			store_message_free(message);
	}
	if (store->wakeup >= 0)
		(void)close(store->wakeup);
	(void)sem_destroy(&store->work);
	(void)sem_destroy(&store->ended);
	(void)pthread_mutex_destroy(&store->lock);
	free(store->condition.fault);
	free(store->fault);
	free(store->noticed);
	free(store->path);
	free(store->folder);
	free(store);
}

struct store *store_new(const char *folder, const struct store_listener *listener)
{
	struct store *store = MEMORY_NEW(struct store);

	store->folder = memory_text(folder);
	store->home = (struct folder){ .path = store->folder, .lock = -1 };
	store->listener = *listener;
	list_init(&store->waiting);
	list_init(&store->said);
	(void)pthread_mutex_init(&store->lock, NULL);
	(void)sem_init(&store->work, 0, 0);
	(void)sem_init(&store->ended, 0, 0);
	store->wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (store->wakeup >= 0 && thread_start("store", store_run, store, &store->thread) == 0)
		return store;
	release(store);
	return NULL;
}

void store_end(struct store *store)
{
	atomic_store(&store->is_ending, true);
	(void)sem_post(&store->work);
}

bool store_is_idle(struct store *store)
{
	bool is_idle;

	if (atomic_load(&store->has_ended))
		return true;
	(void)pthread_mutex_lock(&store->lock);
	is_idle = list_is_empty(&store->waiting) && !store->has_taken;
	(void)pthread_mutex_unlock(&store->lock);
	return is_idle;
}

bool store_free(struct store *store, usec_t by)
{
	const struct timespec until = { (time_t)(by / USEC_PER_SEC),
					(long)(by % USEC_PER_SEC) * 1000 };

	store_end(store);
	while (!atomic_load(&store->has_ended))
		if (sem_clockwait(&store->ended, CLOCK_MONOTONIC, &until) < 0 &&
		    errno == ETIMEDOUT) {
			(void)pthread_detach(store->thread);
			return false;
		}
	/* It has nothing left to do but to end. */
	(void)pthread_join(store->thread, NULL);
	release(store);
	return true;
}

int store_wake_fd(const struct store *store)
{
	return store->wakeup;
}

static struct message *next_message(struct store *store)
{
	struct message *message = NULL;
	struct list *link;

	(void)pthread_mutex_lock(&store->lock);
	link = list_take_first(&store->said);
	if (link)
		message = LIST_ENTRY(link, struct message, link);
	if (message && message->saying == SAY_ROWS)
		store->chunks--;
	(void)pthread_mutex_unlock(&store->lock);
	if (message && message->saying == SAY_ROWS)
		(void)sem_post(&store->work);
	return message;
}

static void take_condition(struct store *store, struct message *message)
{
	struct store_condition *condition = &store->condition;
	const char *before = condition->fault ? condition->fault : "";
	const char *now = message->sentence ? message->sentence : "";
	const bool is_other = condition->state != message->state || strcmp(before, now) != 0;

	free(condition->fault);
	condition->fault = TAKE(message->sentence);
	condition->state = message->state;
	if (is_other && store->listener.changed)
		store->listener.changed(store->listener.context);
}

static void take_rows(struct store *store, const struct pack *pack)
{
	struct store_row row;
	size_t at = 0;

	while (pack_next(pack, &at, &row))
		store->listener.row(&row, store->listener.context);
}

static void take_done(struct store_batch *batch)
{
	if (batch->done)
		batch->done(batch->result, batch->context);
	store_batch_free(batch);
}

bool store_collect(struct store *store)
{
	const struct store_listener *listener = &store->listener;
	struct message *message;
	uint64_t count;

	(void)!read(store->wakeup, &count, sizeof(count));
	message = next_message(store);
	if (!message)
		return false;
	switch (message->saying) {
	case SAY_DONE:
		take_done(LIST_ENTRY(&message->link, struct store_batch, message.link));
		return true;
	case SAY_OPENED:
		listener->opened(&message->rows, listener->context);
		break;
	case SAY_ROWS:
		take_rows(store, &message->rows);
		break;
	case SAY_LOADED:
		listener->loaded(listener->context);
		break;
	case SAY_REFILL:
		listener->refill(listener->context);
		break;
	case SAY_CONDITION:
		take_condition(store, message);
		break;
	case SAY_NOTICE:
		listener->noticed(message->sentence, listener->context);
		break;
	}
	store_message_free(message);
	return true;
}

const struct store_condition *store_condition(struct store *store)
{
	struct store_condition *condition = &store->condition;
	const usec_t busy_since = atomic_load(&store->busy_since);

	condition->is_slow = busy_since && clock_now() - busy_since > slow_after;
	condition->written = atomic_load(&store->written);
	(void)pthread_mutex_lock(&store->lock);
	condition->waiting = store->waiting_rows + store->taken_rows;
	condition->lost = store->given_up + atomic_load(&store->skipped);
	(void)pthread_mutex_unlock(&store->lock);
	return condition;
}

struct store_batch *store_batch_new(void)
{
	struct store_batch *batch = MEMORY_NEW(struct store_batch);

	batch->message.saying = SAY_DONE;
	return batch;
}

void store_batch_free(struct store_batch *batch)
{
	pack_done(&batch->rows);
	free(batch);
}

struct pack *store_batch_rows(struct store_batch *batch)
{
	return &batch->rows;
}

/* Everything that waits, when it is more than memory is meant for. */
static void give_up(struct store *store)
{
	while (!list_is_empty(&store->waiting)) {
		struct list *link = list_take_first(&store->waiting);
		struct store_batch *batch = LIST_ENTRY(link, struct store_batch, message.link);

		batch->result = -ENOSPC;
		store->given_up += batch->rows.rows;
		pack_done(&batch->rows);
		list_append(&store->said, link);
	}
	store->waiting_rows = store->waiting_bytes = store->waiting_weight = 0;
	store->is_behind = true;
}

static bool is_full(const struct store *store)
{
	/* By what waited before it: one batch, however large, gets its chance. */
	return store->waiting_weight >= ROWS_WAITING_MAX ||
	       store->waiting_bytes > BYTES_WAITING_MAX;
}

void store_submit(struct store *store, struct store_batch *batch,
		  void (*done)(int result, void *context), void *context)
{
	const uint64_t one = 1;
	bool is_over;

	batch->done = done;
	batch->context = context;
	(void)pthread_mutex_lock(&store->lock);
	is_over = is_full(store);
	list_append(&store->waiting, &batch->message.link);
	store->waiting_rows += batch->rows.rows;
	store->waiting_bytes += batch->rows.bytes.len;
	store->waiting_weight += store_batch_weight(batch);
	if (is_over)
		give_up(store);
	(void)pthread_mutex_unlock(&store->lock);
	if (is_over)
		(void)!write(store->wakeup, &one, sizeof(one));
	else
		(void)sem_post(&store->work);
}

int store_submit_work(struct store *store, store_work *work,
		      void (*done)(int result, void *context), void *context)
{
	struct store_batch *batch;

	if (store->condition.state != STORE_OK)
		return -EAGAIN;
	batch = store_batch_new();
	batch->work = work;
	batch->done = done;
	batch->context = context;
	(void)pthread_mutex_lock(&store->lock);
	list_append(&store->waiting, &batch->message.link);
	(void)pthread_mutex_unlock(&store->lock);
	(void)sem_post(&store->work);
	return 0;
}
