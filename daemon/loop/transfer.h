/* transfer.h - libcurl's multi on libevent, over sockets that are connected already.
 *
 * The pool keeps used handles, so that a check makes none of its own.  libcurl
 * never resolves and never connects here: it is handed a socket, or goes on with
 * a connection it kept.  Loop thread only; curl_global_init() comes first, in main.
 * Source: libcurl-multi(3), curl_multi_socket_action(3).
 */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>

#include "base/clock.h"

struct event_base;
struct transfer;
struct transfers;

struct transfers *transfers_new(struct event_base *base);
/* No handle may be out. */
void transfers_free(struct transfers *transfers);
/* Handles of libcurl that wait for the next ones; 5 KiB each. */
unsigned transfers_idle(const struct transfers *transfers);

/* Sets what one kind of transfers has in common, and nothing that is freed before the pool is. */
typedef void transfer_prepare(CURL *easy);

/* A handle in its first state, but for what all transfers share: http and https
 * only, no name lookups, no signals, nothing from the environment, a fresh
 * connection that is closed at the end; and for what prepare() set, which is done once a handle and
 * may be NULL.
 */
struct transfer *transfer_take(struct transfers *transfers, transfer_prepare *prepare);
/* Takes back what transfer_keep() and a proxy changed; cookies and all else stay.  (A reset of
 * libcurl's would leave cookies too, but 7.88 then leaks its list of cookie files.)
 */
void transfer_renew(struct transfer *transfer);
/* Back to the pool, and out of libcurl if it runs.  Never from one of libcurl's callbacks. */
void transfer_give(struct transfer *transfer);

/* What each transfer is about, and what its callbacks get: all borrowed until it is given back. */
void transfer_set(struct transfer *transfer, const char *url, struct curl_slist *headers,
		  void *context);
/* To set what else it is about, which is reset when it is given back: that has its price.  Borrowed. */
CURL *transfer_handle(struct transfer *transfer);
/* To ask for what came of it, curl_easy_getinfo(3).  Borrowed. */
CURL *transfer_outcome(const struct transfer *transfer);
/* Whether what goes out is told to CURLOPT_DEBUGFUNCTION, or is not (as at first); not taken back
 * by another start.
 */
void transfer_tell(struct transfer *transfer, bool is_telling);

/* Goes on with a connection that this transfer, or one with the same `token`, left
 * open to the same host before, and leaves its own open.  The token is what the
 * connections may be shared by; 40 bits of it count.  `beat` is where in the interval it is
 * due, the same each time: once a second in which a multi begins something, libcurl looks at
 * each connection that is kept there (7.88, lib/url.c), so those that are due in the same
 * second share one and are looked at once a beat.
 */
void transfer_keep(struct transfer *transfer, uint64_t token, usec_t beat);

typedef void transfer_done(CURLcode code, void *context);

/* Runs it over `fd`, which is libcurl's from here on; with -1 only over a kept
 * connection.  done() runs exactly once, in a later turn and not inside libcurl.
 */
void transfer_start(struct transfer *transfer, int fd, transfer_done *done, void *context);
/* done() does not run any more; the connection is closed.  Never from one of libcurl's callbacks. */
void transfer_stop(struct transfer *transfer);

/* Lets what is written from here on leave together, when libcurl has written all that it
 * can in this turn (TCP_CORK, tcp(7)); not over a kept connection.  From callbacks of the transfer.
 */
void transfer_cork(struct transfer *transfer);

/* When libcurl took the socket and began to talk; 0: it never did. */
usec_t transfer_began(const struct transfer *transfer);
/* When what libcurl reads now had come in, its first byte and its last: where this loop or
 * the machine had been busy, that is earlier.  In callbacks of the transfer and in
 * done(), else it is the time.
 */
usec_t transfer_first_came(const struct transfer *transfer);
usec_t transfer_last_came(const struct transfer *transfer);
/* How long the last byte of it had waited for the loop. */
usec_t transfer_waited(const struct transfer *transfer);
/* libcurl wanted one more socket than it was given, which ended the transfer. */
bool transfer_wants_socket(const struct transfer *transfer);
