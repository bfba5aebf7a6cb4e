/* http_classify.c - what the end of a transfer means. */
#include <errno.h>
#include <string.h>

#include "base/text.h"
#include "probe/connecting.h"
#include "probe/http_classify.h"

/* The connection broke, or what came over it made no sense to libcurl. */
static enum failure_class class_of_broken(const struct http_end *end)
{
	const enum failure_class class = connecting_class_of_errno(end->error);

	if (class)
		return class;
	if (end->is_http2)
		return CLASS_http2_error;
	/* libcurl stops at 300 KiB of headers with the same code as at a bad chunk. */
	return end->has_reply ? CLASS_malformed_reply : CLASS_headers_too_large;
}

static enum failure_class class_of_code(const struct http_end *end)
{
	switch ((int)end->code) {
	case CURLE_OPERATION_TIMEDOUT:
		return CLASS_timeout;
	/* Also what is said of a reply that is not HTTP at all: nothing else is ever asked for. */
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_AUTH_ERROR:
	case CURLE_LOGIN_DENIED:
		return CLASS_malformed_reply;
	case CURLE_PARTIAL_FILE:
		return CLASS_partial_body;
	/* In HTTP/2 also what is said of frames that make no sense. */
	case CURLE_GOT_NOTHING:
		return end->is_http2 ? CLASS_http2_error : CLASS_empty_reply;
	case CURLE_BAD_CONTENT_ENCODING:
		return CLASS_bad_encoding;
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
		return CLASS_http2_error;
	/* One header line of more than 100 KB. */
	case CURLE_OUT_OF_MEMORY:
		return end->has_reply ? CLASS_local : CLASS_headers_too_large;
	case CURLE_COULDNT_CONNECT:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		return class_of_broken(end);
	default:
		return CLASS_local;
	}
}

static enum failure_class class_of_proxy(const struct http_end *end, struct text *detail)
{
	if (end->proxy_status)
		text_print(detail, "the proxy answered CONNECT with status %u", end->proxy_status);
	else if (end->status == 407)
		text_append(detail, "the proxy wants other credentials (status 407)");
	else if (end->error)
		text_print(detail, "the proxy: %s", strerror(end->error));
	else
		text_append(detail, "the proxy did not open a way to the server");
	return CLASS_proxy_failure;
}

enum failure_class http_classify(const struct http_end *end, enum phase *ret_phase,
				 struct text *detail)
{
	enum failure_class class;

	*ret_phase = end->phase;
	if (end->is_over_headers)
		return CLASS_headers_too_large;
	if (end->has_two_lengths) {
		text_append(detail, "the reply has two Content-Length headers that differ");
		return CLASS_malformed_reply;
	}
	if (end->is_proxied && (end->status == 407 || end->code == CURLE_PROXY ||
				(end->code != CURLE_OK && end->phase <= PHASE_CONNECT)))
		return class_of_proxy(end, detail);
	if (end->code == CURLE_OK || (end->code == CURLE_WRITE_ERROR && end->is_over_body))
		return CLASS_NONE;
	class = class_of_code(end);
	if (class == CLASS_local && end->error)
		text_print(detail, "this host: %s", strerror(end->error));
	else if (class == CLASS_local)
		text_print(detail, "libcurl ended with an unexpected code, %d", (int)end->code);
	else if (class == CLASS_unreachable)
		text_append(detail, strerror(end->error));
	return class;
}
