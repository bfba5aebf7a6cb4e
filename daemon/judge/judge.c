/* judge.c - two bounded queues with threads in between.
 *
 *   loop --submit--> [waiting] --> worker: assess() --> [settled] --next--> loop
 *
 * Workers touch nothing but the check they hold and the immutable things it
 * points to, so the two queue locks are the only locks, and they never nest.
 */
#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/queue.h"
#include "judge/judge.h"
#include "model/check.h"

struct worker {
	struct judge *judge; /* borrowed */
	pthread_t thread;
	_Atomic usec_t task_since; /* monotonic; 0: idle */
};

struct judge {
	struct queue *waiting; /* owned */
	struct queue *settled; /* owned */
	int wakeup; /* eventfd */
	/* Whether the loop was woken and has not looked yet: one write serves many verdicts. */
	atomic_bool is_woken;
	struct worker *workers; /* owned array */
	unsigned threads;
};

static void wake_loop(struct judge *judge)
{
	const uint64_t one = 1;

	if (!atomic_exchange(&judge->is_woken, true))
		(void)!write(judge->wakeup, &one, sizeof(one));
}

static void *work(void *context)
{
	struct worker *worker = context;
	struct judge *judge = worker->judge;
	struct check *check;

	while ((check = queue_pop(judge->waiting))) {
		int r;

		atomic_store(&worker->task_since, clock_now());
		assess(check);
		check_advance(check, CHECK_SETTLED);
		atomic_store(&worker->task_since, 0);
		r = queue_push(judge->settled, check);
		assert(r == 0); /* room for every permit */
		wake_loop(judge);
	}
	return NULL;
}

/* Signals are the loop's: a worker has all of them blocked from its first instruction. */
static int start_worker(struct worker *worker, unsigned number)
{
	sigset_t all, before;
	char name[16];
	int r;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&worker->thread, NULL, work, worker);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (r)
		return -r;
	(void)snprintf(name, sizeof(name), "judge-%u", number);
	(void)pthread_setname_np(worker->thread, name);
	return 0;
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
	assert(queue_count(judge->waiting) == 0 && queue_count(judge->settled) == 0);
	queue_free(judge->waiting);
	queue_free(judge->settled);
	if (judge->wakeup >= 0)
		(void)close(judge->wakeup);
	free(judge->workers);
	free(judge);
}

void judge_submit(struct judge *judge, struct check *check)
{
	int r;

	check_advance(check, CHECK_JUDGING);
	r = queue_push(judge->waiting, check);
	assert(r == 0); /* the permit is also the place in the queue */
}

struct check *judge_next(struct judge *judge)
{
	return queue_try_pop(judge->settled);
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

size_t judge_waiting(struct judge *judge)
{
	return queue_count(judge->waiting);
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
