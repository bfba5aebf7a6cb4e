/* grid.c - beats come from name and interval alone, spread evenly, and never drift. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "schedule/grid.h"

#define ANCHOR ((usec_t)1790000000123456)

static const struct grid half_minute = { ANCHOR, 30 * USEC_PER_SEC, 0x9d2c5680aa55aa55u };

static void the_next_beat_is_later_but_within_one_interval(void **state)
{
	(void)state;
	for (usec_t now = 0; now < USEC_PER_HOUR; now += 7 * USEC_PER_SEC + 1) {
		const usec_t next = grid_next(&half_minute, now);

		assert_true(next > now);
		assert_true(next - now <= half_minute.interval);
	}
}

static void beats_follow_each_other_by_exactly_one_interval(void **state)
{
	usec_t beat = grid_next(&half_minute, 12345);

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		const usec_t next = grid_next(&half_minute, beat);

		assert_int_equal(next - beat, half_minute.interval);
		assert_int_equal(grid_next(&half_minute, next - 1), next);
		beat = next;
	}
}

static void the_place_is_the_hash_s_share_of_the_interval(void **state)
{
	const struct grid first = { 0, 1000, 0 };
	const struct grid middle = { 0, 1000, UINT64_C(1) << 63 };
	const struct grid last = { 0, 1000, UINT64_MAX };

	(void)state;
	assert_int_equal(grid_next(&first, 5), 1000);
	assert_int_equal(grid_next(&middle, 5), 500);
	assert_int_equal(grid_next(&last, 5), 999);
}

static void a_place_survives_a_restart_of_the_clock(void **state)
{
	/* The machine starts again: monotonic time from 0, wall time goes on. */
	const usec_t wall = ANCHOR + 90 * USEC_PER_MIN;
	const struct grid after = { wall - USEC_PER_SEC, half_minute.interval, half_minute.hash };
	const usec_t before_wall = grid_next(&half_minute, 90 * USEC_PER_MIN) + ANCHOR;
	const usec_t after_wall = grid_next(&after, USEC_PER_SEC) + after.anchor;

	(void)state;
	assert_int_equal(before_wall, after_wall);
}

static void beats_are_counted_after_from_and_up_to_to(void **state)
{
	const usec_t beat = grid_next(&half_minute, USEC_PER_MIN);

	(void)state;
	assert_int_equal(grid_beats(&half_minute, beat, beat), 0);
	assert_int_equal(grid_beats(&half_minute, beat - 1, beat), 1);
	assert_int_equal(grid_beats(&half_minute, beat, beat + half_minute.interval - 1), 0);
	assert_int_equal(grid_beats(&half_minute, beat, beat + half_minute.interval), 1);
	assert_int_equal(grid_beats(&half_minute, beat, beat + USEC_PER_HOUR), 120);
}

static void first_checks_come_within_half_a_minute(void **state)
{
	unsigned in_second[30] = { 0 };

	(void)state;
	for (uint64_t i = 0; i < 30000; i++) {
		const uint64_t name[] = { i };
		const struct hash_key key = { 1, 2 };
		const struct grid grid = { ANCHOR, (i % 2 ? 1 : 24) * USEC_PER_HOUR,
					   hash_bytes(&key, name, sizeof(name)) };
		const usec_t first = grid_first(&grid, USEC_PER_MIN);

		assert_true(first >= USEC_PER_MIN);
		assert_true(first - USEC_PER_MIN <= 30 * USEC_PER_SEC);
		in_second[(first - USEC_PER_MIN) / USEC_PER_SEC % 30]++;
	}
	for (unsigned i = 0; i < 30; i++) {
		assert_true(in_second[i] > 800);
		assert_true(in_second[i] < 1200);
	}
}

static void a_first_check_that_is_near_is_a_beat(void **state)
{
	(void)state;
	assert_int_equal(grid_first(&half_minute, 999), grid_next(&half_minute, 999));
}

static void confirming_scatters_by_a_fifth_at_most(void **state)
{
	usec_t least = USEC_NEVER, most = 0;

	(void)state;
	for (usec_t now = 0; now < 10000; now++) {
		const usec_t after = grid_soon(&half_minute, 5 * USEC_PER_SEC, now) - now;

		least = after < least ? after : least;
		most = after > most ? after : most;
		assert_int_equal(grid_soon(&half_minute, 5 * USEC_PER_SEC, now) - now, after);
	}
	assert_true(least >= 4 * USEC_PER_SEC && least < 4100 * USEC_PER_MS);
	assert_true(most <= 6 * USEC_PER_SEC && most > 5900 * USEC_PER_MS);
	assert_int_equal(grid_soon(&half_minute, 0, 77), 77);
}

static void those_that_failed_together_are_not_asked_together(void **state)
{
	struct grid one = half_minute, other = half_minute;

	(void)state;
	other.hash++;
	assert_int_not_equal(grid_soon(&one, 5 * USEC_PER_SEC, 1),
			     grid_soon(&other, 5 * USEC_PER_SEC, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_beat_is_later_but_within_one_interval),
		cmocka_unit_test(beats_follow_each_other_by_exactly_one_interval),
		cmocka_unit_test(the_place_is_the_hash_s_share_of_the_interval),
		cmocka_unit_test(a_place_survives_a_restart_of_the_clock),
		cmocka_unit_test(beats_are_counted_after_from_and_up_to_to),
		cmocka_unit_test(first_checks_come_within_half_a_minute),
		cmocka_unit_test(a_first_check_that_is_near_is_a_beat),
		cmocka_unit_test(confirming_scatters_by_a_fifth_at_most),
		cmocka_unit_test(those_that_failed_together_are_not_asked_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
