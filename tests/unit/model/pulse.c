/* pulse.c - claims about beats that go to the store and come back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "model/kept_pulse.h"
#include "model/roster.h"
#include "store/row.h"
#include "store/schema.h"

#define SECOND USEC_PER_SEC

static const struct endpoint endpoint = { .name = "backup" };

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
	pair.from->pulse = pulse_new();
	pair.to->pulse = pulse_new();
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

/* Through a row, into a daemon whose clock of deadlines is at 5000 s and the wall's at `wall`. */
static bool carry(struct pair *pair, usec_t wall)
{
	struct store_row row;
	size_t at = 0;

	kept_pack_pulse(pair->from, &pair->rows);
	assert_true(pack_next(&pair->rows, &at, &row));
	assert_int_equal(row.statement, STORE_PUT_PULSE);
	return kept_take_pulse(pair->to, &row, (struct instant){ 5000 * SECOND, wall });
}

static void a_pulse_comes_back_with_its_age(void **state)
{
	struct pair *pair = *state;
	struct pulse *pulse = pair->to->pulse;

	pulse_hear(pair->from->pulse, PULSE_START, NULL,
		   (struct instant){ 10 * SECOND, 1000 * SECOND });
	pulse_hear(pair->from->pulse, PULSE_FAIL, memory_text("disk full"),
		   (struct instant){ 40 * SECOND, 1030 * SECOND });
	pulse_hear(pair->from->pulse, PULSE_START, NULL,
		   (struct instant){ 50 * SECOND, 1040 * SECOND });
	assert_true(carry(pair, 1100 * SECOND));
	assert_int_equal(pulse->last, PULSE_FAIL);
	assert_string_equal(pulse->message, "disk full");
	assert_true(pulse->took == 30 * SECOND);
	assert_true(pulse->ended.at == 4930 * SECOND && pulse->ended.wall == 1030 * SECOND);
	assert_true(pulse->began.at == 4940 * SECOND && pulse->began.wall == 1040 * SECOND);
	assert_true(pulse->waits.at == pulse->ended.at);
}

static void one_that_was_never_heard_stays_so(void **state)
{
	struct pair *pair = *state;

	assert_true(carry(pair, 1100 * SECOND));
	assert_int_equal(pair->to->pulse->last, PULSE_NONE);
	assert_true(pair->to->pulse->waits.at == 0 && pair->to->pulse->began.at == 0);
	assert_true(pair->to->pulse->took == USEC_NEVER);
}

static void after_a_clock_that_was_set_back_it_has_just_been(void **state)
{
	struct pair *pair = *state;

	pulse_hear(pair->from->pulse, PULSE_OK, NULL, (struct instant){ SECOND, 9000 * SECOND });
	assert_true(carry(pair, 100 * SECOND));
	assert_true(pair->to->pulse->waits.at == 5000 * SECOND);
}

static void what_is_older_than_the_clock_has_a_time_on_it(void **state)
{
	struct pair *pair = *state;

	pulse_hear(pair->from->pulse, PULSE_OK, NULL, (struct instant){ SECOND, SECOND });
	assert_true(carry(pair, 9000 * SECOND));
	assert_true(pair->to->pulse->waits.at == 1);
}

static void what_was_heard_since_the_start_counts_more(void **state)
{
	struct pair *pair = *state;
	struct pulse *pulse = pair->to->pulse;

	pulse_hear(pair->from->pulse, PULSE_FAIL, NULL, (struct instant){ SECOND, SECOND });
	pulse_hear(pulse, PULSE_OK, NULL, (struct instant){ 4000 * SECOND, 4000 * SECOND });
	assert_false(carry(pair, 5000 * SECOND));
	assert_int_equal(pulse->last, PULSE_OK);
	assert_true(pulse->ended.at == 4000 * SECOND);
}

static void words_have_names_and_names_words(void **state)
{
	for (enum pulse_word word = PULSE_START; word < PULSE_WORDS; word++)
		assert_int_equal(pulse_word_find(pulse_word_name(word)), word);
	assert_int_equal(pulse_word_find("OK"), PULSE_NONE);
	assert_null(pulse_word_name(PULSE_NONE));
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, init, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(a_pulse_comes_back_with_its_age),
		CLAIM(one_that_was_never_heard_stays_so),
		CLAIM(after_a_clock_that_was_set_back_it_has_just_been),
		CLAIM(what_is_older_than_the_clock_has_a_time_on_it),
		CLAIM(what_was_heard_since_the_start_counts_more),
		CLAIM(words_have_names_and_names_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
