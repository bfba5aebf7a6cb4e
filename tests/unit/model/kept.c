/* kept.c - claims about watches that go to the store and come back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "model/check.h"
#include "model/evidence.h"
#include "model/kept.h"
#include "model/roster.h"
#include "store/row.h"
#include "store/schema.h"

static const struct endpoint endpoint = { .name = "shop" };

struct pair {
	struct roster roster;
	struct watch *from, *to;
	struct pack rows;
};

static int init(void **state)
{
	static struct pair pair;

	pair = (struct pair){ 0 };
	roster_init(&pair.roster);
	pair.from = roster_add(&pair.roster, &endpoint, NULL);
	pair.to = roster_add(&pair.roster, &endpoint, NULL);
	*state = &pair;
	return 0;
}

static int done(void **state)
{
	struct pair *pair = *state;

	roster_done(&pair->roster);
	pack_done(&pair->rows);
	return 0;
}

/* A check at second `at` that failed, or passed where class is CLASS_NONE. */
static void note(struct watch *watch, usec_t at, enum failure_class class)
{
	struct check check = { .endpoint = &endpoint };

	check.observation.wall = at * USEC_PER_SEC + 5 * USEC_PER_MS;
	check.observation.latency = 1500;
	observation_set_phase(&check.observation, PHASE_CONNECT, 400);
	(void)address_parse("192.0.2.7", &check.observation.address);
	check.verdict.kind = class ? VERDICT_FAIL : VERDICT_PASS;
	check.verdict.class = class;
	check.verdict.phase = class ? PHASE_CONNECT : PHASES;
	check.verdict.reason = class ? memory_text("nobody \xe2\x9c\x97 there") : NULL;
	roster_note(watch, &check);
	free(check.verdict.reason);
}

static struct store_row row_of(struct pair *pair)
{
	struct store_row row;
	size_t at = 0;

	kept_pack_watch(pair->from, &pair->rows);
	assert_true(pack_next(&pair->rows, &at, &row));
	assert_int_equal(row.statement, STORE_PUT_ENDPOINT);
	assert_string_equal(kept_name(&row), "shop");
	return row;
}

static void all_of_it_comes_back(void **state)
{
	struct pair *pair = *state;
	struct past_check before[PAST_CHECKS] = { 0 }, after[PAST_CHECKS] = { 0 };
	struct watch *from = pair->from, *to = pair->to;
	struct store_row row;

	from->standing = (struct standing){ .state = STATE_DOWN, .since = 7000001 };
	from->standing.lengths[STREAK_FAIL] = 3;
	from->standing.starts[STREAK_FAIL] = 7000001;
	from->pause_asked = true;
	from->was_good = true;
	for (usec_t at = 1; at <= PAST_CHECKS + 5; at++)
		note(from, at, at % 2 ? CLASS_NONE : CLASS_connect_refused);
	note(from, 100, CLASS_connect_refused);
	from->evidence = evidence_make(memory_text("{\"a\":1}"), 7);

	row = row_of(pair);
	assert_true(kept_take_watch(to, &row));
	assert_int_equal(to->standing.state, STATE_DOWN);
	assert_int_equal(to->standing.leaning, STATE_DOWN);
	assert_int_equal(to->standing.since, 7000001);
	assert_memory_equal(to->standing.lengths, from->standing.lengths,
			    sizeof(to->standing.lengths));
	assert_memory_equal(to->standing.starts, from->standing.starts,
			    sizeof(to->standing.starts));
	assert_true(to->pause_asked);
	assert_true(to->was_good);
	assert_int_equal(to->last.wall, from->last.wall);
	assert_int_equal(to->last.latency, 1500);
	assert_int_equal(to->last.phases_seen, from->last.phases_seen);
	assert_int_equal(to->last.phases[PHASE_CONNECT], 400);
	assert_int_equal(to->last.kind, VERDICT_FAIL);
	assert_int_equal(to->last.class, CLASS_connect_refused);
	assert_int_equal(to->last.phase, PHASE_CONNECT);
	assert_string_equal(to->last.reason, from->last.reason);
	assert_int_equal(to->last.address.family, 4);
	assert_int_equal(recent_read(from->recent, before), PAST_CHECKS);
	assert_int_equal(recent_read(to->recent, after), PAST_CHECKS);
	assert_memory_equal(before, after, sizeof(before));
	assert_string_equal(to->evidence->json, "{\"a\":1}");
	assert_int_equal(to->evidence->len, 7);
}

static void one_that_was_never_checked_comes_back_so(void **state)
{
	struct pair *pair = *state;
	struct store_row row = row_of(pair);

	assert_true(kept_take_watch(pair->to, &row));
	assert_int_equal(pair->to->standing.state, STATE_PENDING);
	assert_int_equal(pair->to->last.wall, 0);
	assert_false(pair->to->was_good);
	assert_null(pair->to->last.reason);
	assert_null(pair->to->evidence);
	assert_int_equal(recent_count(pair->to->recent), 0);
}

static void a_row_without_sense_changes_nothing(void **state)
{
	struct pair *pair = *state;
	struct store_row row = row_of(pair), other;

	other = row;
	other.values[1].data = "sideways";
	assert_false(kept_take_watch(pair->to, &other));
	other = row;
	other.values[1].kind = STORE_NUMBER;
	assert_false(kept_take_watch(pair->to, &other));
	other = row;
	other.count--;
	assert_false(kept_take_watch(pair->to, &other));
	other.count = 0;
	assert_string_equal(kept_name(&other), "");
	assert_int_equal(pair->to->standing.state, STATE_PENDING);
}

/* Only the column is at fault, and only it is left out. */
static void odd_values_are_left_out(void **state)
{
	struct pair *pair = *state;
	struct store_row row;

	note(pair->from, 1, CLASS_timeout);
	row = row_of(pair);
	for (unsigned i = 2; i < row.count; i++) {
		static const char garbage[] = "18446744073709551616 x\n-1 2 maybe\n\n7";

		row.values[i] = (struct store_value){ .kind = i % 2 ? STORE_TEXT : STORE_NUMBER,
						      .number = -5,
						      .data = garbage,
						      .len = sizeof(garbage) - 1 };
	}
	assert_true(kept_take_watch(pair->to, &row));
	assert_false(pair->to->pause_asked);
	assert_int_equal(pair->to->last.class, CLASS_NONE);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, init, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(all_of_it_comes_back),
		CLAIM(one_that_was_never_checked_comes_back_so),
		CLAIM(a_row_without_sense_changes_nothing),
		CLAIM(odd_values_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
