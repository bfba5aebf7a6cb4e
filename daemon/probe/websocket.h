/* websocket.h - the keys of `websocket:`, and what they lead to. */
#pragma once

#include "option/option.h"
#include "probe/http_url.h"
#include "probe/reach.h"
#include "probe/tls_options.h"

struct websocket_options {
	const char *url;
	struct option_pairs headers;
	const char *send; /* with escapes; or NULL */
	const char *expect; /* a regular expression; or NULL */
	struct tls_options tls;
	struct reach reach; /* its address is made of the URL's */

	/* Prepared. */
	struct http_url parts; /* with the scheme of HTTP */
	const char *shown_url; /* for people */
	const char *path; /* with the query */
	bool is_secure;
	const char *alpn; /* in wire format */
	unsigned alpn_len;
};

extern const struct option_table websocket_table;

void websocket_options_prepare(void *options, struct arena *arena, struct complaints *complaints,
			       const struct option_places *places);
