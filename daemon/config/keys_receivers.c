/* keys_receivers.c - the keys of a receiver. */
#include <string.h>

#include "alert/receiver.h"
#include "base/arena.h"
#include "base/text.h"
#include "config/receivers.h"

static const struct option_word severities[] = {
	{ "degraded", SEVERITY_WARNING },
	{ "down", SEVERITY_CRITICAL },
	{ NULL, 0 },
};

static bool check_grouping(const char *text, size_t len, struct text *wanted)
{
	if (strcmp(text, "endpoint") == 0 || strcmp(text, "group") == 0 ||
	    strcmp(text, "severity") == 0)
		return true;
	text_append(wanted, "takes endpoint, group, severity and names of labels; this one ");
	if (!keys_check_label(text, len, wanted))
		return false;
	text_clear(wanted);
	return true;
}

static const struct option retry_options[] = {
	{
		.key = "first",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct receiver_draft, receiver.retry.first, usec_t),
		.fallback = "1s",
		.min = 100 * USEC_PER_MS,
		.max = USEC_PER_HOUR,
		.about = "From the first try to the second; from then on twice as long each time.",
		.elsewhere = "initial delay",
	},
	{
		.key = "max",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct receiver_draft, receiver.retry.max, usec_t),
		.fallback = "5m",
		.min = 100 * USEC_PER_MS,
		.max = USEC_PER_DAY,
		.about = "From one try to the next at most.",
		.elsewhere = "max_delay cap",
	},
	{
		.key = "for",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct receiver_draft, receiver.retry.span, usec_t),
		.fallback = "24h",
		.min = USEC_PER_SEC,
		.max = 30 * USEC_PER_DAY,
		.about = "When the message is older it is given up.",
		.elsewhere = "expire until",
	},
	OPTION_END,
};

static void examine_retry(const void *object, struct complaints *complaints,
			  const struct option_places *places)
{
	const struct retry *retry = &((const struct receiver_draft *)object)->receiver.retry;

	if (retry->first > retry->max)
		option_complain(complaints, places, "first", "'first' is longer than 'max'");
}

static const struct option_table retry_table = {
	.options = retry_options,
	.examine = examine_retry,
};

static const struct option escalate_options[] = {
	{
		.key = "after",
		.kind = OPTION_DURATION,
		.is_required = true,
		.offset = MEMBER(struct escalation, after, usec_t),
		.min = USEC_PER_SEC,
		.max = 30 * USEC_PER_DAY,
		.about = "How long after this receiver was told of the incident first.",
		.example = "15m",
		.elsewhere = "delay wait",
	},
	{
		.key = "to",
		.kind = OPTION_TEXTS,
		.is_required = true,
		.offset = MEMBER(struct escalation, to, const char *const *),
		.min = 1,
		.max = 128,
		.about = "Receivers that are told of it then.",
		.example = "[boss]",
		.elsewhere = "notify receiver receivers",
	},
	OPTION_END,
};

static const struct option_table escalate_table = {
	.options = escalate_options,
	.size = sizeof(struct escalation),
};

static const struct option fallback_options[] = {
	{
		.key = "to",
		.kind = OPTION_TEXT,
		.is_required = true,
		.offset = MEMBER(struct receiver_draft, receiver.fallback.to, const char *),
		.min = 1,
		.max = 128,
		.about = "The receiver that is told instead.",
		.example = "pager",
		.elsewhere = "receiver",
	},
	{
		.key = "after",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct receiver_draft, receiver.fallback.after, usec_t),
		.fallback = "1m",
		.min = USEC_PER_SEC,
		.max = USEC_PER_DAY,
		.about = "How long after the message was made, if it is not taken by then.",
	},
	OPTION_END,
};

static const struct option_table fallback_table = {
	.options = fallback_options,
	.short_key = "to",
};

static const struct option_word no_rate[] = { { "none", 0 }, { NULL, 0 } };

static const struct option common[] = {
	{
		.key = "group_by",
		.kind = OPTION_TEXTS,
		.offset = MEMBER(struct receiver_draft, receiver.group_by, const char *const *),
		.fallback = "group",
		.min = 1,
		.max = 128,
		.check = check_grouping,
		.about = "Incidents that are equal in these are told together: endpoint, group, "
			 "severity, or labels by their names.",
		.elsewhere = "groupby group",
	},
	{
		.key = "group_wait",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct receiver_draft, receiver.group_wait, usec_t),
		.fallback = "10s",
		.max = USEC_PER_HOUR,
		.about =
			"How long the first incident waits for others to be told with it. What has "
			"recovered by then is not told at all.",
	},
	{
		.key = "group_interval",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct receiver_draft, receiver.group_interval, usec_t),
		.fallback = "1m",
		.min = USEC_PER_MS,
		.max = USEC_PER_DAY,
		.about = "Time from one message about a group to the next, at least.",
	},
	{
		.key = "repeat",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct receiver_draft, receiver.repeat, usec_t),
		.fallback = "4h",
		.min = USEC_PER_SEC,
		.max = 30 * USEC_PER_DAY,
		.about =
			"How often what is still wrong, and that nobody has acknowledged, is told again.",
		.elsewhere = "repeat_interval reminder every",
	},
	{
		.key = "retry",
		.kind = OPTION_MAPPING,
		.table = &retry_table,
		.about = "How a message that was not taken is tried again.",
		.elsewhere = "retries",
	},
	{
		.key = "timeout",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct receiver_draft, receiver.timeout, usec_t),
		.fallback = "10s",
		.min = 100 * USEC_PER_MS,
		.max = 10 * USEC_PER_MIN,
		.about = "How long one delivery may take.",
	},
	{
		.key = "send_resolved",
		.kind = OPTION_FLAG,
		.offset = MEMBER(struct receiver_draft, receiver.sends_resolved, bool),
		.fallback = "true",
		.about = "Whether it is told, too, that what it was told of is over.",
		.elsewhere = "resolved",
	},
	{
		.key = "min_severity",
		.kind = OPTION_CHOICE,
		.offset = MEMBER(struct receiver_draft, receiver.min_severity, enum severity),
		.fallback = "degraded",
		.words = severities,
		.about = "Incidents that are less bad are not told; unknown is as bad as degraded.",
		.elsewhere = "severity level",
	},
	{
		.key = "escalate",
		.kind = OPTION_STEPS,
		.table = &escalate_table,
		.offset = MEMBER(struct receiver_draft, receiver.escalate, struct option_steps),
		.about = "Who else is told of what lasts and nobody has acknowledged.",
		.elsewhere = "escalation escalations",
	},
	{
		.key = "fallback",
		.kind = OPTION_MAPPING,
		.table = &fallback_table,
		.about = "Who is told of what this receiver has not taken.",
		.elsewhere = "backup otherwise",
	},
	{
		.key = "rate",
		.kind = OPTION_COUNT,
		.offset = MEMBER(struct receiver_draft, receiver.rate, unsigned),
		.fallback = "60",
		.min = 1,
		.max = 100000,
		.words = no_rate,
		.about = "Messages in any minute, half of them at once; what is over waits and is "
			 "told together. With none there are as many as there are.",
		.elsewhere = "rate_limit limit throttle",
	},
};

enum { COMMON = sizeof(common) / sizeof(common[0]) };

static unsigned types_count(void)
{
	unsigned count = 0;

	while (receiver_types[count])
		count++;
	return count;
}

struct option_table receivers_table(struct arena *arena)
{
	const unsigned types = types_count();
	struct option *rows = arena_take(arena, (types + COMMON + 1) * sizeof(*rows));

	for (unsigned i = 0; i < types; i++)
		rows[i] = (struct option){
			.key = receiver_types[i]->name,
			.kind = OPTION_MAPPING,
			.is_separate = true,
			.offset =
				offsetof(struct receiver_draft, options) + i * sizeof(const void *),
			.table = receiver_types[i]->table,
			.about = receiver_types[i]->about,
		};
	memcpy(rows + types, common, sizeof(common));
	rows[types + COMMON].kind = OPTION_LAST;
	return (struct option_table){
		.options = rows,
		.size = sizeof(struct receiver_draft),
	};
}
