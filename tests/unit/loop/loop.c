/* loop.c - claims about the loop, its turns and the signals on it. */
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "loop/loop.h"
#include "loop/signals.h"
#include "loop/turns.h"

/* --- Descriptors that change hands within a turn, which the changelist must bear --- */

struct relay {
	struct event_base *base;
	int pairs[3][2];
	struct event *event;
	unsigned heard;
};

static void on_second(int fd, short what, void *context)
{
	struct relay *relay = context;

	relay->heard++;
	(void)event_base_loopbreak(relay->base);
}

/* Ends the first, and puts the second under the same number, in one turn. */
static void on_first(int fd, short what, void *context)
{
	struct relay *relay = context;

	(void)event_del(relay->event);
	(void)close(fd);
	assert_int_equal(dup(relay->pairs[1][0]), fd);
	(void)close(relay->pairs[1][0]);
	relay->pairs[1][0] = fd;
	(void)event_assign(relay->event, relay->base, fd, EV_READ | EV_PERSIST, on_second, relay);
	(void)event_add(relay->event, NULL);
}

static void a_number_that_is_used_again_in_the_same_turn_works(void **state)
{
	struct relay relay = { .base = loop_new() };
	const struct timeval limit = { 5, 0 };

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, relay.pairs[0]), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, relay.pairs[1]), 0);
	relay.event =
		event_new(relay.base, relay.pairs[0][0], EV_READ | EV_PERSIST, on_first, &relay);
	(void)event_add(relay.event, NULL);
	(void)event_base_loop(relay.base, EVLOOP_NONBLOCK);
	assert_int_equal(write(relay.pairs[0][1], "", 1), 1);
	assert_int_equal(write(relay.pairs[1][1], "", 1), 1);
	(void)event_base_loopexit(relay.base, &limit);
	(void)event_base_dispatch(relay.base);
	assert_int_equal(relay.heard, 1);
	event_free(relay.event);
	(void)close(relay.pairs[0][1]);
	(void)close(relay.pairs[1][0]);
	(void)close(relay.pairs[1][1]);
	event_base_free(relay.base);
}

/* --- Turns --- */

static void work(int fd, short what, void *context)
{
	const usec_t end = clock_thread_cpu() + 20 * USEC_PER_MS;

	while (clock_thread_cpu() < end)
		;
}

static void rest(int fd, short what, void *context)
{
}

static void a_turn_is_as_long_as_its_work_and_not_its_waiting(void **state)
{
	struct event_base *base = loop_new();
	struct histogram histogram = { 0 };
	struct turns *turns = turns_new(&histogram);
	const struct timeval soon = { 0, 1000 }, later = { 0, 500000 };

	(void)event_base_once(base, -1, EV_TIMEOUT, rest, NULL, &later);
	(void)turns_run(turns, base);
	assert_int_equal(histogram.count, 1);
	assert_true(histogram.max < 400 * USEC_PER_MS);
	(void)event_base_once(base, -1, EV_TIMEOUT, work, NULL, &soon);
	(void)turns_run(turns, base);
	assert_int_equal(histogram.count, 2);
	assert_true(histogram.max >= 20 * USEC_PER_MS);
	turns_free(turns);
	event_base_free(base);
}

struct many {
	struct event_base *base;
	unsigned ran;
};

/* Longer than a turn should take. */
static void take_long(int fd, short what, void *context)
{
	struct many *many = context;
	const usec_t until = clock_now() + 2 * USEC_PER_MS;

	while (clock_now() < until)
		;
	many->ran++;
	turns_share(many->base);
}

static void what_takes_long_leaves_the_others_to_the_next_turn(void **state)
{
	struct many many = { .base = loop_new() };
	struct turns *turns = turns_new(NULL);
	struct event *events[4];

	for (unsigned i = 0; i < 4; i++) {
		events[i] = event_new(many.base, -1, 0, take_long, &many);
		event_active(events[i], EV_TIMEOUT, 1);
	}
	for (unsigned turn = 1; turn <= 4; turn++) {
		(void)turns_run(turns, many.base);
		assert_int_equal(many.ran, turn);
	}
	for (unsigned i = 0; i < 4; i++)
		event_free(events[i]);
	turns_free(turns);
	event_base_free(many.base);
}

/* --- Signals --- */

static unsigned counts[64];

static void count(int signal, void *context)
{
	counts[signal]++;
}

static void blocked_signals_come_by_the_loop(void **state)
{
	struct event_base *base = loop_new();
	struct signals *signals;

	signals_block();
	assert_return_code(kill(getpid(), SIGTERM), errno);
	assert_return_code(kill(getpid(), SIGHUP), errno);
	signals = signals_new(base, count, NULL);
	assert_non_null(signals);
	(void)event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(counts[SIGTERM], 1);
	assert_int_equal(counts[SIGHUP], 1);
	assert_return_code(kill(getpid(), SIGTERM), errno);
	assert_return_code(kill(getpid(), SIGINT), errno);
	assert_return_code(kill(getpid(), SIGUSR1), errno);
	(void)event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(counts[SIGTERM], 2);
	assert_int_equal(counts[SIGINT], 1);
	assert_int_equal(counts[SIGUSR1], 1);
	signals_free(signals);
	event_base_free(base);
}

static void a_broken_pipe_is_an_errno(void **state)
{
	int ends[2];

	signals_block();
	assert_return_code(pipe(ends), errno);
	(void)close(ends[0]);
	assert_int_equal(write(ends[1], "", 1), -1);
	assert_int_equal(errno, EPIPE);
	(void)close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_that_is_used_again_in_the_same_turn_works),
		cmocka_unit_test(a_turn_is_as_long_as_its_work_and_not_its_waiting),
		cmocka_unit_test(what_takes_long_leaves_the_others_to_the_next_turn),
		cmocka_unit_test(blocked_signals_come_by_the_loop),
		cmocka_unit_test(a_broken_pipe_is_an_errno),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
