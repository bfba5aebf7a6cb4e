/* permits.c - every limit holds, and none delays those who are not under it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stage.h"

static void no_more_than_the_permits_are_in_flight(void **state)
{
	struct schedule *const schedule = schedule_of(2, 16);
	struct schedule_counts counts;

	(void)state;
	add_many(schedule, 5);
	assert_string_equal(pump(schedule, DUE), "ab");
	assert_string_equal(pump(schedule, DUE), "");
	assert_true(schedule_next(schedule) == USEC_NEVER);
	counts = schedule_count(schedule);
	assert_int_equal(counts.max, 2);
	assert_int_equal(counts.in_flight, 2);
	assert_int_equal(counts.waiting, 3);
	assert_int_equal(counts.slow_in_flight, 0);
	end(schedule, 0, DUE);
	assert_true(schedule_next(schedule) <= DUE);
	assert_string_equal(pump(schedule, DUE), "c");
	end(schedule, 1, DUE);
	end(schedule, 2, DUE);
	assert_string_equal(pump(schedule, DUE), "de");
	assert_int_equal(schedule_count(schedule).waiting, 0);
	schedule_free(schedule);
}

static void a_full_host_delays_nobody_else(void **state)
{
	struct schedule *const schedule = schedule_of(10, 2);

	(void)state;
	for (uint32_t id = 0; id < 4; id++)
		add(schedule, id, SCHEDULE_NO_LIMIT, 7);
	add(schedule, 4, SCHEDULE_NO_LIMIT, 8);
	add(schedule, 5, SCHEDULE_NO_LIMIT, SCHEDULE_NO_LIMIT);
	assert_string_equal(pump(schedule, DUE), "abef");
	assert_true(schedule_next(schedule) > DUE);
	assert_int_equal(schedule_count(schedule).waiting, 2);
	end(schedule, 1, DUE);
	assert_int_equal(schedule_next(schedule), 0);
	assert_string_equal(pump(schedule, DUE), "c");
	end(schedule, 4, DUE);
	assert_string_equal(pump(schedule, DUE), "");
	end(schedule, 0, DUE);
	assert_string_equal(pump(schedule, DUE), "d");
	schedule_free(schedule);
}

static void a_full_group_delays_nobody_else(void **state)
{
	struct schedule *const schedule = schedule_of(10, 16);

	(void)state;
	schedule_set_group(schedule, 1, 2);
	for (uint32_t id = 0; id < 4; id++)
		add(schedule, id, 1, id);
	add(schedule, 4, 2, 4);
	add(schedule, 5, SCHEDULE_NO_LIMIT, 5);
	assert_string_equal(pump(schedule, DUE), "abef");
	end(schedule, 0, DUE);
	assert_string_equal(pump(schedule, DUE), "c");
	end(schedule, 5, DUE);
	assert_string_equal(pump(schedule, DUE), "");
	end(schedule, 2, DUE);
	assert_string_equal(pump(schedule, DUE), "d");
	schedule_free(schedule);
}

static void a_group_s_oldest_goes_first_on_whatever_host(void **state)
{
	struct schedule *const schedule = schedule_of(10, 1);

	(void)state;
	schedule_set_group(schedule, 0, 1);
	for (uint32_t id = 0; id < 5; id++)
		add(schedule, id, 0, 10 - id);
	assert_string_equal(pump(schedule, DUE), "a");
	for (uint32_t id = 0; id < 4; id++) {
		end(schedule, id, DUE);
		(void)pump(schedule, DUE);
		assert_int_equal(launched[0], 'b' + id);
		assert_int_equal(launched[1], '\0');
	}
	schedule_free(schedule);
}

static void whoever_waits_for_two_limits_goes_when_both_have_room(void **state)
{
	struct schedule *const schedule = schedule_of(10, 1);

	(void)state;
	schedule_set_group(schedule, 0, 1);
	add(schedule, 0, SCHEDULE_NO_LIMIT, 5); /* fills the host */
	add(schedule, 1, 0, 6); /* fills the group */
	add(schedule, 2, 0, 5); /* wants both */
	assert_string_equal(pump(schedule, DUE), "ab");
	end(schedule, 0, DUE);
	assert_string_equal(pump(schedule, DUE), "");
	end(schedule, 1, DUE);
	assert_string_equal(pump(schedule, DUE), "c");
	schedule_free(schedule);
}

static void the_slow_may_hold_half_of_the_permits(void **state)
{
	struct schedule *const schedule = schedule_of(6, 16);

	(void)state;
	add_many(schedule, 8);
	make_slow(schedule, 5);
	assert_string_equal(pump(schedule, DUE), "abcfgh");
	assert_int_equal(schedule_count(schedule).slow_in_flight, 3);
	end(schedule, 5, DUE);
	assert_string_equal(pump(schedule, DUE), "");
	end(schedule, 1, DUE);
	assert_string_equal(pump(schedule, DUE), "d");
	schedule_free(schedule);
}

static void of_one_permit_the_slow_may_have_it(void **state)
{
	struct schedule *const schedule = schedule_of(1, 16);

	(void)state;
	add_many(schedule, 1);
	make_slow(schedule, 1);
	assert_string_equal(pump(schedule, DUE), "a");
	schedule_free(schedule);
}

static void whoever_was_quick_again_is_ordinary_again(void **state)
{
	struct schedule *const schedule = schedule_of(2, 16);

	(void)state;
	add_many(schedule, 2);
	make_slow(schedule, 2);
	assert_string_equal(pump(schedule, DUE), "a");
	end(schedule, 0, DUE);
	assert_string_equal(pump(schedule, DUE), "b");
	end(schedule, 1, DUE);
	assert_string_equal(pump(schedule, DUE + 60 * SECOND), "ab");
	schedule_free(schedule);
}

static void of_both_lanes_the_oldest_goes_first(void **state)
{
	struct schedule *const schedule = schedule_of(2, 1);

	(void)state;
	for (uint32_t id = 0; id < 4; id++)
		add(schedule, id, SCHEDULE_NO_LIMIT, 0);
	make_slow(schedule, 1);
	schedule_pause(schedule, 1);
	schedule_resume(schedule, 1, DUE);
	/* Now a (slow), c and d wait for one host, which each of them fills. */
	for (const char *want = "acd"; *want; want++) {
		assert_int_equal(pump(schedule, DUE)[0], *want);
		assert_int_equal(launched[1], '\0');
		end(schedule, (uint32_t)(*want - 'a'), DUE);
	}
	schedule_free(schedule);
}

static void what_flies_too_long_counts_as_slow_at_once(void **state)
{
	struct schedule *const schedule = schedule_of(4, 16);

	(void)state;
	add_many(schedule, 4);
	make_slow(schedule, 2);
	schedule_pause(schedule, 0);
	schedule_pause(schedule, 1);
	assert_string_equal(pump(schedule, DUE), "cd");
	schedule_resume(schedule, 0, DUE);
	schedule_resume(schedule, 1, DUE);
	schedule_now(schedule, 0, DUE);
	schedule_now(schedule, 1, DUE);
	schedule_hold(schedule, true);
	assert_string_equal(pump(schedule, DUE + SECOND), "");
	assert_int_equal(schedule_count(schedule).slow_in_flight, 0);
	schedule_hold(schedule, false);
	assert_string_equal(pump(schedule, DUE + SECOND + 1), "");
	assert_int_equal(schedule_count(schedule).slow_in_flight, 2);
	assert_int_equal(schedule_count(schedule).waiting, 2);
	end_slow(schedule, 2, DUE + 2 * SECOND);
	assert_string_equal(pump(schedule, DUE + 2 * SECOND), "a");
	assert_int_equal(schedule_count(schedule).slow_in_flight, 2);
	schedule_free(schedule);
}

static void who_waits_may_change_to_a_host_with_room(void **state)
{
	struct schedule *const schedule = schedule_of(9, 1);
	const struct beat elsewhere = beat_at(1, SCHEDULE_NO_LIMIT, 9);

	(void)state;
	add(schedule, 0, SCHEDULE_NO_LIMIT, 0);
	add(schedule, 1, SCHEDULE_NO_LIMIT, 0);
	assert_string_equal(pump(schedule, DUE), "a");
	schedule_change(schedule, 1, &elsewhere, DUE);
	assert_string_equal(pump(schedule, DUE), "b");
	schedule_free(schedule);
}

static void what_flies_takes_its_permits_along_to_another_host(void **state)
{
	struct schedule *const schedule = schedule_of(9, 1);
	const struct beat elsewhere = beat_at(0, SCHEDULE_NO_LIMIT, 9);

	(void)state;
	add(schedule, 0, SCHEDULE_NO_LIMIT, 0);
	add(schedule, 1, SCHEDULE_NO_LIMIT, 0);
	add(schedule, 2, SCHEDULE_NO_LIMIT, 9);
	schedule_pause(schedule, 2);
	assert_string_equal(pump(schedule, DUE), "a");
	schedule_change(schedule, 0, &elsewhere, DUE);
	schedule_resume(schedule, 2, DUE);
	schedule_now(schedule, 2, DUE);
	assert_string_equal(pump(schedule, DUE), "b");
	end(schedule, 0, DUE);
	assert_string_equal(pump(schedule, DUE), "c");
	schedule_free(schedule);
}

static void lowered_limits_drain_and_raised_ones_open(void **state)
{
	struct schedule *const schedule = schedule_of(4, 4);

	(void)state;
	for (uint32_t id = 0; id < 8; id++)
		add(schedule, id, SCHEDULE_NO_LIMIT, 0);
	assert_string_equal(pump(schedule, DUE), "abcd");
	schedule_set_limits(schedule, 2, 4);
	end(schedule, 0, DUE);
	end(schedule, 1, DUE);
	assert_string_equal(pump(schedule, DUE), "");
	end(schedule, 2, DUE);
	assert_string_equal(pump(schedule, DUE), "e");
	schedule_set_limits(schedule, 9, 2);
	assert_string_equal(pump(schedule, DUE), "");
	schedule_set_limits(schedule, 9, 3);
	assert_string_equal(pump(schedule, DUE), "f");
	schedule_set_limits(schedule, 9, 0);
	assert_string_equal(pump(schedule, DUE), "gh");
	schedule_free(schedule);
}

static void a_group_s_limit_changes_at_once(void **state)
{
	struct schedule *const schedule = schedule_of(9, 9);

	(void)state;
	for (uint32_t id = 0; id < 5; id++)
		add(schedule, id, 0, 0);
	schedule_set_group(schedule, 0, 1);
	assert_string_equal(pump(schedule, DUE), "a");
	schedule_set_group(schedule, 0, 3);
	assert_string_equal(pump(schedule, DUE), "bc");
	schedule_set_group(schedule, 0, 2);
	end(schedule, 0, DUE);
	assert_string_equal(pump(schedule, DUE), "");
	schedule_set_group(schedule, 0, 0);
	assert_string_equal(pump(schedule, DUE), "de");
	schedule_free(schedule);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_more_than_the_permits_are_in_flight),
		cmocka_unit_test(a_full_host_delays_nobody_else),
		cmocka_unit_test(a_full_group_delays_nobody_else),
		cmocka_unit_test(a_group_s_oldest_goes_first_on_whatever_host),
		cmocka_unit_test(whoever_waits_for_two_limits_goes_when_both_have_room),
		cmocka_unit_test(the_slow_may_hold_half_of_the_permits),
		cmocka_unit_test(of_one_permit_the_slow_may_have_it),
		cmocka_unit_test(whoever_was_quick_again_is_ordinary_again),
		cmocka_unit_test(of_both_lanes_the_oldest_goes_first),
		cmocka_unit_test(what_flies_too_long_counts_as_slow_at_once),
		cmocka_unit_test(who_waits_may_change_to_a_host_with_room),
		cmocka_unit_test(what_flies_takes_its_permits_along_to_another_host),
		cmocka_unit_test(lowered_limits_drain_and_raised_ones_open),
		cmocka_unit_test(a_group_s_limit_changes_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
