/* http_hop.h - one request and its reply.
 *
 * The connector makes the connection, libcurl talks over it, and every step is
 * stamped.  A check is one hop, or a chain of them over redirects; fetching a token is
 * one too.  Loop thread only.
 */
#pragma once

#include <curl/curl.h>

#include "model/check.h"
#include "probe/http_options.h"
#include "probe/tls_watch.h"

struct connection;
struct probe_tools;
struct transfer;

enum http_auth_kind { AUTH_NONE, AUTH_BASIC, AUTH_DIGEST, AUTH_BEARER };

struct http_request {
	const struct http_url *url; /* borrowed, as is all here until the hop is over */
	const char *method;
	const char *body; /* NULL: none */
	size_t body_len;
	struct curl_slist *headers;
	enum http_auth_kind auth;
	const char *user, *secret; /* the secret is a password or a token */
	enum connect_family family;
	const char *pinned_host; /* connections to this name go to `pinned`; or NULL */
	const struct sockaddr_storage *pinned;
	bool only_first; /* of the host's addresses */
	bool is_home; /* goes where `connect_to` says, asks for `server_name` */
	bool offers_certificate; /* the client's, where there is one */
	bool no_private;
	bool keeps_connection; /* takes one of an earlier check, and leaves its own */
	bool keeps_cookies; /* over redirects, and challenges */
	bool shares_cookies; /* with the requests before and after it, of `cookies` */
	const struct curl_slist *cookies; /* of earlier requests; or NULL */
	uint64_t token; /* what a kept connection may be shared by */
	usec_t beat; /* of the check, in its interval */
};

struct http_hop;
typedef void http_hop_ended(struct http_hop *hop, void *context);

struct http_hop {
	struct probe_tools *tools; /* borrowed */
	const struct http_options *options; /* borrowed */
	const struct check_limits *limits; /* borrowed */
	struct observation *seen; /* borrowed; gets status, headers, body, address, … */
	http_hop_ended *ended;
	void *context;

	struct http_request request;
	struct transfer *transfer; /* owned; the same over a chain, for its cookies */
	struct connection *connection; /* owned; while connecting */
	struct curl_slist *connect_to; /* owned; where a proxy is told to go elsewhere */
	struct tls_watch tls; /* with the server */
	struct tls_watch proxy_tls; /* with a proxy of https */
	const struct http_proxy *proxy; /* borrowed; NULL: none for this host */

	usec_t started; /* monotonic; of the request where no connection is made */
	usec_t requested; /* when libcurl began to send the first request; 0: it did not */
	usec_t tls_waited; /* what the end of the handshake lay here before it was read */
	usec_t first_byte;
	size_t header_bytes;
	size_t body_limit;
	unsigned tries; /* connections made for this hop */
	uint16_t port; /* that the last of them went to */
	bool has_length;
	bool has_reply; /* the last header line was seen */
	bool is_over_headers; /* more of them than the limit */
	bool is_over_body; /* the same of the body; not a failure */
	bool has_two_lengths; /* Content-Length values that differ */
	uint64_t length;

	/* The result, beside what is in `seen`. */
	struct text trailers; /* "Name: value\n" a line, as the headers in `seen` */
	struct text sent; /* the last head of a request that went out, credentials in it */
	struct tried *tried; /* owned array */
	unsigned tried_count;
	usec_t phases[PHASES];
	uint8_t phases_seen;
};

void http_hop_init(struct http_hop *hop, struct probe_tools *tools,
		   const struct http_options *options, const struct check_limits *limits);
/* Silent; whatever runs is ended and closed. */
void http_hop_done(struct http_hop *hop);

/* ended() runs once, in a later turn, with the outcome in `seen` (its class is
 * CLASS_NONE if there was a reply).
 */
void http_hop_start(struct http_hop *hop, const struct http_request *request,
		    struct observation *seen, http_hop_ended *ended, void *context);
/* Time is up, which is `timeout`: stops, and says in `seen` where it was.  ended() does not
 * run.
 */
void http_hop_expire(struct http_hop *hop, usec_t timeout);
/* All that are known now: the caller's. */
struct curl_slist *http_hop_cookies(const struct http_hop *hop);
/* It has ended, or time is up: adds it to the hops of `seen`, and what it took to the phases
 * there.
 */
void http_hop_note(struct http_hop *hop, bool is_downgrade);
/* Whose name was looked up, or who was connected to: the proxy, or the server. */
const char *http_hop_host(const struct http_hop *hop);
/* Where a redirect leads, as an absolute URL; NULL: nowhere.  Borrowed until the next start. */
const char *http_hop_location(const struct http_hop *hop);
