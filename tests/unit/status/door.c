/* door.c - connections: counted, bounded, and shown out. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>

#include "base/memory.h"
#include "base/text.h"
#include "status/door.h"

enum { CLIENTS_MAX = 64 };

/* A door whose visitors are answered "hello", at once, much later or without end. */
struct house {
	struct event_base *base;
	struct door *door;
	struct sockaddr_un address;
	bool is_admin; /* the next who comes */
	bool is_holding; /* requests are kept open */
	size_t reply_bytes;
	unsigned requests, lost;
	struct evhttp_request *kept;
};

static bool may_change(int fd, void *context)
{
	const struct house *house = context;

	assert_true(fcntl(fd, F_GETFD) >= 0);
	return house->is_admin;
}

static void complete(struct evhttp_request *request, void *context)
{
	(void)request;
	visitor_await(context);
}

static void take(struct visitor *visitor, struct evhttp_request *request, void *context)
{
	struct house *house = context;
	struct evbuffer *body;

	house->requests++;
	/* Only whether there is one counts here. */
	visitor->answer = (void *)request;
	evhttp_request_set_on_complete_cb(request, complete, visitor);
	house->kept = request;
	if (house->is_holding)
		return;
	body = evbuffer_new();
	for (size_t i = 0; i < house->reply_bytes; i += 16)
		(void)evbuffer_add(body, "hello, visitors!", 16);
	evhttp_send_reply(request, 200, NULL, body);
	evbuffer_free(body);
}

static void lost(struct visitor *visitor, void *context)
{
	struct house *house = context;
	struct evhttp_request *request = (void *)visitor->answer;

	house->lost++;
	if (!evhttp_request_get_connection(request))
		evhttp_request_free(request);
}

static int begin(void **state)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct house *house = MEMORY_NEW(struct house);
	struct door_options options = {
		.ordinary = 4,
		.reserved = 2,
		.request_wait = 40 * USEC_PER_MS,
		.drain_wait = 40 * USEC_PER_MS,
		.sweep = 10 * USEC_PER_MS,
		.backlog_bytes = 1024 * 1024,
		.may_change = may_change,
		.request = take,
		.lost = lost,
		.context = house,
	};

	assert_int_equal(sigaction(SIGPIPE, &ignore, NULL), 0);
	house->base = event_base_new();
	house->reply_bytes = 16;
	house->address.sun_family = AF_UNIX;
	/* An abstract name: nothing to clean up. */
	(void)snprintf(house->address.sun_path + 1, sizeof(house->address.sun_path) - 1,
		       "picket-door-%d", getpid());
	options.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_int_equal(
		bind(options.fd, (struct sockaddr *)&house->address, sizeof(house->address)), 0);
	assert_int_equal(listen(options.fd, 128), 0);
	house->door = door_new(house->base, &options);
	assert_non_null(house->door);
	*state = house;
	return 0;
}

static int end(void **state)
{
	struct house *house = *state;

	door_free(house->door);
	event_base_free(house->base);
	free(house);
	return 0;
}

static int come(struct house *house)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&house->address, sizeof(house->address)),
			 0);
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static const char request[] = "GET / HTTP/1.1\r\nHost: picket\r\n\r\n";

/* Turns the loop until the peer has something to read or the connection has ended. */
static ssize_t hear(struct house *house, int fd, char *text, size_t size)
{
	const usec_t start = clock_now();
	ssize_t len;

	while ((len = recv(fd, text, size - 1, MSG_DONTWAIT)) < 0) {
		assert_true(clock_now() - start < 20 * USEC_PER_SEC);
		assert_true(event_base_loop(house->base, EVLOOP_ONCE) >= 0);
	}
	text[len] = '\0';
	return len;
}

static void expect_answer(struct house *house, int fd, const char *status)
{
	char text[4096];

	assert_true(hear(house, fd, text, sizeof(text)) > 0);
	assert_memory_equal(text, status, strlen(status));
}

static void expect_end(struct house *house, int fd)
{
	char text[4096];

	while (hear(house, fd, text, sizeof(text)) > 0)
		continue;
	(void)close(fd);
}

static void turn_until(struct house *house, unsigned visitors)
{
	const usec_t start = clock_now();

	while (door_visitors(house->door) != visitors) {
		assert_true(clock_now() - start < 20 * USEC_PER_SEC);
		assert_true(event_base_loop(house->base, EVLOOP_ONCE) >= 0);
	}
}

static void visitors_may_ask_again_and_again(void **state)
{
	struct house *house = *state;
	int fd = come(house);

	for (unsigned i = 0; i < 3; i++) {
		say(fd, request);
		expect_answer(house, fd, "HTTP/1.1 200");
	}
	assert_int_equal(house->requests, 3);
	assert_int_equal(door_visitors(house->door), 1);
	(void)close(fd);
	turn_until(house, 0);
}

static void half_a_request_is_not_awaited_for_ever(void **state)
{
	struct house *house = *state;
	int fd = come(house);

	say(fd, "GET / HTTP/1.1\r\nHo");
	expect_end(house, fd);
	assert_int_equal(house->requests, 0);
	turn_until(house, 0);
	assert_int_equal(door_refused(house->door, REFUSED_NO_REQUEST), 1);
	assert_int_equal(door_refused(house->door, REFUSED_NOT_READING), 0);
}

static void who_dribbles_is_shown_out_too(void **state)
{
	struct house *house = *state;
	const usec_t start = clock_now();
	int fd = come(house);
	char text[256];

	while (recv(fd, text, sizeof(text), MSG_DONTWAIT) < 0) {
		(void)send(fd, "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
		assert_true(event_base_loop(house->base, EVLOOP_ONCE) >= 0);
		assert_true(clock_now() - start < 20 * USEC_PER_SEC);
	}
	(void)close(fd);
	turn_until(house, 0);
}

static void a_door_that_moves_leaves_its_visitors_alone(void **state)
{
	struct house *house = *state;
	const int inside = come(house);
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int late;

	turn_until(house, 1);
	(void)snprintf(house->address.sun_path + 1, 32, "picket-moved-%d", getpid());
	assert_int_equal(bind(fd, (struct sockaddr *)&house->address, sizeof(house->address)), 0);
	assert_int_equal(listen(fd, 128), 0);
	door_move(house->door, fd);
	late = come(house);
	say(late, request);
	say(inside, request);
	expect_answer(house, late, "HTTP/1.1 200");
	expect_answer(house, inside, "HTTP/1.1 200");
}

static void who_waits_for_an_answer_is_left_in_peace(void **state)
{
	struct house *house = *state;
	const usec_t start = clock_now();
	int fd = come(house);

	house->is_holding = true;
	say(fd, request);
	while (clock_now() - start < 150 * USEC_PER_MS)
		assert_true(event_base_loop(house->base, EVLOOP_ONCE) >= 0);
	assert_int_equal(door_answering(house->door), 1);
	assert_int_equal(house->lost, 0);
	evhttp_send_reply(house->kept, 200, NULL, NULL);
	expect_answer(house, fd, "HTTP/1.1 200");
	(void)close(fd);
}

static void a_peer_that_left_while_we_worked_is_noticed(void **state)
{
	struct house *house = *state;
	int fd = come(house);

	house->is_holding = true;
	say(fd, request);
	while (house->requests == 0)
		assert_true(event_base_loop(house->base, EVLOOP_ONCE) >= 0);
	(void)close(fd);
	turn_until(house, 0);
	assert_int_equal(house->lost, 1);
}

static void expect_shown_out_with(struct house *house, size_t reply_bytes)
{
	int fd = come(house);

	house->reply_bytes = reply_bytes;
	say(fd, request);
	turn_until(house, 1);
	turn_until(house, 0);
	assert_int_equal(house->lost, 1);
	assert_int_equal(door_refused(house->door, REFUSED_NOT_READING), 1);
	(void)close(fd);
}

static void who_does_not_read_is_shown_out(void **state)
{
	expect_shown_out_with(*state, 900 * 1024); /* more than the socket takes */
}

static void who_lets_too_much_pile_up_is_shown_out(void **state)
{
	expect_shown_out_with(*state, 3 * 1024 * 1024);
}

static void ordinary_visitors_have_so_many_places(void **state)
{
	struct house *house = *state;
	int fds[4], other;

	house->is_holding = true;
	for (unsigned i = 0; i < 4; i++) {
		fds[i] = come(house);
		say(fds[i], request);
	}
	while (house->requests < 4)
		assert_true(event_base_loop(house->base, EVLOOP_ONCE) >= 0);
	other = come(house);
	expect_answer(house, other, "HTTP/1.1 503 Service Unavailable\r\n");
	expect_end(house, other);
	assert_int_equal(door_refused(house->door, REFUSED_NO_PLACE), 1);

	(void)close(fds[0]);
	turn_until(house, 3);
	house->is_holding = false;
	other = come(house);
	say(other, request);
	expect_answer(house, other, "HTTP/1.1 200");
	(void)close(other);
	for (unsigned i = 1; i < 4; i++)
		(void)close(fds[i]);
	turn_until(house, 0);
}

static void who_is_turned_away_gets_whole_json(void **state)
{
	struct house *house = *state;
	char text[4096];
	int fds[5];
	const char *body;
	size_t length;

	house->is_holding = true;
	for (unsigned i = 0; i < 5; i++)
		fds[i] = come(house);
	assert_true(hear(house, fds[4], text, sizeof(text)) > 0);
	body = strstr(text, "\r\n\r\n");
	assert_non_null(body);
	assert_int_equal(sscanf(strstr(text, "Content-Length: "), "Content-Length: %zu", &length),
			 1);
	assert_int_equal(strlen(body + 4), length);
	assert_memory_equal(body + 4, "{\"error\":{\"code\":\"too_many_connections\"", 39);
	for (unsigned i = 0; i < 5; i++)
		(void)close(fds[i]);
	turn_until(house, 0);
}

static void administrators_get_in_when_all_places_are_taken(void **state)
{
	struct house *house = *state;
	int fds[5];

	house->is_holding = true;
	for (unsigned i = 0; i < 4; i++) {
		fds[i] = come(house);
		say(fds[i], request);
	}
	while (house->requests < 4)
		assert_true(event_base_loop(house->base, EVLOOP_ONCE) >= 0);
	house->is_holding = false;
	house->is_admin = true;
	fds[4] = come(house);
	say(fds[4], request);
	expect_answer(house, fds[4], "HTTP/1.1 200");
	for (unsigned i = 0; i < 5; i++)
		(void)close(fds[i]);
	turn_until(house, 0);
}

static void a_full_house_tells_everybody_so(void **state)
{
	struct house *house = *state;
	int fds[8];

	house->is_admin = true;
	house->is_holding = true;
	for (unsigned i = 0; i < 6; i++) {
		fds[i] = come(house);
		say(fds[i], request);
	}
	for (unsigned i = 6; i < 8; i++) {
		fds[i] = come(house);
		expect_answer(house, fds[i], "HTTP/1.1 503 Service Unavailable\r\n");
		/* Whoever asks only now is not hit by a closed connection. */
		say(fds[i], request);
		expect_end(house, fds[i]);
	}
	turn_until(house, 6);
	assert_int_equal(door_refused(house->door, REFUSED_NO_PLACE), 2);
	assert_int_equal(house->requests, 6);
	for (unsigned i = 0; i < 6; i++)
		(void)close(fds[i]);
	turn_until(house, 0);
}

/* All descriptors but those that are open already. */
static struct rlimit leave_no_descriptors(void)
{
	struct rlimit before, limit;
	int highest = dup(0);

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	(void)close(highest);
	limit = before;
	limit.rlim_cur = (rlim_t)highest;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	return before;
}

static void without_descriptors_a_spare_one_is_used(void **state)
{
	struct house *house = *state;
	int fd = come(house);
	struct rlimit before = leave_no_descriptors();

	say(fd, request);
	expect_answer(house, fd, "HTTP/1.1 200");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	(void)close(fd);
	turn_until(house, 0);
}

static void too_large_requests_are_refused(void **state)
{
	struct house *house = *state;
	struct text text = { 0 };
	int fd = come(house);

	text_append(&text, "GET /");
	for (unsigned i = 0; i < 2000; i++)
		text_append(&text, "0123456789");
	(void)send(fd, text.data, text.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	expect_answer(house, fd, "HTTP/1.1 400");
	(void)close(fd);

	fd = come(house);
	say(fd, "POST / HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n");
	expect_answer(house, fd, "HTTP/1.1 413");
	(void)close(fd);

	fd = come(house);
	say(fd, "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n");
	expect_answer(house, fd, "HTTP/1.1 400");
	(void)close(fd);
	assert_int_equal(house->requests, 0);
	text_done(&text);
}

static void closing_the_door_sends_away_who_does_not_wait(void **state)
{
	struct house *house = *state;
	int idle, busy;

	house->is_holding = true;
	idle = come(house);
	busy = come(house);
	say(busy, request);
	while (house->requests == 0 || door_visitors(house->door) < 2)
		assert_true(event_base_loop(house->base, EVLOOP_ONCE) >= 0);
	door_close(house->door);
	assert_int_equal(door_answering(house->door), 1);
	expect_end(house, idle);
	evhttp_send_reply(house->kept, 200, NULL, NULL);
	expect_answer(house, busy, "HTTP/1.1 200");
	assert_int_equal(door_answering(house->door), 0);
	door_close(house->door);
	expect_end(house, busy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, begin, end)
		CLAIM(visitors_may_ask_again_and_again),
		CLAIM(half_a_request_is_not_awaited_for_ever),
		CLAIM(who_dribbles_is_shown_out_too),
		CLAIM(a_door_that_moves_leaves_its_visitors_alone),
		CLAIM(who_waits_for_an_answer_is_left_in_peace),
		CLAIM(a_peer_that_left_while_we_worked_is_noticed),
		CLAIM(who_does_not_read_is_shown_out),
		CLAIM(who_lets_too_much_pile_up_is_shown_out),
		CLAIM(ordinary_visitors_have_so_many_places),
		CLAIM(who_is_turned_away_gets_whole_json),
		CLAIM(administrators_get_in_when_all_places_are_taken),
		CLAIM(a_full_house_tells_everybody_so),
		CLAIM(without_descriptors_a_spare_one_is_used),
		CLAIM(too_large_requests_are_refused),
		CLAIM(closing_the_door_sends_away_who_does_not_wait),
#undef CLAIM
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
