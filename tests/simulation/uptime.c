/* uptime.c - the arithmetic of uptime against a table that was written by hand.
 *
 * Days of checks, every half minute, by the clock of Berlin, where a day has 23 hours in March and 25
 * in October; three failures make an outage, two passes end it.  A real store
 * keeps what a restart needs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "health/health.h"
#include "rig.h"

enum { SPANS_MAX = 4, DAYS_MAX = 3 };

static const usec_t interval = 30 * USEC_PER_SEC;
static const struct patience patience = { .failures = 3, .successes = 2 };

/* What a span is: checks that pass, Warn, Fail, are Local, or tell Nothing (a plugin); `k` is a
 * daemon that was killed, `s` one that was stopped; `z` a pause, `m` maintenance beside the checks.
 */
struct span {
	const char *from, *until;
	char what;
};

/* Seconds of one day. */
struct day {
	const char *date;
	unsigned up, degraded, down, unknown, paused, maintenance;
};

static const struct row {
	const char *claim, *first, *last; /* the days */
	struct span spans[SPANS_MAX];
	struct day days[DAYS_MAX];
} table[] = {
	{ "nothing happens",
	  "2026-02-10",
	  "2026-02-10",
	  { { 0 } },
	  { { "2026-02-10", .up = 86400 } } },
	{ "an outage over midnight is cut there and lost nowhere",
	  "2026-02-10",
	  "2026-02-11",
	  { { "2026-02-10 23:50:00", "2026-02-11 00:10:00", 'F' } },
	  { { "2026-02-10", .up = 85800, .down = 600 },
	    { "2026-02-11", .up = 85800, .down = 600 } } },
	{ "one that is confirmed after midnight begins before it",
	  "2026-02-10",
	  "2026-02-11",
	  { { "2026-02-10 23:59:30", "2026-02-11 00:05:00", 'F' } },
	  { { "2026-02-10", .up = 86370, .down = 30 },
	    { "2026-02-11", .up = 86100, .down = 300 } } },
	{ "two failures are no outage",
	  "2026-02-10",
	  "2026-02-10",
	  { { "2026-02-10 12:00:00", "2026-02-10 12:01:00", 'F' } },
	  { { "2026-02-10", .up = 86400 } } },
	{ "the day that loses an hour has 23 of them",
	  "2026-03-28",
	  "2026-03-30",
	  { { "2026-03-29 01:30:00", "2026-03-29 03:30:00", 'F' } },
	  { { "2026-03-28", .up = 86400 },
	    { "2026-03-29", .up = 79200, .down = 3600 },
	    { "2026-03-30", .up = 86400 } } },
	{ "the day that gains one has 25",
	  "2026-10-24",
	  "2026-10-26",
	  { { "2026-10-25 01:30:00", "2026-10-25 03:30:00", 'F' } },
	  { { "2026-10-24", .up = 86400 },
	    { "2026-10-25", .up = 79200, .down = 10800 },
	    { "2026-10-26", .up = 86400 } } },
	{ "an outage over the change and midnight",
	  "2026-10-24",
	  "2026-10-25",
	  { { "2026-10-24 23:00:00", "2026-10-25 04:00:00", 'F' } },
	  { { "2026-10-24", .up = 82800, .down = 3600 },
	    { "2026-10-25", .up = 72000, .down = 18000 } } },
	{ "a restart is neither up nor down",
	  "2026-02-10",
	  "2026-02-10",
	  { { "2026-02-10 10:00:00", "2026-02-10 10:05:00", 's' } },
	  { { "2026-02-10", .up = 86100, .unknown = 300 } } },
	{ "a short one too",
	  "2026-02-10",
	  "2026-02-10",
	  { { "2026-02-10 10:00:00", "2026-02-10 10:00:30", 's' } },
	  { { "2026-02-10", .up = 86370, .unknown = 30 } } },
	{ "an outage that goes on over a kill is down before and after",
	  "2026-02-10",
	  "2026-02-10",
	  { { "2026-02-10 09:50:00", "2026-02-10 10:20:00", 'F' },
	    { "2026-02-10 10:00:00", "2026-02-10 10:10:00", 'k' } },
	  { { "2026-02-10", .up = 84600, .down = 1200, .unknown = 600 } } },
	{ "a daemon that was away over midnight",
	  "2026-02-10",
	  "2026-02-11",
	  { { "2026-02-10 22:00:00", "2026-02-11 03:00:00", 's' } },
	  { { "2026-02-10", .up = 79200, .unknown = 7200 },
	    { "2026-02-11", .up = 75600, .unknown = 10800 } } },
	{ "trouble of this host is unknown since its first check",
	  "2026-02-10",
	  "2026-02-10",
	  { { "2026-02-10 12:00:00", "2026-02-10 12:30:00", 'L' } },
	  { { "2026-02-10", .up = 84600, .unknown = 1800 } } },
	{ "after which it may be down",
	  "2026-02-10",
	  "2026-02-10",
	  { { "2026-02-10 12:00:00", "2026-02-10 12:10:00", 'L' },
	    { "2026-02-10 12:10:00", "2026-02-10 12:40:00", 'F' } },
	  { { "2026-02-10", .up = 84000, .down = 1800, .unknown = 600 } } },
	{ "a plugin that cannot tell is unknown",
	  "2026-02-10",
	  "2026-02-10",
	  { { "2026-02-10 12:00:00", "2026-02-10 13:00:00", 'N' } },
	  { { "2026-02-10", .up = 82800, .unknown = 3600 } } },
	{ "warnings are degraded, which is up",
	  "2026-02-10",
	  "2026-02-10",
	  { { "2026-02-10 10:00:00", "2026-02-10 11:00:00", 'W' } },
	  { { "2026-02-10", .up = 82800, .degraded = 3600 } } },
	{ "what is bad becomes down with the first of its failures",
	  "2026-02-10",
	  "2026-02-10",
	  { { "2026-02-10 10:00:00", "2026-02-10 10:30:00", 'W' },
	    { "2026-02-10 10:30:00", "2026-02-10 10:40:00", 'F' } },
	  { { "2026-02-10", .up = 84000, .degraded = 1800, .down = 600 } } },
	{ "maintenance is apart, whatever happens in it",
	  "2026-02-10",
	  "2026-02-10",
	  { { "2026-02-10 02:00:00", "2026-02-10 04:00:00", 'm' },
	    { "2026-02-10 02:30:00", "2026-02-10 03:30:00", 'F' } },
	  { { "2026-02-10", .up = 79200, .maintenance = 7200 } } },
	{ "an outage that begins before it and ends within",
	  "2026-02-10",
	  "2026-02-10",
	  { { "2026-02-10 02:00:00", "2026-02-10 04:00:00", 'm' },
	    { "2026-02-10 01:59:00", "2026-02-10 03:30:00", 'F' } },
	  { { "2026-02-10", .up = 79140, .down = 60, .maintenance = 7200 } } },
	{ "one that outlasts it",
	  "2026-02-10",
	  "2026-02-10",
	  { { "2026-02-10 02:00:00", "2026-02-10 04:00:00", 'm' },
	    { "2026-02-10 02:30:00", "2026-02-10 04:15:00", 'F' } },
	  { { "2026-02-10", .up = 78300, .down = 900, .maintenance = 7200 } } },
	{ "a pause is apart, and what was before is forgotten",
	  "2026-02-10",
	  "2026-02-10",
	  { { "2026-02-10 08:00:00", "2026-02-10 09:00:00", 'z' },
	    { "2026-02-10 07:30:00", "2026-02-10 08:30:00", 'F' } },
	  { { "2026-02-10", .up = 81000, .down = 1800, .paused = 3600 } } },
	{ "a pause goes on where the daemon is away",
	  "2026-02-10",
	  "2026-02-10",
	  { { "2026-02-10 08:00:00", "2026-02-10 09:00:00", 'z' },
	    { "2026-02-10 08:10:00", "2026-02-10 08:20:00", 's' } },
	  { { "2026-02-10", .up = 82800, .paused = 3600 } } },
};

/* By the clock of the host. */
static usec_t local(const char *text)
{
	struct tm parts = { .tm_isdst = -1 };

	assert_non_null(
		strptime(text, strlen(text) > 10 ? "%Y-%m-%d %H:%M:%S" : "%Y-%m-%d", &parts));
	return (usec_t)mktime(&parts) * USEC_PER_SEC;
}

static usec_t next_day(const char *date)
{
	char noon[32];
	struct tm parts;
	time_t seconds;

	/* Noon and twelve hours: before one, at, or after midnight, and the day begins there. */
	(void)snprintf(noon, sizeof(noon), "%s 12:00:00", date);
	seconds = (time_t)(local(noon) / USEC_PER_SEC) + 86400;
	(void)localtime_r(&seconds, &parts);
	parts.tm_hour = 0;
	parts.tm_isdst = -1;
	return (usec_t)mktime(&parts) * USEC_PER_SEC;
}

static bool is_within(const struct row *row, const char *kinds, usec_t wall, char *ret_what)
{
	for (unsigned i = 0; i < SPANS_MAX && row->spans[i].from; i++) {
		const struct span *span = &row->spans[i];

		if (!strchr(kinds, span->what) || wall < local(span->from) ||
		    wall >= local(span->until))
			continue;
		*ret_what = span->what;
		return true;
	}
	return false;
}

/* What the engine does with a verdict. */
static void check(struct rig *rig, char what)
{
	struct watch *watch = rig->roster.watches[0];
	const enum failure_class class = what == 'F'   ? CLASS_timeout
					 : what == 'W' ? CLASS_expectation
					 : what == 'L' ? CLASS_local
					 : what == 'N' ? CLASS_plugin_unknown
						       : CLASS_NONE;
	const struct verdict verdict = {
		.kind = what == 'P'   ? VERDICT_PASS
			: what == 'W' ? VERDICT_WARN
				      : VERDICT_FAIL,
		.class = class,
	};

	(void)health_record(&watch->standing, &verdict, &patience, rig->wall);
	roster_set_state(&rig->roster, watch, watch->standing.state);
	watch->is_stale = false;
	rig_check(rig, 0, 20000, class);
}

static void pause_or_resume(struct rig *rig, bool is_paused)
{
	struct watch *watch = rig->roster.watches[0];

	if (is_paused)
		health_pause(&watch->standing, rig->wall);
	else
		health_resume(&watch->standing, rig->wall);
	rig_set_state(rig, 0, watch->standing.state, watch->standing.since);
}

/* The daemon is away as long as the span says; what it knew is what it knows. */
static void restart(struct rig *rig, const struct row *row, bool is_killed)
{
	struct watch *watch = rig->roster.watches[0];
	usec_t back = rig->wall;
	char what;

	while (is_within(row, "sk", back, &what))
		back += interval;
	rig_stop(rig, is_killed);
	watch->is_stale = back - rig->wall > 2 * interval;
	if (watch->is_stale)
		health_forget(&watch->standing);
	rig_start(rig, back);
}

static void live(struct rig *rig, const struct row *row, usec_t end)
{
	bool was_maintained = false, was_paused = false;
	char what;

	while (rig->wall < end) {
		if (is_within(row, "sk", rig->wall, &what))
			restart(rig, row, what == 'k');
		const bool is_maintained = is_within(row, "m", rig->wall, &what);
		const bool is_paused = is_within(row, "z", rig->wall, &what);

		if (is_maintained != was_maintained)
			rig_maintain(rig, 0, is_maintained);
		if (is_paused != was_paused)
			pause_or_resume(rig, is_paused);
		was_maintained = is_maintained;
		was_paused = is_paused;
		what = 'P';
		(void)is_within(row, "WFLN", rig->wall, &what);
		if (!is_paused)
			check(rig, what);
		rig_pass(rig, rig->wall + interval);
	}
}

static void claim_day(const struct row *row, const struct day *day, const struct past_step *step)
{
	const unsigned wanted[TIMES] = {
		[TIME_UP] = day->up,	     [TIME_DEGRADED] = day->degraded,
		[TIME_DOWN] = day->down,     [TIME_UNKNOWN] = day->unknown,
		[TIME_PAUSED] = day->paused, [TIME_MAINTENANCE] = day->maintenance,
	};
	const double known = day->up + day->degraded + day->down;

	assert_int_equal(step->from, local(day->date));
	for (enum time_kind kind = TIME_UP; kind < TIMES; kind++)
		if (step->times.of[kind] != wanted[kind] * USEC_PER_SEC)
			fail_msg("%s: on %s it was %s for %.3f s, not %u s", row->claim, day->date,
				 time_name(kind), (double)step->times.of[kind] / 1e6, wanted[kind]);
	assert_true(history_share(&step->times) - (day->up + day->degraded) / known < 1e-12);
	assert_true((day->up + day->degraded) / known - history_share(&step->times) < 1e-12);
}

static void the_table_holds(void **state)
{
	const struct row *row = *state;
	struct rig rig;
	struct past past;
	unsigned days = 0;

	rig_init(&rig, 1, local(row->first));
	rig.is_hasty = true;
	health_init(&rig.roster.watches[0]->standing, rig.wall);
	roster_set_state(&rig.roster, rig.roster.watches[0], STATE_PENDING);
	live(&rig, row, next_day(row->last));
	past = rig_ask(&rig, 0, local(row->first), PAST_DAYS);
	while (days < DAYS_MAX && row->days[days].date) {
		assert_true(days < past.count);
		claim_day(row, &row->days[days], &past.steps[days]);
		days++;
	}
	assert_int_equal(past.count, days);
	free(past.steps);
	rig_done(&rig);
}

int main(void)
{
	enum { ROWS = sizeof(table) / sizeof(table[0]) };
	struct CMUnitTest tests[ROWS];

	(void)setenv("TZ", "Europe/Berlin", 1);
	tzset();
	for (unsigned i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){ .name = table[i].claim,
						.test_func = the_table_holds,
						.initial_state = (void *)&table[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
