/* http.c - claims about probe http: ways, limits, connections, what is seen. */
#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "harness.h"
#include "server.h"

#define OK_REPLY "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-One: 1\r\n\r\nhello"

static void a_plain_get_is_seen_whole(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check;
	const struct observation *seen;

	server_start(&server, server_reply, OK_REPLY);
	check = harness_run(harness,
			    harness_options(harness, "http://name.test:%u/a?b=c#d", server.port));
	server_stop(&server);
	seen = &check->observation;
	assert_int_equal(seen->class, CLASS_NONE);
	assert_int_equal(seen->status, 200);
	assert_int_equal(seen->http_version, 11);
	assert_string_equal(text_string(&seen->body), "hello");
	assert_string_equal(text_string(&seen->headers), "Content-Length: 5\nX-One: 1\n");
	assert_int_equal(seen->address.family, 4);
	assert_int_equal(seen->address.port, server.port);
	assert_int_equal(seen->hops_count, 1);
	assert_int_equal(seen->redirects, 0);
	assert_int_equal(server.connections, 1);
	assert_ptr_equal(strstr(server.request[0], "GET /a?b=c HTTP/1.1\r\n"), server.request[0]);
	assert_non_null(strstr(server.request[0], "\r\nUser-Agent: picket/"));
	assert_null(strstr(server.request[0], "Accept-Encoding"));
	check_free(check);
}

static void phases_sum_to_the_latency(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check;
	const struct observation *seen;
	usec_t sum = 0;

	server_start(&server, server_reply, OK_REPLY);
	check = harness_run(harness, harness_options(harness, "http://127.0.0.1:%u/", server.port));
	server_stop(&server);
	seen = &check->observation;
	for (unsigned phase = 0; phase < PHASES; phase++)
		sum += seen->phases[phase];
	assert_true(seen->latency == sum);
	assert_true(seen->latency > 0 && seen->latency < 5 * USEC_PER_SEC);
	assert_true(observation_has_phase(seen, PHASE_CONNECT));
	assert_true(observation_has_phase(seen, PHASE_FIRST_BYTE));
	assert_true(observation_has_phase(seen, PHASE_TRANSFER));
	/* What did not happen is absent. */
	assert_false(observation_has_phase(seen, PHASE_TLS));
	assert_false(observation_has_phase(seen, PHASE_RESOLVE));
	check_free(check);
}

/* Runs it against a server that answers `reply` to all that comes; the request is in *server. */
static struct check *ask(struct harness *harness, struct server *server,
			 void (*change)(struct http_options *options))
{
	struct http_options *options;
	struct check *check;

	server_start(server, server_reply, OK_REPLY);
	options = harness_options(harness, "http://name.test:%u/", server->port);
	change(options);
	check = harness_run(harness, options);
	server_stop(server);
	assert_int_equal(check->observation.class, CLASS_NONE);
	return check;
}

static bool sent(const struct server *server, const char *line)
{
	return strstr(server->request[0], line) != NULL;
}

static void connect_to_changes_the_way_and_not_the_question(void **state)
{
	struct harness *harness = *state;
	struct http_options *options;
	struct server server;
	struct check *check;
	char way[32];
	char *host;

	server_start(&server, server_reply, OK_REPLY);
	(void)snprintf(way, sizeof(way), "a.test:%u", server.port);
	options = harness_options(harness, "http://name.test/", 0);
	options->connect_to = way;
	check = harness_run(harness, options);
	server_stop(&server);
	assert_string_equal(harness->host, "a.test");
	assert_int_equal(harness->port, server.port);
	assert_true(sent(&server, "\r\nHost: name.test\r\n"));
	host = check->endpoint->type->host(check->endpoint->options);
	assert_string_equal(host, "a.test");
	free(host);
	check_free(check);
}

static void set_ways(struct http_options *options)
{
	options->resolver = "192.0.2.53";
	options->source = "127.0.0.9";
	options->ip = HTTP_IP_4;
}

static void resolver_source_and_family_reach_the_connector(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check = ask(harness, &server, set_ways);

	assert_string_equal(harness->resolver, "192.0.2.53:53");
	assert_string_equal(harness->source, "127.0.0.9");
	assert_int_equal(harness->family, CONNECT_IPV4);
	check_free(check);
}

static void set_both(struct http_options *options)
{
	options->ip = HTTP_IP_BOTH;
}

static void ip_both_looks_twice(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check = ask(harness, &server, set_both);

	assert_int_equal(harness->connects, 2);
	assert_int_equal(harness->family, CONNECT_IPV6);
	assert_int_equal(server.requests, 2);
	assert_int_equal(check->others_count, 1);
	assert_int_equal(check->others[0].observation.status, 200);
	assert_int_equal(check->observation.status, 200);
	assert_int_equal(check->observation.hops_count, 1);
	check_free(check);
}

static void set_each(struct http_options *options)
{
	options->ip = HTTP_IP_EACH;
}

static void ip_each_looks_at_every_address(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	harness->plan.addresses = 3;
	check = ask(harness, &server, set_each);
	assert_int_equal(harness->connects, 3);
	assert_int_equal(harness->pinned, 3);
	assert_false(harness->only_first);
	assert_int_equal(server.requests, 3);
	assert_int_equal(check->others_count, 2);
	/* Each hop tells of its own address only. */
	assert_int_equal(check->others[0].observation.hops[0].tried_count, 1);
	check_free(check);
}

static void ip_each_of_one_address_is_one_look(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	harness->plan.addresses = 1;
	check = ask(harness, &server, set_each);
	assert_int_equal(harness->connects, 1);
	assert_int_equal(check->others_count, 0);
	check_free(check);
}

static void what_was_sent_is_known(void **state)
{
	struct server server;
	struct check *check = ask(*state, &server, set_each);

	assert_non_null(check->observation.hops[0].request);
	assert_ptr_equal(strstr(check->observation.hops[0].request, "GET / HTTP/1.1\r\nHost: "),
			 check->observation.hops[0].request);
	check_free(check);
}

static void set_compressed(struct http_options *options)
{
	options->compressed = true;
}

static void compressed_asks_for_it(void **state)
{
	struct server server;
	struct check *check = ask(*state, &server, set_compressed);

	assert_true(sent(&server, "\r\nAccept-Encoding: "));
	assert_true(sent(&server, "gzip"));
	check_free(check);
}

static void set_limit(struct http_options *options)
{
	options->body_limit = 3;
}

static void a_body_is_read_to_its_limit(void **state)
{
	struct server server;
	struct check *check = ask(*state, &server, set_limit);

	assert_string_equal(text_string(&check->observation.body), "hel");
	assert_true(check->observation.body_is_cut);
	check_free(check);
}

static void set_exact_limit(struct http_options *options)
{
	options->body_limit = 5;
}

static void a_body_as_long_as_its_limit_is_whole(void **state)
{
	struct server server;
	struct check *check = ask(*state, &server, set_exact_limit);

	assert_string_equal(text_string(&check->observation.body), "hello");
	assert_false(check->observation.body_is_cut);
	check_free(check);
}

static void a_fresh_connection_is_made_for_each_check(void **state)
{
	struct harness *harness = *state;
	struct server server;

	server_start(&server, server_reply_each, OK_REPLY);
	for (unsigned i = 0; i < 3; i++)
		check_free(harness_run(
			harness, harness_options(harness, "http://name.test:%u/", server.port)));
	server_stop(&server);
	assert_int_equal(server.connections, 3);
}

static void reuse_keeps_the_connection_but_not_while_confirming(void **state)
{
	struct harness *harness = *state;
	struct http_options *options;
	struct server server;
	struct check *check;

	server_start(&server, server_reply_each, OK_REPLY);
	options = harness_options(harness, "http://name.test:%u/", server.port);
	options->connection = HTTP_REUSE;
	check_free(harness_run(harness, options));
	check = harness_run(harness, options);
	assert_int_equal(check->observation.status, 200);
	assert_false(observation_has_phase(&check->observation, PHASE_CONNECT));
	assert_true(observation_has_phase(&check->observation, PHASE_FIRST_BYTE));
	check_free(check);
	assert_int_equal(harness->connects, 1);

	/* The server has time for one connection only, so its own goes first. */
	harness_forget_connections(harness);
	check = harness_check(harness, options, 20 * USEC_PER_SEC);
	check->is_confirming = true;
	harness_start(harness, check);
	harness_wait(harness, 3);
	assert_int_equal(check->observation.status, 200);
	check_free(check);
	assert_int_equal(harness->connects, 2);
	server_stop(&server);
	assert_int_equal(server.connections, 2);
	assert_int_equal(server.requests, 3);
}

/* Closes after the first reply, as if in the moment of the next request. */
static void reply_once_and_close(struct server *server, int fd)
{
	server_reply(server, fd);
}

static void a_kept_connection_that_died_is_made_anew(void **state)
{
	struct harness *harness = *state;
	struct http_options *options;
	struct server server;
	struct check *check;

	server_start(&server, reply_once_and_close, OK_REPLY);
	options = harness_options(harness, "http://name.test:%u/", server.port);
	options->connection = HTTP_REUSE;
	check_free(harness_run(harness, options));
	check = harness_run(harness, options);
	server_stop(&server);
	assert_int_equal(check->observation.class, CLASS_NONE);
	assert_int_equal(check->observation.status, 200);
	assert_true(observation_has_phase(&check->observation, PHASE_CONNECT));
	assert_int_equal(server.connections, 2);
	check_free(check);
}

static void many_checks_run_at_once_over_few_handles(void **state)
{
	enum { COUNT = 200 };
	struct harness *harness = *state;
	struct check *checks[COUNT];
	struct server server;

	server_start(&server, server_reply, OK_REPLY);
	for (unsigned i = 0; i < COUNT; i++) {
		checks[i] = harness_check(
			harness, harness_options(harness, "http://name.test:%u/", server.port),
			20 * USEC_PER_SEC);
		harness_start(harness, checks[i]);
	}
	harness_wait(harness, COUNT);
	server_stop(&server);
	for (unsigned i = 0; i < COUNT; i++) {
		assert_int_equal(checks[i]->observation.class, CLASS_NONE);
		assert_int_equal(checks[i]->observation.status, 200);
		check_free(checks[i]);
	}
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, harness_set_up, harness_tear_down)
	const struct CMUnitTest tests[] = {
		CLAIM(a_plain_get_is_seen_whole),
		CLAIM(phases_sum_to_the_latency),
		CLAIM(connect_to_changes_the_way_and_not_the_question),
		CLAIM(resolver_source_and_family_reach_the_connector),
		CLAIM(ip_both_looks_twice),
		CLAIM(ip_each_looks_at_every_address),
		CLAIM(ip_each_of_one_address_is_one_look),
		CLAIM(what_was_sent_is_known),
		CLAIM(compressed_asks_for_it),
		CLAIM(a_body_is_read_to_its_limit),
		CLAIM(a_body_as_long_as_its_limit_is_whole),
		CLAIM(a_fresh_connection_is_made_for_each_check),
		CLAIM(reuse_keeps_the_connection_but_not_while_confirming),
		CLAIM(a_kept_connection_that_died_is_made_anew),
		CLAIM(many_checks_run_at_once_over_few_handles),
	};

	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
