/* load.h - what the clients that picketd is compared with have in common: which endpoints
 * they look at and when, and what they say about it at the end.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"

struct load_options {
	size_t endpoints, in_flight;
	usec_t interval, warm_up, measured;
	unsigned port;
	const char *path;
	unsigned delay_min, delay_max; /* ms; both 0: the path as it is */
	const char *latencies; /* file that gets "ENDPOINT MICROSECONDS" lines, or NULL */
	const char *ca; /* https, trusting this file; NULL: http */
	bool is_back_to_back; /* as fast as `in_flight` allows, without a schedule */
	bool is_burst; /* all at once, every interval */
	bool curl_connects; /* libcurl opens and connects its sockets itself */
	bool keeps_connections;
	bool parses; /* the body, with jansson */
};

struct load_endpoint {
	size_t index;
	char *path, *url; /* owned */
	struct sockaddr_in address;
	usec_t phase;
};

/* Ends the process where they make no sense. */
void load_options_read(struct load_options *options, int argc, char *argv[]);

struct load;
struct load *load_new(const struct load_options *options);

/* What is to be started now; NULL: nothing until `*ret_next` (monotonic; USEC_NEVER: until
 * something ended).
 */
const struct load_endpoint *load_next(struct load *load, usec_t *ret_next);
/* A check of what load_next() gave ended. */
void load_ended(struct load *load, const struct load_endpoint *endpoint, bool is_fine,
		usec_t latency);
/* When load_look() is due. */
usec_t load_deadline(const struct load *load);
/* The warming up or all is over.  True: all, and a line of JSON is printed. */
bool load_look(struct load *load);
