/* ping.c - claims about probe ping, to addresses of this host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness.h"
#include "model/echo.h"
#include "probe/ping.h"

static struct check *run(struct harness *harness, const char *host, unsigned count, usec_t timeout)
{
	struct ping_options *options = harness_fill(harness, "ping");
	struct check *check;
	const unsigned before = harness->done;

	options->host = host;
	options->count = count;
	options->spacing = USEC_PER_MS;
	check = harness_check_of(harness, "ping", options, timeout);
	harness_start(harness, check);
	assert_int_equal(harness->done, before);
	harness_wait(harness, before + 1);
	return check;
}

/* A container without CAP_NET_RAW and without the group pings nobody, and says so. */
static bool is_allowed(struct harness *harness)
{
	struct check *check = run(harness, "127.0.0.1", 1, 20 * USEC_PER_SEC);
	const bool is_local = check->observation.class == CLASS_local;

	if (is_local)
		assert_non_null(strstr(check->observation.detail, "CAP_NET_RAW"));
	check_free(check);
	return !is_local;
}

static void what_comes_back_is_counted_and_timed(void **state)
{
	static const char *const hosts[] = { "127.3.2.1", "::1", "localhost" };

	if (!is_allowed(*state))
		skip();
	for (size_t i = 0; i < 3; i++) {
		struct check *check = run(*state, hosts[i], 4, 20 * USEC_PER_SEC);
		const struct observation *seen = &check->observation;

		assert_int_equal(seen->class, CLASS_NONE);
		assert_int_equal(seen->echo->sent, 4);
		assert_int_equal(seen->echo->back, 4);
		assert_true(seen->echo->min <= seen->echo->avg);
		assert_true(seen->echo->avg <= seen->echo->max);
		assert_true(seen->echo->jitter <= seen->echo->max);
		assert_true(seen->phases[PHASE_FIRST_BYTE] == seen->echo->avg);
		assert_true(seen->address.family == (i == 1 ? 6 : seen->address.family));
		check_free(check);
	}
}

static void what_was_not_sent_in_time_is_not_lost(void **state)
{
	struct check *check;
	const struct observation *seen;

	if (!is_allowed(*state))
		skip();
	check = run(*state, "127.0.0.1", 100, 20 * USEC_PER_MS);
	seen = &check->observation;
	/* The time is not enough for all of them. */
	assert_true(seen->echo->sent < 100);
	assert_true(seen->echo->back <= seen->echo->sent);
	check_free(check);
}

static void a_name_without_an_answer_fails_in_resolving(void **state)
{
	struct check *check = run(*state, "nowhere.test", 1, 20 * USEC_PER_SEC);

	assert_int_equal(check->observation.phase, PHASE_RESOLVE);
	assert_int_not_equal(check->observation.class, CLASS_NONE);
	assert_null(check->observation.echo);
	check_free(check);
}

static void a_cancelled_ping_is_done_once(void **state)
{
	struct harness *harness = *state;
	struct ping_options *options = harness_fill(harness, "ping");
	struct check *check;

	options->host = "127.0.0.1";
	options->count = 50;
	options->spacing = USEC_PER_SEC;
	check = harness_check_of(harness, "ping", options, 60 * USEC_PER_SEC);
	harness_start(harness, check);
	check->endpoint->type->cancel(check);
	assert_int_equal(harness->done, 0);
	harness_wait(harness, 1);
	assert_true(check->is_cancelled);
	check_free(check);
	harness_turn(harness, 5);
	assert_int_equal(harness->done, 1);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, harness_set_up, harness_tear_down)
	const struct CMUnitTest claims[] = {
		CLAIM(what_comes_back_is_counted_and_timed),
		CLAIM(what_was_not_sent_in_time_is_not_lost),
		CLAIM(a_name_without_an_answer_fails_in_resolving),
		CLAIM(a_cancelled_ping_is_done_once),
	};
#undef CLAIM

	return cmocka_run_group_tests(claims, NULL, NULL);
}
