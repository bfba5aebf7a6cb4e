/* resume.c - claims about what is known after a restart, a change of receivers, and of many. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "stage.h"

static void after_a_restart_nobody_hears_twice_what_he_knows(void **state)
{
	struct stage *stage = *state;
	char *id;

	opens(stage, 0, to_ops);
	stage->now += 10 * SECOND;
	teller_pump(stage->teller, at(stage), 1, &stage->rows);
	(void)passes(stage, 2);
	id = memory_text(stage->out[0]->id);
	/* It was on its way: it goes once more, as the same one. */
	restart(stage);
	assert_string_equal(passes(stage, 0), "ops problem a");
	assert_string_equal(stage->out[0]->id, id);
	taken(stage);
	free(id);
	/* What comes then is news, and no earlier than the interval says. */
	closes(stage, 0);
	assert_string_equal(passes(stage, 50), "");
	assert_string_equal(passes(stage, 50), "ops recovery a");
	taken(stage);
}

static void what_was_not_told_before_a_restart_is_told_after_it(void **state)
{
	struct stage *stage = *state;

	opens(stage, 0, to_ops);
	opens(stage, 1, to_ops);
	assert_string_equal(passes(stage, 5), "");
	restart(stage);
	assert_string_equal(passes(stage, 10), "ops problem a,b");
	taken(stage);
}

static void a_receiver_that_is_gone_holds_nothing_up(void **state)
{
	static const struct receiver *const nobody[] = { NULL };
	struct stage *stage = *state;

	opens(stage, 0, to_ops);
	teller_configure(stage->teller, nobody);
	assert_string_equal(passes(stage, 100), "");
	closes(stage, 0);
	assert_string_equal(passes(stage, 100), "");
	assert_true(teller_next(stage->teller) == USEC_NEVER);
}

static void what_ended_while_nobody_wanted_to_hear_it_is_not_told_later(void **state)
{
	static const struct receiver *const nobody[] = { NULL };
	struct stage *stage = *state;

	stage->keeps = true;
	opens(stage, 0, to_ops);
	opens(stage, 1, to_ops);
	(void)passes(stage, 10);
	taken(stage);
	/* Without the end, and then with it again. */
	ops.sends_resolved = false;
	closes(stage, 0);
	(void)passes(stage, 100);
	ops.sends_resolved = true;
	teller_resume(stage->teller, stage->incidents[0], at(stage), kept(stage));
	assert_string_equal(passes(stage, 100), "");
	/* Not configured, and then back. */
	teller_configure(stage->teller, nobody);
	closes(stage, 1);
	(void)passes(stage, 100);
	teller_configure(stage->teller, both);
	teller_resume(stage->teller, stage->incidents[1], at(stage), kept(stage));
	assert_string_equal(passes(stage, 100), "");
	restart(stage);
	assert_string_equal(passes(stage, 100), "");
}

/* The end was to be told when nobody wanted to hear it any more. */
static void an_end_that_waits_is_dropped_with_the_wish_for_it(void **state)
{
	struct stage *stage = *state;

	stage->keeps = true;
	opens(stage, 0, to_ops);
	(void)passes(stage, 10);
	taken(stage);
	closes(stage, 0);
	assert_false(teller_is_settled(stage->incidents[0]));
	ops.sends_resolved = false;
	teller_resume(stage->teller, stage->incidents[0], at(stage), kept(stage));
	assert_true(teller_is_settled(stage->incidents[0]));
	assert_string_equal(passes(stage, 100), "");
	ops.sends_resolved = true;
	restart(stage);
	assert_string_equal(passes(stage, 100), "");
}

static enum notification_state state_of(const struct stage *stage, unsigned number)
{
	return stage->incidents[number]->told->message->state;
}

static void what_became_of_a_message_is_known_after_a_restart(void **state)
{
	static const struct receiver *const nobody[] = { NULL };
	struct stage *stage = *state;

	stage->keeps = true;
	ops.group_by = by_endpoint;
	for (unsigned i = 0; i < 4; i++) {
		opens(stage, i, to_ops);
		(void)passes(stage, 1);
	}
	(void)passes(stage, 10);
	assert_int_equal(stage->out_count, 4);
	assert_int_equal(state_of(stage, 0), NOTIFICATION_QUEUED);
	stage->out[0]->since -= 700 * SECOND;
	assert_true(ends(stage, DELIVERY_FAILED, 0));
	assert_true(ends(stage, DELIVERY_TAKEN, 0));
	assert_false(ends(stage, DELIVERY_FAILED, 0));
	restart(stage);
	assert_int_equal(state_of(stage, 0), NOTIFICATION_GIVEN_UP);
	assert_int_equal(state_of(stage, 1), NOTIFICATION_SENT);
	assert_int_equal(state_of(stage, 2), NOTIFICATION_QUEUED);
	assert_int_equal(state_of(stage, 3), NOTIFICATION_QUEUED);
	assert_int_equal(teller_count(stage->teller).queued, 2);
	/* Nobody is there for these; and whoever returns is told what still goes on. */
	teller_configure(stage->teller, nobody);
	(void)passes(stage, 1000);
	assert_int_equal(state_of(stage, 2), NOTIFICATION_DROPPED);
	assert_int_equal(teller_count(stage->teller).queued, 0);
	restart(stage);
	assert_int_equal(state_of(stage, 1), NOTIFICATION_SENT);
	assert_int_equal(state_of(stage, 2), NOTIFICATION_DROPPED);
	assert_string_equal(passes(stage, 10), "ops problem c; ops problem d");
	taken(stage);
}

/* One that is always due again must not take the places of those that wait. */
static void whoever_waits_longest_for_a_place_is_next(void **state)
{
	struct stage *stage = *state;

	ops.group_by = by_endpoint;
	ops.retry.first = ops.retry.max = SECOND;
	for (unsigned i = 0; i < INCIDENTS; i++)
		opens(stage, i, to_ops);
	(void)passes(stage, 10);
	for (unsigned i = 0; i < 4 * INCIDENTS; i++) {
		assert_false(ends(stage, DELIVERY_FAILED, 0));
		(void)passes(stage, 2);
		assert_int_equal(stage->out_count, TELLER_IN_FLIGHT_MAX);
	}
	for (unsigned i = 0; i < INCIDENTS; i++)
		assert_true(stage->incidents[i]->told->message->tries >= 3);
	while (stage->out_count) {
		taken(stage);
		(void)passes(stage, 0);
	}
}

static void nothing_is_left_of_groups_that_are_over(void **state)
{
	struct stage *stage = *state;

	ops.group_by = by_endpoint;
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < INCIDENTS; i++)
			opens(stage, i, to_ops);
		(void)passes(stage, 10);
		assert_int_equal(teller_bundles(stage->teller), INCIDENTS);
		while (stage->out_count) {
			taken(stage);
			(void)passes(stage, 0);
		}
		drop_incidents(stage);
		assert_int_equal(teller_bundles(stage->teller), 0);
	}
}

/* More incidents than a turn notes: the message goes out behind the last, and what happens to
 * some of them in between is told after it.
 */
static void many_are_told_in_slices(void **state)
{
	static struct incident *many[2 * TELLER_STEPS_MAX];
	static struct watch watches[2 * TELLER_STEPS_MAX];
	static struct endpoint endpoints[2 * TELLER_STEPS_MAX];
	enum { MANY = 2 * TELLER_STEPS_MAX };
	struct stage *stage = *state;
	unsigned turns = 0;
	char name[16];

	stage->keeps = true;
	for (unsigned i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "m%u", i);
		many[i] = incident_new(name, "web", START);
		endpoints[i] = (struct endpoint){ .name = many[i]->endpoint, .notify = to_ops };
		watches[i] = (struct watch){ .endpoint = &endpoints[i] };
		many[i]->watch = &watches[i];
		many[i]->state = STATE_DOWN;
		many[i]->severity = SEVERITY_CRITICAL;
		teller_follow(stage->teller, many[i], INCIDENT_OPENS, at(stage), kept(stage));
	}
	stage->now += 10 * SECOND;
	teller_pump(stage->teller, at(stage), ++stage->batch, kept(stage));
	assert_int_equal(teller_next(stage->teller), 0);
	/* One of those that are not noted yet ends meanwhile: it is told to have begun, and ended. */
	many[MANY - 1]->end = INCIDENT_RECOVERED;
	many[MANY - 1]->ended = START + stage->now;
	many[MANY - 1]->notable = ++many[MANY - 1]->transition;
	teller_follow(stage->teller, many[MANY - 1], INCIDENT_CLOSES, at(stage), kept(stage));
	assert_int_equal(many[MANY - 1]->told->transition, 1);
	for (; stage->out_count == 0; turns++) {
		teller_pump(stage->teller, at(stage), ++stage->batch, kept(stage));
		teller_stored(stage->teller, stage->batch, stage->now);
	}
	assert_int_equal(turns, 2);
	assert_non_null(strstr(stage->out[0]->json, "\"problems\":800"));
	assert_non_null(strstr(stage->out[0]->json, "\"omitted\":700"));
	for (unsigned i = 0; i < MANY; i++)
		assert_int_equal(many[i]->told->transition, 1);
	taken(stage);
	assert_string_equal(passes(stage, 60), "ops recovery m799");
	assert_non_null(strstr(stage->out[0]->json, "\"open\":799"));
	taken(stage);
	for (unsigned i = 0; i < MANY; i++) {
		teller_forget(stage->teller, many[i], NULL);
		incident_free(many[i]);
	}
}

/* The end comes between two slices: nobody got the message, so all of it is told again. */
static void half_a_message_is_none(void **state)
{
	struct stage *stage = *state;
	struct pack rows;

	stage->keeps = true;
	opens(stage, 0, to_ops);
	opens(stage, 1, to_ops);
	(void)passes(stage, 10);
	/* All but the row of the message itself, which is the last one. */
	rows = stage->rows;
	stage->rows = (struct pack){ 0 };
	text_append_len(&stage->rows.bytes, rows.bytes.data, rows.begun);
	stage->rows.rows = rows.rows - 1;
	pack_done(&rows);
	restart(stage);
	assert_string_equal(passes(stage, 10), "ops problem a,b");
	taken(stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(after_a_restart_nobody_hears_twice_what_he_knows),
		CLAIM(what_was_not_told_before_a_restart_is_told_after_it),
		CLAIM(a_receiver_that_is_gone_holds_nothing_up),
		CLAIM(what_ended_while_nobody_wanted_to_hear_it_is_not_told_later),
		CLAIM(an_end_that_waits_is_dropped_with_the_wish_for_it),
		CLAIM(what_became_of_a_message_is_known_after_a_restart),
		CLAIM(whoever_waits_longest_for_a_place_is_next),
		CLAIM(nothing_is_left_of_groups_that_are_over),
		CLAIM(many_are_told_in_slices),
		CLAIM(half_a_message_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
