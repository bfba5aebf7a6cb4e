/* transfer_pool.c - libcurl's handles, and what is the same for all of them.
 *
 * 7.88 ignores CURL_SOCKOPT_ALREADY_CONNECTED where a socket comes from OPENSOCKETFUNCTION and calls
 * connect() once more (curl issue 10626).  Linux answers the first such call on a socket whose
 * connection is complete with 0 and does not look at the address.  So the address that CONNECT_TO
 * gives libcurl, which keeps it from resolving the host's name, is never used; and who connected
 * the socket learned the outcome from SO_ERROR and not by a second connect().
 */
#include <assert.h>
#include <stdlib.h>

#include "base/memory.h"
#include "loop/transfer_pool.h"

enum {
	/* A handle takes 5 KiB, so those that one burst needed are not kept for good. */
	IDLE_MAX = 256,
};

/* An address that needs no lookup; see above. */
static struct curl_slist nowhere = { .data = (char[]){ "::127.0.0.1:1" }, .next = NULL };

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

static void free_easy(CURL *easy)
{
	/* Else libcurl sets SIGPIPE aside and back again, for each handle of a pool. */
	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_cleanup(easy);
}

void transfers_free_idle(struct transfers *transfers)
{
	list_each (link, &transfers->idle) {
		struct transfer *transfer = LIST_ENTRY(link, struct transfer, link);

		free_easy(transfer->easy);
		free(transfer);
	}
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

/* A connection of its own, to what the socket leads to. */
static void set_fresh(struct transfer *transfer)
{
	transfer->multi = transfer->transfers->multis[TRANSFER_BEATS];
	transfer->is_keeping = false;
	(void)curl_easy_setopt(transfer->easy, CURLOPT_CONNECT_TO, &nowhere);
	(void)curl_easy_setopt(transfer->easy, CURLOPT_FRESH_CONNECT, 1L);
	(void)curl_easy_setopt(transfer->easy, CURLOPT_FORBID_REUSE, 1L);
}

static void set_common(struct transfer *transfer)
{
	CURL *easy = transfer->easy;

	set_fresh(transfer);
	(void)curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	/* Instead of what http_proxy, no_proxy and their like say. */
	(void)curl_easy_setopt(easy, CURLOPT_PROXY, "");
	(void)curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, give_socket);
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
	(void)curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, say_connected);
	/* The connector has done so already. */
	(void)curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 0L);
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

static void reset(struct transfer *transfer)
{
	/* The cookies, which a reset leaves, and with them the parsing of new ones. */
	(void)curl_easy_setopt(transfer->easy, CURLOPT_COOKIEFILE, NULL);
	curl_easy_reset(transfer->easy);
	transfer->is_set = false;
}

static void set_up(struct transfer *transfer, transfer_prepare *prepare)
{
	if (transfer->is_set && transfer->prepare != prepare)
		reset(transfer);
	if (transfer->is_set)
		return;
	set_common(transfer);
	if (prepare)
		prepare(transfer->easy);
	transfer->prepare = prepare;
	transfer->is_set = true;
}

struct transfer *transfer_take(struct transfers *transfers, transfer_prepare *prepare)
{
	struct list *link = list_take_first(&transfers->idle);
	struct transfer *transfer =
		link ? LIST_ENTRY(link, struct transfer, link) : transfer_new(transfers);

	transfers->idle_count -= link != NULL;
	transfers->out++;
	if (transfers->idle_count > IDLE_MAX && transfers->idle_count > transfers->out)
		drop_idle(transfers);
	set_up(transfer, prepare);
	return transfer;
}

void transfer_renew(struct transfer *transfer)
{
	assert(!transfer->is_running);
	set_common(transfer);
}

/* No reset takes back an errno, and the next one's failure would be told with it. */
static bool forget_error(struct transfer *transfer)
{
	long error = 0;

	(void)curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &error);
	if (!error)
		return false;
	free_easy(transfer->easy);
	transfer->easy = new_easy();
	transfer->is_set = false;
	return true;
}

void transfer_give(struct transfer *transfer)
{
	struct transfers *transfers = transfer->transfers;

	transfer_stop(transfer);
	if (!forget_error(transfer)) {
		transfer_tell(transfer, false);
		if (transfer->is_changed)
			reset(transfer);
		else if (transfer->is_keeping)
			set_fresh(transfer);
	}
	transfer->is_changed = transfer->is_telling = false;
	curl_slist_free_all(transfer->connect_to);
	transfer->connect_to = NULL;
	transfers->out--;
	transfers->idle_count++;
	list_prepend(&transfers->idle, &transfer->link);
}

CURL *transfer_handle(struct transfer *transfer)
{
	transfer->is_changed = true;
	return transfer->easy;
}

CURL *transfer_outcome(const struct transfer *transfer)
{
	return transfer->easy;
}

void transfer_set(struct transfer *transfer, const char *url, struct curl_slist *headers,
		  void *context)
{
	(void)curl_easy_setopt(transfer->easy, CURLOPT_URL, url);
	(void)curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, headers);
	(void)curl_easy_setopt(transfer->easy, CURLOPT_PREREQDATA, context);
	(void)curl_easy_setopt(transfer->easy, CURLOPT_HEADERDATA, context);
	(void)curl_easy_setopt(transfer->easy, CURLOPT_WRITEDATA, context);
	(void)curl_easy_setopt(transfer->easy, CURLOPT_DEBUGDATA, context);
}

void transfer_tell(struct transfer *transfer, bool is_telling)
{
	if (transfer->is_telling != is_telling)
		(void)curl_easy_setopt(transfer->easy, CURLOPT_VERBOSE, (long)is_telling);
	transfer->is_telling = is_telling;
}
