/* transfer.c - claims about transfers over sockets that are connected already. */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "loop/arrival.h"
#include "loop/transfer.h"

enum { SERVED_MAX = 64, SENT_MAX = 512 };

/* Answers `replies` requests with "ok", all on connections that stay open. */
struct server {
	pthread_t thread;
	struct pollfd served[SERVED_MAX]; /* the first is where others come */
	unsigned served_count;
	int fd;
	uint16_t port;
	unsigned accepted;
	unsigned replies;
};

static void *serve(void *context)
{
	static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
	struct server *server = context;
	char request[4096];

	server->served[server->served_count++] = (struct pollfd){ server->fd, POLLIN, 0 };
	while (server->replies > 0) {
		/* Who comes waits until there is a place. */
		server->served[0].events = server->served_count < SERVED_MAX ? POLLIN : 0;
		assert_true(poll(server->served, server->served_count, -1) > 0);
		if (server->served[0].revents) {
			const int fd = accept(server->fd, NULL, NULL);

			server->accepted++;
			server->served[server->served_count++] = (struct pollfd){ fd, POLLIN, 0 };
		}
		for (unsigned i = server->served_count - 1; i > 0; i--) {
			const int fd = server->served[i].fd;

			if (!server->served[i].revents)
				continue;
			if (read(fd, request, sizeof(request)) > 0) {
				assert_int_equal(write(fd, reply, sizeof(reply) - 1),
						 sizeof(reply) - 1);
				server->replies--;
				continue;
			}
			(void)close(fd);
			server->served[i] = server->served[--server->served_count];
		}
	}
	while (server->served_count > 1)
		(void)close(server->served[--server->served_count].fd);
	return NULL;
}

static void server_start(struct server *server, unsigned replies)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);

	*server = (struct server){ .replies = replies };
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(server->fd, 512), 0);
	assert_int_equal(getsockname(server->fd, (struct sockaddr *)&address, &len), 0);
	server->port = ntohs(address.sin_port);
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static void server_stop(struct server *server)
{
	assert_int_equal(pthread_join(server->thread, NULL), 0);
	(void)close(server->fd);
}

/* As the connector does: non-blocking, and the outcome learned from SO_ERROR. */
static int connect_to(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error = 0;
	socklen_t len = sizeof(error);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), -1);
	assert_int_equal(errno, EINPROGRESS);
	assert_int_equal(poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, 5000), 1);
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len), 0);
	assert_int_equal(error, 0);
	return fd;
}

struct fixture {
	struct event_base *base;
	struct transfers *transfers;
	unsigned ended;
	CURLcode code;
};

static int set_up(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){ .base = event_base_new() };
	fixture.transfers = transfers_new(fixture.base);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	transfers_free(fixture->transfers);
	event_base_free(fixture->base);
	return 0;
}

static void ended(CURLcode code, void *context)
{
	struct fixture *fixture = context;

	fixture->ended++;
	fixture->code = code;
}

static void wait_for(struct fixture *fixture, unsigned count)
{
	while (fixture->ended < count)
		assert_int_equal(event_base_loop(fixture->base, EVLOOP_ONCE), 0);
}

static size_t swallow(char *data, size_t size, size_t count, void *context)
{
	return size * count;
}

static struct transfer *take(struct fixture *fixture, const char *url)
{
	struct transfer *transfer = transfer_take(fixture->transfers, NULL);

	(void)curl_easy_setopt(transfer_handle(transfer), CURLOPT_URL, url);
	(void)curl_easy_setopt(transfer_handle(transfer), CURLOPT_WRITEFUNCTION, swallow);
	return transfer;
}

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

static void an_errno_does_not_outlive_its_transfer(void **state)
{
	struct fixture *fixture = *state;
	struct transfer *transfer = take(fixture, "http://name.invalid/");
	const struct linger linger = { .l_onoff = 1, .l_linger = 0 };
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	long error = 0;
	int fd, peer;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
	fd = connect_to(ntohs(address.sin_port));
	peer = accept(listener, NULL, NULL);
	(void)setsockopt(peer, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	transfer_start(transfer, fd, ended, fixture);
	(void)close(peer);
	wait_for(fixture, 1);
	(void)curl_easy_getinfo(transfer_handle(transfer), CURLINFO_OS_ERRNO, &error);
	assert_int_equal(error, ECONNRESET);
	transfer_give(transfer);
	(void)close(listener);

	transfer = transfer_take(fixture->transfers, NULL);
	(void)curl_easy_getinfo(transfer_handle(transfer), CURLINFO_OS_ERRNO, &error);
	assert_int_equal(error, 0);
	transfer_give(transfer);
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

static void a_burst_of_handles_is_not_kept_for_good(void **state)
{
	struct fixture *fixture = *state;
	struct transfer *burst[600];

	for (size_t i = 0; i < 600; i++)
		burst[i] = transfer_take(fixture->transfers, NULL);
	assert_int_equal(transfers_idle(fixture->transfers), 0);
	for (size_t i = 0; i < 600; i++)
		transfer_give(burst[i]);
	assert_int_equal(transfers_idle(fixture->transfers), 600);
	/* One after the other, as after the burst. */
	for (size_t i = 0; i < 600; i++)
		transfer_give(transfer_take(fixture->transfers, NULL));
	assert_in_range(transfers_idle(fixture->transfers), 1, 300);
}

static unsigned prepared;

static int note_sent(CURL *easy, curl_infotype kind, char *data, size_t len, void *context)
{
	char *sent = context;

	if (kind == CURLINFO_HEADER_OUT)
		(void)snprintf(sent, SENT_MAX, "%.*s", (int)len, data);
	return 0;
}

static void prepare(CURL *easy)
{
	prepared++;
	(void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "prepared");
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, swallow);
	(void)curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, note_sent);
}

/* `method` NULL: the usual one, so that nothing is set but what transfer_set() sets. */
static void request(struct fixture *fixture, uint16_t port, const char *method, bool is_telling,
		    char *ret_sent)
{
	struct transfer *transfer = transfer_take(fixture->transfers, prepare);

	ret_sent[0] = '\0';
	transfer_set(transfer, "http://name.invalid/", NULL, ret_sent);
	if (method)
		(void)curl_easy_setopt(transfer_handle(transfer), CURLOPT_CUSTOMREQUEST, method);
	transfer_tell(transfer, is_telling);
	transfer_start(transfer, connect_to(port), ended, fixture);
	wait_for(fixture, fixture->ended + 1);
	assert_int_equal(fixture->code, CURLE_OK);
	transfer_give(transfer);
}

static void what_one_alone_sets_is_not_the_next_ones(void **state)
{
	struct fixture *fixture = *state;
	char sent[SENT_MAX];
	struct server server;

	prepared = 0;
	server_start(&server, 4);
	request(fixture, server.port, "BREW", true, sent);
	assert_memory_equal(sent, "BREW / ", 7);
	request(fixture, server.port, NULL, true, sent);
	assert_memory_equal(sent, "GET / ", 6);
	assert_non_null(strstr(sent, "\r\nUser-Agent: prepared\r\n"));
	assert_int_equal(prepared, 2);

	/* And what is prepared stays, without being set again, but not that it is told. */
	request(fixture, server.port, NULL, false, sent);
	assert_string_equal(sent, "");
	request(fixture, server.port, NULL, true, sent);
	assert_non_null(strstr(sent, "\r\nUser-Agent: prepared\r\n"));
	assert_int_equal(prepared, 2);
	server_stop(&server);
}

static void another_kind_begins_with_a_clean_handle(void **state)
{
	struct fixture *fixture = *state;
	char sent[SENT_MAX];
	struct server server;
	struct transfer *transfer;

	server_start(&server, 2);
	request(fixture, server.port, NULL, true, sent);
	transfer = take(fixture, "http://name.invalid/");
	(void)curl_easy_setopt(transfer_handle(transfer), CURLOPT_DEBUGFUNCTION, note_sent);
	(void)curl_easy_setopt(transfer_handle(transfer), CURLOPT_DEBUGDATA, sent);
	transfer_tell(transfer, true);
	transfer_start(transfer, connect_to(server.port), ended, fixture);
	wait_for(fixture, 2);
	assert_null(strstr(sent, "User-Agent"));
	transfer_give(transfer);
	server_stop(&server);
}

/* Whoever asks for no kept connection gets none, and leaves none. */
static void keeping_ends_with_the_transfer(void **state)
{
	struct fixture *fixture = *state;
	struct server server;
	struct transfer *transfer;
	char sent[SENT_MAX];

	server_start(&server, 2);
	for (unsigned i = 0; i < 2; i++) {
		transfer = transfer_take(fixture->transfers, prepare);
		transfer_set(transfer, "http://name.invalid/", NULL, sent);
		if (i == 0)
			transfer_keep(transfer, 7, 0);
		transfer_start(transfer, i == 0 ? connect_to(server.port) : -1, ended, fixture);
		wait_for(fixture, i + 1);
		assert_int_equal(transfer_wants_socket(transfer), i == 1);
		transfer_give(transfer);
	}
	request(fixture, server.port, NULL, true, sent);
	assert_non_null(strstr(sent, "\r\nHost: name.invalid\r\n"));
	server_stop(&server);
	assert_int_equal(server.accepted, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_one_alone_sets_is_not_the_next_ones, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(another_kind_begins_with_a_clean_handle, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(keeping_ends_with_the_transfer, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_burst_of_handles_is_not_kept_for_good, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_answer_that_lay_here_is_not_late, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_name_is_never_resolved, set_up, tear_down),
		cmocka_unit_test_setup_teardown(three_hundred_handed_sockets_all_work, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(without_a_socket_it_ends_and_says_so, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(many_connections_are_kept_while_few_are_at_work,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_kept_connection_serves_its_token_only, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_stopped_transfer_is_silent_and_its_socket_closed,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_errno_does_not_outlive_its_transfer, set_up,
						tear_down),
	};

	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
