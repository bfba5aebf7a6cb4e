/* quorum.c - claims about probe quorum: what the states of some members say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "harness.h"
#include "model/tally.h"
#include "probe/quorum.h"

/* "UUDP" are the states of 'a', 'b', 'c' and 'd'. */
static struct tally *tally_of(const char *states)
{
	static const struct {
		char letter;
		enum state state;
	} letters[] = {
		{ 'U', STATE_UP },	{ 'W', STATE_DEGRADED }, { 'D', STATE_DOWN },
		{ '?', STATE_UNKNOWN }, { '.', STATE_PENDING },	 { 'P', STATE_PAUSED },
	};
	struct tally *tally = tally_new();

	for (const char *at = states; *at; at++) {
		const char name[] = { (char)('a' + (at - states)), '\0' };
		const struct endpoint endpoint = { .name = name };
		struct watch watch = { .endpoint = &endpoint };

		for (unsigned i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
			if (letters[i].letter == *at)
				watch.standing.state = letters[i].state;
		tally_add(tally, &watch);
	}
	return tally;
}

/* Freed by check_free(). */
static struct check *look(struct harness *harness, unsigned need, const char *states)
{
	struct quorum_options *options = harness_fill(harness, "quorum");
	struct check *check;
	const unsigned before = harness->done;

	options->need = need;
	check = harness_check_of(harness, "quorum", options, 20 * USEC_PER_SEC);
	check->tally = tally_of(states);
	harness_start(harness, check);
	assert_int_equal(harness->done, before);
	harness_wait(harness, before + 1);
	assert_true(check->observation.latency == USEC_NEVER);
	return check;
}

static void expect(struct harness *harness, unsigned need, const char *states,
		   enum failure_class class)
{
	struct check *check = look(harness, need, states);

	assert_int_equal(check->observation.class, class);
	assert_false(check->is_silent);
	check_free(check);
}

static void expect_silence(struct harness *harness, unsigned need, const char *states)
{
	struct check *check = look(harness, need, states);

	assert_true(check->is_silent);
	assert_non_null(check->observation.detail);
	check_free(check);
}

static void enough_that_work_are_enough(void **state)
{
	expect(*state, 2, "UUD", CLASS_NONE);
	expect(*state, 2, "UDD", CLASS_quorum_lost);
	expect(*state, 1, "U", CLASS_NONE);
	expect(*state, 3, "UUU", CLASS_NONE);
	/* One that is degraded works. */
	expect(*state, 2, "WWD", CLASS_NONE);
}

static void what_is_not_known_does_not_matter_where_it_changes_nothing(void **state)
{
	expect(*state, 2, "UU?.", CLASS_NONE);
	expect(*state, 3, "UDD.", CLASS_quorum_lost);
	expect(*state, 3, "DD?U", CLASS_quorum_lost);
}

static void what_is_not_known_and_matters_is_said_to_be_so(void **state)
{
	expect_silence(*state, 2, "...");
	expect_silence(*state, 2, "U.D");
	expect_silence(*state, 3, "U.?");
	/* This host's trouble, and nobody's wait. */
	expect(*state, 2, "U?D", CLASS_local);
	expect(*state, 1, "??", CLASS_local);
	expect_silence(*state, 2, "U?.D");
}

static void who_is_paused_is_not_missed(void **state)
{
	expect(*state, 3, "UUP", CLASS_NONE);
	expect(*state, 3, "UDP", CLASS_quorum_lost);
	expect(*state, 2, "PUU", CLASS_NONE);
	expect(*state, 2, "PUD", CLASS_quorum_lost);
	expect_silence(*state, 2, "PP");
}

static void the_reason_names_those_that_are_missing(void **state)
{
	struct check *check = look(*state, 2, "UDD.");

	assert_true(check->is_silent);
	check_free(check);
	check = look(*state, 3, "UDDU");
	assert_string_equal(check->observation.detail,
			    "2 of 4 are up where 3 must be: 'b' is down, 'c' is down");
	check_free(check);
	check = look(*state, 2, "UDDDDDDD");
	assert_string_equal(check->observation.detail,
			    "1 of 8 is up where 2 must be: 'b' is down, 'c' is down, 'd' is down, "
			    "'e' is down, 'f' is down (and 2 more)");
	check_free(check);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, harness_set_up, harness_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(enough_that_work_are_enough),
		CLAIM(what_is_not_known_does_not_matter_where_it_changes_nothing),
		CLAIM(what_is_not_known_and_matters_is_said_to_be_so),
		CLAIM(who_is_paused_is_not_missed),
		CLAIM(the_reason_names_those_that_are_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
