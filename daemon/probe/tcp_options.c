/* tcp_options.c - the keys of `tcp:`, and what they lead to. */
#include "base/arena.h"
#include "probe/escape.h"
#include "probe/tcp.h"

static const struct option step_options[] = {
	{
		.key = "expect",
		.kind = OPTION_TEXT,
		.has_lines = true,
		.offset = MEMBER(struct tcp_step, expect, const char *),
		.min = 1,
		.max = 4096,
		.check = escape_check_regex,
		.about = "Regular expression to wait for, in what came behind the last match.",
		.example = "^220 ",
	},
	{
		.key = "send",
		.kind = OPTION_TEXT,
		.has_lines = true,
		.has_captures = true,
		.offset = MEMBER(struct tcp_step, send, const char *),
		.min = 1,
		.max = 16384,
		.check = escape_check,
		.about = "Bytes to send: \\r \\n \\t \\0 \\xHH and \\\\ are escapes, ${1} to ${9} "
			 "what the last expect captured.",
		.example = "PING\\r\\n",
	},
	{
		.key = "starttls",
		.kind = OPTION_FLAG,
		.offset = MEMBER(struct tcp_step, starttls, bool),
		.fallback = "false",
		.about = "Go on under TLS from here.",
	},
	OPTION_END
};

static void examine_step(const void *object, struct complaints *complaints,
			 const struct option_places *places)
{
	const struct tcp_step *step = object;

	if (!!step->expect + !!step->send + step->starttls != 1)
		option_complain(complaints, places, NULL,
				"a step of a dialogue has one of 'expect', 'send' and "
				"'starttls: true'");
}

static const struct option_table step_table = {
	.options = step_options,
	.size = sizeof(struct tcp_step),
	.examine = examine_step,
	.about = "What is said and waited for, one after the other.",
};

#define TLS_MEMBER(member, of) MEMBER(struct tcp_tls, tls.member, of)

static const struct option tls_options[] = {
	{
		.key = "enabled",
		.kind = OPTION_FLAG,
		.offset = MEMBER(struct tcp_tls, is_enabled, bool),
		.fallback = "true",
		.about = "Speak TLS, at once or after starttls.",
	},
#include "probe/tls_rows.inc"
	OPTION_END
};

static void examine_tls(const void *object, struct complaints *complaints,
			const struct option_places *places)
{
	tls_examine(&((const struct tcp_tls *)object)->tls, complaints, places);
}

const struct option_table tcp_tls_table = {
	.options = tls_options,
	.size = sizeof(struct tcp_tls),
	.short_key = "enabled",
	.examine = examine_tls,
	.about = "Whether and how TLS is spoken.",
};

static const struct option options[] = {
	REACH_ADDRESS(struct tcp_options, reach),
	{
		.key = "tls",
		.kind = OPTION_MAPPING,
		.is_separate = true,
		.table = &tcp_tls_table,
		.offset = MEMBER(struct tcp_options, tls, const struct tcp_tls *),
		.about = "Speak TLS, and how.",
	},
	STARTTLS_ROW(struct tcp_options, starttls),
	{
		.key = "dialogue",
		.kind = OPTION_STEPS,
		.table = &step_table,
		.offset = MEMBER(struct tcp_options, dialogue, struct option_steps),
		.about = "What is said and waited for once the connection stands.",
		.example = "[{ send: 'PING\\r\\n' }, { expect: '^[+]PONG' }]",
	},
	REACH_IP(struct tcp_options, reach),
	REACH_RESOLVER(struct tcp_options, reach),
	REACH_SOURCE(struct tcp_options, reach),
	OPTION_END
};

static unsigned starttls_steps(const struct tcp_options *tcp)
{
	const struct tcp_step *steps = tcp->dialogue.items;
	unsigned count = 0;

	for (unsigned i = 0; i < tcp->dialogue.count; i++)
		count += steps[i].starttls;
	return count;
}

static void examine(const void *object, struct complaints *complaints,
		    const struct option_places *places)
{
	const struct tcp_options *tcp = object;
	const unsigned steps = starttls_steps(tcp);

	if (steps > 1)
		option_complain(complaints, places, "dialogue",
				"'dialogue' can go on under TLS only once");
	if (steps > 0 && tcp->starttls)
		option_complain(complaints, places, "starttls",
				"'starttls' and a step 'starttls: true' exclude each other");
	if ((steps > 0 || tcp->starttls) && tcp->tls && !tcp->tls->is_enabled)
		option_complain(complaints, places, "tls",
				"'tls: false' and going on under TLS exclude each other");
}

const struct option_table tcp_table = {
	.options = options,
	.size = sizeof(struct tcp_options),
	.short_key = "address",
	.examine = examine,
};

void tcp_options_prepare(void *object, struct arena *arena, struct complaints *complaints,
			 const struct option_places *places)
{
	struct tcp_options *tcp = object;

	reach_prepare(&tcp->reach, arena);
	if (!tcp->tls) {
		struct tcp_tls *usual = arena_take(arena, sizeof(*usual));

		option_fill(&tcp_tls_table, usual, arena);
		tcp->tls_used = &usual->tls;
	} else {
		tcp->tls_used = &tcp->tls->tls;
	}
	tcp->is_tls_at_once =
		tcp->tls && tcp->tls->is_enabled && !tcp->starttls && starttls_steps(tcp) == 0;
	tcp->alpn = tls_alpn(tcp->tls_used->alpn, arena, &tcp->alpn_len);
}
