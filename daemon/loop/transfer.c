/* transfer.c - libcurl's multi on libevent, over sockets that are connected already.
 *
 * libcurl may not be called from its own timer and socket callbacks, so these only note what it
 * wants; it is driven from libevent's callbacks, after each of which those that ended are told so.
 *
 * 7.88 ignores CURL_SOCKOPT_ALREADY_CONNECTED where a socket comes from OPENSOCKETFUNCTION and calls
 * connect() once more (curl issue 10626).  Linux answers the first such call on a socket whose
 * connection is complete with 0 and does not look at the address.  So the address that CONNECT_TO
 * gives libcurl, which keeps it from resolving the host's name, is never used; and who connected
 * the socket learned the outcome from SO_ERROR and not by a second connect().
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
#include "loop/turns.h"

enum {
	/* A handle takes 5 KiB, so those that one burst needed are not kept for good. */
	IDLE_MAX = 256,
	/* See transfer_keep(): of so many seconds each has a multi of its own. */
	BEATS = 64,
	/* By itself libcurl keeps four times as many as are at work just then. */
	KEPT_MAX = 65536,
};

/* A multi of libcurl's, and when it wants to be called. */
struct multi {
	struct transfers *transfers; /* borrowed */
	CURLM *curl; /* owned */
	struct event timer;
};

struct transfers {
	struct event_base *base; /* borrowed */
	struct multi *multis[BEATS + 1]; /* owned; NULL until used; the last keeps nothing */
	struct list idle; /* of transfer->link */
	unsigned idle_count;
	struct list sockets; /* idle ones, of watched->link */
	struct list corked; /* of transfer->link */
	unsigned out; /* handles that someone has */
};

struct transfer {
	struct transfers *transfers; /* borrowed */
	struct multi *multi; /* borrowed; where it runs */
	CURL *easy;
	struct list link; /* of the idle ones, or of those that are corked */
	struct curl_slist *connect_to; /* owned; where it is this transfer's own */
	transfer_done *done;
	void *context;
	usec_t began;
	usec_t driven; /* when it began, or last had something to read */
	usec_t read_at; /* when libcurl began to read what there is; 0: it does not */
	struct arrival_ages ages; /* by then */
	int fd; /* waits for libcurl to take it; -1: none */
	int taken; /* what it took; -1: none, or a kept connection */
	bool is_running, wants_socket;
};

/* A socket that libcurl wants to hear of. */
struct watched {
	struct multi *multi; /* borrowed */
	struct transfer *transfer; /* borrowed; whose socket it is, or NULL */
	struct event event;
	struct list link;
	int what; /* CURL_POLL_… */
};

/* An address that needs no lookup; see above. */
static struct curl_slist nowhere = { .data = (char[]){ "::127.0.0.1:1" }, .next = NULL };

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

static curl_socket_t give_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *transfer = context;
	const int fd = transfer->fd;

	if (fd < 0) {
		transfer->wants_socket = true;
		return CURL_SOCKET_BAD;
	}
	transfer->fd = -1;
	transfer->taken = fd;
	transfer->began = transfer->driven = clock_now();
	(void)arrival_watch(fd);
	return fd;
}

static int say_connected(void *context, curl_socket_t fd, curlsocktype purpose)
{
	return CURL_SOCKOPT_ALREADY_CONNECTED;
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
	transfers->multis[BEATS] = multi_new(transfers);
	list_init(&transfers->idle);
	list_init(&transfers->sockets);
	list_init(&transfers->corked);
	return transfers;
}

static void free_easy(CURL *easy)
{
	/* Else libcurl sets SIGPIPE aside and back again, for each handle of a pool. */
	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_cleanup(easy);
}

void transfers_free(struct transfers *transfers)
{
	assert(transfers->out == 0);
	list_each (link, &transfers->idle) {
		struct transfer *transfer = LIST_ENTRY(link, struct transfer, link);

		free_easy(transfer->easy);
		free(transfer);
	}
	for (unsigned i = 0; i <= BEATS; i++)
		multi_free(transfers->multis[i]);
	list_each (link, &transfers->sockets)
		free(LIST_ENTRY(link, struct watched, link));
	free(transfers);
}

unsigned transfers_idle(const struct transfers *transfers)
{
	return transfers->idle_count;
}

static CURL *new_easy(void)
{
	CURL *easy = curl_easy_init();

	if (!easy)
		memory_out();
	return easy;
}

static struct transfer *transfer_new(struct transfers *transfers)
{
	struct transfer *transfer = MEMORY_NEW(struct transfer);

	transfer->transfers = transfers;
	transfer->easy = new_easy();
	transfer->fd = -1;
	list_init(&transfer->link);
	return transfer;
}

static void set_common(struct transfer *transfer)
{
	CURL *easy = transfer->easy;

	transfer->multi = transfer->transfers->multis[BEATS];
	(void)curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	/* Instead of what http_proxy and its like say. */
	(void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(easy, CURLOPT_CONNECT_TO, &nowhere);
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, give_socket);
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
	(void)curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, say_connected);
	/* The connector has done so already. */
	(void)curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 0L);
	(void)curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	/* The deadline is the caller's; this only keeps libcurl's 300 s from coming first. */
	(void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, 30L * 24 * 60 * 60);
}

/* One that was not used for longest: whoever is at work with one that was given back just
 * now, as socket_fired() may be, does not have this one.
 */
static void drop_idle(struct transfers *transfers)
{
	struct transfer *transfer = LIST_ENTRY(transfers->idle.before, struct transfer, link);

	list_remove(&transfer->link);
	transfers->idle_count--;
	free_easy(transfer->easy);
	free(transfer);
}

struct transfer *transfer_take(struct transfers *transfers)
{
	struct list *link = list_take_first(&transfers->idle);
	struct transfer *transfer =
		link ? LIST_ENTRY(link, struct transfer, link) : transfer_new(transfers);

	transfers->idle_count -= link != NULL;
	transfers->out++;
	if (transfers->idle_count > IDLE_MAX && transfers->idle_count > transfers->out)
		drop_idle(transfers);
	set_common(transfer);
	return transfer;
}

void transfer_renew(struct transfer *transfer)
{
	assert(!transfer->is_running);
	set_common(transfer);
}

void transfer_give(struct transfer *transfer)
{
	struct transfers *transfers = transfer->transfers;
	long error = 0;

	transfer_stop(transfer);
	/* No reset takes that back, and the next one's failure would be told with it. */
	(void)curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &error);
	if (error) {
		free_easy(transfer->easy);
		transfer->easy = new_easy();
	}
	/* The cookies, which a reset leaves, and with them the parsing of new ones. */
	(void)curl_easy_setopt(transfer->easy, CURLOPT_COOKIEFILE, NULL);
	curl_easy_reset(transfer->easy);
	curl_slist_free_all(transfer->connect_to);
	transfer->connect_to = NULL;
	transfers->out--;
	transfers->idle_count++;
	list_prepend(&transfers->idle, &transfer->link);
}

CURL *transfer_handle(struct transfer *transfer)
{
	return transfer->easy;
}

void transfer_keep(struct transfer *transfer, uint64_t token, usec_t beat)
{
	struct multi **multi = &transfer->transfers->multis[beat / USEC_PER_SEC % BEATS];
	char address[64];

	if (!*multi)
		*multi = multi_new(transfer->transfers);
	transfer->multi = *multi;

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
