/* beats.c - every beat is kept where permits allow it, and places outlive everything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world.h"

#define SECOND USEC_PER_SEC

static const struct world_plan five_hundred = {
	.count = 500,
	.max = 500,
	.max_per_host = 16,
	.interval = 10 * SECOND,
	.timeout = 10 * SECOND,
	.takes = 800 * USEC_PER_MS,
	.seed = 42,
	.start = USEC_PER_HOUR,
	.anchor = 1790000000123456,
};

static void once_an_interval_for(usec_t span)
{
	struct world world;

	world_init(&world, &five_hundred);
	world_measure(&world);
	world_run(&world, world.now + span);
	for (uint32_t id = 0; id < world.count; id++) {
		const struct actor *const actor = &world.actors[id];

		assert_int_equal(actor->checks, span / five_hundred.interval);
		assert_int_equal(actor->least_gap, five_hundred.interval);
		assert_int_equal(actor->most_gap, five_hundred.interval);
		assert_int_equal(actor->lateness_max, 0);
	}
	assert_int_equal(schedule_count(world.schedule).missed, 0);
	world_done(&world);
}

static void each_is_checked_exactly_once_an_interval_from_the_start(void **state)
{
	(void)state;
	once_an_interval_for(USEC_PER_MIN);
}

static void nothing_drifts_in_a_day(void **state)
{
	(void)state;
	once_an_interval_for(USEC_PER_DAY);
}

static void with_fifty_permits_nearly_all_beats_are_kept(void **state)
{
	struct world_plan plan = five_hundred;
	struct world world;

	(void)state;
	plan.max = 50;
	world_init(&world, &plan);
	world_measure(&world);
	world_run(&world, world.now + USEC_PER_HOUR);
	assert_true(world.in_flight_max <= 50);
	assert_true(world.checks >= 500 * 360 * 95 / 100);
	assert_true(schedule_count(world.schedule).missed <= 500 * 360 * 5 / 100);
	world_done(&world);
}

static void the_slow_have_half_of_the_permits_and_are_seen_in_turn(void **state)
{
	struct world_plan plan = five_hundred;
	struct world world;

	(void)state;
	plan.max = 50;
	plan.takes = 1500 * USEC_PER_MS;
	world_init(&world, &plan);
	world_run(&world, world.now + USEC_PER_MIN); /* each was seen to be slow */
	world_measure(&world);
	world_run(&world, world.now + USEC_PER_HOUR);
	assert_int_equal(world.in_flight_max, 25);
	/* 25 permits for 1.5 s each: 500 of them take 30 s, so they wait some 20 s. */
	for (uint32_t id = 0; id < world.count; id++) {
		assert_true(world.actors[id].checks >= 110);
		assert_true(world.actors[id].checks <= 130);
		assert_true(world.actors[id].most_gap <= 40 * SECOND);
		assert_true(world.actors[id].lateness_max >= 15 * SECOND);
	}
	assert_true(schedule_count(world.schedule).missed > 500 * 200);
	world_done(&world);
}

static void after_a_stall_beats_are_skipped_not_made_up(void **state)
{
	struct world_plan plan = five_hundred;
	struct world world;

	(void)state;
	plan.max = 50;
	world_init(&world, &plan);
	world_run(&world, world.now + USEC_PER_MIN);
	world_measure(&world);
	world_stall(&world, USEC_PER_HOUR);
	world_run(&world, world.now + plan.interval);
	assert_true(world.in_flight_max <= 50);
	for (uint32_t id = 0; id < world.count; id++)
		assert_true(world.actors[id].checks <= 2);
	assert_true(schedule_count(world.schedule).missed >= 500 * 359);
	assert_true(schedule_count(world.schedule).missed <= 500 * 361);
	world_run(&world, world.now + plan.interval);
	for (uint32_t id = 0; id < world.count; id++)
		assert_in_range(world.actors[id].checks, 1, 4);
	/* Those that hung in the stall have been confirmed as well; all is as before. */
	world_run(&world, world.now + plan.interval);
	world_measure(&world);
	world_run(&world, world.now + USEC_PER_MIN);
	for (uint32_t id = 0; id < world.count; id++)
		assert_int_equal(world.actors[id].checks, 6);
	world_done(&world);
}

static void places_are_kept_over_restart_and_reboot(void **state)
{
	struct world_plan rebooted = five_hundred;
	struct world before, after;

	(void)state;
	world_init(&before, &five_hundred);
	world_run(&before, before.now + 7 * USEC_PER_MIN + 3);
	/* The monotonic clock starts again, wall time goes on. */
	rebooted.start = 5 * SECOND;
	rebooted.anchor = before.now + five_hundred.anchor - rebooted.start;
	world_init(&after, &rebooted);
	for (uint32_t id = 0; id < before.count; id++)
		assert_int_equal(schedule_due(before.schedule, id, before.now) +
					 five_hundred.anchor,
				 schedule_due(after.schedule, id, after.now) + rebooted.anchor);
	world_done(&before);
	world_done(&after);
}

static void places_are_spread_evenly(void **state)
{
	struct world_plan plan = five_hundred;
	struct world world;
	unsigned in_second[10] = { 0 };

	(void)state;
	plan.count = 10000;
	world_init(&world, &plan);
	for (uint32_t id = 0; id < world.count; id++)
		in_second[(schedule_due(world.schedule, id, 0) - plan.start) / SECOND % 10]++;
	for (unsigned i = 0; i < 10; i++)
		assert_in_range(in_second[i], 900, 1100);
	world_done(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_checked_exactly_once_an_interval_from_the_start),
		cmocka_unit_test(nothing_drifts_in_a_day),
		cmocka_unit_test(with_fifty_permits_nearly_all_beats_are_kept),
		cmocka_unit_test(the_slow_have_half_of_the_permits_and_are_seen_in_turn),
		cmocka_unit_test(after_a_stall_beats_are_skipped_not_made_up),
		cmocka_unit_test(places_are_kept_over_restart_and_reboot),
		cmocka_unit_test(places_are_spread_evenly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
