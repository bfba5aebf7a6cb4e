/* transfer_pool.h - within loop/: a transfer from inside, and where its handle comes from.
 *
 * A handle of the pool has what all transfers share, and what those of its kind share; setting that
 * anew for each check would cost as much as the request itself does.
 */
#pragma once

#include <event2/event_struct.h>

#include "base/list.h"
#include "loop/arrival.h"
#include "loop/transfer.h"

enum {
	/* See transfer_keep(): of so many seconds each has a multi of its own. */
	TRANSFER_BEATS = 64,
};

/* A multi of libcurl's, and when it wants to be called. */
struct multi {
	struct transfers *transfers; /* borrowed */
	CURLM *curl; /* owned */
	struct event timer;
};

struct transfers {
	struct event_base *base; /* borrowed */
	/* Owned; NULL until used; the last keeps nothing. */
	struct multi *multis[TRANSFER_BEATS + 1];
	struct list idle; /* of transfer->link */
	unsigned idle_count;
	struct list sockets; /* idle ones, of watched->link */
	struct list corked; /* of transfer->link */
	unsigned out; /* handles that someone has */
};

struct transfer {
	struct transfers *transfers; /* borrowed */
	struct multi *multi; /* borrowed; where it runs */
	CURL *easy; /* owned */
	transfer_prepare *prepare; /* what was done to it beside what is common to all; or NULL */
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
	bool is_set; /* the handle has all that is common */
	bool is_changed; /* it has more than that, and than the pool can take back */
	bool is_keeping; /* transfer_keep() */
	bool is_telling; /* transfer_tell() */
};

/* Those that nobody has. */
void transfers_free_idle(struct transfers *transfers);
