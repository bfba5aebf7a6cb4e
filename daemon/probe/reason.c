/* reason.c - what happened between us and a server, in words. */
#include <string.h>

#include "base/text.h"
#include "model/address.h"
#include "probe/reason.h"

void reason_print_with(struct text *text, const struct reason_peer *peer, const char *sentence)
{
	const size_t before = strcspn(sentence, "%");

	text_append_len(text, sentence, before);
	if (peer->address->family)
		address_print_port(text, peer->address);
	else
		text_append(text, peer->host);
	text_append(text, sentence + before + 1);
}

static const char *family_of(const struct reason_peer *peer)
{
	static const char *const names[] = {
		[CONNECT_ANY] = "no address",
		[CONNECT_IPV4] = "no IPv4 address",
		[CONNECT_IPV6] = "no IPv6 address",
	};

	return names[peer->family];
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
static const char *sentence_for(enum failure_class class, enum phase phase)
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

void reason_print(struct text *text, const struct reason_peer *peer, enum failure_class class,
		  enum phase phase, int error)
{
	const char *sentence = sentence_for(class, phase);

	if (sentence) {
		reason_print_with(text, peer, sentence);
	} else if (class == CLASS_unreachable) {
		reason_print_with(text, peer, "no way leads to %");
		if (error)
			text_print(text, ": %s", strerrordesc_np(error));
	} else if (class == CLASS_dns_nxdomain) {
		text_print(text, "the name %s does not exist", peer->host);
	} else if (class == CLASS_dns_no_address) {
		text_print(text, "the name %s exists, but has %s", peer->host, family_of(peer));
	} else if (class == CLASS_dns_timeout) {
		text_print(text, "no name server answered for %s", peer->host);
	}
}

bool reason_print_timeout(struct text *text, const struct reason_peer *peer, enum phase phase)
{
	static const char *const sentences[PHASES] = {
		[PHASE_CONNECT] = "no connection to %",
		[PHASE_TLS] = "no whole TLS handshake with %",
		[PHASE_REQUEST] = "% did not take the whole request",
		[PHASE_FIRST_BYTE] = "no first byte from %",
	};

	if (phase == PHASE_RESOLVE)
		text_print(text, "no name server answered for %s", peer->host);
	else if (sentences[phase])
		reason_print_with(text, peer, sentences[phase]);
	return phase == PHASE_RESOLVE || sentences[phase];
}
