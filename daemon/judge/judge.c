/* judge.c - two bounded queues with threads in between.
 *
 *   a loop --submit--> (tray) --> [waiting] --> worker: assess() --> [settled] --next--> first loop
 *
 * What goes through the queues is batches: waking a thread costs more than judging a
 * small body, so those are handed over together.  Workers touch nothing but the checks
 * in their batch and the immutable things these point to, so the two queue locks are
 * the only locks, and they never nest.
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/queue.h"
#include "base/thread.h"
#include "judge/judge.h"
#include "model/check.h"

enum {
	BATCH_MAX = 32,
	/* A body that is larger goes to a worker of its own, at once. */
	BODY_SMALL_BYTES = 16 * 1024,
};

struct batch {
	struct list checks; /* of check->link; owned */
	unsigned count;
};

struct worker {
	struct judge *judge; /* borrowed */
	pthread_t thread;
	_Atomic usec_t task_since; /* monotonic; 0: idle */
};

struct judge {
	struct queue *waiting; /* owned; of batches */
	struct queue *settled; /* owned; of batches */
	atomic_size_t untouched; /* checks in `waiting` */
	atomic_size_t in_hand; /* checks, from a tray until they are taken back */
	int wakeup; /* eventfd */
	/* Whether the loop was woken and has not looked yet: one write serves many verdicts. */
	atomic_bool is_woken;
	struct worker *workers; /* owned array */
	unsigned threads;

	struct batch *opened; /* owned; settled, and in part taken, or NULL; the first loop's */
};

struct judge_tray {
	struct judge *judge; /* borrowed */
	struct batch *gathered; /* owned; not handed over yet, or NULL */
};

static void wake_loop(struct judge *judge)
{
	const uint64_t one = 1;

	if (!atomic_exchange(&judge->is_woken, true))
		(void)!write(judge->wakeup, &one, sizeof(one));
}

/* Where judge_next() finds it. */
static void give_back(struct judge *judge, struct batch *batch)
{
	const int r = queue_push(judge->settled, batch);

	assert(r == 0); /* room for every permit */
	wake_loop(judge);
}

static void judge_batch(struct worker *worker, struct batch *batch)
{
	list_each (link, &batch->checks) {
		struct check *check = LIST_ENTRY(link, struct check, link);

		atomic_store(&worker->task_since, clock_now());
		assess(check);
		check_advance(check, CHECK_SETTLED);
	}
	atomic_store(&worker->task_since, 0);
}

static void *work(void *context)
{
	struct worker *worker = context;
	struct judge *judge = worker->judge;
	struct batch *batch;

	while ((batch = queue_pop(judge->waiting))) {
		atomic_fetch_sub(&judge->untouched, batch->count);
		judge_batch(worker, batch);
		give_back(judge, batch);
	}
	return NULL;
}

static int start_worker(struct worker *worker, unsigned number)
{
	char name[16];

	(void)snprintf(name, sizeof(name), "judge-%u", number);
	return thread_start(name, work, worker, &worker->thread);
}

struct judge *judge_new(const struct judge_options *options)
{
	struct judge *judge = MEMORY_NEW(struct judge);

	judge->waiting = queue_new(options->capacity);
	judge->settled = queue_new(options->capacity);
	judge->workers = memory_new(options->threads, sizeof(*judge->workers));
	judge->wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	for (unsigned i = 0; i < options->threads && judge->wakeup >= 0; i++) {
		struct worker *worker = &judge->workers[judge->threads];

		worker->judge = judge;
		if (start_worker(worker, judge->threads) < 0)
			break;
		judge->threads++;
	}
	if (judge->threads == 0) {
		judge_free(judge);
		return NULL;
	}
	return judge;
}

void judge_free(struct judge *judge)
{
	queue_close(judge->waiting);
	for (unsigned i = 0; i < judge->threads; i++)
		(void)pthread_join(judge->workers[i].thread, NULL);
	assert(judge_in_hand(judge) == 0);
	queue_free(judge->waiting);
	queue_free(judge->settled);
	if (judge->wakeup >= 0)
		(void)close(judge->wakeup);
	free(judge->workers);
	free(judge);
}

static struct batch *batch_new(void)
{
	struct batch *batch = MEMORY_NEW(struct batch);

	list_init(&batch->checks);
	return batch;
}

static void batch_add(struct batch *batch, struct check *check)
{
	check_advance(check, CHECK_JUDGING);
	list_append(&batch->checks, &check->link);
	batch->count++;
}

static void hand_over(struct judge *judge, struct batch *batch)
{
	int r;

	atomic_fetch_add(&judge->untouched, batch->count);
	r = queue_push(judge->waiting, batch);
	assert(r == 0); /* the permit is also the place in the queue */
}

struct judge_tray *judge_tray_new(struct judge *judge)
{
	struct judge_tray *tray = MEMORY_NEW(struct judge_tray);

	tray->judge = judge;
	return tray;
}

void judge_tray_free(struct judge_tray *tray)
{
	assert(!tray->gathered);
	free(tray);
}

bool judge_submit(struct judge_tray *tray, struct check *check)
{
	atomic_fetch_add(&tray->judge->in_hand, 1);
	if (check->observation.body.len > BODY_SMALL_BYTES) {
		struct batch *alone = batch_new();

		batch_add(alone, check);
		hand_over(tray->judge, alone);
		return tray->gathered;
	}
	if (!tray->gathered)
		tray->gathered = batch_new();
	batch_add(tray->gathered, check);
	if (tray->gathered->count == BATCH_MAX)
		judge_flush(tray);
	return tray->gathered;
}

void judge_flush(struct judge_tray *tray)
{
	if (tray->gathered)
		hand_over(tray->judge, TAKE(tray->gathered));
}

void judge_pass(struct judge *judge, struct check *check)
{
	struct batch *alone = batch_new();

	atomic_fetch_add(&judge->in_hand, 1);
	batch_add(alone, check);
	check_advance(check, CHECK_SETTLED);
	give_back(judge, alone);
}

struct check *judge_next(struct judge *judge)
{
	struct list *link;

	if (!judge->opened)
		judge->opened = queue_try_pop(judge->settled);
	if (!judge->opened)
		return NULL;
	link = list_take_first(&judge->opened->checks);
	if (list_is_empty(&judge->opened->checks))
		free(TAKE(judge->opened));
	atomic_fetch_sub(&judge->in_hand, 1);
	return LIST_ENTRY(link, struct check, link);
}

int judge_wake_fd(const struct judge *judge)
{
	return judge->wakeup;
}

void judge_wake_read(struct judge *judge)
{
	uint64_t count;

	(void)!read(judge->wakeup, &count, sizeof(count));
	/* Before looking, or a verdict that comes now would wake nobody. */
	atomic_store(&judge->is_woken, false);
}

void judge_reserve(struct judge *judge, size_t capacity)
{
	queue_reserve(judge->waiting, capacity);
	queue_reserve(judge->settled, capacity);
}

size_t judge_in_hand(const struct judge *judge)
{
	return atomic_load(&judge->in_hand);
}

size_t judge_waiting(struct judge *judge)
{
	return atomic_load(&judge->untouched);
}

unsigned judge_threads(const struct judge *judge)
{
	return judge->threads;
}

usec_t judge_oldest_task(struct judge *judge, usec_t now)
{
	usec_t oldest = 0;

	for (unsigned i = 0; i < judge->threads; i++) {
		const usec_t since = atomic_load(&judge->workers[i].task_since);

		if (since && since < now && now - since > oldest)
			oldest = now - since;
	}
	return oldest;
}
