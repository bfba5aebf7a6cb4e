/* lanes.c - when many endpoints go dark at once, the others are seen in time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world.h"

#define SECOND	      USEC_PER_SEC
#define HALF_A_SECOND (SECOND / 2)

/* All of them well for two minutes, then `percent` dark. */
static void go_dark(struct world *world, const struct world_plan *plan, unsigned percent)
{
	world_init(world, plan);
	world_measure(world);
	world_run(world, world->now + 2 * USEC_PER_MIN);
	assert_int_equal(world_lateness(world, 1), 0);
	(void)world_darken(world, percent, plan->seed);
	world_measure(world);
}

static void ten_of_a_hundred_go_dark_and_nobody_else_is_late(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		const struct world_plan plan = {
			.count = 10000,
			.max = 500,
			.max_per_host = 16,
			.interval = 30 * SECOND,
			.timeout = 10 * SECOND,
			.takes = 100 * USEC_PER_MS,
			.seed = seed,
			.start = USEC_PER_HOUR,
		};
		struct world world;

		go_dark(&world, &plan, 10);
		world_run(&world, world.now + 10 * USEC_PER_MIN);
		assert_true(world.lateness_count > 170000);
		assert_true(world_lateness(&world, 0.99) < HALF_A_SECOND);
		assert_int_equal(world_lateness(&world, 1), 0);
		world_done(&world);
	}
}

/* 2,000 endpoints at 30 s, of which a fifth takes 10 s: they want 133 of 100 permits
 * before any of them can be known to be dark.  So nothing can start for a while 7.5 s
 * after they went dark, whatever the order, until the first of them time out.
 */
static const struct world_plan crowded = {
	.count = 2000,
	.max = 100,
	.max_per_host = 16,
	.interval = 30 * SECOND,
	.timeout = 10 * SECOND,
	.takes = 20 * USEC_PER_MS,
	.seed = 1,
	.start = USEC_PER_HOUR,
};

static void more_dark_ones_than_permits_are_found_out_within_a_minute(void **state)
{
	struct world world;

	(void)state;
	go_dark(&world, &crowded, 20);
	world_run(&world, world.now + USEC_PER_MIN);
	assert_true(world_lateness(&world, 1) < 15 * SECOND);
	assert_true(world.in_flight_max <= 100);
	world_measure(&world);
	world_run(&world, world.now + USEC_PER_HOUR);
	assert_int_equal(world_lateness(&world, 1), 0);
	world_done(&world);
}

static void over_the_hour_the_others_are_on_time(void **state)
{
	struct world world;

	(void)state;
	go_dark(&world, &crowded, 20);
	world_run(&world, world.now + USEC_PER_HOUR);
	assert_true(world.lateness_count > 180000);
	assert_true(world_lateness(&world, 0.99) < HALF_A_SECOND);
	world_done(&world);
}

static void the_dark_ones_are_seen_in_turn(void **state)
{
	struct world world;
	unsigned dark = 0;

	(void)state;
	go_dark(&world, &crowded, 20);
	world_run(&world, world.now + 10 * USEC_PER_MIN);
	world_measure(&world);
	world_run(&world, world.now + USEC_PER_HOUR);
	/* 50 permits for 10 s each: 400 of them take 80 s. */
	for (uint32_t id = 0; id < world.count; id++) {
		const struct actor *const actor = &world.actors[id];

		if (!actor->is_dark)
			continue;
		dark++;
		assert_true(actor->is_believed_down);
		assert_true(actor->checks > 30);
		assert_true(actor->most_gap < 120 * SECOND);
	}
	assert_true(dark > 300);
	world_done(&world);
}

static void when_the_light_returns_so_does_everybody(void **state)
{
	struct world world;

	(void)state;
	go_dark(&world, &crowded, 20);
	world_run(&world, world.now + 10 * USEC_PER_MIN);
	(void)world_darken(&world, 0, 1);
	world_run(&world, world.now + 2 * USEC_PER_MIN);
	world_measure(&world);
	world_run(&world, world.now + 10 * USEC_PER_MIN);
	for (uint32_t id = 0; id < world.count; id++) {
		assert_false(world.actors[id].is_believed_down);
		assert_int_equal(world.actors[id].least_gap, crowded.interval);
		assert_int_equal(world.actors[id].most_gap, crowded.interval);
	}
	assert_int_equal(world_lateness(&world, 1), 0);
	world_done(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ten_of_a_hundred_go_dark_and_nobody_else_is_late),
		cmocka_unit_test(more_dark_ones_than_permits_are_found_out_within_a_minute),
		cmocka_unit_test(over_the_hour_the_others_are_on_time),
		cmocka_unit_test(the_dark_ones_are_seen_in_turn),
		cmocka_unit_test(when_the_light_returns_so_does_everybody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
