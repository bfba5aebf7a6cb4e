/* conn.h - one connection: requests in, answers or faults out.
 *
 * Nothing frees a connection but conn_run(), which every callback calls last.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/text.h"
#include "request.h"
#include "step.h"

struct bufferevent;
struct evbuffer;
struct event;
struct tally;
struct world;

struct conn {
	struct list link; /* of the world's connections */
	struct list wait_link; /* of those that wait for an event */
	struct world *world; /* borrowed */
	struct bufferevent *bev; /* owned; with the socket */
	struct event *timer; /* owned */
	struct event *arrival; /* owned; NULL: the world is not clocked */
	usec_t came; /* when the last bytes came in, by the kernel's clock; 0: not known */
	char *local; /* owned; the address that was connected to */
	bool is_tls;
	bool is_busy; /* a request is being answered */
	bool is_done; /* to be freed */
	bool is_sending; /* bytes of an answer are on their way */

	struct request request;
	struct text body; /* of the request */
	struct tally *endpoint, *host; /* borrowed; while a request is in flight */
	usec_t sent; /* when bytes of the answer were last given to the kernel */
	usec_t requested; /* `came` of the request that is answered */
	const struct step *step; /* borrowed */
	struct step own_step; /* where the path is the script */

	struct evbuffer *slow; /* owned; what is left to send byte by byte */
	size_t slow_body_len; /* how much of it is body */

	char *wait_match; /* owned */
	size_t wait_hits, wait_endpoints;
	usec_t wait_until;
};

/* Takes the socket.  `kind` is that of the port, see certificates.h; NULL: no TLS. */
void conn_new(struct world *world, int fd, const char *local, const char *kind);
void conn_free(struct conn *conn);
/* Answers what has come, as far as it can be; `conn` may be gone afterwards. */
void conn_run(struct conn *conn);

/* The answer is complete. */
void conn_finished(struct conn *conn);
/* Closed, with RST if `reset`. */
void conn_end(struct conn *conn, bool reset);
/* Sends the bytes and empties `bytes`; true if nothing is left to be written. */
bool conn_send(struct conn *conn, struct evbuffer *bytes);
/* An answer that is no endpoint's. */
void conn_reply(struct conn *conn, unsigned status, const char *type, const struct text *text);
void conn_set_timer(struct conn *conn, usec_t wait);
