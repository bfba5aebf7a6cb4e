/* limits.c - a host or a group that is full delays nobody but its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "schedule/seats.h"
#include "sound.h"
#include "world.h"

#define SECOND USEC_PER_SEC

enum { ALL = 2000, OURS = 200, MAX = 100 };

static const struct world_plan plan = {
	.count = ALL,
	.max = MAX,
	.max_per_host = 4,
	.interval = 30 * SECOND,
	.timeout = 10 * SECOND,
	.takes = 50 * USEC_PER_MS,
	.seed = 9,
	.start = USEC_PER_HOUR,
};

/* The first OURS go to one group or one host. */
static void gather(struct world *world, uint32_t group, bool is_one_host)
{
	for (uint32_t id = 0; id < OURS; id++) {
		struct beat *const beat = &world->actors[id].beat;

		beat->group = group;
		beat->host = is_one_host ? 0 : id;
		schedule_change(world->schedule, id, beat, world->now);
	}
}

/* The others are on time; of ours at most `most` are in flight at once, and they are late. */
static void ours_alone_are_late(struct world *world, unsigned most)
{
	world_run(world, world->now + USEC_PER_MIN);
	world_measure(world);
	for (unsigned minute = 0; minute < 30; minute++) {
		unsigned flying = 0;

		world_run(world, world->now + USEC_PER_MIN);
		for (uint32_t id = 0; id < OURS; id++)
			flying += schedule_seat(world->schedule, id)->place == SEAT_FLIGHT;
		assert_int_equal(flying, most);
		assert_null(sound_fault(world->schedule, ALL, world->now, false));
	}
	for (uint32_t id = 0; id < ALL; id++) {
		if (id < OURS)
			assert_true(world->actors[id].lateness_max > 60 * SECOND);
		else
			assert_int_equal(world->actors[id].lateness_max, 0);
		assert_true(world->actors[id].checks > 0);
	}
}

static void a_group_that_wants_more_delays_nobody_else(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, &plan);
	schedule_set_group(world.schedule, 3, 10);
	gather(&world, 3, false);
	for (uint32_t id = 0; id < OURS; id++)
		world.actors[id].takes = 5 * SECOND;
	ours_alone_are_late(&world, 10);
	world_done(&world);
}

static void a_host_that_wants_more_delays_nobody_else(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, &plan);
	gather(&world, SCHEDULE_NO_LIMIT, true);
	for (uint32_t id = 0; id < OURS; id++)
		world.actors[id].is_dark = true;
	ours_alone_are_late(&world, 4);
	world_done(&world);
}

static void a_host_may_have_a_limit_of_its_own(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, &plan);
	schedule_set_host(world.schedule, 0, 12);
	gather(&world, SCHEDULE_NO_LIMIT, true);
	for (uint32_t id = 0; id < OURS; id++)
		world.actors[id].is_dark = true;
	ours_alone_are_late(&world, 12);
	/* And lose it again. */
	schedule_set_host(world.schedule, 0, 0);
	ours_alone_are_late(&world, 4);
	world_done(&world);
}

static void a_host_within_a_group_delays_not_even_the_group(void **state)
{
	struct world world;

	(void)state;
	world_init(&world, &plan);
	schedule_set_group(world.schedule, 0, 50);
	gather(&world, 0, true);
	for (uint32_t id = 0; id < ALL; id++) {
		if (id < OURS)
			world.actors[id].is_dark = true;
		else
			world.actors[id].beat.group = 0;
		schedule_change(world.schedule, id, &world.actors[id].beat, world.now);
	}
	ours_alone_are_late(&world, 4);
	world_done(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_group_that_wants_more_delays_nobody_else),
		cmocka_unit_test(a_host_that_wants_more_delays_nobody_else),
		cmocka_unit_test(a_host_may_have_a_limit_of_its_own),
		cmocka_unit_test(a_host_within_a_group_delays_not_even_the_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
