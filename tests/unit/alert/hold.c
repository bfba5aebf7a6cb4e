/* hold.c - claims about what nobody is told of for some time, and what is told afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "alert/alert.h"
#include "alert/teller.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/roster.h"
#include "store/row.h"
#include "store/schema.h"

#define SECOND USEC_PER_SEC

enum { WATCHES = 3 };

static const char *const by_group[] = { "group", NULL };
static const char *const to_ops[] = { "ops", NULL };
static struct receiver ops;
static const struct receiver *const receivers[] = { &ops, NULL };
static const struct endpoint endpoints[WATCHES] = {
	{ .name = "a", .notify = to_ops },
	{ .name = "b", .notify = to_ops },
	{ .name = "c", .notify = to_ops },
};

struct stage {
	struct roster roster;
	struct watch *watches[WATCHES];
	struct teller *teller;
	struct alert *alert;
	const char *quiet; /* names of what is held, each a letter; '.' is picket itself */
	bool tells_ends; /* but for that it is over */
	struct notification *out; /* in flight */
	struct text told; /* "problem a,b; recovery a" */
	struct pack rows;
	usec_t now;
};

static struct moment at(const struct stage *stage)
{
	return (struct moment){ .now = stage->now, .wall = 1700000000 * SECOND + stage->now };
}

static bool is_held(const struct incident *incident, bool is_over, void *context)
{
	const struct stage *stage = context;

	if (is_over && stage->tells_ends)
		return false;
	return strchr(stage->quiet, incident->endpoint ? *incident->endpoint : '.');
}

static void moved(const struct incident *incident, enum incident_move move, void *context)
{
	(void)incident;
	(void)move;
	(void)context;
}

static void deliver(struct notification *notification, const struct receiver *receiver,
		    void *context)
{
	struct stage *stage = context;
	json_t *message = json_loads(notification->json, 0, NULL), *incident, *name;
	size_t i;

	(void)receiver;
	text_print(&stage->told, "%s%s ", stage->told.len ? "; " : "",
		   notification_event_name(notification->event));
	json_array_foreach(json_object_get(message, "incidents"), i, incident)
	{
		name = json_object_get(incident, "endpoint");
		text_append(&stage->told, i ? "," : "");
		text_append(&stage->told, json_is_string(name) ? json_string_value(name) : ".");
	}
	json_decref(message);
	assert_null(stage->out);
	stage->out = notification;
}

static void open_house(struct stage *stage)
{
	stage->teller = teller_new(deliver, stage);
	teller_configure(stage->teller, receivers);
	stage->alert = alert_new(stage->teller, moved, stage);
	alert_set_held(stage->alert, is_held, stage);
}

static int init(void **state)
{
	static struct stage stage;
	struct watch **names = memory_new(WATCHES, sizeof(*names));

	ops = (struct receiver){
		.name = "ops",
		.group_by = by_group,
		.group_wait = SECOND,
		.group_interval = SECOND,
		.repeat = 3600 * SECOND,
		.retry = { .first = SECOND, .max = 10 * SECOND, .span = 600 * SECOND },
		.sends_resolved = true,
	};
	stage = (struct stage){ .now = 10000 * SECOND, .quiet = "" };
	roster_init(&stage.roster);
	for (unsigned i = 0; i < WATCHES; i++)
		names[i] = stage.watches[i] = roster_add(&stage.roster, &endpoints[i], NULL);
	roster_set_names(&stage.roster, names, WATCHES);
	open_house(&stage);
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

static void becomes(struct stage *stage, char name, enum state to)
{
	struct watch *watch = stage->watches[name - 'a'];

	watch->standing.state = to;
	watch->standing.since = at(stage).wall;
	watch->last.class = to == STATE_UNKNOWN ? CLASS_local : CLASS_timeout;
	watch->last.kind = to == STATE_UP ? VERDICT_PASS : VERDICT_FAIL;
	watch->last.phase = PHASE_CONNECT;
	alert_follow(stage->alert, watch, at(stage), &stage->rows);
}

static void hold(struct stage *stage, const char *quiet)
{
	stage->quiet = quiet;
	for (unsigned i = 0; i < WATCHES; i++)
		(void)alert_hold(stage->alert, stage->watches[i], at(stage), &stage->rows);
	(void)alert_hold_rest(stage->alert, 100, at(stage), &stage->rows);
}

/* Incidents that are over, and whose end is yet to be told. */
static unsigned owed(struct stage *stage)
{
	return alert_hold_rest(stage->alert, 0, at(stage), NULL);
}

/* What is told within so many seconds; all of it is taken. */
static const char *passes(struct stage *stage, unsigned seconds)
{
	static const struct delivery_result taken = { DELIVERY_TAKEN, 0, "so" };
	const usec_t until = stage->now + seconds * SECOND;

	text_clear(&stage->told);
	while (teller_next(stage->teller) <= until) {
		if (teller_next(stage->teller) > stage->now)
			stage->now = teller_next(stage->teller);
		teller_pump(stage->teller, at(stage), 0, &stage->rows);
		teller_stored(stage->teller, 1, stage->now);
		if (!stage->out)
			continue;
		(void)teller_done(stage->teller, stage->out, &taken, at(stage), &stage->rows);
		stage->out = NULL;
	}
	stage->now = until;
	return text_string(&stage->told);
}

static void what_is_still_wrong_is_told_when_it_may_be(void **state)
{
	struct stage *stage = *state;

	hold(stage, "a");
	becomes(stage, 'a', STATE_DOWN);
	becomes(stage, 'b', STATE_DOWN);
	assert_string_equal(passes(stage, 100), "problem b");
	assert_int_equal(alert_open(stage->alert), 2);
	hold(stage, "");
	assert_string_equal(passes(stage, 5), "problem a");
	becomes(stage, 'a', STATE_UP);
	assert_string_equal(passes(stage, 5), "recovery a");
}

static void what_waits_to_be_told_is_kept_back_too(void **state)
{
	struct stage *stage = *state;

	becomes(stage, 'a', STATE_DOWN);
	hold(stage, "a");
	assert_string_equal(passes(stage, 100), "");
	assert_int_equal(teller_next(stage->teller), USEC_NEVER);
	hold(stage, "");
	assert_string_equal(passes(stage, 5), "problem a");
}

static void what_came_and_went_meanwhile_is_never_told(void **state)
{
	struct stage *stage = *state;

	hold(stage, "a");
	becomes(stage, 'a', STATE_DOWN);
	becomes(stage, 'a', STATE_UP);
	hold(stage, "");
	assert_string_equal(passes(stage, 100000), "");
}

static void who_knows_of_it_hears_of_its_end_afterwards(void **state)
{
	struct stage *stage = *state;

	becomes(stage, 'a', STATE_DOWN);
	assert_string_equal(passes(stage, 5), "problem a");
	hold(stage, "a");
	becomes(stage, 'a', STATE_UP);
	assert_string_equal(passes(stage, 100000), "");
	/* Another outage of the same, which is told beside the end of the first. */
	becomes(stage, 'a', STATE_DOWN);
	assert_string_equal(passes(stage, 100), "");
	assert_int_equal(owed(stage), 1);
	hold(stage, "");
	assert_string_equal(passes(stage, 5), "problem a,a");
	assert_int_equal(owed(stage), 0);
	assert_string_equal(passes(stage, 100), "");
}

static void who_knows_of_it_hears_of_its_end_at_once_where_that_is_not_held(void **state)
{
	struct stage *stage = *state;

	stage->tells_ends = true;
	becomes(stage, 'a', STATE_DEGRADED);
	assert_string_equal(passes(stage, 5), "problem a");
	hold(stage, "ab");
	becomes(stage, 'a', STATE_DOWN);
	becomes(stage, 'b', STATE_DOWN);
	assert_string_equal(passes(stage, 100), "");
	becomes(stage, 'a', STATE_UP);
	/* What nobody was told of is over without a word. */
	becomes(stage, 'b', STATE_UP);
	assert_string_equal(passes(stage, 5), "recovery a");
	assert_int_equal(owed(stage), 0);
	/* Another one of the same is held again, until it is told at the end. */
	becomes(stage, 'a', STATE_DOWN);
	assert_string_equal(passes(stage, 100), "");
	hold(stage, "");
	assert_string_equal(passes(stage, 5), "problem a");
}

static void what_was_on_its_way_to_be_told_and_is_over_is_not_told(void **state)
{
	struct stage *stage = *state;

	stage->tells_ends = true;
	becomes(stage, 'a', STATE_DOWN);
	hold(stage, "a");
	becomes(stage, 'a', STATE_UP);
	hold(stage, "");
	assert_string_equal(passes(stage, 100), "");
}

static void what_got_worse_is_told_as_bad_as_it_is_then(void **state)
{
	struct stage *stage = *state;

	becomes(stage, 'a', STATE_DEGRADED);
	assert_string_equal(passes(stage, 5), "problem a");
	hold(stage, "a");
	becomes(stage, 'a', STATE_DOWN);
	becomes(stage, 'a', STATE_DEGRADED);
	becomes(stage, 'a', STATE_DOWN);
	assert_string_equal(passes(stage, 100), "");
	hold(stage, "");
	assert_string_equal(passes(stage, 5), "update a");
	assert_string_equal(passes(stage, 100), "");
}

static void nobody_is_reminded_of_it(void **state)
{
	struct stage *stage = *state;

	becomes(stage, 'a', STATE_DOWN);
	becomes(stage, 'b', STATE_DOWN);
	assert_string_equal(passes(stage, 5), "problem a,b");
	hold(stage, "a");
	assert_string_equal(passes(stage, 3600), "reminder b");
	hold(stage, "ab");
	assert_string_equal(passes(stage, 7200), "");
	/* It is time for one, and there is something to be reminded of again. */
	hold(stage, "");
	assert_string_equal(passes(stage, 5), "reminder a,b");
}

static void what_is_of_picket_itself_can_be_held(void **state)
{
	struct stage *stage = *state;

	hold(stage, ".");
	becomes(stage, 'a', STATE_UNKNOWN);
	assert_string_equal(passes(stage, 100), "");
	hold(stage, "");
	assert_string_equal(passes(stage, 5), "problem .");
}

/* A new run that reads what was written. */
static void restart(struct stage *stage)
{
	struct store_row row;
	size_t place = 0;

	alert_free(stage->alert);
	teller_free(stage->teller);
	open_house(stage);
	for (unsigned i = 0; i < WATCHES; i++)
		stage->watches[i]->incident = NULL;
	while (pack_next(&stage->rows, &place, &row)) {
		if (row.statement == STORE_PUT_INCIDENT)
			row.statement = STORE_READ_INCIDENTS;
		else if (row.statement == STORE_PUT_TOLD)
			row.statement = STORE_READ_TOLD;
		else
			continue;
		alert_take(stage->alert, &row);
	}
	alert_loaded(stage->alert, &stage->roster, at(stage), NULL);
	while (!alert_retell_some(stage->alert, 1, at(stage), NULL))
		;
}

static void over_a_restart_it_is_kept_back_as_before(void **state)
{
	struct stage *stage = *state;

	becomes(stage, 'a', STATE_DOWN);
	becomes(stage, 'b', STATE_DOWN);
	assert_string_equal(passes(stage, 5), "problem a,b");
	hold(stage, "abc");
	becomes(stage, 'b', STATE_UP);
	becomes(stage, 'c', STATE_DOWN);
	assert_string_equal(passes(stage, 5), "");
	pack_done(&stage->rows);
	alert_pack_begin(stage->alert);
	while (!alert_pack_some(stage->alert, 100, &stage->rows))
		;
	restart(stage);
	assert_string_equal(passes(stage, 3600), "");
	assert_int_equal(owed(stage), 1);
	hold(stage, "a");
	assert_string_equal(passes(stage, 5), "problem c,b");
	hold(stage, "");
	assert_string_equal(passes(stage, 3700), "reminder c,a");
}

static void more_than_are_remembered_can_be_owed(void **state)
{
	struct stage *stage = *state;

	becomes(stage, 'a', STATE_DOWN);
	assert_string_equal(passes(stage, 5), "problem a");
	hold(stage, "a");
	becomes(stage, 'a', STATE_UP);
	for (unsigned i = 0; i < ALERT_CLOSED_MAX + 10; i++) {
		stage->now += SECOND;
		becomes(stage, 'b', STATE_DOWN);
		becomes(stage, 'b', STATE_UP);
	}
	hold(stage, "");
	assert_string_equal(passes(stage, 5), "recovery a");
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, init, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(what_is_still_wrong_is_told_when_it_may_be),
		CLAIM(what_waits_to_be_told_is_kept_back_too),
		CLAIM(what_came_and_went_meanwhile_is_never_told),
		CLAIM(who_knows_of_it_hears_of_its_end_afterwards),
		CLAIM(who_knows_of_it_hears_of_its_end_at_once_where_that_is_not_held),
		CLAIM(what_was_on_its_way_to_be_told_and_is_over_is_not_told),
		CLAIM(what_got_worse_is_told_as_bad_as_it_is_then),
		CLAIM(nobody_is_reminded_of_it),
		CLAIM(what_is_of_picket_itself_can_be_held),
		CLAIM(over_a_restart_it_is_kept_back_as_before),
		CLAIM(more_than_are_remembered_can_be_owed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
