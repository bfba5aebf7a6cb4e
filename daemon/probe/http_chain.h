/* http_chain.h - the requests of one check: the first, and where redirects lead.
 *
 * Followed by hand, so that each hop has phases of its own, no name is resolved by
 * libcurl, and nothing secret goes to another origin.
 */
#pragma once

#include "model/verdict.h"
#include "probe/http_hop.h"

struct text;

struct http_chain {
	const struct http_options *options; /* borrowed */
	const char *const *secrets; /* borrowed; of the endpoint; NULL-terminated, or NULL */
	const char *token; /* borrowed; a bearer token that was fetched; or NULL */
	struct http_url away; /* owned; where redirects led; no text: nowhere yet */
	const char *method, *body; /* borrowed */
	size_t body_len;
	unsigned count; /* redirects followed */
	bool is_public; /* the first request went to a public address */
	bool is_downgrade; /* the last redirect led from https to http */
};

void http_chain_init(struct http_chain *chain, const struct http_options *options,
		     const char *const *secrets);
void http_chain_done(struct http_chain *chain);

/* Where the next request goes. */
const struct http_url *http_chain_url(const struct http_chain *chain);
/* The next request but for its family and connection; good until the chain moves on. */
void http_chain_request(const struct http_chain *chain, struct http_request *ret_request);

bool http_chain_is_redirect(unsigned status);
/* Goes on to `location` (NULL: the reply named none, and it is the last one).
 * CLASS_NONE, or why it may not, with a sentence.
 */
enum failure_class http_chain_follow(struct http_chain *chain, unsigned status,
				     const char *location, unsigned max, struct text *detail);
