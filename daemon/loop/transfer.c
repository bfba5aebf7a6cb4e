/* transfer.c - libcurl's multi on libevent, over sockets that are connected already.
 *
 * libcurl may not be called from its own timer and socket callbacks, so these only note what it
 * wants; it is driven from libevent's callbacks, after each of which those that ended are told so.
 */
#include <assert.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/list.h"
#include "base/memory.h"
#include "loop/arrival.h"
#include "loop/transfer.h"
#include "loop/transfer_pool.h"
#include "loop/turns.h"

enum {
	/* By itself libcurl keeps four times as many as are at work just then. */
	KEPT_MAX = 65536,
};

/* A socket that libcurl wants to hear of. */
struct watched {
	struct multi *multi; /* borrowed */
	struct transfer *transfer; /* borrowed; whose socket it is, or NULL */
	struct event event;
	struct list link;
	int what; /* CURL_POLL_… */
};

/* Takes a transfer out of libcurl, which also ends its connection unless that is kept. */
static void end(struct transfer *transfer)
{
	if (transfer->is_running)
		(void)curl_multi_remove_handle(transfer->multi->curl, transfer->easy);
	transfer->is_running = false;
	if (transfer->fd >= 0)
		(void)close(transfer->fd);
	transfer->fd = -1;
}

/* Tells those that ended.  Runs outside libcurl, so whoever is told may start and stop transfers. */
static void collect(struct multi *multi)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(multi->curl, &left))) {
		struct transfer *transfer;
		const CURLcode code = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
		end(transfer);
		transfer->done(code, transfer->context);
	}
}

/* In vain where libcurl has closed it since. */
static void set_cork(const struct transfer *transfer, int is_corked)
{
	(void)setsockopt(transfer->taken, IPPROTO_TCP, TCP_CORK, &is_corked, sizeof(is_corked));
}

static void uncork(struct transfers *transfers)
{
	struct list *link;

	while ((link = list_first(&transfers->corked))) {
		list_remove(link);
		set_cork(LIST_ENTRY(link, struct transfer, link), 0);
	}
}

static void drive(struct multi *multi, curl_socket_t fd, int what)
{
	int running;

	(void)curl_multi_socket_action(multi->curl, fd, what, &running);
	uncork(multi->transfers);
	collect(multi);
	turns_share(multi->transfers->base);
}

static void timer_fired(evutil_socket_t fd, short what, void *context)
{
	drive(context, CURL_SOCKET_TIMEOUT, 0);
}

static void note_arrival(struct transfer *transfer, int fd)
{
	const usec_t now = clock_now();

	transfer->read_at = now;
	(void)arrival_ages(fd, now - transfer->driven, &transfer->ages);
	transfer->driven = now;
}

static void forget_arrival(struct transfer *transfer)
{
	transfer->read_at = 0;
	transfer->ages = (struct arrival_ages){ 0 };
}

static void socket_fired(evutil_socket_t fd, short what, void *context)
{
	struct watched *watched = context;
	struct transfer *transfer = watched->transfer;

	if (transfer && what & EV_READ)
		note_arrival(transfer, fd);
	drive(watched->multi, fd,
	      (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0));
	/* It may have ended, but what was given back last is not freed either. */
	if (transfer)
		forget_arrival(transfer);
}

/* libcurl wants to be called in `timeout_ms`, or not at all (-1). */
static int note_timer(CURLM *curl, long timeout_ms, void *context)
{
	struct multi *multi = context;
	const struct timeval in = { timeout_ms / 1000, timeout_ms % 1000 * 1000 };

	if (timeout_ms < 0)
		(void)event_del(&multi->timer);
	else if (timeout_ms == 0)
		event_active(&multi->timer, EV_TIMEOUT, 1);
	else
		(void)event_add(&multi->timer, &in);
	return 0;
}

static struct watched *watch(struct transfers *transfers)
{
	struct list *link = list_take_first(&transfers->sockets);
	struct watched *watched;

	if (link)
		return LIST_ENTRY(link, struct watched, link);
	watched = MEMORY_NEW(struct watched);
	list_init(&watched->link);
	return watched;
}

/* libcurl wants to hear of `fd`, of something else than before, or no more. */
static int note_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *known)
{
	struct multi *multi = context;
	struct watched *watched = known;
	const short events = (short)(EV_PERSIST | (what & CURL_POLL_IN ? EV_READ : 0) |
				     (what & CURL_POLL_OUT ? EV_WRITE : 0));

	if (what == CURL_POLL_REMOVE) {
		if (watched) {
			(void)event_del(&watched->event);
			list_prepend(&multi->transfers->sockets, &watched->link);
		}
		return 0;
	}
	if (!watched) {
		watched = watch(multi->transfers);
		watched->multi = multi;
		(void)curl_multi_assign(multi->curl, fd, watched);
	} else if (watched->what == what) {
		return 0;
	} else {
		(void)event_del(&watched->event);
	}
	watched->what = what;
	/* NULL for what libcurl does on its own: it closes connections that it kept. */
	watched->transfer = NULL;
	(void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&watched->transfer);
	(void)event_assign(&watched->event, multi->transfers->base, fd, events, socket_fired,
			   watched);
	(void)event_add(&watched->event, NULL);
	return 0;
}

static struct multi *multi_new(struct transfers *transfers)
{
	struct multi *multi = MEMORY_NEW(struct multi);

	multi->transfers = transfers;
	multi->curl = curl_multi_init();
	if (!multi->curl)
		memory_out();
	(void)evtimer_assign(&multi->timer, transfers->base, timer_fired, multi);
	(void)curl_multi_setopt(multi->curl, CURLMOPT_TIMERFUNCTION, note_timer);
	(void)curl_multi_setopt(multi->curl, CURLMOPT_TIMERDATA, multi);
	(void)curl_multi_setopt(multi->curl, CURLMOPT_SOCKETFUNCTION, note_socket);
	(void)curl_multi_setopt(multi->curl, CURLMOPT_SOCKETDATA, multi);
	(void)curl_multi_setopt(multi->curl, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	(void)curl_multi_setopt(multi->curl, CURLMOPT_MAXCONNECTS, (long)KEPT_MAX);
	return multi;
}

static void multi_free(struct multi *multi)
{
	if (!multi)
		return;
	/* Closes the connections it kept, and gives back what watched them. */
	(void)curl_multi_cleanup(multi->curl);
	(void)event_del(&multi->timer);
	free(multi);
}

struct transfers *transfers_new(struct event_base *base)
{
	struct transfers *transfers = MEMORY_NEW(struct transfers);

	transfers->base = base;
	transfers->multis[TRANSFER_BEATS] = multi_new(transfers);
	list_init(&transfers->idle);
	list_init(&transfers->sockets);
	list_init(&transfers->corked);
	return transfers;
}

void transfers_free(struct transfers *transfers)
{
	assert(transfers->out == 0);
	transfers_free_idle(transfers);
	for (unsigned i = 0; i <= TRANSFER_BEATS; i++)
		multi_free(transfers->multis[i]);
	list_each (link, &transfers->sockets)
		free(LIST_ENTRY(link, struct watched, link));
	free(transfers);
}

void transfer_keep(struct transfer *transfer, uint64_t token, usec_t beat)
{
	struct multi **multi = &transfer->transfers->multis[beat / USEC_PER_SEC % TRANSFER_BEATS];
	char address[64];

	if (!*multi)
		*multi = multi_new(transfer->transfers);
	transfer->multi = *multi;
	transfer->is_keeping = true;

	/* libcurl shares connections by host and by what CONNECT_TO says; no one connects there. */
	(void)snprintf(address, sizeof(address), "::127.%u.%u.%u:%u", (unsigned)(token >> 32 & 255),
		       (unsigned)(token >> 24 & 255), (unsigned)(token >> 16 & 255),
		       (unsigned)(token & 65535) | 1);
	curl_slist_free_all(transfer->connect_to);
	transfer->connect_to = curl_slist_append(NULL, address);
	if (!transfer->connect_to)
		memory_out();
	(void)curl_easy_setopt(transfer->easy, CURLOPT_CONNECT_TO, transfer->connect_to);
	(void)curl_easy_setopt(transfer->easy, CURLOPT_FRESH_CONNECT, 0L);
	(void)curl_easy_setopt(transfer->easy, CURLOPT_FORBID_REUSE, 0L);
}

void transfer_start(struct transfer *transfer, int fd, transfer_done *done, void *context)
{
	assert(!transfer->is_running && transfer->fd < 0);
	transfer->fd = fd;
	transfer->taken = -1;
	transfer->done = done;
	transfer->context = context;
	transfer->began = 0;
	transfer->driven = clock_now();
	transfer->wants_socket = false;
	transfer->is_running = true;
	/* It fails only for a handle that is in already, or for want of memory. */
	if (curl_multi_add_handle(transfer->multi->curl, transfer->easy) != CURLM_OK)
		memory_out();
}

void transfer_stop(struct transfer *transfer)
{
	end(transfer);
}

void transfer_cork(struct transfer *transfer)
{
	if (transfer->taken < 0)
		return;
	set_cork(transfer, 1);
	list_remove(&transfer->link);
	list_append(&transfer->transfers->corked, &transfer->link);
}

usec_t transfer_began(const struct transfer *transfer)
{
	return transfer->began;
}

usec_t transfer_first_came(const struct transfer *transfer)
{
	return transfer->read_at ? transfer->read_at - transfer->ages.first : clock_now();
}

usec_t transfer_last_came(const struct transfer *transfer)
{
	return transfer->read_at ? transfer->read_at - transfer->ages.last : clock_now();
}

usec_t transfer_waited(const struct transfer *transfer)
{
	return transfer->ages.last;
}

bool transfer_wants_socket(const struct transfer *transfer)
{
	return transfer->wants_socket;
}
