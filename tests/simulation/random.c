/* random.c - a schedule under anything that may happen, in any order, keeps its promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/heap.h"
#include "schedule/schedule.h"
#include "sound.h"
#include "world.h"

enum { IDS = 120, HOSTS = 7, GROUPS = 4, STEPS = 60000 };

struct chaos {
	struct schedule *schedule;
	struct heap *ends;
	uint64_t seed;
	usec_t now;
	bool is_here[IDS], is_flying[IDS], is_paused[IDS];
	unsigned launched, max;
	usec_t last_due;
};

static uint64_t pick(struct chaos *chaos, uint64_t below)
{
	return world_random(&chaos->seed, below);
}

static void launch(uint32_t id, usec_t due, void *context)
{
	struct chaos *const chaos = context;

	assert_true(chaos->is_here[id]);
	assert_false(chaos->is_flying[id]);
	assert_false(chaos->is_paused[id]);
	assert_true(due <= chaos->now);
	chaos->is_flying[id] = true;
	chaos->launched++;
	heap_set(chaos->ends, id, chaos->now + pick(chaos, 3 * USEC_PER_SEC));
	assert_true(heap_count(chaos->ends) <= chaos->max || chaos->max == 0);
	if (pick(chaos, 20) == 0)
		schedule_now(chaos->schedule, id, chaos->now);
}

static struct beat any_beat(struct chaos *chaos)
{
	return (struct beat){
		.interval = (1 + pick(chaos, 20)) * USEC_PER_SEC,
		.hash = pick(chaos, UINT64_MAX),
		.group = pick(chaos, 3) ? (uint32_t)pick(chaos, GROUPS) : SCHEDULE_NO_LIMIT,
		.host = pick(chaos, 4) ? (uint32_t)pick(chaos, HOSTS) : SCHEDULE_NO_LIMIT,
	};
}

static void change_one(struct chaos *chaos)
{
	const uint32_t id = (uint32_t)pick(chaos, IDS);
	const struct beat beat = any_beat(chaos);

	if (!chaos->is_here[id]) {
		schedule_add(chaos->schedule, id, &beat, chaos->now);
		chaos->is_here[id] = true;
		chaos->is_paused[id] = false;
		return;
	}
	switch (pick(chaos, 6)) {
	case 0:
		if (chaos->is_flying[id])
			return;
		schedule_remove(chaos->schedule, id);
		chaos->is_here[id] = false;
		return;
	case 1:
		schedule_pause(chaos->schedule, id);
		chaos->is_paused[id] = true;
		assert_true(schedule_due(chaos->schedule, id, chaos->now) == USEC_NEVER);
		return;
	case 2:
	case 3:
		schedule_resume(chaos->schedule, id, chaos->now);
		chaos->is_paused[id] = false;
		return;
	case 4:
		schedule_change(chaos->schedule, id, &beat, chaos->now);
		return;
	default:
		schedule_now(chaos->schedule, id, chaos->now);
	}
}

static void change_limits(struct chaos *chaos)
{
	const unsigned max = 1 + (unsigned)pick(chaos, 40);

	switch (pick(chaos, 3)) {
	case 0:
		/* What flies over a lowered limit lands in its own time. */
		chaos->max = max > heap_count(chaos->ends) ? max : heap_count(chaos->ends);
		schedule_set_limits(chaos->schedule, max, (unsigned)pick(chaos, 6));
		return;
	case 1:
		schedule_set_group(chaos->schedule, (uint32_t)pick(chaos, GROUPS),
				   (unsigned)pick(chaos, 8));
		return;
	default:
		schedule_hold(chaos->schedule, pick(chaos, 4) == 0);
	}
}

static void land(struct chaos *chaos)
{
	usec_t end;
	uint32_t id;

	while (heap_least(chaos->ends, &id, &end) && end <= chaos->now) {
		(void)heap_remove(chaos->ends, id);
		chaos->is_flying[id] = false;
		schedule_done(chaos->schedule, id, (enum beat_next)pick(chaos, 3),
			      pick(chaos, 5 * USEC_PER_SEC), pick(chaos, 3) == 0, chaos->now);
	}
}

static void pump(struct chaos *chaos)
{
	while (schedule_next(chaos->schedule) <= chaos->now)
		(void)schedule_pump(chaos->schedule, chaos->now, 1 + (unsigned)pick(chaos, 8),
				    launch, chaos);
	(void)schedule_pump(chaos->schedule, chaos->now, 64, launch, chaos);
}

static void run(uint64_t seed)
{
	struct chaos chaos = {
		.schedule = schedule_new(&(struct schedule_limits){ 20, 3, 77777777 }),
		.ends = heap_new(),
		.seed = seed,
		.now = USEC_PER_HOUR,
		.max = 20,
	};

	for (unsigned step = 0; step < STEPS; step++) {
		const char *fault;

		chaos.now +=
			pick(&chaos, 2000) == 0 ? USEC_PER_HOUR : pick(&chaos, 200 * USEC_PER_MS);
		land(&chaos);
		if (pick(&chaos, 4) == 0)
			change_one(&chaos);
		if (pick(&chaos, 50) == 0)
			change_limits(&chaos);
		fault = sound_fault(chaos.schedule, IDS, chaos.now, false);
		if (!fault) {
			pump(&chaos);
			fault = sound_fault(chaos.schedule, IDS, chaos.now, true);
		}
		if (fault)
			fail_msg("seed %u, step %u: %s", (unsigned)seed, step, fault);
	}
	assert_true(chaos.launched > STEPS / 4);
	schedule_free(chaos.schedule);
	heap_free(chaos.ends);
}

static void whatever_happens_in_any_order_the_invariants_hold(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 4; seed++)
		run(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_happens_in_any_order_the_invariants_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
