/* load.c - what a file says is what the endpoints are: precedence, merging, each, references. */
#include <stdio.h>

#include "base/memory.h"
#include "bench.h"
#include "expect/expect.h"

static void assert_lines(const struct program *program, const char *const *lines)
{
	size_t i = 0;

	for (; lines[i]; i++) {
		assert_true(i < program_count(program));
		assert_string_equal(program_line(program, i), lines[i]);
	}
	assert_int_equal(program_count(program), i);
}

#define LINES(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void a_file_without_endpoints_is_valid(void **state)
{
	struct bench *bench = *state;

	bench_load_good(bench, "endpoints: []\n");
	assert_int_equal(bench->snapshot->endpoints_count, 0);
	bench_load_good(bench, "endpoints:\npicket:\n");
	assert_int_equal(bench->snapshot->settings.max_concurrent, 500);
	assert_int_equal(bench->snapshot->settings.loops, 1);
	assert_int_equal(bench->snapshot->settings.max_per_host, 16);
	assert_int_equal(bench->snapshot->settings.judges, 0);
	assert_int_equal(bench->snapshot->settings.socket_mode, 0660);
	assert_string_equal(bench->snapshot->settings.socket, "/run/picket/picket.sock");
	assert_null(bench->snapshot->settings.resolver_servers);
	assert_int_equal(bench->snapshot->settings.limits.body_bytes, 1 << 20);
	assert_int_equal(bench->snapshot->settings.limits.json_depth, 64);
	assert_int_equal(bench->snapshot->settings.events, 10000);
}

static void settings_are_read(void **state)
{
	struct bench *bench = *state;
	const struct settings *settings;

	bench_load_good(bench, "picket:\n"
			       "  max_concurrent: auto\n"
			       "  judges: 3\n"
			       "  loops: 4\n"
			       "  socket_mode: 0600\n"
			       "  admin_group: wheel\n"
			       "  resolver: { servers: ['192.0.2.1:5353'], tries: 2 }\n"
			       "  limits: { body: 2MB, connections: 9 }\n"
			       "endpoints: []\n");
	settings = &bench->snapshot->settings;
	assert_int_equal(settings->max_concurrent, 0);
	assert_int_equal(settings->judges, 3);
	assert_int_equal(settings->loops, 4);
	assert_int_equal(settings->socket_mode, 0600);
	assert_string_equal(settings->admin_group, "wheel");
	assert_string_equal(settings->resolver_servers[0], "192.0.2.1:5353");
	assert_int_equal(settings->resolver_tries, 2);
	assert_int_equal(settings->resolver_timeout, USEC_PER_SEC);
	assert_int_equal(settings->limits.body_bytes, 2000000);
	assert_int_equal(settings->limits.headers_bytes, 65536);
	assert_int_equal(settings->connections, 9);
}

static void endpoints_are_sorted_and_hosts_numbered(void **state)
{
	struct bench *bench = *state;

	bench_load_good(bench, "endpoints:\n"
			       "  - { name: c, http: http://one.example.com:81/ }\n"
			       "  - { name: a, http: https://two.example.com/ }\n"
			       "  - { name: b, http: http://ONE.example.com/ }\n");
	assert_int_equal(bench->snapshot->endpoints_count, 3);
	assert_string_equal(bench->snapshot->endpoints[0]->name, "a");
	assert_string_equal(bench->snapshot->endpoints[2]->name, "c");
	assert_int_equal(bench->snapshot->hosts_count, 2);
	assert_int_equal(bench_find(bench, "b")->host_index, bench_find(bench, "c")->host_index);
	assert_int_not_equal(bench_find(bench, "a")->host_index,
			     bench_find(bench, "c")->host_index);
	assert_string_equal(bench_find(bench, "b")->host, "one.example.com");
}

static const char layered[] =
	"defaults:\n"
	"  interval: 20s\n"
	"  timeout: 5s\n"
	"  confirm: { failures: 5, every: 3s }\n"
	"  labels: { a: defaults, b: defaults, c: defaults, d: defaults }\n"
	"  http: { method: PUT, headers: { X-Layer: defaults, X-More: more } }\n"
	"groups:\n"
	"  web:\n"
	"    interval: 30s\n"
	"    confirm: { successes: 4 }\n"
	"    labels: { b: group, c: group, d: group }\n"
	"templates:\n"
	"  one: { interval: 40s, labels: { c: one, d: one } }\n"
	"  two: { interval: 50s, labels: { d: two }, http: { method: POST } }\n"
	"endpoints:\n"
	"  - name: full\n"
	"    group: web\n"
	"    use: [one, two]\n"
	"    interval: 1m\n"
	"    http: { url: http://a.example.com/, headers: { x-layer: own } }\n"
	"  - { name: templates, group: web, use: [one, two], http: http://b.example.com/ }\n"
	"  - { name: other-order, use: [two, one], http: http://b.example.com/ }\n"
	"  - { name: group, group: web, http: http://b.example.com/ }\n"
	"  - { name: bare, http: http://b.example.com/ }\n"
	"  - name: removed\n"
	"    group: web\n"
	"    interval: ~\n"
	"    labels: { a: null, c: own }\n"
	"    confirm: null\n"
	"    http: { url: http://b.example.com/, headers: ~, method: ~ }\n";

static void the_endpoint_counts_more_than_templates_group_and_defaults(void **state)
{
	struct bench *bench = *state;

	bench_load_good(bench, layered);
	assert_int_equal(bench_find(bench, "bare")->interval, 20 * USEC_PER_SEC);
	assert_int_equal(bench_find(bench, "group")->interval, 30 * USEC_PER_SEC);
	assert_int_equal(bench_find(bench, "templates")->interval, 50 * USEC_PER_SEC);
	assert_int_equal(bench_find(bench, "other-order")->interval, 40 * USEC_PER_SEC);
	assert_int_equal(bench_find(bench, "full")->interval, 60 * USEC_PER_SEC);
	assert_int_equal(bench_find(bench, "removed")->interval, 30 * USEC_PER_SEC);
	assert_int_equal(bench_find(bench, "full")->timeout, 5 * USEC_PER_SEC);
}

static void mappings_are_merged_key_by_key(void **state)
{
	struct bench *bench = *state;
	const struct endpoint *full, *removed;
	char *shown;

	bench_load_good(bench, layered);
	full = bench_find(bench, "full");
	assert_string_equal(bench_label(full, "a"), "defaults");
	assert_string_equal(bench_label(full, "b"), "group");
	assert_string_equal(bench_label(full, "c"), "one");
	assert_string_equal(bench_label(full, "d"), "two");
	assert_int_equal(full->terms->confirm.failures, 5);
	assert_int_equal(full->terms->confirm.successes, 4);
	assert_int_equal(full->terms->confirm.every, 3 * USEC_PER_SEC);
	shown = bench_explain(bench, "full", "http.headers.x-layer");
	assert_string_equal(shown, "\"own\" from picket.yaml:20");
	free(shown);
	shown = bench_explain(bench, "full", "http.headers.X-More");
	assert_string_equal(shown, "\"more\" from picket.yaml:6");
	free(shown);
	shown = bench_explain(bench, "templates", "http.method");
	assert_string_equal(shown, "\"POST\" from picket.yaml:14");
	free(shown);

	removed = bench_find(bench, "removed");
	assert_int_equal(removed->labels_count, 3);
	assert_string_equal(bench_label(removed, "a"), "");
	assert_string_equal(bench_label(removed, "c"), "own");
	assert_int_equal(removed->terms->confirm.failures, 3);
	shown = bench_explain(bench, "removed", "http.headers.X-More");
	assert_string_equal(shown, "nothing");
	free(shown);
	shown = bench_explain(bench, "removed", "http.method");
	assert_string_equal(shown, "\"GET\" from built-in");
	free(shown);
}

static void null_goes_back_to_the_built_in_value(void **state)
{
	struct bench *bench = *state;

	bench_load_good(bench, "defaults: { interval: 20s }\n"
			       "endpoints:\n"
			       "  - { name: a, interval: null, http: http://a.example.com/ }\n");
	assert_int_equal(bench_find(bench, "a")->interval, 30 * USEC_PER_SEC);
}

static void expectations_add_up(void **state)
{
	struct bench *bench = *state;

	bench_load_good(
		bench,
		"defaults: { expect: latency < 9s }\n"
		"groups: { web: { warn: latency < 1s } }\n"
		"templates:\n"
		"  t: { expect: [body contains \"ok\"] }\n"
		"  anew: { expect: size > 1KB, expect_inherit: false }\n"
		"endpoints:\n"
		"  - { name: all, group: web, use: t, expect: [status == 200], http: http://a.example.com/ }\n"
		"  - { name: none, group: web, use: t, expect_inherit: false, http: http://a.example.com/ }\n"
		"  - { name: own, use: t, expect_inherit: false, expect: size > 0B, http: http://a.example.com/ }\n"
		"  - { name: from-template, group: web, use: [t, anew], http: http://a.example.com/ }\n"
		"  - { name: taken, use: t, expect: ~, http: http://a.example.com/ }\n"
		"  - { name: class, expect: class == \"connect_refused\", http: http://a.example.com/ }\n");
	assert_lines(bench_find(bench, "all")->expect,
		     LINES("latency < 9s", "body contains \"ok\"", "status == 200"));
	assert_lines(bench_find(bench, "all")->warn, LINES("latency < 1s"));
	/* What the probe expects by itself goes unless something asks for the status. */
	assert_lines(bench_find(bench, "none")->expect, LINES("status in 200..299"));
	assert_null(bench_find(bench, "none")->warn);
	assert_lines(bench_find(bench, "own")->expect, LINES("size > 0B", "status in 200..299"));
	assert_lines(bench_find(bench, "from-template")->expect,
		     LINES("size > 1KB", "status in 200..299"));
	assert_lines(bench_find(bench, "taken")->expect, LINES("status in 200..299"));
	assert_lines(bench_find(bench, "class")->expect,
		     LINES("latency < 9s", "class == \"connect_refused\""));
}

static void equal_expectations_are_compiled_once(void **state)
{
	struct bench *bench = *state;

	bench_load_good(bench,
			"endpoints:\n"
			"  - { name: a, expect: [status == 200], http: http://a.example.com/ }\n"
			"  - { name: b, expect: [status == 200], http: http://a.example.com/ }\n"
			"  - { name: c, expect: [status == 201], http: http://a.example.com/ }\n");
	assert_ptr_equal(bench_find(bench, "a")->expect, bench_find(bench, "b")->expect);
	assert_ptr_not_equal(bench_find(bench, "a")->expect, bench_find(bench, "c")->expect);
}

static void each_makes_an_endpoint_of_every_value(void **state)
{
	struct bench *bench = *state;
	char *shown;

	bench_load_good(bench,
			"templates:\n"
			"  t:\n"
			"    http: { headers: { X-Node: '${each}', X-Braces: '{}' } }\n"
			"    labels: { node: '{}' }\n"
			"    expect: [\"body contains '${each}'\"]\n"
			"endpoints:\n"
			"  - name: node-{}\n"
			"    each: [a.example.com, b.example.com/x]\n"
			"    use: t\n"
			"    http: http://{}/{}\n"
			"  - { name: 'alone-{}', each: c, http: 'http://c.example.com/{}' }\n");
	assert_int_equal(bench->snapshot->endpoints_count, 3);
	assert_string_equal(bench_target(bench, "node-a.example.com"),
			    "http://a.example.com/a.example.com");
	assert_string_equal(bench_target(bench, "alone-c"), "http://c.example.com/c");
	/* What may not be in a name is replaced, in the name only. */
	assert_string_equal(bench_label(bench_find(bench, "node-b.example.com_x"), "node"),
			    "b.example.com/x");
	assert_lines(bench_find(bench, "node-b.example.com_x")->expect,
		     LINES("body contains '${each}'", "status in 200..299"));
	assert_ptr_not_equal(bench_find(bench, "node-b.example.com_x")->expect,
			     bench_find(bench, "node-a.example.com")->expect);
	shown = bench_explain(bench, "node-a.example.com", "http.headers.X-Node");
	assert_string_equal(shown, "\"a.example.com\" from picket.yaml:3");
	free(shown);
	/* {} is for names and targets; a header has it as it stands. */
	shown = bench_explain(bench, "node-a.example.com", "http.headers.X-Braces");
	assert_string_equal(shown, "\"{}\" from picket.yaml:3");
	free(shown);
}

static void a_template_may_leave_the_whole_url_to_each(void **state)
{
	struct bench *bench = *state;

	bench_load_good(bench, "templates: { t: { http: '{}' } }\n"
			       "endpoints:\n"
			       "  - { name: 'a-{}', use: t, each: ['http://a.example.com/'] }\n");
	assert_string_equal(bench->snapshot->endpoints[0]->target, "http://a.example.com/");
	bench_load_bad(bench,
		       "templates: { t: { http: '{}' } }\n"
		       "endpoints: [{ name: a, use: t }]\n",
		       "picket.yaml:1:25: 'url' must begin with http:// or https://, not '{}'");
}

static void braces_mean_nothing_without_each(void **state)
{
	struct bench *bench = *state;

	bench_load_good(bench, "templates: { t: { labels: { a: '{}' } } }\n"
			       "endpoints:\n"
			       "  - { name: a, use: t, http: 'http://a.example.com/{}' }\n");
	assert_string_equal(bench_target(bench, "a"), "http://a.example.com/{}");
	assert_string_equal(bench_label(bench_find(bench, "a"), "a"), "{}");
}

static void anchors_and_merges_work(void **state)
{
	struct bench *bench = *state;

	bench_load_good(bench, "x-one: &one { interval: 40s, timeout: 4s }\n"
			       "x-two: &two { interval: 50s, labels: { a: two } }\n"
			       "x-url: &url http://a.example.com/\n"
			       "endpoints:\n"
			       "  - { <<: *one, name: a, timeout: 3s, http: *url }\n"
			       "  - { name: b, <<: [*two, *one], http: *url }\n");
	assert_int_equal(bench_find(bench, "a")->interval, 40 * USEC_PER_SEC);
	assert_int_equal(bench_find(bench, "a")->timeout, 3 * USEC_PER_SEC);
	assert_int_equal(bench_find(bench, "b")->interval, 50 * USEC_PER_SEC);
	assert_int_equal(bench_find(bench, "b")->timeout, 4 * USEC_PER_SEC);
	assert_string_equal(bench_label(bench_find(bench, "b"), "a"), "two");
}

static void the_digest_sees_every_change_and_nothing_else(void **state)
{
	static const char *const changed[] = {
		"{ name: a, interval: 31s, http: http://a.example.com/ }",
		"{ name: a, timeout: 11s, http: http://a.example.com/ }",
		"{ name: a, enabled: false, http: http://a.example.com/ }",
		"{ name: a, invert: true, http: http://a.example.com/ }",
		"{ name: a, alert_after_first_success: true, http: http://a.example.com/ }",
		"{ name: a, group: web, http: http://a.example.com/ }",
		"{ name: a, labels: { a: b }, http: http://a.example.com/ }",
		"{ name: a, confirm: { failures: 4 }, http: http://a.example.com/ }",
		"{ name: a, expect: status == 200, http: http://a.example.com/ }",
		"{ name: a, warn: status == 200, http: http://a.example.com/ }",
		"{ name: a, http: http://a.example.com/x }",
		"{ name: a, http: { url: http://a.example.com/, method: PUT } }",
		"{ name: a, http: { url: http://a.example.com/, headers: { a: b } } }",
		"{ name: a, http: { url: http://a.example.com/, auth: { bearer: x } } }",
		"{ name: a, http: { url: http://a.example.com/, auth: { bearer: y } } }",
		"{ name: a, http: { url: http://a.example.com/, tls: { verify: false } } }",
	};
	enum { COUNT = sizeof(changed) / sizeof(changed[0]) };
	struct bench *bench = *state;
	uint64_t digests[COUNT + 1];

	bench_load_good(bench, "groups: { web: {} }\n"
			       "endpoints: [{ name: a, http: http://a.example.com/ }]\n");
	digests[COUNT] = bench_find(bench, "a")->digest;
	/* Other words for the same. */
	bench_load_good(bench,
			"defaults: { timeout: 10000ms }\n"
			"endpoints: [{ name: a, http: { url: 'http://a.example.com/' } }]\n");
	assert_true(digests[COUNT] == bench_find(bench, "a")->digest);
	for (unsigned i = 0; i < COUNT; i++) {
		char *text = memory_print("groups: { web: {} }\nendpoints: [%s]\n", changed[i]);

		bench_load_good(bench, text);
		digests[i] = bench_find(bench, "a")->digest;
		free(text);
		for (unsigned k = 0; k < COUNT + 1; k++)
			assert_true((i == k || digests[i] != digests[k]) || k > i);
		assert_true(digests[i] != digests[COUNT]);
	}
}

static void a_disabled_endpoint_is_there_all_the_same(void **state)
{
	struct bench *bench = *state;

	bench_load_good(bench,
			"endpoints: [{ name: a, enabled: false, http: http://a.example.com/ }]\n");
	assert_false(bench_find(bench, "a")->is_enabled);
	assert_false(bench_find(bench, "a")->is_inverted);
}

static void an_endpoint_may_be_good_where_it_does_not_work(void **state)
{
	struct bench *bench = *state;

	bench_load_good(bench, "defaults: { invert: true }\n"
			       "endpoints: [{ name: a, http: http://a.example.com/ },\n"
			       " { name: b, invert: false, http: http://a.example.com/ }]\n");
	assert_true(bench_find(bench, "a")->is_inverted);
	assert_false(bench_find(bench, "b")->is_inverted);
}

static void an_endpoint_is_public_unless_a_layer_says_otherwise(void **state)
{
	struct bench *bench = *state;

	bench_load_good(bench, "groups: { inside: { public: false } }\n"
			       "endpoints: [{ name: a, http: http://a.example.com/ },\n"
			       " { name: b, group: inside, http: http://a.example.com/ },\n"
			       " { name: c, group: inside, public: true,\n"
			       "   http: http://a.example.com/ }]\n");
	assert_true(bench_find(bench, "a")->is_public);
	assert_false(bench_find(bench, "b")->is_public);
	assert_true(bench_find(bench, "c")->is_public);
	/* Or a reload would take them for the same. */
	assert_true(bench_find(bench, "b")->digest != bench_find(bench, "c")->digest);
}

static void too_many_connections_to_one_server_are_warned_of(void **state)
{
	struct bench *bench = *state;
	struct text text = { 0 };

	text_append(&text, "defaults: { interval: 1s, timeout: 1s }\nendpoints:\n");
	for (unsigned i = 0; i < 201; i++)
		text_print(&text, "  - { name: a%u, http: 'http://a.example.com:81/%u' }\n", i, i);
	assert_int_equal(bench_load(bench, text_string(&text)), 0);
	assert_int_equal(complaints_warnings(bench->complaints), 1);
	assert_non_null(strstr(bench->printed, "201 endpoints make 201 connections a second to "
					       "http://a.example.com:81"));
	text_done(&text);
}

static void more_checks_than_permits_can_carry_are_warned_of(void **state)
{
	static const char once[] =
		"endpoints: [{ name: 'e{}', http: 'http://{}.example.com/', interval: 1s, "
		"timeout: 1s, each: [";
	struct bench *bench = *state;
	struct text text = { 0 };

	text_append(&text, once);
	for (unsigned i = 0; i < 11000; i++)
		text_print(&text, "%s%u", i ? "," : "", i);
	text_append(&text, "] }]\n");
	assert_int_equal(bench_load(bench, text_string(&text)), 0);
	assert_int_equal(complaints_warnings(bench->complaints), 1);
	assert_non_null(strstr(bench->printed, "11000 endpoints need 11000 checks a second; with "
					       "500 at once ('max_concurrent') each may take "
					       "45.5ms on average"));
	text_append(&text, "picket: { max_concurrent: 600 }\n");
	assert_int_equal(bench_load(bench, text_string(&text)), 0);
	assert_int_equal(complaints_warnings(bench->complaints), 0);
	text_done(&text);
}

static void urls_make_a_configuration_without_a_file(void **state)
{
	static const char *const urls[] = { "http://a.example.com/x", "https://b.example.com",
					    "http://a.example.com/x", NULL };
	static const char *const bad[] = { "gopher://a.example.com/", "http://", NULL };
	struct bench *bench = *state;
	struct text printed = { 0 };

	bench->complaints = complaints_new();
	assert_int_equal(snapshot_from_urls(urls, bench->complaints, &bench->snapshot), 0);
	assert_int_equal(bench->snapshot->endpoints_count, 3);
	assert_string_equal(bench_target(bench, "http:__a.example.com_x"),
			    "http://a.example.com/x");
	assert_string_equal(bench_target(bench, "http:__a.example.com_x_2"),
			    "http://a.example.com/x");
	snapshot_unref(bench->snapshot);
	bench->snapshot = NULL;
	assert_int_not_equal(snapshot_from_urls(bad, bench->complaints, &bench->snapshot), 0);
	complaints_print(bench->complaints, &printed);
	assert_non_null(strstr(printed.data, "'gopher://a.example.com/' is no URL"));
	assert_non_null(strstr(printed.data, "'url' must be an http or https URL"));
	text_done(&printed);
}

static void a_snapshot_lives_as_long_as_its_references(void **state)
{
	struct bench *bench = *state;
	struct snapshot *snapshot;

	bench_load_good(bench, "endpoints: [{ name: a, http: http://a.example.com/ }]\n");
	snapshot = snapshot_ref(bench->snapshot);
	snapshot_unref(bench->snapshot);
	bench->snapshot = NULL;
	assert_string_equal(snapshot->endpoints[0]->name, "a");
	snapshot_unref(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(a_file_without_endpoints_is_valid),
		BENCH_TEST(settings_are_read),
		BENCH_TEST(endpoints_are_sorted_and_hosts_numbered),
		BENCH_TEST(the_endpoint_counts_more_than_templates_group_and_defaults),
		BENCH_TEST(mappings_are_merged_key_by_key),
		BENCH_TEST(null_goes_back_to_the_built_in_value),
		BENCH_TEST(expectations_add_up),
		BENCH_TEST(equal_expectations_are_compiled_once),
		BENCH_TEST(each_makes_an_endpoint_of_every_value),
		BENCH_TEST(a_template_may_leave_the_whole_url_to_each),
		BENCH_TEST(braces_mean_nothing_without_each),
		BENCH_TEST(anchors_and_merges_work),
		BENCH_TEST(the_digest_sees_every_change_and_nothing_else),
		BENCH_TEST(a_disabled_endpoint_is_there_all_the_same),
		BENCH_TEST(an_endpoint_may_be_good_where_it_does_not_work),
		BENCH_TEST(an_endpoint_is_public_unless_a_layer_says_otherwise),
		BENCH_TEST(too_many_connections_to_one_server_are_warned_of),
		BENCH_TEST(more_checks_than_permits_can_carry_are_warned_of),
		BENCH_TEST(urls_make_a_configuration_without_a_file),
		BENCH_TEST(a_snapshot_lives_as_long_as_its_references),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
