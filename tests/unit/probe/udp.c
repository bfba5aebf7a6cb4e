/* udp.c - claims about the probe udp, against a socket in this process. */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "base/arena.h"
#include "harness.h"
#include "probe/udp.h"

static int open_server(uint16_t *ret_port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	*ret_port = ntohs(address.sin_port);
	return fd;
}

static struct udp_options *options_for(struct harness *harness, uint16_t port)
{
	struct udp_options *options = harness_fill(harness, "udp");
	char address[32];

	(void)snprintf(address, sizeof(address), "127.0.0.1:%u", port);
	options->reach.address = arena_text(harness->arena, address);
	options->send = "ping\\0\\n";
	options->expect = "^pong";
	return options;
}

/* Turns the loop until the server has a datagram, and answers it. */
static void answer(struct harness *harness, int server, const char *text)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	char got[64];
	ssize_t n;

	while ((n = recvfrom(server, got, sizeof(got), 0, (struct sockaddr *)&from, &len)) < 0) {
		assert_int_equal(errno, EAGAIN);
		harness_turn(harness, 1);
	}
	assert_int_equal(n, 6);
	assert_memory_equal(got, "ping\0\n", 6);
	assert_int_equal(sendto(server, text, strlen(text), 0, (struct sockaddr *)&from, len),
			 (ssize_t)strlen(text));
}

static void assert_ended(const struct check *check, enum failure_class class, enum phase phase)
{
	const struct observation *seen = &check->observation;
	usec_t sum = 0;

	assert_string_equal(seen->class ? class_name(seen->class) : "none",
			    class ? class_name(class) : "none");
	if (class) {
		assert_string_equal(phase_name(seen->phase), phase_name(phase));
		assert_non_null(seen->detail);
	}
	for (unsigned i = 0; i < PHASES; i++)
		sum += seen->phases[i];
	assert_int_equal(seen->latency, sum);
	assert_int_equal(seen->hops_count, 1);
}

static struct check *ask(struct harness *harness, const char *text, usec_t timeout)
{
	uint16_t port;
	const int server = open_server(&port);
	struct check *check = harness_check_of(harness, "udp", options_for(harness, port), timeout);

	harness_start(harness, check);
	if (text)
		answer(harness, server, text);
	harness_wait(harness, 1);
	(void)close(server);
	return check;
}

static void the_answer_is_the_body(void **state)
{
	struct check *check = ask(*state, "pong 7", 20 * USEC_PER_SEC);

	assert_ended(check, CLASS_NONE, PHASES);
	assert_string_equal(text_string(&check->observation.body), "pong 7");
	assert_int_equal(check->observation.address.family, 4);
	assert_true(observation_has_phase(&check->observation, PHASE_FIRST_BYTE));
	check_free(check);
}

static void another_answer_is_not_the_protocol(void **state)
{
	struct check *check = ask(*state, "bang\n", 20 * USEC_PER_SEC);

	assert_ended(check, CLASS_malformed_reply, PHASE_FIRST_BYTE);
	assert_non_null(strstr(check->observation.detail,
			       " answered 'bang\\n', which does not match /^pong/"));
	check_free(check);
}

static void half_of_a_secret_is_not_shown_where_an_answer_is_cut(void **state)
{
	static const char *const secrets[] = { "hunter2", NULL };
	struct harness *harness = *state;
	struct check *check;

	harness->endpoint.secrets = secrets;
	check = ask(harness,
		    "bang, bang, bang, bang, bang, bang, bang, bang, bang, bang, bang, bang, bang "
		    "hunter2",
		    20 * USEC_PER_SEC);
	assert_ended(check, CLASS_malformed_reply, PHASE_FIRST_BYTE);
	assert_non_null(strstr(check->observation.detail, "bang ***', which does not match"));
	check_free(check);
}

static void no_answer_is_a_timeout(void **state)
{
	struct check *check = ask(*state, NULL, 50000);

	assert_ended(check, CLASS_timeout, PHASE_FIRST_BYTE);
	assert_non_null(strstr(check->observation.detail, "no answer from 127.0.0.1:"));
	check_free(check);
}

static void where_nobody_listens_it_is_refused(void **state)
{
	struct harness *harness = *state;
	struct check *check;
	uint16_t port;

	(void)close(open_server(&port));
	check = harness_run_of(harness, "udp", options_for(harness, port));
	assert_ended(check, CLASS_connect_refused, PHASE_CONNECT);
	check_free(check);
}

static void an_address_of_the_other_family_is_none(void **state)
{
	struct harness *harness = *state;
	struct udp_options *options = options_for(harness, 9);
	struct check *check;

	options->reach.ip = REACH_6;
	check = harness_run_of(harness, "udp", options);
	assert_ended(check, CLASS_dns_no_address, PHASE_RESOLVE);
	check_free(check);
}

static void a_source_that_is_not_here_is_this_hosts_fault(void **state)
{
	struct harness *harness = *state;
	struct udp_options *options = options_for(harness, 9);
	struct check *check;

	options->reach.source = "192.0.2.1";
	check = harness_run_of(harness, "udp", options);
	assert_ended(check, CLASS_local, PHASE_CONNECT);
	check_free(check);
}

static void one_that_is_cancelled_still_reports(void **state)
{
	struct harness *harness = *state;
	uint16_t port;
	const int server = open_server(&port);

	for (unsigned turns = 0; turns < 4; turns++) {
		struct check *check = harness_check_of(harness, "udp", options_for(harness, port),
						       20 * USEC_PER_SEC);

		harness_start(harness, check);
		harness_turn(harness, turns);
		check->endpoint->type->cancel(check);
		assert_int_equal(harness->done, turns);
		harness_wait(harness, turns + 1);
		assert_true(check->is_cancelled);
		check_free(check);
	}
	(void)close(server);
}

#define CLAIM(claim) cmocka_unit_test_setup_teardown(claim, harness_set_up, harness_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(the_answer_is_the_body),
		CLAIM(another_answer_is_not_the_protocol),
		CLAIM(half_of_a_secret_is_not_shown_where_an_answer_is_cut),
		CLAIM(no_answer_is_a_timeout),
		CLAIM(where_nobody_listens_it_is_refused),
		CLAIM(an_address_of_the_other_family_is_none),
		CLAIM(a_source_that_is_not_here_is_this_hosts_fault),
		CLAIM(one_that_is_cancelled_still_reports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
