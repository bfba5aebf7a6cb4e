/* http_end.c - how a hop ended, or how far it came: what each phase took, and its class. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "loop/transfer.h"
#include "model/tls.h"
#include "probe/connecting.h"
#include "probe/http_classify.h"
#include "probe/http_end.h"
#include "probe/http_hop.h"
#include "probe/http_reason.h"

static void note_phase(struct http_hop *hop, enum phase phase, usec_t took)
{
	hop->phases[phase] += took;
	hop->phases_seen = (uint8_t)(hop->phases_seen | 1u << phase);
}

static usec_t span(usec_t from, usec_t until)
{
	return until > from ? until - from : 0;
}

/* Of a hop that connects again the last time counts. */
static void note_tries(struct http_hop *hop, const struct connected *connected)
{
	free(hop->tried);
	hop->tried = connecting_tried(connected, hop->port);
	hop->tried_count = connected->tries_count;
}

void http_end_note_connecting(struct http_hop *hop, const struct connected *connected)
{
	note_tries(hop, connected);
	if (connected->has_resolved)
		note_phase(hop, PHASE_RESOLVE, connected->resolve_took);
	if (connected->has_connected)
		note_phase(hop, PHASE_CONNECT, connected->connect_took);
	address_from_socket(&connected->address, &hop->seen->address);
}

static void fail(struct http_hop *hop, enum failure_class class, enum phase phase,
		 struct text *detail)
{
	if (detail->len > 0)
		observation_fail(hop->seen, class, phase, "%s", detail->data);
	else
		observation_fail(hop->seen, class, phase, NULL);
}

static bool is_talking_tls(const struct http_hop *hop)
{
	/* Without a socket of its own it went over a kept connection, with no handshake. */
	return hop->request.url->is_https && transfer_began(hop->transfer);
}

enum phase http_end_note_talking(struct http_hop *hop, usec_t until)
{
	usec_t from = transfer_began(hop->transfer);

	if (!from)
		from = hop->started;
	if (is_talking_tls(hop)) {
		/* What a proxy takes to open the way to the server is connecting. */
		if (hop->proxy)
			note_phase(hop, PHASE_CONNECT,
				   span(from, hop->tls.began ? hop->tls.began : until));
		if (hop->proxy && !hop->tls.began)
			return PHASE_CONNECT;
		from = hop->tls.began ? hop->tls.began : from;
		note_phase(hop, PHASE_TLS,
			   span(from + hop->tls_waited, hop->tls.ended ? hop->tls.ended : until));
		if (!hop->tls.ended)
			return PHASE_TLS;
		from = hop->tls.ended;
	}
	if (hop->requested)
		from = hop->requested;
	note_phase(hop, PHASE_FIRST_BYTE, span(from, hop->first_byte ? hop->first_byte : until));
	if (hop->first_byte) {
		note_phase(hop, PHASE_TRANSFER, span(hop->first_byte, until));
		return PHASE_TRANSFER;
	}

	curl_off_t sent = 0;

	(void)curl_easy_getinfo(transfer_outcome(hop->transfer), CURLINFO_SIZE_UPLOAD_T, &sent);
	return (size_t)sent < hop->request.body_len ? PHASE_REQUEST : PHASE_FIRST_BYTE;
}

static void note_reply(struct http_hop *hop)
{
	static const unsigned versions[] = {
		[CURL_HTTP_VERSION_1_0] = 10,
		[CURL_HTTP_VERSION_1_1] = 11,
		[CURL_HTTP_VERSION_2_0] = 20,
	};
	CURL *easy = transfer_outcome(hop->transfer);
	long status = 0, version = 0;

	(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
	hop->seen->status = (unsigned)status;
	if (status && version >= 0 && version <= CURL_HTTP_VERSION_2_0)
		hop->seen->http_version = versions[version];
}

/* Of the handshakes that libcurl made, the one that failed. */
static enum failure_class classify_tls(struct http_hop *hop, int error, enum phase *phase,
				       struct text *detail)
{
	struct text why = { 0 };
	enum failure_class class = tls_watch_classify(&hop->tls, error, detail);

	if (class)
		*phase = PHASE_TLS;
	if (class || !hop->proxy_tls.name)
		return class;
	class = tls_watch_classify(&hop->proxy_tls, error, &why);
	if (class && why.len == 0)
		http_reason_print(&why, hop, class, PHASE_TLS, error);
	if (class) {
		text_print(detail, "the proxy: %s", text_string(&why));
		*phase = PHASE_CONNECT;
	}
	text_done(&why);
	return class && class != CLASS_local ? CLASS_proxy_failure : class;
}

/* `error` gets the errno of the socket. */
static enum failure_class classify(struct http_hop *hop, CURLcode code, enum phase *phase,
				   int *error, struct text *detail)
{
	struct http_end end = {
		.code = code,
		.phase = *phase,
		.status = hop->seen->status,
		.is_proxied = hop->proxy != NULL,
		.is_http2 = hop->tls.is_http2 ||
			    (hop->options->version == HTTP_2 && !hop->request.url->is_https),
		.has_reply = hop->has_reply,
		.is_over_headers = hop->is_over_headers,
		.is_over_body = hop->is_over_body,
		.has_two_lengths = hop->has_two_lengths,
	};
	CURL *easy = transfer_outcome(hop->transfer);
	long value = 0;
	enum failure_class class;

	if (code == CURLE_OK && !end.is_proxied)
		return http_classify(&end, phase, detail);
	(void)curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &value);
	*error = end.error = (int)value;
	value = 0;
	(void)curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &value);
	end.proxy_status = (unsigned)value;
	class = code == CURLE_OK ? CLASS_NONE : classify_tls(hop, end.error, phase, detail);
	return class ? class : http_classify(&end, phase, detail);
}

/* `timeout` is that of the check where it ran out, or 0. */
static void fail_connecting(struct http_hop *hop, const struct connected *connected, usec_t timeout)
{
	struct text why = { 0 };
	enum phase phase;
	enum failure_class class = connecting_classify(connected, &phase, &why);

	if (why.len > 0)
		http_reason_frame(&why, hop, class);
	if (timeout && why.len == 0)
		http_reason_print_timeout(&why, hop, phase, timeout);
	else if (why.len == 0)
		http_reason_print(&why, hop, class, phase, connected->error);
	if (hop->proxy && class != CLASS_local)
		observation_fail(hop->seen, CLASS_proxy_failure, phase, "the proxy: %s",
				 why.len ? why.data : class_sentence(class));
	else
		fail(hop, class, phase, &why);
	text_done(&why);
}

void http_end_connecting(struct http_hop *hop, const struct connected *connected)
{
	fail_connecting(hop, connected, 0);
}

/* Whoever asks for version 2 wants to know when it is not spoken. */
static void demand_http2(struct http_hop *hop)
{
	if (hop->options->version == HTTP_2 && hop->seen->http_version != 20)
		observation_fail(hop->seen, CLASS_http2_error, PHASE_FIRST_BYTE,
				 "the server answered with HTTP/%u.%u instead of 2",
				 hop->seen->http_version / 10, hop->seen->http_version % 10);
}

/* A handshake that is over before its certificate was refused was not followed by anything. */
static void fold_into_tls(struct http_hop *hop)
{
	if (!(hop->phases_seen & 1u << PHASE_FIRST_BYTE))
		return;
	note_phase(hop, PHASE_TLS, hop->phases[PHASE_FIRST_BYTE]);
	hop->phases[PHASE_FIRST_BYTE] = 0;
	hop->phases_seen = (uint8_t)(hop->phases_seen & ~(1u << PHASE_FIRST_BYTE));
}

void http_end_talking(struct http_hop *hop, CURLcode code, usec_t now)
{
	struct text detail = { 0 };
	enum phase phase = http_end_note_talking(hop, now);
	enum failure_class class;
	int error = 0;

	note_reply(hop);
	class = classify(hop, code, &phase, &error, &detail);
	if (class && detail.len == 0)
		http_reason_print(&detail, hop, class, phase, error);
	if (phase == PHASE_TLS)
		fold_into_tls(hop);
	if (class)
		fail(hop, class, phase, &detail);
	else
		demand_http2(hop);
	text_done(&detail);
	hop->seen->tls = TAKE(hop->tls.facts);
}

void http_end_expired_connecting(struct http_hop *hop, const struct connected *seen, usec_t now,
				 usec_t timeout)
{
	struct connected so_far = *seen;

	connecting_expire(&so_far, span(hop->started, now));
	http_end_note_connecting(hop, &so_far);
	fail_connecting(hop, &so_far, timeout);
}

/* libcurl hands over whole lines; of one that has not ended it knows when it began.  With a
 * body to send, what it knows is when that began.
 */
static void note_half_line(struct http_hop *hop, usec_t now)
{
	const usec_t began = transfer_began(hop->transfer);
	const usec_t from = began ? began : hop->started;
	curl_off_t after = 0;

	if (hop->first_byte || hop->request.body_len > 0)
		return;
	(void)curl_easy_getinfo(transfer_outcome(hop->transfer), CURLINFO_STARTTRANSFER_TIME_T,
				&after);
	if (after <= 0)
		return;
	hop->first_byte = from + (usec_t)after;
	if (hop->first_byte > now)
		hop->first_byte = now;
}

void http_end_expired_talking(struct http_hop *hop, usec_t now, usec_t timeout)
{
	struct text why = { 0 };
	enum phase phase;

	note_half_line(hop, now);
	phase = http_end_note_talking(hop, now);
	note_reply(hop);
	hop->seen->tls = TAKE(hop->tls.facts);
	http_reason_print_timeout(&why, hop, phase, timeout);
	observation_fail(hop->seen, CLASS_timeout, phase, "%s", why.data);
	text_done(&why);
}
