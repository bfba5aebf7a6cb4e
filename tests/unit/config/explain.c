/* explain.c - the effective configuration, the sample and the schema. */
#include <jansson.h>

#include "base/memory.h"
#include "bench.h"
#include "config/keys.h"
#include "config/schema.h"

static void each_value_says_where_it_came_from(void **state)
{
	struct bench *bench = *state;
	static const char *const wanted[][2] = {
		{ "name", "\"a\" from picket.yaml:6" },
		{ "group", "\"web\" from picket.yaml:6" },
		{ "interval", "\"20s\" from picket.yaml:1" },
		{ "timeout", "\"6s\" from picket.yaml:3" },
		{ "confirm.failures", "4 from picket.yaml:6" },
		{ "confirm.successes", "2 from built-in" },
		{ "labels.team", "\"web\" from picket.yaml:2" },
		{ "http.url", "\"http://a.example.com/\" from picket.yaml:6" },
		{ "http.method", "\"GET\" from built-in" },
		{ "http.tls.verify", "false from picket.yaml:1" },
	};

	bench_load_good(
		bench,
		"defaults: { interval: 20s, timeout: 5s, http: { tls: { verify: false } } }\n"
		"groups: { web: { labels: { team: web }, expect: latency < 9s } }\n"
		"templates: { t: { timeout: 6s, warn: [latency < 1s, latency < 2s] } }\n"
		"\n"
		"endpoints:\n"
		"  - { name: a, group: web, use: t, confirm: { failures: 4 }, http: http://a.example.com/,\n"
		"      expect: [status == 201], warn: latency < 3s }\n");
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		char *shown = bench_explain(bench, "a", wanted[i][0]);

		assert_string_equal(shown, wanted[i][1]);
		free(shown);
	}
}

static void assert_value(const json_t *object, const char *value, const char *from)
{
	assert_string_equal(json_string_value(json_object_get(object, "value")), value);
	assert_string_equal(json_string_value(json_object_get(object, "from")), from);
}

static void assert_line(const json_t *lines, size_t index, const char *value, const char *from)
{
	assert_value(json_array_get(lines, index), value, from);
}

/* `expect` of one endpoint, as explained; to be given back with its object. */
static json_t *explain(const struct bench *bench, const char *name, json_t **ret_expect)
{
	struct text text = { 0 };
	json_t *all;

	snapshot_explain(bench->snapshot, bench_find(bench, name), NULL, &text);
	all = json_loads(text_string(&text), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(all);
	*ret_expect = json_object_get(all, "expect");
	text_done(&text);
	return all;
}

static void a_limit_that_nobody_set_is_not_shown_as_nothing(void **state)
{
	struct bench *bench = *state;
	json_t *all, *expect;

	bench_load_good(
		bench, "endpoints:\n"
		       "  - { name: a, http: http://a.example.com/ }\n"
		       "  - { name: b, http: { url: http://a.example.com/, body_limit: 5KiB } }\n");
	all = explain(bench, "a", &expect);
	assert_null(json_object_get(all, "http.body_limit"));
	json_decref(all);
	all = explain(bench, "b", &expect);
	assert_value(json_object_get(all, "http.body_limit"), "5KiB", "picket.yaml:3");
	json_decref(all);
}

static void each_expectation_says_where_it_came_from(void **state)
{
	struct bench *bench = *state;
	json_t *all, *expect;

	bench_load_good(bench, "defaults: { expect: latency < 9s }\n"
			       "endpoints:\n"
			       "  - name: a\n"
			       "    http: http://a.example.com/\n"
			       "    expect:\n"
			       "      - size > 1B\n"
			       "  - name: b\n"
			       "    http: http://a.example.com/\n"
			       "    expect_inherit: false\n"
			       "    expect:\n"
			       "      - status == 200\n"
			       "      - size > 1B\n");
	all = explain(bench, "a", &expect);
	assert_int_equal(json_array_size(expect), 3);
	assert_line(expect, 0, "latency < 9s", "picket.yaml:1");
	assert_line(expect, 1, "size > 1B", "picket.yaml:6");
	assert_line(expect, 2, "status in 200..299", "built-in");
	json_decref(all);
	all = explain(bench, "b", &expect);
	assert_int_equal(json_array_size(expect), 2);
	assert_line(expect, 0, "status == 200", "picket.yaml:11");
	assert_line(expect, 1, "size > 1B", "picket.yaml:12");
	json_decref(all);
}

static void settings_are_explained(void **state)
{
	struct bench *bench = *state;
	struct text text = { 0 };
	json_t *all, *picket;

	bench_load_good(bench, "picket: { judges: 3,\n  limits: { body: 2KiB } }\n"
			       "groups: { web: { max_concurrent: 5 } }\n");
	snapshot_explain(bench->snapshot, NULL, NULL, &text);
	all = json_loads(text_string(&text), JSON_REJECT_DUPLICATES, NULL);
	picket = json_object_get(all, "picket");
	assert_value(json_object_get(picket, "limits.body"), "2KiB", "picket.yaml:2");
	assert_value(json_object_get(picket, "shutdown_grace"), "5s", "built-in");
	json_decref(all);
	text_done(&text);
}

static void the_command_line_is_told_where_it_counts(void **state)
{
	struct bench *bench = *state;
	const struct settings_over over = { .socket = "/a.socket", .state_dir = "/b" };
	struct text text = { 0 };
	json_t *all, *picket;

	bench_load_good(bench, "picket: { socket: /c.socket }\n");
	snapshot_explain(bench->snapshot, NULL, &over, &text);
	all = json_loads(text_string(&text), JSON_REJECT_DUPLICATES, NULL);
	picket = json_object_get(all, "picket");
	assert_value(json_object_get(picket, "socket"), "/a.socket", "command line");
	assert_value(json_object_get(picket, "state_dir"), "/b", "command line");
	assert_value(json_object_get(picket, "socket_mode"), "0660", "built-in");
	json_decref(all);
	text_done(&text);
}

static json_t *explain_rest(const struct bench *bench)
{
	struct text text = { 0 };
	json_t *all;

	snapshot_explain(bench->snapshot, NULL, NULL, &text);
	all = json_loads(text_string(&text), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(all);
	text_done(&text);
	return all;
}

static void groups_and_modules_are_explained(void **state)
{
	struct bench *bench = *state;
	json_t *all, *one;

	assert_int_equal(setenv("PICKET_TEST_SECRET", "s3cret", 1), 0);
	bench_load_good(bench, "groups:\n"
			       "  web: { labels: { team: shop }, interval: 20s,\n"
			       "    max_concurrent: 5, expect: latency < 9s }\n"
			       "  none:\n"
			       "modules:\n"
			       "  m:\n"
			       "    http: { method: POST, body: '${env:PICKET_TEST_SECRET}' }\n"
			       "    expect: status == 201\n");
	all = explain_rest(bench);
	one = json_object_get(json_object_get(all, "groups"), "web");
	assert_int_equal(json_object_size(one), 4);
	assert_value(json_object_get(one, "labels.team"), "shop", "picket.yaml:2");
	assert_value(json_object_get(one, "interval"), "20s", "picket.yaml:2");
	assert_int_equal(json_integer_value(
				 json_object_get(json_object_get(one, "max_concurrent"), "value")),
			 5);
	assert_line(json_object_get(one, "expect"), 0, "latency < 9s", "picket.yaml:3");
	one = json_object_get(json_object_get(all, "groups"), "none");
	assert_true(json_is_object(one));
	assert_int_equal(json_object_size(one), 0);
	one = json_object_get(json_object_get(all, "modules"), "m");
	assert_value(json_object_get(one, "http.method"), "POST", "picket.yaml:7");
	assert_value(json_object_get(one, "http.body"), "***", "picket.yaml:7");
	assert_value(json_object_get(one, "timeout"), "10s", "built-in");
	assert_line(json_object_get(one, "expect"), 0, "status == 201", "picket.yaml:8");
	assert_null(json_object_get(one, "http.url"));
	json_decref(all);
}

static void what_nobody_chose_is_not_shown(void **state)
{
	struct bench *bench = *state;
	json_t *all, *one;

	bench_load_good(bench, "receivers:\n"
			       "  r: { webhook: http://a.example.com/ }\n"
			       "  s: { webhook: { url: http://a.example.com/, timeout: 5s,\n"
			       "       preset: slack }, timeout: 7s }\n");
	all = explain_rest(bench);
	one = json_object_get(json_object_get(all, "receivers"), "r");
	assert_null(json_object_get(one, "webhook.preset"));
	assert_null(json_object_get(one, "webhook.timeout"));
	assert_value(json_object_get(one, "timeout"), "10s", "built-in");
	one = json_object_get(json_object_get(all, "receivers"), "s");
	assert_value(json_object_get(one, "webhook.preset"), "slack", "picket.yaml:4");
	assert_value(json_object_get(one, "webhook.timeout"), "5s", "picket.yaml:3");
	assert_value(json_object_get(one, "timeout"), "7s", "picket.yaml:4");
	json_decref(all);
}

static void the_sample_gives_the_built_in_values_back(void **state)
{
	struct bench *bench = *state;
	struct text sample = { 0 }, own = { 0 }, built_in = { 0 };

	schema_print_sample(&sample);
	bench_load_good(bench, text_string(&sample));
	option_digest(&keys_settings, &bench->snapshot->settings, &own);
	bench_load_good(bench, "endpoints: []\n");
	option_digest(&keys_settings, &bench->snapshot->settings, &built_in);
	assert_int_equal(own.len, built_in.len);
	assert_memory_equal(own.data, built_in.data, own.len);
	text_done(&own);
	text_done(&built_in);
	text_done(&sample);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(each_value_says_where_it_came_from),
		BENCH_TEST(a_limit_that_nobody_set_is_not_shown_as_nothing),
		BENCH_TEST(each_expectation_says_where_it_came_from),
		BENCH_TEST(settings_are_explained),
		BENCH_TEST(the_command_line_is_told_where_it_counts),
		BENCH_TEST(groups_and_modules_are_explained),
		BENCH_TEST(what_nobody_chose_is_not_shown),
		BENCH_TEST(the_sample_gives_the_built_in_values_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
