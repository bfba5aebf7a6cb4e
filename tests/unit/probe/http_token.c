/* http_token.c - claims about OAuth 2.0 tokens. */
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

#define TOKEN_BODY "{\"access_token\": \"t0k3n\", \"token_type\": \"Bearer\", \"expires_in\": 3600}"

/* Both the one that gives tokens (for POST) and the one that wants them. */
struct world {
	const char *token_body;
	unsigned token_status;
	unsigned status; /* of what is checked */
};

static void serve(struct server *server, int fd)
{
	const struct world *world = server->data;
	char reply[1024];
	bool is_token;

	if (!server_read(server, fd))
		return;
	is_token =
		strncmp(server->request[(server->requests - 1) % SERVER_REQUESTS], "POST", 4) == 0;
	(void)snprintf(reply, sizeof(reply), "HTTP/1.1 %u X\r\nContent-Length: %zu\r\n\r\n%s",
		       is_token ? world->token_status : world->status,
		       is_token ? strlen(world->token_body) : 0, is_token ? world->token_body : "");
	server_write(fd, reply);
}

static struct http_options *options_for(struct harness *harness, const struct server *server)
{
	static char url[64];
	static struct http_oauth2 oauth2;
	static const struct http_auth auth = { .oauth2 = &oauth2 };
	struct http_options *options =
		harness_options(harness, "http://api.test:%u/", server->port);

	(void)snprintf(url, sizeof(url), "http://id.test:%u/token", server->port);
	oauth2 = (struct http_oauth2){ url, "client one", "s3:cret", "a b" };
	options->auth = &auth;
	return options;
}

static void assert_class(const struct check *check, enum failure_class class)
{
	const enum failure_class seen = check->observation.class;

	assert_string_equal(seen ? class_name(seen) : "none", class ? class_name(class) : "none");
}

static void a_token_is_fetched_once_and_sent(void **state)
{
	const struct world world = { TOKEN_BODY, 200, 200 };
	struct harness *harness = *state;
	struct http_options *options;
	struct server server;
	struct check *check;

	server_start(&server, serve, NULL);
	server.data = &world;
	options = options_for(harness, &server);
	check = harness_run(harness, options);
	assert_class(check, CLASS_NONE);
	assert_int_equal(check->observation.status, 200);
	/* Fetching is preparation: neither a hop nor latency. */
	assert_int_equal(check->observation.hops_count, 1);
	check_free(check);
	check_free(harness_run(harness, options));
	server_stop(&server);
	assert_int_equal(server.requests, 3);
	assert_non_null(strstr(server.request[0], "POST /token HTTP/1.1\r\n"));
	/* client%20one:s3%3Acret */
	assert_non_null(strstr(server.request[0], "\r\nAuthorization: Basic "
						  "Y2xpZW50JTIwb25lOnMzJTNBY3JldA==\r\n"));
	assert_non_null(
		strstr(server.request[0], "\r\n\r\ngrant_type=client_credentials&scope=a%20b"));
	assert_non_null(strstr(server.request[1], "\r\nAuthorization: Bearer t0k3n\r\n"));
	assert_non_null(strstr(server.request[2], "\r\nAuthorization: Bearer t0k3n\r\n"));
}

static void who_waits_for_the_same_token_waits_together(void **state)
{
	enum { COUNT = 6 };
	const struct world world = { TOKEN_BODY, 200, 200 };
	struct harness *harness = *state;
	struct http_options *options;
	struct check *checks[COUNT];
	struct server server;

	server_start(&server, serve, NULL);
	server.data = &world;
	options = options_for(harness, &server);
	for (unsigned i = 0; i < COUNT; i++) {
		checks[i] = harness_check(harness, options, 20 * USEC_PER_SEC);
		harness_start(harness, checks[i]);
	}
	harness_wait(harness, COUNT);
	server_stop(&server);
	for (unsigned i = 0; i < COUNT; i++) {
		assert_class(checks[i], CLASS_NONE);
		check_free(checks[i]);
	}
	assert_int_equal(server.requests, COUNT + 1);
}

static void if_the_one_who_fetches_gives_up_the_next_does(void **state)
{
	const struct world world = { TOKEN_BODY, 200, 200 };
	struct harness *harness = *state;
	struct http_options *options;
	struct check *first, *second;
	struct server server;

	server_start(&server, serve, NULL);
	server.data = &world;
	options = options_for(harness, &server);
	first = harness_check(harness, options, 20 * USEC_PER_SEC);
	second = harness_check(harness, options, 20 * USEC_PER_SEC);
	harness_start(harness, first);
	harness_start(harness, second);
	first->endpoint->type->cancel(first);
	harness_wait(harness, 2);
	server_stop(&server);
	assert_true(first->is_cancelled);
	assert_class(second, CLASS_NONE);
	assert_int_equal(second->observation.status, 200);
	check_free(first);
	check_free(second);
}

static void a_refused_token_is_fetched_anew(void **state)
{
	const struct world world = { TOKEN_BODY, 200, 401 };
	struct harness *harness = *state;
	struct http_options *options;
	struct server server;

	server_start(&server, serve, NULL);
	server.data = &world;
	options = options_for(harness, &server);
	check_free(harness_run(harness, options));
	check_free(harness_run(harness, options));
	server_stop(&server);
	assert_int_equal(server.requests, 4);
	assert_non_null(strstr(server.request[2], "POST /token"));
}

static void a_token_that_expired_is_fetched_anew(void **state)
{
	const struct world world = { "{\"access_token\":\"x\",\"expires_in\":0}", 200, 200 };
	struct harness *harness = *state;
	struct http_options *options;
	struct server server;

	server_start(&server, serve, NULL);
	server.data = &world;
	options = options_for(harness, &server);
	check_free(harness_run(harness, options));
	check_free(harness_run(harness, options));
	server_stop(&server);
	assert_int_equal(server.requests, 4);
}

static void expect_failure(struct harness *harness, unsigned status, const char *body,
			   const char *detail)
{
	const struct world world = { body, status, 200 };
	struct http_options *options;
	struct server server;
	struct check *check;

	server_start(&server, serve, NULL);
	server.data = &world;
	options = options_for(harness, &server);
	check = harness_run(harness, options);
	server_stop(&server);
	assert_class(check, CLASS_malformed_reply);
	assert_string_equal(check->observation.detail, detail);
	assert_int_equal(server.requests, 1);
	check_free(check);
}

static void without_a_token_nothing_is_asked(void **state)
{
	expect_failure(*state, 401, "{}", "fetching the token: status is 401");
	expect_failure(*state, 200, "{}", "fetching the token: the reply has no 'access_token'");
	expect_failure(*state, 200, "not JSON",
		       "fetching the token: the reply has no 'access_token'");
	/* What goes into a header must not begin another. */
	expect_failure(*state, 200, "{\"access_token\":\"a\\r\\nX: y\"}",
		       "fetching the token: the reply has no 'access_token'");
}

static void a_dead_token_server_is_named(void **state)
{
	struct harness *harness = *state;
	struct http_options *options;
	struct server server;
	struct check *check;

	server_start(&server, serve, NULL);
	server_stop(&server);
	options = options_for(harness, &server);
	check = harness_run(harness, options);
	assert_class(check, CLASS_connect_refused);
	assert_non_null(strstr(check->observation.detail, "fetching the token: "));
	check_free(check);

	harness->plan = (struct plan){ .hangs_connecting = true };
	check = harness_run_for(harness, options, 20 * USEC_PER_MS);
	assert_class(check, CLASS_timeout);
	assert_non_null(strstr(check->observation.detail, "token"));
	check_free(check);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, harness_set_up, harness_tear_down)
	const struct CMUnitTest tests[] = {
		CLAIM(a_token_is_fetched_once_and_sent),
		CLAIM(who_waits_for_the_same_token_waits_together),
		CLAIM(if_the_one_who_fetches_gives_up_the_next_does),
		CLAIM(a_refused_token_is_fetched_anew),
		CLAIM(a_token_that_expired_is_fetched_anew),
		CLAIM(without_a_token_nothing_is_asked),
		CLAIM(a_dead_token_server_is_named),
	};

	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
