/* http_request.c - claims about what probe http sends. */
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
				 "Set-Cookie: challenge=one\r\nConnection: close\r\n\r\n");
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
	/* Some keep by a cookie which challenge it was. */
	assert_non_null(strstr(server.request[1], "\r\nCookie: challenge=one\r\n"));
	check_free(check);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, harness_set_up, harness_tear_down)
	const struct CMUnitTest tests[] = {
		CLAIM(a_post_sends_its_body_and_no_invented_type),
		CLAIM(a_put_without_body_says_that_it_is_empty),
		CLAIM(any_method_can_be_asked),
		CLAIM(a_head_waits_for_no_body),
		CLAIM(headers_are_sent_as_they_stand),
		CLAIM(basic_is_sent_with_the_first_request),
		CLAIM(bearer_is_sent),
		CLAIM(credentials_in_the_url_are_used_and_not_shown),
		CLAIM(digest_answers_a_challenge_over_a_new_connection),
	};

	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
