/* judge.c - claims about checks that go to workers and come back. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/thread.h"
#include "expect/expect.h"
#include "judge/judge.h"
#include "model/check.h"

enum { CHECKS = 2000 };

static const struct check_limits limits = { .evidence_bytes = 1024, .json_depth = 64 };

static struct program *program(const char *line)
{
	struct program *program = NULL;
	struct expect_fault fault;

	assert_int_equal(program_add(&program, line, strlen(line), SUBJECTS_ALL | SUBJECTS_HTTP,
				     NULL, &fault),
			 0);
	return program;
}

static struct check *probed(const struct endpoint *endpoint, unsigned status)
{
	struct check *check = check_new(endpoint, &limits);

	check_advance(check, CHECK_PROBING);
	check->observation.status = status;
	return check;
}

/* The next settled check; waits for the judges' wake as the loop does. */
static struct check *await(struct judge *judge)
{
	struct pollfd wake = { .fd = judge_wake_fd(judge), .events = POLLIN };
	struct check *check;

	while (!(check = judge_next(judge))) {
		assert_int_equal(poll(&wake, 1, 10000), 1);
		judge_wake_read(judge);
	}
	return check;
}

static void every_check_comes_back_once_with_its_verdict(void **state)
{
	const struct judge_options options = { .threads = 4, .capacity = CHECKS };
	struct judge *judge = judge_new(&options);
	struct judge_tray *tray = judge_tray_new(judge);
	struct endpoint endpoint = { .name = "shop", .expect = program("status == 200") };
	unsigned passed = 0;

	(void)state;
	assert_int_equal(judge_threads(judge), 4);
	for (unsigned i = 0; i < CHECKS; i++)
		(void)judge_submit(tray, probed(&endpoint, i % 4 ? 200 : 500));
	judge_flush(tray);
	for (unsigned i = 0; i < CHECKS; i++) {
		struct check *check = await(judge);

		assert_true(check->stage == CHECK_SETTLED);
		assert_true(check->verdict.kind ==
			    (check->observation.status == 200 ? VERDICT_PASS : VERDICT_FAIL));
		passed += check->verdict.kind == VERDICT_PASS;
		check_free(check);
	}
	assert_int_equal(passed, CHECKS / 4 * 3);
	assert_null(judge_next(judge));
	assert_int_equal(judge_waiting(judge), 0);
	assert_int_equal(judge_oldest_task(judge, clock_now()), 0);
	judge_tray_free(tray);
	judge_free(judge);
	program_free((struct program *)endpoint.expect);
}

static void more_room_can_be_had_while_checks_wait(void **state)
{
	const struct judge_options options = { .threads = 1, .capacity = 2 };
	struct judge *judge = judge_new(&options);
	struct judge_tray *tray = judge_tray_new(judge);
	struct endpoint endpoint = { .name = "shop", .expect = program("status == 200") };

	(void)state;
	(void)judge_submit(tray, probed(&endpoint, 200));
	judge_flush(tray);
	judge_reserve(judge, 100);
	for (unsigned i = 1; i < 100; i++)
		(void)judge_submit(tray, probed(&endpoint, 200));
	judge_flush(tray);
	for (unsigned i = 0; i < 100; i++)
		check_free(await(judge));
	judge_tray_free(tray);
	judge_free(judge);
	program_free((struct program *)endpoint.expect);
}

/* The wake is a counter of the kernel's (eventfd(2)): it may be full, and it may have been read by
 * whoever looked before.
 */
static void a_wake_with_nothing_and_one_too_many_do_no_harm(void **state)
{
	const struct judge_options options = { .threads = 1, .capacity = 8 };
	const uint64_t full = UINT64_MAX - 1, one = 1;
	struct judge *judge = judge_new(&options);
	struct judge_tray *tray = judge_tray_new(judge);
	struct endpoint endpoint = { .name = "shop", .expect = program("status == 200") };

	(void)state;
	assert_int_equal(write(judge_wake_fd(judge), &one, sizeof(one)), sizeof(one));
	judge_wake_read(judge);
	assert_null(judge_next(judge));
	judge_wake_read(judge);
	assert_null(judge_next(judge));

	assert_int_equal(write(judge_wake_fd(judge), &full, sizeof(full)), sizeof(full));
	assert_true(write(judge_wake_fd(judge), &one, sizeof(one)) < 0 && errno == EAGAIN);
	for (unsigned i = 0; i < 8; i++) {
		(void)judge_submit(tray, probed(&endpoint, 200));
		judge_flush(tray);
	}
	for (unsigned i = 0; i < 8; i++)
		check_free(await(judge));
	/* It wakes again after that. */
	(void)judge_submit(tray, probed(&endpoint, 200));
	judge_flush(tray);
	check_free(await(judge));
	judge_tray_free(tray);
	judge_free(judge);
	program_free((struct program *)endpoint.expect);
}

static void a_large_body_does_not_wait_for_others(void **state)
{
	const struct judge_options options = { .threads = 1, .capacity = 8 };
	struct judge *judge = judge_new(&options);
	struct judge_tray *tray = judge_tray_new(judge);
	struct endpoint endpoint = { .name = "shop", .expect = program("status == 200") };
	struct check *small = probed(&endpoint, 200), *large = probed(&endpoint, 200);

	(void)state;
	for (unsigned i = 0; i < 20000; i++)
		text_append_char(&large->observation.body, 'x');
	assert_true(judge_submit(tray, small));
	assert_true(judge_submit(tray, large));
	assert_ptr_equal(await(judge), large);
	judge_flush(tray);
	assert_ptr_equal(await(judge), small);
	check_free(small);
	check_free(large);
	judge_tray_free(tray);
	judge_free(judge);
	program_free((struct program *)endpoint.expect);
}

struct loop {
	struct judge_tray *tray;
	const struct endpoint *endpoint;
};

static void *submit(void *context)
{
	struct loop *loop = context;

	for (unsigned i = 0; i < CHECKS / 4; i++)
		(void)judge_submit(loop->tray, probed(loop->endpoint, 200));
	judge_flush(loop->tray);
	return NULL;
}

static void each_loop_has_a_tray_of_its_own(void **state)
{
	const struct judge_options options = { .threads = 2, .capacity = CHECKS };
	struct judge *judge = judge_new(&options);
	struct endpoint endpoint = { .name = "shop", .expect = program("status == 200") };
	struct loop loops[4];
	pthread_t threads[4];

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		loops[i] = (struct loop){ judge_tray_new(judge), &endpoint };
		assert_int_equal(thread_start("loop", submit, &loops[i], &threads[i]), 0);
	}
	for (unsigned i = 0; i < CHECKS; i++) {
		struct check *check = await(judge);

		assert_true(check->verdict.kind == VERDICT_PASS);
		check_free(check);
	}
	assert_int_equal(judge_in_hand(judge), 0);
	for (unsigned i = 0; i < 4; i++) {
		(void)pthread_join(threads[i], NULL);
		judge_tray_free(loops[i].tray);
	}
	judge_free(judge);
	program_free((struct program *)endpoint.expect);
}

static void what_nobody_has_to_judge_comes_back_without_a_verdict(void **state)
{
	const struct judge_options options = { .threads = 1, .capacity = 1 };
	struct judge *judge = judge_new(&options);
	struct endpoint endpoint = { .name = "shop" };
	struct check *cancelled = probed(&endpoint, 500);

	(void)state;
	cancelled->is_cancelled = true;
	judge_pass(judge, cancelled);
	assert_int_equal(judge_in_hand(judge), 1);
	assert_ptr_equal(await(judge), cancelled);
	assert_int_equal(judge_in_hand(judge), 0);
	assert_true(cancelled->stage == CHECK_SETTLED);
	assert_null(cancelled->verdict.reason);
	check_free(cancelled);
	judge_free(judge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_check_comes_back_once_with_its_verdict),
		cmocka_unit_test(a_large_body_does_not_wait_for_others),
		cmocka_unit_test(each_loop_has_a_tray_of_its_own),
		cmocka_unit_test(what_nobody_has_to_judge_comes_back_without_a_verdict),
		cmocka_unit_test(more_room_can_be_had_while_checks_wait),
		cmocka_unit_test(a_wake_with_nothing_and_one_too_many_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
