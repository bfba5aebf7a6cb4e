/* maintenance.c - claims about windows: whether one is open, since when and until when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "base/text.h"
#include "base/units.h"
#include "model/maintenance.h"

#define HOUR   USEC_PER_HOUR
#define MINUTE USEC_PER_MIN

static struct window window_of(const char *text, usec_t lasts)
{
	struct window window = { .text = text, .lasts = lasts };
	struct text wanted = { 0 };

	if (calendar_parse(text, strlen(text), &window.at, &wanted) < 0)
		fail_msg("'%s' %s", text, wanted.data);
	return window;
}

static usec_t time_of(const char *text)
{
	usec_t wall;

	assert_int_equal(units_time_parse(text, strlen(text), &wall), 0);
	return wall;
}

static void expect(const struct maintenance *maintenance, usec_t wall, bool is_open, usec_t since,
		   usec_t until)
{
	const struct maintenance_look look = maintenance_look(maintenance, wall);

	assert_int_equal(look.is_open, is_open);
	assert_int_equal(look.since, since);
	assert_int_equal(look.until, until);
}

static void one_is_open_from_its_time_until_it_has_lasted(void **state)
{
	const struct window window = window_of("Sun 02:00 UTC", 2 * HOUR);
	const struct maintenance maintenance = { .windows = &window, .count = 1 };
	const usec_t sunday = time_of("2026-11-29T02:00:00Z");

	(void)state;
	expect(&maintenance, sunday - 1, false, 0, sunday);
	expect(&maintenance, sunday, true, sunday, sunday + 2 * HOUR);
	expect(&maintenance, sunday + 2 * HOUR - 1, true, sunday, sunday + 2 * HOUR);
	expect(&maintenance, sunday + 2 * HOUR, false, 0, sunday + 7 * 24 * HOUR);
}

static void those_that_overlap_or_meet_are_one(void **state)
{
	const struct window windows[] = { window_of("04:00 UTC", HOUR),
					  window_of("02:00 UTC", 90 * MINUTE),
					  window_of("03:00 UTC", HOUR) };
	const struct maintenance maintenance = { .windows = windows, .count = 3 };
	const usec_t two = time_of("2026-11-29T02:00:00Z");

	(void)state;
	for (usec_t wall = two; wall < two + 90 * MINUTE; wall += 10 * MINUTE)
		expect(&maintenance, wall, true, two, two + 3 * HOUR);
	expect(&maintenance, two + 150 * MINUTE, true, two + 2 * HOUR, two + 3 * HOUR);
	expect(&maintenance, two + 3 * HOUR, false, 0, two + 24 * HOUR);
}

static void what_is_once_is_over_for_good(void **state)
{
	const struct window window = window_of("2026-11-29 UTC", HOUR);
	const struct maintenance maintenance = { .windows = &window, .count = 1 };
	const usec_t then = time_of("2026-11-29T00:00:00Z");

	(void)state;
	expect(&maintenance, then + HOUR - 1, true, then, then + HOUR);
	expect(&maintenance, then + HOUR, false, 0, USEC_NEVER);
}

/* It is open for ever, and how long is looked at again and again; but no look is without an end. */
static void windows_without_an_end_are_looked_at_as_far_as_that_is_cheap(void **state)
{
	const struct window windows[] = { window_of("*:*:* UTC", HOUR),
					  window_of("*:*:* UTC", HOUR + 1) };
	const struct maintenance maintenance = { .windows = windows, .count = 2 };
	usec_t wall = time_of("2026-11-29T00:00:00Z");

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		const struct maintenance_look look = maintenance_look(&maintenance, wall);

		assert_true(look.is_open);
		assert_true(look.until > wall + MINUTE / 2 && look.until < wall + 24 * HOUR);
		wall = look.until;
	}
}

static void whoever_was_away_learns_when_it_opened_or_closed(void **state)
{
	const struct window window = window_of("02:00 UTC", HOUR);
	const struct maintenance maintenance = { .windows = &window, .count = 1 };
	const usec_t two = time_of("2026-11-29T02:00:00Z"), half = HOUR / 2;

	(void)state;
	assert_int_equal(maintenance_since(&maintenance, two - half, two + half), two);
	assert_int_equal(maintenance_since(&maintenance, 0, two + half), two);
	/* It was known before. */
	assert_int_equal(maintenance_since(&maintenance, two + 1, two + half), two + half);
	assert_int_equal(maintenance_since(&maintenance, two + half, two + 2 * HOUR), two + HOUR);
	/* Nobody saw anything of that one. */
	assert_int_equal(maintenance_since(&maintenance, two - half, two + 2 * HOUR),
			 two + 2 * HOUR);
	assert_int_equal(maintenance_since(&maintenance, two + 2 * HOUR, two + 3 * HOUR),
			 two + 3 * HOUR);
	/* The clock was set back. */
	assert_int_equal(maintenance_since(&maintenance, two + 9 * HOUR, two + half), two + half);
}

static void at_the_beginning_of_time_nothing_goes_below_it(void **state)
{
	const struct window window = window_of("*:*:* UTC", 31 * 24 * HOUR);
	const struct maintenance maintenance = { .windows = &window, .count = 1 };

	(void)state;
	expect(&maintenance, 0, false, 0, USEC_PER_SEC);
	assert_true(maintenance_look(&maintenance, USEC_PER_SEC).is_open);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_is_open_from_its_time_until_it_has_lasted),
		cmocka_unit_test(those_that_overlap_or_meet_are_one),
		cmocka_unit_test(what_is_once_is_over_for_good),
		cmocka_unit_test(windows_without_an_end_are_looked_at_as_far_as_that_is_cheap),
		cmocka_unit_test(whoever_was_away_learns_when_it_opened_or_closed),
		cmocka_unit_test(at_the_beginning_of_time_nothing_goes_below_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
