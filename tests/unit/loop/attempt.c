/* attempt.c - claims about loop/attempt.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "loop/attempt.h"

static int bound(struct sockaddr_in *ret_address)
{
	socklen_t len = sizeof(*ret_address);
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*ret_address = (struct sockaddr_in){ .sin_family = AF_INET,
					     .sin_addr = { htonl(INADDR_LOOPBACK) } };
	assert_return_code(fd, errno);
	assert_return_code(bind(fd, (struct sockaddr *)ret_address, len), errno);
	assert_return_code(getsockname(fd, (struct sockaddr *)ret_address, &len), errno);
	return fd;
}

static enum attempt_state wait_for(int fd, uint16_t port, usec_t *took, int *ret_error)
{
	struct pollfd wanted = { .fd = fd, .events = POLLOUT };

	assert_int_equal(poll(&wanted, 1, 10000), 1);
	return attempt_state(fd, port, took, ret_error);
}

/* Nobody listens, and the kernel happened to give the client the very same port. */
static void a_socket_that_connected_to_itself_was_refused(void **state)
{
	struct sockaddr_in address;
	const int fd = bound(&address);
	usec_t took = USEC_PER_SEC;
	int error;

	assert_return_code(connect(fd, (struct sockaddr *)&address, sizeof(address)), errno);
	assert_int_equal(attempt_state(fd, ntohs(address.sin_port), &took, &error), ATTEMPT_FAILED);
	assert_int_equal(error, ECONNREFUSED);
	(void)close(fd);
}

static void a_connection_takes_a_round_trip_of_the_kernel(void **state)
{
	const struct ip ip = { .family = 4, .bytes = { 127, 0, 0, 1 } };
	struct sockaddr_in address;
	const int listener = bound(&address);
	usec_t took = 5 * USEC_PER_SEC; /* a loop that came late */
	int error, fd;

	assert_return_code(listen(listener, 1), errno);
	fd = attempt_open(&ip, ntohs(address.sin_port), NULL);
	assert_return_code(fd, errno);
	assert_int_equal(wait_for(fd, ntohs(address.sin_port), &took, &error), ATTEMPT_CONNECTED);
	assert_in_range(took, 1, USEC_PER_SEC);
	took = 0; /* and never longer than what was seen */
	assert_int_equal(attempt_state(fd, ntohs(address.sin_port), &took, &error),
			 ATTEMPT_CONNECTED);
	assert_int_equal(took, 0);
	(void)close(fd);
	(void)close(listener);
}

static void a_refusal_is_learnt_from_the_socket(void **state)
{
	const struct ip ip = { .family = 4, .bytes = { 127, 0, 0, 1 } };
	struct sockaddr_in address;
	const int taken = bound(&address);
	usec_t took = 0;
	int error, fd;

	fd = attempt_open(&ip, ntohs(address.sin_port), NULL);
	assert_return_code(fd, errno);
	assert_int_equal(wait_for(fd, ntohs(address.sin_port), &took, &error), ATTEMPT_FAILED);
	assert_int_equal(error, ECONNREFUSED);
	(void)close(fd);
	(void)close(taken);
}

/* Whoever says it is writable, it is not connected: nothing has come back. */
static void a_socket_without_an_answer_still_waits(void **state)
{
	const struct ip ip = { .family = 4, .bytes = { 127, 0, 0, 1 } };
	struct sockaddr_in address;
	const int listener = bound(&address);
	usec_t took = 0;
	int fds[8], error;

	assert_return_code(listen(listener, 0), errno);
	for (unsigned i = 0; i < 8; i++) {
		fds[i] = attempt_open(&ip, ntohs(address.sin_port), NULL);
		assert_return_code(fds[i], errno);
	}
	assert_int_equal(wait_for(fds[0], ntohs(address.sin_port), &took, &error),
			 ATTEMPT_CONNECTED);
	assert_int_equal(attempt_state(fds[7], ntohs(address.sin_port), &took, &error),
			 ATTEMPT_WAITS);
	for (unsigned i = 0; i < 8; i++)
		(void)close(fds[i]);
	(void)close(listener);
}

static void errors_have_outcomes(void **state)
{
	struct interface_families both = { clock_now(), true, true };
	static const struct {
		int error;
		enum connect_outcome here, there;
	} cases[] = {
		{ ECONNREFUSED, CONNECT_REFUSED, CONNECT_REFUSED },
		{ ECONNRESET, CONNECT_RESET, CONNECT_RESET },
		{ ETIMEDOUT, CONNECT_TIMED_OUT, CONNECT_TIMED_OUT },
		{ EHOSTUNREACH, CONNECT_UNREACHABLE, CONNECT_UNREACHABLE },
		{ EHOSTDOWN, CONNECT_UNREACHABLE, CONNECT_UNREACHABLE },
		{ EPROTO, CONNECT_UNREACHABLE, CONNECT_UNREACHABLE },
		{ EACCES, CONNECT_LOCAL, CONNECT_UNREACHABLE },
		{ EPERM, CONNECT_LOCAL, CONNECT_LOCAL },
		{ EMFILE, CONNECT_LOCAL, CONNECT_UNREACHABLE },
		{ ENFILE, CONNECT_LOCAL, CONNECT_UNREACHABLE },
		{ ENOBUFS, CONNECT_LOCAL, CONNECT_LOCAL },
		{ ENOMEM, CONNECT_LOCAL, CONNECT_LOCAL },
		{ EADDRNOTAVAIL, CONNECT_LOCAL, CONNECT_UNREACHABLE },
		{ EAGAIN, CONNECT_LOCAL, CONNECT_UNREACHABLE },
		{ ENODEV, CONNECT_LOCAL, CONNECT_UNREACHABLE },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(attempt_refused_here(cases[i].error, 4, &both).outcome,
				 cases[i].here);
		assert_int_equal(attempt_refused_there(cases[i].error).outcome, cases[i].there);
	}
}

static void what_tells_more_weighs_more(void **state)
{
	struct interface_families both = { clock_now(), true, true };
	static const int rising[] = { EHOSTUNREACH, ETIMEDOUT, ECONNRESET, ECONNREFUSED, ENOBUFS };

	for (size_t i = 1; i < sizeof(rising) / sizeof(rising[0]); i++)
		assert_true(attempt_refused_there(rising[i]).weight >
			    attempt_refused_there(rising[i - 1]).weight);
	assert_true(attempt_refused_here(EMFILE, 4, &both).is_shortage);
	assert_false(attempt_refused_here(EADDRNOTAVAIL, 4, &both).is_shortage);
}

static void a_family_that_this_host_does_not_have_is_local_and_tells_least(void **state)
{
	struct interface_families four = { clock_now(), true, false };
	const struct attempt_failure six = attempt_refused_here(ENETUNREACH, 6, &four);

	assert_int_equal(six.outcome, CONNECT_LOCAL);
	assert_string_equal(six.detail, "this host has no IPv6 address");
	assert_true(six.weight < attempt_refused_there(EHOSTUNREACH).weight);
	assert_int_equal(attempt_refused_here(ENETUNREACH, 4, &four).outcome, CONNECT_UNREACHABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_socket_that_connected_to_itself_was_refused),
		cmocka_unit_test(a_connection_takes_a_round_trip_of_the_kernel),
		cmocka_unit_test(a_refusal_is_learnt_from_the_socket),
		cmocka_unit_test(a_socket_without_an_answer_still_waits),
		cmocka_unit_test(errors_have_outcomes),
		cmocka_unit_test(what_tells_more_weighs_more),
		cmocka_unit_test(a_family_that_this_host_does_not_have_is_local_and_tells_least),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
