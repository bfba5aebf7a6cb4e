/* connect.h - from a host and port to a connected socket.
 *
 * Resolve, order the addresses, keep to the address policy, connect without
 * blocking, Happy Eyeballs where asked (RFC 8305), stamp every step.  The socket
 * is then the caller's.  Loop thread only.
 *
 * Handing the socket to libcurl (found with 7.88.1, held by tests/unit/loop/handover.c):
 * - OPENSOCKETFUNCTION returns it, SOCKOPTFUNCTION returns CURL_SOCKOPT_ALREADY_CONNECTED,
 *   CONNECT_TO "NAME:PORT:LITERAL:PORT" stands beside them so that nothing is resolved.
 *   libcurl calls connect() on it once all the same (curl #10626); Linux answers
 *   that first one with 0, because the connector asked SO_ERROR and not connect().
 * - DNS_CACHE_TIMEOUT 0, FRESH_CONNECT and FORBID_REUSE, or the socket of another
 *   endpoint may be taken for this one.
 * - CAINFO and CAPATH NULL, *and* CA_CACHE_TIMEOUT 0: else the multi keeps the first
 *   X509_STORE that SSL_CTX_FUNCTION set and gives it to every later transfer,
 *   whatever store that one sets.
 * - An SSL_CTX whose verify callback returns 1 for everything still ends in
 *   CURLE_PEER_FAILED_VERIFICATION where verification failed.
 * - A handed socket that libcurl never asked for (it failed earlier) is still the caller's.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>

#include "base/clock.h"
#include "loop/resolve.h"

struct connection;
struct connector;

enum connect_family { CONNECT_ANY, CONNECT_IPV4, CONNECT_IPV6 };

struct connect_target {
	/* All texts are borrowed until done(). */
	const char *host; /* name or literal, without brackets */
	uint16_t port; /* host order */
	enum connect_family family;
	const struct sockaddr_storage *address; /* this one and no lookup; or NULL */
	const char *resolver; /* the endpoint's own, or NULL */
	const char *source; /* address or interface to come from, or NULL */
	bool no_private; /* refuse private addresses (RFC 1918, loopback, link-local, …) */
	bool only_first; /* of the addresses; the others are told, but not tried */
};

enum connect_outcome {
	CONNECT_OK,
	CONNECT_UNRESOLVED, /* see resolve_outcome */
	CONNECT_REFUSED,
	CONNECT_UNREACHABLE,
	CONNECT_RESET,
	CONNECT_TIMED_OUT, /* the kernel's own, ETIMEDOUT */
	CONNECT_FORBIDDEN, /* every address is private and no_private is set */
	CONNECT_LOCAL, /* no descriptors, ports, memory, or no such source here */
};

/* One of the addresses, and what became of it. */
struct connect_try {
	struct ip ip;
	bool has_begun;
	bool is_over; /* else another one was quicker, or it was cancelled */
	enum connect_outcome outcome; /* where it is over */
	usec_t began; /* after the first one */
	usec_t took; /* so far, where it is not over */
};

struct connected {
	enum connect_outcome outcome;
	enum resolve_outcome resolve_outcome;
	int fd; /* the caller's; -1 unless CONNECT_OK */
	int error; /* errno of the attempt that tells most, or 0 */
	const char *detail; /* for people; valid during done(); or NULL */
	struct sockaddr_storage address; /* used, or tried; family AF_UNSPEC: none */
	usec_t resolve_took; /* 0 and has_resolved false: no server was asked */
	/* Of the attempt that won: min(seen, tcpi_rtt) where nothing was sent again; without
	 * a winner, since the first began.
	 */
	usec_t connect_took;
	bool has_resolved;
	bool has_connected; /* an attempt began */
	/* All addresses that policy lets through, in the order in which they are tried. */
	struct connect_try tries[RESOLVE_ADDRESSES_MAX];
	unsigned tries_count;
};

typedef void connect_done(const struct connected *connected, void *context);

struct connector *connector_new(struct event_base *base, struct resolver *resolver);
void connector_free(struct connector *connector);

/* done() runs once, in a later turn. */
struct connection *connect_start(struct connector *connector, const struct connect_target *target,
				 connect_done *done, void *context);
/* done() does not run any more; attempts are closed.  Fills in what was seen so far: while
 * the name is looked up CONNECT_UNRESOLVED with what the silence means, while
 * attempts are under way CONNECT_TIMED_OUT with the last address tried.
 */
void connect_cancel(struct connection *connection, struct connected *ret_so_far);
