/* resolve.c - claims about loop/resolve.h, against a server that does as it is told. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lookups.h"

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

	be_impatient(stage);
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

	be_impatient(stage);
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

	be_impatient(stage);
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

	be_impatient(stage);
	assert_failure(stage, "silent.test", RESOLVE_LOCAL, "no answer from 127.0.0.1:");
	assert_addresses(stage, "both.test", AF_INET, "192.0.2.1");
	assert_failure(stage, "silent.test", RESOLVE_TIMEOUT, "no answer from 127.0.0.1:");
}

static void silence_of_the_endpoints_own_server_is_a_timeout(void **state)
{
	struct stage *stage = *state;
	struct result result;

	be_impatient(stage);
	result = lookup(stage, "silent.test", AF_INET, stage->other.address);
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
	assert_true(clock_now() - before < 5 * USEC_PER_SEC);
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

static void assert_asks_this_host(struct stage *stage)
{
	const struct result result = lookup(stage, "both.test", AF_INET, NULL);

	/* A server may listen on port 53 here; it does not know the name. */
	if (result.outcome != RESOLVE_NXDOMAIN)
		assert_non_null(strstr(result.detail, "127.0.0.1"));
	assert_int_equal(stage->dns.asked, 0);
}

static void no_resolv_conf_or_an_empty_one_means_this_host(void **state)
{
	struct stage *stage = *state;

	be_impatient(stage);
	configure(stage, NULL);
	assert_asks_this_host(stage);
	write_file(stage->resolv_conf, "");
	(void)event_base_loop(stage->base, EVLOOP_ONCE);
	assert_asks_this_host(stage);
}

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
