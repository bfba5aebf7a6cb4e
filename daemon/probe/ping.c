/* ping.c - probe ping: from a host to the round trips of echo requests. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "expect/expect.h"
#include "loop/pinger.h"
#include "loop/resolve.h"
#include "model/echo.h"
#include "probe/connecting.h"
#include "probe/http_url.h"
#include "probe/ping.h"
#include "probe/probe.h"
#include "probe/probing.h"

/* One check of one host. */
struct ping_probing {
	struct probing probing; /* the first member */
	const struct ping_options *options; /* borrowed */
	struct lookup *lookup; /* borrowed */
	struct ping *ping; /* owned */
	usec_t began;
};

/* --- Keys ------------------------------------------------------------------------------ */

static const struct option_word families[] = {
	{ "any", CONNECT_ANY }, { "4", CONNECT_IPV4 }, { "6", CONNECT_IPV6 }, { 0 }
};

static bool check_host(const char *text, size_t len, struct text *wanted)
{
	const char *fault;
	struct ip ip;

	if (ip_parse(text, &ip) == 0)
		return true;
	fault = http_url_name_fault(text);
	if (fault)
		text_print(wanted, "must be a host name or an address (this one %s)", fault);
	return !fault;
}

static bool check_source(const char *text, size_t len, struct text *wanted)
{
	struct ip ip;

	if (ip_parse(text, &ip) == 0)
		return true;
	text_append(wanted, "must be an address");
	return false;
}

static const struct option options[] = {
	{
		.key = "host",
		.kind = OPTION_TEXT,
		.is_required = true,
		.has_each = true,
		.offset = MEMBER(struct ping_options, host, const char *),
		.max = 253,
		.check = check_host,
		.about = "Name or address to send echo requests to.",
		.example = "192.0.2.1",
		.elsewhere = "address target",
	},
	{
		.key = "count",
		.kind = OPTION_COUNT,
		.offset = MEMBER(struct ping_options, count, unsigned),
		.fallback = "3",
		.min = 1,
		.max = PINGER_COUNT_MAX,
		.about = "How many requests one check sends.",
		.elsewhere = "packets",
	},
	{
		.key = "spacing",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct ping_options, spacing, usec_t),
		.fallback = "100ms",
		.min = USEC_PER_MS,
		.max = USEC_PER_MIN,
		.about = "Time from one request to the next.",
	},
	{
		.key = "size",
		.kind = OPTION_SIZE,
		.offset = MEMBER(struct ping_options, size, size_t),
		.fallback = "56B",
		.min = PINGER_SIZE_MIN,
		.max = PINGER_SIZE_MAX,
		.about = "Bytes of data in a request, without its headers.",
	},
	{
		.key = "ttl",
		.kind = OPTION_COUNT,
		.offset = MEMBER(struct ping_options, ttl, unsigned),
		.min = 1,
		.max = 255,
		.about = "How many hops a request may take; as many as the system says unless "
			 "given.",
		.example = "64",
	},
	{
		.key = "dont_fragment",
		.kind = OPTION_FLAG,
		.offset = MEMBER(struct ping_options, dont_fragment, bool),
		.fallback = "false",
		.about = "Have a request that is too large for some network dropped, not "
			 "fragmented.",
	},
	{
		.key = "ip",
		.kind = OPTION_CHOICE,
		.offset = MEMBER(struct ping_options, ip, enum connect_family),
		.fallback = "any",
		.words = families,
		.about = "Family of the address.",
	},
	{
		.key = "source",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct ping_options, source_text, const char *),
		.check = check_source,
		.about = "Address of this host to come from.",
		.example = "192.0.2.9",
	},
	OPTION_END
};

static void examine(const void *object, struct complaints *complaints,
		    const struct option_places *places)
{
	const struct ping_options *ping = object;
	const uint8_t wanted = ping->ip == CONNECT_IPV4 ? 4 : ping->ip == CONNECT_IPV6 ? 6 : 0;
	struct ip host, source;
	const bool has_host = ping->host && ip_parse(ping->host, &host) == 0;
	const bool has_source = ping->source_text && ip_parse(ping->source_text, &source) == 0;

	if (has_host && has_source && host.family != source.family)
		option_complain(complaints, places, "source",
				"'source' and 'host' are of different families");
	if (wanted && has_host && host.family != wanted)
		option_complain(complaints, places, "ip",
				"'ip' and 'host' are of different families");
	else if (wanted && has_source && source.family != wanted)
		option_complain(complaints, places, "ip",
				"'ip' and 'source' are of different families");
}

static const struct option_table table = {
	.options = options,
	.size = sizeof(struct ping_options),
	.short_key = "host",
	.examine = examine,
};

static void ping_prepare(void *object, struct arena *arena, struct complaints *complaints,
			 const struct option_places *places)
{
	struct ping_options *ping = object;

	if (ping->source_text)
		(void)ip_parse(ping->source_text, &ping->source);
	if (ip_parse(ping->host, &ping->address) < 0)
		ping->address.family = 0;
}

/* --- What it came to ------------------------------------------------------------------- */

static struct echo_facts *sum_up(const struct ping *ping)
{
	struct echo_facts *facts = MEMORY_NEW(struct echo_facts);
	usec_t sum = 0, differences = 0, before = 0;

	facts->sent = ping->sent;
	facts->back = ping->back;
	facts->min = USEC_NEVER;
	for (unsigned i = 0, n = 0; i < ping->sent; i++) {
		const usec_t took = ping->packets[i].took;

		if (!ping->packets[i].is_back)
			continue;
		sum += took;
		facts->min = took < facts->min ? took : facts->min;
		facts->max = took > facts->max ? took : facts->max;
		if (n++ > 0)
			differences += took > before ? took - before : before - took;
		before = took;
	}
	if (ping->back > 0)
		facts->avg = sum / ping->back;
	if (ping->back > 1)
		facts->jitter = differences / (ping->back - 1);
	return facts;
}

static void note_silence(struct observation *seen, const struct ping *ping)
{
	if (ping->is_local)
		observation_fail(seen, CLASS_local, PHASE_REQUEST,
				 "no echo request can be sent: %s%s", strerror(ping->error),
				 ping->error == EACCES || ping->error == EPERM
					 ? " (neither net.ipv4.ping_group_range nor CAP_NET_RAW "
					   "allows it)"
					 : "");
	else if (ping->error)
		observation_fail(seen, CLASS_unreachable, PHASE_CONNECT, "%s",
				 strerror(ping->error));
	else
		observation_fail(seen, CLASS_timeout, PHASE_FIRST_BYTE,
				 "none of %u echo requests came back", ping->sent);
	if (seen->class == CLASS_timeout)
		observation_set_phase(seen, PHASE_FIRST_BYTE, clock_now() - ping->packets[0].sent);
}

static void end(struct ping_probing *probing)
{
	struct observation *seen = &probing->probing.check->observation;

	if (probing->ping) {
		seen->echo = sum_up(probing->ping);
		/* What was not sent for our own want is not what the host lost. */
		if (seen->echo->back > 0 && !probing->ping->is_local)
			observation_set_phase(seen, PHASE_FIRST_BYTE, seen->echo->avg);
		else
			note_silence(seen, probing->ping);
	}
	for (unsigned phase = 0; phase < PHASES; phase++)
		seen->latency += seen->phases[phase];
	probing_end(&probing->probing);
}

static void came_back(struct ping *ping, void *context)
{
	end(context);
}

static void begin(struct ping_probing *probing, const struct ip *ip)
{
	const struct ping_options *wanted = probing->options;
	const struct ping_request request = {
		.ip = *ip,
		.source = wanted->source,
		.count = wanted->count,
		.spacing = wanted->spacing,
		.size = (unsigned)wanted->size,
		.ttl = wanted->ttl,
		.dont_fragment = wanted->dont_fragment,
	};

	address_from_ip(ip, 0, &probing->probing.check->observation.address);
	probing->ping = ping_start(probing->probing.tools->pinger, &request, came_back, probing);
}

static void fail_lookup(struct ping_probing *probing, enum resolve_outcome outcome,
			const char *detail)
{
	const struct connected as_connected = {
		.outcome = CONNECT_UNRESOLVED,
		.resolve_outcome = outcome,
		.detail = detail,
	};
	struct text text = { 0 };
	enum phase phase;
	const enum failure_class class = connecting_classify(&as_connected, &phase, &text);

	observation_fail(&probing->probing.check->observation, class, phase, text.len ? "%s" : NULL,
			 text_string(&text));
	text_done(&text);
	end(probing);
}

static void resolved(const struct resolved *result, void *context)
{
	struct ping_probing *probing = context;

	probing->lookup = NULL;
	if (result->took)
		observation_set_phase(&probing->probing.check->observation, PHASE_RESOLVE,
				      result->took);
	if (result->outcome == RESOLVE_OK)
		begin(probing, &result->addresses[0]);
	else
		fail_lookup(probing, result->outcome, result->detail);
}

/* --- The probe ------------------------------------------------------------------------- */

static void ping_expire(struct probing *object)
{
	struct ping_probing *probing = (struct ping_probing *)object;
	enum resolve_outcome silence;

	if (!probing->lookup) {
		end(probing);
		return;
	}
	silence = resolve_silence(probing->lookup);
	resolve_cancel(TAKE(probing->lookup));
	observation_set_phase(&object->check->observation, PHASE_RESOLVE,
			      clock_now() - probing->began);
	fail_lookup(probing, silence, NULL);
}

static void ping_stop(struct probing *object)
{
	struct ping_probing *probing = (struct ping_probing *)object;

	if (probing->lookup)
		resolve_cancel(TAKE(probing->lookup));
	if (probing->ping)
		ping_free(TAKE(probing->ping));
}

static void ping_release(struct probing *object)
{
	ping_stop(object);
	free(object);
}

static const struct probing_verbs verbs = {
	.expire = ping_expire,
	.stop = ping_stop,
	.release = ping_release,
};

static int family_of(const struct ping_options *wanted)
{
	if (wanted->source.family)
		return wanted->source.family == 4 ? AF_INET : AF_INET6;
	return wanted->ip == CONNECT_IPV4   ? AF_INET
	       : wanted->ip == CONNECT_IPV6 ? AF_INET6
					    : AF_UNSPEC;
}

static void ping_begin(struct check *check, struct probe_tools *tools, probe_done *done,
		       void *context)
{
	struct ping_probing *probing = MEMORY_NEW(struct ping_probing);

	probing->options = check->endpoint->options;
	probing->began = clock_now();
	probing_begin(&probing->probing, &verbs, check, tools, done, context);
	/* Of an address nobody needs to be asked. */
	if (probing->options->address.family)
		begin(probing, &probing->options->address);
	else
		probing->lookup =
			resolve_start(tools->resolver, probing->options->host,
				      family_of(probing->options), NULL, resolved, probing);
}

static char *ping_target(const void *object)
{
	const struct ping_options *ping = object;

	return memory_text(ping->host);
}

static const struct probe_url urls[] = {
	{ .scheme = "ping", .before = "host" },
	{ 0 },
};

const struct probe_type probe_ping = {
	.name = "ping",
	.about = "Sends echo requests (ICMP) and looks at what comes back.",
	.table = &table,
	.short_key = "host",
	.urls = urls,
	.subjects = SUBJECTS_ALL | SUBJECTS_NETWORK | SUBJECTS_PING,
	.stays = true,
	.prepare = ping_prepare,
	.target = ping_target,
	.host = ping_target,
	.start = ping_begin,
	.cancel = probing_cancel,
};
