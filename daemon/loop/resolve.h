/* resolve.h - names to addresses on the loop, with c-ares and a table of /etc/hosts of our own.
 *
 * One query in flight a (name, family, server set); equal lookups wait for it
 * together.  No answer outlives the lookups that asked for it.  At most 50
 * queries are submitted a turn of the loop.  Loop thread only.
 * Sources: c-ares 1.18 manual pages, resolv.conf(5), hosts(5).
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"

struct event_base;
struct lookup;
struct resolver;

struct resolver_options {
	const char *const *
		servers; /* "192.0.2.53", "192.0.2.53:5353", "[2001:db8::53]:53"; NULL: the system's */
	usec_t timeout; /* of one try */
	unsigned tries;
};

enum resolve_outcome {
	RESOLVE_OK,
	RESOLVE_TIMEOUT, /* the server is silent, though it answered others, or is the endpoint's own */
	RESOLVE_NXDOMAIN,
	RESOLVE_NO_ADDRESS, /* the name exists, no address of that family */
	RESOLVE_FAILURE, /* SERVFAIL, REFUSED, FORMERR, malformed, loop */
	RESOLVE_LOCAL, /* this host: the system's servers answered nobody in the last 10 s, no descriptors */
	RESOLVE_CANCELLED,
};

enum { RESOLVE_ADDRESSES_MAX = 8 };

struct resolved {
	enum resolve_outcome outcome;
	const char *
		detail; /* static or of the lookup's lifetime: "SERVFAIL from 192.0.2.53"; or NULL */
	struct sockaddr_storage addresses
		[RESOLVE_ADDRESSES_MAX]; /* IPv6 first and IPv4 in turn where both; port 0 */
	unsigned count;
};

typedef void resolve_done(const struct resolved *resolved, void *context);

struct resolver *resolver_new(struct event_base *base, const struct resolver_options *options);
void resolver_free(struct resolver *resolver);
/* New servers from a reload; lookups in flight end under the old ones. */
void resolver_configure(struct resolver *resolver, const struct resolver_options *options);

/* Addresses of `name` (a literal answers at once) for `family`: AF_INET, AF_INET6 or
 * AF_UNSPEC.  `server` is an endpoint's own resolver ("HOST:PORT" of a literal), or NULL.
 * done() runs once, in a later turn.
 */
struct lookup *resolve_start(struct resolver *resolver, const char *name, int family,
			     const char *server, resolve_done *done, void *context);
/* done() does not run any more. */
void resolve_cancel(struct lookup *lookup);
