/* stream.c - /v1/events: what readers see, also slow ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "status/events.h"
#include "status/inside.h"
#include "status/stream.h"
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

static struct client *follow(struct world *world, const char *what, const char *headers)
{
	struct client *client = client_new(world);

	client_ask(client, what, headers);
	client_wait_text(client, "\r\n\r\n");
	return client;
}

static bool is_drained(void *context)
{
	return status_drain(context);
}

/* Ends the stream as the daemon's end does, and takes it apart. */
static char *end_stream(struct client *client)
{
	struct reply reply;

	world_wait(client->world, is_drained, client->world->status);
	client_wait_closed(client);
	reply = client_reply(client);
	assert_int_equal(reply.code, 200);
	free(reply.head);
	client_free(client);
	return reply.body;
}

/* The next line, taken apart; the text is moved on. */
static json_t *take_line(char **text)
{
	json_t *json;
	char *end = strchr(*text, '\n');

	assert_non_null(end);
	json = json_loadb(*text, (size_t)(end - *text), 0, NULL);
	assert_non_null(json);
	*text = end + 1;
	return json;
}

static void expect_line(char **text, const char *type, const char *endpoint)
{
	json_t *json = take_line(text);

	assert_string_equal(json_string_value(json_object_get(json, "type")), type);
	assert_string_equal(json_string_value(json_object_get(json, "endpoint")), endpoint);
	json_decref(json);
}

static void a_reader_gets_what_happens_from_now_on(void **state)
{
	struct world *world = *state;
	struct client *client;
	char *body, *text;
	json_t *json;

	world_publish(world, "e0001", VERDICT_PASS);
	client = follow(world, "GET /v1/events", "");
	world_publish(world, "e0002", VERDICT_FAIL);
	world_set_state(world, "e0002", STATE_DOWN);
	status_publish_state(world->status, world_watch(world, "e0002"), STATE_UP);
	status_publish_config(world->status, false, "x.yaml:1:1: no");
	client_wait_text(client, "x.yaml");
	text = body = end_stream(client);

	json = take_line(&text);
	assert_string_equal(json_string_value(json_object_get(json, "endpoint")), "e0002");
	assert_string_equal(json_string_value(json_object_get(json, "group")), "web");
	assert_string_equal(json_string_value(json_object_get(json, "verdict")), "fail");
	assert_string_equal(json_string_value(json_object_get(json, "class")), "timeout");
	json_decref(json);
	json = take_line(&text);
	assert_string_equal(json_string_value(json_object_get(json, "from")), "up");
	assert_string_equal(json_string_value(json_object_get(json, "to")), "down");
	json_decref(json);
	json = take_line(&text);
	assert_true(json_is_false(json_object_get(json, "taken")));
	json_decref(json);
	assert_string_equal(text, "");
	free(body);
}

static void readers_choose_by_type_and_name(void **state)
{
	struct world *world = *state;
	struct client *client = follow(world, "GET /v1/events?type=state,config&name=e000%3F", "");
	char *body, *text;

	world_publish(world, "e0001", VERDICT_PASS);
	status_publish_config(world->status, true, NULL);
	status_publish_state(world->status, world_watch(world, "e0003"), STATE_UP);
	client_wait_text(client, "e0003");
	text = body = end_stream(client);
	expect_line(&text, "state", "e0003");
	assert_string_equal(text, "");
	free(body);
}

static void since_gives_what_was_missed(void **state)
{
	struct world *world = *state;
	struct client *client = follow(world, "GET /v1/events", "");
	char *body, *text, request[64];
	json_t *json;

	world_publish(world, "e0001", VERDICT_PASS);
	client_wait_text(client, "e0001");
	world_publish(world, "e0002", VERDICT_PASS);
	world_publish(world, "e0003", VERDICT_PASS);
	text = strstr(client->received.data, "{\"seq\"");
	json = take_line(&text);
	(void)snprintf(request, sizeof(request), "GET /v1/events?since=%lld",
		       (long long)json_integer_value(json_object_get(json, "seq")));
	json_decref(json);
	client_free(client);

	client = follow(world, request, "");
	client_wait_text(client, "e0003");
	text = body = end_stream(client);
	expect_line(&text, "verdict", "e0002");
	expect_line(&text, "verdict", "e0003");
	assert_string_equal(text, "");
	free(body);
}

static void a_browser_gets_server_sent_events_and_comes_back_by_their_id(void **state)
{
	struct world *world = *state;
	struct client *client = follow(world, "GET /v1/events", "Accept: text/event-stream\r\n");
	char header[96];
	const char *id;
	char *body;

	world_publish(world, "e0001", VERDICT_PASS);
	client_wait_text(client, "\n\n\r\n");
	assert_non_null(strstr(client->received.data, "Content-Type: text/event-stream\r\n"));
	id = strstr(client->received.data, "id: ");
	assert_non_null(id);
	assert_non_null(strstr(id, "\nevent: verdict\ndata: {\"seq\":"));
	(void)snprintf(header, sizeof(header),
		       "Accept: text/event-stream\r\nLast-Event-ID: %.*s\r\n",
		       (int)strcspn(id + 4, "\n"), id + 4);
	client_free(client);

	world_publish(world, "e0002", VERDICT_PASS);
	client = follow(world, "GET /v1/events", header);
	client_wait_text(client, "e0002");
	body = end_stream(client);
	assert_null(strstr(body, "e0001"));
	free(body);
}

static void a_slow_reader_finds_a_gap_and_costs_nothing_else(void **state)
{
	const struct world_options options = { .endpoints = 1, .events = 50, .connections = 4 };
	struct world *world = world_new(&options);
	struct client *client = follow(world, "GET /v1/events?type=verdict", "");
	json_int_t before = 0, gap_to = 0, lines = 0, gaps = 0;
	char *body, *text;

	(void)state;
	assert_int_equal(event_del(client->readable), 0);
	/* Far more than a socket's buffer and one part hold. */
	for (unsigned i = 0; i < 20000; i++) {
		world_publish(world, "e0000", VERDICT_FAIL);
		if (i % 100 == 0)
			assert_true(event_base_loop(world->base, EVLOOP_NONBLOCK) >= 0);
	}
	assert_int_equal(event_add(client->readable, NULL), 0);
	status_publish_config(world->status, true, NULL);
	client_wait_text(client, "\"type\":\"gap\"");
	world_publish(world, "e0000", VERDICT_PASS);
	client_wait_text(client, "pass");
	text = body = end_stream(client);
	while (*text) {
		json_t *json = take_line(&text);
		const json_int_t seq = json_integer_value(json_object_get(json, "seq"));

		assert_true(seq > before);
		if (strcmp(json_string_value(json_object_get(json, "type")), "gap") == 0) {
			assert_int_equal(json_integer_value(json_object_get(json, "from")),
					 before + 1);
			gap_to = json_integer_value(json_object_get(json, "to"));
			assert_int_equal(gap_to, seq);
			gaps++;
		} else if (before > 0) {
			/* Nothing is left out but what a gap says (and the one config event). */
			assert_true(seq - before <= 2);
		}
		before = seq;
		lines++;
		json_decref(json);
	}
	assert_true(gaps > 0);
	assert_true(lines < 20000);
	free(body);
	world_free(world);
}

static void an_idle_reader_hears_that_we_live(void **state)
{
	struct world *world = *state;
	struct client *client;

	streams_free(world->status->streams);
	world->status->streams = streams_new(world->base, world->status->events, 5 * USEC_PER_MS);
	client = follow(world, "GET /v1/events?type=config", "");
	client_wait_text(client, "\"type\":\"alive\"}\n");
	client_free(client);
}

static void what_any_stream_says_can_be_asked_for_alone(void **state)
{
	struct world *world = *state;
	struct client *client;

	streams_free(world->status->streams);
	world->status->streams = streams_new(world->base, world->status->events, 5 * USEC_PER_MS);
	client = follow(world, "GET /v1/events?type=alive,gap", "");
	world_publish(world, "e0001", VERDICT_PASS);
	client_wait_text(client, "\"type\":\"alive\"}\n");
	client_wait_text(client, "\"type\":\"alive\"}\n");
	client_free(client);
	json_decref(ask_json(world, "GET /v1/events?type=alive,nothing", 400));
}

static void many_readers_come_and_go(void **state)
{
	struct world *world = *state;
	struct client *clients[10];

	for (unsigned i = 0; i < 10; i++)
		clients[i] = follow(world, "GET /v1/events", "");
	world_publish(world, "e0001", VERDICT_PASS);
	for (unsigned i = 0; i < 10; i += 2)
		client_free(clients[i]);
	world_publish(world, "e0002", VERDICT_PASS);
	for (unsigned i = 1; i < 10; i += 2)
		client_wait_text(clients[i], "e0002");
	for (unsigned i = 1; i < 10; i += 2)
		client_free(clients[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_reader_gets_what_happens_from_now_on, begin, end),
		cmocka_unit_test_setup_teardown(readers_choose_by_type_and_name, begin, end),
		cmocka_unit_test_setup_teardown(since_gives_what_was_missed, begin, end),
		cmocka_unit_test_setup_teardown(
			a_browser_gets_server_sent_events_and_comes_back_by_their_id, begin, end),
		cmocka_unit_test(a_slow_reader_finds_a_gap_and_costs_nothing_else),
		cmocka_unit_test_setup_teardown(an_idle_reader_hears_that_we_live, begin, end),
		cmocka_unit_test_setup_teardown(what_any_stream_says_can_be_asked_for_alone, begin,
						end),
		cmocka_unit_test_setup_teardown(many_readers_come_and_go, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
