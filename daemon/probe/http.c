/* http.c - probe http: from a URL to an observation.
 *
 *   start -> [token] -> hop -> [redirect: hop -> …] -> [next address: hop -> …] -> done
 *
 * Whatever goes wrong is in the observation.  One timer, the check's deadline, is over
 * all of it.
 */
#include <assert.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "expect/expect.h"
#include "model/tls.h"
#include "probe/http_aim.h"
#include "probe/http_chain.h"
#include "probe/http_hop.h"
#include "probe/http_options.h"
#include "probe/http_token.h"
#include "probe/probe.h"

/* One look at one URL. */
struct http_look {
	struct check *check; /* borrowed until done() */
	struct probe_tools *tools; /* borrowed */
	const struct http_options *options; /* borrowed; or `joined` */
	struct http_options
		joined; /* what is the endpoint's own, and what it has as others have it */
	probe_done *done;
	void *context;
	struct event timer; /* the deadline, or at once where it is cancelled */
	struct http_hop hop;
	struct http_chain chain;
	struct http_token_wait *waiting; /* owned; for a token */
	char *token; /* owned; that was fetched */
	struct http_aim aim;
	bool is_late; /* time is up */
};

static void begin_chain(struct http_look *look);

/* For the requests that follow this look, where it is one of several. */
static void keep_cookies(struct http_look *look)
{
	struct check_chain *chain = look->check->chain;

	if (!chain || !look->options->cookies)
		return;
	curl_slist_free_all(chain->cookies);
	chain->cookies = http_hop_cookies(&look->hop);
}

/* Gives the check back.  The look is gone. */
static void finish(struct http_look *look)
{
	struct check *check = look->check;
	probe_done *done = look->done;
	void *context = look->context;

	(void)event_del(&look->timer);
	if (look->waiting)
		http_token_cancel(look->waiting);
	keep_cookies(look);
	http_hop_done(&look->hop);
	http_chain_done(&look->chain);
	http_aim_done(&look->aim);
	check->probe = NULL;
	free(look->token);
	free(look);
	done(check, context);
}

/* The last URL, for people: that of the last hop, unless its redirect was not followed. */
static char *show_url(const struct http_look *look)
{
	const struct observation *seen = &look->check->observation;
	struct text url = { 0 };

	if (seen->hops_count == look->chain.count + 1)
		return memory_text(seen->hops[seen->hops_count - 1].url);
	http_url_show(&url, http_chain_url(&look->chain)->text);
	return text_take(&url);
}

/* One chain is over, well or not. */
static void end_chain(struct http_look *look)
{
	struct observation *seen = &look->check->observation;

	for (unsigned phase = 0; phase < PHASES; phase++)
		seen->latency += seen->phases[phase];
	seen->redirects = look->chain.count;
	seen->url = show_url(look);
	if (look->is_late || !http_aim_next(&look->aim)) {
		finish(look);
		return;
	}
	/* All are judged, and the worst counts. */
	check_look_again(look->check);
	/* With its cookies. */
	http_hop_done(&look->hop);
	http_hop_init(&look->hop, look->tools, look->options, look->check->limits);
	begin_chain(look);
}

static void note_hop(struct http_look *look)
{
	http_aim_learn(&look->aim, &look->hop);
	http_hop_note(&look->hop, look->chain.is_downgrade);
}

/* The first request says whether redirects lead from outside to inside. */
static void note_first(struct http_look *look)
{
	const struct address *address = &look->check->observation.address;
	struct address literal;

	if (look->chain.count > 0)
		return;
	if (look->hop.proxy)
		look->chain.is_public = address_parse(look->options->url.host, &literal) < 0 ||
					!address_is_private(&literal);
	else
		look->chain.is_public = address->family != 0 && !address_is_private(address);
}

static void hop_ended(struct http_hop *hop, void *context);

static void begin_hop(struct http_look *look)
{
	const struct endpoint *endpoint = look->check->endpoint;
	struct http_request request;

	http_chain_request(&look->chain, &request);
	http_aim_set(&look->aim, &request);
	if (look->check->chain && look->options->cookies) {
		request.shares_cookies = true;
		request.cookies = look->check->chain->cookies;
	}
	request.keeps_connection =
		look->options->connection == HTTP_REUSE && !look->check->is_confirming;
	request.token = endpoint->hash ^ endpoint->digest ^ (uint64_t)request.family;
	request.beat = endpoint->interval ? look->check->due % endpoint->interval : 0;
	http_hop_start(&look->hop, &request, &look->check->observation, hop_ended, look);
}

/* What belongs to one hop, before the next one. */
static void forget_reply(struct observation *seen)
{
	text_clear(&seen->headers);
	text_clear(&seen->body);
	seen->body_is_cut = false;
	seen->status = seen->http_version = 0;
	seen->address.family = 0;
	if (seen->tls)
		tls_facts_free(seen->tls);
	seen->tls = NULL;
}

static unsigned redirects_max(const struct http_look *look)
{
	const unsigned own = look->options->redirects.max;
	const unsigned all = look->check->limits->redirects;

	return own < all ? own : all;
}

/* True if there is another hop to make, which has begun. */
static bool go_on(struct http_look *look)
{
	struct observation *seen = &look->check->observation;
	const char *location = http_hop_location(&look->hop);
	struct text detail = { 0 };
	enum failure_class class;

	class = http_chain_follow(&look->chain, seen->status, location, redirects_max(look),
				  &detail);
	if (class)
		observation_fail(seen, class, PHASE_TRANSFER, "%s", text_string(&detail));
	text_done(&detail);
	if (class)
		return false;
	forget_reply(seen);
	begin_hop(look);
	return true;
}

static void hop_ended(struct http_hop *hop, void *context)
{
	struct http_look *look = context;
	const struct observation *seen = &look->check->observation;

	note_hop(look);
	note_first(look);
	if (look->token && seen->status == 401)
		http_token_forget(look->tools, look->check);
	if (!seen->class && look->options->redirects.follow &&
	    http_chain_is_redirect(seen->status) && http_hop_location(hop) && go_on(look))
		return;
	end_chain(look);
}

static void begin_chain(struct http_look *look)
{
	http_chain_done(&look->chain);
	http_chain_init(&look->chain, look->options, look->check->endpoint->secrets);
	look->chain.token = look->token;
	look->check->observation.wall = clock_wall();
	begin_hop(look);
}

static void keep_token(struct http_look *look, const char *token)
{
	look->token = memory_text(token);
	/* Evidence may not show it either. */
	free(look->check->token);
	look->check->token = memory_text(token);
}

static void token_came(const char *token, const struct observation *failure, void *context)
{
	struct http_look *look = context;
	struct observation *seen = &look->check->observation;

	look->waiting = NULL;
	if (token) {
		keep_token(look, token);
		begin_chain(look);
		return;
	}
	observation_fail(seen, failure->class, failure->phase, "fetching the token: %s",
			 failure->detail ? failure->detail : class_sentence(failure->class));
	finish(look);
}

static void begin_with_token(struct http_look *look)
{
	const char *token = http_token_find(look->tools, look->check);

	if (!token) {
		look->waiting = http_token_get(look->tools, look->check, token_came, look);
		return;
	}
	keep_token(look, token);
	begin_chain(look);
}

/* Of several addresses some were not looked at. */
static void tell_left(struct http_look *look)
{
	struct observation *seen = &look->check->observation;
	const unsigned left = http_aim_left(&look->aim);
	cleanup(free)
	char *detail = TAKE(seen->detail);

	if (left > 0 && detail)
		observation_fail(seen, seen->class, seen->phase, "%s (%u more %s not looked at)",
				 detail, left, left == 1 ? "address was" : "addresses were");
	else
		seen->detail = TAKE(detail);
}

static void expire(struct http_look *look)
{
	struct observation *seen = &look->check->observation;

	look->is_late = true;
	if (look->waiting) {
		observation_fail(seen, CLASS_timeout, PHASE_REQUEST,
				 "the token did not come in time");
		finish(look);
		return;
	}
	http_hop_expire(&look->hop, look->check->endpoint->timeout);
	note_hop(look);
	tell_left(look);
	end_chain(look);
}

static void timer_fired(evutil_socket_t fd, short what, void *context)
{
	struct http_look *look = context;

	if (look->check->is_cancelled)
		finish(look);
	else
		expire(look);
}

static void set_timer(struct http_look *look)
{
	const usec_t now = clock_now();
	const usec_t left = look->check->deadline > now ? look->check->deadline - now : 0;
	const struct timeval in = { (time_t)(left / USEC_PER_SEC),
				    (suseconds_t)(left % USEC_PER_SEC) };

	(void)evtimer_assign(&look->timer, look->tools->base, timer_fired, look);
	(void)evtimer_add(&look->timer, &in);
}

static const struct http_options *options_of(struct http_look *look)
{
	const struct endpoint *endpoint = look->check->endpoint;

	if (!endpoint->own)
		return endpoint->options;
	look->joined = *(const struct http_options *)endpoint->options;
	http_options_join(&look->joined, endpoint->own);
	return &look->joined;
}

static void http_start(struct check *check, struct probe_tools *tools, probe_done *done,
		       void *context)
{
	const struct http_options *options = check->endpoint->options;
	struct http_look *look = MEMORY_NEW(struct http_look);

	check->probe = look;
	look->check = check;
	look->tools = tools;
	look->options = options_of(look);
	look->done = done;
	look->context = context;
	http_aim_init(&look->aim, options->ip);
	http_hop_init(&look->hop, tools, look->options, check->limits);
	set_timer(look);
	check->observation.wall = clock_wall();
	if (options->auth && options->auth->oauth2)
		begin_with_token(look);
	else
		begin_chain(look);
}

static void http_cancel(struct check *check)
{
	struct http_look *look = check->probe;

	check->is_cancelled = true;
	if (look->waiting)
		http_token_cancel(TAKE(look->waiting));
	http_hop_done(&look->hop);
	event_active(&look->timer, EV_TIMEOUT, 1);
}

static char *http_target(const void *options)
{
	const struct http_options *http = options;

	return memory_text(http->shown_url ? http->shown_url : http->url_text);
}

static char *http_host(const void *options)
{
	const struct http_options *http = options;
	char *host = memory_text(http->connect_host ? http->connect_host : http->url.host);

	for (char *c = host; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return host;
}

static const struct probe_url urls[] = {
	{ .scheme = "http", .whole = "url" },
	{ .scheme = "https", .whole = "url" },
	{ 0 },
};

static bool http_shakes_hands(const struct endpoint *endpoint)
{
	const struct http_options *options = endpoint->options;
	const struct http_own *own = endpoint->own;
	const bool has_proxy = options->proxy_url.host;

	return (own ? own->url.is_https : options->url.is_https) ||
	       (has_proxy && options->proxy_kind == PROXY_HTTPS);
}

const struct probe_type probe_http = {
	.name = "http",
	.about = "Asks a web server and looks at its reply.",
	.table = &http_table,
	.short_key = "url",
	.urls = urls,
	.subjects = SUBJECTS_ALL | SUBJECTS_NETWORK | SUBJECTS_BODY | SUBJECTS_HTTP | SUBJECTS_TLS,
	.expects = "status in 200..299",
	.expects_unless = "status",
	.prepare = http_options_prepare,
	.parts = &http_parts,
	.target = http_target,
	.host = http_host,
	.credentials = http_options_credentials,
	.shakes_hands = http_shakes_hands,
	.start = http_start,
	.cancel = http_cancel,
};
