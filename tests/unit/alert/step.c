/* step.c - claims about who else is told, where nobody has done anything or nothing was taken. */
#include <string.h>

#include "stage.h"

static const char *const to_boss[] = { "boss", NULL };
static const struct escalation after_a_quarter[] = { { 900 * SECOND, to_boss } };

static void escalate(void)
{
	ops.escalate = (struct option_steps){ .items = after_a_quarter, .count = 1 };
	ops.repeat = 0;
	boss.repeat = 0;
	boss.sends_resolved = true;
}

static void acknowledge(struct stage *stage, unsigned number)
{
	struct incident *incident = stage->incidents[number];

	incident->acknowledged.at = 1;
	incident->transition++;
	teller_follow(stage->teller, incident, INCIDENT_IS_ACKNOWLEDGED, at(stage), kept(stage));
}

static void what_nobody_acknowledges_is_told_to_others_and_so_is_its_end(void **state)
{
	struct stage *stage = *state;

	escalate();
	opens(stage, 0, to_ops);
	assert_string_equal(passes(stage, 10), "ops problem a");
	taken(stage);
	/* A quarter of an hour, and then their own wait for others. */
	assert_string_equal(passes(stage, 909), "");
	assert_string_equal(passes(stage, 1), "boss escalation a");
	taken(stage);
	assert_string_equal(passes(stage, 86400), "");
	closes(stage, 0);
	assert_string_equal(passes(stage, 60), "boss recovery a; ops recovery a");
	taken(stage);
	assert_true(teller_next(stage->teller) == USEC_NEVER);
}

static void who_was_told_hears_how_it_goes_on(void **state)
{
	struct stage *stage = *state;
	struct incident *incident;

	escalate();
	opens(stage, 0, to_ops);
	(void)passes(stage, 10);
	taken(stage);
	(void)passes(stage, 910);
	taken(stage);
	incident = stage->incidents[0];
	incident->notable = ++incident->transition;
	teller_follow(stage->teller, incident, INCIDENT_CHANGES, at(stage), NULL);
	assert_string_equal(passes(stage, 100), "ops update a; boss update a");
	taken(stage);
}

static void what_somebody_knows_of_goes_no_further(void **state)
{
	struct stage *stage = *state;

	escalate();
	opens(stage, 0, to_ops);
	opens(stage, 1, to_ops);
	(void)passes(stage, 10);
	taken(stage);
	acknowledge(stage, 0);
	/* It is about to be told: also then. */
	(void)passes(stage, 905);
	acknowledge(stage, 1);
	assert_string_equal(passes(stage, 86400), "");
	closes(stage, 0);
	closes(stage, 1);
	assert_string_equal(passes(stage, 86400), "ops recovery a,b");
	taken(stage);
}

static void what_is_over_in_time_goes_no_further(void **state)
{
	struct stage *stage = *state;

	escalate();
	opens(stage, 0, to_ops);
	(void)passes(stage, 10);
	taken(stage);
	(void)passes(stage, 800);
	closes(stage, 0);
	assert_string_equal(passes(stage, 86400), "ops recovery a");
	taken(stage);
	assert_true(teller_next(stage->teller) == USEC_NEVER);
}

static void what_is_held_goes_no_further_until_it_is_not(void **state)
{
	struct stage *stage = *state;

	escalate();
	opens(stage, 0, to_ops);
	(void)passes(stage, 10);
	taken(stage);
	teller_hold(stage->teller, stage->incidents[0], true, at(stage), kept(stage));
	assert_string_equal(passes(stage, 3600), "");
	teller_hold(stage->teller, stage->incidents[0], false, at(stage), kept(stage));
	assert_string_equal(passes(stage, 10), "boss escalation a");
	taken(stage);
}

static void one_that_is_not_bad_enough_is_told_once_it_is(void **state)
{
	struct stage *stage = *state;
	struct incident *incident = make(stage, 0, to_ops);

	escalate();
	incident->severity = SEVERITY_WARNING;
	teller_follow(stage->teller, incident, INCIDENT_OPENS, at(stage), kept(stage));
	(void)passes(stage, 10);
	taken(stage);
	assert_string_equal(passes(stage, 3600), "");
	incident->severity = SEVERITY_CRITICAL;
	incident->notable = ++incident->transition;
	teller_follow(stage->teller, incident, INCIDENT_WORSENS, at(stage), kept(stage));
	assert_string_equal(passes(stage, 30), "ops update a; boss escalation a");
	taken(stage);
}

static void over_a_restart_the_time_goes_on(void **state)
{
	struct stage *stage = *state;

	escalate();
	stage->keeps = true;
	opens(stage, 0, to_ops);
	(void)passes(stage, 10);
	taken(stage);
	(void)passes(stage, 600);
	restart(stage);
	assert_string_equal(passes(stage, 309), "");
	assert_string_equal(passes(stage, 1), "boss escalation a");
	taken(stage);
	/* And it is not told twice, but how it goes on is. */
	restart(stage);
	assert_string_equal(passes(stage, 3600), "");
	closes(stage, 0);
	assert_string_equal(passes(stage, 60), "boss recovery a; ops recovery a");
	taken(stage);
}

static void another_configuration_may_have_steps_that_are_due(void **state)
{
	struct stage *stage = *state;

	opens(stage, 0, to_ops);
	(void)passes(stage, 10);
	taken(stage);
	(void)passes(stage, 1000);
	escalate();
	teller_configure(stage->teller, both);
	teller_resume(stage->teller, stage->incidents[0], at(stage), kept(stage));
	assert_string_equal(passes(stage, 10), "boss escalation a");
	taken(stage);
}

static void a_chain_goes_from_one_to_the_next(void **state)
{
	static const struct escalation again[] = { { 900 * SECOND, to_ops } };
	struct stage *stage = *state;

	/* And a circle comes to its end, since everybody knows. */
	escalate();
	boss.escalate = (struct option_steps){ .items = again, .count = 1 };
	opens(stage, 0, to_ops);
	(void)passes(stage, 10);
	taken(stage);
	assert_string_equal(passes(stage, 910), "boss escalation a");
	taken(stage);
	assert_string_equal(passes(stage, 86400), "");
	assert_true(teller_next(stage->teller) == USEC_NEVER);
}

/* --- What is not taken --------------------------------------------------------------------- */

static void fall_back(void)
{
	ops.fallback = (struct fallback){ .to = "boss", .after = 60 * SECOND };
	boss.sends_resolved = true;
}

static void what_is_not_taken_is_told_to_another(void **state)
{
	struct stage *stage = *state;

	fall_back();
	opens(stage, 0, to_ops);
	assert_string_equal(passes(stage, 10), "ops problem a");
	assert_false(ends(stage, DELIVERY_REFUSED, 0));
	assert_string_equal(passes(stage, 69), "");
	assert_string_equal(passes(stage, 1), "boss problem a");
	assert_true(ends(stage, DELIVERY_TAKEN, 0));
	/* The first goes on being tried, and both hear of the end. */
	assert_string_equal(passes(stage, 400), "ops problem a");
	taken(stage);
	closes(stage, 0);
	assert_string_equal(passes(stage, 60), "boss recovery a; ops recovery a");
	taken(stage);
	assert_int_equal(teller_count(stage->teller).sent, 4);
}

static void one_that_hangs_has_not_taken_it_either(void **state)
{
	struct stage *stage = *state;

	fall_back();
	opens(stage, 0, to_ops);
	(void)passes(stage, 10);
	assert_string_equal(passes(stage, 70), "boss problem a");
	taken(stage);
}

static void what_is_given_up_before_is_told_then(void **state)
{
	struct stage *stage = *state;

	fall_back();
	ops.retry.span = 30 * SECOND;
	opens(stage, 0, to_ops);
	(void)passes(stage, 10);
	(void)passes(stage, 31);
	assert_true(ends(stage, DELIVERY_FAILED, 0));
	assert_string_equal(passes(stage, 10), "boss problem a");
	taken(stage);
}

static void what_is_taken_in_time_or_over_is_nobody_elses(void **state)
{
	struct stage *stage = *state;

	fall_back();
	opens(stage, 0, to_ops);
	(void)passes(stage, 10);
	taken(stage);
	opens(stage, 1, to_ops);
	assert_string_equal(passes(stage, 60), "ops problem b");
	closes(stage, 1);
	assert_string_equal(passes(stage, 600), "");
	assert_int_equal(stage->out_count, 1);
	taken(stage);
	assert_string_equal(passes(stage, 1), "ops recovery b");
	taken(stage);
}

static void over_a_restart_it_is_still_not_taken(void **state)
{
	struct stage *stage = *state;

	fall_back();
	stage->keeps = true;
	opens(stage, 0, to_ops);
	assert_string_equal(passes(stage, 10), "ops problem a");
	assert_false(ends(stage, DELIVERY_REFUSED, 0));
	(void)passes(stage, 30);
	restart(stage);
	assert_string_equal(passes(stage, 0), "ops problem a");
	assert_false(ends(stage, DELIVERY_REFUSED, 0));
	assert_string_equal(passes(stage, 39), "");
	assert_string_equal(passes(stage, 1), "boss problem a");
	taken(stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(what_nobody_acknowledges_is_told_to_others_and_so_is_its_end),
		CLAIM(who_was_told_hears_how_it_goes_on),
		CLAIM(what_somebody_knows_of_goes_no_further),
		CLAIM(what_is_over_in_time_goes_no_further),
		CLAIM(what_is_held_goes_no_further_until_it_is_not),
		CLAIM(one_that_is_not_bad_enough_is_told_once_it_is),
		CLAIM(over_a_restart_the_time_goes_on),
		CLAIM(another_configuration_may_have_steps_that_are_due),
		CLAIM(a_chain_goes_from_one_to_the_next),
		CLAIM(what_is_not_taken_is_told_to_another),
		CLAIM(one_that_hangs_has_not_taken_it_either),
		CLAIM(what_is_given_up_before_is_told_then),
		CLAIM(what_is_taken_in_time_or_over_is_nobody_elses),
		CLAIM(over_a_restart_it_is_still_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
