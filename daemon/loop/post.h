/* post.h - one HTTP request to somebody who is to be told something, over the connector.
 *
 * Redirects are not followed, and nothing is kept: a connection is for one request.  Certificates
 * are verified, with names.  Loop thread only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/text.h"
#include "loop/errand.h"

struct post;

/* All texts are borrowed until done(). */
struct post_request {
	const char *url; /* http:// or https:// */
	const char *method;
	const char *const *headers; /* "Name: value", NULL-terminated; or NULL */
	const char *body;
	size_t body_len;
	const char *ca; /* PEM file; NULL: the system's */
	const char *cert, *key; /* PEM files of our own; or NULL */
	usec_t timeout;
};

struct post_result {
	unsigned status; /* 0: there was no answer */
	usec_t retry_after; /* how long the answer asks to wait; 0: it does not */
	const char *fault; /* a sentence where there was no answer; valid during done() */
	const struct text *body; /* the beginning of the answer's; valid during done() */
};

typedef void post_done(const struct post_result *result, void *context);

/* done() runs once, in a later turn. */
struct post *post_start(const struct post_tools *tools, const struct post_request *request,
			post_done *done, void *context);
/* done() does not run any more. */
void post_cancel(struct post *post);

/* Whether a URL can be posted to; else what it must be, to stand behind "must ". */
bool post_check_url(const char *url, const char **ret_wanted);
