/* incidents.c - what the API says of incidents, and what it lets people do about them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alert/alert.h"
#include "base/memory.h"
#include "world.h"

static int init(void **state)
{
	*state = world_new(NULL);
	return 0;
}

static int done(void **state)
{
	world_free(*state);
	return 0;
}

static void becomes(struct world *world, const char *name, enum state to, usec_t since)
{
	struct watch *watch = world_watch(world, name);
	const bool is_bad = to != STATE_UP;

	watch->standing.since = since * USEC_PER_SEC;
	free(watch->last.reason);
	watch->last.reason = is_bad ? memory_text("no \"answer\"") : NULL;
	watch->last.class = is_bad ? CLASS_timeout : CLASS_NONE;
	watch->last.phase = is_bad ? PHASE_CONNECT : PHASES;
	watch->last.kind = is_bad ? VERDICT_FAIL : VERDICT_PASS;
	world_set_state(world, name, to);
	alert_follow(world->alert, watch, (struct moment){ 0, (since + 10) * USEC_PER_SEC }, NULL);
}

/* The ids of a listing's incidents, as names of their endpoints. */
static void lists(struct world *world, const char *what, const char *expected)
{
	json_t *json = ask_json(world, what, 200), *incident;
	struct text names = { 0 };
	size_t i;

	json_array_foreach(json_object_get(json, "incidents"), i, incident)
	{
		text_append(&names, names.len ? " " : "");
		text_append(&names, json_string_value(json_object_get(incident, "endpoint")));
	}
	assert_string_equal(text_string(&names), expected);
	text_done(&names);
	json_decref(json);
}

static void an_incident_shows_all_there_is_to_it(void **state)
{
	struct world *world = *state;
	json_t *json, *expected, *incident;

	becomes(world, "e0003", STATE_DOWN, 1700000000);
	becomes(world, "e0003", STATE_UP, 1700000060);
	json = ask_json(world, "GET /v1/incidents", 200);
	incident = json_array_get(json_object_get(json, "incidents"), 0);
	assert_int_equal(strlen(json_string_value(json_object_get(incident, "id"))), 10);
	assert_int_equal(json_object_del(incident, "id"), 0);
	expected = json_loads(
		"{\"endpoint\":\"e0003\",\"group\":\"db\",\"labels\":{\"team\":\"blue\"},\"severity\":\"critical\","
		"\"state\":\"down\",\"class\":\"timeout\",\"phase\":\"connect\","
		"\"reason\":\"no \\\"answer\\\"\","
		"\"started_at\":\"2023-11-14T22:13:20.000Z\","
		"\"confirmed_at\":\"2023-11-14T22:13:30.000Z\","
		"\"ended_at\":\"2023-11-14T22:14:20.000Z\",\"end\":\"recovered\","
		"\"duration\":60,\"transition\":2,\"notifications\":[]}",
		0, NULL);
	assert_true(json_equal(incident, expected));
	json_decref(json);
	json_decref(expected);
}

static void incidents_are_filtered_and_the_latest_come_first(void **state)
{
	struct world *world = *state;

	lists(world, "GET /v1/incidents", "");
	becomes(world, "e0001", STATE_DOWN, 1700000000);
	becomes(world, "e0002", STATE_DOWN, 1700000010);
	becomes(world, "e0003", STATE_DEGRADED, 1700000020);
	becomes(world, "e0001", STATE_UP, 1700000030);
	lists(world, "GET /v1/incidents", "e0003 e0002 e0001");
	lists(world, "GET /v1/incidents?open=1", "e0003 e0002");
	lists(world, "GET /v1/incidents?name=e*1", "e0001");
	lists(world, "GET /v1/incidents?since=2023-11-14T22:13:51Z", "e0003 e0002");
	lists(world, "GET /v1/incidents?since=2023-11-14T22:13:50Z", "e0003 e0002 e0001");
	json_decref(ask_json(world, "GET /v1/incidents?since=yesterday", 400));
	json_decref(ask_json(world, "GET /v1/incidents?open=yes", 400));
	json_decref(ask_json(world, "GET /v1/incidents?limit=0", 400));
	json_decref(ask_json(world, "GET /v1/incidents?after=nothing000", 400));
	json_decref(ask_json(world, "GET /v1/incidents?state=down", 400));
}

static void pages_hold_every_incident_once(void **state)
{
	struct world *world = *state;
	char path[64] = "GET /v1/incidents?limit=2";
	unsigned pages = 0, count = 0;

	for (unsigned i = 0; i < 5; i++) {
		char name[8];

		(void)snprintf(name, sizeof(name), "e000%u", i);
		becomes(world, name, STATE_DOWN, 1700000000 + i);
	}
	while (*path) {
		json_t *json = ask_json(world, path, 200);
		const char *next = json_string_value(json_object_get(json, "next"));

		count += (unsigned)json_array_size(json_object_get(json, "incidents"));
		pages++;
		*path = '\0';
		if (next)
			(void)snprintf(path, sizeof(path), "GET /v1/incidents?limit=2&after=%s",
				       next);
		json_decref(json);
	}
	assert_int_equal(count, 5);
	assert_int_equal(pages, 3);
}

static void one_is_acknowledged_once_it_is_open_and_known(void **state)
{
	struct world *world = *state;
	const struct incident *incident;
	char path[96];
	json_t *json, *acknowledged;

	becomes(world, "e0001", STATE_DOWN, 1700000000);
	incident = alert_before(world->alert, NULL);
	(void)snprintf(path, sizeof(path), "POST /v1/incidents/%s/ack?comment=on%%20it",
		       incident->id);
	json = ask_json(world, path, 200);
	acknowledged = json_object_get(json, "acknowledged");
	assert_string_equal(json_string_value(json_object_get(acknowledged, "comment")), "on it");
	assert_non_null(json_string_value(json_object_get(acknowledged, "by")));
	assert_string_equal(json_string_value(json_object_get(acknowledged, "at")),
			    "2023-11-14T22:13:20.000Z");
	json_decref(json);
	json = ask_json(world, "GET /v1/endpoints/e0001", 200);
	assert_string_equal(json_string_value(json_array_get(json_object_get(json, "flags"), 0)),
			    "acknowledged");
	json_decref(json);
	becomes(world, "e0001", STATE_UP, 1700000100);
	json_decref(ask_json(world, path, 409));
	json_decref(ask_json(world, "POST /v1/incidents/nothing000/ack", 404));
	json_decref(ask_json(world, "POST /v1/incidents/nothing000/ack?by=me", 400));
}

static void the_summary_counts_the_open_ones(void **state)
{
	struct world *world = *state;
	json_t *json;

	becomes(world, "e0001", STATE_DOWN, 1700000000);
	json = ask_json(world, "GET /v1/status", 200);
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(json, "incidents"), "open")), 1);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(json, "store"), "state")), "off");
	json_decref(json);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, init, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(an_incident_shows_all_there_is_to_it),
		CLAIM(incidents_are_filtered_and_the_latest_come_first),
		CLAIM(pages_hold_every_incident_once),
		CLAIM(one_is_acknowledged_once_it_is_open_and_known),
		CLAIM(the_summary_counts_the_open_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
