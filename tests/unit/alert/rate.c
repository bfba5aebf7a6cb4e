/* rate.c - claims about how many messages there are in a minute, and what becomes of the others. */
#include <string.h>

#include "stage.h"

static void each_alone(unsigned rate)
{
	ops.group_by = by_endpoint;
	ops.repeat = 0;
	ops.rate = rate;
}

/* One in each second. */
static void all_open(struct stage *stage)
{
	for (unsigned i = 0; i < INCIDENTS; i++) {
		opens(stage, i, to_ops);
		assert_string_equal(passes(stage, 1), "");
	}
}

static void what_is_over_is_told_together(void **state)
{
	struct stage *stage = *state;

	each_alone(4);
	all_open(stage);
	/* Two at once, and then one in 20 s. */
	assert_string_equal(passes(stage, 4), "ops problem a; ops problem b");
	taken(stage);
	assert_string_equal(passes(stage, 17), "");
	assert_string_equal(passes(stage, 1), "ops problem c,d,e,f,g,h");
	assert_string_equal(stage->out[0]->id + strlen("ops/"), strchr(stage->out[0]->id, '+'));
	taken(stage);
	assert_int_equal(teller_count(stage->teller).limited, 7);
	assert_string_equal(passes(stage, 86400), "");
	assert_int_equal(teller_bundles(stage->teller), 3);
}

static void so_is_its_end(void **state)
{
	struct stage *stage = *state;

	each_alone(4);
	all_open(stage);
	(void)passes(stage, 10);
	taken(stage);
	(void)passes(stage, 3600);
	taken(stage);
	for (unsigned i = 0; i < INCIDENTS; i++) {
		closes(stage, i);
		assert_string_equal(passes(stage, 1), "");
	}
	assert_string_equal(passes(stage, 4), "ops recovery a; ops recovery b");
	taken(stage);
	assert_string_equal(passes(stage, 60), "ops recovery c,d,e,f,g,h");
	taken(stage);
	drop_incidents(stage);
	assert_int_equal(teller_bundles(stage->teller), 0);
}

static void what_was_told_waits_where_it_is(void **state)
{
	struct stage *stage = *state;

	each_alone(1);
	opens(stage, 0, to_ops);
	assert_string_equal(passes(stage, 10), "ops problem a");
	taken(stage);
	(void)passes(stage, 30);
	closes(stage, 0);
	assert_string_equal(passes(stage, 29), "");
	assert_string_equal(passes(stage, 1), "ops recovery a");
	taken(stage);
}

static void there_are_never_more_in_any_minute(void **state)
{
	struct stage *stage = *state;
	usec_t made[64];
	unsigned count = 0;

	each_alone(5);
	ops.group_wait = 0;
	ops.group_interval = SECOND;
	for (unsigned second = 0; second < 600; second++) {
		const unsigned number = second % INCIDENTS;
		const uint64_t before = teller_count(stage->teller).sent;

		if (stage->incidents[number]) {
			closes(stage, number);
			(void)passes(stage, 0);
			taken(stage);
			teller_forget(stage->teller, stage->incidents[number], NULL);
			incident_free(stage->incidents[number]);
			stage->incidents[number] = NULL;
		}
		opens(stage, number, to_ops);
		(void)passes(stage, 1);
		taken(stage);
		for (uint64_t i = before; i < teller_count(stage->teller).sent; i++)
			made[count++] = stage->now;
		assert_true(count < 64);
	}
	assert_true(count > 20);
	for (unsigned i = 5; i < count; i++)
		assert_true(made[i] - made[i - 5] >= 59 * SECOND);
}

static void without_a_rate_there_are_as_many_as_there_are(void **state)
{
	struct stage *stage = *state;

	each_alone(0);
	for (unsigned i = 0; i < INCIDENTS; i++)
		opens(stage, i, to_ops);
	(void)passes(stage, 10);
	while (stage->out_count) {
		taken(stage);
		(void)passes(stage, 0);
	}
	assert_int_equal(teller_count(stage->teller).sent, INCIDENTS);
	assert_int_equal(teller_count(stage->teller).limited, 0);
}

static void over_a_restart_they_stay_together(void **state)
{
	struct stage *stage = *state;

	each_alone(2);
	stage->keeps = true;
	for (unsigned i = 0; i < 3; i++)
		opens(stage, i, to_ops);
	assert_string_equal(passes(stage, 10), "ops problem a");
	taken(stage);
	assert_string_equal(passes(stage, 60), "ops problem b,c");
	taken(stage);
	restart(stage);
	assert_string_equal(passes(stage, 600), "");
	for (unsigned i = 1; i < 3; i++)
		closes(stage, i);
	assert_string_equal(passes(stage, 60), "ops recovery b,c");
	taken(stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(what_is_over_is_told_together),
		CLAIM(so_is_its_end),
		CLAIM(what_was_told_waits_where_it_is),
		CLAIM(there_are_never_more_in_any_minute),
		CLAIM(without_a_rate_there_are_as_many_as_there_are),
		CLAIM(over_a_restart_they_stay_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
