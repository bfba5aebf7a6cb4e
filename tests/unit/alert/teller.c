/* teller.c - claims about who is told, what together, when, and how often. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "alert/teller.h"
#include "alert/told.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/row.h"
#include "store/schema.h"

#define SECOND USEC_PER_SEC
#define START  (1000 * SECOND)

enum { INCIDENTS = 8, OUT_MAX = 64 };

static const char *const by_group[] = { "group", NULL };
static const char *const by_endpoint[] = { "endpoint", NULL };
static const char *const to_ops[] = { "ops", NULL };
static const char *const to_both[] = { "ops", "boss", NULL };

static struct receiver ops, boss;
static const struct receiver *const both[] = { &ops, &boss, NULL };

struct stage {
	struct teller *teller;
	struct incident *incidents[INCIDENTS];
	struct endpoint endpoints[INCIDENTS];
	struct watch watches[INCIDENTS];
	struct notification *out[OUT_MAX]; /* in flight */
	unsigned out_count;
	struct text told; /* "ops problem a,b; …" */
	struct pack rows;
	usec_t now;
};

static void deliver(struct notification *notification, const struct receiver *receiver,
		    void *context)
{
	struct stage *stage = context;
	json_t *message = json_loads(notification->json, 0, NULL), *incident;
	size_t i;

	assert_non_null(message);
	assert_string_equal(json_string_value(json_object_get(message, "id")), notification->id);
	text_print(&stage->told, "%s%s %s ", stage->told.len ? "; " : "", receiver->name,
		   notification_event_name(notification->event));
	json_array_foreach(json_object_get(message, "incidents"), i, incident)
	{
		text_append(&stage->told, i ? "," : "");
		text_append(&stage->told, json_string_value(json_object_get(incident, "endpoint")));
	}
	json_decref(message);
	assert_true(stage->out_count < OUT_MAX);
	stage->out[stage->out_count++] = notification;
}

static struct moment at(const struct stage *stage)
{
	return (struct moment){ .now = stage->now, .wall = 1700000000 * SECOND + stage->now };
}

static int init(void **state)
{
	static struct stage stage;

	ops = (struct receiver){
		.name = "ops",
		.group_by = by_group,
		.group_wait = 10 * SECOND,
		.group_interval = 60 * SECOND,
		.repeat = 3600 * SECOND,
		.retry = { .first = SECOND, .max = 300 * SECOND, .span = 600 * SECOND },
		.sends_resolved = true,
	};
	boss = ops;
	boss.name = "boss";
	boss.min_severity = SEVERITY_CRITICAL;
	boss.sends_resolved = false;
	stage = (struct stage){ .now = START };
	stage.teller = teller_new(deliver, &stage);
	teller_configure(stage.teller, both);
	*state = &stage;
	return 0;
}

static void drop_incidents(struct stage *stage)
{
	for (unsigned i = 0; i < INCIDENTS; i++) {
		if (!stage->incidents[i])
			continue;
		teller_forget(stage->teller, stage->incidents[i], NULL);
		incident_free(stage->incidents[i]);
		stage->incidents[i] = NULL;
	}
}

static int done(void **state)
{
	struct stage *stage = *state;

	drop_incidents(stage);
	teller_free(stage->teller);
	text_done(&stage->told);
	pack_done(&stage->rows);
	return 0;
}

static struct incident *make(struct stage *stage, unsigned number, const char *const *notify)
{
	static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g", "h" };
	struct incident *incident = incident_new(names[number], "web", START + number);

	stage->endpoints[number] = (struct endpoint){ .name = names[number], .notify = notify };
	stage->watches[number] = (struct watch){ .endpoint = &stage->endpoints[number] };
	incident->watch = &stage->watches[number];
	incident->state = STATE_DOWN;
	incident->severity = SEVERITY_CRITICAL;
	stage->incidents[number] = incident;
	return incident;
}

static void opens(struct stage *stage, unsigned number, const char *const *notify)
{
	teller_follow(stage->teller, make(stage, number, notify), INCIDENT_OPENS, at(stage));
}

static void closes(struct stage *stage, unsigned number)
{
	struct incident *incident = stage->incidents[number];

	incident->end = INCIDENT_RECOVERED;
	incident->ended = START + stage->now;
	incident->watch = NULL;
	incident->notable = ++incident->transition;
	teller_follow(stage->teller, incident, INCIDENT_CLOSES, at(stage));
}

/* Everything that comes up to `seconds` from now; what was told meanwhile. */
static const char *passes(struct stage *stage, unsigned seconds)
{
	const usec_t until = stage->now + seconds * SECOND;

	text_clear(&stage->told);
	while (teller_next(stage->teller) <= until) {
		if (teller_next(stage->teller) > stage->now)
			stage->now = teller_next(stage->teller);
		teller_pump(stage->teller, at(stage), 0, NULL);
	}
	stage->now = until;
	return text_string(&stage->told);
}

/* The end of the oldest delivery; whether it was the message's end too. */
static bool ends(struct stage *stage, enum delivery_outcome outcome, usec_t retry_after)
{
	const struct delivery_result result = { outcome, retry_after, "so" };
	struct notification *first = stage->out[0];

	assert_true(stage->out_count > 0);
	stage->out_count--;
	memmove(stage->out, stage->out + 1, stage->out_count * sizeof(stage->out[0]));
	return teller_done(stage->teller, first, &result, at(stage), NULL);
}

static void taken(struct stage *stage)
{
	while (stage->out_count)
		assert_true(ends(stage, DELIVERY_TAKEN, 0));
}

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
	teller_follow(stage->teller, incident, INCIDENT_OPENS, at(stage));
	assert_string_equal(passes(stage, 10), "ops problem a");
	taken(stage);
	incident->severity = SEVERITY_CRITICAL;
	incident->notable = ++incident->transition;
	teller_follow(stage->teller, incident, INCIDENT_WORSENS, at(stage));
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
	const struct told *told;
	unsigned tries;

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
	told = stage->incidents[0]->told;
	assert_int_equal(told_state(told, &tries), NOTIFICATION_FAILED);
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
	teller_resume(stage->teller, stage->incidents[0], at(stage));
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

/* A new run that has read what was written; nobody hears of the old one any more. */
static void restart(struct stage *stage)
{
	struct store_row row;
	size_t place = 0;

	for (unsigned i = 0; i < INCIDENTS; i++)
		if (stage->incidents[i])
			teller_forget(stage->teller, stage->incidents[i], NULL);
	teller_free(stage->teller);
	stage->out_count = 0;
	stage->teller = teller_new(deliver, stage);
	teller_configure(stage->teller, both);
	while (pack_next(&stage->rows, &place, &row)) {
		if (row.statement == STORE_PUT_TOLD)
			for (unsigned i = 0; i < INCIDENTS; i++)
				if (stage->incidents[i] &&
				    strcmp(stage->incidents[i]->id, told_incident(&row)) == 0)
					teller_take_told(stage->teller, stage->incidents[i], &row);
		if (row.statement == STORE_PUT_NOTIFICATION)
			teller_take_notification(stage->teller, &row, stage->now);
	}
	for (unsigned i = 0; i < INCIDENTS; i++)
		if (stage->incidents[i])
			teller_resume(stage->teller, stage->incidents[i], at(stage));
}

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

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, init, done)

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
		CLAIM(one_that_hangs_holds_up_no_other),
		CLAIM(a_message_waits_for_the_disk_but_not_for_ever),
		CLAIM(after_a_restart_nobody_hears_twice_what_he_knows),
		CLAIM(what_was_not_told_before_a_restart_is_told_after_it),
		CLAIM(a_receiver_that_is_gone_holds_nothing_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
