/* http_tls.c - claims about https: what is seen of a certificate, and what is wrong with it. */
#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "certificates.h"
#include "harness.h"
#include "model/tls.h"
#include "server.h"

#define OK_REPLY "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

static struct pki pki;

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

static const struct kind good = { .names = "DNS:name.test,DNS:www.name.test,IP:127.0.0.1",
				  .from_days = -1,
				  .days = 30 };

static struct http_options *options_for(struct harness *harness, const struct server *server)
{
	struct http_options *options =
		harness_options(harness, "https://name.test:%u/", server->port);

	options->tls.ca = pki.ca_path;
	return options;
}

/* One check of a server with that context, which is the server's from here on. */
static struct check *ask(struct harness *harness, SSL_CTX *context,
			 void (*change)(struct http_options *options))
{
	struct http_options *options;
	struct server server;
	struct check *check;

	server_start_tls(&server, server_tls_reply, OK_REPLY, context);
	options = options_for(harness, &server);
	if (change)
		change(options);
	check = harness_run(harness, options);
	server_stop(&server);
	return check;
}

static void assert_class(const struct check *check, enum failure_class class)
{
	const enum failure_class seen = check->observation.class;

	assert_string_equal(seen ? class_name(seen) : "none", class ? class_name(class) : "none");
	if (class)
		assert_string_equal(phase_name(check->observation.phase), "tls");
}

static void a_good_certificate_is_seen_in_full(void **state)
{
	struct check *check = ask(*state, pki_server(&pki, &good), NULL);
	const struct observation *seen = &check->observation;
	const struct certificate *leaf;

	assert_class(check, CLASS_NONE);
	assert_int_equal(seen->status, 200);
	assert_non_null(seen->tls);
	assert_int_equal(seen->tls->version, 13);
	assert_non_null(strstr(seen->tls->cipher, "TLS_"));
	assert_int_equal(seen->tls->chain_count, 1);
	leaf = &seen->tls->chain[0];
	assert_string_equal(leaf->subject, "CN=a server");
	assert_string_equal(leaf->issuer, "CN=an authority");
	assert_int_equal(leaf->names_count, 3);
	assert_string_equal(leaf->names[0], "name.test");
	assert_string_equal(leaf->names[2], "127.0.0.1");
	assert_int_equal(strlen(leaf->fingerprint), 64);
	assert_int_equal(strlen(leaf->spki), 44);
	assert_int_equal(leaf->not_after - leaf->not_before, 30 * 86400);
	assert_true(observation_has_phase(seen, PHASE_TLS));
	assert_true(seen->phases[PHASE_TLS] > 0);
	check_free(check);
}

/* What a certificate of that kind is called; and that nothing was asked of its server. */
static void expect(struct harness *harness, const struct kind *kind, enum failure_class class)
{
	struct server server;
	struct check *check;

	server_start_tls(&server, server_tls_reply, OK_REPLY, pki_server(&pki, kind));
	check = harness_run(harness, options_for(harness, &server));
	server_stop(&server);
	assert_class(check, class);
	/* The certificate is known all the same, and no request went out. */
	assert_non_null(check->observation.tls);
	assert_int_equal(check->observation.tls->chain_count, 1);
	assert_int_equal(server.requests, 0);
	assert_int_equal(check->observation.status, 0);
	check_free(check);
}

static void each_fault_has_its_class(void **state)
{
	expect(*state, &(struct kind){ "DNS:name.test", -10, 5, 0, false, false },
	       CLASS_tls_expired);
	expect(*state, &(struct kind){ "DNS:name.test", 5, 5, 0, false, false }, CLASS_tls_expired);
	expect(*state, &(struct kind){ "DNS:other.test", -1, 5, 0, false, false },
	       CLASS_tls_name_mismatch);
	expect(*state, &(struct kind){ "DNS:name.test", -1, 5, 0, true, false },
	       CLASS_tls_self_signed);
	expect(*state, &(struct kind){ "DNS:name.test", -1, 5, 0, false, true },
	       CLASS_tls_untrusted);
	expect(*state, &(struct kind){ "DNS:name.test", -1, 5, 1024, false, false },
	       CLASS_tls_weak);
}

static void of_several_faults_the_first_in_order_is_told(void **state)
{
	expect(*state, &(struct kind){ "DNS:other.test", -10, 5, 1024, true, false },
	       CLASS_tls_expired);
	expect(*state, &(struct kind){ "DNS:other.test", -1, 5, 1024, true, false },
	       CLASS_tls_self_signed);
	expect(*state, &(struct kind){ "DNS:other.test", -1, 5, 1024, false, true },
	       CLASS_tls_untrusted);
	expect(*state, &(struct kind){ "DNS:other.test", -1, 5, 1024, false, false },
	       CLASS_tls_name_mismatch);
}

static void the_reason_names_names_and_dates(void **state)
{
	struct check *check = ask(
		*state, pki_server(&pki, &(struct kind){ "DNS:other.test", -1, 5, 0, 0, 0 }), NULL);

	assert_string_equal(check->observation.detail,
			    "the certificate is not for name.test but for other.test");
	check_free(check);
	check = ask(*state, pki_server(&pki, &(struct kind){ "DNS:name.test", -9, 5, 0, 0, 0 }),
		    NULL);
	assert_non_null(
		strstr(check->observation.detail, "the certificate of CN=a server expired at 20"));
	check_free(check);
}

static void no_verify(struct http_options *options)
{
	options->tls.verify = false;
}

static void without_verifying_it_passes_and_is_still_seen(void **state)
{
	const struct kind bad = { "DNS:other.test", -10, 5, 0, true, false };
	struct check *check = ask(*state, pki_server(&pki, &bad), no_verify);

	assert_class(check, CLASS_NONE);
	assert_int_equal(check->observation.status, 200);
	assert_string_equal(check->observation.tls->chain[0].names[0], "other.test");
	check_free(check);
}

static void system_store(struct http_options *options)
{
	options->tls.ca = NULL;
}

static void without_a_ca_of_its_own_the_system_decides(void **state)
{
	struct check *check = ask(*state, pki_server(&pki, &good), system_store);

	assert_class(check, CLASS_tls_untrusted);
	check_free(check);
}

static void each_check_is_judged_by_its_own_store(void **state)
{
	for (unsigned i = 0; i < 3; i++) {
		struct check *check = ask(*state, pki_server(&pki, &good), NULL);

		assert_class(check, CLASS_NONE);
		check_free(check);
		check = ask(*state, pki_server(&pki, &good), system_store);
		assert_class(check, CLASS_tls_untrusted);
		check_free(check);
	}
}

static void name_server(struct http_options *options)
{
	options->tls.server_name = "other.test";
}

static void server_name_is_asked_for_and_verified(void **state)
{
	const struct kind other = { "DNS:other.test", -1, 5, 0, false, false };
	struct harness *harness = *state;
	struct http_options *options;
	struct server server;
	struct check *check;

	server_start_tls(&server, server_tls_reply, OK_REPLY, pki_server(&pki, &other));
	options = options_for(harness, &server);
	name_server(options);
	check = harness_run(harness, options);
	server_stop(&server);
	assert_class(check, CLASS_NONE);
	assert_string_equal(server.sni, "other.test");
	assert_non_null(strstr(server.request[0], "Host: name.test"));
	check_free(check);
}

static void an_address_is_verified_as_one(void **state)
{
	struct harness *harness = *state;
	struct http_options *options;
	struct server server;
	struct check *check;

	server_start_tls(&server, server_tls_reply, OK_REPLY, pki_server(&pki, &good));
	options = harness_options(harness, "https://127.0.0.1:%u/", server.port);
	options->tls.ca = pki.ca_path;
	check = harness_run(harness, options);
	server_stop(&server);
	assert_class(check, CLASS_NONE);
	assert_string_equal(server.sni, "");
	check_free(check);
}

static void use_crl(struct http_options *options)
{
	options->tls.crl = pki.crl_path;
}

static void a_revoked_certificate_is_revoked(void **state)
{
	SSL_CTX *context = pki_server(&pki, &good);
	struct check *check;

	pki_revoke(&pki, context);
	check = ask(*state, context, use_crl);
	assert_class(check, CLASS_tls_revoked);
	check_free(check);
	/* Another one is not. */
	check = ask(*state, pki_server(&pki, &good), use_crl);
	assert_class(check, CLASS_NONE);
	check_free(check);
}

static void use_missing(struct http_options *options)
{
	options->tls.ca = "/nonexistent/ca.pem";
}

static void use_missing_certificate(struct http_options *options)
{
	options->tls.cert = "/nonexistent/client.pem";
	options->tls.key = "/nonexistent/client.key";
}

static void an_unreadable_file_is_this_hosts_fault(void **state)
{
	struct check *check = ask(*state, pki_server(&pki, &good), use_missing);

	assert_class(check, CLASS_local);
	assert_non_null(strstr(check->observation.detail, "/nonexistent/ca.pem"));
	check_free(check);
	check = ask(*state, pki_server(&pki, &good), use_missing_certificate);
	assert_class(check, CLASS_local);
	assert_non_null(strstr(check->observation.detail, "/nonexistent/client.pem"));
	check_free(check);
}

static SSL_CTX *demanding(int version)
{
	SSL_CTX *context = pki_server(&pki, &good);

	SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	assert_int_equal(X509_STORE_add_cert(SSL_CTX_get_cert_store(context), pki.ca), 1);
	(void)SSL_CTX_set_max_proto_version(context, version);
	return context;
}

static void with_certificate(struct http_options *options)
{
	options->tls.cert = pki.client_path;
	options->tls.key = pki.key_path;
}

static void a_demanded_client_certificate_is_missed_or_shown(void **state)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

	for (size_t i = 0; i < 2; i++) {
		struct check *check = ask(*state, demanding(versions[i]), NULL);

		assert_class(check, CLASS_tls_client_cert_required);
		check_free(check);
		check = ask(*state, demanding(versions[i]), with_certificate);
		assert_class(check, CLASS_NONE);
		assert_int_equal(check->observation.status, 200);
		check_free(check);
	}
}

static SSL_CTX *old(void)
{
	SSL_CTX *context = pki_server(&pki, &good);

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
	struct check *check = ask(*state, old(), NULL);

	assert_class(check, CLASS_tls_weak);
	check_free(check);
	check = ask(*state, old(), allow_old);
	assert_class(check, CLASS_NONE);
	assert_int_equal(check->observation.tls->version, 10);
	check_free(check);
}

static void only_1_2(struct http_options *options)
{
	options->tls.max_version = TLS_1_2;
}

static void the_newest_version_can_be_held_back(void **state)
{
	struct check *check = ask(*state, pki_server(&pki, &good), only_1_2);

	assert_class(check, CLASS_NONE);
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

	server_start_tls(&server, server_tls_reply, OK_REPLY, pki_server(&pki, &good));
	options = options_for(harness, &server);
	offer_two(options);
	check = harness_run(harness, options);
	server_stop(&server);
	assert_class(check, CLASS_NONE);
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

		server_start_tls(&server, server_tls_reply, OK_REPLY, pki_server(&pki, &good));
		options = options_for(harness, &server);
		if (changes[i])
			changes[i](options);
		check_free(harness_run(harness, options));
		server_stop(&server);
		assert_string_equal(server.alpn, offers[i]);
	}
}

static void who_asks_for_http2_is_told_when_it_is_not_spoken(void **state)
{
	struct check *check = ask(*state, pki_server(&pki, &good), only_http2);

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

	server_start_tls(&server, lie, OK_REPLY, pki_server(&pki, &good));
	check = harness_run(harness, options_for(harness, &server));
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
	check = harness_run(harness, options_for(harness, &server));
	server_stop(&server);
	assert_class(check, CLASS_tls_not_tls);
	check_free(check);
	server_start(&server, server_reply_at_once, "SSH-2.0-OpenSSH_9.2\r\n");
	check = harness_run(harness, options_for(harness, &server));
	server_stop(&server);
	assert_class(check, CLASS_tls_not_tls);
	check_free(check);
}

static void a_handshake_that_breaks_says_how(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	server_start(&server, server_hello_reset, NULL);
	check = harness_run(harness, options_for(harness, &server));
	server_stop(&server);
	assert_class(check, CLASS_reset);
	check_free(check);

	server_start(&server, server_hello_close, NULL);
	check = harness_run(harness, options_for(harness, &server));
	server_stop(&server);
	assert_class(check, CLASS_empty_reply);
	check_free(check);

	server_start(&server, server_hello_stall, NULL);
	check = harness_run_for(harness, options_for(harness, &server), 100 * USEC_PER_MS);
	server_stop(&server);
	assert_class(check, CLASS_timeout);
	assert_true(check->observation.phases[PHASE_TLS] >= 50 * USEC_PER_MS);
	check_free(check);
}

static void a_cut_body_over_tls_is_partial_too(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	server_start_tls(&server, server_tls_abandon,
			 "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello",
			 pki_server(&pki, &good));
	check = harness_run(harness, options_for(harness, &server));
	server_stop(&server);
	assert_string_equal(class_name(check->observation.class), "partial_body");
	assert_string_equal(phase_name(check->observation.phase), "transfer");
	check_free(check);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, harness_set_up, harness_tear_down)
	const struct CMUnitTest tests[] = {
		CLAIM(a_good_certificate_is_seen_in_full),
		CLAIM(each_fault_has_its_class),
		CLAIM(of_several_faults_the_first_in_order_is_told),
		CLAIM(the_reason_names_names_and_dates),
		CLAIM(without_verifying_it_passes_and_is_still_seen),
		CLAIM(without_a_ca_of_its_own_the_system_decides),
		CLAIM(each_check_is_judged_by_its_own_store),
		CLAIM(server_name_is_asked_for_and_verified),
		CLAIM(an_address_is_verified_as_one),
		CLAIM(a_revoked_certificate_is_revoked),
		CLAIM(an_unreadable_file_is_this_hosts_fault),
		CLAIM(a_demanded_client_certificate_is_missed_or_shown),
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
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
