/* world.c - a schedule among endpoints that answer as they are told. */
#include <stdlib.h>

#include "base/heap.h"
#include "base/memory.h"
#include "world.h"

uint64_t world_random(uint64_t *seed, uint64_t below)
{
	uint64_t x = *seed += 0x9e3779b97f4a7c15u;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return (x ^ x >> 31) % below;
}

void world_init(struct world *world, const struct world_plan *plan)
{
	uint64_t seed = plan->seed;

	*world = (struct world){ .count = plan->count,
				 .now = plan->start,
				 .timeout = plan->timeout };
	world->schedule = schedule_new(&(struct schedule_limits){
		.max = plan->max, .max_per_host = plan->max_per_host, .anchor = plan->anchor });
	world->ends = heap_new();
	world->actors = memory_new(plan->count, sizeof(*world->actors));
	for (uint32_t id = 0; id < plan->count; id++) {
		world->actors[id] = (struct actor){
			.beat = { .interval = plan->interval,
				  .hash = world_random(&seed, UINT64_MAX),
				  .group = SCHEDULE_NO_LIMIT,
				  .host = id },
			.takes = plan->takes,
			.least_gap = USEC_NEVER,
		};
		schedule_add(world->schedule, id, &world->actors[id].beat, world->now);
	}
}

void world_done(struct world *world)
{
	schedule_free(world->schedule);
	heap_free(world->ends);
	free(world->actors);
	free(world->lateness);
}

static void note_lateness(struct world *world, usec_t lateness)
{
	if (world->lateness_count == world->lateness_room) {
		world->lateness_room =
			memory_next_room(world->lateness_room, world->lateness_count + 1);
		world->lateness = memory_grow(world->lateness, world->lateness_room,
					      sizeof(*world->lateness));
	}
	world->lateness[world->lateness_count++] =
		lateness < UINT32_MAX ? (uint32_t)lateness : UINT32_MAX;
}

static void launch(uint32_t id, usec_t due, void *context)
{
	struct world *const world = context;
	struct actor *const actor = &world->actors[id];
	const usec_t gap = world->now - actor->last_start;
	const usec_t lateness = world->now - due;

	if (actor->checks > 0 && gap < actor->least_gap)
		actor->least_gap = gap;
	if (actor->checks > 0 && gap > actor->most_gap)
		actor->most_gap = gap;
	actor->last_start = world->now;
	actor->checks++;
	world->checks++;
	if (lateness > actor->lateness_max)
		actor->lateness_max = lateness;
	if (world->is_measuring && !actor->is_dark)
		note_lateness(world, lateness);
	heap_set(world->ends, id, world->now + (actor->is_dark ? world->timeout : actor->takes));
	if (heap_count(world->ends) > world->in_flight_max)
		world->in_flight_max = heap_count(world->ends);
}

static void settle(struct world *world, uint32_t id)
{
	struct actor *const actor = &world->actors[id];
	const bool is_failure = world->now - actor->last_start >= world->timeout;

	actor->streak = is_failure == actor->is_believed_down ? 0 : actor->streak + 1;
	if (actor->streak == (is_failure ? CONFIRM_FAILURES : CONFIRM_SUCCESSES)) {
		actor->is_believed_down = is_failure;
		actor->streak = 0;
	}
	schedule_done(world->schedule, id, actor->streak > 0 ? BEAT_CONFIRM : BEAT_REGULAR,
		      5 * USEC_PER_SEC, world->now - actor->last_start > USEC_PER_SEC, world->now);
}

void world_run(struct world *world, usec_t until)
{
	for (;;) {
		usec_t next = schedule_next(world->schedule), end;
		uint32_t id;

		if (heap_least(world->ends, &id, &end) && end < next)
			next = end;
		if (next >= until)
			break;
		if (next > world->now)
			world->now = next;
		while (heap_least(world->ends, &id, &end) && end <= world->now) {
			(void)heap_remove(world->ends, id);
			settle(world, id);
		}
		(void)schedule_pump(world->schedule, world->now, 64, launch, world);
	}
	world->now = until;
}

void world_stall(struct world *world, usec_t span)
{
	world->now += span;
}

unsigned world_darken(struct world *world, unsigned percent, uint64_t seed)
{
	unsigned count = 0;

	for (uint32_t id = 0; id < world->count; id++) {
		world->actors[id].is_dark = world_random(&seed, 100) < percent;
		count += world->actors[id].is_dark;
	}
	return count;
}

void world_measure(struct world *world)
{
	world->is_measuring = true;
	world->lateness_count = 0;
	world->in_flight_max = heap_count(world->ends);
	world->checks = 0;
	for (uint32_t id = 0; id < world->count; id++) {
		struct actor *const actor = &world->actors[id];

		actor->checks = 0;
		actor->least_gap = USEC_NEVER;
		actor->most_gap = 0;
		actor->lateness_max = 0;
	}
}

static int compare(const void *one, const void *other)
{
	const uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;

	return (a > b) - (a < b);
}

usec_t world_lateness(struct world *world, double part)
{
	const size_t place = (size_t)((double)world->lateness_count * part);

	qsort(world->lateness, world->lateness_count, sizeof(*world->lateness), compare);
	if (world->lateness_count == 0)
		return 0;
	return world->lateness[place < world->lateness_count ? place : world->lateness_count - 1];
}
