/* http_classes.c - claims about what failures are called: each from a server that really
 * does it.
 */
#include <curl/curl.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "base/memory.h"
#include "harness.h"
#include "server.h"

#define OK_REPLY "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

static const char *const no_class = "none";

static const char *name_of(enum failure_class class)
{
	return class ? class_name(class) : no_class;
}

/* A reason without a who helps nobody. */
static void assert_names_somebody(const struct observation *seen, unsigned port)
{
	char written[16];

	(void)snprintf(written, sizeof(written), ":%u", port);
	assert_non_null(seen->detail);
	if (!strstr(seen->detail, written) && !strstr(seen->detail, "name.test") &&
	    !strstr(seen->detail, "the reply"))
		fail_msg("%s: '%s' names nobody", class_name(seen->class), seen->detail);
}

/* What a check of `script` comes to, within `timeout`. */
static void expect_for(struct harness *harness, server_script *script, const char *reply,
		       usec_t timeout, enum failure_class class, enum phase phase)
{
	struct http_options *options;
	struct server server;
	struct check *check;

	server_start(&server, script, reply);
	options = harness_options(harness, "http://name.test:%u/", server.port);
	check = harness_run_for(harness, options, timeout);
	server_stop(&server);
	assert_string_equal(name_of(check->observation.class), name_of(class));
	if (class) {
		assert_string_equal(phase_name(check->observation.phase), phase_name(phase));
		assert_names_somebody(&check->observation, server.port);
	}
	assert_true(check->observation.hops_count == 1);
	check_free(check);
}

static void expect(struct harness *harness, server_script *script, const char *reply,
		   enum failure_class class, enum phase phase)
{
	expect_for(harness, script, reply, 20 * USEC_PER_SEC, class, phase);
}

static void a_reset_is_a_reset_in_its_phase(void **state)
{
	expect(*state, server_reset, NULL, CLASS_reset, PHASE_FIRST_BYTE);
	expect(*state, server_reset, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello",
	       CLASS_reset, PHASE_TRANSFER);
}

/* Whether the connection still counts as made depends on when the connector looks. */
static void a_reset_at_once_is_a_reset_too(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	server_start(&server, server_reset_at_once, NULL);
	check = harness_run(harness, harness_options(harness, "http://name.test:%u/", server.port));
	server_stop(&server);
	assert_string_equal(name_of(check->observation.class), "reset");
	assert_true(check->observation.phase == PHASE_CONNECT ||
		    check->observation.phase == PHASE_FIRST_BYTE);
	check_free(check);
}

static void silence_then_farewell_is_an_empty_reply(void **state)
{
	expect(*state, server_close_silently, NULL, CLASS_empty_reply, PHASE_FIRST_BYTE);
}

static void half_a_body_is_partial(void **state)
{
	expect(*state, server_reply, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello",
	       CLASS_partial_body, PHASE_TRANSFER);
	expect(*state, server_reply,
	       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
	       CLASS_partial_body, PHASE_TRANSFER);
}

static void a_body_longer_than_it_said_is_fine(void **state)
{
	expect(*state, server_reply, OK_REPLY " and more", CLASS_NONE, PHASES);
}

static void nonsense_is_malformed(void **state)
{
	expect(*state, server_reply, "SSH-2.0-OpenSSH_9.2\r\n", CLASS_malformed_reply,
	       PHASE_FIRST_BYTE);
	expect(*state, server_reply, "<html>hello</html>\r\n\r\n", CLASS_malformed_reply,
	       PHASE_FIRST_BYTE);
	expect(*state, server_reply, "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
	       CLASS_malformed_reply, PHASE_TRANSFER);
	expect(*state, server_reply,
	       "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
	       CLASS_malformed_reply, PHASE_TRANSFER);
	expect(*state, server_reply,
	       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFFFF\r\n",
	       CLASS_malformed_reply, PHASE_TRANSFER);
	expect(*state, server_reply,
	       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
	       CLASS_malformed_reply, PHASE_TRANSFER);
}

static void send_nul_in_header(struct server *server, int fd)
{
	static const char reply[] = "HTTP/1.1 200 OK\r\nX-A: b\0c\r\nContent-Length: 0\r\n\r\n";

	(void)server_read(server, fd);
	server_write_len(fd, reply, sizeof(reply) - 1);
}

static void a_nul_in_a_header_is_malformed(void **state)
{
	expect(*state, send_nul_in_header, NULL, CLASS_malformed_reply, PHASE_TRANSFER);
}

static void the_same_length_twice_is_fine(void **state)
{
	expect(*state, server_reply,
	       "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", CLASS_NONE,
	       PHASES);
}

static void odd_statuses_are_statuses(void **state)
{
	expect(*state, server_reply, "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", CLASS_NONE,
	       PHASES);
	expect(*state, server_reply, "HTTP/1.1 204 None\r\n\r\nbody", CLASS_NONE, PHASES);
	expect(*state, server_reply, "HTTP/1.0 200 OK\r\n\r\nuntil the end", CLASS_NONE, PHASES);
}

static void endless_headers_are_too_large(void **state)
{
	expect(*state, server_flood_headers, NULL, CLASS_headers_too_large, PHASE_TRANSFER);
}

static void send_long_line(struct server *server, int fd)
{
	char *line = memory_new(1024 * 1024 + 1, 1);

	memset(line, 'a', 1024 * 1024);
	(void)server_read(server, fd);
	server_write(fd, "HTTP/1.1 200 OK\r\nX-Long: ");
	server_write(fd, line);
	free(line);
	server_wait_closed(fd);
}

static void one_endless_header_line_is_too_large(void **state)
{
	expect(*state, send_long_line, NULL, CLASS_headers_too_large, PHASE_TRANSFER);
}

static void flood_hints(struct server *server, int fd)
{
	(void)server_read(server, fd);
	server_flood(fd, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
}

static void endless_interim_replies_are_too_large(void **state)
{
	expect(*state, flood_hints, NULL, CLASS_headers_too_large, PHASE_TRANSFER);
}

static void an_endless_body_is_cut_and_no_failure(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	server_start(&server, server_flood_body, NULL);
	check = harness_run(harness, harness_options(harness, "http://name.test:%u/", server.port));
	server_stop(&server);
	assert_int_equal(check->observation.class, CLASS_NONE);
	assert_int_equal(check->observation.status, 200);
	assert_true(check->observation.body_is_cut);
	assert_int_equal(check->observation.body.len, harness->limits.body_bytes);
	check_free(check);
}

static void encodings_that_are_broken_or_too_many_are_bad(void **state)
{
	struct harness *harness = *state;
	struct http_options *options;
	struct server server;
	struct check *check;

	server_start(&server, server_reply,
		     "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello");
	options = harness_options(harness, "http://name.test:%u/", server.port);
	options->compressed = true;
	check = harness_run(harness, options);
	server_stop(&server);
	assert_string_equal(name_of(check->observation.class), "bad_encoding");
	check_free(check);
}

/* 1 MiB of zeroes in 1 KiB. */
static void send_bomb(struct server *server, int fd)
{
	static const unsigned char head[] = { 0x1f, 0x8b, 8,	0,    0, 0,    0,   0, 2,
					      3,    0xed, 0xc1, 0x31, 1, 0,    0,   0, 0xc2,
					      0xa0, 0xf5, 0x4f, 0x6d, 8, 0x5f, 0xa0 };
	static const unsigned char tail[] = { 0x3e, 3, 0x1c, 0xea, 0x38, 0xa7, 0, 0, 0x10, 0 };
	unsigned char bomb[sizeof(head) + 1016 + sizeof(tail)] = { 0 };

	memcpy(bomb, head, sizeof(head));
	memcpy(bomb + sizeof(bomb) - sizeof(tail), tail, sizeof(tail));
	(void)server_read(server, fd);
	server_write(fd, "HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n");
	server_write_len(fd, bomb, sizeof(bomb));
}

static void a_compressed_bomb_is_cut_at_the_limit(void **state)
{
	struct harness *harness = *state;
	struct http_options *options;
	struct server server;
	struct check *check;

	server_start(&server, send_bomb, NULL);
	options = harness_options(harness, "http://name.test:%u/", server.port);
	options->compressed = true;
	check = harness_run(harness, options);
	server_stop(&server);
	assert_string_equal(name_of(check->observation.class), no_class);
	assert_true(check->observation.body_is_cut);
	assert_int_equal(check->observation.body.len, harness->limits.body_bytes);
	check_free(check);
}

static void stalls_time_out_in_their_phase(void **state)
{
	const usec_t soon = 1500 * USEC_PER_MS; /* the server may be slow to say it */

	expect_for(*state, server_stall, NULL, soon, CLASS_timeout, PHASE_FIRST_BYTE);
	expect_for(*state, server_stall, "HTTP/1.1 200 OK\r\n", soon, CLASS_timeout,
		   PHASE_TRANSFER);
	expect_for(*state, server_stall, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", soon,
		   CLASS_timeout, PHASE_TRANSFER);
}

static void a_timeout_took_as_long_as_it_was(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	server_start(&server, server_stall, NULL);
	check = harness_run_for(harness,
				harness_options(harness, "http://name.test:%u/", server.port),
				100 * USEC_PER_MS);
	server_stop(&server);
	assert_true(check->observation.latency >= 80 * USEC_PER_MS);
	assert_true(check->observation.latency < 20 * USEC_PER_SEC);
	check_free(check);
}

static void never_read(struct server *server, int fd)
{
	while (!atomic_load(&server->is_stopping))
		(void)server_poll(fd, 10);
}

static void a_server_that_does_not_read_times_out_in_the_request(void **state)
{
	struct harness *harness = *state;
	struct http_options *options;
	struct server server;
	struct check *check;
	char *body = memory_new(8 * 1024 * 1024 + 1, 1);

	memset(body, 'x', 8 * 1024 * 1024);
	server_start(&server, never_read, NULL);
	options = harness_options(harness, "http://name.test:%u/", server.port);
	options->method = "POST";
	options->body_text = body;
	check = harness_run_for(harness, options, 500 * USEC_PER_MS);
	server_stop(&server);
	assert_string_equal(name_of(check->observation.class), "timeout");
	assert_string_equal(phase_name(check->observation.phase), "request");
	check_free(check);
	free(body);
}

static void nobody_listening_is_refused(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	server_start(&server, server_reply, OK_REPLY);
	server_stop(&server);
	check = harness_run(harness, harness_options(harness, "http://name.test:%u/", server.port));
	assert_string_equal(name_of(check->observation.class), "connect_refused");
	assert_string_equal(phase_name(check->observation.phase), "connect");
	check_free(check);
}

/* What the connector says is what the check says, and of whom. */
static void connecting(struct harness *harness, struct plan plan, enum failure_class class,
		       enum phase phase)
{
	struct check *check;

	harness->plan = plan;
	check = harness_run(harness, harness_options(harness, "http://name.test/", 0));
	assert_string_equal(name_of(check->observation.class), name_of(class));
	assert_string_equal(phase_name(check->observation.phase), phase_name(phase));
	if (plan.detail)
		assert_non_null(strstr(check->observation.detail, plan.detail));
	if (class != CLASS_local)
		assert_names_somebody(&check->observation, 80);
	check_free(check);
}

static void what_the_connector_meets_has_its_class(void **state)
{
	connecting(
		*state,
		(struct plan){ .outcome = CONNECT_UNRESOLVED, .resolve_outcome = RESOLVE_NXDOMAIN },
		CLASS_dns_nxdomain, PHASE_RESOLVE);
	connecting(
		*state,
		(struct plan){ .outcome = CONNECT_UNRESOLVED, .resolve_outcome = RESOLVE_TIMEOUT },
		CLASS_dns_timeout, PHASE_RESOLVE);
	connecting(*state,
		   (struct plan){ .outcome = CONNECT_UNRESOLVED,
				  .resolve_outcome = RESOLVE_NO_ADDRESS },
		   CLASS_dns_no_address, PHASE_RESOLVE);
	connecting(*state,
		   (struct plan){ .outcome = CONNECT_UNRESOLVED,
				  .resolve_outcome = RESOLVE_FAILURE,
				  .detail = "SERVFAIL from 192.0.2.53" },
		   CLASS_dns_failure, PHASE_RESOLVE);
	connecting(*state,
		   (struct plan){ .outcome = CONNECT_UNRESOLVED, .resolve_outcome = RESOLVE_LOCAL },
		   CLASS_local, PHASE_RESOLVE);
	connecting(*state, (struct plan){ .outcome = CONNECT_REFUSED, .error = ECONNREFUSED },
		   CLASS_connect_refused, PHASE_CONNECT);
	connecting(*state, (struct plan){ .outcome = CONNECT_UNREACHABLE, .error = EHOSTUNREACH },
		   CLASS_unreachable, PHASE_CONNECT);
	connecting(*state, (struct plan){ .outcome = CONNECT_RESET, .error = ECONNRESET },
		   CLASS_reset, PHASE_CONNECT);
	connecting(*state, (struct plan){ .outcome = CONNECT_TIMED_OUT, .error = ETIMEDOUT },
		   CLASS_timeout, PHASE_CONNECT);
	connecting(*state, (struct plan){ .outcome = CONNECT_LOCAL, .error = EMFILE }, CLASS_local,
		   PHASE_CONNECT);
}

static void silent_name_servers_and_black_holes_are_told_apart(void **state)
{
	struct harness *harness = *state;
	struct check *check;

	harness->plan = (struct plan){ .hangs_resolving = true };
	check = harness_run_for(harness, harness_options(harness, "http://name.test/", 0),
				20 * USEC_PER_MS);
	assert_string_equal(name_of(check->observation.class), "dns_timeout");
	assert_string_equal(phase_name(check->observation.phase), "resolve");
	assert_true(check->observation.latency >= 15 * USEC_PER_MS);
	check_free(check);

	harness->plan = (struct plan){ .hangs_connecting = true };
	check = harness_run_for(harness, harness_options(harness, "http://name.test/", 0),
				20 * USEC_PER_MS);
	assert_string_equal(name_of(check->observation.class), "timeout");
	assert_string_equal(phase_name(check->observation.phase), "connect");
	assert_true(check->observation.latency >= 15 * USEC_PER_MS);
	check_free(check);
}

static void a_cancelled_check_ends_at_once_in_any_phase(void **state)
{
	static const struct plan plans[] = { { .hangs_resolving = true },
					     { .hangs_connecting = true },
					     { .outcome = CONNECT_OK } };
	struct harness *harness = *state;
	struct server server;
	unsigned done = 0;

	server_start(&server, server_stall, NULL);
	for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
		struct check *check;

		harness->plan = plans[i];
		check = harness_check(harness,
				      harness_options(harness, "http://name.test:%u/", server.port),
				      20 * USEC_PER_SEC);
		harness_start(harness, check);
		harness_turn(harness, 3);
		check->endpoint->type->cancel(check);
		assert_int_equal(harness->done, done);
		harness_wait(harness, ++done);
		assert_true(check->is_cancelled);
		check_free(check);
	}
	server_stop(&server);
}

static void five_hundred_are_cancelled_within_a_moment(void **state)
{
	enum { COUNT = 500 };
	struct harness *harness = *state;
	struct check *checks[COUNT];
	struct server server;
	usec_t began;

	server_start(&server, server_stall, NULL);
	for (unsigned i = 0; i < COUNT; i++) {
		checks[i] = harness_check(
			harness, harness_options(harness, "http://name.test:%u/", server.port),
			60 * USEC_PER_SEC);
		harness_start(harness, checks[i]);
	}
	while (harness->connected < COUNT)
		harness_turn(harness, 1);
	began = clock_now();
	for (unsigned i = 0; i < COUNT; i++)
		checks[i]->endpoint->type->cancel(checks[i]);
	harness_wait(harness, COUNT);
	/* Taking 200 transfers from libcurl's own resolver blocks for 10 s. */
	assert_true(clock_now() - began < 9 * USEC_PER_SEC);
	print_message("500 cancelled in %llu us\n", (unsigned long long)(clock_now() - began));
	for (unsigned i = 0; i < COUNT; i++)
		check_free(checks[i]);
	server_stop(&server);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, harness_set_up, harness_tear_down)
	const struct CMUnitTest tests[] = {
		CLAIM(a_reset_is_a_reset_in_its_phase),
		CLAIM(a_reset_at_once_is_a_reset_too),
		CLAIM(silence_then_farewell_is_an_empty_reply),
		CLAIM(half_a_body_is_partial),
		CLAIM(a_body_longer_than_it_said_is_fine),
		CLAIM(nonsense_is_malformed),
		CLAIM(a_nul_in_a_header_is_malformed),
		CLAIM(the_same_length_twice_is_fine),
		CLAIM(odd_statuses_are_statuses),
		CLAIM(endless_headers_are_too_large),
		CLAIM(one_endless_header_line_is_too_large),
		CLAIM(endless_interim_replies_are_too_large),
		CLAIM(an_endless_body_is_cut_and_no_failure),
		CLAIM(encodings_that_are_broken_or_too_many_are_bad),
		CLAIM(a_compressed_bomb_is_cut_at_the_limit),
		CLAIM(stalls_time_out_in_their_phase),
		CLAIM(a_timeout_took_as_long_as_it_was),
		CLAIM(a_server_that_does_not_read_times_out_in_the_request),
		CLAIM(nobody_listening_is_refused),
		CLAIM(what_the_connector_meets_has_its_class),
		CLAIM(silent_name_servers_and_black_holes_are_told_apart),
		CLAIM(a_cancelled_check_ends_at_once_in_any_phase),
		CLAIM(five_hundred_are_cancelled_within_a_moment),
	};

	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
