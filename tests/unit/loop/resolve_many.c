/* resolve_many.c - many lookups at once, and lookups that nobody waits for any more. */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "lookups.h"

static void equal_lookups_in_flight_are_one(void **state)
{
	struct stage *stage = *state;
	struct result results[100];

	for (unsigned i = 0; i < 100; i++)
		start(stage, &results[i], i % 2 ? "both.test" : "Both.Test", AF_INET, NULL);
	wait_for_all(stage);
	assert_int_equal(stage->dns.asked, 1);
	for (unsigned i = 0; i < 100; i++) {
		assert_string_equal(text_string(&results[i].addresses), "192.0.2.1");
		text_done(&results[i].addresses);
	}
	/* And none outlives its check. */
	assert_addresses(stage, "both.test", AF_INET, "192.0.2.1");
	assert_int_equal(stage->dns.asked, 2);
}

static void a_turn_asks_no_more_than_its_share(void **state)
{
	struct stage *stage = *state;
	struct result results[200];
	char name[32];
	uint64_t before = 0, most = 0;

	for (unsigned i = 0; i < 200; i++) {
		(void)snprintf(name, sizeof(name), "both%u.test", i);
		start(stage, &results[i], name, AF_INET, NULL);
	}
	assert_int_equal(resolver_asked(stage->resolver), 0);
	while (stage->waiting > 0) {
		(void)event_base_loop(stage->base, EVLOOP_ONCE);
		if (resolver_asked(stage->resolver) - before > most)
			most = resolver_asked(stage->resolver) - before;
		before = resolver_asked(stage->resolver);
	}
	assert_int_equal(stage->dns.asked, 200);
	assert_int_equal(most, 50);
	for (unsigned i = 0; i < 200; i++)
		text_done(&results[i].addresses);
}

static unsigned threads_now(void)
{
	DIR *folder = opendir("/proc/self/task");
	unsigned count = 0;

	assert_non_null(folder);
	while (readdir(folder))
		count++;
	(void)closedir(folder);
	return count - 2;
}

static void five_hundred_lookups_are_cancelled_at_once_and_take_no_thread(void **state)
{
	struct stage *stage = *state;
	static struct result results[500];
	const unsigned threads = threads_now();
	char name[32];
	usec_t before;

	for (unsigned i = 0; i < 500; i++) {
		(void)snprintf(name, sizeof(name), "silent%u.test", i);
		start(stage, &results[i], name, AF_UNSPEC, NULL);
	}
	while (resolver_asked(stage->resolver) < 500)
		(void)event_base_loop(stage->base, EVLOOP_ONCE);
	assert_int_equal(threads_now(), threads);
	before = clock_thread_cpu();
	for (unsigned i = 0; i < 500; i++)
		resolve_cancel(results[i].lookup);
	assert_true(clock_thread_cpu() - before < 500 * USEC_PER_MS);
	stage->waiting = 0;

	/* Those that were still waiting to be asked are not asked any more. */
	assert_addresses(stage, "four.test", AF_INET, "192.0.2.1");
	assert_true(resolver_asked(stage->resolver) < 1000);
	for (unsigned i = 0; i < 500; i++)
		assert_false(results[i].is_told);
}

static void a_name_is_asked_afresh_after_all_who_waited_have_gone(void **state)
{
	struct stage *stage = *state;
	struct result gone, result;

	stage->dns.always = "silent";
	start(stage, &gone, "both.test", AF_INET, NULL);
	while (stage->dns.asked == 0)
		(void)event_base_loop(stage->base, EVLOOP_ONCE);
	resolve_cancel(gone.lookup);
	stage->waiting--;
	stage->dns.always = NULL;
	result = lookup(stage, "both.test", AF_INET, NULL);
	assert_int_equal(result.outcome, RESOLVE_OK);
	assert_true(result.took < 5 * USEC_PER_SEC);
	text_done(&result.addresses);
}

static void the_resolver_ends_with_lookups_in_flight(void **state)
{
	struct stage *stage = *state;
	struct result results[60];
	char name[32];

	for (unsigned i = 0; i < 60; i++) {
		(void)snprintf(name, sizeof(name), "silent%u.test", i);
		start(stage, &results[i], name, AF_UNSPEC, i % 2 ? stage->other.address : NULL);
	}
	while (stage->dns.asked == 0)
		(void)event_base_loop(stage->base, EVLOOP_ONCE);
}

static void no_descriptor_left_is_local(void **state)
{
	const pid_t child = fork();
	int status;

	if (child == 0) {
		struct stage *stage = *state;
		struct rlimit limit = { 3, 3 };
		struct result result;

		if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
			_exit(2);
		result = lookup(stage, "both.test", AF_INET, NULL);
		_exit(result.outcome == RESOLVE_LOCAL && strstr(result.detail, "can't ask") ? 0
											    : 1);
	}
	assert_return_code(child, errno);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(equal_lookups_in_flight_are_one),
		TEST(a_turn_asks_no_more_than_its_share),
		TEST(five_hundred_lookups_are_cancelled_at_once_and_take_no_thread),
		TEST(a_name_is_asked_afresh_after_all_who_waited_have_gone),
		TEST(the_resolver_ends_with_lookups_in_flight),
		TEST(no_descriptor_left_is_local),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
