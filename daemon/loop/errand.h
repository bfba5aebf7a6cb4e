/* errand.h - one transfer by libcurl to somebody who is to be told something, over the connector.
 *
 * What posts (post.h) and mails (mail.h) have in common: the name is resolved and the
 * connection made by our own means, certificates are verified by our own stores, nothing is
 * kept, and it ends in time.  Loop thread only.
 */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>

#include "base/clock.h"

struct connector;
struct event_base;
struct errand;
struct tls_stores;
struct transfers;

/* All borrowed. */
struct post_tools {
	struct event_base *base;
	struct connector *connector;
	struct transfers *transfers;
	struct tls_stores *stores;
};

/* All texts are borrowed until over(). */
struct errand_request {
	const char *url;
	const char *schemes; /* that the URL may have: "http,https" */
	const char *ca; /* PEM file; NULL: the system's */
	const char *cert, *key; /* PEM files of our own; or NULL */
	usec_t timeout;
	/* Sets what is special about the transfer; borrowed from now until over(). */
	void (*set_up)(CURL *easy, void *context);
	/* Once, in a later turn.  `easy` is NULL where nothing was transferred, and `fault` says
	 * why: "HOST: it refuses connections"; else `code` is what libcurl says of it.
	 */
	void (*over)(CURL *easy, CURLcode code, const char *fault, void *context);
};

struct errand *errand_start(const struct post_tools *tools, const struct errand_request *request,
			    void *context);
/* over() does not run any more. */
void errand_cancel(struct errand *errand);
/* The URL's host, without brackets. */
const char *errand_host(const struct errand *errand);

/* Whether a URL can be reached; else what it must be, to stand behind "must ". */
bool errand_check_url(const char *url, const char *schemes, const char **ret_wanted);
/* A sentence about an error of libcurl's, whose own mislead; NULL where it says nothing more than
 * that the other does not speak the protocol.
 */
const char *errand_fault(CURLcode code);
