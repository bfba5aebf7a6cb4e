/* resolve.h - names to addresses on the loop, with c-ares and a table of /etc/hosts of our own.
 *
 * One query in flight a (name, family, server set); equal lookups wait for it
 * together.  No answer outlives the lookups that asked for it.  At most 50
 * questions are asked a turn of the loop.  A lookup ends after timeout * tries *
 * servers at the latest (for each search domain).  Loop thread only.
 * Sources: c-ares 1.18 manual pages, resolv.conf(5), hosts(5).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/ip.h"

struct event_base;
struct lookup;
struct resolver;
struct servers;

struct resolver_options {
	/* "192.0.2.53", "192.0.2.53:5353", "[2001:db8::53]:53"; at most 8, then NULL.  No
	 * list: the system's.
	 */
	const char *const *servers;
	usec_t timeout; /* of one try */
	unsigned tries; /* with each server */
	const char *resolv_conf, *hosts; /* NULL: those in /etc */
};

enum resolve_outcome {
	RESOLVE_OK,
	RESOLVE_TIMEOUT, /* the server is silent, though it answered others, or is the endpoint's own */
	RESOLVE_NXDOMAIN,
	RESOLVE_NO_ADDRESS, /* the name exists, no address of that family */
	RESOLVE_FAILURE, /* SERVFAIL, REFUSED, FORMERR, malformed, loop, truncated, not a name */
	RESOLVE_LOCAL, /* this host: no server answered anything in the last 10 s, no descriptors */
};

enum { RESOLVE_ADDRESSES_MAX = 8, RESOLVE_SERVERS_MAX = 8 };

struct resolved {
	enum resolve_outcome outcome;
	const char *detail; /* "SERVFAIL from 192.0.2.53"; valid during done(); or NULL */
	struct ip addresses[RESOLVE_ADDRESSES_MAX]; /* IPv6 first and IPv4 in turn where both */
	unsigned count;
	/* From the first question, or this lookup's start where that was later, to the
	 * last answer; waiting for the loop is not in it.  0: nobody was asked.
	 */
	usec_t took;
};

typedef void resolve_done(const struct resolved *resolved, void *context);

/* The options are borrowed during the call only. */
struct resolver *resolver_new(struct event_base *base, const struct resolver_options *options);
/* Lookups in flight end without their done(). */
void resolver_free(struct resolver *resolver);
/* New servers from a reload; lookups in flight end under the old ones. */
void resolver_configure(struct resolver *resolver, const struct resolver_options *options);

/* Addresses of `name` for `family`: AF_INET, AF_INET6 or AF_UNSPEC.  `server` is an
 * endpoint's own resolver (an address as in `servers`), or NULL.  Literals,
 * /etc/hosts and `localhost` (RFC 6761) come first, whatever the server.  The search
 * domains of resolv.conf are for names with less than ndots dots, and not asked of
 * an endpoint's own server; other names are never tried below them, where a typo
 * could find somebody's wildcard.  done() runs once, in a later turn.
 */
struct lookup *resolve_start(struct resolver *resolver, const char *name, int family,
			     const char *server, resolve_done *done, void *context);
/* done() does not run any more. */
void resolve_cancel(struct lookup *lookup);

/* What it means that nothing has come so far: RESOLVE_TIMEOUT or RESOLVE_LOCAL. */
enum resolve_outcome resolve_silence(const struct lookup *lookup);

/* Whom lookups ask first, for a question of the caller's own; and whether any server of
 * that set answered anything in the last 10 s.
 */
void resolver_server(struct resolver *resolver, struct ip *ret_ip, uint16_t *ret_port);
bool resolver_is_alive(struct resolver *resolver);

/* Those that lookups ask, for questions of the caller's own: a reference (loop/servers.h).  And how
 * often each is to be asked.
 */
struct servers *resolver_servers(struct resolver *resolver, unsigned *ret_tries);

/* How many questions were put to servers so far. */
uint64_t resolver_asked(const struct resolver *resolver);
