/* http_reason.c - what happened to a request, in words: who, where, how long. */
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "probe/http_hop.h"
#include "probe/http_reason.h"
#include "probe/reason.h"

static struct reason_peer peer_of(const struct http_hop *hop)
{
	return (struct reason_peer){
		.host = http_hop_host(hop),
		.family = hop->request.family,
		.address = &hop->seen->address,
	};
}

static void print_with_peer(struct text *text, const struct http_hop *hop, const char *sentence)
{
	const struct reason_peer peer = peer_of(hop);

	reason_print_with(text, &peer, sentence);
}

static void print_body(struct text *text, const struct http_hop *hop)
{
	text_append_uint(text, hop->seen->body.len);
	if (hop->has_length)
		text_print(text, " of %ju", (uintmax_t)hop->length);
	text_append(text, " bytes of the body");
}

static void print_headers(struct text *text, const struct http_hop *hop)
{
	if (hop->is_over_headers) {
		text_append(text, "more than ");
		units_size_print(text, hop->limits->headers_bytes);
		print_with_peer(text, hop, " of headers from %");
	} else {
		print_with_peer(text, hop, "more headers from %, or a longer one, than are read");
	}
}

/* Of what only HTTP has; NULL where there is more to say than who it was. */
static const char *sentence_for(const struct http_hop *hop, enum failure_class class)
{
	switch ((int)class) {
	case CLASS_malformed_reply:
		return hop->has_reply ? "the body from % is not framed as HTTP wants it"
				      : "what % answered is not HTTP";
	case CLASS_bad_encoding:
		return "the body from % cannot be decoded as its Content-Encoding says";
	case CLASS_http2_error:
		return "% broke the rules of HTTP/2, or ended the stream";
	default:
		return NULL;
	}
}

void http_reason_print(struct text *text, const struct http_hop *hop, enum failure_class class,
		       enum phase phase, int error)
{
	const struct reason_peer peer = peer_of(hop);
	const char *sentence = sentence_for(hop, class);

	if (sentence) {
		reason_print_with(text, &peer, sentence);
	} else if (class == CLASS_partial_body) {
		reason_print_with(text, &peer, "% closed the connection after ");
		print_body(text, hop);
	} else if (class == CLASS_headers_too_large) {
		print_headers(text, hop);
	} else {
		reason_print(text, &peer, class, phase, error);
	}
}

void http_reason_frame(struct text *text, const struct http_hop *hop, enum failure_class class)
{
	struct text framed = { 0 };

	if (class == CLASS_unreachable)
		print_with_peer(&framed, hop, "no way leads to %: ");
	else if (class_family(class) == FAMILY_RESOLVING)
		text_print(&framed, "looking up %s: ", http_hop_host(hop));
	text_append(&framed, text_string(text));
	text_done(text);
	*text = framed;
}

void http_reason_print_timeout(struct text *text, const struct http_hop *hop, enum phase phase,
			       usec_t timeout)
{
	const struct reason_peer peer = peer_of(hop);

	if (reason_print_timeout(text, &peer, phase)) {
		/* That says it. */
	} else if (!hop->has_reply) {
		reason_print_with(text, &peer, "only a part of the headers from %");
	} else {
		text_append(text, "only ");
		print_body(text, hop);
		reason_print_with(text, &peer, " from %");
	}
	text_append(text, " within ");
	units_duration_print(text, timeout);
}
