/* teller.c - claims about who is told, what together, when, and how often. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "stage.h"

static void what_fails_within_the_wait_is_told_together(void **state)
{
	struct stage *stage = *state;

	opens(stage, 0, to_ops);
	assert_string_equal(passes(stage, 5), "");
	opens(stage, 1, to_ops);
	assert_string_equal(passes(stage, 4), "");
	assert_string_equal(passes(stage, 1), "ops problem a,b");
	taken(stage);
	assert_int_equal(teller_count(stage->teller).sent, 1);
	assert_int_equal(teller_count(stage->teller).queued, 0);
}

static void later_ones_wait_for_the_interval(void **state)
{
	struct stage *stage = *state;

	opens(stage, 0, to_ops);
	assert_string_equal(passes(stage, 10), "ops problem a");
	taken(stage);
	opens(stage, 1, to_ops);
	assert_string_equal(passes(stage, 59), "");
	opens(stage, 2, to_ops);
	assert_string_equal(passes(stage, 1), "ops problem b,c");
	taken(stage);
}

static void what_recovers_before_it_is_told_is_not_told(void **state)
{
	struct stage *stage = *state;

	opens(stage, 0, to_ops);
	opens(stage, 1, to_ops);
	assert_string_equal(passes(stage, 5), "");
	closes(stage, 0);
	assert_string_equal(passes(stage, 5), "ops problem b");
	taken(stage);
	closes(stage, 1);
	assert_string_equal(passes(stage, 60), "ops recovery b");
	taken(stage);
	assert_string_equal(passes(stage, 100000), "");
}

static void the_end_is_told_to_those_who_want_it(void **state)
{
	struct stage *stage = *state;

	opens(stage, 0, to_both);
	(void)passes(stage, 10);
	taken(stage);
	closes(stage, 0);
	assert_string_equal(passes(stage, 100), "ops recovery a");
	taken(stage);
}

static void less_bad_ones_are_told_to_those_who_want_them(void **state)
{
	struct stage *stage = *state;
	struct incident *incident = make(stage, 0, to_both);

	incident->severity = SEVERITY_WARNING;
	teller_follow(stage->teller, incident, INCIDENT_OPENS, at(stage), kept(stage));
	assert_string_equal(passes(stage, 10), "ops problem a");
	taken(stage);
	incident->severity = SEVERITY_CRITICAL;
	incident->notable = ++incident->transition;
	teller_follow(stage->teller, incident, INCIDENT_WORSENS, at(stage), kept(stage));
	assert_string_equal(passes(stage, 61), "boss problem a; ops update a");
	taken(stage);
}

static void what_goes_on_is_told_again_until_somebody_knows(void **state)
{
	struct stage *stage = *state;

	opens(stage, 0, to_ops);
	(void)passes(stage, 10);
	taken(stage);
	assert_string_equal(passes(stage, 3599), "");
	assert_string_equal(passes(stage, 1), "ops reminder a");
	taken(stage);
	stage->incidents[0]->acknowledged.at = 1;
	teller_follow(stage->teller, stage->incidents[0], INCIDENT_IS_ACKNOWLEDGED, at(stage),
		      NULL);
	assert_string_equal(passes(stage, 10000), "");
}

static void groups_are_apart(void **state)
{
	struct stage *stage = *state;

	ops.group_by = by_endpoint;
	opens(stage, 0, to_ops);
	opens(stage, 1, to_ops);
	(void)passes(stage, 10);
	assert_int_equal(stage->out_count, 2);
	taken(stage);
}

static void messages_of_a_group_go_one_after_the_other(void **state)
{
	struct stage *stage = *state;

	opens(stage, 0, to_ops);
	assert_string_equal(passes(stage, 10), "ops problem a");
	closes(stage, 0);
	assert_string_equal(passes(stage, 100), "");
	assert_int_equal(teller_count(stage->teller).queued, 2);
	assert_false(ends(stage, DELIVERY_FAILED, 0));
	assert_string_equal(passes(stage, 2), "ops problem a");
	assert_true(ends(stage, DELIVERY_TAKEN, 0));
	assert_string_equal(passes(stage, 0), "ops recovery a");
	taken(stage);
}

static void tries_come_less_and_less_often(void **state)
{
	struct stage *stage = *state;
	usec_t before = 0;
	char *id;

	ops.retry.span = 86400 * SECOND;
	opens(stage, 0, to_ops);
	(void)passes(stage, 10);
	id = memory_text(stage->out[0]->id);
	for (unsigned i = 0; i < 12; i++) {
		usec_t wait;

		assert_string_equal(stage->out[0]->id, id);
		assert_false(ends(stage, DELIVERY_FAILED, 0));
		wait = teller_next(stage->teller) - stage->now;
		assert_true(wait <= 361 * SECOND);
		assert_true(i == 0 ? wait <= 2 * SECOND : wait > before || wait > 200 * SECOND);
		before = wait;
		(void)passes(stage, (unsigned)(wait / SECOND) + 1);
		assert_int_equal(stage->out_count, 1);
	}
	/* As long as it was asked to wait, at least. */
	assert_false(ends(stage, DELIVERY_FAILED, 1000 * SECOND));
	assert_true(teller_next(stage->teller) >= stage->now + 1000 * SECOND);
	free(id);
}

static void a_message_that_nobody_takes_is_given_up_at_last(void **state)
{
	struct stage *stage = *state;

	opens(stage, 0, to_ops);
	(void)passes(stage, 10);
	assert_false(ends(stage, DELIVERY_REFUSED, 0));
	assert_string_equal(passes(stage, 200), "");
	(void)passes(stage, 200);
	assert_false(ends(stage, DELIVERY_REFUSED, 0));
	(void)passes(stage, 400);
	assert_true(ends(stage, DELIVERY_REFUSED, 0));
	assert_int_equal(teller_count(stage->teller).failed, 1);
	assert_int_equal(teller_count(stage->teller).queued, 0);
	assert_int_equal(stage->incidents[0]->told->message->state, NOTIFICATION_GIVEN_UP);
}

static void no_message_is_given_up_because_the_clock_was_set(void **state)
{
	struct stage *stage = *state;

	opens(stage, 0, to_ops);
	(void)passes(stage, 10);
	assert_int_equal(stage->out_count, 1);
	stage->set_by = 40 * USEC_PER_DAY;
	assert_false(ends(stage, DELIVERY_FAILED, 0));
	assert_int_equal(teller_count(stage->teller).queued, 1);
	(void)passes(stage, 10);
	assert_true(ends(stage, DELIVERY_TAKEN, 0));
	assert_int_equal(stage->incidents[0]->told->message->state, NOTIFICATION_SENT);
}

static void one_that_hangs_holds_up_no_other(void **state)
{
	struct stage *stage = *state;

	ops.group_by = by_endpoint;
	for (unsigned i = 0; i < INCIDENTS; i++)
		opens(stage, i, to_ops);
	(void)passes(stage, 10);
	assert_int_equal(stage->out_count, TELLER_IN_FLIGHT_MAX);
	/* Another receiver has places of its own. */
	stage->endpoints[0].notify = to_both;
	teller_resume(stage->teller, stage->incidents[0], at(stage), kept(stage));
	assert_string_equal(passes(stage, 10), "boss problem a");
	/* And each that ends makes room for one that waits. */
	assert_true(ends(stage, DELIVERY_TAKEN, 0));
	(void)passes(stage, 0);
	assert_int_equal(stage->out_count, TELLER_IN_FLIGHT_MAX + 1);
	while (stage->out_count) {
		taken(stage);
		(void)passes(stage, 0);
	}
	assert_int_equal(teller_count(stage->teller).sent, INCIDENTS + 1);
}

static void a_message_waits_for_the_disk_but_not_for_ever(void **state)
{
	struct stage *stage = *state;

	opens(stage, 0, to_ops);
	stage->now += 10 * SECOND;
	teller_pump(stage->teller, at(stage), 1, &stage->rows);
	assert_int_equal(stage->out_count, 0);
	assert_true(stage->rows.rows >= 2);
	teller_stored(stage->teller, 1, stage->now);
	(void)passes(stage, 0);
	assert_int_equal(stage->out_count, 1);
	assert_false(stage->out[0]->is_unstored);
	taken(stage);
	closes(stage, 0);
	stage->now += 60 * SECOND;
	teller_pump(stage->teller, at(stage), 2, &stage->rows);
	assert_int_equal(stage->out_count, 0);
	(void)passes(stage, 1);
	assert_int_equal(stage->out_count, 0);
	(void)passes(stage, 1);
	assert_int_equal(stage->out_count, 1);
	assert_true(stage->out[0]->is_unstored);
	taken(stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(what_fails_within_the_wait_is_told_together),
		CLAIM(later_ones_wait_for_the_interval),
		CLAIM(what_recovers_before_it_is_told_is_not_told),
		CLAIM(the_end_is_told_to_those_who_want_it),
		CLAIM(less_bad_ones_are_told_to_those_who_want_them),
		CLAIM(what_goes_on_is_told_again_until_somebody_knows),
		CLAIM(groups_are_apart),
		CLAIM(messages_of_a_group_go_one_after_the_other),
		CLAIM(tries_come_less_and_less_often),
		CLAIM(a_message_that_nobody_takes_is_given_up_at_last),
		CLAIM(no_message_is_given_up_because_the_clock_was_set),
		CLAIM(one_that_hangs_holds_up_no_other),
		CLAIM(a_message_waits_for_the_disk_but_not_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
