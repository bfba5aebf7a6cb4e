/* schedule.c - what is due goes at its place, oldest first, and comes back to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "schedule/grid.h"
#include "stage.h"

static void a_watch_is_checked_at_its_place(void **state)
{
	struct schedule *const schedule = schedule_of(10, 16);
	const struct beat beat = beat_at(5, SCHEDULE_NO_LIMIT, 0);
	const struct grid grid = { 0, beat.interval, beat.hash };
	const usec_t place = grid_next(&grid, START);

	(void)state;
	assert_true(schedule_next(schedule) == USEC_NEVER);
	schedule_add(schedule, 3, &beat, START);
	assert_int_equal(schedule_due(schedule, 3, START), place);
	assert_int_equal(schedule_next(schedule), place);
	assert_string_equal(pump(schedule, place - 1), "");
	assert_string_equal(pump(schedule, place), "d");
	assert_int_equal(dues[3], place);
	assert_int_equal(schedule_due(schedule, 3, place), place + 60 * SECOND);
	end(schedule, 3, place + SECOND);
	assert_int_equal(schedule_due(schedule, 3, place), place + 60 * SECOND);
	schedule_free(schedule);
}

static void one_that_is_known_waits_for_its_beat_however_far(void **state)
{
	struct schedule *const schedule = schedule_of(10, 16);
	const struct beat beat = { 3600 * SECOND, UINT64_MAX / 2, SCHEDULE_NO_LIMIT, 0 };
	const struct grid grid = { 0, beat.interval, beat.hash };

	(void)state;
	schedule_add(schedule, 0, &beat, START);
	assert_true(schedule_due(schedule, 0, START) <= START + 30 * SECOND);
	schedule_return(schedule, 0, START);
	assert_int_equal(schedule_due(schedule, 0, START), grid_next(&grid, START));
	schedule_pause(schedule, 0);
	schedule_return(schedule, 0, START);
	assert_true(schedule_due(schedule, 0, START) == USEC_NEVER);
	schedule_free(schedule);
}

static void the_oldest_goes_first(void **state)
{
	struct schedule *const schedule = schedule_of(10, 16);

	(void)state;
	for (uint32_t id = 5; id > 0; id--)
		add(schedule, id - 1, SCHEDULE_NO_LIMIT, 0);
	assert_string_equal(pump(schedule, DUE), "abcde");
	schedule_free(schedule);
}

static void a_pump_launches_at_most_what_it_is_told(void **state)
{
	struct schedule *const schedule = schedule_of(10, 16);

	(void)state;
	add_many(schedule, 5);
	memset(launched, 0, sizeof(launched));
	assert_int_equal(schedule_pump(schedule, DUE, 3, launch, NULL), 3);
	assert_string_equal(launched, "abc");
	assert_true(schedule_next(schedule) <= DUE);
	assert_string_equal(pump(schedule, DUE), "de");
	schedule_free(schedule);
}

static void nothing_is_launched_while_held(void **state)
{
	struct schedule *const schedule = schedule_of(10, 16);

	(void)state;
	add_many(schedule, 2);
	schedule_hold(schedule, true);
	assert_true(schedule_next(schedule) == USEC_NEVER);
	assert_string_equal(pump(schedule, DUE), "");
	schedule_hold(schedule, false);
	assert_string_equal(pump(schedule, DUE), "ab");
	schedule_free(schedule);
}

static void confirming_comes_soon_and_from_the_slow_lane(void **state)
{
	struct schedule *const schedule = schedule_of(2, 16);
	usec_t due;

	(void)state;
	add_many(schedule, 2);
	assert_string_equal(pump(schedule, DUE), "ab");
	for (uint32_t id = 0; id < 2; id++)
		schedule_done(schedule, id, BEAT_CONFIRM, 5 * SECOND, false, DUE);
	due = schedule_due(schedule, 0, DUE);
	assert_true(due >= DUE + 4 * SECOND && due <= DUE + 6 * SECOND);
	assert_int_not_equal(due, schedule_due(schedule, 1, DUE));
	(void)pump(schedule, DUE + 6 * SECOND);
	assert_int_equal(strlen(launched), 1);
	assert_int_equal(schedule_count(schedule).slow_in_flight, 1);
	end(schedule, (uint32_t)(launched[0] - 'a'), DUE + 6 * SECOND);
	assert_int_equal(schedule_due(schedule, (uint32_t)(launched[0] - 'a'), DUE) % (60 * SECOND),
			 (uint32_t)(launched[0] - 'a') * SECOND + SECOND / 2 - 1);
	schedule_free(schedule);
}

static void missed_beats_are_skipped_and_counted(void **state)
{
	struct schedule *const schedule = schedule_of(2, 16);

	(void)state;
	add_many(schedule, 1);
	assert_string_equal(pump(schedule, DUE + 10 * 60 * SECOND), "a");
	end(schedule, 0, DUE + 10 * 60 * SECOND);
	assert_int_equal(schedule_count(schedule).missed, 10);
	assert_string_equal(pump(schedule, DUE + 10 * 60 * SECOND), "");
	assert_string_equal(pump(schedule, DUE + 11 * 60 * SECOND), "a");
	end(schedule, 0, DUE + 11 * 60 * SECOND);
	assert_int_equal(schedule_count(schedule).missed, 10);
	schedule_free(schedule);
}

static void checks_between_beats_miss_none(void **state)
{
	struct schedule *const schedule = schedule_of(2, 16);
	const usec_t late = DUE + 10 * 60 * SECOND;

	(void)state;
	add_many(schedule, 2);
	assert_string_equal(pump(schedule, DUE), "ab");
	schedule_done(schedule, 0, BEAT_CONFIRM, 5 * SECOND, false, DUE);
	schedule_done(schedule, 1, BEAT_SOON, 0, false, DUE);
	assert_int_equal(strlen(pump(schedule, late)), 2);
	end(schedule, 0, late);
	end(schedule, 1, late);
	assert_int_equal(schedule_count(schedule).missed, 0);
	schedule_free(schedule);
}

static void a_change_leaves_confirming_where_it_is(void **state)
{
	struct schedule *const schedule = schedule_of(2, 16);
	struct beat beat = beat_at(0, SCHEDULE_NO_LIMIT, 4);
	usec_t due;

	(void)state;
	add_many(schedule, 1);
	assert_string_equal(pump(schedule, DUE), "a");
	schedule_done(schedule, 0, BEAT_CONFIRM, 5 * SECOND, false, DUE);
	due = schedule_due(schedule, 0, DUE);
	beat.interval = USEC_PER_HOUR;
	schedule_change(schedule, 0, &beat, DUE + 1);
	assert_int_equal(schedule_due(schedule, 0, DUE), due);
	schedule_free(schedule);
}

static void who_is_asked_for_now_goes_now_and_keeps_its_place(void **state)
{
	struct schedule *const schedule = schedule_of(2, 16);
	usec_t place;

	(void)state;
	add_many(schedule, 1);
	place = schedule_due(schedule, 0, START);
	schedule_now(schedule, 0, START + 7);
	assert_int_equal(schedule_next(schedule), START + 7);
	assert_string_equal(pump(schedule, START + 7), "a");
	schedule_now(schedule, 0, START + 8);
	assert_string_equal(pump(schedule, START + 8), "");
	end(schedule, 0, START + 9);
	assert_int_equal(schedule_due(schedule, 0, START), place);
	assert_int_equal(schedule_count(schedule).missed, 0);
	schedule_free(schedule);
}

static void who_is_overdue_stays_so_when_asked_for(void **state)
{
	struct schedule *const schedule = schedule_of(2, 16);
	usec_t place;

	(void)state;
	add_many(schedule, 1);
	place = schedule_due(schedule, 0, START);
	schedule_now(schedule, 0, DUE);
	assert_string_equal(pump(schedule, DUE), "a");
	assert_int_equal(dues[0], place);
	schedule_free(schedule);
}

static void asked_for_meanwhile_means_again_at_once(void **state)
{
	struct schedule *const schedule = schedule_of(2, 16);

	(void)state;
	add_many(schedule, 1);
	assert_string_equal(pump(schedule, DUE), "a");
	schedule_done(schedule, 0, BEAT_SOON, 0, false, DUE + 5);
	assert_int_equal(schedule_due(schedule, 0, DUE + 5), DUE + 5);
	assert_string_equal(pump(schedule, DUE + 5), "a");
	schedule_free(schedule);
}

static void the_paused_are_not_checked(void **state)
{
	struct schedule *const schedule = schedule_of(1, 16);

	(void)state;
	add_many(schedule, 3);
	schedule_pause(schedule, 1);
	assert_true(schedule_due(schedule, 1, START) == USEC_NEVER);
	assert_string_equal(pump(schedule, DUE), "a");
	schedule_pause(schedule, 0);
	assert_true(schedule_due(schedule, 0, DUE) == USEC_NEVER);
	end(schedule, 0, DUE);
	schedule_now(schedule, 0, DUE);
	assert_string_equal(pump(schedule, DUE), "c");
	end(schedule, 2, DUE);
	assert_string_equal(pump(schedule, DUE + SECOND), "");
	schedule_resume(schedule, 1, DUE);
	assert_true(schedule_due(schedule, 1, DUE) <= DUE + 30 * SECOND);
	assert_string_equal(pump(schedule, DUE + 30 * SECOND), "b");
	schedule_free(schedule);
}

static void paused_and_resumed_in_flight_it_flies_on(void **state)
{
	struct schedule *const schedule = schedule_of(1, 16);

	(void)state;
	add_many(schedule, 1);
	assert_string_equal(pump(schedule, DUE), "a");
	schedule_pause(schedule, 0);
	schedule_resume(schedule, 0, DUE);
	end(schedule, 0, DUE);
	assert_string_equal(pump(schedule, DUE + 60 * SECOND), "a");
	schedule_free(schedule);
}

static void those_who_wait_can_be_paused_and_removed(void **state)
{
	struct schedule *const schedule = schedule_of(9, 1);

	(void)state;
	for (uint32_t id = 0; id < 5; id++)
		add(schedule, id, SCHEDULE_NO_LIMIT, 0);
	assert_string_equal(pump(schedule, DUE), "a");
	assert_int_equal(schedule_count(schedule).waiting, 4);
	schedule_remove(schedule, 1);
	schedule_pause(schedule, 3);
	assert_int_equal(schedule_count(schedule).waiting, 2);
	end(schedule, 0, DUE);
	assert_string_equal(pump(schedule, DUE), "c");
	end(schedule, 2, DUE);
	assert_string_equal(pump(schedule, DUE), "e");
	schedule_remove(schedule, 0);
	add(schedule, 0, SCHEDULE_NO_LIMIT, 3);
	assert_string_equal(pump(schedule, DUE), "a");
	schedule_free(schedule);
}

static void a_change_keeps_the_turn_where_the_interval_stays(void **state)
{
	struct schedule *const schedule = schedule_of(9, 1);
	struct beat beat = beat_at(0, SCHEDULE_NO_LIMIT, 4);
	const usec_t before = START + 20 * SECOND + SECOND / 2 - 1;

	(void)state;
	add_many(schedule, 1);
	assert_int_equal(schedule_due(schedule, 0, START), before);
	schedule_change(schedule, 0, &beat, START + 1);
	assert_int_equal(schedule_due(schedule, 0, START), before);
	beat.interval = SECOND;
	schedule_change(schedule, 0, &beat, START + 1);
	assert_true(schedule_due(schedule, 0, START) <= START + 1 + SECOND);
	beat.interval = USEC_PER_HOUR;
	schedule_now(schedule, 0, START + 2);
	schedule_change(schedule, 0, &beat, START + 1);
	assert_int_equal(schedule_due(schedule, 0, START), START + 2);
	schedule_free(schedule);
}

static void who_is_wanted_by_some_time_goes_then_and_not_later(void **state)
{
	struct schedule *const schedule = schedule_of(9, 16);
	const usec_t beat = DUE - 40 * SECOND + SECOND / 2 - 1;

	(void)state;
	add_many(schedule, 1);
	assert_int_equal(schedule_due(schedule, 0, START), beat);
	schedule_by(schedule, 0, beat + SECOND, START);
	assert_int_equal(schedule_due(schedule, 0, START), beat);
	schedule_by(schedule, 0, START + SECOND, START);
	assert_int_equal(schedule_next(schedule), START + SECOND);
	assert_string_equal(pump(schedule, START + SECOND - 1), "");
	assert_string_equal(pump(schedule, START + SECOND), "a");
	/* In flight it is nobody's to call. */
	schedule_by(schedule, 0, START + 2 * SECOND, START + SECOND);
	end(schedule, 0, START + SECOND);
	assert_int_equal(schedule_due(schedule, 0, START + SECOND), beat);
	schedule_by(schedule, 0, START, START + 2 * SECOND);
	assert_int_equal(schedule_due(schedule, 0, START), START + 2 * SECOND);
	schedule_pause(schedule, 0);
	schedule_by(schedule, 0, START + 3 * SECOND, START + 2 * SECOND);
	assert_string_equal(pump(schedule, DUE), "");
	schedule_free(schedule);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_watch_is_checked_at_its_place),
		cmocka_unit_test(one_that_is_known_waits_for_its_beat_however_far),
		cmocka_unit_test(the_oldest_goes_first),
		cmocka_unit_test(a_pump_launches_at_most_what_it_is_told),
		cmocka_unit_test(nothing_is_launched_while_held),
		cmocka_unit_test(confirming_comes_soon_and_from_the_slow_lane),
		cmocka_unit_test(missed_beats_are_skipped_and_counted),
		cmocka_unit_test(checks_between_beats_miss_none),
		cmocka_unit_test(a_change_leaves_confirming_where_it_is),
		cmocka_unit_test(who_is_asked_for_now_goes_now_and_keeps_its_place),
		cmocka_unit_test(who_is_overdue_stays_so_when_asked_for),
		cmocka_unit_test(who_is_wanted_by_some_time_goes_then_and_not_later),
		cmocka_unit_test(asked_for_meanwhile_means_again_at_once),
		cmocka_unit_test(the_paused_are_not_checked),
		cmocka_unit_test(paused_and_resumed_in_flight_it_flies_on),
		cmocka_unit_test(those_who_wait_can_be_paused_and_removed),
		cmocka_unit_test(a_change_keeps_the_turn_where_the_interval_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
