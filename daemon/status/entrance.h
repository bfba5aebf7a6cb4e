/* entrance.h - where requests come in: the Unix socket, and the TCP port of `listen:`.
 *
 * Who comes over the socket is known by the kernel, and may read all.  At the TCP port anybody
 * may come, a browser on behalf of any web page too: only what is for everybody is answered
 * there (route.c), and only to requests that name a host we know, so that a name which leads
 * to us is of no use to the page that owns it (DNS rebinding).  Loop thread only.
 */
#pragma once

#include <stdbool.h>

struct evhttp_request;
struct status;
struct status_options;
struct text;
struct visitor;

/* Opens the doors that the options name.  0 or -errno with a sentence in *ret_fault. */
int entrance_open(struct status *status, const struct status_options *options, char **ret_fault);
/* Closes them, and removes the socket that was made here. */
void entrance_free(struct status *status);

/* Whether a request that came in by the TCP port names a host that is ours (RFC 9110, 7.2). */
bool entrance_knows_host(const struct status *status, const struct visitor *visitor,
			 struct evhttp_request *request);
/* Whether this visitor may see evidence, configuration, addresses and headers. */
bool entrance_shows_detail(const struct status *status, const struct visitor *visitor);
