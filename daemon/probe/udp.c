/* udp.c - probe udp: a datagram to a port, and the one that comes back.
 *
 *   start -> look the name up -> send to its first address -> answer -> done
 */
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mask.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/units.h"
#include "expect/expect.h"
#include "expect/regex.h"
#include "loop/attempt.h"
#include "loop/datagram.h"
#include "probe/connecting.h"
#include "probe/escape.h"
#include "probe/probe.h"
#include "probe/probing.h"
#include "probe/reach.h"
#include "probe/reason.h"
#include "probe/udp.h"

enum {
	DATAGRAM_MAX = 65536,
	EXCERPT_MAX = 80, /* bytes of an answer in a reason */
	CPU_MAX = 20 * 1000, /* us of the loop's thread that matching may take */
	STEPS_MAX = 1000 * 1000, /* of the budget's */
};

/* One check of one server. */
struct udp_probing {
	struct probing probing; /* the first member */
	const struct udp_options *options; /* borrowed */
	struct lookup *lookup; /* owned; or NULL */
	struct event event; /* initialised while fd >= 0 */
	struct interface_families families;
	enum connect_family family;
	usec_t began; /* the lookup */
	usec_t sent;
	int fd; /* owned; -1: none */
};

static struct observation *seen_of(struct udp_probing *udp)
{
	return &udp->probing.check->observation;
}

static struct reason_peer peer_of(struct udp_probing *udp)
{
	return (struct reason_peer){
		.host = udp->options->reach.host,
		.family = udp->family,
		.address = &seen_of(udp)->address,
	};
}

static void stop(struct udp_probing *udp)
{
	if (udp->lookup)
		resolve_cancel(udp->lookup);
	udp->lookup = NULL;
	if (udp->fd < 0)
		return;
	(void)event_del(&udp->event);
	(void)close(udp->fd);
	udp->fd = -1;
}

static void look(struct udp_probing *udp, enum connect_family family);

/* This look is over, and the observation says how. */
static void complete(struct udp_probing *udp)
{
	struct observation *seen = seen_of(udp);
	const usec_t now = clock_now();

	if (udp->sent)
		observation_set_phase(seen, PHASE_FIRST_BYTE,
				      now > udp->sent ? now - udp->sent : 0);
	for (unsigned phase = 0; phase < PHASES; phase++)
		seen->latency += seen->phases[phase];
	seen->hops = MEMORY_NEW(struct hop);
	seen->hops_count = 1;
	seen->hops->url = memory_text(udp->options->reach.address);
	seen->hops->address = seen->address;
	memcpy(seen->hops->phases, seen->phases, sizeof(seen->phases));
	seen->hops->phases_seen = seen->phases_seen;
	stop(udp);
}

static void finish(struct udp_probing *udp)
{
	complete(udp);
	if (udp->options->reach.ip == REACH_BOTH && udp->family == CONNECT_IPV4) {
		check_look_again(udp->probing.check);
		look(udp, CONNECT_IPV6);
	} else {
		probing_end(&udp->probing);
	}
}

static void fail(struct udp_probing *udp, enum failure_class class, enum phase phase, int error,
		 struct text *detail)
{
	const struct reason_peer peer = peer_of(udp);

	if (detail->len == 0)
		reason_print(detail, &peer, class, phase, error);
	if (detail->len > 0)
		observation_fail(seen_of(udp), class, phase, "%s", detail->data);
	else
		observation_fail(seen_of(udp), class, phase, NULL);
	text_done(detail);
}

/* What the connector would have said. */
static void fail_connecting(struct udp_probing *udp, const struct connected *connected)
{
	struct text detail = { 0 };
	enum phase phase;
	const enum failure_class class = connecting_classify(connected, &phase, &detail);

	fail(udp, class, phase, connected->error, &detail);
	finish(udp);
}

static void fail_sending(struct udp_probing *udp, int error, bool is_here)
{
	const struct attempt_failure failure =
		is_here ? attempt_refused_here(error, udp->family == CONNECT_IPV6 ? 6 : 4,
					       &udp->families)
			: attempt_refused_there(error);
	const struct connected connected = {
		.outcome = failure.outcome,
		.error = error,
		.detail = failure.detail,
	};

	fail_connecting(udp, &connected);
}

/* --- The answer ---------------------------------------------------------------------------------- */

/* Whether the answer is what was expected; where not, the observation says so. */
static void judge(struct udp_probing *udp)
{
	const struct text *body = &seen_of(udp)->body;
	const struct reason_peer peer = peer_of(udp);
	cleanup(regex)
	struct regex *regex = NULL;
	struct text sentence = { 0 }, shown = { .limit_bytes = EXCERPT_MAX };
	struct regex_fault fault;
	struct budget budget;
	int r;

	if (!udp->options->expect)
		return;
	if (regex_compile(udp->options->expect, strlen(udp->options->expect), 0, &regex, &fault) <
	    0)
		abort(); /* it was compiled when the configuration was loaded */
	budget_init(&budget, CPU_MAX, STEPS_MAX);
	r = regex_match(regex, text_string(body), body->len, &budget);
	if (r == 1)
		return;
	mask_append_escaped(&shown, text_string(body), body->len,
			    udp->probing.check->endpoint->secrets);
	if (r == 0) {
		reason_print_with(&sentence, &peer, "% answered '");
		text_print(&sentence, "%s%s', which does not match /%s/", text_string(&shown),
			   shown.is_cut ? "…" : "", udp->options->expect);
	} else {
		reason_print_with(&sentence, &peer,
				  "matching what % answered ran out of its budget");
	}
	fail(udp, r == 0 ? CLASS_malformed_reply : CLASS_expectation_limit, PHASE_FIRST_BYTE, 0,
	     &sentence);
	text_done(&shown);
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
	struct udp_probing *udp = context;
	struct text *body = &seen_of(udp)->body;
	char datagram[DATAGRAM_MAX];
	const ssize_t n = recv(fd, datagram, sizeof(datagram), 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		const int error = errno;

		/* Waiting for an answer turned out to be trying to reach somebody. */
		observation_set_phase(seen_of(udp), PHASE_CONNECT, clock_now() - udp->sent);
		udp->sent = 0;
		fail_sending(udp, error, false);
		return;
	}
	body->limit_bytes = udp->probing.check->limits->body_bytes;
	text_append_len(body, datagram, (size_t)n);
	seen_of(udp)->body_is_cut = body->is_cut;
	judge(udp);
	finish(udp);
}

static void send_to(struct udp_probing *udp, const struct ip *ip)
{
	const struct udp_options *options = udp->options;
	struct text bytes = { 0 };
	ssize_t n = 0;

	address_from_ip(ip, options->reach.port, &seen_of(udp)->address);
	udp->fd = datagram_open(ip, options->reach.port, options->reach.source);
	if (udp->fd < 0) {
		fail_sending(udp, -udp->fd, true);
		return;
	}
	(void)event_assign(&udp->event, udp->probing.tools->base, udp->fd, EV_READ | EV_PERSIST,
			   on_readable, udp);
	(void)event_add(&udp->event, NULL);
	(void)escape_print(options->send, NULL, &bytes);
	udp->sent = clock_now();
	n = send(udp->fd, text_string(&bytes), bytes.len, MSG_NOSIGNAL);
	text_done(&bytes);
	if (n < 0)
		fail_sending(udp, errno, true);
}

static void on_resolved(const struct resolved *resolved, void *context)
{
	struct udp_probing *udp = context;
	const struct connected connected = {
		.outcome = CONNECT_UNRESOLVED,
		.resolve_outcome = resolved->outcome,
		.detail = resolved->detail,
	};

	udp->lookup = NULL;
	if (resolved->took > 0)
		observation_set_phase(seen_of(udp), PHASE_RESOLVE, resolved->took);
	if (resolved->outcome == RESOLVE_OK)
		send_to(udp, &resolved->addresses[0]);
	else
		fail_connecting(udp, &connected);
}

static void look(struct udp_probing *udp, enum connect_family family)
{
	static const int families[] = {
		[CONNECT_ANY] = AF_UNSPEC,
		[CONNECT_IPV4] = AF_INET,
		[CONNECT_IPV6] = AF_INET6,
	};
	const struct reach *reach = &udp->options->reach;

	udp->family = family;
	udp->sent = 0;
	udp->began = clock_now();
	seen_of(udp)->wall = clock_wall();
	udp->lookup = resolve_start(udp->probing.tools->resolver, reach->host, families[family],
				    reach->resolver_address, on_resolved, udp);
}

/* --- The probe ------------------------------------------------------------------------------------ */

static void udp_expire(struct probing *probing)
{
	struct udp_probing *udp = (struct udp_probing *)probing;
	struct text detail = { 0 };
	enum failure_class class = CLASS_timeout;
	enum phase phase = PHASE_FIRST_BYTE;

	if (udp->lookup) {
		const struct connected connected = {
			.outcome = CONNECT_UNRESOLVED,
			.resolve_outcome = resolve_silence(udp->lookup),
		};

		observation_set_phase(seen_of(udp), PHASE_RESOLVE, clock_now() - udp->began);
		class = connecting_classify(&connected, &phase, &detail);
	} else {
		const struct reason_peer peer = peer_of(udp);

		reason_print_with(&detail, &peer, "no answer from % within ");
		units_duration_print(&detail, probing->check->endpoint->timeout);
	}
	fail(udp, class, phase, 0, &detail);
	complete(udp);
	probing_end(probing);
}

static void udp_stop(struct probing *probing)
{
	stop((struct udp_probing *)probing);
}

static void udp_release(struct probing *probing)
{
	udp_stop(probing);
	free(probing);
}

static const struct probing_verbs verbs = {
	.expire = udp_expire,
	.stop = udp_stop,
	.release = udp_release,
};

static void udp_start(struct check *check, struct probe_tools *tools, probe_done *done,
		      void *context)
{
	struct udp_probing *udp = MEMORY_NEW(struct udp_probing);

	udp->options = check->endpoint->options;
	udp->fd = -1;
	probing_begin(&udp->probing, &verbs, check, tools, done, context);
	look(udp, reach_family(&udp->options->reach));
}

static const struct option options[] = {
	REACH_ADDRESS(struct udp_options, reach),
	{
		.key = "send",
		.kind = OPTION_TEXT,
		.is_required = true,
		.has_lines = true,
		.offset = MEMBER(struct udp_options, send, const char *),
		.min = 1,
		.max = 16384,
		.check = escape_check,
		.about = "Bytes of the datagram: \\r \\n \\t \\0 \\xHH and \\\\ are escapes.",
		.example = "ping\\n",
	},
	{
		.key = "expect",
		.kind = OPTION_TEXT,
		.has_lines = true,
		.offset = MEMBER(struct udp_options, expect, const char *),
		.min = 1,
		.max = 4096,
		.check = escape_check_regex,
		.about = "Regular expression that the answer has to match.",
		.example = "^pong",
	},
	REACH_IP(struct udp_options, reach),
	REACH_RESOLVER(struct udp_options, reach),
	REACH_SOURCE(struct udp_options, reach),
	OPTION_END
};

static const struct option_table table = {
	.options = options,
	.size = sizeof(struct udp_options),
	.short_key = "address",
};

static void udp_prepare(void *object, struct arena *arena, struct complaints *complaints,
			const struct option_places *places)
{
	reach_prepare(&((struct udp_options *)object)->reach, arena);
}

static char *udp_target(const void *object)
{
	return memory_text(((const struct udp_options *)object)->reach.address);
}

static char *udp_host(const void *object)
{
	return reach_host(&((const struct udp_options *)object)->reach);
}

const struct probe_type probe_udp = {
	.name = "udp",
	.about = "Sends a datagram and waits for the answer.",
	.table = &table,
	.short_key = "address",
	.subjects = SUBJECTS_ALL | SUBJECTS_NETWORK | SUBJECTS_BODY,
	.prepare = udp_prepare,
	.target = udp_target,
	.host = udp_host,
	.start = udp_start,
	.cancel = probing_cancel,
};
