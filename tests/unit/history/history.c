/* history.c - claims about what is kept of checks: in memory, in the file, and over the years. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "history/slo.h"
#include "rig.h"

/* A Monday at midnight. */
static const usec_t start = 1780272000 * USEC_PER_SEC;

static int init(void **state)
{
	static struct rig rig;

	rig_init(&rig, 3, start);
	*state = &rig;
	return 0;
}

static int done(void **state)
{
	rig_done(*state);
	return 0;
}

/* A check of each every half minute; those of e1 fail in the last minute of every hour. */
static void run(struct rig *rig, usec_t until)
{
	while (rig->wall < until) {
		for (unsigned i = 0; i < rig->count; i++)
			rig_check(rig, i, 10000 + 1000 * (rig->wall / USEC_PER_MIN % 10),
				  i == 1 && rig->wall / USEC_PER_MIN % 60 == 59
					  ? CLASS_connect_refused
					  : CLASS_NONE);
		rig_pass(rig, rig->wall + 30 * USEC_PER_SEC);
	}
}

static int64_t query(const struct rig *rig, const char *sql)
{
	char path[96];
	sqlite3 *handle;
	sqlite3_stmt *statement;
	int64_t number;

	(void)snprintf(path, sizeof(path), "%s/picket.db", rig->folder);
	assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	number = sqlite3_column_int64(statement, 0);
	assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
	assert_int_equal(sqlite3_close(handle), SQLITE_OK);
	return number;
}

static void what_is_written_waits_and_is_open_is_one(void **state)
{
	struct rig *rig = *state;
	struct past past;

	run(rig, start + 2 * USEC_PER_HOUR + 7 * USEC_PER_MIN);
	past = rig_ask(rig, 1, start, USEC_PER_HOUR);
	assert_int_equal(past.count, 3);
	assert_int_equal(past.steps[0].checks, 120);
	assert_int_equal(past.steps[0].failed, 2);
	assert_int_equal(past.steps[0].answers, 118);
	assert_int_equal(past.steps[0].least, 10000);
	assert_int_equal(past.steps[0].greatest, 19000);
	assert_in_range(past.steps[0].p50, 13000, 16000);
	assert_int_equal(past.steps[2].checks, 14);
	assert_int_equal(past.whole.checks, 254);
	assert_int_equal(past.whole.failed, 4);
	free(past.steps);
	past = rig_ask(rig, 0, rig->wall - 10 * USEC_PER_MIN, 5 * USEC_PER_MIN);
	/* It begins with the step that the time lies in. */
	assert_int_equal(past.count, 3);
	assert_int_equal(past.whole.checks, 24);
	assert_int_equal(past.whole.failed, 0);
	free(past.steps);
}

static void a_restart_loses_no_check(void **state)
{
	struct rig *rig = *state;
	struct past past;

	run(rig, start + 12 * USEC_PER_MIN);
	rig_stop(rig, false);
	rig_start(rig, start + 13 * USEC_PER_MIN);
	run(rig, start + 20 * USEC_PER_MIN);
	past = rig_ask(rig, 0, start, 5 * USEC_PER_MIN);
	assert_int_equal(past.whole.checks, 24 + 14);
	/* Two pieces of the same five minutes. */
	assert_int_equal(past.steps[2].checks, 4 + 4);
	assert_int_equal(past.whole.times.of[TIME_UNKNOWN], USEC_PER_MIN);
	assert_int_equal(past.whole.times.of[TIME_UP], 19 * USEC_PER_MIN);
	free(past.steps);
}

static void sigkill_loses_ten_minutes_of_checks_at_most_and_no_change(void **state)
{
	struct rig *rig = *state;
	struct past past;

	run(rig, start + 19 * USEC_PER_MIN);
	rig_set_state(rig, 2, STATE_DOWN, rig->wall - USEC_PER_MIN);
	rig_pass(rig, rig->wall + USEC_PER_SEC);
	rig_stop(rig, true);
	rig_start(rig, start + 30 * USEC_PER_MIN);
	past = rig_ask(rig, 2, start, 5 * USEC_PER_MIN);
	assert_in_range(past.whole.checks, 18, 38);
	assert_int_equal(past.whole.times.of[TIME_UP], 18 * USEC_PER_MIN);
	assert_int_equal(past.whole.times.of[TIME_DOWN], USEC_PER_MIN + USEC_PER_SEC);
	free(past.steps);
}

static void minutes_become_hours_and_hours_go(void **state)
{
	struct rig *rig = *state;
	struct past past;

	rig->settings = (struct history_settings){ 2 * USEC_PER_HOUR, USEC_PER_DAY, 1 << 30 };
	history_configure(rig->history, &rig->settings);
	run(rig, start + 6 * USEC_PER_HOUR + 10 * USEC_PER_MIN);
	past = rig_ask(rig, 1, start, USEC_PER_HOUR);
	assert_int_equal(past.count, 7);
	for (unsigned i = 0; i < 6; i++) {
		assert_int_equal(past.steps[i].checks, 120);
		assert_int_equal(past.steps[i].failed, 2);
		assert_int_equal(past.steps[i].least, 10000);
		assert_in_range(past.steps[i].p50, 13000, 16000);
	}
	free(past.steps);
	rig_pass(rig, start + USEC_PER_DAY + 7 * USEC_PER_HOUR);
	/* A day goes when all of it is that old. */
	rig->wall += USEC_PER_DAY;
	rig_pass(rig, rig->wall + 10 * USEC_PER_MIN);
	past = rig_ask(rig, 1, start, USEC_PER_HOUR);
	assert_int_equal(past.whole.checks, 0);
	free(past.steps);
	rig_stop(rig, false);
	assert_int_equal(query(rig, "SELECT count(*) FROM minutes"), 0);
	assert_int_equal(query(rig, "SELECT count(*) FROM hours"), 0);
}

static void the_oldest_goes_where_there_is_too_much(void **state)
{
	struct rig *rig = *state;
	struct past past;

	run(rig, start + 3 * USEC_PER_HOUR);
	rig->settings.store_bytes = 1;
	history_configure(rig->history, &rig->settings);
	rig_pass(rig, rig->wall + 10 * USEC_PER_MIN);
	past = rig_ask(rig, 0, start, USEC_PER_HOUR);
	assert_int_equal(past.whole.checks, 0);
	/* Changes of state are not what makes it large. */
	assert_int_equal(past.whole.times.of[TIME_UP], rig->wall - start);
	free(past.steps);
}

static void what_leaves_and_comes_back_has_its_past(void **state)
{
	struct rig *rig = *state;
	struct watch *watch = rig->roster.watches[1];
	struct times times;
	struct pack rows = { 0 };
	struct store_batch *batch;
	struct past past;

	run(rig, start + 10 * USEC_PER_MIN);
	batch = store_batch_new();
	history_leave(rig->history, watch, rig->wall, store_batch_rows(batch));
	store_submit(rig->store, batch, NULL, NULL);
	history_sum(rig->history, watch, start, rig->wall, &times);
	assert_int_equal(times.of[TIME_UP], 0);
	rig_pass(rig, start + USEC_PER_HOUR);
	/* As new, and up again a minute later. */
	watch->standing.since = rig->wall;
	roster_set_state(&rig->roster, watch, STATE_PENDING);
	history_enter(rig->history, watch);
	rig_pass(rig, rig->wall + USEC_PER_MIN);
	rig_set_state(rig, 1, STATE_UP, rig->wall);
	rig_pass(rig, rig->wall + 9 * USEC_PER_MIN);
	past = rig_ask(rig, 1, start, USEC_PER_HOUR);
	assert_int_equal(past.whole.checks, 20);
	assert_int_equal(past.whole.times.of[TIME_UP], 19 * USEC_PER_MIN);
	assert_int_equal(past.whole.times.of[TIME_UNKNOWN], USEC_PER_MIN);
	assert_int_equal(past.whole.times.of[TIME_NONE], 50 * USEC_PER_MIN);
	free(past.steps);
	pack_done(&rows);
}

static void a_clock_that_jumps_is_time_nobody_looked(void **state)
{
	struct rig *rig = *state;
	struct times times;

	run(rig, start + 10 * USEC_PER_MIN);
	rig->wall += 3 * USEC_PER_HOUR;
	rig_pass(rig, rig->wall + 10 * USEC_PER_MIN);
	history_sum(rig->history, rig->roster.watches[0], start, rig->wall, &times);
	assert_in_range(times.of[TIME_UNKNOWN], 3 * USEC_PER_HOUR,
			3 * USEC_PER_HOUR + 30 * USEC_PER_SEC);
}

static void a_promise_is_used_up_by_what_is_down(void **state)
{
	struct rig *rig = *state;
	struct slo_report report;
	const struct watch *watch = rig->roster.watches[0];

	assert_false(slo_report(rig->history, watch, rig->wall, &report));
	/* 99.9 % of 30 days: 2592 s. */
	rig->endpoints[0].terms = &(const struct terms){
		.slo = { "99.9", 0.999, 30 * USEC_PER_DAY },
	};
	rig_pass(rig, start + 2 * USEC_PER_HOUR);
	assert_true(slo_report(rig->history, watch, rig->wall, &report));
	assert_int_equal(report.budget, 2592 * USEC_PER_SEC);
	assert_int_equal(report.spent, 0);
	assert_true(report.left == 1 && report.burns[0].rate == 0);
	rig_set_state(rig, 0, STATE_DOWN, rig->wall);
	rig_pass(rig, rig->wall + 648 * USEC_PER_SEC);
	rig_set_state(rig, 0, STATE_UP, rig->wall);
	rig_pass(rig, start + 3 * USEC_PER_HOUR);
	assert_true(slo_report(rig->history, watch, rig->wall, &report));
	assert_int_equal(report.spent, 648 * USEC_PER_SEC);
	assert_true(report.left > 0.7499 && report.left < 0.7501);
	/* 18 % of an hour, where 0.1 % is allowed. */
	assert_true(report.burns[0].rate > 179.99 && report.burns[0].rate < 180.01);
	assert_true(report.burns[1].rate > 59.99 && report.burns[1].rate < 60.01);
	/* What is unknown uses up nothing. */
	rig->wall += 4 * USEC_PER_HOUR;
	rig_pass(rig, rig->wall + USEC_PER_MIN);
	assert_true(slo_report(rig->history, watch, rig->wall, &report));
	assert_int_equal(report.spent, 648 * USEC_PER_SEC);
}

static void answers_that_failed_are_no_latencies_unless_they_were_whole(void **state)
{
	struct rig *rig = *state;
	struct past past;

	rig_check(rig, 0, 10000000, CLASS_timeout);
	rig_check(rig, 0, 900000, CLASS_expectation);
	rig_check(rig, 0, 5000, CLASS_local);
	rig_check(rig, 0, 20000, CLASS_NONE);
	rig_check(rig, 0, USEC_NEVER, CLASS_NONE);
	rig_pass(rig, start + USEC_PER_MIN);
	past = rig_ask(rig, 0, start, USEC_PER_HOUR);
	assert_int_equal(past.whole.checks, 5);
	assert_int_equal(past.whole.failed, 2);
	assert_int_equal(past.whole.unknown, 1);
	assert_int_equal(past.whole.answers, 2);
	assert_int_equal(past.whole.greatest, 900000);
	assert_int_equal(past.whole.least, 20000);
	free(past.steps);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, init, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(what_is_written_waits_and_is_open_is_one),
		CLAIM(a_restart_loses_no_check),
		CLAIM(sigkill_loses_ten_minutes_of_checks_at_most_and_no_change),
		CLAIM(minutes_become_hours_and_hours_go),
		CLAIM(the_oldest_goes_where_there_is_too_much),
		CLAIM(what_leaves_and_comes_back_has_its_past),
		CLAIM(a_clock_that_jumps_is_time_nobody_looked),
		CLAIM(a_promise_is_used_up_by_what_is_down),
		CLAIM(answers_that_failed_are_no_latencies_unless_they_were_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
