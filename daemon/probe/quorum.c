/* quorum.c - probe quorum: whether enough of some other endpoints work.
 *
 * Nothing is looked at but what is known of the members already: their states, which are
 * made sure of.  So there is nothing to confirm here.  A check has them counted
 * (engine/quorum.c), and is made whenever one of them changes.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "expect/expect.h"
#include "model/tally.h"
#include "option/option.h"
#include "probe/probe.h"
#include "probe/probing.h"
#include "probe/quorum.h"

struct quorum_probing {
	struct probing probing; /* the first member */
};

static const struct option options[] = {
	{
		.key = "members",
		.kind = OPTION_TEXTS,
		.is_required = true,
		.offset = MEMBER(struct quorum_options, members, const char *const *),
		.min = 1,
		.max = 128,
		.about = "Endpoints, by names and globs: * is any text, ? one character.",
		.example = "[web-*]",
		.elsewhere = "of endpoints checks",
	},
	{
		.key = "need",
		.kind = OPTION_COUNT,
		.is_required = true,
		.offset = MEMBER(struct quorum_options, need, unsigned),
		.min = 1,
		.max = 1000,
		.about = "How many of them must work.",
		.example = "2",
		.elsewhere = "min minimum atleast needed required",
	},
	OPTION_END
};

static const struct option_table table = {
	.options = options,
	.size = sizeof(struct quorum_options),
	.short_key = "members",
};

/* "1 of 3 works where 2 must: 'b' is down, 'c' is pending" */
static void print_count(struct text *text, const struct tally *tally, unsigned working,
			unsigned need)
{
	const unsigned others = tally->members - working;

	text_print(text, "%u of %u %s up where %u must be", working, tally->members,
		   working == 1 ? "is" : "are", need);
	if (tally->named)
		text_print(text, ": %s", text_string(&tally->others));
	if (others > tally->named)
		text_print(text, " (and %u more)", others - tally->named);
}

/* Who is paused is nobody's loss: of fewer than are needed, all that are left are. */
static unsigned needed(const struct quorum_options *quorum, const struct tally *tally)
{
	const unsigned left = tally->members - tally->in_state[STATE_PAUSED];

	return quorum->need < left ? quorum->need : left;
}

static void look(struct check *check, const struct tally *tally)
{
	struct observation *seen = &check->observation;
	const unsigned *in = tally->in_state;
	const unsigned working = in[STATE_UP] + in[STATE_DEGRADED];
	const unsigned need = needed(check->endpoint->options, tally);
	struct text text = { 0 };

	seen->latency = USEC_NEVER;
	print_count(&text, tally, working, need);
	if (need == 0 ||
	    (working < need && working + in[STATE_UNKNOWN] + in[STATE_PENDING] >= need &&
	     in[STATE_PENDING] > 0)) {
		check->is_silent = true;
		seen->detail = text_take(&text);
	} else if (working + in[STATE_UNKNOWN] < need) {
		observation_fail(seen, CLASS_quorum_lost, PHASE_TRANSFER, "%s", text.data);
	} else if (working < need) {
		observation_fail(seen, CLASS_local, PHASE_TRANSFER, "%s", text.data);
	}
	text_done(&text);
}

/* It ends in the next turn, before there is anything to wait for or to stop. */
static void do_nothing(struct probing *probing)
{
}

static void release(struct probing *probing)
{
	free(probing);
}

static const struct probing_verbs verbs = {
	.expire = do_nothing,
	.stop = do_nothing,
	.release = release,
};

static void quorum_start(struct check *check, struct probe_tools *tools, probe_done *done,
			 void *context)
{
	struct quorum_probing *quorum = MEMORY_NEW(struct quorum_probing);

	probing_begin(&quorum->probing, &verbs, check, tools, done, context);
	look(check, check->tally);
	probing_end_later(&quorum->probing);
}

static char *quorum_target(const void *object)
{
	const struct quorum_options *quorum = object;
	struct text target = { .limit_bytes = 1024 };

	text_print(&target, "%u of ", quorum->need);
	for (const char *const *member = quorum->members; *member; member++)
		text_print(&target, "%s%s", member == quorum->members ? "" : ", ", *member);
	return text_take(&target);
}

static char *quorum_host(const void *object)
{
	return NULL;
}

const struct probe_type probe_quorum = {
	.name = "quorum",
	.about = "Asks whether enough of some other endpoints are up.",
	.table = &table,
	.short_key = "members",
	.subjects = SUBJECTS_ALL,
	.stays = true,
	.is_certain = true,
	.has_members = true,
	.target = quorum_target,
	.host = quorum_host,
	.start = quorum_start,
	.cancel = probing_cancel,
};
