/* http_tls.c - claims about certificates: what is seen of them, and what is wrong with them. */
#include <curl/curl.h>
#include <openssl/ocsp.h>
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

static void a_good_certificate_is_seen_in_full(void **state)
{
	struct check *check = secure_ask(*state, pki_server(&secure_pki, &secure_good), NULL);
	const struct observation *seen = &check->observation;
	const struct certificate *leaf;

	secure_assert(check, CLASS_NONE);
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

	server_start_tls(&server, server_tls_reply, OK_REPLY, pki_server(&secure_pki, kind));
	check = harness_run(harness, secure_options(harness, &server));
	server_stop(&server);
	secure_assert(check, class);
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
	struct check *check = secure_ask(
		*state, pki_server(&secure_pki, &(struct kind){ "DNS:other.test", -1, 5, 0, 0, 0 }),
		NULL);

	assert_string_equal(check->observation.detail,
			    "the certificate is not for name.test but for other.test");
	check_free(check);
	check = secure_ask(
		*state, pki_server(&secure_pki, &(struct kind){ "DNS:name.test", -9, 5, 0, 0, 0 }),
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
	struct check *check = secure_ask(*state, pki_server(&secure_pki, &bad), no_verify);

	secure_assert(check, CLASS_NONE);
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
	struct check *check =
		secure_ask(*state, pki_server(&secure_pki, &secure_good), system_store);

	secure_assert(check, CLASS_tls_untrusted);
	check_free(check);
}

static void each_check_is_judged_by_its_own_store(void **state)
{
	for (unsigned i = 0; i < 3; i++) {
		struct check *check =
			secure_ask(*state, pki_server(&secure_pki, &secure_good), NULL);

		secure_assert(check, CLASS_NONE);
		check_free(check);
		check = secure_ask(*state, pki_server(&secure_pki, &secure_good), system_store);
		secure_assert(check, CLASS_tls_untrusted);
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

	server_start_tls(&server, server_tls_reply, OK_REPLY, pki_server(&secure_pki, &other));
	options = secure_options(harness, &server);
	name_server(options);
	check = harness_run(harness, options);
	server_stop(&server);
	secure_assert(check, CLASS_NONE);
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

	server_start_tls(&server, server_tls_reply, OK_REPLY,
			 pki_server(&secure_pki, &secure_good));
	options = harness_options(harness, "https://127.0.0.1:%u/", server.port);
	options->tls.ca = secure_pki.ca_path;
	check = harness_run(harness, options);
	server_stop(&server);
	secure_assert(check, CLASS_NONE);
	assert_string_equal(server.sni, "");
	check_free(check);
}

static void use_crl(struct http_options *options)
{
	options->tls.crl = secure_pki.crl_path;
}

static void a_revoked_certificate_is_revoked(void **state)
{
	SSL_CTX *context = pki_server(&secure_pki, &secure_good);
	struct check *check;

	pki_revoke(&secure_pki, context);
	check = secure_ask(*state, context, use_crl);
	secure_assert(check, CLASS_tls_revoked);
	check_free(check);
	/* Another one is not. */
	check = secure_ask(*state, pki_server(&secure_pki, &secure_good), use_crl);
	secure_assert(check, CLASS_NONE);
	check_free(check);
}

static void a_staple_is_asked_for_and_believed_where_it_can_be(void **state)
{
	static const struct {
		int status; /* -1: none is given */
		long age;
		bool is_foreign;
		enum tls_staple staple;
	} cases[] = {
		{ -1, 0, false, STAPLE_ABSENT },
		{ V_OCSP_CERTSTATUS_GOOD, 600, false, STAPLE_GOOD },
		{ V_OCSP_CERTSTATUS_UNKNOWN, 600, false, STAPLE_UNKNOWN },
		{ V_OCSP_CERTSTATUS_REVOKED, 600, false, STAPLE_REVOKED },
		/* Out of date, not begun, and signed by somebody who calls itself the authority. */
		{ V_OCSP_CERTSTATUS_REVOKED, 2 * 86400, false, STAPLE_INVALID },
		{ V_OCSP_CERTSTATUS_GOOD, -86400, false, STAPLE_INVALID },
		{ V_OCSP_CERTSTATUS_REVOKED, 600, true, STAPLE_INVALID },
	};
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		SSL_CTX *context = pki_server(&secure_pki, &secure_good);
		const bool is_revoked = cases[i / 2].staple == STAPLE_REVOKED;
		struct check *check;

		(void)SSL_CTX_set_max_proto_version(context, versions[i % 2]);
		if (cases[i / 2].status >= 0)
			pki_staple(&secure_pki, context, cases[i / 2].status, cases[i / 2].age,
				   cases[i / 2].is_foreign);
		check = secure_ask(*state, context, NULL);
		secure_assert(check, is_revoked ? CLASS_tls_revoked : CLASS_NONE);
		assert_int_equal(check->observation.tls->staple, cases[i / 2].staple);
		assert_int_equal(check->observation.tls->revoked_at != 0, is_revoked);
		if (is_revoked)
			assert_non_null(
				strstr(check->observation.detail,
				       "CN=an authority has revoked the certificate of "
				       "CN=a server, says the server's own OCSP staple: at "));
		check_free(check);
	}
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
	struct check *check =
		secure_ask(*state, pki_server(&secure_pki, &secure_good), use_missing);

	secure_assert(check, CLASS_local);
	assert_non_null(strstr(check->observation.detail, "/nonexistent/ca.pem"));
	check_free(check);
	check = secure_ask(*state, pki_server(&secure_pki, &secure_good), use_missing_certificate);
	secure_assert(check, CLASS_local);
	assert_non_null(strstr(check->observation.detail, "/nonexistent/client.pem"));
	check_free(check);
}

static SSL_CTX *demanding(int version)
{
	SSL_CTX *context = pki_server(&secure_pki, &secure_good);

	SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	assert_int_equal(X509_STORE_add_cert(SSL_CTX_get_cert_store(context), secure_pki.ca), 1);
	(void)SSL_CTX_set_max_proto_version(context, version);
	return context;
}

static void with_certificate(struct http_options *options)
{
	options->tls.cert = secure_pki.client_path;
	options->tls.key = secure_pki.key_path;
}

static void a_demanded_client_certificate_is_missed_or_shown(void **state)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

	for (size_t i = 0; i < 2; i++) {
		struct check *check = secure_ask(*state, demanding(versions[i]), NULL);

		secure_assert(check, CLASS_tls_client_cert_required);
		check_free(check);
		check = secure_ask(*state, demanding(versions[i]), with_certificate);
		secure_assert(check, CLASS_NONE);
		assert_int_equal(check->observation.status, 200);
		check_free(check);
	}
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
		CLAIM(a_staple_is_asked_for_and_believed_where_it_can_be),
		CLAIM(an_unreadable_file_is_this_hosts_fault),
		CLAIM(a_demanded_client_certificate_is_missed_or_shown),
	};

	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests(tests, secure_set_up, secure_tear_down);
}
