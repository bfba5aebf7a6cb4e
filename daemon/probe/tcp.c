/* tcp.c - probe tcp: a connection, what is said over it, and what comes back.
 *
 *   start -> connect -> [TLS at once, or starttls] -> step: send, expect, starttls … -> done
 *
 * All that came is the body; an expect looks at what is behind the last match.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mask.h"
#include "base/memory.h"
#include "base/text.h"
#include "expect/expect.h"
#include "expect/regex.h"
#include "probe/call.h"
#include "probe/escape.h"
#include "probe/probe.h"
#include "probe/probing.h"
#include "probe/tcp.h"
#include "probe/upgrade.h"

enum {
	ROOM = 16 * 1024,
	CAPTURES = 10, /* the match and ${1} to ${9} */
	CAPTURE_MAX = 16 * 1024,
	EXCERPT_MAX = 80, /* bytes of an answer in a reason */
	CPU_MAX = 20 * 1000, /* us of the loop's thread that matching may take */
	STEPS_MAX = 1000 * 1000, /* of the budget's */
};

/* One check of one server. */
struct tcp_probing {
	struct probing probing; /* the first member */
	const struct tcp_options *options; /* borrowed */
	struct call call;
	struct starttls starttls;
	struct budget budget; /* for all matching of the check */
	usec_t paused; /* it, between two matches */
	struct regex *regex; /* owned; of the step that waits; or NULL */
	struct text captured[CAPTURES];
	unsigned step;
	size_t matched; /* bytes of the body that matches are done with */
	bool is_talking; /* the dialogue's turn has come */
	bool is_ended; /* the server's side */
	bool is_listening; /* for what the server says to no certificate */
};

static const struct tcp_step *step_of(const struct tcp_probing *tcp)
{
	const struct tcp_step *steps = tcp->options->dialogue.items;

	return tcp->step < tcp->options->dialogue.count ? &steps[tcp->step] : NULL;
}

static void forget(struct tcp_probing *tcp)
{
	for (unsigned i = 0; i < CAPTURES; i++)
		text_done(&tcp->captured[i]);
	if (tcp->regex)
		regex_free(tcp->regex);
	tcp->regex = NULL;
}

static void begin(struct tcp_probing *tcp)
{
	const struct tcp_options *options = tcp->options;

	forget(tcp);
	for (unsigned i = 0; i < CAPTURES; i++)
		tcp->captured[i].limit_bytes = CAPTURE_MAX;
	tcp->starttls = (struct starttls){
		.protocol = options->starttls,
		.host = options->tls_used->server_name ? options->tls_used->server_name
						       : options->reach.host,
	};
	budget_init(&tcp->budget, CPU_MAX, STEPS_MAX);
	tcp->paused = 0;
	tcp->step = 0;
	tcp->matched = 0;
	tcp->is_talking = tcp->is_ended = tcp->is_listening = false;
}

/* The call is over, and the observation says how. */
static void finish(struct tcp_probing *tcp)
{
	begin(tcp);
	if (!call_start_other(&tcp->call, tcp->probing.check))
		probing_end(&tcp->probing);
}

static void fail(struct tcp_probing *tcp, enum failure_class class, const char *sentence)
{
	call_fail(&tcp->call, class, sentence);
	finish(tcp);
}

static struct text *body_of(struct tcp_probing *tcp)
{
	return &tcp->probing.check->observation.body;
}

/* --- Expecting ---------------------------------------------------------------------------------- */

/* "% answered '502 no', which does not match /^220/": the % is for the peer. */
static void fail_unmatched(struct tcp_probing *tcp)
{
	const struct text *body = body_of(tcp);
	struct text sentence = { 0 };

	if (body->len == tcp->matched) {
		text_print(&sentence, "%% closed the connection where /%s/ was expected",
			   step_of(tcp)->expect);
	} else {
		struct text shown = { .limit_bytes = EXCERPT_MAX };

		mask_append_escaped(&shown, body->data + tcp->matched, body->len - tcp->matched,
				    tcp->probing.check->endpoint->secrets);
		text_print(&sentence, "%% answered '%s%s', which does not match /%s/",
			   text_string(&shown), shown.is_cut ? "…" : "", step_of(tcp)->expect);
		text_done(&shown);
	}
	call_fail_ended(&tcp->call, CLASS_malformed_reply, sentence.data);
	text_done(&sentence);
	finish(tcp);
}

static void capture(struct tcp_probing *tcp, const char *data, const struct regex_part *parts)
{
	for (unsigned i = 0; i < CAPTURES; i++) {
		text_clear(&tcp->captured[i]);
		if (parts[i].from <= parts[i].to)
			text_append_len(&tcp->captured[i], data + parts[i].from,
					parts[i].to - parts[i].from);
	}
}

/* A match that more bytes could make longer waits for them, but not behind a line that is
 * whole: most protocols are made of lines, and many patterns end with $.
 */
static int find(struct tcp_probing *tcp, const char *data, size_t len, struct regex_part *parts)
{
	int r;

	/* What the loop does meanwhile is not this check's. */
	budget_resume(&tcp->budget, tcp->paused);
	r = regex_find(tcp->regex, data, len, !tcp->is_ended, &tcp->budget, parts, CAPTURES);
	if (r == -EAGAIN && data[len - 1] == '\n') {
		r = regex_find(tcp->regex, data, len, false, &tcp->budget, parts, CAPTURES);
		r = r == 0 ? -EAGAIN : r;
	}
	tcp->paused = budget_pause(&tcp->budget);
	return r;
}

enum outcome { OUTCOME_ON, OUTCOME_WAITS, OUTCOME_OVER };

static enum outcome expect(struct tcp_probing *tcp, const struct tcp_step *step)
{
	const struct text *body = body_of(tcp);
	const char *data = text_string(body) + tcp->matched;
	const size_t len = body->len - tcp->matched;
	struct regex_part parts[CAPTURES];
	struct regex_fault fault;
	int r = -EAGAIN;

	if (!tcp->regex &&
	    regex_compile(step->expect, strlen(step->expect), 0, &tcp->regex, &fault) < 0)
		abort(); /* it was compiled when the configuration was loaded */
	if (len > 0)
		r = find(tcp, data, len, parts);
	if (r == 1) {
		capture(tcp, data, parts);
		tcp->matched += parts[0].to;
		regex_free(tcp->regex);
		tcp->regex = NULL;
		return OUTCOME_ON;
	}
	if (r == -ETIMEDOUT || r == -E2BIG) {
		fail(tcp, CLASS_expectation_limit,
		     "matching what % answered ran out of its budget");
		return OUTCOME_OVER;
	}
	if (tcp->is_ended || (r == 0 && regex_is_anchored(tcp->regex))) {
		fail_unmatched(tcp);
		return OUTCOME_OVER;
	}
	if (!body->is_cut)
		return OUTCOME_WAITS;
	fail(tcp, CLASS_body_too_large, "% sent more than 'limits: body' without a match");
	return OUTCOME_OVER;
}

/* --- The dialogue ------------------------------------------------------------------------------- */

static void send_step(struct tcp_probing *tcp, const struct tcp_step *step)
{
	struct text bytes = { 0 };

	(void)escape_print(step->send, tcp->captured, &bytes);
	call_send(&tcp->call, text_string(&bytes), bytes.len);
	text_done(&bytes);
}

static enum outcome secure(struct tcp_probing *tcp)
{
	/* What came before the handshake and was not expected could be anybody's. */
	if (body_of(tcp)->len > tcp->matched) {
		fail(tcp, CLASS_malformed_reply, "% sent more before TLS than was expected");
		return OUTCOME_OVER;
	}
	if (call_secure(&tcp->call))
		return OUTCOME_WAITS;
	finish(tcp);
	return OUTCOME_OVER;
}

/* Without a dialogue: the first line, where an expectation reads it. */
static bool has_banner(struct tcp_probing *tcp)
{
	const struct endpoint *endpoint = tcp->probing.check->endpoint;
	const struct text *body = body_of(tcp);

	return tcp->options->dialogue.count > 0 ||
	       !(program_reads_body(endpoint->expect) || program_reads_body(endpoint->warn)) ||
	       tcp->is_ended || body->is_cut || memchr(text_string(body), '\n', body->len);
}

static void conclude(struct tcp_probing *tcp)
{
	if (!has_banner(tcp))
		return;
	if (call_awaits_word(&tcp->call)) {
		tcp->is_listening = true;
		call_farewell(&tcp->call);
		return;
	}
	call_end(&tcp->call);
	finish(tcp);
}

/* As far as it goes for the moment. */
static void talk(struct tcp_probing *tcp)
{
	const struct tcp_step *step;

	tcp->is_talking = true;
	while ((step = step_of(tcp))) {
		enum outcome outcome = OUTCOME_ON;

		if (step->expect)
			outcome = expect(tcp, step);
		else if (step->send)
			send_step(tcp, step);
		else
			outcome = secure(tcp);
		if (outcome == OUTCOME_OVER)
			return;
		if (outcome == OUTCOME_ON || step->starttls)
			tcp->step++;
		if (outcome == OUTCOME_WAITS)
			return;
	}
	conclude(tcp);
}

static void upgrade(struct tcp_probing *tcp)
{
	if (upgrade_step(&tcp->call, &tcp->starttls) == UPGRADE_FAILED)
		finish(tcp);
}

static void connected(struct tcp_probing *tcp)
{
	if (tcp->options->starttls)
		upgrade(tcp);
	else if (!tcp->options->is_tls_at_once)
		talk(tcp);
	else if (!call_secure(&tcp->call))
		finish(tcp);
}

static void received(struct tcp_probing *tcp)
{
	struct text *body = body_of(tcp);
	size_t len;
	const char *data = call_received(&tcp->call, &len);

	if (tcp->options->starttls && !tcp->is_talking) {
		upgrade(tcp);
		return;
	}
	body->limit_bytes = tcp->probing.check->limits->body_bytes;
	if (!tcp->is_listening)
		text_append_len(body, data, len);
	tcp->probing.check->observation.body_is_cut = body->is_cut;
	call_take(&tcp->call, len);
	if (!tcp->is_listening)
		talk(tcp);
}

static void ended(struct tcp_probing *tcp)
{
	tcp->is_ended = true;
	if (tcp->is_listening) {
		call_end(&tcp->call);
		finish(tcp);
	} else if (!tcp->is_talking) {
		call_fail_ended(&tcp->call, CLASS_malformed_reply,
				"% closed the connection before TLS could begin");
		finish(tcp);
	} else if (!step_of(tcp) && body_of(tcp)->len == 0) {
		/* A banner was waited for. */
		fail(tcp, CLASS_empty_reply, NULL);
	} else {
		talk(tcp);
	}
}

static void told(struct call *call, enum call_news news, void *context)
{
	struct tcp_probing *tcp = context;

	switch (news) {
	case CALL_CONNECTED:
		connected(tcp);
		break;
	case CALL_SECURED:
		talk(tcp);
		break;
	case CALL_RECEIVED:
		received(tcp);
		break;
	case CALL_ENDED:
		ended(tcp);
		break;
	case CALL_FAILED:
		finish(tcp);
		break;
	}
}

/* --- The probe ------------------------------------------------------------------------------------ */

static void tcp_expire(struct probing *probing)
{
	struct tcp_probing *tcp = (struct tcp_probing *)probing;
	const struct tcp_step *step = step_of(tcp);
	cleanup(text)
	struct text waited_for = { 0 };

	if (tcp->is_listening) {
		call_end(&tcp->call);
	} else {
		if (step && step->expect && body_of(tcp)->len > 0)
			text_print(&waited_for, "nothing from %% that matches /%s/", step->expect);
		else if (!step && body_of(tcp)->len > 0)
			text_append(&waited_for, "no whole line from %");
		call_expire(&tcp->call, probing->check->endpoint->timeout,
			    waited_for.len ? waited_for.data : NULL);
	}
	probing_end(probing);
}

static void tcp_stop(struct probing *probing)
{
	call_done(&((struct tcp_probing *)probing)->call);
}

static void tcp_release(struct probing *probing)
{
	tcp_stop(probing);
	forget((struct tcp_probing *)probing);
	free(probing);
}

static const struct probing_verbs verbs = {
	.expire = tcp_expire,
	.stop = tcp_stop,
	.release = tcp_release,
};

static void tcp_start(struct check *check, struct probe_tools *tools, probe_done *done,
		      void *context)
{
	struct tcp_probing *tcp = MEMORY_NEW(struct tcp_probing);

	tcp->options = check->endpoint->options;
	probing_begin(&tcp->probing, &verbs, check, tools, done, context);
	call_init(&tcp->call, tools, &tcp->options->reach, tcp->options->tls_used, ROOM, told, tcp);
	tcp->call.alpn = tcp->options->alpn;
	tcp->call.alpn_len = tcp->options->alpn_len;
	begin(tcp);
	call_start(&tcp->call, reach_family(&tcp->options->reach), &check->observation);
}

static char *tcp_target(const void *object)
{
	return memory_text(((const struct tcp_options *)object)->reach.address);
}

static char *tcp_host(const void *object)
{
	return reach_host(&((const struct tcp_options *)object)->reach);
}

static const struct probe_url urls[] = {
	{ .scheme = "tcp", .before = "address" },
	{ 0 },
};

static bool tcp_shakes_hands(const struct endpoint *endpoint)
{
	const struct tcp_options *tcp = endpoint->options;

	return tcp->is_tls_at_once || tcp->starttls != STARTTLS_NONE;
}

const struct probe_type probe_tcp = {
	.name = "tcp",
	.about = "Connects to a port, and talks with what listens there.",
	.table = &tcp_table,
	.short_key = "address",
	.urls = urls,
	.subjects = SUBJECTS_ALL | SUBJECTS_NETWORK | SUBJECTS_BODY | SUBJECTS_TLS,
	.prepare = tcp_options_prepare,
	.target = tcp_target,
	.host = tcp_host,
	.shakes_hands = tcp_shakes_hands,
	.start = tcp_start,
	.cancel = probing_cancel,
};
