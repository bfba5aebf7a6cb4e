/* told.c - a year of a hundred endpoints: what is told is what a table says, that was written by hand.
 *
 * By the clock of Berlin.  Every check is made, ten million of them; some fail alone all the
 * time, and what is not in the table is never told.  Endpoint 11 is checked 33 seconds after each
 * full five minutes, so what becomes of it at noon is seen at 12:00:33, confirmed ten seconds
 * later (or eight, or twelve), and told to `ops` when half a minute more is over, and to `lead` a
 * quarter of an hour and fifteen seconds after that.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "model/endpoint.h"
#include "town.h"

/* Sanitizers make it slow, so of the year only its first week is left there. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define END "01-08 00:00"
#else
#define END "12-31 23:59"
#endif

/* From one endpoint to another, between two times: PASS is what all else is. */
static const struct span {
	const char *from, *until;
	unsigned first, last;
	enum answer answer;
} spans[] = {
	{ "01-01 12:00", "01-01 13:00", 11, 11, ANSWER_FAIL },
	/* One check, and no second. */
	{ "01-02 03:00:30", "01-02 03:00:40", 12, 12, ANSWER_FAIL },
	{ "01-02 10:00", "01-02 10:20", 20, 24, ANSWER_FAIL },
	/* One that comes and goes, and one that fails every other check. */
	{ "01-03 10:00", "01-03 10:20", 33, 33, ANSWER_FAIL },
	{ "01-03 10:40", "01-03 11:00", 33, 33, ANSWER_FAIL },
	{ "01-03 12:00", "01-03 18:00", 34, 34, ANSWER_BLINK },
	/* What depends on 60 comes back with it, and then some of it does not. */
	{ "01-04 08:00", "01-04 08:30", 60, 69, ANSWER_FAIL },
	{ "01-04 14:00", "01-04 14:30", 60, 60, ANSWER_FAIL },
	{ "01-04 14:00", "01-04 15:00", 61, 62, ANSWER_FAIL },
	/* This host is offline; 98 and 99 are what says so. */
	{ "01-05 02:00", "01-05 02:20", 0, 97, ANSWER_LOCAL },
	{ "01-05 02:00", "01-05 02:20", 98, 99, ANSWER_FAIL },
	/* Acknowledged. */
	{ "01-06 09:00", "01-06 15:00", 13, 13, ANSWER_FAIL },
	/* In a silence, and longer than it; and one that was told before. */
	{ "01-06 20:30", "01-06 21:30", 3, 3, ANSWER_FAIL },
	{ "01-06 21:00", "01-06 23:00", 4, 4, ANSWER_FAIL },
	{ "01-06 19:30", "01-06 21:00", 5, 5, ANSWER_FAIL },
	/* For a long time; over a restart; and less bad first. */
	{ "01-07 00:30", "01-07 10:00", 44, 44, ANSWER_FAIL },
	{ "01-07 12:00", "01-07 13:00", 9, 9, ANSWER_FAIL },
	{ "01-07 17:00", "01-07 17:30", 10, 10, ANSWER_WARN },
	{ "01-07 17:30", "01-07 18:00", 10, 10, ANSWER_FAIL },
	/* The nights that lose an hour and gain one. */
	{ "03-29 01:30", "03-29 03:30", 14, 14, ANSWER_FAIL },
	{ "10-25 01:30", "10-25 03:30", 14, 14, ANSWER_FAIL },
	/* A silence over each of them. */
	{ "03-29 01:00", "03-29 04:30", 15, 15, ANSWER_FAIL },
	{ "10-25 01:00", "10-25 04:30", 15, 15, ANSWER_FAIL },
	/* Half of the databases at once, a silence over a parent that is down. */
	{ "07-01 09:00", "07-01 09:30", 50, 52, ANSWER_FAIL },
	{ "09-10 09:00", "09-10 10:00", 60, 69, ANSWER_FAIL },
	{ "12-31 22:00", "12-31 23:00", 11, 11, ANSWER_FAIL },
};

/* What people do, and what becomes of the daemon. */
static const struct deed {
	const char *when;
	char what; /* Acknowledges, Silences, Restarts */
	unsigned endpoint;
	const char *match;
	unsigned minutes;
} deeds[] = {
	{ "01-06 09:10", 'A', 13, NULL, 0 },
	{ "01-06 20:00", 'S', 0, "e0?", 120 },
	{ "01-07 12:05", 'R', 0, NULL, 0 },
	/* From 00:00 to 04:00 by the clock: three hours, and five. */
	{ "03-29 00:00", 'S', 0, "e15", 180 },
	{ "10-25 00:00", 'S', 0, "e15", 300 },
	{ "09-10 09:05", 'S', 0, "e60", 30 },
	{ "09-10 09:20", 'R', 0, NULL, 0 },
};

static const char *const table[] = {
	"01-01 12:01 ops problem e11",
	"01-01 12:16 lead escalation e11",
	"01-01 13:00 lead recovery e11 (60 min)",
	"01-01 13:01 ops recovery e11 (60 min)",
	"01-02 10:01 ops problem e20,e21,e22,e23,e24",
	"01-02 10:16 lead escalation e20,e24,e23,e22,e21",
	"01-02 10:21 lead recovery e20,e21,e22,e23,e24",
	"01-02 10:21 ops recovery e20,e21,e22,e23,e24",
	"01-03 10:01 dba problem e33",
	"01-03 10:02 ops problem e33",
	"01-03 10:17 lead escalation e33",
	"01-03 10:21 lead recovery e33 (20 min)",
	"01-03 10:22 ops recovery e33 (20 min)",
	"01-03 10:41 dba problem e33",
	"01-03 10:42 ops problem e33",
	"01-03 10:57 lead escalation e33",
	"01-03 11:01 lead recovery e33 (20 min)",
	"01-03 11:02 ops recovery e33 (20 min)",
	/* Of what is behind it nobody hears, but of what stays away: 61 and 62 are looked at as soon as
	 * 60 is back.
	 */
	"01-04 08:03 ops problem e60",
	"01-04 08:18 lead escalation e60",
	"01-04 08:33 lead recovery e60 (30 min)",
	"01-04 08:33 ops recovery e60 (30 min)",
	"01-04 14:03 ops problem e60",
	"01-04 14:18 lead escalation e60",
	"01-04 14:33 lead recovery e60 (30 min)",
	"01-04 14:33 ops problem e61,e62,e60",
	"01-04 14:48 lead escalation e61,e62",
	"01-04 15:03 lead recovery e61,e62",
	"01-04 15:03 ops recovery e61,e62",
	/* One incident of picket itself, and the two that say so. */
	"01-05 02:00 dba problem picket",
	"01-05 02:00 lead problem picket",
	"01-05 02:00 ops problem picket",
	"01-05 02:05 ops problem e98,e99",
	"01-05 02:20 lead escalation e99,e98",
	"01-05 02:25 lead recovery picket,e98,e99",
	"01-05 02:25 ops recovery picket,e98,e99",
	/* Nothing more once it is acknowledged. */
	"01-06 09:01 ops problem e13",
	"01-06 15:01 ops recovery e13 (360 min)",
	/* At the end of the silence: what is still wrong, the end of what was told, nothing of 3. */
	"01-06 19:30 ops problem e05",
	"01-06 19:46 lead escalation e05",
	"01-06 22:00 lead recovery e05 (90 min)",
	"01-06 22:00 ops problem e04,e05",
	"01-06 22:15 lead escalation e04",
	"01-06 23:00 lead recovery e04 (120 min)",
	"01-06 23:00 ops recovery e04 (120 min)",
	"01-07 00:32 dba problem e44",
	"01-07 00:32 ops problem e44",
	"01-07 00:48 lead escalation e44",
	"01-07 04:32 ops reminder e44",
	"01-07 08:32 ops reminder e44",
	"01-07 08:48 lead reminder e44",
	"01-07 10:02 lead recovery e44 (570 min)",
	"01-07 10:02 ops recovery e44 (570 min)",
	"01-07 12:01 ops problem e09",
	"01-07 12:16 lead escalation e09",
	"01-07 13:00 lead recovery e09 (60 min)",
	"01-07 13:01 ops recovery e09 (60 min)",
	/* Lead hears of it once it is bad enough. */
	"01-07 17:01 ops problem e10",
	"01-07 17:30 lead escalation e10",
	"01-07 17:31 ops update e10",
	"01-07 18:00 lead recovery e10 (60 min)",
	"01-07 18:01 ops recovery e10 (60 min)",
	/* An hour that there is not. */
	"03-29 01:31 ops problem e14",
	"03-29 01:46 lead escalation e14",
	"03-29 03:31 lead recovery e14 (60 min)",
	"03-29 03:31 ops recovery e14 (60 min)",
	"03-29 04:00 ops problem e15",
	"03-29 04:15 lead escalation e15",
	"03-29 04:31 lead recovery e15 (150 min)",
	"03-29 04:31 ops recovery e15 (150 min)",
	"07-01 09:02 dba problem e50",
	"07-01 09:02 dba problem e51",
	"07-01 09:02 dba problem e52",
	"07-01 09:03 ops problem e50,e51,e52",
	"07-01 09:18 lead escalation e50,e52,e51",
	"07-01 09:32 lead recovery e50,e51,e52",
	"07-01 09:33 ops recovery e50,e51,e52",
	/* The step that is due at 09:18 is taken at the end of the silence. */
	"09-10 09:03 ops problem e60",
	"09-10 09:35 lead escalation e60",
	"09-10 10:03 lead recovery e60 (60 min)",
	"09-10 10:03 ops recovery e60 (60 min)",
	/* And one that there is twice. */
	"10-25 01:31 ops problem e14",
	"10-25 01:46 lead escalation e14",
	"10-25 03:31 lead recovery e14 (180 min)",
	"10-25 03:31 ops recovery e14 (180 min)",
	"10-25 04:00 ops problem e15",
	"10-25 04:15 lead escalation e15",
	"10-25 04:31 lead recovery e15 (270 min)",
	"10-25 04:31 ops recovery e15 (270 min)",
	"12-31 22:01 ops problem e11",
	"12-31 22:16 lead escalation e11",
	"12-31 23:00 lead recovery e11 (60 min)",
	"12-31 23:01 ops recovery e11 (60 min)",
};

static const char *const by_group[] = { "group", NULL };
static const char *const by_endpoint[] = { "endpoint", NULL };
static const char *const to_lead[] = { "lead", NULL };
static const char *const to_ops[] = { "ops", NULL };
static const char *const to_both[] = { "ops", "dba", NULL };
static const char *const on_router[] = { "e60", NULL };
static const struct escalation steps[] = { { 15 * USEC_PER_MIN, to_lead } };

static const struct receiver ops = {
	.name = "ops",
	.group_by = by_group,
	.group_wait = 30 * USEC_PER_SEC,
	.group_interval = USEC_PER_MIN,
	.repeat = 4 * USEC_PER_HOUR,
	.retry = { .first = USEC_PER_SEC, .max = USEC_PER_MIN, .span = USEC_PER_DAY },
	.sends_resolved = true,
	.escalate = { .items = steps, .count = 1 },
	.rate = 60,
};
static const struct receiver lead = {
	.name = "lead",
	.group_by = by_group,
	.group_wait = 15 * USEC_PER_SEC,
	.group_interval = USEC_PER_MIN,
	.repeat = 8 * USEC_PER_HOUR,
	.retry = { .first = USEC_PER_SEC, .max = USEC_PER_MIN, .span = USEC_PER_DAY },
	.sends_resolved = true,
	.min_severity = SEVERITY_CRITICAL,
	.rate = 60,
};
static const struct receiver dba = {
	.name = "dba",
	.group_by = by_endpoint,
	.retry = { .first = USEC_PER_SEC, .max = USEC_PER_MIN, .span = USEC_PER_DAY },
	.rate = 60,
};
static const struct receiver *const receivers[] = { &ops, &lead, &dba, NULL };

static const struct group web = { .name = "web" }, db = { .name = "db" }, net = { .name = "net" };

/* 0 to 29 are the web, 30 to 59 databases, 60 to 69 behind a router, the others by themselves. */
static void make_endpoints(struct endpoint *endpoints)
{
	for (unsigned i = 0; i < ENDPOINTS; i++)
		endpoints[i] = (struct endpoint){
			.name = memory_print("e%02u", i),
			.group = i < 30	  ? &web
				 : i < 60 ? &db
				 : i < 70 ? &net
					  : NULL,
			.notify = i >= 30 && i < 60 ? to_both : to_ops,
			.depends_on = i > 60 && i < 70 ? on_router : NULL,
			.is_parent = i == 60,
		};
}

/* "01-02 03:00", with seconds or without, in 2026. */
static usec_t local(const char *text)
{
	char full[32];
	struct tm parts = { .tm_isdst = -1 };

	(void)snprintf(full, sizeof(full), "2026-%s%s", text, strlen(text) > 11 ? "" : ":00");
	assert_non_null(strptime(full, "%Y-%m-%d %H:%M:%S", &parts));
	return (usec_t)mktime(&parts) * USEC_PER_SEC;
}

/* Something that happens: the beginning or the end of a span, or a deed. */
struct change {
	usec_t wall;
	const struct span *span;
	bool is_end;
	const struct deed *deed;
};

enum {
	SPANS = sizeof(spans) / sizeof(spans[0]),
	DEEDS = sizeof(deeds) / sizeof(deeds[0]),
	CHANGES = 2 * SPANS + DEEDS,
};

/* At one time what ends comes first. */
static int compare_changes(const void *left, const void *right)
{
	const struct change *a = left, *b = right;

	if (a->wall != b->wall)
		return a->wall < b->wall ? -1 : 1;
	return (int)b->is_end - (int)a->is_end;
}

static void make_changes(struct change *changes)
{
	for (unsigned i = 0; i < SPANS; i++) {
		changes[2 * i] = (struct change){ .wall = local(spans[i].from), .span = &spans[i] };
		changes[2 * i + 1] = (struct change){
			.wall = local(spans[i].until),
			.span = &spans[i],
			.is_end = true,
		};
	}
	for (unsigned i = 0; i < DEEDS; i++)
		changes[2 * SPANS + i] =
			(struct change){ .wall = local(deeds[i].when), .deed = &deeds[i] };
	qsort(changes, CHANGES, sizeof(*changes), compare_changes);
}

static void happen(struct town *town, const struct change *change)
{
	const struct deed *deed = change->deed;

	for (unsigned i = deed ? 1 : change->span->first; !deed && i <= change->span->last; i++)
		town_answer(town, i, change->is_end ? ANSWER_PASS : change->span->answer);
	if (!deed)
		return;
	if (deed->what == 'A')
		town_acknowledge(town, deed->endpoint);
	else if (deed->what == 'S')
		town_silence(town, deed->match, deed->minutes * USEC_PER_MIN);
	else
		town_restart(town);
}

/* Line by line, so that what differs is said. */
static void claim_told(const char *told, usec_t until)
{
	const unsigned rows = sizeof(table) / sizeof(table[0]);
	char next[12];
	unsigned row = 0;

	while (*told) {
		const size_t len = strcspn(told, "\n");

		if (row == rows || strlen(table[row]) != len || strncmp(table[row], told, len) != 0)
			fail_msg("told: %.*s\nthe table has: %s\nbehind: %s", (int)len, told,
				 row < rows ? table[row] : "nothing", row ? table[row - 1] : "");
		told += len + 1;
		row++;
	}
	if (row == rows)
		return;
	/* Where the year was cut short there is more, but later. */
	(void)snprintf(next, sizeof(next), "%.11s", table[row]);
	if (local(next) < until)
		fail_msg("not told: %s", table[row]);
}

static void a_year_is_told_as_the_table_has_it(void **state)
{
	static struct endpoint endpoints[ENDPOINTS];
	struct change changes[CHANGES];
	struct town *town;
	const usec_t end = local(END);

	(void)state;
	make_endpoints(endpoints);
	make_changes(changes);
	town = town_new(local("01-01 00:00"), endpoints, receivers);
	for (unsigned i = 0; i < CHANGES && changes[i].wall < end; i++) {
		town_run(town, changes[i].wall);
		happen(town, &changes[i]);
	}
	town_run(town, end);
	print_message("%llu checks\n", (unsigned long long)town_checks(town));
	if (getenv("PICKET_SHOW_TOLD"))
		(void)fputs(town_told(town), stdout);
	claim_told(town_told(town), end);
	town_free(town);
	for (unsigned i = 0; i < ENDPOINTS; i++)
		free((char *)endpoints[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_year_is_told_as_the_table_has_it),
	};

	(void)setenv("TZ", "Europe/Berlin", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
