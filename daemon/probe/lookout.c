/* lookout.c - a further loop: a thread with tools of its own, which looks at what it is handed.
 *
 *   first loop: outgoing --send--> arrived (under the lock) --wake--> waiting -> in hand: the lookout
 *
 * The inbox is all that both threads touch: whoever holds its lock splices a list or
 * copies a few numbers, and takes no other.  A list of checks that hang together by
 * themselves cannot be full, so handing over never fails and allocates nothing.
 */
#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/histogram.h"
#include "base/memory.h"
#include "base/thread.h"
#include "loop/loop.h"
#include "loop/resolve.h"
#include "loop/turns.h"
#include "probe/lookout.h"

/* As the first loop starts them: several turns, of which none takes long. */
enum { STARTS_A_TURN = 64, STARTS_AT_ONCE = 4 };

static const usec_t start_for = USEC_PER_MS / 2;

/* No turn takes so long, so what has not ended by then never does. */
static const usec_t end_within = 5 * USEC_PER_SEC;

/* Whose check is to be given up. */
struct quitter {
	uint32_t watch_id, generation;
};

/* Options that are this one's own. */
struct servers_mail {
	struct resolver_options options;
	char *list[RESOLVE_SERVERS_MAX + 1]; /* owned; what `options` may point to */
};

/* Beside checks. */
struct mail {
	struct quitter *quitters; /* owned array */
	size_t quitters_count, quitters_room;
	struct servers_mail *servers; /* owned; the latest, or NULL */
	bool cancels_all;
	bool is_end;
};

struct lookout {
	/* From lookout_new() on as they are. */
	struct lookout_options options;
	struct event_base *base; /* owned */
	struct event *mail_event; /* owned */
	int wakeup; /* eventfd */
	pthread_t thread;
	bool is_started;
	sem_t ended; /* the thread is about to */

	struct list outgoing; /* of check->link; gathered: the first loop's */

	pthread_mutex_t lock; /* of the two that follow */
	struct list arrived; /* of check->link */
	struct mail inbox;
	/* Monotonic: since when it is woken and has not looked; 0: it is not. */
	_Atomic usec_t woken_since;

	pthread_mutex_t turns_lock; /* of `turns` */
	struct histogram turns;

	/* The lookout's own. */
	struct probe_tools *tools; /* owned */
	struct list waiting; /* of check->link; taken and not started */
	struct list in_hand; /* of check->link; its probe is at work */
	bool is_over;
};

static void splice(struct list *to, struct list *from)
{
	if (list_is_empty(from))
		return;
	from->after->before = to->before;
	to->before->after = from->after;
	from->before->after = to;
	to->before = from->before;
	list_init(from);
}

/* --- The lookout's thread -------------------------------------------------------------- */

static void wake_again(const struct lookout *lookout)
{
	const uint64_t one = 1;

	(void)!write(lookout->wakeup, &one, sizeof(one));
}

static void observed(struct check *check, void *context)
{
	struct lookout *lookout = context;

	list_remove(&check->link);
	lookout->options.observed(check, lookout->options.context);
}

static void start_first(struct lookout *lookout)
{
	struct list *link = list_take_first(&lookout->waiting);
	struct check *check = LIST_ENTRY(link, struct check, link);

	if (!check->started)
		check_begin(check, clock_now());
	list_append(&lookout->in_hand, &check->link);
	check->endpoint->type->start(check, lookout->tools, observed, lookout);
}

static void start_some(struct lookout *lookout)
{
	const usec_t began = clock_now();
	unsigned started = 0;

	while (!list_is_empty(&lookout->waiting)) {
		start_first(lookout);
		if (++started == STARTS_A_TURN ||
		    (started % STARTS_AT_ONCE == 0 && clock_now() - began > start_for)) {
			wake_again(lookout);
			return;
		}
	}
}

static bool is_meant(const struct mail *mail, const struct check *check)
{
	for (size_t i = 0; i < mail->quitters_count; i++)
		if (mail->quitters[i].watch_id == check->watch_id &&
		    mail->quitters[i].generation == check->generation)
			return true;
	return mail->cancels_all;
}

static void cancel(struct lookout *lookout, const struct mail *mail)
{
	if (!mail->cancels_all && mail->quitters_count == 0)
		return;
	/* cancel() reports in a later turn, so the list stays as it is meanwhile. */
	list_each (link, &lookout->in_hand) {
		struct check *check = LIST_ENTRY(link, struct check, link);

		if (!check->is_cancelled && is_meant(mail, check))
			check->endpoint->type->cancel(check);
	}
	list_each (link, &lookout->waiting) {
		struct check *check = LIST_ENTRY(link, struct check, link);

		if (!is_meant(mail, check))
			continue;
		check->is_cancelled = true;
		if (!check->started)
			check_begin(check, clock_now());
		observed(check, lookout);
	}
}

static void mail_done(struct mail *mail)
{
	free(mail->quitters);
	for (unsigned i = 0; mail->servers && mail->servers->list[i]; i++)
		free(mail->servers->list[i]);
	free(mail->servers);
}

/* All that has come: the checks wait from here on, the rest is the caller's. */
static struct mail take(struct lookout *lookout)
{
	struct mail mail;

	(void)pthread_mutex_lock(&lookout->lock);
	splice(&lookout->waiting, &lookout->arrived);
	mail = lookout->inbox;
	lookout->inbox = (struct mail){ 0 };
	(void)pthread_mutex_unlock(&lookout->lock);
	return mail;
}

static void on_mail(evutil_socket_t fd, short what, void *context)
{
	struct lookout *lookout = context;
	struct mail mail;
	uint64_t count;

	(void)what;
	(void)!read(fd, &count, sizeof(count));
	/* Before looking, or what comes now would wake nobody. */
	atomic_store(&lookout->woken_since, 0);
	mail = take(lookout);
	if (mail.servers)
		resolver_configure(lookout->tools->resolver, &mail.servers->options);
	cancel(lookout, &mail);
	start_some(lookout);
	lookout->is_over = mail.is_end;
	mail_done(&mail);
	turns_share(lookout->base);
}

static void *look(void *context)
{
	struct lookout *lookout = context;
	struct turns *turns = turns_new(NULL);

	while (!lookout->is_over) {
		const usec_t took = turns_run(turns, lookout->base);

		(void)pthread_mutex_lock(&lookout->turns_lock);
		histogram_add(&lookout->turns, took);
		(void)pthread_mutex_unlock(&lookout->turns_lock);
	}
	turns_free(turns);
	(void)sem_post(&lookout->ended);
	return NULL;
}

/* --- The first loop -------------------------------------------------------------------- */

static void wake(struct lookout *lookout)
{
	usec_t asleep = 0;

	if (atomic_compare_exchange_strong(&lookout->woken_since, &asleep, clock_now()))
		wake_again(lookout);
}

struct lookout *lookout_new(const struct lookout_options *options)
{
	struct event_base *base = loop_new();
	const int wakeup = base ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1;
	struct lookout *lookout;

	if (wakeup < 0) {
		if (base)
			event_base_free(base);
		return NULL;
	}
	lookout = MEMORY_NEW(struct lookout);
	lookout->options = *options;
	lookout->options.resolver = NULL;
	lookout->base = base;
	lookout->wakeup = wakeup;
	lookout->tools = probe_tools_new(base, NULL, options->resolver);
	lookout->mail_event = event_new(base, wakeup, EV_READ | EV_PERSIST, on_mail, lookout);
	(void)event_add(lookout->mail_event, NULL);
	list_init(&lookout->outgoing);
	list_init(&lookout->arrived);
	list_init(&lookout->waiting);
	list_init(&lookout->in_hand);
	(void)sem_init(&lookout->ended, 0, 0);
	(void)pthread_mutex_init(&lookout->lock, NULL);
	(void)pthread_mutex_init(&lookout->turns_lock, NULL);
	return lookout;
}

int lookout_start(struct lookout *lookout)
{
	char name[16];
	int r;

	(void)snprintf(name, sizeof(name), "loop-%u", lookout->options.number);
	r = thread_start(name, look, lookout, &lookout->thread);
	lookout->is_started = r == 0;
	return r;
}

struct event_base *lookout_base(const struct lookout *lookout)
{
	return lookout->base;
}

static bool has_ended(struct lookout *lookout)
{
	const usec_t until = clock_now() + end_within;
	const struct timespec by = { (time_t)(until / USEC_PER_SEC),
				     (long)(until % USEC_PER_SEC) * 1000 };
	int r;

	do
		r = sem_clockwait(&lookout->ended, CLOCK_MONOTONIC, &by);
	while (r < 0 && errno == EINTR);
	return r == 0;
}

bool lookout_end(struct lookout *lookout)
{
	if (!lookout->is_started)
		return true;
	(void)pthread_mutex_lock(&lookout->lock);
	lookout->inbox.is_end = true;
	(void)pthread_mutex_unlock(&lookout->lock);
	wake(lookout);
	if (!has_ended(lookout)) {
		(void)pthread_detach(lookout->thread);
		return false;
	}
	(void)pthread_join(lookout->thread, NULL);
	lookout->is_started = false;
	return true;
}

void lookout_free(struct lookout *lookout)
{
	assert(!lookout->is_started);
	assert(list_is_empty(&lookout->outgoing) && list_is_empty(&lookout->arrived) &&
	       list_is_empty(&lookout->waiting) && list_is_empty(&lookout->in_hand));
	mail_done(&lookout->inbox);
	probe_tools_free(lookout->tools);
	event_free(lookout->mail_event);
	event_base_free(lookout->base);
	(void)close(lookout->wakeup);
	(void)sem_destroy(&lookout->ended);
	(void)pthread_mutex_destroy(&lookout->turns_lock);
	(void)pthread_mutex_destroy(&lookout->lock);
	free(lookout);
}

void lookout_hand(struct lookout *lookout, struct check *check)
{
	list_append(&lookout->outgoing, &check->link);
}

void lookout_send(struct lookout *lookout)
{
	if (list_is_empty(&lookout->outgoing))
		return;
	(void)pthread_mutex_lock(&lookout->lock);
	splice(&lookout->arrived, &lookout->outgoing);
	(void)pthread_mutex_unlock(&lookout->lock);
	wake(lookout);
}

/* What was handed over is sent first, or it would miss what follows. */
void lookout_cancel(struct lookout *lookout, uint32_t watch_id, uint32_t generation)
{
	struct mail *inbox = &lookout->inbox;

	lookout_send(lookout);
	(void)pthread_mutex_lock(&lookout->lock);
	if (inbox->quitters_count == inbox->quitters_room) {
		inbox->quitters_room =
			memory_next_room(inbox->quitters_room, inbox->quitters_count + 1);
		inbox->quitters = memory_grow(inbox->quitters, inbox->quitters_room,
					      sizeof(*inbox->quitters));
	}
	inbox->quitters[inbox->quitters_count++] = (struct quitter){ watch_id, generation };
	(void)pthread_mutex_unlock(&lookout->lock);
	wake(lookout);
}

void lookout_cancel_all(struct lookout *lookout)
{
	lookout_send(lookout);
	(void)pthread_mutex_lock(&lookout->lock);
	lookout->inbox.cancels_all = true;
	(void)pthread_mutex_unlock(&lookout->lock);
	wake(lookout);
}

static struct servers_mail *copy_options(const struct resolver_options *options)
{
	struct servers_mail *copy = MEMORY_NEW(struct servers_mail);

	copy->options = *options;
	if (!options->servers)
		return copy;
	for (unsigned i = 0; i < RESOLVE_SERVERS_MAX && options->servers[i]; i++)
		copy->list[i] = memory_text(options->servers[i]);
	copy->options.servers = (const char *const *)copy->list;
	return copy;
}

void lookout_configure(struct lookout *lookout, const struct resolver_options *options)
{
	struct mail replaced = { 0 };

	(void)pthread_mutex_lock(&lookout->lock);
	replaced.servers = lookout->inbox.servers;
	lookout->inbox.servers = copy_options(options);
	(void)pthread_mutex_unlock(&lookout->lock);
	mail_done(&replaced);
	wake(lookout);
}

void lookout_ask(struct lookout *lookout)
{
	wake(lookout);
}

usec_t lookout_silence(const struct lookout *lookout, usec_t now)
{
	const usec_t since = atomic_load(&lookout->woken_since);

	return since && now > since ? now - since : 0;
}

void lookout_turns(struct lookout *lookout, struct histogram *ret_turns)
{
	(void)pthread_mutex_lock(&lookout->turns_lock);
	*ret_turns = lookout->turns;
	(void)pthread_mutex_unlock(&lookout->turns_lock);
}
