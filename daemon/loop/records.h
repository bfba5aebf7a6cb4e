/* records.h - where a service is, by DNS: SRV records, or addresses, with their TTL.
 *
 * Asks the resolver's servers about the name as it stands: no search domains, no /etc/hosts.
 * Loop thread only.  Sources: RFC 2782, RFC 1035, RFC 2181.
 */
#pragma once

#include "base/clock.h"

struct event_base;
struct records_lookup;
struct resolver;

enum { RECORDS_MAX = 1000 };

struct records {
	const char *const *names; /* "host.example.com:8080", "192.0.2.1", "[2001:db8::1]" */
	unsigned count;
	usec_t ttl; /* the least of all, but a second at least and an hour at most */
	const char *fault; /* a sentence where nothing was learnt; or NULL */
};

/* All of it is valid during the call. */
typedef void records_done(const struct records *records, void *context);

/* A name that begins with '_' is asked for SRV records, any other for AAAA and A.  That there
 * is no such name, or that it has none of these, is a fault; a service that says of itself
 * that it is nowhere is not.  done() runs once, in a later turn.
 */
struct records_lookup *records_start(struct event_base *base, struct resolver *resolver,
				     const char *name, records_done *done, void *context);
/* done() does not run any more. */
void records_cancel(struct records_lookup *lookup);
