/* calendar.c - claims about calendar expressions: when they come, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "base/calendar.h"
#include "base/text.h"
#include "base/units.h"

enum { TIMES_MAX = 6 };

static struct calendar calendar_of(const char *expression)
{
	struct calendar calendar;
	struct text wanted = { 0 };

	if (calendar_parse(expression, strlen(expression), &calendar, &wanted) < 0)
		fail_msg("'%s' %s", expression, wanted.data);
	text_done(&wanted);
	return calendar;
}

/* "2025-03-30 01:00:00", in UTC. */
static usec_t time_of(const char *text)
{
	char stamp[] = "2025-03-30T01:00:00Z";
	usec_t wall;

	memcpy(stamp, text, 10);
	memcpy(stamp + 11, text + 11, 8);
	assert_int_equal(units_time_parse(stamp, strlen(stamp), &wall), 0);
	return wall;
}

static void expect_next(const char *expression, const struct calendar *calendar, usec_t after,
			enum calendar_jump jump, const char *wanted)
{
	const usec_t next = calendar_next(calendar, after, jump);
	struct text shown = { 0 };

	if (next != (*wanted ? time_of(wanted) : USEC_NEVER)) {
		if (next == USEC_NEVER)
			text_append(&shown, "never");
		else
			units_time_print(&shown, next);
		fail_msg("'%s' comes at %s, not '%s'", expression, shown.data, wanted);
	}
}

static void times_are_those_of_systemd(void **state)
{
	static const struct {
		const char *expression, *after, *next[TIMES_MAX];
	} rows[] = {
#include "calendar_table.inc"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct calendar calendar = calendar_of(rows[i].expression);
		usec_t after = time_of(rows[i].after);

		for (unsigned k = 0; rows[i].next[k]; k++) {
			expect_next(rows[i].expression, &calendar, after, CALENDAR_OMIT,
				    rows[i].next[k]);
			if (*rows[i].next[k])
				after = time_of(rows[i].next[k]);
		}
	}
}

/* Wherever one begins to look, in between and to the microsecond, the same times come. */
static void times_do_not_depend_on_where_one_looks_from(void **state)
{
	static const char *const expressions[] = { "*:0/15 Europe/Berlin", "*:7,40 Europe/Berlin",
						   "2:30 Europe/Berlin",
						   "*:0/10 Australia/Lord_Howe" };
	static const char *const nights[] = { "2025-03-29 22:00:00", "2025-10-25 22:00:00",
					      "2025-04-05 12:00:00", "2025-10-04 12:00:00" };

	(void)state;
	for (unsigned i = 0; i < 4 * 4 * 2; i++) {
		const struct calendar calendar = calendar_of(expressions[i % 4]);
		const usec_t from = time_of(nights[i / 4 % 4]);
		const enum calendar_jump jump = i / 16 ? CALENDAR_CATCH : CALENDAR_OMIT;
		usec_t next = 0;

		for (usec_t after = from; after < from + 6 * USEC_PER_HOUR;
		     after += 13 * USEC_PER_SEC + 7) {
			const usec_t found = calendar_next(&calendar, after, jump);

			assert_true(found > after);
			assert_true(found >= next);
			/* It comes again as long as it has not come. */
			assert_true(after >= next || found == next);
			assert_true(calendar_next(&calendar, found - 1, jump) == found);
			next = found;
		}
	}
}

static void what_the_clock_jumps_over_comes_with_the_jump_where_one_asks_for_it(void **state)
{
	static const struct {
		const char *expression, *after, *next[TIMES_MAX];
	} rows[] = {
		{ "Sun 02:00 Europe/Berlin",
		  "2025-03-29 12:00:00",
		  { "2025-03-30 01:00:00", "2025-04-06 00:00:00" } },
		{ "Sun 02:30 Europe/Berlin",
		  "2025-03-30 00:59:59",
		  { "2025-03-30 01:00:00", "2025-04-06 00:30:00" } },
		{ "*:20,40 Europe/Berlin",
		  "2025-03-30 00:30:00",
		  { "2025-03-30 00:40:00", "2025-03-30 01:00:00", "2025-03-30 01:20:00" } },
		{ "daily America/Santiago",
		  "2025-09-06 12:00:00",
		  { "2025-09-07 04:00:00", "2025-09-08 03:00:00" } },
		{ "2:15 Australia/Lord_Howe",
		  "2025-10-04 12:00:00",
		  { "2025-10-04 15:30:00", "2025-10-05 15:15:00" } },
		/* A whole day. */
		{ "12:00 Pacific/Apia",
		  "2011-12-29 22:00:00",
		  { "2011-12-30 10:00:00", "2011-12-30 22:00:00" } },
		/* Where nothing is jumped over it makes no difference. */
		{ "2:30 Europe/Berlin",
		  "2025-10-25 12:00:00",
		  { "2025-10-26 00:30:00", "2025-10-27 01:30:00" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct calendar calendar = calendar_of(rows[i].expression);
		usec_t after = time_of(rows[i].after);

		for (unsigned k = 0; rows[i].next[k]; k++) {
			expect_next(rows[i].expression, &calendar, after, CALENDAR_CATCH,
				    rows[i].next[k]);
			after = time_of(rows[i].next[k]);
		}
	}
}

static void all_ways_to_write_it_are_the_same(void **state)
{
	static const char *const pairs[][2] = {
		{ "daily", "*-*-* 00:00:00" },
		{ "Daily UTC", "00:00 utc" },
		{ "semi-annually", "*-01,07-01" },
		{ "annually", "yearly" },
		{ "Wed..Wed,Wed *-1", "wednesday *-*-01 0:00" },
		{ "*-*~7/1", "*-*~1..7" },
		{ "*-*~*", "daily" },
		{ "  10:00   UTC ", "10:00 UTC" },
		{ "70..99-*-*", "1970..1999-*-*" },
		{ "0..69-1-1", "2000..2069-1-1" },
		{ "Mon,", "Mon" },
		{ "*-*-* *:0/30:00", "*:0,30" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		const struct calendar a = calendar_of(pairs[i][0]), b = calendar_of(pairs[i][1]);

		assert_memory_equal(a.years, b.years, sizeof(a.years));
		assert_int_equal(a.months, b.months);
		assert_int_equal(a.days, b.days);
		assert_int_equal(a.last_days, b.last_days);
		assert_int_equal(a.weekdays, b.weekdays);
		assert_int_equal(a.hours, b.hours);
		assert_int_equal(a.minutes, b.minutes);
		assert_int_equal(a.seconds, b.seconds);
		assert_ptr_equal(a.zone, b.zone);
	}
}

static void what_is_refused_says_where_and_what_was_wanted(void **state)
{
	static const struct {
		const char *expression, *wanted;
	} rows[] = {
		{ "", "must have a weekday, a date or a time" },
		{ "  ", "must have a weekday, a date or a time" },
		{ "Sun 25:00", "must have an hour from 0 to 23, or *, where '25' stands" },
		{ "2:60", "must have a minute from 0 to 59, or *, where '60' stands" },
		{ "2:00:60", "must have a second from 0 to 59, or *, where '60' stands" },
		{ "2:00:1.5", "must have a second from 0 to 59, or *, where '1.5' stands" },
		{ "2", "must have a date such as *-*-1, 12-24 or *-*~1, where '2' stands" },
		{ "Sum 2:00", "must have weekdays such as Mon or Mon..Fri, where 'Sum' stands" },
		{ "Mon,,Tue", "must have weekdays such as Mon or Mon..Fri, where nothing stands" },
		{ "Mon.Tue", "must have weekdays such as Mon or Mon..Fri, where 'Mon.Tue' stands" },
		{ "Sat..Mon 2:00", "must have the earlier weekday first, where 'Sat..Mon' stands" },
		{ "*-13-1", "must have a month from 1 to 12, or *, where '13' stands" },
		{ "*-*-0", "must have a day from 1 to 31, or *, where '0' stands" },
		{ "*-*-32", "must have a day from 1 to 31, or *, where '32' stands" },
		{ "*-*~29",
		  "must have a day before the end of the month from 1 to 28, or *, where '29' stands" },
		{ "1969-1-1", "must have a year from 1970 to 2199, or *, where '1969' stands" },
		{ "99999999999-1-1",
		  "must have a year from 1970 to 2199, or *, where '99999999999' stands" },
		{ "*~1-1", "must have a date such as *-*-1, 12-24 or *-*~1, where '*~1-1' stands" },
		{ "1-2-3-4",
		  "must have a date such as *-*-1, 12-24 or *-*~1, where '1-2-3-4' stands" },
		{ "5..3:00", "must have the lower number of a range first, where '5..3' stands" },
		{ "5/0:00", "must have a number above 0 behind the /, where '5/0' stands" },
		{ "20/30:00",
		  "must have a repetition that comes before the end, where '20/30' stands" },
		{ "*-*~7/10",
		  "must have a repetition that comes before the end, where '7/10' stands" },
		{ "*/5:00", "must have an hour from 0 to 23, or *, where '*/5' stands" },
		{ "1,:00", "must have an hour from 0 to 23, or *, where nothing stands" },
		{ "1:2:3:4", "must have a time such as 2:00 or *:0/15:30, where '1:2:3:4' stands" },
		{ "2:00 Mon",
		  "must have UTC or a time zone of this system, such as Europe/Berlin, where 'Mon' stands" },
		{ "2:00 Europe/Nowhere",
		  "must have UTC or a time zone of this system, such as Europe/Berlin, where 'Europe/Nowhere' stands" },
		{ "2:00 Europe/../UTC",
		  "must have UTC or a time zone of this system, such as Europe/Berlin, where 'Europe/../UTC' stands" },
		{ "2:00 Europe",
		  "must have UTC or a time zone of this system, such as Europe/Berlin, where 'Europe' stands" },
		{ "Mon *-1 2:00 UTC UTC",
		  "must have weekdays, a date, a time and a zone in this order, and no more, where 'UTC' stands" },
		{ "2:00 *-*-1",
		  "must have weekdays, a date, a time and a zone in this order, and no more, where '*-*-1' stands" },
		{ "*-02-30", "must be a time that comes: there is no such day" },
		{ "*-4,6,9,11-31 12:00", "must be a time that comes: there is no such day" },
		{ "Mon 2024-02-29", "must be a time that comes: there is no such day" },
		{ "2025-02-29", "must be a time that comes: there is no such day" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct calendar calendar = { .seconds = 77 };
		struct text wanted = { 0 };

		if (calendar_parse(rows[i].expression, strlen(rows[i].expression), &calendar,
				   &wanted) == 0)
			fail_msg("'%s' is taken", rows[i].expression);
		assert_string_equal(text_string(&wanted), rows[i].wanted);
		assert_int_equal(calendar.seconds, 77);
		text_done(&wanted);
	}
}

static void what_is_too_long_is_refused(void **state)
{
	struct calendar calendar;
	struct text wanted = { 0 }, much = { 0 };

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		text_append(&much, "1,");
	assert_true(calendar_parse(much.data, much.len, &calendar, &wanted) < 0);
	assert_string_equal(wanted.data, "must have at most 512 bytes");
	text_done(&wanted);
	assert_true(calendar_parse("2:00\0Mon", 8, &calendar, &wanted) < 0);
	text_done(&wanted);
	text_done(&much);
}

static void a_search_ends_at_the_end_of_time(void **state)
{
	struct calendar calendar = calendar_of("*:*:*");

	(void)state;
	expect_next("*:*:*", &calendar, time_of("2199-12-31 23:59:59"), CALENDAR_OMIT, "");
	assert_true(calendar_next(&calendar, USEC_NEVER, CALENDAR_CATCH) == USEC_NEVER);
	assert_true(calendar_next(&calendar, 0, CALENDAR_CATCH) == USEC_PER_SEC);
	/* The last one was that itself. */
	calendar = calendar_of("Mon 2023..2025-12-1..7");
	expect_next("Mon 2023..2025-12-1..7", &calendar, time_of("2025-12-01 00:00:00"),
		    CALENDAR_OMIT, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_those_of_systemd),
		cmocka_unit_test(times_do_not_depend_on_where_one_looks_from),
		cmocka_unit_test(
			what_the_clock_jumps_over_comes_with_the_jump_where_one_asks_for_it),
		cmocka_unit_test(all_ways_to_write_it_are_the_same),
		cmocka_unit_test(what_is_refused_says_where_and_what_was_wanted),
		cmocka_unit_test(what_is_too_long_is_refused),
		cmocka_unit_test(a_search_ends_at_the_end_of_time),
	};

	/* Before anything else runs; what has no zone of its own is local. */
	(void)setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
