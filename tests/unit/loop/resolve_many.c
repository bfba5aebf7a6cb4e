/* resolve_many.c - many lookups at once, and lookups that nobody waits for any more. */
#include <dirent.h>
#include <errno.h>
#include <malloc.h>
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

struct quarrel {
	struct stage *stage;
	struct lookup *others[3]; /* NULL: gone */
	struct result again;
	unsigned told;
};

/* Whoever is told first sends the others away: one that waits for the same answer, one whose
 * answer is here too, and one that is still to be asked; and begins anew.
 */
static void send_away(const struct resolved *resolved, void *context)
{
	struct quarrel *quarrel = context;

	quarrel->told++;
	for (unsigned i = 0; i < 3; i++)
		if (quarrel->others[i])
			resolve_cancel(quarrel->others[i]);
	start(quarrel->stage, &quarrel->again, "both.test", AF_INET, NULL);
	quarrel->stage->waiting--;
}

static void never(const struct resolved *resolved, void *context)
{
	fail_msg("one that was cancelled is told");
}

static void whoever_is_told_may_cancel_all_others_and_begin_anew(void **state)
{
	struct stage *stage = *state;
	struct quarrel quarrel = { .stage = stage };

	stage->waiting++;
	(void)resolve_start(stage->resolver, "both.test", AF_INET, NULL, send_away, &quarrel);
	quarrel.others[0] = resolve_start(stage->resolver, "both.test", AF_INET, NULL, never, NULL);
	quarrel.others[1] =
		resolve_start(stage->resolver, "silent.test", AF_UNSPEC, NULL, never, NULL);
	quarrel.others[2] =
		resolve_start(stage->resolver, "silent1.test", AF_INET, NULL, never, NULL);
	wait_for_all(stage);
	assert_int_equal(quarrel.told, 1);
	assert_string_equal(text_string(&quarrel.again.addresses), "192.0.2.1");
	text_done(&quarrel.again.addresses);

	/* Two that need no server are answered in one turn: the first cancels the second. */
	quarrel = (struct quarrel){ .stage = stage };
	stage->waiting++;
	(void)resolve_start(stage->resolver, "pinned.test", AF_INET, NULL, send_away, &quarrel);
	quarrel.others[0] =
		resolve_start(stage->resolver, "pinned.test", AF_INET, NULL, never, NULL);
	quarrel.others[1] =
		resolve_start(stage->resolver, "192.0.2.77", AF_INET, NULL, never, NULL);
	wait_for_all(stage);
	assert_int_equal(quarrel.told, 1);
	text_done(&quarrel.again.addresses);
}

static size_t bytes_in_use(void)
{
	const struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

/* Hours of it, without the hours: each round is a whole outage of the servers for 50 names. */
static void however_long_nobody_answers_nothing_piles_up(void **state)
{
	struct stage *stage = *state;
	struct result results[50];
	size_t first = 0;
	char name[32];

	be_impatient(stage);
	stage->timeout = USEC_PER_MS;
	configure(stage, (const char *const[]){ stage->dns.address, stage->other.address, NULL });
	for (unsigned round = 0; round < 60; round++) {
		for (unsigned i = 0; i < 50; i++) {
			(void)snprintf(name, sizeof(name), "silent%u.test", i / 2);
			start(stage, &results[i], name, AF_UNSPEC, NULL);
		}
		wait_for_all(stage);
		for (unsigned i = 0; i < 50; i++)
			assert_int_equal(results[i].outcome, RESOLVE_LOCAL);
		if (round == 20)
			first = bytes_in_use();
	}
	/* Sanitizers count for themselves, and then both are 0. */
	assert_true(bytes_in_use() <= first + 64 * 1024);
	/* And when they are back, so are answers. */
	stage->timeout = 15 * USEC_PER_SEC;
	configure(stage, (const char *const[]){ stage->dns.address, NULL });
	assert_addresses(stage, "both.test", AF_INET, "192.0.2.1");
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
		TEST(whoever_is_told_may_cancel_all_others_and_begin_anew),
		TEST(however_long_nobody_answers_nothing_piles_up),
		TEST(the_resolver_ends_with_lookups_in_flight),
		TEST(no_descriptor_left_is_local),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
