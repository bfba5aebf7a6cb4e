/* tls.c - claims about the probe tls. */
#include <openssl/ssl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "base/arena.h"
#include "model/tls.h"
#include "probe/tls.h"
#include "secure.h"

static struct tls_probe_options *options_for(struct harness *harness, unsigned port)
{
	struct tls_probe_options *options = harness_fill(harness, "tls");
	char address[32];

	(void)snprintf(address, sizeof(address), "name.test:%u", port);
	options->reach.address = arena_text(harness->arena, address);
	options->tls.ca = secure_pki.ca_path;
	return options;
}

static const char *name_of(enum failure_class class)
{
	return class ? class_name(class) : "none";
}

static void assert_ended(const struct check *check, enum failure_class class, enum phase phase)
{
	const struct observation *seen = &check->observation;
	usec_t sum = 0;

	assert_string_equal(name_of(seen->class), name_of(class));
	if (class) {
		assert_string_equal(phase_name(seen->phase), phase_name(phase));
		assert_non_null(seen->detail);
	}
	for (unsigned i = 0; i < PHASES; i++)
		sum += seen->phases[i];
	assert_int_equal(seen->latency, sum);
	assert_int_equal(seen->hops_count, 1);
}

/* One check of a server with that context (the server's from here on; NULL: none). */
static struct check *look(struct harness *harness, server_script *script, SSL_CTX *context,
			  void (*change)(struct tls_probe_options *options))
{
	struct tls_probe_options *options;
	struct server server;
	struct check *check;

	if (context)
		server_start_tls(&server, script, "", context);
	else
		server_start(&server, script, NULL);
	options = options_for(harness, server.port);
	if (change)
		change(options);
	check = harness_run_of(harness, "tls", options);
	server_stop(&server);
	assert_int_equal(server.requests, 0);
	return check;
}

static void a_handshake_alone_shows_the_certificates(void **state)
{
	struct check *check =
		look(*state, server_tls_reply, pki_server(&secure_pki, &secure_good), NULL);
	const struct observation *seen = &check->observation;

	assert_ended(check, CLASS_NONE, PHASES);
	assert_int_equal(seen->tls->version, 13);
	assert_int_equal(seen->tls->chain_count, 1);
	assert_string_equal(seen->tls->chain[0].subject, "CN=a server");
	assert_true(observation_has_phase(seen, PHASE_CONNECT));
	assert_true(seen->phases[PHASE_TLS] > 0);
	assert_false(observation_has_phase(seen, PHASE_TRANSFER));
	check_free(check);
}

static void each_fault_of_a_certificate_has_its_class(void **state)
{
	static const struct {
		struct kind kind;
		enum failure_class class;
	} cases[] = {
		{ { "DNS:name.test", -10, 5, 0, false, false }, CLASS_tls_expired },
		{ { "DNS:other.test", -1, 5, 0, false, false }, CLASS_tls_name_mismatch },
		{ { "DNS:name.test", -1, 5, 0, true, false }, CLASS_tls_self_signed },
		{ { "DNS:name.test", -1, 5, 0, false, true }, CLASS_tls_untrusted },
		{ { "DNS:name.test", -1, 5, 1024, false, false }, CLASS_tls_weak },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct check *check = look(*state, server_tls_reply,
					   pki_server(&secure_pki, &cases[i].kind), NULL);

		assert_ended(check, cases[i].class, PHASE_TLS);
		assert_int_equal(check->observation.tls->chain_count, 1);
		check_free(check);
	}
}

static void no_verify(struct tls_probe_options *options)
{
	options->tls.verify = false;
}

static void without_verifying_it_is_still_seen(void **state)
{
	const struct kind bad = { "DNS:other.test", -10, 5, 0, true, false };
	struct check *check =
		look(*state, server_tls_reply, pki_server(&secure_pki, &bad), no_verify);

	assert_ended(check, CLASS_NONE, PHASES);
	assert_string_equal(check->observation.tls->chain[0].names[0], "other.test");
	check_free(check);
}

static SSL_CTX *demanding(int version, bool insists)
{
	SSL_CTX *context = pki_server(&secure_pki, &secure_good);

	SSL_CTX_set_verify(context,
			   SSL_VERIFY_PEER | (insists ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), NULL);
	assert_int_equal(X509_STORE_add_cert(SSL_CTX_get_cert_store(context), secure_pki.ca), 1);
	(void)SSL_CTX_set_max_proto_version(context, version);
	return context;
}

static void with_certificate(struct tls_probe_options *options)
{
	options->tls.cert = secure_pki.client_path;
	options->tls.key = secure_pki.key_path;
}

static void a_demanded_client_certificate_is_missed_or_shown(void **state)
{
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

	for (size_t i = 0; i < 2; i++) {
		struct check *check =
			look(*state, server_tls_reply, demanding(versions[i], true), NULL);

		assert_ended(check, CLASS_tls_client_cert_required, PHASE_TLS);
		check_free(check);
		check = look(*state, server_tls_reply, demanding(versions[i], true),
			     with_certificate);
		assert_ended(check, CLASS_NONE, PHASES);
		check_free(check);
		/* One that would only like to have one is content. */
		check = look(*state, server_tls_reply, demanding(versions[i], false), NULL);
		assert_ended(check, CLASS_NONE, PHASES);
		check_free(check);
	}
}

static void talk_something_else(struct server *server, int fd)
{
	server_write(fd, "220 hello, here is something else\r\n");
	server_wait_closed(fd);
}

static void what_fails_in_the_handshake_has_its_class(void **state)
{
	struct check *check = look(*state, talk_something_else, NULL, NULL);

	assert_ended(check, CLASS_tls_not_tls, PHASE_TLS);
	check_free(check);
	check = look(*state, server_hello_close, NULL, NULL);
	assert_ended(check, CLASS_empty_reply, PHASE_TLS);
	check_free(check);
	check = look(*state, server_hello_reset, NULL, NULL);
	assert_ended(check, CLASS_reset, PHASE_TLS);
	check_free(check);
}

static void a_silent_server_is_a_timeout_in_its_phase(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	server_start(&server, server_hello_stall, NULL);
	check = harness_check_of(harness, "tls", options_for(harness, server.port), 50000);
	harness_start(harness, check);
	harness_wait(harness, 1);
	server_stop(&server);
	assert_ended(check, CLASS_timeout, PHASE_TLS);
	assert_non_null(strstr(check->observation.detail, "no whole TLS handshake with 127."));
	assert_non_null(strstr(check->observation.detail, " within 50ms"));
	check_free(check);
}

static void where_nobody_listens_it_is_refused(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	server_start(&server, server_hello_stall, NULL);
	server_stop(&server);
	check = harness_run_of(harness, "tls", options_for(harness, server.port));
	assert_ended(check, CLASS_connect_refused, PHASE_CONNECT);
	check_free(check);
}

static void a_missing_file_is_this_hosts_fault(void **state)
{
	struct harness *harness = *state;
	struct tls_probe_options *options;
	struct server server;
	struct check *check;

	server_start(&server, server_hello_stall, NULL);
	options = options_for(harness, server.port);
	options->tls.ca = "/nonexistent/ca.pem";
	check = harness_run_of(harness, "tls", options);
	server_stop(&server);
	assert_ended(check, CLASS_local, PHASE_TLS);
	assert_non_null(strstr(check->observation.detail, "/nonexistent/ca.pem"));
	check_free(check);
}

static void both_families_are_two_looks(void **state)
{
	struct harness *harness = *state;
	struct tls_probe_options *options;
	struct server server;
	struct check *check;

	server_start_tls(&server, server_tls_reply, "", pki_server(&secure_pki, &secure_good));
	options = options_for(harness, server.port);
	options->reach.ip = REACH_BOTH;
	check = harness_run_of(harness, "tls", options);
	server_stop(&server);
	assert_ended(check, CLASS_NONE, PHASES);
	assert_int_equal(check->others_count, 1);
	assert_non_null(check->others[0].observation.tls);
	assert_int_equal(server.connections, 2);
	assert_int_equal(harness->family, CONNECT_IPV6);
	check_free(check);
}

static void one_that_is_cancelled_still_reports(void **state)
{
	struct harness *harness = *state;
	struct server server;
	struct check *check;

	server_start(&server, server_hello_stall, NULL);
	for (unsigned turns = 0; turns < 4; turns++) {
		check = harness_check_of(harness, "tls", options_for(harness, server.port),
					 20 * USEC_PER_SEC);
		harness_start(harness, check);
		harness_turn(harness, turns);
		check->endpoint->type->cancel(check);
		assert_int_equal(harness->done, turns);
		harness_wait(harness, turns + 1);
		assert_true(check->is_cancelled);
		check_free(check);
	}
	server_stop(&server);
}

/* --- STARTTLS ---------------------------------------------------------------------------------- */

/* What the server says first, what it waits for, what it says then; by turns. */
struct dialogue {
	enum starttls_protocol protocol;
	const char *lines[8];
};

static void read_until(int fd, const char *wanted)
{
	char seen[4096];
	size_t len = 0;

	while (len < sizeof(seen) - 1 && !memmem(seen, len, wanted, strlen(wanted))) {
		const ssize_t n = read(fd, seen + len, 1);

		if (n <= 0)
			return;
		len += (size_t)n;
	}
}

static void speak(struct server *server, int fd)
{
	const struct dialogue *dialogue = server->data;

	for (size_t i = 0; dialogue->lines[i]; i++) {
		if (i % 2 == 0)
			server_write(fd, dialogue->lines[i]);
		else
			read_until(fd, dialogue->lines[i]);
	}
	if (server->tls) {
		server_tls_reply(server, fd);
		return;
	}
	/* What the client still says must not make a reset of the close. */
	(void)shutdown(fd, SHUT_WR);
	server_wait_closed(fd);
}

static struct check *ask(struct harness *harness, const struct dialogue *dialogue, bool has_tls)
{
	struct tls_probe_options *options;
	struct server server;
	struct check *check;

	server_start_tls(&server, speak, "", pki_server(&secure_pki, &secure_good));
	server.data = dialogue;
	if (!has_tls) {
		SSL_CTX_free(server.tls);
		server.tls = NULL;
	}
	options = options_for(harness, server.port);
	options->starttls = dialogue->protocol;
	check = harness_run_of(harness, "tls", options);
	server_stop(&server);
	return check;
}

static void each_protocol_is_asked_in_its_own_words(void **state)
{
	static const struct dialogue dialogues[] = {
		{ STARTTLS_SMTP,
		  { "220-mail.test\r\n220 ready\r\n", "EHLO picket\r\n",
		    "250-mail.test\r\n250 STARTTLS\r\n", "STARTTLS\r\n", "220 go\r\n" } },
		{ STARTTLS_IMAP,
		  { "* OK [CAPABILITY IMAP4rev1] ready\r\n", "a STARTTLS\r\n",
		    "* CAPABILITY X\r\na OK go\r\n" } },
		{ STARTTLS_POP3, { "+OK ready\r\n", "STLS\r\n", "+OK go\r\n" } },
		{ STARTTLS_FTP,
		  { "220-hello\r\n and more\r\n220 ready\r\n", "AUTH TLS\r\n", "234 go\r\n" } },
		{ STARTTLS_XMPP,
		  { "", "to='name.test'",
		    "<?xml version='1.0'?><stream:stream from='name.test'><stream:features>"
		    "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>",
		    "xmpp-tls'/>", "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>" } },
	};

	for (size_t i = 0; i < sizeof(dialogues) / sizeof(dialogues[0]); i++) {
		struct check *check = ask(*state, &dialogues[i], true);

		assert_ended(check, CLASS_NONE, PHASES);
		assert_string_equal(check->observation.tls->chain[0].subject, "CN=a server");
		assert_true(observation_has_phase(&check->observation, PHASE_TLS));
		check_free(check);
	}
}

static void a_server_that_does_not_go_on_is_told_from_one_that_talks_nonsense(void **state)
{
	static const struct {
		struct dialogue dialogue;
		enum failure_class class;
		enum phase phase;
	} cases[] = {
		{ { STARTTLS_SMTP,
		    { "220 ready\r\n", "EHLO picket\r\n", "250 mail.test\r\n", "STARTTLS\r\n",
		      "502 no\r\n" } },
		  CLASS_tls_not_tls,
		  PHASE_TLS },
		{ { STARTTLS_POSTGRES, { "N" } }, CLASS_tls_not_tls, PHASE_TLS },
		{ { STARTTLS_IMAP, { "HTTP/1.1 400 Bad Request\r\n" } },
		  CLASS_malformed_reply,
		  PHASE_TRANSFER },
		{ { STARTTLS_POP3, { "+OK ready\r\n" } }, CLASS_malformed_reply, PHASE_TRANSFER },
		{ { STARTTLS_POP3, { NULL } }, CLASS_empty_reply, PHASE_FIRST_BYTE },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct check *check = ask(*state, &cases[i].dialogue, false);

		assert_ended(check, cases[i].class, cases[i].phase);
		check_free(check);
	}
}

static void what_is_slipped_in_before_the_handshake_is_not_taken_for_what_is_in_it(void **state)
{
	static const struct dialogue dialogue = {
		STARTTLS_POP3, { "+OK ready\r\n", "STLS\r\n", "+OK go\r\n+OK and I know you\r\n" }
	};
	struct check *check = ask(*state, &dialogue, true);

	assert_ended(check, CLASS_malformed_reply, PHASE_TLS);
	assert_non_null(strstr(check->observation.detail, "more than its word"));
	check_free(check);
}

#define CLAIM(claim) cmocka_unit_test_setup_teardown(claim, harness_set_up, harness_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(a_handshake_alone_shows_the_certificates),
		CLAIM(each_fault_of_a_certificate_has_its_class),
		CLAIM(without_verifying_it_is_still_seen),
		CLAIM(a_demanded_client_certificate_is_missed_or_shown),
		CLAIM(what_fails_in_the_handshake_has_its_class),
		CLAIM(a_silent_server_is_a_timeout_in_its_phase),
		CLAIM(where_nobody_listens_it_is_refused),
		CLAIM(a_missing_file_is_this_hosts_fault),
		CLAIM(both_families_are_two_looks),
		CLAIM(one_that_is_cancelled_still_reports),
		CLAIM(each_protocol_is_asked_in_its_own_words),
		CLAIM(a_server_that_does_not_go_on_is_told_from_one_that_talks_nonsense),
		CLAIM(what_is_slipped_in_before_the_handshake_is_not_taken_for_what_is_in_it),
	};

	return cmocka_run_group_tests(tests, secure_set_up, secure_tear_down);
}
