/* heartbeat.c - claims about probe heartbeat: what the beats that came say at some moment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "base/memory.h"
#include "harness.h"
#include "model/pulse.h"
#include "probe/heartbeat.h"

#define HOUR  USEC_PER_HOUR
/* 2026-11-30T03:00:00Z, on the clock of deadlines as well. */
#define THREE (UINT64_C(1796007600) * USEC_PER_SEC)

static struct instant at(usec_t when)
{
	return (struct instant){ .at = when, .wall = when };
}

/* One that is to come every day, within two hours. */
struct scene {
	struct harness *harness;
	struct heartbeat_options *options;
	struct pulse *pulse;
};

static struct scene scene_of(void *state)
{
	struct scene scene = { .harness = state, .pulse = pulse_new() };

	scene.options = harness_fill(scene.harness, "heartbeat");
	scene.options->every = 24 * HOUR;
	scene.options->grace = 2 * HOUR;
	return scene;
}

static void hear(struct scene *scene, enum pulse_word word, const char *message, usec_t when)
{
	pulse_hear(scene->pulse, word, message ? memory_text(message) : NULL, at(when));
}

/* Run to its end with what is known `when`; freed by check_free(). */
static struct check *look(struct scene *scene, usec_t when)
{
	struct check *check =
		harness_check_of(scene->harness, "heartbeat", scene->options, 20 * USEC_PER_SEC);
	const unsigned before = scene->harness->done;

	scene->pulse->looked = when;
	check->pulse = pulse_copy(scene->pulse);
	harness_start(scene->harness, check);
	assert_int_equal(scene->harness->done, before);
	harness_wait(scene->harness, before + 1);
	return check;
}

static void expect_look(struct scene *scene, usec_t when, enum failure_class class, bool is_silent)
{
	struct check *check = look(scene, when);

	assert_int_equal(check->observation.class, class);
	assert_int_equal(check->is_silent, is_silent);
	check_free(check);
}

static void before_the_first_beat_nothing_is_known(void **state)
{
	struct scene scene = scene_of(*state);
	struct check *check = look(&scene, THREE);

	assert_true(check->is_silent);
	assert_string_equal(check->observation.detail, "no beat has come yet");
	check_free(check);
	assert_true(heartbeat_due(scene.options, scene.pulse) == USEC_NEVER);
	pulse_free(scene.pulse);
}

static void a_beat_holds_until_the_next_is_due_and_not_longer(void **state)
{
	struct scene scene = scene_of(*state);

	hear(&scene, PULSE_OK, NULL, THREE);
	expect_look(&scene, THREE, CLASS_NONE, false);
	expect_look(&scene, THREE + 26 * HOUR - 1, CLASS_NONE, false);
	expect_look(&scene, THREE + 26 * HOUR, CLASS_heartbeat_missed, false);
	assert_true(heartbeat_due(scene.options, scene.pulse) == THREE + 26 * HOUR);
	hear(&scene, PULSE_OK, NULL, THREE + 30 * HOUR);
	expect_look(&scene, THREE + 30 * HOUR, CLASS_NONE, false);
	pulse_free(scene.pulse);
}

/* The same by the calendar: at 03:30 in Berlin, on work days, within two hours. */
static struct scene work_days(void *state)
{
	static const char calendar[] = "Mon..Fri 03:30 Europe/Berlin";
	struct scene scene = scene_of(state);
	struct text wanted = { 0 };

	scene.options->every = 0;
	scene.options->calendar = calendar;
	assert_int_equal(calendar_parse(calendar, strlen(calendar), &scene.options->at, &wanted),
			 0);
	return scene;
}

static void by_the_calendar_the_next_is_due_at_its_next_time(void **state)
{
	struct scene scene = work_days(*state);
	/* 2026-11-30 is a Monday, and 04:00 there. */
	const usec_t tuesday = THREE + 23 * HOUR + HOUR / 2, friday = tuesday + 72 * HOUR;

	assert_true(heartbeat_due(scene.options, scene.pulse) == USEC_NEVER);
	hear(&scene, PULSE_OK, NULL, THREE);
	expect_look(&scene, tuesday + 2 * HOUR - 1, CLASS_NONE, false);
	expect_look(&scene, tuesday + 2 * HOUR, CLASS_heartbeat_missed, false);
	/* Over the weekend none is. */
	hear(&scene, PULSE_OK, NULL, friday + 5 * USEC_PER_MIN);
	assert_true(heartbeat_due(scene.options, scene.pulse) == friday + 74 * HOUR);
	pulse_free(scene.pulse);
}

static void a_beat_a_little_before_its_time_counts_for_that(void **state)
{
	struct scene scene = work_days(*state);
	const usec_t tuesday = THREE + 23 * HOUR + HOUR / 2;

	hear(&scene, PULSE_OK, NULL, tuesday - 59 * USEC_PER_SEC);
	assert_true(heartbeat_due(scene.options, scene.pulse) == tuesday + 26 * HOUR);
	hear(&scene, PULSE_OK, NULL, tuesday - 61 * USEC_PER_SEC);
	assert_true(heartbeat_due(scene.options, scene.pulse) == tuesday + 2 * HOUR);
	pulse_free(scene.pulse);
}

static void when_clocks_are_put_forward_or_back_it_is_due_as_clocks_show(void **state)
{
	struct scene scene = work_days(*state);
	/* Fridays, 03:40 there; on Monday, 2027-03-29, it is summer, and on 2026-10-26 winter. */
	const usec_t march = UINT64_C(1806028800) * USEC_PER_SEC;
	const usec_t october = UINT64_C(1792719600) * USEC_PER_SEC;

	hear(&scene, PULSE_OK, NULL, march);
	assert_true(heartbeat_due(scene.options, scene.pulse) ==
		    march - 10 * USEC_PER_MIN + (72 - 1 + 2) * HOUR);
	hear(&scene, PULSE_OK, NULL, october);
	assert_true(heartbeat_due(scene.options, scene.pulse) ==
		    october - 10 * USEC_PER_MIN + (72 + 1 + 2) * HOUR);
	pulse_free(scene.pulse);
}

static void after_the_last_time_of_all_none_is_waited_for(void **state)
{
	struct scene scene = scene_of(*state);
	struct text wanted = { 0 };

	scene.options->every = 0;
	scene.options->calendar = "2026-12-01 UTC";
	assert_int_equal(calendar_parse("2026-12-01 UTC", 14, &scene.options->at, &wanted), 0);
	hear(&scene, PULSE_OK, NULL, THREE);
	assert_true(heartbeat_due(scene.options, scene.pulse) == THREE + 23 * HOUR);
	hear(&scene, PULSE_OK, NULL, THREE + 22 * HOUR);
	assert_true(heartbeat_due(scene.options, scene.pulse) == USEC_NEVER);
	expect_look(&scene, THREE + 40000 * HOUR, CLASS_NONE, false);
	pulse_free(scene.pulse);
}

static void what_is_missed_says_since_when(void **state)
{
	struct scene scene = scene_of(*state);
	struct check *check;

	hear(&scene, PULSE_OK, NULL, THREE);
	hear(&scene, PULSE_START, NULL, THREE + 24 * HOUR);
	check = look(&scene, THREE + 40 * HOUR);
	assert_int_equal(check->observation.phase, PHASE_FIRST_BYTE);
	assert_string_equal(check->observation.detail,
			    "no beat since 2026-11-30T03:00:00.000Z, and one was due by "
			    "2026-12-01T05:00:00.000Z; the job that began at "
			    "2026-12-01T03:00:00.000Z has not said how it ended");
	check_free(check);
	pulse_free(scene.pulse);
}

static void a_failure_is_one_until_the_next_beat(void **state)
{
	struct scene scene = scene_of(*state);
	struct check *check;

	hear(&scene, PULSE_FAIL, "disk \033[31mfull", THREE);
	check = look(&scene, THREE + HOUR);
	assert_int_equal(check->observation.class, CLASS_heartbeat_failed);
	assert_int_equal(check->observation.phase, PHASE_TRANSFER);
	assert_string_equal(check->observation.detail, "disk \\x1b[31mfull");
	assert_string_equal(text_string(&check->observation.body), "disk \033[31mfull");
	check_free(check);
	hear(&scene, PULSE_FAIL, NULL, THREE + 2 * HOUR);
	check = look(&scene, THREE + 2 * HOUR);
	assert_string_equal(check->observation.detail, "the job says that it failed");
	assert_int_equal(check->observation.body.len, 0);
	check_free(check);
	hear(&scene, PULSE_OK, NULL, THREE + 3 * HOUR);
	expect_look(&scene, THREE + 3 * HOUR, CLASS_NONE, false);
	pulse_free(scene.pulse);
}

static void who_says_when_it_began_is_timed(void **state)
{
	struct scene scene = scene_of(*state);
	struct check *check;

	hear(&scene, PULSE_START, NULL, THREE);
	expect_look(&scene, THREE, CLASS_NONE, true);
	hear(&scene, PULSE_OK, "ok", THREE + 90 * USEC_PER_MIN);
	check = look(&scene, THREE + 2 * HOUR);
	assert_true(check->observation.latency == 90 * USEC_PER_MIN);
	check_free(check);
	hear(&scene, PULSE_OK, NULL, THREE + 3 * HOUR);
	check = look(&scene, THREE + 3 * HOUR);
	assert_true(check->observation.latency == USEC_NEVER);
	check_free(check);
	pulse_free(scene.pulse);
}

static void a_job_that_only_ever_began_is_missed_too(void **state)
{
	struct scene scene = scene_of(*state);

	hear(&scene, PULSE_START, NULL, THREE);
	expect_look(&scene, THREE + 26 * HOUR - 1, CLASS_NONE, true);
	expect_look(&scene, THREE + 26 * HOUR, CLASS_heartbeat_missed, false);
	pulse_free(scene.pulse);
}

static void a_start_does_not_put_the_deadline_off(void **state)
{
	struct scene scene = scene_of(*state);

	hear(&scene, PULSE_OK, NULL, THREE);
	hear(&scene, PULSE_START, NULL, THREE + 25 * HOUR);
	expect_look(&scene, THREE + 26 * HOUR, CLASS_heartbeat_missed, false);
	pulse_free(scene.pulse);
}

static void after_a_pause_the_next_beat_is_waited_for_from_then_on(void **state)
{
	struct scene scene = scene_of(*state);

	pulse_wait_anew(scene.pulse, at(THREE));
	expect_look(&scene, THREE + 100 * HOUR, CLASS_NONE, true);
	hear(&scene, PULSE_OK, NULL, THREE);
	pulse_wait_anew(scene.pulse, at(THREE + 100 * HOUR));
	expect_look(&scene, THREE + 100 * HOUR, CLASS_NONE, true);
	expect_look(&scene, THREE + 126 * HOUR, CLASS_heartbeat_missed, false);
	hear(&scene, PULSE_OK, NULL, THREE + 101 * HOUR);
	expect_look(&scene, THREE + 101 * HOUR, CLASS_NONE, false);
	pulse_free(scene.pulse);
}

static void what_nobody_listened_for_is_not_missed_at_once(void **state)
{
	struct scene scene = scene_of(*state);

	hear(&scene, PULSE_OK, NULL, THREE);
	scene.pulse->spared = THREE + 50 * HOUR;
	expect_look(&scene, THREE + 25 * HOUR, CLASS_NONE, false);
	expect_look(&scene, THREE + 49 * HOUR, CLASS_NONE, true);
	expect_look(&scene, THREE + 50 * HOUR, CLASS_heartbeat_missed, false);
	pulse_free(scene.pulse);
}

static void one_that_is_cancelled_ends_as_such(void **state)
{
	struct scene scene = scene_of(*state);
	struct check *check =
		harness_check_of(scene.harness, "heartbeat", scene.options, 20 * USEC_PER_SEC);

	check->pulse = pulse_copy(scene.pulse);
	harness_start(scene.harness, check);
	check->endpoint->type->cancel(check);
	harness_wait(scene.harness, 1);
	assert_true(check->is_cancelled);
	check_free(check);
	pulse_free(scene.pulse);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, harness_set_up, harness_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(before_the_first_beat_nothing_is_known),
		CLAIM(a_beat_holds_until_the_next_is_due_and_not_longer),
		CLAIM(by_the_calendar_the_next_is_due_at_its_next_time),
		CLAIM(a_beat_a_little_before_its_time_counts_for_that),
		CLAIM(when_clocks_are_put_forward_or_back_it_is_due_as_clocks_show),
		CLAIM(after_the_last_time_of_all_none_is_waited_for),
		CLAIM(what_is_missed_says_since_when),
		CLAIM(a_failure_is_one_until_the_next_beat),
		CLAIM(who_says_when_it_began_is_timed),
		CLAIM(a_job_that_only_ever_began_is_missed_too),
		CLAIM(a_start_does_not_put_the_deadline_off),
		CLAIM(after_a_pause_the_next_beat_is_waited_for_from_then_on),
		CLAIM(what_nobody_listened_for_is_not_missed_at_once),
		CLAIM(one_that_is_cancelled_ends_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
