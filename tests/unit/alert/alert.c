/* alert.c - claims about incidents: when they open, what becomes of them, and what survives. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alert/alert.h"
#include "alert/teller.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/roster.h"
#include "store/row.h"
#include "store/schema.h"

enum { WATCHES = 3 };

static const struct group web = { .name = "web" };
static const char *const to_ops[] = { "ops", NULL };
static const char *const by_group[] = { "group", NULL };
static const struct endpoint endpoints[WATCHES] = {
	{ .name = "a", .group = &web },
	{ .name = "b" },
	{ .name = "c", .notify = to_ops },
};

struct stage {
	struct roster roster;
	struct watch *watches[WATCHES];
	struct teller *teller;
	struct alert *alert;
	struct text
		told; /* "a+ b- …": + opens, > worsens, ~ changes, ! acknowledged, - closes; . is picket */
	struct pack rows;
};

static void told(const struct incident *incident, enum incident_move move, void *context)
{
	static const char marks[] = "+>~!-";
	struct stage *stage = context;

	text_append(&stage->told, stage->told.len ? " " : "");
	text_append(&stage->told, incident->endpoint ? incident->endpoint : ".");
	text_append_char(&stage->told, marks[move]);
}

static void deliver(struct notification *notification, const struct receiver *receiver,
		    void *context)
{
	(void)notification;
	(void)receiver;
	(void)context;
}

static struct moment moment(usec_t wall)
{
	return (struct moment){ .now = wall, .wall = wall };
}

static void enter_watches(struct stage *stage)
{
	struct watch **names = memory_new(WATCHES, sizeof(*names));

	roster_init(&stage->roster);
	for (unsigned i = 0; i < WATCHES; i++)
		names[i] = stage->watches[i] = roster_add(&stage->roster, &endpoints[i], NULL);
	roster_set_names(&stage->roster, names, WATCHES);
}

static int init(void **state)
{
	static struct stage stage;

	stage = (struct stage){ 0 };
	enter_watches(&stage);
	stage.teller = teller_new(deliver, NULL);
	stage.alert = alert_new(stage.teller, told, &stage);
	*state = &stage;
	return 0;
}

static int done(void **state)
{
	struct stage *stage = *state;

	alert_free(stage->alert);
	teller_free(stage->teller);
	roster_done(&stage->roster);
	text_done(&stage->told);
	pack_done(&stage->rows);
	return 0;
}

/* The watch is in `to` since `since`, by a check that ended so; confirmed 10 later. */
static void becomes(struct stage *stage, unsigned number, enum state to, enum failure_class class,
		    usec_t since)
{
	struct watch *watch = stage->watches[number];

	watch->standing.state = to;
	watch->standing.since = since;
	free(watch->last.reason);
	watch->last.reason = class ? memory_text(class_name(class)) : NULL;
	watch->last.class = (uint8_t) class;
	watch->last.kind = class ? VERDICT_FAIL : VERDICT_PASS;
	watch->last.phase = class ? PHASE_CONNECT : PHASES;
	alert_follow(stage->alert, watch, moment(since + 10), &stage->rows);
}

static const struct incident *newest(const struct stage *stage)
{
	return alert_before(stage->alert, NULL);
}

static void one_outage_is_one_incident(void **state)
{
	struct stage *stage = *state;
	const struct incident *incident;

	becomes(stage, 0, STATE_UP, CLASS_NONE, 100);
	becomes(stage, 0, STATE_DOWN, CLASS_timeout, 200);
	incident = newest(stage);
	assert_string_equal(incident->endpoint, "a");
	assert_string_equal(incident->group, "web");
	assert_int_equal(incident->severity, SEVERITY_CRITICAL);
	assert_int_equal(incident->class, CLASS_timeout);
	assert_string_equal(incident->reason, "timeout");
	assert_int_equal(incident->started, 200);
	assert_int_equal(incident->confirmed, 210);
	assert_int_equal(incident->ended, 0);
	assert_int_equal(incident->transition, 1);
	assert_ptr_equal(stage->watches[0]->incident, incident);
	assert_int_equal(alert_open(stage->alert), 1);
	becomes(stage, 0, STATE_UP, CLASS_NONE, 300);
	assert_int_equal(incident->ended, 300);
	assert_int_equal(incident->end, INCIDENT_RECOVERED);
	assert_int_equal(incident->transition, 2);
	assert_null(stage->watches[0]->incident);
	assert_int_equal(alert_open(stage->alert), 0);
	assert_string_equal(stage->told.data, "a+ a-");
}

static void what_gets_worse_stays_one_incident(void **state)
{
	struct stage *stage = *state;

	becomes(stage, 1, STATE_DEGRADED, CLASS_expectation, 200);
	assert_int_equal(newest(stage)->severity, SEVERITY_WARNING);
	becomes(stage, 1, STATE_DOWN, CLASS_reset, 300);
	assert_int_equal(newest(stage)->severity, SEVERITY_CRITICAL);
	assert_int_equal(newest(stage)->class, CLASS_reset);
	assert_int_equal(newest(stage)->started, 200);
	becomes(stage, 1, STATE_DEGRADED, CLASS_expectation, 400);
	becomes(stage, 1, STATE_UP, CLASS_NONE, 500);
	assert_string_equal(stage->told.data, "b+ b> b> b-");
	assert_int_equal(newest(stage)->transition, 4);
}

static void another_class_is_another_move(void **state)
{
	struct stage *stage = *state;
	struct watch *watch = stage->watches[0];

	becomes(stage, 0, STATE_DOWN, CLASS_timeout, 200);
	alert_look(stage->alert, watch, moment(1), NULL);
	assert_string_equal(stage->told.data, "a+");
	watch->last.class = CLASS_reset;
	alert_look(stage->alert, watch, moment(1), NULL);
	alert_look(stage->alert, watch, moment(1), NULL);
	assert_string_equal(stage->told.data, "a+ a~");
	assert_int_equal(newest(stage)->class, CLASS_reset);
	/* Neither a pass that is being confirmed nor what this host lacks is a reason. */
	watch->last.class = CLASS_NONE;
	watch->last.kind = VERDICT_PASS;
	alert_look(stage->alert, watch, moment(1), NULL);
	watch->last.class = CLASS_local;
	watch->last.kind = VERDICT_FAIL;
	alert_look(stage->alert, watch, moment(1), NULL);
	assert_string_equal(stage->told.data, "a+ a~");
}

static void what_this_host_lacks_is_one_incident_of_its_own(void **state)
{
	struct stage *stage = *state;

	becomes(stage, 0, STATE_DOWN, CLASS_timeout, 100);
	for (unsigned i = 0; i < WATCHES; i++)
		becomes(stage, i, STATE_UNKNOWN, CLASS_local, 200 + i);
	assert_null(newest(stage)->endpoint);
	assert_int_equal(newest(stage)->started, 200);
	assert_int_equal(alert_open(stage->alert), 2);
	becomes(stage, 1, STATE_UP, CLASS_NONE, 300);
	becomes(stage, 2, STATE_DOWN, CLASS_timeout, 310);
	becomes(stage, 0, STATE_DOWN, CLASS_timeout, 320);
	assert_string_equal(stage->told.data, "a+ .+ c+ .-");
	assert_ptr_not_equal(stage->watches[0]->incident, NULL);
}

static void what_is_unknown_by_itself_is_its_own_incident(void **state)
{
	struct stage *stage = *state;

	becomes(stage, 0, STATE_UNKNOWN, CLASS_expectation, 200);
	assert_string_equal(newest(stage)->endpoint, "a");
	assert_int_equal(newest(stage)->severity, SEVERITY_WARNING);
	becomes(stage, 0, STATE_UP, CLASS_NONE, 300);
	assert_string_equal(stage->told.data, "a+ a-");
}

static void paused_or_removed_is_over_but_not_recovered(void **state)
{
	struct stage *stage = *state;

	becomes(stage, 0, STATE_DOWN, CLASS_timeout, 100);
	becomes(stage, 1, STATE_DOWN, CLASS_timeout, 101);
	becomes(stage, 0, STATE_PAUSED, CLASS_NONE, 200);
	alert_leave(stage->alert, stage->watches[1], moment(300), &stage->rows);
	assert_string_equal(stage->told.data, "a+ b+ a- b-");
	assert_int_equal(newest(stage)->end, INCIDENT_REMOVED);
	assert_int_equal(newest(stage)->ended, 300);
	assert_int_equal(alert_before(stage->alert, newest(stage))->end, INCIDENT_PAUSED);
}

static void one_is_acknowledged_while_it_is_open(void **state)
{
	struct stage *stage = *state;
	char id[INCIDENT_ID_SIZE];

	becomes(stage, 0, STATE_DOWN, CLASS_timeout, 100);
	memcpy(id, newest(stage)->id, sizeof(id));
	assert_int_equal(
		alert_acknowledge(stage->alert, "nothing000", "root", NULL, moment(1), NULL),
		-ENOENT);
	assert_int_equal(alert_acknowledge(stage->alert, id, "root", "on it", moment(150), NULL),
			 0);
	assert_int_equal(newest(stage)->acknowledged.at, 150);
	assert_string_equal(newest(stage)->acknowledged.by, "root");
	assert_string_equal(newest(stage)->acknowledged.comment, "on it");
	becomes(stage, 0, STATE_UP, CLASS_NONE, 200);
	assert_int_equal(alert_acknowledge(stage->alert, id, "root", NULL, moment(250), NULL),
			 -EALREADY);
	assert_string_equal(stage->told.data, "a+ a! a-");
}

static void ids_come_from_the_name_and_the_first_failing_check(void **state)
{
	struct incident *a = incident_new("shop", NULL, 1234), *b = incident_new("shop", "g", 1234);
	struct incident *c = incident_new("shop", NULL, 1235), *d = incident_new("sho", NULL, 1234);

	(void)state;
	assert_string_equal(a->id, b->id);
	assert_string_not_equal(a->id, c->id);
	assert_string_not_equal(a->id, d->id);
	assert_int_equal(strlen(a->id), INCIDENT_ID_SIZE - 1);
	incident_free(a);
	incident_free(b);
	incident_free(c);
	incident_free(d);
}

/* Everything that was written, read by a new run whose watches are as they were, or gone. */
static void restart(struct stage *stage, const char *kept)
{
	struct store_row row;
	size_t at = 0;

	alert_free(stage->alert);
	stage->alert = alert_new(stage->teller, told, stage);
	text_clear(&stage->told);
	for (unsigned i = 0; i < WATCHES; i++) {
		stage->watches[i]->incident = NULL;
		stage->watches[i]->is_unknown_here = false;
	}
	for (unsigned i = 0; i < WATCHES; i++)
		if (!strchr(kept, endpoints[i].name[0]))
			stage->roster.by_name[--stage->roster.count] = NULL;
	while (pack_next(&stage->rows, &at, &row))
		if (row.statement == STORE_PUT_INCIDENT) {
			/* As it comes back. */
			row.statement = STORE_READ_INCIDENTS;
			alert_take(stage->alert, &row);
		}
	alert_loaded(stage->alert, &stage->roster, moment(1000), NULL);
	while (!alert_retell_some(stage->alert, 7, moment(1000), NULL))
		;
}

static void after_a_restart_an_incident_goes_on(void **state)
{
	struct stage *stage = *state;
	char id[INCIDENT_ID_SIZE];

	becomes(stage, 0, STATE_DOWN, CLASS_timeout, 100);
	memcpy(id, newest(stage)->id, sizeof(id));
	assert_int_equal(
		alert_acknowledge(stage->alert, id, "uid 7", "hm", moment(150), &stage->rows), 0);
	pack_done(&stage->rows);
	alert_pack_begin(stage->alert);
	while (!alert_pack_some(stage->alert, 7, &stage->rows))
		;
	restart(stage, "abc");
	assert_int_equal(stage->told.len, 0);
	assert_int_equal(alert_open(stage->alert), 1);
	assert_string_equal(newest(stage)->id, id);
	assert_int_equal(newest(stage)->transition, 2);
	assert_int_equal(newest(stage)->phase, PHASE_CONNECT);
	assert_int_equal(newest(stage)->confirmed, 110);
	assert_string_equal(newest(stage)->acknowledged.comment, "hm");
	assert_ptr_equal(stage->watches[0]->incident, newest(stage));
	becomes(stage, 0, STATE_UP, CLASS_NONE, 500);
	assert_string_equal(stage->told.data, "a-");
	assert_int_equal(newest(stage)->started, 100);
	assert_int_equal(newest(stage)->ended, 500);
}

static void what_ended_while_nobody_looked_is_closed(void **state)
{
	struct stage *stage = *state;

	becomes(stage, 0, STATE_DOWN, CLASS_timeout, 100);
	becomes(stage, 2, STATE_DOWN, CLASS_timeout, 101);
	becomes(stage, 1, STATE_UNKNOWN, CLASS_local, 102);
	/* Their rows say so, but the states of the watches do not. */
	stage->watches[0]->standing.state = STATE_UP;
	stage->watches[1]->standing.state = STATE_UP;
	restart(stage, "ab");
	assert_string_equal(stage->told.data, "a- c- .-");
	assert_int_equal(alert_open(stage->alert), 0);
}

static void the_incident_of_this_host_goes_on_too(void **state)
{
	struct stage *stage = *state;

	becomes(stage, 1, STATE_UNKNOWN, CLASS_local, 102);
	restart(stage, "abc");
	assert_int_equal(stage->told.len, 0);
	becomes(stage, 1, STATE_UP, CLASS_NONE, 200);
	assert_string_equal(stage->told.data, ".-");
}

static void only_so_many_that_are_over_are_remembered(void **state)
{
	struct stage *stage = *state;
	unsigned count = 0;

	for (unsigned i = 0; i < ALERT_CLOSED_MAX + 10; i++) {
		becomes(stage, 0, STATE_DOWN, CLASS_timeout, 1000 + 20 * i);
		becomes(stage, 0, STATE_UP, CLASS_NONE, 1010 + 20 * i);
	}
	for (const struct incident *one = newest(stage); one;
	     one = alert_before(stage->alert, one), count++)
		assert_true(one->started >= 1000 + 20 * 10);
	assert_int_equal(count, ALERT_CLOSED_MAX);
}

static void closes_many(struct stage *stage, usec_t since)
{
	for (unsigned i = 0; i < ALERT_CLOSED_MAX + 10; i++) {
		becomes(stage, 0, STATE_DOWN, CLASS_timeout, since + 20 * i);
		becomes(stage, 0, STATE_UP, CLASS_NONE, since + 10 + 20 * i);
	}
}

static void none_is_forgotten_whose_end_is_still_to_be_told(void **state)
{
	static const struct receiver ops = {
		.name = "ops",
		.group_by = by_group,
		.group_interval = 1000 * USEC_PER_SEC,
		.sends_resolved = true,
	};
	static const struct receiver *const receivers[] = { &ops, NULL };
	struct stage *stage = *state;
	char id[INCIDENT_ID_SIZE];

	teller_configure(stage->teller, receivers);
	becomes(stage, 2, STATE_DOWN, CLASS_timeout, 100);
	memcpy(id, newest(stage)->id, sizeof(id));
	teller_pump(stage->teller, moment(120), 0, NULL);
	becomes(stage, 2, STATE_UP, CLASS_NONE, 200);
	closes_many(stage, 1000);
	assert_non_null(alert_find(stage->alert, id));
	/* Once it is told it may go. */
	teller_pump(stage->teller, moment(2000 * USEC_PER_SEC), 0, NULL);
	closes_many(stage, 2000 * USEC_PER_SEC);
	assert_null(alert_find(stage->alert, id));
}

static void what_is_closed_at_the_start_makes_room_too(void **state)
{
	struct stage *stage = *state;
	unsigned count = 0;

	becomes(stage, 2, STATE_DOWN, CLASS_timeout, 500);
	for (unsigned i = 0; i < ALERT_CLOSED_MAX; i++) {
		becomes(stage, 0, STATE_DOWN, CLASS_timeout, 1000 + 20 * i);
		becomes(stage, 0, STATE_UP, CLASS_NONE, 1010 + 20 * i);
	}
	/* The oldest of all is the first that is closed, and its neighbour the first to go. */
	pack_done(&stage->rows);
	alert_pack_begin(stage->alert);
	while (!alert_pack_some(stage->alert, 7, &stage->rows))
		;
	restart(stage, "ab");
	assert_string_equal(stage->told.data, "c-");
	for (const struct incident *one = newest(stage); one;
	     one = alert_before(stage->alert, one), count++)
		assert_int_not_equal(one->started, 1000);
	assert_int_equal(count, ALERT_CLOSED_MAX);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, init, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(one_outage_is_one_incident),
		CLAIM(what_gets_worse_stays_one_incident),
		CLAIM(another_class_is_another_move),
		CLAIM(what_this_host_lacks_is_one_incident_of_its_own),
		CLAIM(what_is_unknown_by_itself_is_its_own_incident),
		CLAIM(paused_or_removed_is_over_but_not_recovered),
		CLAIM(one_is_acknowledged_while_it_is_open),
		CLAIM(ids_come_from_the_name_and_the_first_failing_check),
		CLAIM(after_a_restart_an_incident_goes_on),
		CLAIM(what_ended_while_nobody_looked_is_closed),
		CLAIM(the_incident_of_this_host_goes_on_too),
		CLAIM(only_so_many_that_are_over_are_remembered),
		CLAIM(none_is_forgotten_whose_end_is_still_to_be_told),
		CLAIM(what_is_closed_at_the_start_makes_room_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
