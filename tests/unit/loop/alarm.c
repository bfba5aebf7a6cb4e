/* alarm.c - claims about a time that somebody waits for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <event2/event.h>

#include "loop/alarm.h"
#include "loop/loop.h"

struct stage {
	struct event_base *base;
	struct alarm_clock *alarm;
	unsigned rung;
	usec_t at;
};

static void ring(void *context)
{
	struct stage *stage = context;

	stage->rung++;
	stage->at = clock_boot();
}

static int init(void **state)
{
	static struct stage stage;

	stage = (struct stage){ .base = loop_new() };
	stage.alarm = alarm_clock_new(stage.base, ring, &stage);
	assert_non_null(stage.alarm);
	*state = &stage;
	return 0;
}

static int done(void **state)
{
	struct stage *stage = *state;

	alarm_clock_free(stage->alarm);
	event_base_free(stage->base);
	return 0;
}

static void turn(struct stage *stage)
{
	assert_true(event_base_loop(stage->base, EVLOOP_ONCE) >= 0);
}

static void it_rings_once_and_not_before_its_time(void **state)
{
	struct stage *stage = *state;
	const usec_t when = clock_boot() + 20 * USEC_PER_MS;

	alarm_clock_set(stage->alarm, when);
	while (!stage->rung)
		turn(stage);
	assert_true(stage->at >= when);
	assert_true(event_base_loop(stage->base, EVLOOP_NONBLOCK) >= 0);
	assert_int_equal(stage->rung, 1);
}

static void a_time_that_is_over_rings_at_once(void **state)
{
	struct stage *stage = *state;

	alarm_clock_set(stage->alarm, 0);
	turn(stage);
	assert_int_equal(stage->rung, 1);
}

static void only_the_last_time_that_was_set_counts(void **state)
{
	struct stage *stage = *state;

	alarm_clock_set(stage->alarm, 1);
	alarm_clock_set(stage->alarm, USEC_NEVER);
	assert_true(event_base_loop(stage->base, EVLOOP_NONBLOCK) >= 0);
	assert_int_equal(stage->rung, 0);
	alarm_clock_set(stage->alarm, clock_boot() + USEC_PER_HOUR);
	alarm_clock_set(stage->alarm, clock_boot());
	turn(stage);
	assert_int_equal(stage->rung, 1);
}

static void by_the_wall_it_rings_when_that_clock_shows_its_time(void **state)
{
	struct stage *stage = *state;
	const usec_t when = clock_wall() + 20 * USEC_PER_MS;

	alarm_clock_free(stage->alarm);
	stage->alarm = alarm_clock_new_wall(stage->base, ring, stage);
	assert_non_null(stage->alarm);
	alarm_clock_set(stage->alarm, when);
	while (!stage->rung)
		turn(stage);
	assert_true(clock_wall() >= when);
	alarm_clock_set(stage->alarm, clock_wall() + USEC_PER_HOUR);
	assert_true(event_base_loop(stage->base, EVLOOP_NONBLOCK) >= 0);
	assert_int_equal(stage->rung, 1);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, init, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(it_rings_once_and_not_before_its_time),
		CLAIM(a_time_that_is_over_rings_at_once),
		CLAIM(only_the_last_time_that_was_set_counts),
		CLAIM(by_the_wall_it_rings_when_that_clock_shows_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
