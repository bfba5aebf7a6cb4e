/* http.c - claims about probe http: what is sent, what is seen, when it ends. */
#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
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

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, harness_set_up, harness_tear_down)
	const struct CMUnitTest tests[] = {
		CLAIM(a_plain_get_is_seen_whole),
		CLAIM(phases_sum_to_the_latency),
	};

	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
