/* grpc.c - probe grpc: asks a server's health service (grpc.health.v1) how a service is.
 *
 * gRPC is a POST over HTTP/2 whose outcome is in the trailers, so all of it is one hop of
 * http's, with options that are made up at load.
 * Source: gRPC Health Checking Protocol; gRPC over HTTP2.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/memory.h"
#include "expect/expect.h"
#include "model/figures.h"
#include "probe/grpc.h"
#include "probe/grpc_health.h"
#include "probe/http_checks.h"
#include "probe/http_hop.h"
#include "probe/probe.h"
#include "probe/probing.h"

/* A status is a few bytes. */
enum { SERVICE_MAX = 125, REPLY_MAX = 4096 };

/* One look at one server. */
struct grpc_probing {
	struct probing probing; /* the first member */
	struct http_hop hop;
	enum connect_family family;
};

/* --- Keys ------------------------------------------------------------------------------ */

/* Names of HTTP/2 are lower case, and what begins with grpc- is the protocol's. */
static bool check_key(const char *text, size_t len, struct text *wanted)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] >= 'A' && text[i] <= 'Z') {
			text_append(wanted, "must be in lower case");
			return false;
		}
	if (strncmp(text, "grpc-", 5) == 0 || strcmp(text, "te") == 0 ||
	    strcmp(text, "content-type") == 0 || strcmp(text, "host") == 0) {
		text_append(wanted, "must be left to picket, which sets it");
		return false;
	}
	return http_check_header_name(text, len, wanted);
}

static const struct option options[] = {
	REACH_ADDRESS(struct grpc_options, reach),
	{
		.key = "service",
		.kind = OPTION_TEXT,
		.has_each = true,
		.offset = MEMBER(struct grpc_options, service, const char *),
		.max = SERVICE_MAX,
		.check = http_check_line,
		.about = "Service to ask about; the server as a whole unless given.",
		.example = "shop.v1.Orders",
	},
	{
		.key = "metadata",
		.kind = OPTION_PAIRS,
		.offset = MEMBER(struct grpc_options, metadata, struct option_pairs),
		.max = 8192,
		.check = http_check_line,
		.check_key = check_key,
		.holds_secret = http_header_is_secret,
		.about = "What to send beside it.",
		.example = "{ authorization: \"Bearer ${credential:token}\" }",
	},
	{
		.key = "authority",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct grpc_options, authority, const char *),
		.min = 1,
		.max = 512,
		.check = http_check_line,
		.about = "Whom to ask for (:authority) instead of the address.",
		.example = "orders.internal",
	},
	{
		.key = "tls",
		.kind = OPTION_MAPPING,
		.is_separate = true,
		.table = &tcp_tls_table,
		.offset = MEMBER(struct grpc_options, tls, const struct tcp_tls *),
		.about = "Speak TLS, and how.",
	},
	REACH_IP(struct grpc_options, reach),
	REACH_RESOLVER(struct grpc_options, reach),
	REACH_SOURCE(struct grpc_options, reach),
	OPTION_END
};

static const struct option_table table = {
	.options = options,
	.size = sizeof(struct grpc_options),
	.short_key = "address",
};

static bool is_secure(const struct grpc_options *grpc)
{
	return grpc->tls && grpc->tls->is_enabled;
}

static void add_pair(struct option_pairs *pairs, const char *key, const char *value, bool is_secret)
{
	/* The list was made with room for all of them. */
	struct option_pair *list = (struct option_pair *)(uintptr_t)pairs->pairs;

	list[pairs->count++] = (struct option_pair){ key, value, is_secret };
}

static struct option_pairs make_headers(const struct grpc_options *grpc, struct arena *arena)
{
	const unsigned most = grpc->metadata.count + 3;
	struct option_pairs headers = {
		.pairs = arena_take(arena, most * sizeof(struct option_pair)),
	};

	add_pair(&headers, "content-type", "application/grpc", false);
	add_pair(&headers, "te", "trailers", false);
	/* libcurl makes :authority of it. */
	if (grpc->authority)
		add_pair(&headers, "host", grpc->authority, false);
	for (unsigned i = 0; i < grpc->metadata.count; i++)
		add_pair(&headers, grpc->metadata.pairs[i].key, grpc->metadata.pairs[i].value,
			 grpc->metadata.pairs[i].is_secret);
	return headers;
}

static void prepare(void *object, struct arena *arena, struct complaints *complaints,
		    const struct option_places *places)
{
	struct grpc_options *grpc = object;
	struct http_options *http = &grpc->http;
	cleanup(text)
	struct text url = { 0 }, message = { 0 };

	reach_prepare(&grpc->reach, arena);
	option_fill(&http_table, http, arena);
	text_print(&url, "%s://%s/grpc.health.v1.Health/Check", is_secure(grpc) ? "https" : "http",
		   grpc->reach.address);
	http->url_text = arena_text(arena, text_string(&url));
	http->method = "POST";
	http->version = HTTP_2;
	http->headers = make_headers(grpc, arena);
	if (grpc->tls)
		http->tls = grpc->tls->tls;
	http->resolver = grpc->reach.resolver;
	http->source = grpc->reach.source;
	http_options_prepare(http, arena, complaints, places);
	grpc_health_request(&message, grpc->service ? grpc->service : "");
	http->body = arena_text_len(arena, message.data, message.len);
	http->body_len = message.len;
}

/* --- What it answers ------------------------------------------------------------------- */

static void set_body(struct observation *seen, const char *word)
{
	text_clear(&seen->body);
	text_append(&seen->body, word);
}

/* A server that has no such service, or does not want us to know: said in the words of gRPC. */
static void note_code(struct observation *seen, const struct text *where, const char *value)
{
	const unsigned long code = strtoul(value, NULL, 10);
	const char *name = grpc_code_name(code);
	const char *message = figures_find_header(where, "grpc-message");
	struct text detail = { 0 };

	text_print(&detail, "grpc-status is %lu", code);
	if (name)
		text_print(&detail, " (%s)", name);
	if (message) {
		cleanup(text)
		struct text decoded = { 0 };

		grpc_message_print(&decoded, message, strcspn(message, "\n"));
		text_append(&detail, ": ");
		text_append_escaped(&detail, text_string(&decoded), decoded.len);
	}
	set_body(seen, name ? name : "UNKNOWN");
	seen->says = CLASS_expectation;
	free(seen->detail);
	seen->detail = text_take(&detail);
}

static void note_health(struct observation *seen)
{
	char room[24];
	const char *fault;
	const char *word =
		grpc_health_status(text_string(&seen->body), seen->body.len, room, &fault);

	if (word)
		set_body(seen, word);
	else
		observation_fail(seen, CLASS_malformed_reply, PHASE_TRANSFER, "%s", fault);
}

static void note_reply(struct observation *seen, const struct http_hop *hop)
{
	/* Where nothing else was to say, it is all in the headers. */
	const struct text *where = figures_find_header(&hop->trailers, "grpc-status")
					   ? &hop->trailers
					   : &seen->headers;
	const char *status = figures_find_header(where, "grpc-status");

	if (seen->status != 200)
		observation_fail(seen, CLASS_malformed_reply, PHASE_TRANSFER,
				 "the server answered with status %u of HTTP, not as gRPC does",
				 seen->status);
	else if (!status)
		observation_fail(seen, CLASS_malformed_reply, PHASE_TRANSFER,
				 "the reply has no grpc-status");
	else if (strtoul(status, NULL, 10) != 0)
		note_code(seen, where, status);
	else
		note_health(seen);
}

static void ask(struct grpc_probing *grpc);

/* This look is over; where it is the first of two, the other one begins. */
static void finish(struct grpc_probing *grpc, bool is_late)
{
	struct check *check = grpc->probing.check;
	const struct grpc_options *asked = check->endpoint->options;
	struct observation *seen = &check->observation;

	http_hop_note(&grpc->hop, false);
	for (unsigned phase = 0; phase < PHASES; phase++)
		seen->latency += seen->phases[phase];
	if (!seen->class)
		note_reply(seen, &grpc->hop);
	if (is_late || asked->reach.ip != REACH_BOTH || grpc->family != CONNECT_IPV4) {
		probing_end(&grpc->probing);
		return;
	}
	check_look_again(check);
	http_hop_done(&grpc->hop);
	grpc->family = CONNECT_IPV6;
	ask(grpc);
}

static void ended(struct http_hop *hop, void *context)
{
	finish(context, false);
}

static void expire(struct probing *probing)
{
	struct grpc_probing *grpc = (struct grpc_probing *)probing;

	http_hop_expire(&grpc->hop, probing->check->endpoint->timeout);
	finish(grpc, true);
}

static void stop(struct probing *probing)
{
	http_hop_done(&((struct grpc_probing *)probing)->hop);
}

static void release(struct probing *probing)
{
	stop(probing);
	free(probing);
}

static const struct probing_verbs verbs = { .expire = expire, .stop = stop, .release = release };

/* --- The probe ------------------------------------------------------------------------- */

static void ask(struct grpc_probing *probing)
{
	struct check *check = probing->probing.check;
	const struct grpc_options *grpc = check->endpoint->options;
	const struct http_request request = {
		.url = &grpc->http.url,
		.method = grpc->http.method,
		.body = grpc->http.body,
		.body_len = grpc->http.body_len,
		.headers = grpc->http.headers_home,
		.family = probing->family,
		.is_home = true,
		.offers_certificate = true,
	};

	check->observation.wall = clock_wall();
	http_hop_init(&probing->hop, probing->probing.tools, &grpc->http, check->limits);
	probing->hop.body_limit = REPLY_MAX;
	http_hop_start(&probing->hop, &request, &check->observation, ended, probing);
}

static void grpc_start(struct check *check, struct probe_tools *tools, probe_done *done,
		       void *context)
{
	const struct grpc_options *grpc = check->endpoint->options;
	struct grpc_probing *probing = MEMORY_NEW(struct grpc_probing);

	probing->family = reach_family(&grpc->reach);
	probing_begin(&probing->probing, &verbs, check, tools, done, context);
	ask(probing);
}

static char *grpc_target(const void *object)
{
	const struct grpc_options *grpc = object;

	if (!grpc->service || !*grpc->service)
		return memory_text(grpc->reach.address);
	return memory_print("%s/%s", grpc->reach.address, grpc->service);
}

static char *grpc_host(const void *object)
{
	return reach_host(&((const struct grpc_options *)object)->reach);
}

static bool grpc_shakes_hands(const struct endpoint *endpoint)
{
	return is_secure(endpoint->options);
}

const struct probe_type probe_grpc = {
	.name = "grpc",
	.about = "Asks a gRPC server's health service how it is.",
	.table = &table,
	.short_key = "address",
	.subjects = SUBJECTS_ALL | SUBJECTS_NETWORK | SUBJECTS_BODY | SUBJECTS_TLS,
	.expects = "body == \"SERVING\"",
	.expects_unless = "body",
	.prepare = prepare,
	.target = grpc_target,
	.host = grpc_host,
	.shakes_hands = grpc_shakes_hands,
	.start = grpc_start,
	.cancel = probing_cancel,
};
