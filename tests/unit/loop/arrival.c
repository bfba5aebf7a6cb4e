/* arrival.c - claims about loop/arrival.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "loop/arrival.h"
#include "sockets.h"

struct pair {
	int here, there;
};

static const usec_t a_while = 5 * USEC_PER_MS;

static void pair_init(struct pair *pair)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr = { htonl(INADDR_LOOPBACK) } };
	uint16_t port = 0;
	const int listener = bound("127.0.0.1", 1, &port);

	address.sin_port = htons(port);
	pair->here = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_return_code(arrival_watch(pair->here), errno);
	assert_return_code(connect(pair->here, (struct sockaddr *)&address, sizeof(address)),
			   errno);
	pair->there = accept(listener, NULL, NULL);
	assert_return_code(pair->there, errno);
	(void)close(listener);
}

static void pair_done(struct pair *pair)
{
	(void)close(pair->here);
	(void)close(pair->there);
}

static void spin(usec_t time)
{
	const usec_t end = clock_now() + time;

	while (clock_now() < end)
		;
}

/* The kernel begins to stamp a little after the first socket asked for it. */
static void send_stamped(struct pair *pair)
{
	struct arrival_ages ages;
	char byte;

	for (;;) {
		assert_int_equal(write(pair->there, "x", 1), 1);
		if (arrival_ages(pair->here, USEC_NEVER, &ages))
			return;
		assert_int_equal(read(pair->here, &byte, 1), 1);
	}
}

/* Until so many bytes are there: the kernel may have them come a little after write(). */
static void wait_for(int fd, int wanted)
{
	int count = 0;

	while (count < wanted)
		assert_int_equal(ioctl(fd, FIONREAD, &count), 0);
}

static void bytes_are_as_old_as_they_waited(void **state)
{
	struct arrival_ages ages;
	struct pair pair;
	usec_t sent;

	pair_init(&pair);
	send_stamped(&pair);
	spin(a_while);
	assert_true(arrival_ages(pair.here, USEC_NEVER, &ages));
	assert_true(ages.first >= a_while);
	assert_true(ages.last >= a_while);
	sent = clock_now();
	assert_int_equal(write(pair.there, "y", 1), 1);
	wait_for(pair.here, 2);
	spin(a_while);
	assert_true(arrival_ages(pair.here, USEC_NEVER, &ages));
	assert_true(ages.last >= a_while && ages.last <= clock_now() - sent);
	assert_true(ages.first >= ages.last);
	pair_done(&pair);
}

static void no_age_is_more_than_can_be(void **state)
{
	struct arrival_ages ages;
	struct pair pair;

	pair_init(&pair);
	send_stamped(&pair);
	spin(a_while);
	assert_true(arrival_ages(pair.here, 300, &ages));
	assert_int_equal(ages.first, 300);
	assert_int_equal(ages.last, 300);
	pair_done(&pair);
}

static void nothing_has_no_age(void **state)
{
	struct arrival_ages ages = { .first = 1, .last = 1 };
	struct pair pair;

	pair_init(&pair);
	assert_false(arrival_ages(pair.here, USEC_NEVER, &ages));
	assert_int_equal(ages.first, 0);
	assert_int_equal(ages.last, 0);
	pair_done(&pair);
}

static void looking_takes_nothing_away(void **state)
{
	struct arrival_ages ages;
	struct pair pair;
	char bytes[2];

	pair_init(&pair);
	send_stamped(&pair);
	spin(a_while);
	assert_true(arrival_ages(pair.here, USEC_NEVER, &ages));
	assert_int_equal(recv(pair.here, bytes, sizeof(bytes), 0), 1);
	assert_int_equal(bytes[0], 'x');
	pair_done(&pair);
}

static void looking_leaves_an_error_for_the_reader(void **state)
{
	const struct linger linger = { .l_onoff = 1, .l_linger = 0 };
	struct arrival_ages ages;
	struct pair pair;
	char byte;

	pair_init(&pair);
	(void)setsockopt(pair.there, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	(void)close(pair.there);
	assert_int_equal(poll(&(struct pollfd){ .fd = pair.here, .events = POLLIN }, 1, 10000), 1);
	assert_false(arrival_ages(pair.here, USEC_NEVER, &ages));
	assert_int_equal(recv(pair.here, &byte, 1, 0), -1);
	assert_int_equal(errno, ECONNRESET);
	(void)close(pair.here);
}

static void a_socket_keeps_the_kernel_stamping(void **state)
{
	const int fd = arrival_hold();
	int is_stamping = 0;
	socklen_t len = sizeof(is_stamping);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &is_stamping, &len), 0);
	assert_int_equal(is_stamping, 1);
	(void)close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_as_old_as_they_waited),
		cmocka_unit_test(no_age_is_more_than_can_be),
		cmocka_unit_test(nothing_has_no_age),
		cmocka_unit_test(looking_takes_nothing_away),
		cmocka_unit_test(looking_leaves_an_error_for_the_reader),
		cmocka_unit_test(a_socket_keeps_the_kernel_stamping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
