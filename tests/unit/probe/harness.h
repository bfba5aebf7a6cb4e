/* harness.h - probes run against servers in the same process, names and addresses as
 * a test wants them.
 */
#pragma once

#include <stdbool.h>

#include "loop/connect.h"
#include "model/check.h"
#include "probe/http_options.h"
#include "probe/probe.h"

struct arena;
struct event_base;

/* What the connector is to do; the default is to connect to 127.0.0.1 at the wanted port. */
struct plan {
	const char *host; /* only for this one; NULL: any */
	enum connect_outcome outcome;
	enum resolve_outcome resolve_outcome;
	int error;
	const char *detail;
	bool hangs_resolving, hangs_connecting;
	uint16_t port; /* 0: as wanted */
	bool is_public; /* says that it was a public address */
	unsigned addresses; /* that the name has: 127.0.0.1 and those behind it; 0: not told */
};

struct harness {
	struct event_base *base;
	struct orphans *orphans;
	struct probe_tools *tools;
	struct arena *arena;
	struct check_limits limits;
	struct endpoint endpoint;
	struct plan plan;
	unsigned done;

	/* What the connector was asked for, the last time and how often. */
	unsigned connects, connected;
	char host[256];
	uint16_t port;
	enum connect_family family;
	char resolver[64], source[64];
	bool no_private, only_first;
	uint32_t pinned; /* the last byte of the address that was asked for; 0: by name */
};

int harness_set_up(void **state);
int harness_tear_down(void **state);

/* Built-in values and this URL, where %u is the port. */
struct http_options *harness_options(struct harness *harness, const char *url, unsigned port);
/* Those of any probe: built-in values. */
void *harness_fill(struct harness *harness, const char *probe);
/* Prepares the options and makes a check with this timeout; not started. */
struct check *harness_check(struct harness *harness, struct http_options *options, usec_t timeout);
/* The same, run to its end within 20 s (or that timeout); freed by the caller with check_free(). */
struct check *harness_check_of(struct harness *harness, const char *probe, void *options,
			       usec_t timeout);
struct check *harness_run(struct harness *harness, struct http_options *options);
struct check *harness_run_for(struct harness *harness, struct http_options *options,
			      usec_t timeout);
struct check *harness_run_of(struct harness *harness, const char *probe, void *options);
void harness_start(struct harness *harness, struct check *check);
void harness_turn(struct harness *harness, unsigned turns);
/* Closes what checks have kept open. */
void harness_forget_connections(struct harness *harness);
/* Turns the loop until `count` checks are done in all. */
void harness_wait(struct harness *harness, unsigned count);
