/* http_redirect.c - claims about redirects: where they may lead, and what goes along. */
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

#define OK_REPLY "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

/* Answers the first request with a redirect to `reply`, with a cookie, and all others well. */
struct redirect {
	unsigned status;
	char location[256];
};

static void redirect_once(struct server *server, int fd)
{
	const struct redirect *redirect = server->data;
	char reply[1024];

	if (!server_read(server, fd))
		return;
	if (server->requests > 1) {
		server_write(fd, OK_REPLY);
		return;
	}
	(void)snprintf(
		reply, sizeof(reply),
		"HTTP/1.1 %u Go\r\nLocation: %s\r\nSet-Cookie: a=b\r\nContent-Length: 4\r\n\r\n"
		"gone",
		redirect->status, redirect->location);
	server_write(fd, reply);
}

static void redirect_always(struct server *server, int fd)
{
	server_reply(server, fd);
}

/* One check of a server that redirects once; %u in `location` is its port. */
static struct check *follow(struct harness *harness, struct server *server, unsigned status,
			    const char *location, void (*change)(struct http_options *options))
{
	static struct redirect redirect;
	struct http_options *options;
	const char *port = strstr(location, "%u");
	struct check *check;

	redirect.status = status;
	server_start(server, redirect_once, NULL);
	server->data = &redirect;
	(void)snprintf(redirect.location, sizeof(redirect.location), "%s", location);
	if (port)
		(void)snprintf(redirect.location, sizeof(redirect.location), "%.*s%u%s",
			       (int)(port - location), location, server->port, port + 2);
	options = harness_options(harness, "http://home.test:%u/start?x=1", server->port);
	if (change)
		change(options);
	check = harness_run(harness, options);
	server_stop(server);
	return check;
}

static bool sent(const struct server *server, unsigned request, const char *part)
{
	return strstr(server->request[request], part) != NULL;
}

static void assert_class(const struct check *check, enum failure_class class)
{
	const enum failure_class seen = check->observation.class;

	assert_string_equal(seen ? class_name(seen) : "none", class ? class_name(class) : "none");
}

static void a_redirect_is_a_hop_of_its_own(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check = follow(harness, &server, 302, "/there#part", NULL);
	const struct observation *seen = &check->observation;
	char url[64];
	usec_t sum = 0;

	assert_class(check, CLASS_NONE);
	assert_int_equal(seen->status, 200);
	assert_int_equal(seen->redirects, 1);
	assert_int_equal(seen->hops_count, 2);
	assert_int_equal(seen->hops[0].status, 302);
	assert_int_equal(seen->hops[1].status, 200);
	assert_string_equal(text_string(&seen->body), "hello");
	assert_string_equal(text_string(&seen->headers), "Content-Length: 5\n");
	(void)snprintf(url, sizeof(url), "http://home.test:%u/there", server.port);
	assert_string_equal(seen->url, url);
	assert_string_equal(seen->hops[1].url, url);
	for (unsigned hop = 0; hop < 2; hop++)
		for (unsigned phase = 0; phase < PHASES; phase++)
			sum += seen->hops[hop].phases[phase];
	assert_true(sum == seen->latency);
	assert_int_equal(server.connections, 2);
	assert_true(sent(&server, 1, "GET /there HTTP/1.1\r\n"));
	check_free(check);
}

static void dont(struct http_options *options)
{
	options->redirects.follow = false;
}

static void not_followed_it_is_the_result(void **state)
{
	struct server server;
	struct check *check = follow(*state, &server, 302, "/there", dont);

	assert_class(check, CLASS_NONE);
	assert_int_equal(check->observation.status, 302);
	assert_int_equal(check->observation.redirects, 0);
	assert_string_equal(text_string(&check->observation.body), "gone");
	check_free(check);
}

static void a_loop_ends_at_the_limit(void **state)
{
	struct harness *harness = *state;
	struct http_options *options;
	struct server server;
	struct check *check;

	server_start(&server, redirect_always,
		     "HTTP/1.1 301 Go\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n");
	options = harness_options(harness, "http://home.test:%u/", server.port);
	options->redirects.max = 3;
	check = harness_run(harness, options);
	assert_class(check, CLASS_too_many_redirects);
	assert_int_equal(check->observation.redirects, 3);
	assert_int_equal(check->observation.hops_count, 4);
	assert_non_null(strstr(check->observation.detail, "more than 3 redirects"));
	check_free(check);

	/* The limit of all checks is above that of one. */
	options->redirects.max = 40;
	check = harness_run(harness, options);
	server_stop(&server);
	assert_class(check, CLASS_too_many_redirects);
	assert_int_equal(check->observation.redirects, harness->limits.redirects);
	check_free(check);
}

static void other_protocols_are_refused(void **state)
{
	static const char *const locations[] = { "file:///etc/passwd", "ftp://home.test/",
						 "gopher://home.test/", "javascript:alert(1)" };

	for (size_t i = 0; i < 4; i++) {
		struct server server;
		struct check *check = follow(*state, &server, 302, locations[i], NULL);

		assert_class(check, CLASS_redirect_refused);
		assert_int_equal(server.requests, 1);
		check_free(check);
	}
}

static void a_broken_target_is_malformed(void **state)
{
	struct server server;
	struct check *check = follow(*state, &server, 302, "http://a..b/", NULL);

	assert_class(check, CLASS_malformed_reply);
	check_free(check);
}

static void from_outside_to_inside_is_refused(void **state)
{
	static const char *const locations[] = { "http://127.0.0.1:%u/", "http://[::1]:%u/",
						 "http://[::ffff:127.0.0.1]:%u/",
						 "http://169.254.169.254/" };
	struct harness *harness = *state;

	for (size_t i = 0; i < 4; i++) {
		struct server server;
		struct check *check;

		harness->plan = (struct plan){ .is_public = true };
		check = follow(harness, &server, 302, locations[i], NULL);
		assert_class(check, CLASS_redirect_refused);
		assert_int_equal(server.requests, 1);
		assert_int_equal(harness->connects, i + 1);
		check_free(check);
	}
}

static void to_private(struct http_options *options)
{
	options->redirects.to_private = true;
}

static void what_a_name_resolves_to_is_for_the_connector_to_refuse(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	harness->plan = (struct plan){ .is_public = true };
	check = follow(harness, &server, 302, "http://inside.test:%u/", NULL);
	assert_true(harness->no_private);
	check_free(check);

	check = follow(harness, &server, 302, "http://inside.test:%u/", to_private);
	assert_false(harness->no_private);
	check_free(check);

	/* What is inside already may stay there. */
	harness->plan = (struct plan){ .is_public = false };
	check = follow(harness, &server, 302, "http://inside.test:%u/", NULL);
	assert_false(harness->no_private);
	assert_class(check, CLASS_NONE);
	check_free(check);
}

static void what_the_connector_forbids_is_refused(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	harness->plan = (struct plan){ .host = "inside.test", .outcome = CONNECT_FORBIDDEN };
	check = follow(harness, &server, 302, "http://inside.test:%u/", NULL);
	assert_class(check, CLASS_redirect_refused);
	assert_int_equal(check->observation.hops_count, 2);
	check_free(check);
}

static void identify(struct http_options *options)
{
	static const struct http_basic basic = { "me", "pw" };
	static const struct http_auth auth = { .basic = &basic };
	static const struct option_pair pairs[] = {
		{ "X-Api-Key", "k3y", false },
		{ "Accept", "text/plain", false },
		{ "Cookie", "own=1", false },
	};

	options->auth = &auth;
	options->headers = (struct option_pairs){ pairs, 3 };
}

static void nothing_secret_goes_to_another_origin(void **state)
{
	static const char *const elsewhere[] = { "http://away.test:%u/", "http://HOME.test.:%u/",
						 "//away.test:%u/" };

	for (size_t i = 0; i < 3; i++) {
		struct server server;
		struct check *check = follow(*state, &server, 302, elsewhere[i], identify);

		assert_class(check, CLASS_NONE);
		assert_int_equal(server.requests, 2);
		assert_true(sent(&server, 0, "\r\nAuthorization: Basic "));
		assert_true(sent(&server, 0, "\r\nX-Api-Key: k3y\r\n"));
		assert_false(sent(&server, 1, "Authorization"));
		assert_false(sent(&server, 1, "X-Api-Key"));
		assert_false(sent(&server, 1, "Cookie"));
		assert_true(sent(&server, 1, "\r\nAccept: text/plain\r\n"));
		check_free(check);
	}
}

static void at_home_it_goes_along(void **state)
{
	struct server server;
	struct check *check = follow(*state, &server, 302, "http://HOME.test:%u/b", identify);

	assert_true(sent(&server, 1, "\r\nAuthorization: Basic "));
	assert_true(sent(&server, 1, "\r\nX-Api-Key: k3y\r\n"));
	check_free(check);
}

static void cookies_are_kept_within_the_chain_and_their_host(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check = follow(harness, &server, 302, "/there", NULL);

	assert_true(sent(&server, 1, "\r\nCookie: a=b\r\n"));
	check_free(check);

	/* Nothing is left for the next check, which gets the same handle. */
	check = follow(harness, &server, 302, "http://away.test:%u/", NULL);
	assert_false(sent(&server, 0, "Cookie"));
	assert_false(sent(&server, 1, "Cookie"));
	check_free(check);
}

static void no_cookies(struct http_options *options)
{
	options->cookies = false;
}

static void cookies_can_be_refused(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	/* One that keeps them used the handle before. */
	check_free(follow(harness, &server, 302, "/there", NULL));
	check = follow(harness, &server, 302, "/there", no_cookies);
	assert_false(sent(&server, 1, "Cookie"));
	check_free(check);
}

static void post(struct http_options *options)
{
	options->method = "POST";
	options->body_text = "s3cret body";
}

static void put(struct http_options *options)
{
	options->method = "PUT";
	options->body_text = "body";
}

static void methods_change_as_they_do_everywhere(void **state)
{
	static const struct {
		unsigned status;
		void (*change)(struct http_options *options);
		const char *line;
	} cases[] = {
		{ 301, post, "GET /b HTTP/1.1\r\n" },  { 302, post, "GET /b HTTP/1.1\r\n" },
		{ 303, post, "GET /b HTTP/1.1\r\n" },  { 307, post, "POST /b HTTP/1.1\r\n" },
		{ 308, post, "POST /b HTTP/1.1\r\n" }, { 303, put, "GET /b HTTP/1.1\r\n" },
		{ 301, put, "PUT /b HTTP/1.1\r\n" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const bool keeps_body = cases[i].line[0] == 'P';
		struct server server;
		struct check *check =
			follow(*state, &server, cases[i].status, "/b", cases[i].change);

		assert_true(sent(&server, 1, cases[i].line));
		assert_int_equal(sent(&server, 1, "body"), keeps_body);
		assert_int_equal(sent(&server, 1, "Content-Length"), keeps_body);
		check_free(check);
	}
}

static void a_body_with_a_secret_stays_at_home(void **state)
{
	static const char *const secrets[] = { "s3cret", NULL };
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	harness->endpoint.secrets = secrets;
	check = follow(harness, &server, 307, "http://away.test:%u/", post);
	assert_class(check, CLASS_redirect_refused);
	assert_int_equal(server.requests, 1);
	check_free(check);
	check = follow(harness, &server, 307, "/b", post);
	assert_class(check, CLASS_NONE);
	check_free(check);
}

static void a_redirect_without_location_is_a_result(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	server_start(&server, server_reply, "HTTP/1.1 302 Go\r\nContent-Length: 0\r\n\r\n");
	check = harness_run(harness, harness_options(harness, "http://home.test:%u/", server.port));
	server_stop(&server);
	assert_class(check, CLASS_NONE);
	assert_int_equal(check->observation.status, 302);
	check_free(check);
}

static void not_modified_is_no_redirect(void **state)
{
	struct server server;
	struct check *check = follow(*state, &server, 304, "/there", NULL);

	assert_int_equal(check->observation.status, 304);
	assert_int_equal(server.requests, 1);
	check_free(check);
}

static void the_deadline_is_over_the_whole_chain(void **state)
{
	struct harness *harness = *state;
	struct check *check;
	struct server server;
	static struct redirect redirect;

	redirect = (struct redirect){ .status = 302, .location = "http://dark.test/" };
	server_start(&server, redirect_once, NULL);
	server.data = &redirect;
	harness->plan = (struct plan){ .host = "dark.test", .hangs_connecting = true };
	check = harness_run_for(harness,
				harness_options(harness, "http://home.test:%u/", server.port),
				500 * USEC_PER_MS);
	server_stop(&server);
	assert_class(check, CLASS_timeout);
	assert_string_equal(phase_name(check->observation.phase), "connect");
	assert_int_equal(check->observation.hops_count, 2);
	assert_true(check->observation.latency < 5 * USEC_PER_SEC);
	check_free(check);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, harness_set_up, harness_tear_down)
	const struct CMUnitTest tests[] = {
		CLAIM(a_redirect_is_a_hop_of_its_own),
		CLAIM(not_followed_it_is_the_result),
		CLAIM(a_loop_ends_at_the_limit),
		CLAIM(other_protocols_are_refused),
		CLAIM(a_broken_target_is_malformed),
		CLAIM(from_outside_to_inside_is_refused),
		CLAIM(what_a_name_resolves_to_is_for_the_connector_to_refuse),
		CLAIM(what_the_connector_forbids_is_refused),
		CLAIM(nothing_secret_goes_to_another_origin),
		CLAIM(at_home_it_goes_along),
		CLAIM(cookies_are_kept_within_the_chain_and_their_host),
		CLAIM(cookies_can_be_refused),
		CLAIM(methods_change_as_they_do_everywhere),
		CLAIM(a_body_with_a_secret_stays_at_home),
		CLAIM(a_redirect_without_location_is_a_result),
		CLAIM(not_modified_is_no_redirect),
		CLAIM(the_deadline_is_over_the_whole_chain),
	};

	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
