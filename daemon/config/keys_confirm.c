/* keys_confirm.c - what must be seen before an endpoint is believed, and what is promised of it. */
#include "base/text.h"
#include "base/units.h"
#include "config/keys.h"
#include "option/complaint.h"

static const struct option confirm_options[] = {
	{
		.key = "failures",
		.kind = OPTION_COUNT,
		.offset = MEMBER(struct draft, confirm.failures, unsigned),
		.fallback = "3",
		.min = 1,
		.max = 100,
		.about = "Failing checks in a row before an endpoint is down or degraded.",
		.elsewhere = "fall threshold attempts",
	},
	{
		.key = "within",
		.kind = OPTION_COUNT,
		.offset = MEMBER(struct draft, confirm.within, unsigned),
		.min = 2,
		.max = 60,
		.about = "Counts the failing checks among the last so many instead: "
			 "{ failures: 3, within: 5 } is three of five.",
		.example = "5",
		.elsewhere = "window of",
	},
	{
		.key = "successes",
		.kind = OPTION_COUNT,
		.offset = MEMBER(struct draft, confirm.successes, unsigned),
		.fallback = "2",
		.min = 1,
		.max = 100,
		.about = "Passing checks in a row before it is up again.",
		.elsewhere = "rise",
	},
	{
		.key = "every",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct draft, confirm.every, usec_t),
		.fallback = "5s",
		.min = 100 * USEC_PER_MS,
		.max = USEC_PER_DAY,
		.about = "Time between the checks that make sure of a change.",
		.elsewhere = "interval delay",
	},
	OPTION_END,
};

static void examine_confirm(const void *object, struct complaints *complaints,
			    const struct option_places *places)
{
	const struct patience *confirm = &((const struct draft *)object)->confirm;

	if (confirm->within && confirm->within < confirm->failures)
		option_complain(
			complaints, places, "within",
			"'within' %u is fewer checks than 'failures' %u: so many never fail",
			confirm->within, confirm->failures);
}

const struct option_table keys_confirm = {
	.options = confirm_options,
	.examine = examine_confirm,
};

static bool check_target(const char *text, size_t len, struct text *wanted)
{
	double share;

	text_append(wanted, "must be a percentage above 0 and below 100, such as 99.9");
	return units_percent_parse(text, len, &share) == 0 && share > 0 && share < 1;
}

static const struct option slo_options[] = {
	{
		.key = "target",
		.kind = OPTION_TEXT,
		.offset = MEMBER(struct draft, slo.text, const char *),
		.check = check_target,
		.about = "Percentage of known time that it is to be up or degraded.",
		.example = "99.9",
		.elsewhere = "objective goal",
	},
	{
		.key = "window",
		.kind = OPTION_DURATION,
		.offset = MEMBER(struct draft, slo.window, usec_t),
		.fallback = "30d",
		.min = USEC_PER_HOUR,
		.max = 400 * USEC_PER_DAY,
		.about = "Within the last so long.",
		.elsewhere = "period",
	},
	OPTION_END,
};

const struct option_table keys_slo = { .options = slo_options, .short_key = "target" };
