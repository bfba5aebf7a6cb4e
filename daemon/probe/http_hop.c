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
#include <strings.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "loop/connect.h"
#include "loop/transfer.h"
#include "probe/http_curl.h"
#include "probe/http_end.h"
#include "probe/http_hop.h"
#include "probe/probe.h"

enum { TRIES_MAX = 3, SENT_MAX = 16 * 1024 };

static void connect_hop(struct http_hop *hop);

static void transfer_ended(CURLcode code, void *context)
{
	struct http_hop *hop = context;
	const usec_t now = transfer_last_came(hop->transfer);

	if (transfer_wants_socket(hop->transfer) && hop->tries < TRIES_MAX) {
		if (transfer_began(hop->transfer))
			(void)http_end_note_talking(hop, now);
		hop->requested = hop->first_byte = 0;
		connect_hop(hop);
		return;
	}
	http_end_talking(hop, code, now);
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

static void connect_ended(const struct connected *connected, void *context)
{
	struct http_hop *hop = context;

	hop->connection = NULL;
	http_end_note_connecting(hop, connected);
	if (connected->outcome == CONNECT_OK) {
		talk(hop, connected->fd);
		return;
	}
	http_end_connecting(hop, connected);
	hop->ended(hop, hop->context);
}

const char *http_hop_host(const struct http_hop *hop)
{
	if (hop->proxy)
		return hop->options->proxy_url.host;
	if (hop->request.is_home && hop->options->connect_to)
		return hop->options->connect_host;
	return hop->request.url->host;
}

static uint16_t port_of(const struct http_hop *hop)
{
	if (hop->proxy)
		return hop->options->proxy_url.port;
	if (hop->request.is_home && hop->options->connect_to)
		return hop->options->connect_port;
	return hop->request.url->port;
}

static void connect_hop(struct http_hop *hop)
{
	const struct http_request *request = &hop->request;
	struct connect_target target = {
		.host = http_hop_host(hop),
		.port = port_of(hop),
		.family = request->family,
		.resolver = hop->options->resolver_address,
		.source = hop->options->source,
		.no_private = request->no_private && !hop->proxy,
		.only_first = request->only_first,
	};

	if (request->pinned_host && strcasecmp(request->pinned_host, target.host) == 0)
		target.address = request->pinned;
	hop->tries++;
	hop->port = target.port;
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
		.sent = { .limit_bytes = SENT_MAX },
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
	free(TAKE(hop->tried));
	text_done(&hop->sent);
	text_done(&hop->trailers);
	tls_watch_done(&hop->tls);
	tls_watch_done(&hop->proxy_tls);
}

static void set_transfer(struct http_hop *hop)
{
	const bool is_first = !hop->transfer;

	if (is_first)
		hop->transfer = transfer_take(hop->tools->transfers, http_curl_prepare);
	else
		transfer_renew(hop->transfer);
	http_curl_set(hop, is_first);
}

static void forget(struct http_hop *hop)
{
	hop->requested = hop->tls_waited = hop->first_byte = 0;
	hop->header_bytes = 0;
	hop->tries = 0;
	hop->has_length = hop->has_reply = hop->has_two_lengths = false;
	hop->is_over_headers = hop->is_over_body = false;
	free(TAKE(hop->tried));
	hop->tried_count = 0;
	text_clear(&hop->sent);
	text_clear(&hop->trailers);
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

void http_hop_expire(struct http_hop *hop, usec_t timeout)
{
	const usec_t now = clock_now();
	struct connected so_far;

	if (hop->connection) {
		connect_cancel(TAKE(hop->connection), &so_far);
		http_end_expired_connecting(hop, &so_far, now, timeout);
	} else {
		http_end_expired_talking(hop, now, timeout);
		stop(hop);
	}
}

struct curl_slist *http_hop_cookies(const struct http_hop *hop)
{
	struct curl_slist *cookies = NULL;

	if (hop->transfer)
		(void)curl_easy_getinfo(transfer_outcome(hop->transfer), CURLINFO_COOKIELIST,
					&cookies);
	return cookies;
}

void http_hop_note(struct http_hop *hop, bool is_downgrade)
{
	struct observation *seen = hop->seen;
	struct text url = { 0 };

	http_url_show(&url, hop->request.url->text);
	seen->hops = memory_grow(seen->hops, seen->hops_count + 1, sizeof(*seen->hops));
	seen->hops[seen->hops_count] = (struct hop){
		.url = text_take(&url),
		.request = hop->sent.len ? text_take(&hop->sent) : NULL,
		.status = seen->status,
		.address = seen->address,
		.tried = TAKE(hop->tried),
		.tried_count = hop->tried_count,
		.is_downgrade = is_downgrade,
		.phases_seen = hop->phases_seen,
	};
	memcpy(seen->hops[seen->hops_count++].phases, hop->phases, sizeof(hop->phases));
	for (unsigned phase = 0; phase < PHASES; phase++)
		if (hop->phases_seen & 1u << phase)
			observation_set_phase(seen, (enum phase)phase,
					      seen->phases[phase] + hop->phases[phase]);
}

const char *http_hop_location(const struct http_hop *hop)
{
	char *url = NULL;

	(void)curl_easy_getinfo(transfer_outcome(hop->transfer), CURLINFO_REDIRECT_URL, &url);
	return url;
}
