/* scale.c - 100,000 endpoints cost next to nothing, and none of them drifts.
 *
 * Ten minutes of them are a few seconds of CPU; `simulation-scale MINUTES` for more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "schedule/seats.h"
#include "world.h"

#define SECOND USEC_PER_SEC

static usec_t span = 10 * USEC_PER_MIN;

static const struct world_plan plan = {
	.count = 100000,
	.max = 1000,
	.max_per_host = 16,
	.interval = 30 * SECOND,
	.timeout = 10 * SECOND,
	.takes = 50 * USEC_PER_MS,
	.seed = 4,
	.start = USEC_PER_HOUR,
};

static void a_hundred_thousand_are_each_checked_in_time(void **state)
{
	struct world world;
	usec_t started = clock_thread_cpu();

	(void)state;
	world_init(&world, &plan);
	world_measure(&world);
	world.is_measuring = false; /* twelve million figures that are 0 */
	world_run(&world, world.now + span);
	for (uint32_t id = 0; id < plan.count; id++) {
		assert_int_equal(world.actors[id].checks, span / plan.interval);
		assert_int_equal(world.actors[id].least_gap, plan.interval);
		assert_int_equal(world.actors[id].most_gap, plan.interval);
	}
	print_message("%u checks in %.1f s of CPU\n", (unsigned)world.checks,
		      (double)(clock_thread_cpu() - started) / (double)SECOND);
	world_done(&world);
}

static void launch(uint32_t id, usec_t due, void *context)
{
	uint32_t *const last = context;

	(void)due;
	*last = id;
}

/* One host for all, so that nearly each of them is looked at only to be refused. */
static void a_pump_looks_at_a_thousand_at_most_though_all_are_overdue(void **state)
{
	struct world world;
	unsigned launched = 0, pumps = 0;
	uint32_t last;

	(void)state;
	world_init(&world, &plan);
	for (uint32_t id = 0; id < plan.count; id++) {
		world.actors[id].beat.host = 0;
		schedule_change(world.schedule, id, &world.actors[id].beat, world.now);
	}
	world_stall(&world, USEC_PER_HOUR);
	for (; schedule_next(world.schedule) <= world.now; pumps++) {
		const unsigned before = world.schedule->permits.waiting;

		launched += schedule_pump(world.schedule, world.now, 64, launch, &last);
		assert_in_range(world.schedule->permits.waiting - before, 0, 1024);
	}
	assert_in_range(pumps, 98, 110);
	assert_int_equal(launched, plan.max_per_host);
	assert_int_equal(world.schedule->permits.waiting, plan.count - plan.max_per_host);
	for (unsigned i = 0; i < 1000; i++) {
		schedule_done(world.schedule, last, BEAT_REGULAR, 0, false, world.now);
		assert_int_equal(schedule_pump(world.schedule, world.now, 64, launch, &last), 1);
	}
	assert_int_equal(world.schedule->permits.used, plan.max_per_host);
	world_done(&world);
}

int main(int count, char **words)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hundred_thousand_are_each_checked_in_time),
		cmocka_unit_test(a_pump_looks_at_a_thousand_at_most_though_all_are_overdue),
	};

	if (count > 1)
		span = strtoul(words[1], NULL, 10) * USEC_PER_MIN;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
