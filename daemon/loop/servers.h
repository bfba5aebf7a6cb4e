/* servers.h - the DNS servers that a lookup asks, and the domains it searches.
 *
 * A set is immutable and lives as long as somebody has a reference.  Loop thread only.
 */
#pragma once

#include <stdbool.h>

#include "base/clock.h"

struct event_base;
struct nameserver;

struct servers {
	unsigned references;
	bool is_own; /* of one endpoint: its silence is the endpoint's failure */
	char *name; /* owned; what tells this set from others */
	struct nameserver **list; /* owned array of owned */
	unsigned count; /* at least 1 */
	char **domains; /* owned array of owned */
	unsigned domains_count;
	unsigned ndots;
};

/* Those of `list` (what is no address with a port is left out) or, with NULL, those of
 * the resolv.conf; 127.0.0.1 where that gives none.  The search domains are the
 * resolv.conf's.  One reference.
 */
struct servers *servers_of_system(struct event_base *base, const char *const *list,
				  const char *resolv_conf, usec_t timeout);
/* An endpoint's own, which searches no domains. */
struct servers *servers_of_endpoint(struct event_base *base, const char *server, usec_t timeout);
void servers_ref(struct servers *servers);
void servers_unref(struct servers *servers);

/* Which to ask first: the first that is not known to be dead, or was not tried for 10 s. */
unsigned servers_first(const struct servers *servers);
/* Whether any of them answered anything in the last 10 s. */
bool servers_are_alive(const struct servers *servers);
