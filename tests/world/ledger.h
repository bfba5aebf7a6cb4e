/* ledger.h - who asked for what, how often, when, and how many at once.
 *
 * A request is in flight from its last header byte until the last byte of the
 * answer is with the kernel, or the connection is gone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/text.h"
#include "script.h"

/* One endpoint or one host. */
struct tally {
	char *name; /* owned */
	struct progress progress; /* of an endpoint */
	uint64_t hits, answered, left; /* `left`: the client went before the answer */
	unsigned in_flight, max_in_flight;
	usec_t *arrivals; /* owned; CLOCK_MONOTONIC, a ring of the last ones */
	size_t arrivals_room;
	usec_t *took; /* owned; how long the last answers took, a ring in the order of their ends */
	size_t took_room;
};

struct ledger {
	struct map *endpoints, *hosts; /* of struct tally, owned */
	struct tally all;
	unsigned connections, max_connections;
	uint64_t accepted;
};

struct ledger *ledger_new(void);
void ledger_free(struct ledger *ledger);
/* Counts start at 0 again; what is in flight stays so. */
void ledger_forget(struct ledger *ledger);

/* Never NULL; beyond a bound of names all share the tally "(others)". */
struct tally *ledger_endpoint(struct ledger *ledger, const char *name);
struct tally *ledger_host(struct ledger *ledger, const char *name);

void ledger_connected(struct ledger *ledger);
void ledger_disconnected(struct ledger *ledger);
void ledger_arrived(struct ledger *ledger, struct tally *endpoint, struct tally *host, usec_t now);
/* `took` is from the last byte of the request to the last of the answer; 0: not known. */
void ledger_left(struct ledger *ledger, struct tally *endpoint, struct tally *host, bool answered,
		 usec_t took);

/* How many endpoints that match have at least `hits`. */
size_t ledger_reached(const struct ledger *ledger, const char *match, uint64_t hits);
/* The members of /_stats, without braces. */
void ledger_print(const struct ledger *ledger, const char *match, bool with_arrivals,
		  struct text *text);
