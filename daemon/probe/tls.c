/* tls.c - probe tls: from a host and port to its certificates, and nothing more.
 *
 *   start -> connect -> [starttls] -> handshake -> [what does it say to no certificate?] -> done
 */
#include <stdlib.h>

#include "base/memory.h"
#include "expect/expect.h"
#include "option/option.h"
#include "probe/call.h"
#include "probe/probe.h"
#include "probe/probing.h"
#include "probe/tls.h"
#include "probe/upgrade.h"

enum { ROOM = 16 * 1024 };

/* One check of one server. */
struct tls_probing {
	struct probing probing; /* the first member */
	const struct tls_probe_options *options; /* borrowed */
	struct call call;
	struct starttls starttls;
	bool is_secured;
};

#define TLS_MEMBER(member, of) MEMBER(struct tls_probe_options, tls.member, of)

static const struct option options[] = { REACH_ADDRESS(struct tls_probe_options, reach),
#include "probe/tls_rows.inc"
					 STARTTLS_ROW(struct tls_probe_options, starttls),
					 REACH_IP(struct tls_probe_options, reach),
					 REACH_RESOLVER(struct tls_probe_options, reach),
					 REACH_SOURCE(struct tls_probe_options, reach),
					 OPTION_END };

static void examine(const void *object, struct complaints *complaints,
		    const struct option_places *places)
{
	const struct tls_probe_options *tls = object;

	tls_examine(&tls->tls, complaints, places);
}

static const struct option_table table = {
	.options = options,
	.size = sizeof(struct tls_probe_options),
	.short_key = "address",
	.examine = examine,
};

static void tls_prepare(void *object, struct arena *arena, struct complaints *complaints,
			const struct option_places *places)
{
	struct tls_probe_options *tls = object;

	reach_prepare(&tls->reach, arena);
	tls->alpn = tls_alpn(tls->tls.alpn, arena, &tls->alpn_len);
}

static void begin(struct tls_probing *tls)
{
	tls->starttls = (struct starttls){
		.protocol = tls->options->starttls,
		.host = tls->options->tls.server_name ? tls->options->tls.server_name
						      : tls->options->reach.host,
	};
	tls->is_secured = false;
}

/* The call is over. */
static void finish(struct tls_probing *tls)
{
	begin(tls);
	if (!call_start_other(&tls->call, tls->probing.check))
		probing_end(&tls->probing);
}

static void shake(struct tls_probing *tls)
{
	const bool goes_on = tls->options->starttls
				     ? upgrade_step(&tls->call, &tls->starttls) != UPGRADE_FAILED
				     : call_secure(&tls->call);

	if (!goes_on)
		finish(tls);
}

static void secured(struct tls_probing *tls)
{
	tls->is_secured = true;
	if (call_awaits_word(&tls->call)) {
		call_farewell(&tls->call);
		return;
	}
	call_end(&tls->call);
	finish(tls);
}

static void told(struct call *call, enum call_news news, void *context)
{
	struct tls_probing *tls = context;
	size_t len;

	switch (news) {
	case CALL_CONNECTED:
		shake(tls);
		break;
	case CALL_SECURED:
		secured(tls);
		break;
	case CALL_RECEIVED:
		if (!tls->is_secured) {
			shake(tls);
			break;
		}
		(void)call_received(call, &len);
		call_take(call, len);
		break;
	case CALL_ENDED:
		if (tls->is_secured)
			call_end(call);
		else
			call_fail_ended(call, CLASS_malformed_reply,
					"% closed the connection before TLS could begin");
		finish(tls);
		break;
	case CALL_FAILED:
		finish(tls);
		break;
	}
}

static void tls_expire(struct probing *probing)
{
	struct tls_probing *tls = (struct tls_probing *)probing;

	if (tls->is_secured)
		call_end(&tls->call);
	else
		call_expire(&tls->call, probing->check->endpoint->timeout, NULL);
	probing_end(probing);
}

static void tls_stop(struct probing *probing)
{
	call_done(&((struct tls_probing *)probing)->call);
}

static void tls_release(struct probing *probing)
{
	tls_stop(probing);
	free(probing);
}

static const struct probing_verbs verbs = {
	.expire = tls_expire,
	.stop = tls_stop,
	.release = tls_release,
};

static void tls_start(struct check *check, struct probe_tools *tools, probe_done *done,
		      void *context)
{
	struct tls_probing *tls = MEMORY_NEW(struct tls_probing);

	tls->options = check->endpoint->options;
	probing_begin(&tls->probing, &verbs, check, tools, done, context);
	call_init(&tls->call, tools, &tls->options->reach, &tls->options->tls, ROOM, told, tls);
	tls->call.alpn = tls->options->alpn;
	tls->call.alpn_len = tls->options->alpn_len;
	begin(tls);
	call_start(&tls->call, reach_family(&tls->options->reach), &check->observation);
}

static char *tls_target(const void *object)
{
	const struct tls_probe_options *tls = object;

	return memory_text(tls->reach.address);
}

static char *tls_host(const void *object)
{
	const struct tls_probe_options *tls = object;

	return reach_host(&tls->reach);
}

static const struct probe_url urls[] = {
	{ .scheme = "tls", .before = "address" },
	{ 0 },
};

static bool tls_shakes_hands(const struct endpoint *endpoint)
{
	(void)endpoint;
	return true;
}

const struct probe_type probe_tls = {
	.name = "tls",
	.about = "Shakes hands under TLS and looks at the certificates.",
	.table = &table,
	.short_key = "address",
	.urls = urls,
	.subjects = SUBJECTS_ALL | SUBJECTS_NETWORK | SUBJECTS_TLS,
	.prepare = tls_prepare,
	.target = tls_target,
	.host = tls_host,
	.shakes_hands = tls_shakes_hands,
	.start = tls_start,
	.cancel = probing_cancel,
};
