/* dns_secure.c - claims about probe dns over TLS, against a server of one question. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "model/dns.h"
#include "probe/dns_options.h"
#include "secure.h"

/* What the server does with a question. */
enum manner { ANSWERS, DENIES, CONFUSES, DRIBBLES, TRUNCATES, CLOSES, CLOSES_HALF, SILENT };

static void say(struct server *server, const uint8_t *data, size_t len)
{
	(void)SSL_write(server->ssl, data, (int)len);
}

/* The question as an answer with one address, its length before it. */
static size_t make_answer(uint8_t *message, size_t len, enum manner manner)
{
	static const uint8_t record[] = "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\7";

	message[4] = 0x81;
	message[5] = (uint8_t)(0x80 | (manner == DENIES ? 3 : 0));
	if (manner == TRUNCATES)
		message[4] |= 2;
	if (manner == DENIES || manner == TRUNCATES)
		return len;
	message[9] = 1;
	memcpy(message + len, record, sizeof(record) - 1);
	len += sizeof(record) - 1;
	message[0] = (uint8_t)((len - 2) >> 8);
	message[1] = (uint8_t)(len - 2);
	return len;
}

static void answer(struct server *server, int fd, uint8_t *message, size_t len)
{
	const enum manner manner = *(const enum manner *)server->data;
	const size_t whole = make_answer(message, len, manner);

	if (manner == CONFUSES) {
		message[2] ^= 1;
		say(server, message, whole);
		message[2] ^= 1;
	}
	if (manner == DRIBBLES)
		for (size_t i = 0; i < whole; i++)
			say(server, message + i, 1);
	else if (manner == CLOSES_HALF)
		say(server, message, whole - 3);
	else if (manner != CLOSES && manner != SILENT)
		say(server, message, whole);
	if (manner == CLOSES || manner == CLOSES_HALF)
		(void)SSL_shutdown(server->ssl);
	else
		server_wait_closed(fd);
}

static void serve(struct server *server, int fd)
{
	uint8_t message[1024];
	int len = 0;

	server->ssl = SSL_new(server->tls);
	(void)SSL_set_fd(server->ssl, fd);
	if (SSL_accept(server->ssl) == 1)
		len = SSL_read(server->ssl, message, sizeof(message) / 2);
	if (len > 0)
		answer(server, fd, message, (size_t)len);
	else
		server_wait_closed(fd);
	SSL_free(server->ssl);
	server->ssl = NULL;
}

/* One question to a server of that manner, which is gone afterwards. */
static struct check *ask(struct harness *harness, enum manner manner, const char *host,
			 const char *ca, usec_t timeout)
{
	struct dns_options *options = harness_fill(harness, "dns");
	struct server server;
	char text[64];
	struct check *check;
	const unsigned before = harness->done;

	server_start_tls(&server, serve, NULL, pki_server(&secure_pki, &secure_good));
	server.data = &manner;
	(void)snprintf(text, sizeof(text), "%s:%u", host, server.port);
	options->query = "example.test";
	options->server_text = text;
	options->transport = DNS_TLS;
	options->tls.ca = ca;
	check = harness_check_of(harness, "dns", options, timeout);
	harness_start(harness, check);
	harness_wait(harness, before + 1);
	server_stop(&server);
	assert_string_equal(server.alpn, "dot,");
	return check;
}

static const usec_t patience = 60 * USEC_PER_SEC;

static void an_answer_over_tls_is_seen_whole(void **state)
{
	struct check *check = ask(*state, ANSWERS, "name.test", secure_pki.ca_path, patience);
	const struct observation *seen = &check->observation;
	usec_t sum = 0;

	assert_int_equal(seen->class, CLASS_NONE);
	assert_int_equal(seen->dns->counts[DNS_ANSWER], 1);
	assert_string_equal(seen->dns->records[DNS_ANSWER][0], "127.0.0.7");
	assert_non_null(seen->tls);
	assert_true(observation_has_phase(seen, PHASE_TLS));
	assert_true(observation_has_phase(seen, PHASE_FIRST_BYTE));
	for (unsigned phase = 0; phase < PHASES; phase++)
		sum += seen->phases[phase];
	assert_true(seen->latency == sum);
	check_free(check);
}

static void the_certificate_is_judged_before_anything_is_asked(void **state)
{
	struct check *check = ask(*state, ANSWERS, "other.test", secure_pki.ca_path, patience);

	assert_int_equal(check->observation.class, CLASS_tls_name_mismatch);
	assert_null(check->observation.dns);
	check_free(check);
	check = ask(*state, ANSWERS, "name.test", NULL, patience);
	assert_int_equal(check->observation.class, CLASS_tls_untrusted);
	check_free(check);
}

static void what_answers_something_else_is_passed_over(void **state)
{
	struct check *check = ask(*state, CONFUSES, "name.test", secure_pki.ca_path, patience);

	assert_int_equal(check->observation.class, CLASS_NONE);
	check_free(check);
	check = ask(*state, DRIBBLES, "name.test", secure_pki.ca_path, patience);
	assert_int_equal(check->observation.class, CLASS_NONE);
	check_free(check);
}

static void a_code_is_said_with_who_said_it(void **state)
{
	struct check *check = ask(*state, DENIES, "name.test", secure_pki.ca_path, patience);

	assert_int_equal(check->observation.says, CLASS_dns_nxdomain);
	assert_non_null(strstr(check->observation.detail, "NXDOMAIN from 127.0.0.1:"));
	check_free(check);
}

static void what_is_no_answer_is_told_for_what_it_is(void **state)
{
	static const struct {
		enum manner manner;
		enum failure_class class;
	} ends[] = {
		{ TRUNCATES, CLASS_dns_failure },
		{ CLOSES, CLASS_empty_reply },
		{ CLOSES_HALF, CLASS_dns_failure },
	};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct check *check =
			ask(*state, ends[i].manner, "name.test", secure_pki.ca_path, patience);

		assert_int_equal(check->observation.class, ends[i].class);
		check_free(check);
	}
}

static void a_server_that_says_nothing_is_a_dns_timeout(void **state)
{
	struct check *check =
		ask(*state, SILENT, "name.test", secure_pki.ca_path, 500 * USEC_PER_MS);

	assert_int_equal(check->observation.class, CLASS_dns_timeout);
	assert_int_equal(check->observation.phase, PHASE_FIRST_BYTE);
	check_free(check);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, harness_set_up, harness_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(an_answer_over_tls_is_seen_whole),
		CLAIM(the_certificate_is_judged_before_anything_is_asked),
		CLAIM(what_answers_something_else_is_passed_over),
		CLAIM(a_code_is_said_with_who_said_it),
		CLAIM(what_is_no_answer_is_told_for_what_it_is),
		CLAIM(a_server_that_says_nothing_is_a_dns_timeout),
	};

	return cmocka_run_group_tests(tests, secure_set_up, secure_tear_down);
}
