/* http.c - claims about probe http: what is sent, what is seen, when it ends. */
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

static void set_post(struct http_options *options)
{
	options->method = "POST";
	options->body_text = "{\"a\": 1}";
}

static void a_post_sends_its_body_and_no_invented_type(void **state)
{
	struct server server;
	struct check *check = ask(*state, &server, set_post);

	assert_true(sent(&server, "POST / HTTP/1.1\r\n"));
	assert_true(sent(&server, "\r\nContent-Length: 8\r\n"));
	assert_true(sent(&server, "\r\n\r\n{\"a\": 1}"));
	assert_false(sent(&server, "Content-Type"));
	assert_false(sent(&server, "Expect"));
	check_free(check);
}

static void set_put(struct http_options *options)
{
	options->method = "PUT";
}

static void a_put_without_body_says_that_it_is_empty(void **state)
{
	struct server server;
	struct check *check = ask(*state, &server, set_put);

	assert_true(sent(&server, "PUT / HTTP/1.1\r\n"));
	assert_true(sent(&server, "\r\nContent-Length: 0\r\n"));
	check_free(check);
}

static void set_delete(struct http_options *options)
{
	options->method = "DELETE";
}

static void any_method_can_be_asked(void **state)
{
	struct server server;
	struct check *check = ask(*state, &server, set_delete);

	assert_true(sent(&server, "DELETE / HTTP/1.1\r\n"));
	assert_false(sent(&server, "Content-Length"));
	check_free(check);
}

static void set_head(struct http_options *options)
{
	options->method = "HEAD";
}

static void a_head_waits_for_no_body(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check;
	struct http_options *options;

	server_start(&server, server_reply, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
	options = harness_options(harness, "http://name.test:%u/", server.port);
	set_head(options);
	check = harness_run(harness, options);
	server_stop(&server);
	assert_int_equal(check->observation.class, CLASS_NONE);
	assert_int_equal(check->observation.status, 200);
	assert_int_equal(check->observation.body.len, 0);
	assert_true(sent(&server, "HEAD / HTTP/1.1\r\n"));
	check_free(check);
}

static void set_headers(struct http_options *options)
{
	static const struct option_pair pairs[] = {
		{ "X-Mine", "a value", false },
		{ "X-Empty", "", false },
		{ "Host", "other.test", false },
		{ "User-Agent", "me", false },
	};

	options->headers = (struct option_pairs){ pairs, 4 };
}

static void headers_are_sent_as_they_stand(void **state)
{
	struct server server;
	struct check *check = ask(*state, &server, set_headers);

	assert_true(sent(&server, "\r\nX-Mine: a value\r\n"));
	assert_true(sent(&server, "\r\nX-Empty:\r\n"));
	assert_true(sent(&server, "\r\nHost: other.test\r\n"));
	assert_true(sent(&server, "\r\nUser-Agent: me\r\n"));
	assert_false(sent(&server, "picket"));
	check_free(check);
}

static void set_basic(struct http_options *options)
{
	static const struct http_basic basic = { "me", "pass:word" };
	static const struct http_auth auth = { .basic = &basic };

	options->auth = &auth;
}

static void basic_is_sent_with_the_first_request(void **state)
{
	struct server server;
	struct check *check = ask(*state, &server, set_basic);

	/* me:pass:word */
	assert_true(sent(&server, "\r\nAuthorization: Basic bWU6cGFzczp3b3Jk\r\n"));
	assert_int_equal(server.requests, 1);
	check_free(check);
}

static void set_bearer(struct http_options *options)
{
	static const struct http_auth auth = { .bearer = "tok.en" };

	options->auth = &auth;
}

static void bearer_is_sent(void **state)
{
	struct server server;
	struct check *check = ask(*state, &server, set_bearer);

	assert_true(sent(&server, "\r\nAuthorization: Bearer tok.en\r\n"));
	check_free(check);
}

static void credentials_in_the_url_are_used_and_not_shown(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check;
	char *target;

	server_start(&server, server_reply, OK_REPLY);
	check = harness_run(harness, harness_options(harness, "http://me:pw@name.test:%u/?token=x",
						     server.port));
	server_stop(&server);
	/* me:pw */
	assert_true(sent(&server, "\r\nAuthorization: Basic bWU6cHc=\r\n"));
	target = check->endpoint->type->target(check->endpoint->options);
	assert_null(strstr(target, "pw"));
	assert_null(strstr(target, "=x"));
	assert_non_null(strstr(target, "***@name.test"));
	assert_null(strstr(check->observation.url, "pw"));
	assert_null(strstr(check->observation.hops[0].url, "pw"));
	free(target);
	check_free(check);
}

/* Challenges, and closes; then answers on another connection. */
static void challenge(struct server *server, int fd)
{
	if (!server_read(server, fd))
		return;
	if (server->requests == 1)
		server_write(fd, "HTTP/1.1 401 No\r\nContent-Length: 0\r\nWWW-Authenticate: Digest "
				 "realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=MD5\r\n"
				 "Connection: close\r\n\r\n");
	else
		server_write(fd, OK_REPLY);
}

static void digest_answers_a_challenge_over_a_new_connection(void **state)
{
	static const struct http_basic basic = { "me", "pw" };
	static const struct http_auth auth = { .digest = &basic };
	struct harness *harness = *state;
	struct http_options *options;
	struct server server;
	struct check *check;

	server_start(&server, challenge, NULL);
	options = harness_options(harness, "http://name.test:%u/x", server.port);
	options->auth = &auth;
	check = harness_run(harness, options);
	server_stop(&server);
	assert_int_equal(check->observation.class, CLASS_NONE);
	assert_int_equal(check->observation.status, 200);
	assert_int_equal(server.requests, 2);
	assert_null(strstr(server.request[0], "Digest"));
	assert_non_null(strstr(server.request[1], "\r\nAuthorization: Digest username=\"me\""));
	assert_null(strstr(server.request[1], "pw"));
	check_free(check);
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
	assert_non_null(check->observation.also);
	assert_int_equal(check->observation.also->status, 200);
	assert_int_equal(check->observation.status, 200);
	assert_int_equal(check->observation.hops_count, 1);
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
		CLAIM(a_post_sends_its_body_and_no_invented_type),
		CLAIM(a_put_without_body_says_that_it_is_empty),
		CLAIM(any_method_can_be_asked),
		CLAIM(a_head_waits_for_no_body),
		CLAIM(headers_are_sent_as_they_stand),
		CLAIM(basic_is_sent_with_the_first_request),
		CLAIM(bearer_is_sent),
		CLAIM(credentials_in_the_url_are_used_and_not_shown),
		CLAIM(digest_answers_a_challenge_over_a_new_connection),
		CLAIM(connect_to_changes_the_way_and_not_the_question),
		CLAIM(resolver_source_and_family_reach_the_connector),
		CLAIM(ip_both_looks_twice),
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
