/* fetch.h - one document by HTTP, over the connector.
 *
 * Redirects are not followed, and nothing is kept.  Certificates are verified, with names.
 * Loop thread only.
 */
#pragma once

#include "base/text.h"
#include "loop/errand.h"

struct fetch;

/* All texts are borrowed until done(). */
struct fetch_request {
	const char *url; /* http:// or https:// */
	const char *const *headers; /* "Name: value", NULL-terminated; or NULL */
	size_t body_max; /* bytes; a document that is larger is none */
	usec_t timeout;
};

struct fetch_result {
	unsigned status; /* 0: there was no whole answer */
	const char *type; /* media type without parameters, lower case; "" where none is given */
	const char *fault; /* a sentence where there was none; valid during done() */
	struct text *body; /* may be taken during done() */
};

typedef void fetch_done(const struct fetch_result *result, void *context);

/* done() runs once, in a later turn. */
struct fetch *fetch_start(const struct post_tools *tools, const struct fetch_request *request,
			  fetch_done *done, void *context);
/* done() does not run any more. */
void fetch_cancel(struct fetch *fetch);
