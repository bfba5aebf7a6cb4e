/* heartbeat.c - claims about beats that come in over the socket, and who may send them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "probe/heartbeat.h"
#include "probe/probe.h"
#include "world.h"

static const struct heartbeat_options options = {
	.every = USEC_PER_HOUR,
	.grace = USEC_PER_MIN,
	.token = "open-sesame",
};
static const struct heartbeat_options closed = { .every = USEC_PER_HOUR };

static void make_heartbeat(struct world *world, unsigned number, const struct heartbeat_options *of)
{
	world->endpoints[number].type = probe_type_find("heartbeat");
	world->endpoints[number].options = of;
	world_watch(world, world->endpoints[number].name)->pulse = pulse_new();
}

static int begin(void **state)
{
	struct world *world = world_new(NULL);

	make_heartbeat(world, 1, &options);
	make_heartbeat(world, 2, &closed);
	*state = world;
	return 0;
}

static int end(void **state)
{
	world_free(*state);
	return 0;
}

static const struct pulse *pulse_of(struct world *world)
{
	return world_watch(world, "e0001")->pulse;
}

static void expect_beat(struct world *world, const char *query)
{
	char what[2048];
	struct reply reply;

	(void)snprintf(what, sizeof(what), "POST /v1/heartbeats/e0001%s", query);
	reply = ask(world, what);
	assert_int_equal(reply.code, 204);
	assert_string_equal(reply.body, "");
	reply_done(&reply);
}

static void a_beat_is_taken_and_answered_with_nothing(void **state)
{
	struct world *world = *state;

	expect_beat(world, "");
	assert_int_equal(pulse_of(world)->last, PULSE_OK);
	assert_null(pulse_of(world)->message);
	expect_beat(world, "?status=fail&message=disk+full%0Aon+%2Fvar");
	assert_int_equal(pulse_of(world)->last, PULSE_FAIL);
	assert_string_equal(pulse_of(world)->message, "disk full\non /var");
	expect_beat(world, "?status=start");
	assert_true(pulse_of(world)->began.at > 0);
	expect_beat(world, "?status=ok&message=");
	assert_int_equal(pulse_of(world)->last, PULSE_OK);
	assert_null(pulse_of(world)->message);
	assert_int_equal(world->beats, 4);
}

static void what_makes_no_sense_is_refused(void **state)
{
	struct world *world = *state;
	json_t *json = ask_json(world, "POST /v1/heartbeats/e0000", 409);

	assert_string_equal(
		json_string_value(json_object_get(json_object_get(json, "error"), "code")),
		"no_heartbeat");
	json_decref(json);
	json_decref(ask_json(world, "POST /v1/heartbeats/nobody", 404));
	json_decref(ask_json(world, "POST /v1/heartbeats/e0001?status=perhaps", 400));
	json_decref(ask_json(world, "POST /v1/heartbeats/e0001?state=fail", 400));
	json_decref(ask_json(world, "GET /v1/heartbeats/e0001", 405));
	assert_int_equal(world->beats, 0);
}

static void a_long_message_is_cut_between_characters(void **state)
{
	struct world *world = *state;
	char query[2048] = "?message=";
	size_t len = strlen(query);

	/* 1022 letters, and a character of three bytes that would be the next. */
	memset(query + len, 'a', 1022);
	(void)snprintf(query + len + 1022, sizeof(query) - len - 1022, "%%E2%%82%%ACb");
	expect_beat(world, query);
	assert_int_equal(strlen(pulse_of(world)->message), 1022);
}

static void it_is_shown_with_what_is_known(void **state)
{
	struct world *world = *state;
	struct pulse *pulse = world_watch(world, "e0001")->pulse;
	json_t *json = ask_json(world, "GET /v1/endpoints/e0001", 200);
	json_t *shown = json_object_get(json, "heartbeat");
	char *text;

	assert_int_equal(json_object_size(shown), 0);
	json_decref(json);
	pulse_hear(pulse, PULSE_START, NULL, (struct instant){ 5, 1700000000 * USEC_PER_SEC });
	pulse_hear(pulse, PULSE_FAIL, memory_text("no"),
		   (struct instant){ 5 + 90 * USEC_PER_SEC, 1700000090 * USEC_PER_SEC });
	json = ask_json(world, "GET /v1/endpoints/e0001", 200);
	shown = json_object_get(json, "heartbeat");
	text = json_dumps(shown, JSON_COMPACT);
	assert_string_equal(text, "{\"status\":\"fail\",\"at\":\"2023-11-14T22:14:50.000Z\","
				  "\"message\":\"no\",\"duration\":90,"
				  "\"due_at\":\"2023-11-14T23:15:50.000Z\"}");
	free(text);
	json_decref(json);
	json = ask_json(world, "GET /v1/endpoints/e0000", 200);
	assert_null(json_object_get(json, "heartbeat"));
	json_decref(json);
}

/* What is answered to somebody who may change nothing. */
static void ask_as_nobody(struct world *world, const char *name, const char *header,
			  const char *answer)
{
	struct client *client;
	char what[128], head[256];

	assert_int_equal(seteuid(65534), 0);
	client = client_new(world);
	assert_int_equal(seteuid(0), 0);
	(void)snprintf(what, sizeof(what), "POST /v1/heartbeats/%s", name);
	(void)snprintf(head, sizeof(head), "%sConnection: close\r\n", header);
	client_ask(client, what, head);
	client_wait_closed(client);
	if (!strstr(client->received.data, answer))
		print_message("%s\n", client->received.data);
	assert_non_null(strstr(client->received.data, answer));
	client_free(client);
}

static void others_need_the_token(void **state)
{
	struct world *world = *state;

	if (geteuid() != 0)
		skip();
	ask_as_nobody(world, "e0001", "", "401 ");
	ask_as_nobody(world, "e0001", "", "WWW-Authenticate: Bearer");
	ask_as_nobody(world, "e0001", "Authorization: Bearer open-sesam\r\n", "401 ");
	ask_as_nobody(world, "e0001", "Authorization: Bearer open-sesame2\r\n", "401 ");
	ask_as_nobody(world, "e0001", "Authorization: Bearer \r\n", "401 ");
	ask_as_nobody(world, "e0001", "Authorization: open-sesame\r\n", "401 ");
	ask_as_nobody(world, "e0002", "Authorization: Bearer open-sesame\r\n", "403 ");
	ask_as_nobody(world, "e0002", "", "403 ");
	assert_int_equal(world->beats, 0);
	ask_as_nobody(world, "e0001", "Authorization: bearer open-sesame\r\n", "204 ");
	assert_int_equal(world->beats, 1);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(a_beat_is_taken_and_answered_with_nothing),
		CLAIM(what_makes_no_sense_is_refused),
		CLAIM(a_long_message_is_cut_between_characters),
		CLAIM(it_is_shown_with_what_is_known),
		CLAIM(others_need_the_token),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
