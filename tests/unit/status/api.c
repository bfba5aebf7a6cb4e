/* api.c - what the API answers: routes, shapes, filters, pages, errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "model/evidence.h"
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

static const char *text_at(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	assert_non_null(text);
	return text;
}

static void expect_error(struct world *world, const char *what, int code, const char *name)
{
	json_t *json = ask_json(world, what, code);
	const json_t *error = json_object_get(json, "error");

	assert_string_equal(text_at(error, "code"), name);
	assert_true(strlen(text_at(error, "message")) > 0);
	json_decref(json);
}

/* The names in {"endpoints":[…]}, joined by blanks. */
static char *names_of(const json_t *json)
{
	struct text names = { 0 };
	size_t i;
	json_t *endpoint;

	json_array_foreach(json_object_get(json, "endpoints"), i, endpoint)
		text_print(&names, "%s%s", i > 0 ? " " : "", text_at(endpoint, "name"));
	return text_take(&names);
}

static void expect_names(struct world *world, const char *what, const char *expected)
{
	json_t *json = ask_json(world, what, 200);
	char *names = names_of(json);

	assert_string_equal(names, expected);
	free(names);
	json_decref(json);
}

static void status_shows_what_the_engine_counts(void **state)
{
	struct world *world = *state;
	json_t *json;
	json_int_t up, pending, total, max, endpoints;
	const char *version, *started;
	int pid;

	world_set_state(world, "e0001", STATE_UP);
	world_set_state(world, "e0002", STATE_UP);
	json = ask_json(world, "GET /v1/status", 200);
	assert_int_equal(
		json_unpack(json,
			    "{s:s,s:i,s:s,s:{s:I},s:{s:I,s:I},s:{s:I},s:{s:I},s:{},s:{},s:{}}",
			    "version", &version, "pid", &pid, "started_at", &started, "config",
			    "endpoints", &endpoints, "endpoints", "up", &up, "pending", &pending,
			    "checks", "total", &total, "permits", "max", &max, "judges", "lateness",
			    "loop"),
		0);
	assert_string_equal(version, PICKET_VERSION);
	assert_string_equal(started, "2023-11-14T22:13:20.000Z");
	assert_int_equal(pid, getpid());
	assert_int_equal(endpoints, 6);
	assert_int_equal(up, 2);
	assert_int_equal(pending, 4);
	assert_int_equal(total, 12);
	assert_int_equal(max, 500);
	assert_null(json_object_get(json_object_get(json, "config"), "fault"));
	assert_null(json_object_get(json_object_get(json, "lateness"), "p99"));
	json_decref(json);
}

static void status_shows_a_refused_configuration_and_how_late_checks_are(void **state)
{
	struct world *world = *state;
	json_t *json;

	world->vitals.config_fault = "picket.yaml:3:1: unknown key";
	world->vitals.config_path = "/etc/picket/picket.yaml";
	for (unsigned i = 1; i <= 100; i++)
		histogram_add(&world->vitals.lateness, i * USEC_PER_MS);
	json = ask_json(world, "GET /v1/status", 200);
	assert_string_equal(text_at(json_object_get(json, "config"), "fault"),
			    "picket.yaml:3:1: unknown key");
	assert_string_equal(text_at(json_object_get(json, "config"), "path"),
			    "/etc/picket/picket.yaml");
	assert_true(json_real_value(json_object_get(json_object_get(json, "lateness"), "max")) ==
		    0.1);
	json_decref(json);
}

/* A failing check, as health and the roster leave it. */
static void fail_once(struct world *world, const char *name)
{
	char reason[] = "no \"answer\"\n";
	struct check check = { .due = 10, .started = 1500010 };
	struct watch *watch = world_watch(world, name);

	check.observation.wall = 1700000100 * USEC_PER_SEC + 250 * USEC_PER_MS;
	check.observation.latency = 1250 * USEC_PER_MS;
	assert_int_equal(address_parse("192.0.2.7", &check.observation.address), 0);
	observation_set_phase(&check.observation, PHASE_CONNECT, 250 * USEC_PER_MS);
	observation_set_phase(&check.observation, PHASE_REQUEST, 400 * USEC_PER_MS);
	observation_set_phase(&check.observation, PHASE_FIRST_BYTE, 600 * USEC_PER_MS);
	check.verdict = (struct verdict){
		.kind = VERDICT_FAIL,
		.class = CLASS_timeout,
		.phase = PHASE_FIRST_BYTE,
		.reason = reason,
	};
	roster_note(watch, &check);
	watch->standing.leaning = STATE_DOWN;
	watch->standing.seen = 1;
	watch->standing.needed = 3;
}

static void an_endpoint_shows_its_state_and_its_last_check(void **state)
{
	struct world *world = *state;
	json_t *json, *expected, *endpoint;

	world_set_state(world, "e0003", STATE_UP);
	fail_once(world, "e0003");
	json = ask_json(world, "GET /v1/endpoints?name=e0003", 200);
	endpoint = json_array_get(json_object_get(json, "endpoints"), 0);
	assert_int_equal(json_object_del(endpoint, "next_check_at"), 0);
	expected = json_loads(
		"{\"name\":\"e0003\",\"group\":\"db\",\"probe\":\"http\","
		"\"target\":\"http://192.0.2.7/\",\"state\":\"up\",\"flags\":[],"
		"\"since\":\"2023-11-14T22:13:20.000Z\","
		"\"confirming\":{\"to\":\"down\",\"seen\":1,\"needed\":3},"
		"\"flags\":[],\"labels\":{\"team\":\"blue\"},\"interval\":30,"
		"\"last_check\":{\"at\":\"2023-11-14T22:15:00.250Z\",\"verdict\":\"fail\","
		"\"class\":\"timeout\",\"phase\":\"first_byte\","
		"\"reason\":\"no \\\"answer\\\"\\n\",\"latency\":1.25,"
		"\"phases\":{\"connect\":0.25,\"first_byte\":1},\"address\":\"192.0.2.7\","
		"\"lateness\":1.5}}",
		JSON_DECODE_ANY, NULL);
	/* Whole numbers of seconds stay whole; compare as numbers. */
	assert_true(json_equal(endpoint, expected));
	json_decref(expected);
	json_decref(json);
}

static void flagged(struct world *world, const char *flag)
{
	json_t *json = ask_json(world, "GET /v1/endpoints?name=e0003", 200);
	json_t *endpoint = json_array_get(json_object_get(json, "endpoints"), 0);
	json_t *flags = json_object_get(endpoint, "flags");

	assert_int_equal(json_array_size(flags), 1);
	assert_string_equal(json_string_value(json_array_get(flags, 0)), flag);
	json_decref(json);
}

static void what_is_special_about_an_endpoint_is_flagged(void **state)
{
	struct world *world = *state;
	struct watch *watch = world_watch(world, "e0003");

	fail_once(world, "e0003");
	watch->standing.is_flapping = true;
	/* A tenth of its interval of 30 s is not late. */
	watch->last.lateness = 3 * USEC_PER_SEC;
	flagged(world, "flapping");
	watch->last.lateness++;
	watch->standing.is_flapping = false;
	flagged(world, "late");
}

static void what_did_not_happen_is_absent(void **state)
{
	struct world *world = *state;
	json_t *json, *endpoint;

	world_set_state(world, "e0000", STATE_PAUSED);
	json = ask_json(world, "GET /v1/endpoints/e0000", 200);
	endpoint = json;
	assert_null(json_object_get(endpoint, "last_check"));
	assert_null(json_object_get(endpoint, "confirming"));
	assert_null(json_object_get(endpoint, "next_check_at"));
	assert_null(json_object_get(endpoint, "evidence"));
	assert_int_equal(json_array_size(json_object_get(endpoint, "recent")), 0);
	json_decref(json);
}

static void one_endpoint_comes_with_configuration_evidence_and_recent_checks(void **state)
{
	struct world *world = *state;
	struct watch *watch = world_watch(world, "e0002");
	json_t *json, *recent;

	fail_once(world, "e0002");
	fail_once(world, "e0002");
	watch->evidence = evidence_make(memory_text("{\"hops\":[]}"), strlen("{\"hops\":[]}"));
	watch->success = evidence_make(memory_text("{\"size\":7}"), strlen("{\"size\":7}"));
	json = ask_json(world, "GET /v1/endpoints/e0002", 200);
	assert_string_equal(text_at(json_object_get(json, "config"), "of"), "e0002");
	assert_non_null(json_object_get(json_object_get(json, "evidence"), "hops"));
	assert_non_null(json_object_get(json_object_get(json, "evidence_success"), "size"));
	recent = json_object_get(json, "recent");
	assert_int_equal(json_array_size(recent), 2);
	assert_string_equal(text_at(json_array_get(recent, 1), "class"), "timeout");
	json_decref(json);
}

static void endpoints_are_filtered(void **state)
{
	struct world *world = *state;

	world_set_state(world, "e0001", STATE_DOWN);
	world_set_state(world, "e0004", STATE_DOWN);
	world_set_state(world, "e0005", STATE_UP);
	expect_names(world, "GET /v1/endpoints", "e0000 e0001 e0002 e0003 e0004 e0005");
	expect_names(world, "GET /v1/endpoints?state=down", "e0001 e0004");
	expect_names(world, "GET /v1/endpoints?state=degraded", "");
	expect_names(world, "GET /v1/endpoints?group=web", "e0000 e0002 e0004");
	expect_names(world, "GET /v1/endpoints?group=none", "");
	expect_names(world, "GET /v1/endpoints?name=e000%3f&state=up", "e0005");
	expect_names(world, "GET /v1/endpoints?name=*3", "e0003");
	expect_names(world, "GET /v1/endpoints?label=team:red", "e0001 e0004");
	expect_names(world, "GET /v1/endpoints?label=team:red&label=site:a", "");
	expect_names(world, "GET /v1/endpoints?group=web&state=down", "e0004");
}

/* Follows `next` to the end, and returns all names. */
static char *all_pages(struct world *world, const char *what, unsigned *ret_pages)
{
	struct text names = { 0 };
	char *after = memory_text("");

	for (*ret_pages = 0; after; ++*ret_pages) {
		char *request = memory_print("%s%s%s", what, *after ? "&after=" : "", after);
		json_t *json = ask_json(world, request, 200);
		char *page = names_of(json);
		const char *next = json_string_value(json_object_get(json, "next"));

		text_print(&names, "%s%s", names.len && *page ? " " : "", page);
		free(after);
		after = next ? memory_text(next) : NULL;
		free(page);
		free(request);
		json_decref(json);
	}
	return text_take(&names);
}

static void expect_pages(struct world *world, const char *what, unsigned expected_pages,
			 const char *expected)
{
	unsigned pages;
	char *names = all_pages(world, what, &pages);

	assert_string_equal(names, expected);
	assert_int_equal(pages, expected_pages);
	free(names);
}

static void pages_hold_every_endpoint_once(void **state)
{
	struct world *world = *state;
	const char *all = "e0000 e0001 e0002 e0003 e0004 e0005";

	expect_pages(world, "GET /v1/endpoints?limit=1", 6, all);
	expect_pages(world, "GET /v1/endpoints?limit=2", 3, all);
	expect_pages(world, "GET /v1/endpoints?limit=4", 2, all);
	expect_pages(world, "GET /v1/endpoints?limit=6", 1, all);
	expect_pages(world, "GET /v1/endpoints?limit=7", 1, all);
	expect_pages(world, "GET /v1/endpoints?limit=2&group=db", 2, "e0001 e0003 e0005");
	expect_pages(world, "GET /v1/endpoints?limit=2&state=pending", 3, all);
	expect_pages(world, "GET /v1/endpoints?limit=6&state=pending", 1, all);
	expect_names(world, "GET /v1/endpoints?after=e0003x", "e0004 e0005");
	expect_names(world, "GET /v1/endpoints?after=z", "");
	expect_names(world, "GET /v1/endpoints?after=e0003&state=pending", "e0004 e0005");
}

static void many_endpoints_come_in_slices(void **state)
{
	const struct world_options options = { .endpoints = WORLD_ENDPOINTS_MAX,
					       .events = 10,
					       .connections = 4 };
	struct world *world = world_new(&options);
	json_t *json = ask_json(world, "GET /v1/endpoints", 200);
	const json_t *endpoints = json_object_get(json, "endpoints");

	(void)state;
	assert_int_equal(json_array_size(endpoints), WORLD_ENDPOINTS_MAX);
	for (unsigned i = 0; i < WORLD_ENDPOINTS_MAX; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "e%04u", i);
		assert_string_equal(text_at(json_array_get(endpoints, i), "name"), name);
	}
	json_decref(json);

	world_set_state(world, "e3999", STATE_DOWN);
	expect_names(world, "GET /v1/endpoints?state=down", "e3999");
	expect_names(world, "GET /v1/endpoints?state=pending&name=e3998", "e3998");
	expect_names(world, "GET /v1/endpoints?name=nobody", "");
	expect_names(world, "GET /v1/endpoints?name=e1*&limit=2&after=e1500", "e1501 e1502");
	world_free(world);
}

static bool are_no_visitors_left(void *context)
{
	return status_drain(context);
}

static void a_listing_whose_reader_left_is_given_up(void **state)
{
	const struct world_options options = { .endpoints = WORLD_ENDPOINTS_MAX,
					       .events = 10,
					       .connections = 4 };
	struct world *world = world_new(&options);
	struct client *client = client_new(world);

	(void)state;
	client_ask(client, "GET /v1/endpoints", "");
	client_wait_text(client, "e0001");
	client_free(client);
	world_wait(world, are_no_visitors_left, world->status);
	world_free(world);
}

static void only_what_there_is_has_an_answer(void **state)
{
	struct world *world = *state;

	expect_error(world, "GET /none", 404, "not_found");
	expect_error(world, "GET /v1", 404, "not_found");
	expect_error(world, "GET /v1/status/", 404, "not_found");
	expect_error(world, "GET /v1//status", 404, "not_found");
	expect_error(world, "GET /V1/status", 404, "not_found");
	expect_error(world, "GET /../../etc/passwd", 404, "not_found");
	expect_error(world, "GET /v1/endpoints/../status", 404, "not_found");
	expect_error(world, "GET /v1/endpoints/", 404, "not_found");
	expect_error(world, "GET /v1/endpoints/nobody", 404, "not_found");
	expect_error(world, "GET /v1/endpoints/e0001%2fcheck", 404, "not_found");
	expect_error(world, "GET /a/b/c/d/e/f/g/h/i/j", 404, "not_found");
	expect_error(world, "GET /v1/%zz", 400, "bad_request");
	expect_error(world, "GET /v1/%2", 400, "bad_request");
	expect_error(world, "GET /v1/endpoints/%ff", 400, "bad_request");
	expect_error(world, "GET /v1/endpoints/%c0%af", 400, "bad_request");
	expect_error(world, "GET /v1/endpoints/a%00b", 400, "bad_request");
	expect_error(world, "GET /v1/endpoints?stat=up", 400, "bad_request");
	expect_error(world, "GET /v1/endpoints?state=upp", 400, "bad_request");
	expect_error(world, "GET /v1/endpoints?state=up&state=down", 400, "bad_request");
	expect_error(world, "GET /v1/endpoints?limit=0", 400, "bad_request");
	expect_error(world, "GET /v1/endpoints?limit=-1", 400, "bad_request");
	expect_error(world, "GET /v1/endpoints?limit=ten", 400, "bad_request");
	expect_error(world, "GET /v1/endpoints?label=team", 400, "bad_request");
	expect_error(world, "GET /v1/endpoints?name=%ff", 400, "bad_request");
	expect_error(world, "GET /v1/status?x", 400, "bad_request");
	expect_error(world, "GET /v1/events?type=sighting", 400, "bad_request");
	expect_error(world, "GET /v1/events?since=yesterday", 400, "bad_request");
}

static void names_are_decoded(void **state)
{
	struct world *world = *state;
	json_t *json = ask_json(world, "GET /v1/endpoints/%650003", 200);

	assert_string_equal(text_at(json, "name"), "e0003");
	json_decref(json);
}

static void another_method_is_told_which_ones_there_are(void **state)
{
	struct world *world = *state;
	static const char *const methods[] = { "POST", "PUT", "DELETE", "PATCH", "OPTIONS" };
	struct reply reply;

	for (unsigned i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		char *what = memory_print("%s /v1/status", methods[i]);

		reply = ask(world, what);
		assert_int_equal(reply.code, 405);
		assert_non_null(strstr(reply.head, "Allow: GET\r\n"));
		reply_done(&reply);
		free(what);
	}
	reply = ask(world, "GET /v1/reload");
	assert_int_equal(reply.code, 405);
	assert_non_null(strstr(reply.head, "Allow: POST\r\n"));
	reply_done(&reply);
}

static void the_whole_configuration_is_listed(void **state)
{
	struct world *world = *state;
	json_t *json = ask_json(world, "GET /v1/config?name=e000[1]", 200);

	assert_true(json_is_null(json_object_get(json_object_get(json, "config"), "of")));
	assert_int_equal(json_array_size(json_object_get(json, "endpoints")), 0);
	json_decref(json);
	json = ask_json(world, "GET /v1/config", 200);
	assert_int_equal(json_array_size(json_object_get(json, "endpoints")), 6);
	assert_string_equal(
		text_at(json_object_get(json_array_get(json_object_get(json, "endpoints"), 5),
					"config"),
			"of"),
		"e0005");
	json_decref(json);
}

static void without_a_plan_there_is_no_next_check(void **state)
{
	struct world *world = *state;
	struct text json = { 0 };

	status_print_endpoint(&json, &world->roster, world_watch(world, "e0001"), 0, true);
	assert_null(strstr(json.data, "next_check_at"));
	text_clear(&json);
	status_print_endpoint(&json, &world->roster, world_watch(world, "e0001"), USEC_NEVER, true);
	assert_null(strstr(json.data, "next_check_at"));
	text_clear(&json);
	status_print_endpoint(&json, &world->roster, world_watch(world, "e0001"),
			      1700000000 * USEC_PER_SEC, true);
	assert_non_null(strstr(json.data, "\"next_check_at\":\"2023-11-14T22:13:20.000Z\""));
	text_done(&json);
}

static void one_line_says_how_it_is(void **state)
{
	struct world *world = *state;
	struct text text = { 0 };

	world_set_state(world, "e0001", STATE_DOWN);
	world->vitals.checks_total = 40;
	world->vitals.checks_failed = 2;
	world->vitals.in_flight = 3;
	status_summary_print(&text, &world->roster, &world->vitals);
	assert_string_equal(text.data, "6 endpoints: 5 pending, 1 down; 40 checks, 2 failed; "
				       "3 of 500 permits in use, 0 waiting");
	text_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(status_shows_what_the_engine_counts, begin, end),
		cmocka_unit_test_setup_teardown(
			status_shows_a_refused_configuration_and_how_late_checks_are, begin, end),
		cmocka_unit_test_setup_teardown(an_endpoint_shows_its_state_and_its_last_check,
						begin, end),
		cmocka_unit_test_setup_teardown(what_is_special_about_an_endpoint_is_flagged, begin,
						end),
		cmocka_unit_test_setup_teardown(what_did_not_happen_is_absent, begin, end),
		cmocka_unit_test_setup_teardown(
			one_endpoint_comes_with_configuration_evidence_and_recent_checks, begin,
			end),
		cmocka_unit_test_setup_teardown(endpoints_are_filtered, begin, end),
		cmocka_unit_test_setup_teardown(pages_hold_every_endpoint_once, begin, end),
		cmocka_unit_test(many_endpoints_come_in_slices),
		cmocka_unit_test(a_listing_whose_reader_left_is_given_up),
		cmocka_unit_test_setup_teardown(only_what_there_is_has_an_answer, begin, end),
		cmocka_unit_test_setup_teardown(names_are_decoded, begin, end),
		cmocka_unit_test_setup_teardown(another_method_is_told_which_ones_there_are, begin,
						end),
		cmocka_unit_test_setup_teardown(the_whole_configuration_is_listed, begin, end),
		cmocka_unit_test_setup_teardown(without_a_plan_there_is_no_next_check, begin, end),
		cmocka_unit_test_setup_teardown(one_line_says_how_it_is, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
