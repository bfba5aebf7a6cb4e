/* http_hop.c - one request and its reply.
 *
 *   start -> [a connection kept from before?] -> connect -> transfer -> end
 *
 * Where libcurl finds that it needs a connection after all (the kept one is gone, the
 * server closed after its challenge), the hop goes back to connect, a few times.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "loop/connect.h"
#include "loop/transfer.h"
#include "model/tls.h"
#include "probe/http_classify.h"
#include "probe/http_curl.h"
#include "probe/http_hop.h"
#include "probe/probe.h"

enum { TRIES_MAX = 3 };

static void note_phase(struct http_hop *hop, enum phase phase, usec_t took)
{
	hop->phases[phase] += took;
	hop->phases_seen = (uint8_t)(hop->phases_seen | 1u << phase);
}

static usec_t span(usec_t from, usec_t until)
{
	return until > from ? until - from : 0;
}

static void note_address(struct address *address, const struct sockaddr_storage *used)
{
	if (used->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)used;

		*address = (struct address){ .family = 4, .port = ntohs(in->sin_port) };
		memcpy(address->bytes, &in->sin_addr, 4);
	} else if (used->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)used;

		*address = (struct address){ .family = 6,
					     .port = ntohs(in6->sin6_port),
					     .scope = in6->sin6_scope_id };
		memcpy(address->bytes, &in6->sin6_addr, 16);
	}
}

/* What is known of connecting, whether it is over or not. */
static void note_connecting(struct http_hop *hop, const struct connected *connected)
{
	if (connected->has_resolved)
		note_phase(hop, PHASE_RESOLVE, connected->resolve_took);
	if (connected->has_connected)
		note_phase(hop, PHASE_CONNECT, connected->connect_took);
	note_address(&hop->seen->address, &connected->address);
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

/* Sums up the time that libcurl took, until `until`; says in which phase that was. */
static enum phase note_talking(struct http_hop *hop, usec_t until)
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
		note_phase(hop, PHASE_TLS, span(from, hop->tls.ended ? hop->tls.ended : until));
		if (!hop->tls.ended)
			return PHASE_TLS;
		from = hop->tls.ended;
	}
	note_phase(hop, PHASE_FIRST_BYTE, span(from, hop->first_byte ? hop->first_byte : until));
	if (hop->first_byte) {
		note_phase(hop, PHASE_TRANSFER, span(hop->first_byte, until));
		return PHASE_TRANSFER;
	}

	curl_off_t sent = 0;

	(void)curl_easy_getinfo(transfer_handle(hop->transfer), CURLINFO_SIZE_UPLOAD_T, &sent);
	return (size_t)sent < hop->request.body_len ? PHASE_REQUEST : PHASE_FIRST_BYTE;
}

static void note_reply(struct http_hop *hop)
{
	static const unsigned versions[] = {
		[CURL_HTTP_VERSION_1_0] = 10,
		[CURL_HTTP_VERSION_1_1] = 11,
		[CURL_HTTP_VERSION_2_0] = 20,
	};
	CURL *easy = transfer_handle(hop->transfer);
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
	if (class) {
		text_print(detail, "the proxy: %s", why.len ? why.data : class_sentence(class));
		*phase = PHASE_CONNECT;
	}
	text_done(&why);
	return class && class != CLASS_local ? CLASS_proxy_failure : class;
}

static enum failure_class classify(struct http_hop *hop, CURLcode code, enum phase *phase,
				   struct text *detail)
{
	struct http_end end = {
		.code = code,
		.phase = *phase,
		.status = hop->seen->status,
		.is_proxied = hop->proxy != NULL,
		.is_http2 = hop->tls.is_http2,
		.has_reply = hop->has_reply,
		.is_over_headers = hop->is_over_headers,
		.is_over_body = hop->is_over_body,
		.has_two_lengths = hop->has_two_lengths,
	};
	CURL *easy = transfer_handle(hop->transfer);
	long value = 0;
	enum failure_class class;

	if (code == CURLE_OK && !end.is_proxied)
		return http_classify(&end, phase, detail);
	(void)curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &value);
	end.error = (int)value;
	value = 0;
	(void)curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &value);
	end.proxy_status = (unsigned)value;
	class = code == CURLE_OK ? CLASS_NONE : classify_tls(hop, end.error, phase, detail);
	return class ? class : http_classify(&end, phase, detail);
}

static void connect_hop(struct http_hop *hop);

static void transfer_ended(CURLcode code, void *context)
{
	struct http_hop *hop = context;
	const usec_t now = clock_now();
	struct text detail = { 0 };
	enum failure_class class;
	enum phase phase;

	if (transfer_wants_socket(hop->transfer) && hop->tries < TRIES_MAX) {
		if (transfer_began(hop->transfer))
			(void)note_talking(hop, now);
		hop->first_byte = 0;
		connect_hop(hop);
		return;
	}
	phase = note_talking(hop, now);
	note_reply(hop);
	class = classify(hop, code, &phase, &detail);
	if (class)
		fail(hop, class, phase, &detail);
	text_done(&detail);
	hop->seen->tls = TAKE(hop->tls.facts);
	hop->ended(hop, hop->context);
}

/* Beginning again, a server may show something else. */
static void reset_watch(struct tls_watch *watch)
{
	tls_watch_done(watch);
	*watch = (struct tls_watch){ .alert = -1 };
}

static void talk(struct http_hop *hop, int fd)
{
	reset_watch(&hop->tls);
	reset_watch(&hop->proxy_tls);
	transfer_start(hop->transfer, fd, transfer_ended, hop);
}

static void fail_connecting(struct http_hop *hop, const struct connected *connected)
{
	struct text detail = { 0 };
	enum phase phase;
	enum failure_class class = http_classify_connect(connected, &phase, &detail);

	if (hop->proxy && class != CLASS_local) {
		struct text why = { 0 };

		text_print(&why, "the proxy: %s", detail.len ? detail.data : class_sentence(class));
		fail(hop, CLASS_proxy_failure, phase, &why);
		text_done(&why);
	} else {
		fail(hop, class, phase, &detail);
	}
	text_done(&detail);
}

static void connect_ended(const struct connected *connected, void *context)
{
	struct http_hop *hop = context;

	hop->connection = NULL;
	note_connecting(hop, connected);
	if (connected->outcome == CONNECT_OK) {
		talk(hop, connected->fd);
		return;
	}
	fail_connecting(hop, connected);
	hop->ended(hop, hop->context);
}

static void connect_hop(struct http_hop *hop)
{
	const struct http_options *options = hop->options;
	struct connect_target target = {
		.host = hop->request.url->host,
		.port = hop->request.url->port,
		.family = hop->request.family,
		.resolver = options->resolver_address,
		.source = options->source,
		.no_private = hop->request.no_private && !hop->proxy,
	};

	if (hop->proxy) {
		target.host = options->proxy_url.host;
		target.port = options->proxy_url.port;
	} else if (hop->request.is_home && options->connect_to) {
		target.host = options->connect_host;
		target.port = options->connect_port;
	}
	hop->tries++;
	hop->connection = connect_start(hop->tools->connector, &target, connect_ended, hop);
}

void http_hop_init(struct http_hop *hop, struct probe_tools *tools,
		   const struct http_options *options, const struct check_limits *limits)
{
	*hop = (struct http_hop){
		.tools = tools,
		.options = options,
		.limits = limits,
		.body_limit = options->body_limit ? options->body_limit : limits->body_bytes,
	};
}

static void stop(struct http_hop *hop)
{
	struct connected so_far;

	if (hop->connection)
		connect_cancel(hop->connection, &so_far);
	hop->connection = NULL;
	if (hop->transfer)
		transfer_stop(hop->transfer);
}

void http_hop_done(struct http_hop *hop)
{
	stop(hop);
	if (hop->transfer)
		transfer_give(hop->transfer);
	hop->transfer = NULL;
	curl_slist_free_all(TAKE(hop->connect_to));
	tls_watch_done(&hop->tls);
	tls_watch_done(&hop->proxy_tls);
}

static void set_transfer(struct http_hop *hop)
{
	const bool is_first = !hop->transfer;

	if (is_first)
		hop->transfer = transfer_take(hop->tools->transfers);
	else
		transfer_renew(hop->transfer);
	http_curl_set(hop, is_first);
}

static void forget(struct http_hop *hop)
{
	hop->first_byte = 0;
	hop->header_bytes = 0;
	hop->tries = 0;
	hop->has_length = hop->has_reply = hop->has_two_lengths = false;
	hop->is_over_headers = hop->is_over_body = false;
	memset(hop->phases, 0, sizeof(hop->phases));
	hop->phases_seen = 0;
}

void http_hop_start(struct http_hop *hop, const struct http_request *request,
		    struct observation *seen, http_hop_ended *ended, void *context)
{
	const struct http_proxy *proxy = hop->options->proxy;

	hop->request = *request;
	hop->seen = seen;
	hop->ended = ended;
	hop->context = context;
	hop->proxy = proxy && !http_proxy_excepts(proxy, request->url->host) ? proxy : NULL;
	hop->started = clock_now();
	forget(hop);
	set_transfer(hop);
	if (request->keeps_connection)
		talk(hop, -1);
	else
		connect_hop(hop);
}

static void expire_connecting(struct http_hop *hop, usec_t now)
{
	struct connected so_far;
	usec_t took = span(hop->started, now);

	connect_cancel(TAKE(hop->connection), &so_far);
	note_address(&hop->seen->address, &so_far.address);
	if (so_far.has_resolved) {
		note_phase(hop, PHASE_RESOLVE, so_far.resolve_took);
		took = span(so_far.resolve_took, took);
	}
	if (so_far.has_resolved || so_far.has_connected) {
		note_phase(hop, PHASE_CONNECT, took);
		so_far.outcome = CONNECT_TIMED_OUT;
	} else {
		note_phase(hop, PHASE_RESOLVE, took);
		so_far.outcome = CONNECT_UNRESOLVED;
		if (so_far.resolve_outcome != RESOLVE_LOCAL)
			so_far.resolve_outcome = RESOLVE_TIMEOUT;
	}
	fail_connecting(hop, &so_far);
}

void http_hop_expire(struct http_hop *hop)
{
	const usec_t now = clock_now();

	if (hop->connection) {
		expire_connecting(hop, now);
		return;
	}

	const enum phase phase = note_talking(hop, now);

	note_reply(hop);
	hop->seen->tls = TAKE(hop->tls.facts);
	observation_fail(hop->seen, CLASS_timeout, phase, NULL);
	stop(hop);
}

const char *http_hop_location(const struct http_hop *hop)
{
	char *url = NULL;

	(void)curl_easy_getinfo(transfer_handle(hop->transfer), CURLINFO_REDIRECT_URL, &url);
	return url;
}
