/* http_handshake.c - claims about handshakes: versions, protocols, and how they break. */
#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "model/tls.h"
#include "secure.h"

static SSL_CTX *old(void)
{
	SSL_CTX *context = pki_server(&secure_pki, &secure_good);

	(void)SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
	(void)SSL_CTX_set_max_proto_version(context, TLS1_VERSION);
	return context;
}

static void allow_old(struct http_options *options)
{
	options->tls.min_version = TLS_1_0;
}

static void an_old_protocol_is_weak_unless_allowed(void **state)
{
	struct check *check = secure_ask(*state, old(), NULL);

	secure_assert(check, CLASS_tls_weak);
	check_free(check);
	check = secure_ask(*state, old(), allow_old);
	secure_assert(check, CLASS_NONE);
	assert_int_equal(check->observation.tls->version, 10);
	check_free(check);
}

static void only_1_2(struct http_options *options)
{
	options->tls.max_version = TLS_1_2;
}

static void the_newest_version_can_be_held_back(void **state)
{
	struct check *check = secure_ask(*state, pki_server(&secure_pki, &secure_good), only_1_2);

	secure_assert(check, CLASS_NONE);
	assert_int_equal(check->observation.tls->version, 12);
	check_free(check);
}

static void offer_two(struct http_options *options)
{
	static const char *const protocols[] = { "one", "http/1.1", NULL };

	options->tls.alpn = protocols;
}

static void alpn_offers_what_it_says(void **state)
{
	struct harness *harness = *state;
	struct http_options *options;
	struct server server;
	struct check *check;

	server_start_tls(&server, server_tls_reply, OK_REPLY,
			 pki_server(&secure_pki, &secure_good));
	options = secure_options(harness, &server);
	offer_two(options);
	check = harness_run(harness, options);
	server_stop(&server);
	secure_assert(check, CLASS_NONE);
	assert_string_equal(server.alpn, "one,http/1.1,");
	check_free(check);
}

static void no_http2(struct http_options *options)
{
	options->version = HTTP_1_1;
}

static void only_http2(struct http_options *options)
{
	options->version = HTTP_2;
}

static void http_version_decides_what_is_offered(void **state)
{
	static void (*const changes[])(struct http_options *) = { NULL, no_http2, only_http2 };
	static const char *const offers[] = { "h2,http/1.1,", "http/1.1,", "h2," };

	for (size_t i = 0; i < 3; i++) {
		struct harness *harness = *state;
		struct http_options *options;
		struct server server;

		server_start_tls(&server, server_tls_reply, OK_REPLY,
				 pki_server(&secure_pki, &secure_good));
		options = secure_options(harness, &server);
		if (changes[i])
			changes[i](options);
		check_free(harness_run(harness, options));
		server_stop(&server);
		assert_string_equal(server.alpn, offers[i]);
	}
}

static void who_asks_for_http2_is_told_when_it_is_not_spoken(void **state)
{
	struct check *check = secure_ask(*state, pki_server(&secure_pki, &secure_good), only_http2);

	assert_string_equal(class_name(check->observation.class), "http2_error");
	assert_string_equal(check->observation.detail,
			    "the server answered with HTTP/1.1 instead of 2");
	check_free(check);
}

/* Agrees to HTTP/2 and then says something else. */
static void lie(struct server *server, int fd)
{
	server->chooses_http2 = true;
	server->lingers = true;
	server_tls_reply(server, fd);
}

static void broken_http2_is_called_so(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	server_start_tls(&server, lie, OK_REPLY, pki_server(&secure_pki, &secure_good));
	check = harness_run(harness, secure_options(harness, &server));
	server_stop(&server);
	assert_string_equal(class_name(check->observation.class), "http2_error");
	check_free(check);
}

static void what_speaks_no_tls_is_called_so(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	server_start(&server, server_reply_at_once, "HTTP/1.1 400 Bad Request\r\n\r\n");
	check = harness_run(harness, secure_options(harness, &server));
	server_stop(&server);
	secure_assert(check, CLASS_tls_not_tls);
	check_free(check);
	server_start(&server, server_reply_at_once, "SSH-2.0-OpenSSH_9.2\r\n");
	check = harness_run(harness, secure_options(harness, &server));
	server_stop(&server);
	secure_assert(check, CLASS_tls_not_tls);
	check_free(check);
}

static void a_handshake_that_breaks_says_how(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	server_start(&server, server_hello_reset, NULL);
	check = harness_run(harness, secure_options(harness, &server));
	server_stop(&server);
	secure_assert(check, CLASS_reset);
	check_free(check);

	server_start(&server, server_hello_close, NULL);
	check = harness_run(harness, secure_options(harness, &server));
	server_stop(&server);
	secure_assert(check, CLASS_empty_reply);
	check_free(check);

	server_start(&server, server_hello_stall, NULL);
	check = harness_run_for(harness, secure_options(harness, &server), 500 * USEC_PER_MS);
	server_stop(&server);
	secure_assert(check, CLASS_timeout);
	assert_true(check->observation.phases[PHASE_TLS] >= 100 * USEC_PER_MS);
	check_free(check);
}

static void a_cut_body_over_tls_is_partial_too(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	server_start_tls(&server, server_tls_abandon,
			 "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello",
			 pki_server(&secure_pki, &secure_good));
	check = harness_run(harness, secure_options(harness, &server));
	server_stop(&server);
	assert_string_equal(class_name(check->observation.class), "partial_body");
	assert_string_equal(phase_name(check->observation.phase), "transfer");
	check_free(check);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, harness_set_up, harness_tear_down)
	const struct CMUnitTest tests[] = {
		CLAIM(an_old_protocol_is_weak_unless_allowed),
		CLAIM(the_newest_version_can_be_held_back),
		CLAIM(alpn_offers_what_it_says),
		CLAIM(http_version_decides_what_is_offered),
		CLAIM(who_asks_for_http2_is_told_when_it_is_not_spoken),
		CLAIM(broken_http2_is_called_so),
		CLAIM(what_speaks_no_tls_is_called_so),
		CLAIM(a_handshake_that_breaks_says_how),
		CLAIM(a_cut_body_over_tls_is_partial_too),
	};

	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests(tests, secure_set_up, secure_tear_down);
}
