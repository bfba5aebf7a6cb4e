/* calendar.c - a calendar expression is refused with what was wanted, or has times in their order;
 * and a rule of a time zone has spans that join.
 *
 * The expression; the rule; seconds since 1970 from which both are looked at.
 *
 * Over: base/calendar.c base/calendar_parse.c base/zone_rule.c base/zone.c
 */
#include "base/calendar.h"
#include "base/text.h"
#include "base/zone_rule.h"
#include "fuzz.h"

enum { TIMES = 3, SPANS = 6 };

/* What is asked for is never before 1970 nor behind 2199. */
static const int64_t seconds_most = 7258118400;

static void look_at_times(const struct calendar *calendar, usec_t after)
{
	for (unsigned i = 0; i < TIMES; i++) {
		const usec_t next = calendar_next(calendar, after, CALENDAR_OMIT);
		const usec_t caught = calendar_next(calendar, after, CALENDAR_CATCH);

		assert(next > after && caught > after);
		/* What comes comes whether or not what does not is caught up with. */
		assert(caught <= next);
		if (next == USEC_NEVER)
			return;
		assert(next % USEC_PER_SEC == 0);
		assert(calendar_next(calendar, next - 1, CALENDAR_OMIT) == next);
		after = next;
	}
}

static void look_at_rule(const struct zone_rule *rule, int64_t at)
{
	for (unsigned i = 0; i < SPANS; i++) {
		const struct zone_span span = zone_rule_span(rule, at);

		assert(span.from <= at && at < span.until);
		if (span.until == INT64_MAX)
			return;
		assert(zone_rule_span(rule, span.until - 1).offset == span.offset);
		at = span.until;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz input = { data, len };
	struct text wanted = { 0 };
	struct calendar calendar;
	struct zone_rule zone;
	size_t expression_len, rule_len;
	char *expression = fuzz_line(&input, &expression_len);
	char *rule = fuzz_line(&input, &rule_len);
	char *number = fuzz_rest(&input, NULL);
	const int64_t seconds = strtoll(number, NULL, 10);
	const int64_t at = seconds < 0 || seconds > seconds_most ? 0 : seconds;

	if (calendar_parse(expression, expression_len, &calendar, &wanted) < 0)
		assert(wanted.len > 0);
	else
		look_at_times(&calendar, (usec_t)at * USEC_PER_SEC);
	if (zone_rule_parse(rule, rule_len, &zone) == 0)
		look_at_rule(&zone, at);
	text_done(&wanted);
	free(expression);
	free(rule);
	free(number);
	return 0;
}
