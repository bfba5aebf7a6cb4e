/* resolve.c - claims about loop/resolve.h, against a server that does as it is told. */
#include <dirent.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
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

#include "base/memory.h"
#include "base/text.h"
#include "dns.h"
#include "loop/loop.h"
#include "loop/resolve.h"

#define TRY (50 * USEC_PER_MS)

struct stage {
	struct event_base *base;
	struct resolver *resolver;
	struct dns dns, other;
	char folder[64], hosts[96], resolv_conf[96];
	unsigned waiting;
};

struct result {
	struct stage *stage;
	struct lookup *lookup;
	bool is_told;
	enum resolve_outcome outcome;
	struct text addresses; /* with a blank between them */
	char detail[160];
	usec_t took;
	unsigned count;
};

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void configure(struct stage *stage, const char *const *servers)
{
	const struct resolver_options options = {
		.servers = servers,
		.timeout = TRY,
		.tries = 2,
		.resolv_conf = stage->resolv_conf,
		.hosts = stage->hosts,
	};

	if (stage->resolver)
		resolver_configure(stage->resolver, &options);
	else
		stage->resolver = resolver_new(stage->base, &options);
}

static int set_up(void **state)
{
	struct stage *stage = MEMORY_NEW(struct stage);

	stage->base = loop_new();
	dns_init(&stage->dns, stage->base);
	dns_init(&stage->other, stage->base);
	(void)snprintf(stage->folder, sizeof(stage->folder), "/tmp/resolve-XXXXXX");
	assert_non_null(mkdtemp(stage->folder));
	(void)snprintf(stage->hosts, sizeof(stage->hosts), "%s/hosts", stage->folder);
	(void)snprintf(stage->resolv_conf, sizeof(stage->resolv_conf), "%s/resolv.conf",
		       stage->folder);
	write_file(stage->hosts, "192.0.2.9 pinned.test  Alias # comment\n"
				 "not-an-address wrong\n"
				 "2001:db8::9\tpinned.test\n");
	configure(stage, (const char *const[]){ stage->dns.address, NULL });
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *stage = *state;

	resolver_free(stage->resolver);
	dns_done(&stage->dns);
	dns_done(&stage->other);
	event_base_free(stage->base);
	(void)unlink(stage->hosts);
	(void)unlink(stage->resolv_conf);
	assert_return_code(rmdir(stage->folder), errno);
	free(stage);
	return 0;
}

static void note(const struct resolved *resolved, void *context)
{
	struct result *result = context;

	assert_false(result->is_told);
	result->is_told = true;
	result->outcome = resolved->outcome;
	result->took = resolved->took;
	result->count = resolved->count;
	for (unsigned i = 0; i < resolved->count; i++) {
		if (i)
			text_append_char(&result->addresses, ' ');
		ip_print(&result->addresses, &resolved->addresses[i]);
	}
	(void)snprintf(result->detail, sizeof(result->detail), "%s",
		       resolved->detail ? resolved->detail : "");
	result->stage->waiting--;
}

static void start(struct stage *stage, struct result *result, const char *name, int family,
		  const char *server)
{
	*result = (struct result){ .stage = stage };
	stage->waiting++;
	result->lookup = resolve_start(stage->resolver, name, family, server, note, result);
	assert_false(result->is_told);
}

static void wait_for_all(struct stage *stage)
{
	const usec_t end = clock_now() + 20 * USEC_PER_SEC;

	while (stage->waiting > 0) {
		assert_true(clock_now() < end);
		(void)event_base_loop(stage->base, EVLOOP_ONCE);
	}
}

static struct result lookup(struct stage *stage, const char *name, int family, const char *server)
{
	struct result result;

	start(stage, &result, name, family, server);
	wait_for_all(stage);
	return result;
}

static void assert_addresses(struct stage *stage, const char *name, int family,
			     const char *expected)
{
	struct result result = lookup(stage, name, family, NULL);

	assert_string_equal(result.detail, "");
	assert_int_equal(result.outcome, RESOLVE_OK);
	assert_string_equal(text_string(&result.addresses), expected);
	text_done(&result.addresses);
}

static void assert_failure(struct stage *stage, const char *name, enum resolve_outcome expected,
			   const char *detail)
{
	const struct result result = lookup(stage, name, AF_UNSPEC, NULL);

	assert_int_equal(result.outcome, expected);
	assert_int_equal(result.count, 0);
	if (!strstr(result.detail, detail) || (*detail == '\0' && *result.detail))
		fail_msg("'%s' does not say '%s'", result.detail, detail);
}

/* --- Without a server --- */

static void literals_need_no_server(void **state)
{
	struct stage *stage = *state;

	assert_addresses(stage, "192.0.2.7", AF_UNSPEC, "192.0.2.7");
	assert_addresses(stage, "2001:db8::7", AF_INET6, "2001:db8::7");
	assert_int_equal(lookup(stage, "192.0.2.7", AF_INET6, NULL).outcome, RESOLVE_NO_ADDRESS);
	assert_int_equal(stage->dns.asked, 0);
}

static void the_hosts_file_comes_first(void **state)
{
	struct stage *stage = *state;

	assert_addresses(stage, "pinned.test", AF_UNSPEC, "2001:db8::9 192.0.2.9");
	assert_addresses(stage, "PINNED.test", AF_INET, "192.0.2.9");
	assert_addresses(stage, "alias", AF_UNSPEC, "192.0.2.9");
	assert_int_equal(stage->dns.asked, 0);
}

static void localhost_is_never_asked_for(void **state)
{
	struct stage *stage = *state;

	assert_addresses(stage, "localhost", AF_UNSPEC, "::1 127.0.0.1");
	assert_addresses(stage, "a.LOCALHOST", AF_INET, "127.0.0.1");
	assert_int_equal(stage->dns.asked, 0);
	assert_failure(stage, "nx.nolocalhost", RESOLVE_NXDOMAIN, "");
}

static void a_changed_hosts_file_is_read_again(void **state)
{
	struct stage *stage = *state;
	char next[128];

	assert_addresses(stage, "pinned.test", AF_INET, "192.0.2.9");
	write_file(stage->hosts, "192.0.2.10 pinned.test\n");
	(void)event_base_loop(stage->base, EVLOOP_ONCE);
	assert_addresses(stage, "pinned.test", AF_INET, "192.0.2.10");
	(void)snprintf(next, sizeof(next), "%s.new", stage->hosts);
	write_file(next, "192.0.2.11 pinned.test\n");
	assert_return_code(rename(next, stage->hosts), errno);
	(void)event_base_loop(stage->base, EVLOOP_ONCE);
	assert_addresses(stage, "pinned.test", AF_INET, "192.0.2.11");
}

static void what_is_no_name_is_not_asked_for(void **state)
{
	struct stage *stage = *state;
	char text[400];

	assert_failure(stage, "", RESOLVE_FAILURE, "not a host name");
	assert_failure(stage, "a b.test", RESOLVE_FAILURE, "not a host name");
	assert_failure(stage, "a\\046b.test", RESOLVE_FAILURE, "not a host name");
	assert_failure(stage, "a..test", RESOLVE_FAILURE, "not a host name");
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_failure(stage, text, RESOLVE_FAILURE, "not a host name");
	text[70] = '\0';
	assert_failure(stage, text, RESOLVE_FAILURE, "does not fit");
	assert_int_equal(stage->dns.asked, 0);
}

/* --- Answers --- */

static void both_families_are_asked_and_take_turns(void **state)
{
	struct stage *stage = *state;

	assert_addresses(stage, "both.test", AF_UNSPEC, "2001:db8::1 192.0.2.1");
	assert_addresses(stage, "both.test", AF_INET, "192.0.2.1");
	assert_addresses(stage, "both.test", AF_INET6, "2001:db8::1");
	assert_addresses(stage, "four.test", AF_UNSPEC, "192.0.2.1");
	assert_addresses(stage, "six.test.", AF_UNSPEC, "2001:db8::1");
	assert_int_equal(stage->dns.asked, 8);
}

static void no_name_and_no_address_differ(void **state)
{
	struct stage *stage = *state;

	assert_failure(stage, "nx.test", RESOLVE_NXDOMAIN, "");
	assert_failure(stage, "none.test", RESOLVE_NO_ADDRESS, "");
	assert_int_equal(lookup(stage, "four.test", AF_INET6, NULL).outcome, RESOLVE_NO_ADDRESS);
}

static void errors_are_told_with_the_server(void **state)
{
	struct stage *stage = *state;

	assert_failure(stage, "servfail.test", RESOLVE_FAILURE, "SERVFAIL from 127.0.0.1:");
	assert_failure(stage, "refused.test", RESOLVE_FAILURE, "REFUSED from 127.0.0.1:");
	assert_failure(stage, "loop.test", RESOLVE_FAILURE, "aliases that do not end");
	assert_failure(stage, "pointer.test", RESOLVE_FAILURE, "malformed answer");
	assert_failure(stage, "counts.test", RESOLVE_FAILURE, "malformed answer");
}

static void aliases_are_followed_and_strangers_are_not_taken(void **state)
{
	struct stage *stage = *state;

	assert_addresses(stage, "chain.test", AF_UNSPEC, "2001:db8::1 192.0.2.1");
	assert_failure(stage, "stranger.test", RESOLVE_NO_ADDRESS, "");
}

static void a_truncated_answer_comes_over_tcp(void **state)
{
	struct stage *stage = *state;
	struct result result;

	assert_addresses(stage, "big.test", AF_INET, "192.0.2.1");
	assert_int_equal(stage->dns.asked, 2);
	assert_int_equal(stage->dns.asked_tcp, 1);
	result = lookup(stage, "many.test", AF_INET, NULL);
	assert_int_equal(result.outcome, RESOLVE_OK);
	assert_int_equal(result.count, RESOLVE_ADDRESSES_MAX);
	text_done(&result.addresses);
	assert_failure(stage, "cut.test", RESOLVE_FAILURE, "the answer is truncated");
}

static void an_answer_with_another_id_is_ignored(void **state)
{
	assert_addresses(*state, "wrongid.test", AF_INET, "192.0.2.1");
}

static void a_family_that_gets_no_answer_holds_the_other_up_only_once(void **state)
{
	struct stage *stage = *state;
	const usec_t before = clock_now();

	assert_addresses(stage, "shy.test", AF_UNSPEC, "192.0.2.1");
	assert_true(clock_now() - before >= TRY);
	assert_int_equal(stage->dns.asked, 2);
}

/* --- Several servers --- */

static void the_next_server_is_asked_after_servfail(void **state)
{
	struct stage *stage = *state;

	configure(stage, (const char *const[]){ stage->dns.address, stage->other.address, NULL });
	stage->dns.always = "servfail";
	assert_addresses(stage, "both.test", AF_INET, "192.0.2.1");
	assert_int_equal(stage->dns.asked, 1);
	assert_int_equal(stage->other.asked, 1);
	stage->other.always = "refused";
	assert_failure(stage, "both.test", RESOLVE_FAILURE, "REFUSED from");
}

static void the_next_server_is_asked_after_silence(void **state)
{
	struct stage *stage = *state;

	configure(stage, (const char *const[]){ stage->dns.address, stage->other.address, NULL });
	stage->dns.always = "silent";
	assert_addresses(stage, "both.test", AF_INET, "192.0.2.1");
	assert_int_equal(stage->dns.asked, 1);
	/* Known to be silent, it is not waited for again. */
	assert_addresses(stage, "both2.test", AF_INET, "192.0.2.1");
	assert_int_equal(stage->dns.asked, 1);
	assert_int_equal(stage->other.asked, 2);
}

static void a_lost_question_is_asked_again(void **state)
{
	struct stage *stage = *state;
	struct result result;

	stage->dns.always = "silent";
	start(stage, &result, "both.test", AF_INET, NULL);
	while (stage->dns.asked == 0)
		(void)event_base_loop(stage->base, EVLOOP_ONCE);
	stage->dns.always = NULL;
	wait_for_all(stage);
	assert_int_equal(result.outcome, RESOLVE_OK);
	assert_int_equal(stage->dns.asked, 2);
	assert_true(result.took >= TRY);
	text_done(&result.addresses);
}

static void silence_of_all_servers_is_local_unless_they_answered_others(void **state)
{
	struct stage *stage = *state;

	assert_failure(stage, "silent.test", RESOLVE_LOCAL, "no answer from 127.0.0.1:");
	assert_addresses(stage, "both.test", AF_INET, "192.0.2.1");
	assert_failure(stage, "silent.test", RESOLVE_TIMEOUT, "no answer from 127.0.0.1:");
}

static void silence_of_the_endpoints_own_server_is_a_timeout(void **state)
{
	struct stage *stage = *state;
	struct result result = lookup(stage, "silent.test", AF_INET, stage->other.address);

	assert_int_equal(result.outcome, RESOLVE_TIMEOUT);
	result = lookup(stage, "both.test", AF_INET, stage->other.address);
	assert_int_equal(result.outcome, RESOLVE_OK);
	text_done(&result.addresses);
	assert_int_equal(stage->dns.asked, 0);
}

static void a_server_that_is_not_there_is_told_at_once(void **state)
{
	struct stage *stage = *state;
	const usec_t before = clock_now();

	configure(stage, (const char *const[]){ "127.0.0.1:1", NULL });
	assert_failure(stage, "both.test", RESOLVE_LOCAL, "no name server at 127.0.0.1:1: ");
	assert_true(clock_now() - before < TRY);
}

/* --- resolv.conf --- */

static void a_short_name_is_searched_and_a_long_one_is_not(void **state)
{
	struct stage *stage = *state;

	write_file(stage->resolv_conf, "search one.test two.test\noptions ndots:1\n");
	(void)event_base_loop(stage->base, EVLOOP_ONCE);
	assert_addresses(stage, "both", AF_INET, "192.0.2.1");
	assert_string_equal(stage->dns.last, "both.one.test");
	assert_failure(stage, "none", RESOLVE_NO_ADDRESS, "");
	assert_string_equal(stage->dns.last, "none");
	assert_int_equal(stage->dns.asked, 1 + 2 * 3);
	assert_failure(stage, "nx.example", RESOLVE_NXDOMAIN, "");
	assert_string_equal(stage->dns.last, "nx.example");
	assert_int_equal(stage->dns.asked, 1 + 2 * 3 + 2);
}

static void no_resolv_conf_or_an_empty_one_means_this_host(void **state)
{
	struct stage *stage = *state;

	configure(stage, NULL);
	assert_failure(stage, "both.test", RESOLVE_LOCAL, "127.0.0.1");
	write_file(stage->resolv_conf, "");
	(void)event_base_loop(stage->base, EVLOOP_ONCE);
	assert_failure(stage, "both.test", RESOLVE_LOCAL, "127.0.0.1");
}

/* --- Many --- */

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
	before = clock_now();
	for (unsigned i = 0; i < 500; i++)
		resolve_cancel(results[i].lookup);
	assert_true(clock_now() - before < 20 * USEC_PER_MS);
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
	assert_true(result.took < TRY);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(literals_need_no_server),
		TEST(the_hosts_file_comes_first),
		TEST(localhost_is_never_asked_for),
		TEST(a_changed_hosts_file_is_read_again),
		TEST(what_is_no_name_is_not_asked_for),
		TEST(both_families_are_asked_and_take_turns),
		TEST(no_name_and_no_address_differ),
		TEST(errors_are_told_with_the_server),
		TEST(aliases_are_followed_and_strangers_are_not_taken),
		TEST(a_truncated_answer_comes_over_tcp),
		TEST(an_answer_with_another_id_is_ignored),
		TEST(a_family_that_gets_no_answer_holds_the_other_up_only_once),
		TEST(the_next_server_is_asked_after_servfail),
		TEST(the_next_server_is_asked_after_silence),
		TEST(a_lost_question_is_asked_again),
		TEST(silence_of_all_servers_is_local_unless_they_answered_others),
		TEST(silence_of_the_endpoints_own_server_is_a_timeout),
		TEST(a_server_that_is_not_there_is_told_at_once),
		TEST(a_short_name_is_searched_and_a_long_one_is_not),
		TEST(no_resolv_conf_or_an_empty_one_means_this_host),
		TEST(equal_lookups_in_flight_are_one),
		TEST(a_turn_asks_no_more_than_its_share),
		TEST(five_hundred_lookups_are_cancelled_at_once_and_take_no_thread),
		TEST(a_name_is_asked_afresh_after_all_who_waited_have_gone),
		TEST(the_resolver_ends_with_lookups_in_flight),
		TEST(no_descriptor_left_is_local),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
