/* http_reason.c - what happened to a request, in words: who, where, how long. */
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "probe/http_hop.h"
#include "probe/http_reason.h"

static void print_peer(struct text *text, const struct http_hop *hop)
{
	if (hop->seen->address.family)
		address_print_port(text, &hop->seen->address);
	else
		text_append(text, http_hop_host(hop));
}

/* The sentence with the peer for its %. */
static void print_with_peer(struct text *text, const struct http_hop *hop, const char *sentence)
{
	const size_t before = strcspn(sentence, "%");

	text_append_len(text, sentence, before);
	print_peer(text, hop);
	text_append(text, sentence + before + 1);
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

static const char *family_of(const struct http_hop *hop)
{
	static const char *const names[] = {
		[CONNECT_ANY] = "no address",
		[CONNECT_IPV4] = "no IPv4 address",
		[CONNECT_IPV6] = "no IPv6 address",
	};

	return names[hop->request.family];
}

static const char *reset_in(enum phase phase)
{
	static const char *const sentences[PHASES] = {
		[PHASE_CONNECT] = "% reset the connection as it was made",
		[PHASE_TLS] = "% reset the connection during the TLS handshake",
		[PHASE_REQUEST] = "% reset the connection during the request",
		[PHASE_FIRST_BYTE] = "% reset the connection instead of answering",
		[PHASE_TRANSFER] = "% reset the connection in the middle of its answer",
	};

	return sentences[phase] ? sentences[phase] : "% reset the connection";
}

/* NULL where there is more to say than who it was. */
static const char *sentence_for(const struct http_hop *hop, enum failure_class class,
				enum phase phase)
{
	switch ((int)class) {
	case CLASS_connect_refused:
		return "% refuses connections";
	case CLASS_reset:
		return reset_in(phase);
	case CLASS_timeout:
		return phase == PHASE_CONNECT
			       ? "% did not answer before this host's kernel gave up"
			       : "the connection to % died: nothing came back any more";
	case CLASS_empty_reply:
		return phase == PHASE_TLS ? "% closed the connection during the TLS handshake"
					  : "% closed the connection instead of answering";
	case CLASS_malformed_reply:
		return hop->has_reply ? "the body from % is not framed as HTTP wants it"
				      : "what % answered is not HTTP";
	case CLASS_bad_encoding:
		return "the body from % cannot be decoded as its Content-Encoding says";
	case CLASS_http2_error:
		return "% broke the rules of HTTP/2, or ended the stream";
	case CLASS_tls_client_cert_required:
		return "% wants a client certificate";
	case CLASS_tls_not_tls:
		return "what answers at % does not speak TLS";
	case CLASS_tls_weak:
		return "% offers only what is too weak: key, signature, cipher or TLS version";
	default:
		return NULL;
	}
}

void http_reason_print(struct text *text, const struct http_hop *hop, enum failure_class class,
		       enum phase phase, int error)
{
	const char *sentence = sentence_for(hop, class, phase);

	if (sentence) {
		print_with_peer(text, hop, sentence);
	} else if (class == CLASS_unreachable) {
		print_with_peer(text, hop, "no way leads to %");
		if (error)
			text_print(text, ": %s", strerrordesc_np(error));
	} else if (class == CLASS_partial_body) {
		print_with_peer(text, hop, "% closed the connection after ");
		print_body(text, hop);
	} else if (class == CLASS_headers_too_large) {
		print_headers(text, hop);
	} else if (class == CLASS_dns_nxdomain) {
		text_print(text, "the name %s does not exist", http_hop_host(hop));
	} else if (class == CLASS_dns_no_address) {
		text_print(text, "the name %s exists, but has %s", http_hop_host(hop),
			   family_of(hop));
	} else if (class == CLASS_dns_timeout) {
		text_print(text, "no name server answered for %s", http_hop_host(hop));
	}
}

void http_reason_print_timeout(struct text *text, const struct http_hop *hop, enum phase phase,
			       usec_t timeout)
{
	static const char *const sentences[PHASES] = {
		[PHASE_CONNECT] = "no connection to %",
		[PHASE_TLS] = "no whole TLS handshake with %",
		[PHASE_REQUEST] = "% did not take the whole request",
		[PHASE_FIRST_BYTE] = "no first byte from %",
	};

	if (phase == PHASE_RESOLVE) {
		text_print(text, "no name server answered for %s", http_hop_host(hop));
	} else if (sentences[phase]) {
		print_with_peer(text, hop, sentences[phase]);
	} else if (!hop->has_reply) {
		print_with_peer(text, hop, "only a part of the headers from %");
	} else {
		text_append(text, "only ");
		print_body(text, hop);
		print_with_peer(text, hop, " from %");
	}
	text_append(text, " within ");
	units_duration_print(text, timeout);
}
