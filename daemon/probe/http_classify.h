/* http_classify.h - what the end of a transfer means.
 *
 * Decided from libcurl's code, errno, the state of the transfer and what the
 * handshake showed; never from libcurl's text, which calls a long header line "out of
 * memory" and garbage an "unsupported protocol".
 */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>

#include "loop/connect.h"
#include "model/verdict.h"

struct text;

struct http_end {
	CURLcode code;
	int error; /* errno of the socket, or 0 */
	enum phase phase; /* where it was */
	unsigned status; /* of the reply, or 0 */
	unsigned proxy_status; /* of the proxy's answer to CONNECT, or 0 */
	bool is_proxied;
	bool is_http2;
	bool has_reply; /* the last header line was seen */
	bool is_over_headers;
	bool is_over_body;
	bool has_two_lengths;
};

/* CLASS_NONE: there is a reply.  *ret_phase is set for all others; `detail` gets a
 * sentence, or nothing where the class says it all.
 */
enum failure_class http_classify(const struct http_end *end, enum phase *ret_phase,
				 struct text *detail);
