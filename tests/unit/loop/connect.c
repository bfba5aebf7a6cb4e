/* connect.c - claims about loop/connect.h, on loopback. */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
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
#include "loop/connect.h"
#include "loop/loop.h"
#include "sockets.h"

struct stage {
	struct event_base *base;
	struct resolver *resolver;
	struct connector *connector;
	struct dns dns;
	char hosts[64];
};

struct result {
	bool is_told;
	struct connected connected;
	char detail[192];
	char address[64];
};

static int set_up(void **state)
{
	struct stage *stage = MEMORY_NEW(struct stage);
	const char *servers[] = { stage->dns.address, NULL };
	int fd;

	stage->base = loop_new();
	dns_init(&stage->dns, stage->base);
	(void)snprintf(stage->hosts, sizeof(stage->hosts), "/tmp/connect-XXXXXX");
	fd = mkstemp(stage->hosts);
	assert_return_code(fd, errno);
	dprintf(fd, "::1 twins.test\n127.0.0.1 twins.test\n"
		    "192.0.2.1 mixed.test\n1.1.1.1 other.test\n10.0.0.1 private.test\n");
	(void)close(fd);
	stage->resolver =
		resolver_new(stage->base, &(struct resolver_options){ .servers = servers,
								      .timeout = 100 * USEC_PER_MS,
								      .tries = 1,
								      .hosts = stage->hosts });
	stage->connector = connector_new(stage->base, stage->resolver);
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *stage = *state;

	connector_free(stage->connector);
	resolver_free(stage->resolver);
	dns_done(&stage->dns);
	event_base_free(stage->base);
	(void)unlink(stage->hosts);
	free(stage);
	return 0;
}

static void print_address(const struct sockaddr_storage *address, char *ret, size_t size)
{
	struct text text = { 0 };
	uint16_t port;
	struct ip ip;

	ip_from_socket(address, &ip, &port);
	ip_print(&text, &ip);
	(void)snprintf(ret, size, "%s", text_string(&text));
	text_done(&text);
}

static void note(const struct connected *connected, void *context)
{
	struct result *result = context;

	assert_false(result->is_told);
	result->is_told = true;
	result->connected = *connected;
	(void)snprintf(result->detail, sizeof(result->detail), "%s",
		       connected->detail ? connected->detail : "");
	print_address(&connected->address, result->address, sizeof(result->address));
}

static struct result run(struct stage *stage, const struct connect_target *target)
{
	const usec_t end = clock_now() + 20 * USEC_PER_SEC;
	struct result result = { .is_told = false };

	(void)connect_start(stage->connector, target, note, &result);
	assert_false(result.is_told);
	while (!result.is_told) {
		assert_true(clock_now() < end);
		(void)event_base_loop(stage->base, EVLOOP_ONCE);
	}
	return result;
}

static void a_listener_is_connected_to(void **state)
{
	struct stage *stage = *state;
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	uint16_t port = 0;
	const int listener = bound("127.0.0.1", 8, &port);
	const struct result result =
		run(stage, &(struct connect_target){ .host = "127.0.0.1", .port = port });

	assert_int_equal(result.connected.outcome, CONNECT_OK);
	assert_string_equal(result.address, "127.0.0.1");
	assert_false(result.connected.has_resolved);
	assert_true(result.connected.has_connected);
	assert_in_range(result.connected.connect_took, 1, USEC_PER_SEC);
	assert_return_code(getpeername(result.connected.fd, (struct sockaddr *)&peer, &len), errno);
	(void)close(result.connected.fd);
	(void)close(listener);
}

static void a_name_is_looked_up_first(void **state)
{
	struct stage *stage = *state;
	uint16_t port = 0;
	const int listener = bound("127.0.0.1", 8, &port);
	struct result result =
		run(stage, &(struct connect_target){ .host = "lo.test", .port = port });

	assert_int_equal(result.connected.outcome, CONNECT_OK);
	assert_true(result.connected.has_resolved);
	assert_true(result.connected.resolve_took > 0);
	(void)close(result.connected.fd);

	result = run(stage, &(struct connect_target){ .host = "nx.test", .port = port });
	assert_int_equal(result.connected.outcome, CONNECT_UNRESOLVED);
	assert_int_equal(result.connected.resolve_outcome, RESOLVE_NXDOMAIN);
	assert_false(result.connected.has_connected);
	assert_int_equal(result.connected.fd, -1);

	result = run(stage, &(struct connect_target){
				    .host = "127.0.0.1", .port = port, .family = CONNECT_IPV6 });
	assert_int_equal(result.connected.outcome, CONNECT_UNRESOLVED);
	assert_int_equal(result.connected.resolve_outcome, RESOLVE_NO_ADDRESS);
	(void)close(listener);
}

static void a_given_address_needs_no_lookup(void **state)
{
	struct stage *stage = *state;
	struct sockaddr_storage address;
	struct result result;
	uint16_t port = 0;
	const int listener = bound("127.0.0.5", 8, &port);
	const struct ip ip = { .family = 4, .bytes = { 127, 0, 0, 5 } };

	(void)ip_to_socket(&ip, 0, &address);
	result = run(stage, &(struct connect_target){
				    .host = "nx.test", .port = port, .address = &address });
	assert_int_equal(result.connected.outcome, CONNECT_OK);
	assert_string_equal(result.address, "127.0.0.5");
	assert_int_equal(stage->dns.asked, 0);
	(void)close(result.connected.fd);
	(void)close(listener);
}

static void a_closed_port_refuses(void **state)
{
	uint16_t port = 0;
	const int taken = bound("127.0.0.1", -1, &port);
	const struct result result =
		run(*state, &(struct connect_target){ .host = "127.0.0.1", .port = port });

	assert_int_equal(result.connected.outcome, CONNECT_REFUSED);
	assert_int_equal(result.connected.error, ECONNREFUSED);
	assert_string_equal(result.address, "127.0.0.1");
	assert_true(result.connected.has_connected);
	(void)close(taken);
}

static void silence_lasts_until_it_is_cancelled(void **state)
{
	struct stage *stage = *state;
	struct result result = { .is_told = false };
	struct connected so_far;
	struct connection *connection;
	struct hole hole;

	hole_init(&hole, "127.0.0.1");
	connection = connect_start(
		stage->connector,
		&(struct connect_target){ .host = "127.0.0.1", .port = hole.port }, note, &result);
	(void)event_base_loopexit(stage->base, &(struct timeval){ 0, 30000 });
	(void)event_base_dispatch(stage->base);
	assert_false(result.is_told);
	connect_cancel(connection, &so_far);
	assert_int_equal(so_far.outcome, CONNECT_TIMED_OUT);
	assert_true(so_far.has_connected);
	assert_in_range(so_far.connect_took, 30 * USEC_PER_MS, 20 * USEC_PER_SEC);
	print_address(&so_far.address, result.address, sizeof(result.address));
	assert_string_equal(result.address, "127.0.0.1");
	hole_done(&hole);
}

static void a_lookup_that_is_cancelled_says_what_its_silence_means(void **state)
{
	struct stage *stage = *state;
	struct result result = { .is_told = false };
	struct connect_target target = { .host = "silent.test", .port = 1 };
	struct connected so_far;

	connect_cancel(connect_start(stage->connector, &target, note, &result), &so_far);
	assert_int_equal(so_far.outcome, CONNECT_UNRESOLVED);
	assert_int_equal(so_far.resolve_outcome, RESOLVE_LOCAL);
	assert_false(so_far.has_resolved);
	assert_false(so_far.has_connected);
	target.resolver = stage->dns.address;
	connect_cancel(connect_start(stage->connector, &target, note, &result), &so_far);
	assert_int_equal(so_far.resolve_outcome, RESOLVE_TIMEOUT);
	(void)event_base_loop(stage->base, EVLOOP_NONBLOCK);
	assert_false(result.is_told);
}

static void a_family_that_refuses_gives_way_at_once(void **state)
{
	struct stage *stage = *state;
	usec_t least = USEC_NEVER;
	uint16_t port = 0;
	int fds[2];

	bound_twins("::1", -1, "127.0.0.1", fds, &port);
	/* A busy machine may hold up some, but none can be faster than what it waits for. */
	for (unsigned tries = 0; tries < 20 && least >= 200 * USEC_PER_MS; tries++) {
		const usec_t before = clock_now();
		const struct result result =
			run(stage, &(struct connect_target){ .host = "twins.test", .port = port });

		least = clock_now() - before < least ? clock_now() - before : least;
		assert_int_equal(result.connected.outcome, CONNECT_OK);
		assert_string_equal(result.address, "127.0.0.1");
		assert_int_equal(result.connected.tries_count, 2);
		assert_int_equal(result.connected.tries[0].ip.family, 6);
		assert_true(result.connected.tries[0].is_over);
		assert_int_equal(result.connected.tries[0].outcome, CONNECT_REFUSED);
		assert_int_equal(result.connected.tries[1].ip.family, 4);
		assert_int_equal(result.connected.tries[1].outcome, CONNECT_OK);
		(void)close(result.connected.fd);
	}
	assert_true(least < 200 * USEC_PER_MS);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void a_family_that_is_silent_gives_way_after_a_quarter_of_a_second(void **state)
{
	struct stage *stage = *state;
	const usec_t before = clock_now();
	struct result result;
	struct hole hole;
	int listener;

	hole_init_beside(&hole, "::1", "127.0.0.1", &listener);
	result = run(stage, &(struct connect_target){ .host = "twins.test", .port = hole.port });
	assert_int_equal(result.connected.outcome, CONNECT_OK);
	assert_string_equal(result.address, "127.0.0.1");
	assert_true(result.connected.tries[0].has_begun);
	assert_false(result.connected.tries[0].is_over);
	assert_true(result.connected.tries[0].took >= 200 * USEC_PER_MS);
	assert_true(result.connected.tries[1].began >= 200 * USEC_PER_MS);
	/* The time of the winner alone. */
	assert_true(result.connected.connect_took + 200 * USEC_PER_MS <= clock_now() - before);
	(void)close(result.connected.fd);
	(void)close(listener);
	hole_done(&hole);
}

static void ipv6_goes_first_where_both_answer(void **state)
{
	struct stage *stage = *state;
	uint16_t port = 0;
	struct result result;
	int listeners[2];

	bound_twins("::1", 8, "127.0.0.1", listeners, &port);
	result = run(stage, &(struct connect_target){ .host = "twins.test", .port = port });
	assert_string_equal(result.address, "::1");
	(void)close(result.connected.fd);
	result = run(stage, &(struct connect_target){
				    .host = "twins.test", .port = port, .family = CONNECT_IPV4 });
	assert_string_equal(result.address, "127.0.0.1");
	(void)close(result.connected.fd);
	(void)close(listeners[0]);
	(void)close(listeners[1]);
}

static void of_many_the_first_alone_is_tried_on_demand(void **state)
{
	struct stage *stage = *state;
	struct result result;
	uint16_t port = 0;
	int fds[2];

	bound_twins("::1", -1, "127.0.0.1", fds, &port);
	result = run(stage, &(struct connect_target){
				    .host = "twins.test", .port = port, .only_first = true });
	assert_int_equal(result.connected.outcome, CONNECT_REFUSED);
	assert_int_equal(result.connected.tries_count, 2);
	assert_true(result.connected.tries[0].is_over);
	assert_int_equal(result.connected.tries[1].ip.family, 4);
	assert_false(result.connected.tries[1].has_begun);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void private_addresses_are_forbidden_on_demand(void **state)
{
	struct stage *stage = *state;
	struct result result = run(
		stage,
		&(struct connect_target){ .host = "twins.test", .port = 80, .no_private = true });

	assert_int_equal(result.connected.outcome, CONNECT_FORBIDDEN);
	assert_string_equal(result.detail, "::1 is a private address");
	assert_false(result.connected.has_connected);
	result = run(stage, &(struct connect_target){
				    .host = "::ffff:127.0.0.1", .port = 80, .no_private = true });
	assert_int_equal(result.connected.outcome, CONNECT_FORBIDDEN);
	result = run(stage, &(struct connect_target){
				    .host = "private.test", .port = 80, .no_private = true });
	assert_int_equal(result.connected.outcome, CONNECT_FORBIDDEN);
	assert_string_equal(result.address, "10.0.0.1");
}

static void the_server_sees_the_source(void **state)
{
	struct stage *stage = *state;
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	char address[64];
	uint16_t port = 0;
	const int listener = bound("127.0.0.1", 8, &port);
	struct result result =
		run(stage, &(struct connect_target){
				   .host = "127.0.0.1", .port = port, .source = "127.0.0.77" });
	int fd;

	assert_int_equal(result.connected.outcome, CONNECT_OK);
	fd = accept(listener, (struct sockaddr *)&peer, &len);
	print_address(&peer, address, sizeof(address));
	assert_string_equal(address, "127.0.0.77");
	(void)close(fd);
	(void)close(result.connected.fd);

	result = run(stage,
		     &(struct connect_target){ .host = "127.0.0.1", .port = port, .source = "lo" });
	assert_int_equal(result.connected.outcome, CONNECT_OK);
	(void)close(result.connected.fd);
	(void)close(listener);
}

static void a_source_that_is_not_here_is_local(void **state)
{
	struct stage *stage = *state;
	struct result result =
		run(stage, &(struct connect_target){
				   .host = "127.0.0.1", .port = 80, .source = "198.51.100.1" });

	assert_int_equal(result.connected.outcome, CONNECT_LOCAL);
	assert_int_equal(result.connected.error, EADDRNOTAVAIL);
	result = run(stage, &(struct connect_target){
				    .host = "127.0.0.1", .port = 80, .source = "no-such-dev" });
	assert_int_equal(result.connected.outcome, CONNECT_LOCAL);
	assert_string_equal(result.detail, "no such interface here");
	result = run(stage,
		     &(struct connect_target){ .host = "127.0.0.1", .port = 80, .source = "::1" });
	assert_int_equal(result.connected.outcome, CONNECT_LOCAL);
	assert_string_equal(result.detail, "the source has no address of that family");
}

static void no_descriptor_left_is_local(void **state)
{
	const pid_t child = fork();
	int status;

	if (child == 0) {
		const struct rlimit limit = { 3, 3 };
		struct result result;

		if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
			_exit(2);
		result = run(*state, &(struct connect_target){ .host = "127.0.0.1", .port = 80 });
		_exit(result.connected.outcome == CONNECT_LOCAL && result.connected.error == EMFILE
			      ? 0
			      : 1);
	}
	assert_return_code(child, errno);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void many_connections_at_once_all_end(void **state)
{
	enum { MANY = 300 };
	struct stage *stage = *state;
	static struct result results[MANY];
	uint16_t port = 0;
	const int listener = bound("127.0.0.1", MANY, &port);
	const struct connect_target target = { .host = "lo.test", .port = port };
	unsigned told = 0;

	memset(results, 0, sizeof(results));
	for (unsigned i = 0; i < MANY; i++)
		(void)connect_start(stage->connector, &target, note, &results[i]);
	while (told < MANY) {
		(void)event_base_loop(stage->base, EVLOOP_ONCE);
		told = 0;
		for (unsigned i = 0; i < MANY; i++)
			told += results[i].is_told;
	}
	assert_int_equal(stage->dns.asked, 2);
	for (unsigned i = 0; i < MANY; i++) {
		assert_int_equal(results[i].connected.outcome, CONNECT_OK);
		(void)close(results[i].connected.fd);
	}
	(void)close(listener);
}

static void the_connector_ends_with_connections_under_way(void **state)
{
	struct stage *stage = *state;
	static struct result results[3];
	struct hole hole;

	memset(results, 0, sizeof(results));
	hole_init(&hole, "127.0.0.1");
	(void)connect_start(stage->connector,
			    &(struct connect_target){ .host = "127.0.0.1", .port = hole.port },
			    note, &results[0]);
	(void)connect_start(stage->connector,
			    &(struct connect_target){ .host = "silent.test", .port = hole.port },
			    note, &results[1]);
	(void)event_base_loop(stage->base, EVLOOP_NONBLOCK);
	(void)connect_start(
		stage->connector,
		&(struct connect_target){ .host = "127.0.0.1", .port = 1, .no_private = true },
		note, &results[2]);
	hole_done(&hole);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_listener_is_connected_to),
		TEST(a_name_is_looked_up_first),
		TEST(a_given_address_needs_no_lookup),
		TEST(a_closed_port_refuses),
		TEST(silence_lasts_until_it_is_cancelled),
		TEST(a_lookup_that_is_cancelled_says_what_its_silence_means),
		TEST(a_family_that_refuses_gives_way_at_once),
		TEST(a_family_that_is_silent_gives_way_after_a_quarter_of_a_second),
		TEST(ipv6_goes_first_where_both_answer),
		TEST(of_many_the_first_alone_is_tried_on_demand),
		TEST(private_addresses_are_forbidden_on_demand),
		TEST(the_server_sees_the_source),
		TEST(a_source_that_is_not_here_is_local),
		TEST(no_descriptor_left_is_local),
		TEST(many_connections_at_once_all_end),
		TEST(the_connector_ends_with_connections_under_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
