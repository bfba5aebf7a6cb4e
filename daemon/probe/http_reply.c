/* http_reply.c - what libcurl reads, bounded and noted in a hop as it comes.
 *
 * Returning fewer bytes than were given ends the transfer; the hop says why.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "loop/transfer.h"
#include "model/address.h"
#include "probe/http_hop.h"
#include "probe/http_reply.h"

/* Of several values that differ libcurl takes the last, and others the first
 * (RFC 9112, 6.3: not to be believed at all).
 */
static void note_length(struct http_hop *hop, const char *value)
{
	const uint64_t length = strtoull(value, NULL, 10);

	if (hop->has_length && hop->length != length)
		hop->has_two_lengths = true;
	hop->has_length = true;
	hop->length = length;
}

/* Cookies matter where another request follows, of a redirect or a challenge, and libcurl's keeper of
 * them costs something: a line that is a comment has it begin (7.88, lib/setopt.c).
 */
static void begin_cookies(struct http_hop *hop, const char *status_line)
{
	const char *status = strchr(status_line, ' ');
	const bool may_go_on = hop->request.auth == AUTH_DIGEST || (status && status[1] == '3');

	if (hop->request.keeps_cookies && may_go_on)
		(void)curl_easy_setopt(transfer_handle(hop->transfer), CURLOPT_COOKIELIST, "#");
}

/* A status line: of the reply, or of one more after 1xx or a challenge. */
static void begin_reply(struct http_hop *hop, const char *line)
{
	begin_cookies(hop, line);
	text_clear(&hop->seen->headers);
	text_clear(&hop->seen->body);
	text_clear(&hop->trailers);
	hop->has_reply = false;
	hop->has_length = false;
}

/* Over a connection of an earlier check, whom that leads to and what was shown there. */
static void note_kept(struct http_hop *hop, const char *address, int port)
{
	const struct curl_tlssessioninfo *session = NULL;
	struct address peer;

	if (address && address_parse(address, &peer) == 0) {
		peer.port = (uint16_t)port;
		hop->seen->address = peer;
	}
	if (!hop->request.url->is_https || hop->tls.is_kept)
		return;
	(void)curl_easy_getinfo(transfer_outcome(hop->transfer), CURLINFO_TLS_SSL_PTR, &session);
	if (session && session->backend == CURLSSLBACKEND_OPENSSL && session->internals)
		tls_watch_adopt(&hop->tls, session->internals);
}

int http_reply_begins(void *context, char *address, char *own_address, int port, int own_port)
{
	struct http_hop *hop = context;

	if (!hop->requested) {
		hop->requested = clock_now();
		/* In the same breath as the handshake's end. */
		hop->tls_waited = transfer_waited(hop->transfer);
	}
	if (!transfer_began(hop->transfer))
		note_kept(hop, address, port);
	/* In HTTP/2 a body follows its head.  A server that answers without waiting for it ends
	 * the stream (RFC 9113, 8.1), and libcurl 7.88 then can't send and drops the reply.
	 */
	if (hop->request.body_len > 0 && (hop->tls.is_http2 || hop->options->version == HTTP_2))
		transfer_cork(hop->transfer);
	/* For note_sent(), which takes it back. */
	transfer_tell(hop->transfer, true);
	return CURL_PREREQFUNC_OK;
}

size_t http_reply_header(char *line, size_t size, size_t count, void *context)
{
	/* libcurl ends each line with a NUL. */
	static const char content_length[] = "Content-Length:";
	struct http_hop *hop = context;
	size_t len = size * count;

	if (!hop->first_byte)
		hop->first_byte = transfer_first_came(hop->transfer);
	hop->header_bytes += len;
	hop->is_over_headers = hop->header_bytes > hop->limits->headers_bytes;
	if (hop->is_over_headers)
		return 0;
	while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	if (len > 5 && memcmp(line, "HTTP/", 5) == 0) {
		begin_reply(hop, line);
	} else if (len == 0) {
		hop->has_reply = true;
	} else if (hop->has_reply) {
		text_append_len(&hop->trailers, line, len);
		text_append_char(&hop->trailers, '\n');
	} else {
		text_append_len(&hop->seen->headers, line, len);
		text_append_char(&hop->seen->headers, '\n');
		if (strncasecmp(line, content_length, sizeof(content_length) - 1) == 0)
			note_length(hop, line + sizeof(content_length) - 1);
	}
	return hop->has_two_lengths ? 0 : size * count;
}

size_t http_reply_body(char *data, size_t size, size_t count, void *context)
{
	struct http_hop *hop = context;
	struct text *body = &hop->seen->body;
	const size_t len = size * count;
	const size_t room = hop->body_limit - body->len;

	text_append_len(body, data, len < room ? len : room);
	if (len <= room)
		return len;
	hop->seen->body_is_cut = true;
	hop->is_over_body = true;
	return 0;
}
