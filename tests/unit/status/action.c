/* action.c - what requests change: checks and reloads, and who may ask for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "world.h"

static int begin(void **state)
{
	*state = world_new(NULL);
	return 0;
}

static int end(void **state)
{
	world_free(*state);
	return 0;
}

static void expect_error(json_t *json, const char *code)
{
	const json_t *error = json_object_get(json, "error");

	assert_string_equal(json_string_value(json_object_get(error, "code")), code);
	json_decref(json);
}

static void a_check_is_asked_for_and_not_awaited(void **state)
{
	struct world *world = *state;
	json_t *json = ask_json(world, "POST /v1/endpoints/e0001/check", 202);

	assert_string_equal(json_string_value(json_object_get(json, "name")), "e0001");
	json_decref(json);
	json_decref(ask_json(world, "POST /v1/endpoints/e0001/check?wait=0", 202));
	assert_int_equal(world->checks_asked, 2);
	assert_int_equal(world->checks_forgotten, 0);
	/* Nobody listens any more, and that is fine. */
	world->settled(NULL, world->settled_context);
}

static bool is_check_asked(void *context)
{
	const struct world *world = context;

	return world->checks_asked > 0;
}

static struct client *wait_for_verdict(struct world *world)
{
	struct client *client = client_new(world);

	client_ask(client, "POST /v1/endpoints/e0001/check?wait=1", "Connection: close\r\n");
	world_wait(world, is_check_asked, world);
	return client;
}

static void a_check_that_is_awaited_is_answered_with_its_verdict(void **state)
{
	struct world *world = *state;
	struct client *client = wait_for_verdict(world);
	char line[] = "status == 200", value[] = "status is 503", reason[] = "it is \"503\"";
	struct finding finding = { .line = line, .value = value };
	struct check check = {
		.observation = { .wall = 1700000000 * USEC_PER_SEC, .latency = 1500 },
		.verdict = { .kind = VERDICT_FAIL,
			     .class = CLASS_expectation,
			     .phase = PHASE_JUDGE,
			     .reason = reason,
			     .findings = &finding,
			     .findings_count = 1 },
	};
	struct reply reply;

	assert_int_equal(client->received.len, 0);
	world->settled(&check, world->settled_context);
	client_wait_closed(client);
	reply = client_reply(client);
	assert_int_equal(reply.code, 200);
	assert_string_equal(reply.body,
			    "{\"name\":\"e0001\",\"at\":\"2023-11-14T22:13:20.000Z\","
			    "\"verdict\":\"fail\",\"class\":\"expectation\",\"phase\":\"judge\","
			    "\"reason\":\"it is \\\"503\\\"\",\"latency\":0.0015,"
			    "\"expectations\":[{\"line\":\"status == 200\","
			    "\"value\":\"status is 503\",\"severity\":\"expect\"}]}\n");
	reply_done(&reply);
	client_free(client);
}

static void a_check_without_a_permit_in_time_is_503(void **state)
{
	struct world *world = *state;
	struct client *client = wait_for_verdict(world);
	struct reply reply;

	world->settled(NULL, world->settled_context);
	client_wait_closed(client);
	reply = client_reply(client);
	assert_int_equal(reply.code, 503);
	assert_non_null(strstr(reply.body, "\"code\":\"unavailable\""));
	reply_done(&reply);
	client_free(client);
}

static bool is_check_forgotten(void *context)
{
	const struct world *world = context;

	return world->checks_forgotten > 0;
}

static void who_leaves_before_the_verdict_is_forgotten(void **state)
{
	struct world *world = *state;
	struct client *client = wait_for_verdict(world);

	client_free(client);
	world_wait(world, is_check_forgotten, world);
	assert_null(world->settled);
	json_decref(ask_json(world, "GET /v1/status", 200));
}

static void a_paused_endpoint_is_not_checked(void **state)
{
	struct world *world = *state;

	world_set_state(world, "e0001", STATE_PAUSED);
	expect_error(ask_json(world, "POST /v1/endpoints/e0001/check", 409), "paused");
	expect_error(ask_json(world, "POST /v1/endpoints/e0001/check?wait=1", 409), "paused");
	assert_int_equal(world->checks_asked, 0);
}

static void a_bad_wait_is_refused(void **state)
{
	struct world *world = *state;

	expect_error(ask_json(world, "POST /v1/endpoints/e0001/check?wait=yes", 400),
		     "bad_request");
	expect_error(ask_json(world, "POST /v1/endpoints/nobody/check", 404), "not_found");
	assert_int_equal(world->checks_asked, 0);
}

struct reload_wait {
	const struct world *world;
	unsigned asked;
};

static bool are_reloads_asked(void *context)
{
	const struct reload_wait *wait = context;

	return wait->world->reloads_asked >= wait->asked;
}

static struct client *ask_for_reload(struct world *world)
{
	struct client *client = client_new(world);

	client_ask(client, "POST /v1/reload", "Connection: close\r\n");
	return client;
}

static void expect_reply(struct client *client, int code, const char *body)
{
	struct reply reply;

	client_wait_closed(client);
	reply = client_reply(client);
	assert_int_equal(reply.code, code);
	assert_string_equal(reply.body, body);
	reply_done(&reply);
	client_free(client);
}

static void a_reload_that_is_taken_is_200(void **state)
{
	struct world *world = *state;
	struct client *client = ask_for_reload(world);
	struct reload_wait wait = { world, 1 };

	world_wait(world, are_reloads_asked, &wait);
	world->loaded("", world->loaded_context);
	expect_reply(client, 200, "{\"endpoints\":6}\n");
}

static void a_refused_reload_is_422_with_every_fault(void **state)
{
	struct world *world = *state;
	struct client *client = ask_for_reload(world);
	struct reload_wait wait = { world, 1 };

	world_wait(world, are_reloads_asked, &wait);
	world->loaded("a.yaml:1:2: unknown key 'htp'; 'http'?\n\nb.yaml:3:4: no\n",
		      world->loaded_context);
	expect_reply(client, 422,
		     "{\"error\":{\"code\":\"invalid_configuration\",\"message\":\"The new "
		     "configuration is refused; the running one is kept.\",\"faults\":["
		     "\"a.yaml:1:2: unknown key 'htp'; 'http'?\",\"b.yaml:3:4: no\"]}}\n");
}

static void who_asks_during_a_reload_gets_one_of_their_own(void **state)
{
	struct world *world = *state;
	struct client *first = ask_for_reload(world), *second, *third;
	struct reload_wait one = { world, 1 }, two = { world, 2 };

	world_wait(world, are_reloads_asked, &one);
	second = ask_for_reload(world);
	third = ask_for_reload(world);
	/* A whole answer on another connection: both of these were read before. */
	json_decref(ask_json(world, "GET /v1/status", 200));
	assert_int_equal(world->reloads_asked, 1);
	client_free(third);

	world->loaded("x.yaml:1:1: no", world->loaded_context);
	world_wait(world, are_reloads_asked, &two);
	world->loaded("", world->loaded_context);
	client_wait_closed(first);
	assert_non_null(strstr(first->received.data, "422"));
	client_free(first);
	expect_reply(second, 200, "{\"endpoints\":6}\n");
	assert_int_equal(world->reloads_asked, 2);
}

static void others_may_read_and_change_nothing(void **state)
{
	struct world *world = *state;
	struct client *client;

	if (geteuid() != 0)
		skip();
	assert_int_equal(seteuid(65534), 0);
	client = client_new(world);
	assert_int_equal(seteuid(0), 0);
	client_ask(client, "POST /v1/reload", "");
	client_wait_text(client, "\"code\":\"forbidden\"");
	client_ask(client, "POST /v1/endpoints/e0001/check", "");
	client_wait_text(client, "forbidden\",\"message\":\"Only root");
	client_ask(client, "GET /v1/status", "Connection: close\r\n");
	client_wait_closed(client);
	assert_non_null(strstr(client->received.data, "200 OK"));
	assert_int_equal(world->reloads_asked + world->checks_asked, 0);
	client_free(client);
}

static void one_is_paused_and_goes_on(void **state)
{
	struct world *world = *state;
	json_t *json = ask_json(world, "POST /v1/endpoints/e0001/pause", 200);

	assert_string_equal(json_string_value(json_object_get(json, "state")), "paused");
	json_decref(json);
	json_decref(ask_json(world, "POST /v1/endpoints/e0001/check", 409));
	/* world's endpoints are not enabled, so the configuration keeps it paused. */
	json_decref(ask_json(world, "POST /v1/endpoints/e0001/resume", 409));
	assert_int_equal(world->pauses_asked, 1);
	world->endpoints[1].is_enabled = true;
	json = ask_json(world, "POST /v1/endpoints/e0001/resume", 200);
	assert_string_equal(json_string_value(json_object_get(json, "state")), "pending");
	json_decref(json);
	assert_int_equal(world->pauses_asked, 2);
	json_decref(ask_json(world, "POST /v1/endpoints/nobody/pause", 404));
	json_decref(ask_json(world, "POST /v1/endpoints/e0001/pause?for=1h", 400));
}

static void nothing_is_read_from_a_connection_behind_a_body(void **state)
{
	static const char requests[] = "POST /v1/endpoints/e0001/check HTTP/1.1\r\n"
				       "Content-Length: 2\r\n"
				       "Content-Length: 40\r\n"
				       "\r\n"
				       "{}GET /v1/status HTTP/1.1\r\nHost: picket\r\n\r\n";
	struct world *world = *state;
	struct client *client = client_new(world);

	client_send(client, requests, sizeof(requests) - 1);
	client_wait_closed(client);
	assert_non_null(strstr(client->received.data, "400 Bad Request"));
	assert_null(strstr(client->received.data, "200 OK"));
	client_free(client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_check_is_asked_for_and_not_awaited, begin, end),
		cmocka_unit_test_setup_teardown(
			a_check_that_is_awaited_is_answered_with_its_verdict, begin, end),
		cmocka_unit_test_setup_teardown(a_check_without_a_permit_in_time_is_503, begin,
						end),
		cmocka_unit_test_setup_teardown(who_leaves_before_the_verdict_is_forgotten, begin,
						end),
		cmocka_unit_test_setup_teardown(a_paused_endpoint_is_not_checked, begin, end),
		cmocka_unit_test_setup_teardown(a_bad_wait_is_refused, begin, end),
		cmocka_unit_test_setup_teardown(one_is_paused_and_goes_on, begin, end),
		cmocka_unit_test_setup_teardown(a_reload_that_is_taken_is_200, begin, end),
		cmocka_unit_test_setup_teardown(a_refused_reload_is_422_with_every_fault, begin,
						end),
		cmocka_unit_test_setup_teardown(who_asks_during_a_reload_gets_one_of_their_own,
						begin, end),
		cmocka_unit_test_setup_teardown(others_may_read_and_change_nothing, begin, end),
		cmocka_unit_test_setup_teardown(nothing_is_read_from_a_connection_behind_a_body,
						begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
