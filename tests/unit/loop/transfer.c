/* transfer.c - claims about transfers over sockets that are connected already. */
#include <arpa/inet.h>
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "loop/arrival.h"
#include "transfer_bench.h"

static long status_of(struct transfer *transfer)
{
	long status = 0;

	(void)curl_easy_getinfo(transfer_handle(transfer), CURLINFO_RESPONSE_CODE, &status);
	return status;
}

static void a_name_is_never_resolved(void **state)
{
	struct fixture *fixture = *state;
	struct transfer *transfer = take(fixture, "http://no-such-name.invalid/");
	struct server server;

	server_start(&server, 1);
	transfer_start(transfer, connect_to(server.port), ended, fixture);
	assert_int_equal(fixture->ended, 0);
	wait_for(fixture, 1);
	assert_int_equal(fixture->code, CURLE_OK);
	assert_int_equal(status_of(transfer), 200);
	assert_true(transfer_began(transfer) > 0);
	transfer_give(transfer);
	server_stop(&server);
	assert_int_equal(server.accepted, 1);
}

static void three_hundred_handed_sockets_all_work(void **state)
{
	enum { COUNT = 300 };
	struct fixture *fixture = *state;
	struct transfer *transfers[COUNT];
	struct server server;

	server_start(&server, COUNT);
	for (unsigned i = 0; i < COUNT; i++) {
		transfers[i] = take(fixture, "http://name.invalid/");
		transfer_start(transfers[i], connect_to(server.port), ended, fixture);
	}
	wait_for(fixture, COUNT);
	for (unsigned i = 0; i < COUNT; i++) {
		assert_int_equal(status_of(transfers[i]), 200);
		transfer_give(transfers[i]);
	}
	server_stop(&server);
	assert_int_equal(server.accepted, COUNT);
}

static void without_a_socket_it_ends_and_says_so(void **state)
{
	struct fixture *fixture = *state;
	struct transfer *transfer = take(fixture, "http://name.invalid/");

	transfer_start(transfer, -1, ended, fixture);
	wait_for(fixture, 1);
	assert_int_equal(fixture->code, CURLE_COULDNT_CONNECT);
	assert_true(transfer_wants_socket(transfer));
	assert_true(transfer_began(transfer) == 0);
	transfer_give(transfer);
}

static void a_kept_connection_serves_its_token_only(void **state)
{
	struct fixture *fixture = *state;
	struct transfer *transfer = take(fixture, "http://name.invalid/");
	struct server server;

	server_start(&server, 2);
	transfer_keep(transfer, 7, 0);
	transfer_start(transfer, connect_to(server.port), ended, fixture);
	wait_for(fixture, 1);
	assert_int_equal(fixture->code, CURLE_OK);

	transfer_keep(transfer, 9, 0);
	transfer_start(transfer, -1, ended, fixture);
	wait_for(fixture, 2);
	assert_true(transfer_wants_socket(transfer));

	transfer_keep(transfer, 7, 0);
	transfer_start(transfer, -1, ended, fixture);
	wait_for(fixture, 3);
	assert_int_equal(fixture->code, CURLE_OK);
	assert_false(transfer_wants_socket(transfer));
	transfer_give(transfer);
	server_stop(&server);
	assert_int_equal(server.accepted, 1);
}

/* libcurl by itself keeps four where one is at work. */
static void many_connections_are_kept_while_few_are_at_work(void **state)
{
	enum { COUNT = 50 };
	struct fixture *fixture = *state;
	struct server server;
	unsigned count = 0;

	server_start(&server, 2 * COUNT);
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < COUNT; i++) {
			struct transfer *transfer = take(fixture, "http://name.invalid/");

			/* Ten of a second. */
			transfer_keep(transfer, i * 65536, i * USEC_PER_SEC / 10);
			transfer_start(transfer, round == 0 ? connect_to(server.port) : -1, ended,
				       fixture);
			wait_for(fixture, ++count);
			assert_int_equal(fixture->code, CURLE_OK);
			transfer_give(transfer);
		}
	}
	server_stop(&server);
	assert_int_equal(server.accepted, COUNT);
}

static void a_stopped_transfer_is_silent_and_its_socket_closed(void **state)
{
	struct fixture *fixture = *state;
	struct transfer *transfer = take(fixture, "http://name.invalid/");
	int pair[2];
	char byte;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	transfer_start(transfer, pair[0], ended, fixture);
	transfer_stop(transfer);
	assert_int_equal(read(pair[1], &byte, 1), 0);
	(void)event_base_loop(fixture->base, EVLOOP_NONBLOCK);
	assert_int_equal(fixture->ended, 0);
	transfer_give(transfer);
	(void)close(pair[1]);
}

/* A connection whose other end is here too. */
static int connect_here(int *ret_peer)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
	fd = connect_to(ntohs(address.sin_port));
	*ret_peer = accept(listener, NULL, NULL);
	(void)close(listener);
	return fd;
}

struct arrival {
	struct transfer *transfer;
	usec_t first, last;
	bool is_over;
};

static size_t note_first(char *data, size_t size, size_t count, void *context)
{
	struct arrival *arrival = context;

	if (!arrival->first)
		arrival->first = transfer_first_came(arrival->transfer);
	return size * count;
}

static void note_last(CURLcode code, void *context)
{
	struct arrival *arrival = context;

	assert_int_equal(code, CURLE_OK);
	arrival->last = transfer_last_came(arrival->transfer);
	arrival->is_over = true;
}

/* The answer is there, and for a while nobody comes to read it.  True if the kernel had
 * stamped it: it begins to a little after the first socket asked for stamps.
 */
static bool what_waited_came_when_it_came(struct fixture *fixture)
{
	static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
	struct arrival arrival = { .transfer = take(fixture, "http://name.invalid/") };
	char request[4096];
	usec_t there;
	int peer;
	const int fd = connect_here(&peer);
	struct pollfd answered = { .fd = fd, .events = POLLIN };
	bool is_stamped;

	(void)curl_easy_setopt(transfer_handle(arrival.transfer), CURLOPT_HEADERFUNCTION,
			       note_first);
	(void)curl_easy_setopt(transfer_handle(arrival.transfer), CURLOPT_HEADERDATA, &arrival);
	transfer_start(arrival.transfer, fd, note_last, &arrival);
	while (recv(peer, request, sizeof(request), MSG_DONTWAIT) <= 0)
		assert_int_equal(event_base_loop(fixture->base, EVLOOP_NONBLOCK), 0);
	assert_int_equal(write(peer, reply, sizeof(reply) - 1), sizeof(reply) - 1);
	assert_int_equal(poll(&answered, 1, 10000), 1);
	there = clock_now();
	while (clock_now() < there + 20 * USEC_PER_MS)
		;
	while (!arrival.is_over)
		assert_int_equal(event_base_loop(fixture->base, EVLOOP_ONCE), 0);
	is_stamped = arrival.last < there + 20 * USEC_PER_MS;
	assert_true(!is_stamped || (arrival.first <= there && arrival.last <= there));
	transfer_give(arrival.transfer);
	(void)close(peer);
	return is_stamped;
}

static void an_answer_that_lay_here_is_not_late(void **state)
{
	/* Keeps the kernel at it, once it has begun. */
	int peer;
	const int fd = connect_here(&peer);

	assert_int_equal(arrival_watch(fd), 0);
	while (!what_waited_came_when_it_came(*state))
		;
	assert_true(what_waited_came_when_it_came(*state));
	(void)close(fd);
	(void)close(peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_answer_that_lay_here_is_not_late, bench_up,
						bench_down),
		cmocka_unit_test_setup_teardown(a_name_is_never_resolved, bench_up, bench_down),
		cmocka_unit_test_setup_teardown(three_hundred_handed_sockets_all_work, bench_up,
						bench_down),
		cmocka_unit_test_setup_teardown(without_a_socket_it_ends_and_says_so, bench_up,
						bench_down),
		cmocka_unit_test_setup_teardown(many_connections_are_kept_while_few_are_at_work,
						bench_up, bench_down),
		cmocka_unit_test_setup_teardown(a_kept_connection_serves_its_token_only, bench_up,
						bench_down),
		cmocka_unit_test_setup_teardown(a_stopped_transfer_is_silent_and_its_socket_closed,
						bench_up, bench_down),
	};

	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
