/* http_proxy.c - claims about going through a proxy. */
#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "certificates.h"
#include "harness.h"
#include "model/tls.h"
#include "server.h"

#define OK_REPLY "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

static struct pki pki;
static const struct kind good = { .names = "DNS:far.test,DNS:proxy.test",
				  .from_days = -1,
				  .days = 30 };

static int set_up(void **state)
{
	pki_init(&pki);
	return 0;
}

static int tear_down(void **state)
{
	pki_done(&pki);
	return 0;
}

static struct http_options *options_for(struct harness *harness, const char *url,
					const char *scheme, const struct server *server)
{
	static struct http_proxy proxy;
	static char text[128];
	struct http_options *options = harness_options(harness, url, 0);

	(void)snprintf(text, sizeof(text), "%s://proxy.test:%u", scheme, server->port);
	proxy = (struct http_proxy){ .url = text };
	options->proxy = &proxy;
	options->tls.ca = pki.ca_path;
	return options;
}

static void assert_class(const struct check *check, enum failure_class class)
{
	const enum failure_class seen = check->observation.class;

	assert_string_equal(seen ? class_name(seen) : "none", class ? class_name(class) : "none");
}

static void a_plain_request_goes_through_whole(void **state)
{
	struct harness *harness = *state;
	struct http_options *options;
	struct server server;
	struct check *check;

	server_start(&server, server_reply, OK_REPLY);
	options = options_for(harness, "http://far.test/a", "http", &server);
	check = harness_run(harness, options);
	server_stop(&server);
	assert_class(check, CLASS_NONE);
	assert_int_equal(check->observation.status, 200);
	/* Only the proxy's name is looked up here. */
	assert_string_equal(harness->host, "proxy.test");
	assert_int_equal(harness->connects, 1);
	assert_non_null(strstr(server.request[0], "GET http://far.test/a HTTP/1.1\r\n"));
	assert_null(strstr(server.request[0], "Proxy-Authorization"));
	check_free(check);
}

static void its_credentials_are_its_own(void **state)
{
	struct harness *harness = *state;
	struct http_options *options;
	struct http_proxy proxy;
	struct server server;
	struct check *check;

	server_start(&server, server_reply, OK_REPLY);
	options = options_for(harness, "http://far.test/a", "http", &server);
	proxy = *options->proxy;
	proxy.user = "me";
	proxy.password = "pw";
	options->proxy = &proxy;
	check = harness_run(harness, options);
	server_stop(&server);
	assert_non_null(strstr(server.request[0], "\r\nProxy-Authorization: Basic bWU6cHc=\r\n"));
	assert_null(strstr(server.request[0], "\r\nAuthorization"));
	check_free(check);
}

static void exceptions_are_asked_directly(void **state)
{
	static const char *const except[] = { ".near.test", "127.0.0.0/8", NULL };
	static const char *const urls[] = { "http://a.near.test:%u/", "http://near.test:%u/",
					    "http://127.0.0.1:%u/" };
	struct harness *harness = *state;

	for (size_t i = 0; i < 3; i++) {
		struct http_options *options, *direct;
		struct http_proxy proxy;
		struct server server;

		server_start(&server, server_reply, OK_REPLY);
		options = options_for(harness, "http://x/", "http", &server);
		direct = harness_options(harness, urls[i], server.port);
		proxy = *options->proxy;
		proxy.except = except;
		direct->proxy = &proxy;
		check_free(harness_run(harness, direct));
		server_stop(&server);
		assert_string_not_equal(harness->host, "proxy.test");
		assert_ptr_equal(strstr(server.request[0], "GET / HTTP/1.1\r\n"),
				 server.request[0]);
	}
}

/* Answers CONNECT and is the server behind it too. */
static void tunnel(struct server *server, int fd)
{
	if (!server_read(server, fd))
		return;
	server_write(fd, "HTTP/1.1 200 Connected\r\nX-Proxy: 1\r\n\r\n");
	server_tls_reply(server, fd);
}

static void https_goes_through_a_tunnel(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	server_start_tls(&server, tunnel, OK_REPLY, pki_server(&pki, &good));
	check = harness_run(harness, options_for(harness, "https://far.test/a", "http", &server));
	server_stop(&server);
	assert_class(check, CLASS_NONE);
	assert_int_equal(check->observation.status, 200);
	assert_string_equal(text_string(&check->observation.headers), "Content-Length: 5\n");
	assert_string_equal(server.sni, "far.test");
	assert_int_equal(check->observation.tls->chain_count, 1);
	assert_non_null(strstr(server.request[0], "CONNECT far.test:443 HTTP/1.1\r\n"));
	assert_non_null(strstr(server.request[0], "\r\nUser-Agent: picket/"));
	assert_non_null(strstr(server.request[1], "GET /a HTTP/1.1\r\n"));
	assert_true(observation_has_phase(&check->observation, PHASE_TLS));
	check_free(check);
}

static void connect_to_is_where_the_tunnel_leads(void **state)
{
	struct harness *harness = *state;
	struct http_options *options;
	struct server server;

	server_start_tls(&server, tunnel, OK_REPLY, pki_server(&pki, &good));
	options = options_for(harness, "https://far.test/a", "http", &server);
	options->connect_to = "192.0.2.7:8443";
	check_free(harness_run(harness, options));
	server_stop(&server);
	assert_string_equal(harness->host, "proxy.test");
	assert_non_null(strstr(server.request[0], "CONNECT 192.0.2.7:8443 HTTP/1.1\r\n"));
	assert_string_equal(server.sni, "far.test");
}

/* TLS with the client, and inside it the same as any proxy. */
static void a_proxy_can_be_asked_over_tls(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	server_start_tls(&server, server_tls_reply, OK_REPLY, pki_server(&pki, &good));
	check = harness_run(harness, options_for(harness, "http://far.test/a", "https", &server));
	server_stop(&server);
	assert_class(check, CLASS_NONE);
	assert_int_equal(check->observation.status, 200);
	assert_string_equal(server.sni, "proxy.test");
	assert_non_null(strstr(server.request[0], "GET http://far.test/a HTTP/1.1\r\n"));
	check_free(check);
}

static void a_proxy_with_a_bad_certificate_failed_itself(void **state)
{
	const struct kind bad = { "DNS:other.test", -1, 5, 0, false, false };
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	server_start_tls(&server, server_tls_reply, OK_REPLY, pki_server(&pki, &bad));
	check = harness_run(harness, options_for(harness, "http://far.test/a", "https", &server));
	server_stop(&server);
	assert_class(check, CLASS_proxy_failure);
	assert_int_equal(server.requests, 0);
	check_free(check);
}

/* RFC 1928, without authentication; and the server behind it. */
static void socks5(struct server *server, int fd)
{
	unsigned char bytes[512] = { 0 };

	(void)!read(fd, bytes, sizeof(bytes)); /* the methods */
	server_write_len(fd, "\x05\x00", 2);
	(void)!read(fd, bytes, sizeof(bytes)); /* CONNECT */
	(void)snprintf(server->request[8], sizeof(server->request[8]), "%u %.*s", bytes[3],
		       bytes[4], (char *)bytes + 5);
	server_write_len(fd, "\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50", 10);
	server_reply(server, fd);
}

static void socks4a(struct server *server, int fd)
{
	unsigned char bytes[512] = { 0 };

	(void)!read(fd, bytes, sizeof(bytes));
	(void)snprintf(server->request[8], sizeof(server->request[8]), "%u %s", bytes[0],
		       (char *)bytes + 9);
	server_write_len(fd, "\x00\x5a\x00\x50\x7f\x00\x00\x01", 8);
	server_reply(server, fd);
}

static void socks_resolves_the_name_itself(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	server_start(&server, socks5, OK_REPLY);
	check = harness_run(harness, options_for(harness, "http://far.test/a", "socks5h", &server));
	server_stop(&server);
	assert_class(check, CLASS_NONE);
	assert_string_equal(server.request[8], "3 far.test"); /* 3 is a name */
	assert_non_null(strstr(server.request[0], "GET /a HTTP/1.1\r\n"));
	assert_int_equal(harness->connects, 1);
	check_free(check);

	server_start(&server, socks4a, OK_REPLY);
	check = harness_run(harness, options_for(harness, "http://far.test/a", "socks4a", &server));
	server_stop(&server);
	assert_class(check, CLASS_NONE);
	assert_string_equal(server.request[8], "4 far.test");
	assert_int_equal(harness->connects, 2);
	check_free(check);
}

static void expect_failure(struct harness *harness, server_script *script, const char *reply,
			   const char *url, const char *scheme, const char *detail)
{
	struct server server;
	struct check *check;

	server_start(&server, script, reply);
	check = harness_run(harness, options_for(harness, url, scheme, &server));
	server_stop(&server);
	assert_class(check, CLASS_proxy_failure);
	assert_non_null(check->observation.detail);
	assert_non_null(strstr(check->observation.detail, detail));
	check_free(check);
}

static void a_proxy_that_refuses_or_fails_is_not_the_target(void **state)
{
	expect_failure(*state, server_reply, "HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n",
		       "http://far.test/", "http", "407");
	expect_failure(*state, server_reply, "HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n",
		       "https://far.test/", "http", "407");
	expect_failure(*state, server_reply, "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n",
		       "https://far.test/", "http", "503");
	expect_failure(*state, server_close_silently, NULL, "https://far.test/", "http", "proxy");
	expect_failure(*state, server_hello_close, NULL, "http://far.test/", "socks5h", "proxy");
	expect_failure(*state, server_reply_at_once, "\x05\xff", "http://far.test/", "socks5h",
		       "proxy");
}

static void a_proxy_that_is_not_there_is_not_the_target(void **state)
{
	struct harness *harness = *state;
	struct http_options *options;
	struct server server;
	struct check *check;

	server_start(&server, server_reply, OK_REPLY);
	server_stop(&server);
	options = options_for(harness, "http://far.test/", "http", &server);
	check = harness_run(harness, options);
	assert_class(check, CLASS_proxy_failure);
	assert_string_equal(phase_name(check->observation.phase), "connect");
	check_free(check);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, harness_set_up, harness_tear_down)
	const struct CMUnitTest tests[] = {
		CLAIM(a_plain_request_goes_through_whole),
		CLAIM(its_credentials_are_its_own),
		CLAIM(exceptions_are_asked_directly),
		CLAIM(https_goes_through_a_tunnel),
		CLAIM(connect_to_is_where_the_tunnel_leads),
		CLAIM(a_proxy_can_be_asked_over_tls),
		CLAIM(a_proxy_with_a_bad_certificate_failed_itself),
		CLAIM(socks_resolves_the_name_itself),
		CLAIM(a_proxy_that_refuses_or_fails_is_not_the_target),
		CLAIM(a_proxy_that_is_not_there_is_not_the_target),
	};

	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
