/* secrets.c - what comes from outside, or opens something, is used and never shown. */
#include <sys/stat.h>

#include "bench.h"
#include "model/maintenance.h"

static void references_are_resolved_and_hidden(void **state)
{
	struct bench *bench = *state;
	const struct endpoint *endpoint;
	char *shown;

	bench_write("credentials/token", "s3cret\n");
	bench_write("key", "fromfile");
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", "credentials", 1), 0);
	assert_int_equal(setenv("PICKET_TEST_HOST", "env.example.com", 1), 0);
	bench_load_good(bench,
			"endpoints:\n"
			"  - name: a\n"
			"    labels: { where: '${env:PICKET_TEST_HOST}' }\n"
			"    http:\n"
			"      url: http://${env:PICKET_TEST_HOST}/$${x}/$y\n"
			"      headers: { A: 'Bearer ${credential:token}', B: '${file:key}x' }\n"
			"      auth: { basic: { user: ada, password: literal } }\n");
	endpoint = bench_find(bench, "a");
	assert_string_equal(endpoint->target, "http://***/${x}/$y");
	assert_string_equal(endpoint->host, "env.example.com");
	assert_string_equal(bench_label(endpoint, "where"), "***");
	for (unsigned i = 0; i < 5; i++) {
		static const char *const secrets[] = { "env.example.com", "s3cret", "fromfile",
						       "literal", "YWRhOmxpdGVyYWw=" };
		unsigned k = 0;

		while (endpoint->secrets[k] && strcmp(endpoint->secrets[k], secrets[i]) != 0)
			k++;
		assert_non_null(endpoint->secrets[k]);
	}
	assert_null(endpoint->secrets[5]);
	shown = bench_explain(bench, "a", "http.headers.A");
	assert_string_equal(shown, "\"***\" from picket.yaml:6");
	free(shown);
	shown = bench_explain(bench, "a", "http.auth.basic.password");
	assert_string_equal(shown, "\"***\" from picket.yaml:7");
	free(shown);
	shown = bench_explain(bench, "a", "http.url");
	assert_string_equal(shown, "\"***\" from picket.yaml:5");
	free(shown);
}

static void names_may_come_from_references(void **state)
{
	struct bench *bench = *state;
	const struct endpoint *endpoint;

	assert_int_equal(setenv("PICKET_TEST_GROUP", "web", 1), 0);
	assert_int_equal(setenv("PICKET_TEST_OTHER", "other", 1), 0);
	assert_int_equal(setenv("PICKET_TEST_AT", "Sun 02:00", 1), 0);
	bench_load_good(bench, "picket: { online_if: '${env:PICKET_TEST_OTHER}' }\n"
			       "groups: { web: { labels: { of: group } } }\n"
			       "templates: { other: { timeout: 7s } }\n"
			       "receivers: { x-other: { journal: {} } }\n"
			       "endpoints:\n"
			       "  - name: other\n"
			       "    http: http://a.example.com/\n"
			       "  - name: a\n"
			       "    group: ${env:PICKET_TEST_GROUP}\n"
			       "    use: ['${env:PICKET_TEST_OTHER}']\n"
			       "    notify: 'x-${env:PICKET_TEST_OTHER}'\n"
			       "    depends_on: '${env:PICKET_TEST_OTHER}'\n"
			       "    maintenance: [{ at: '${env:PICKET_TEST_AT}', for: 1h }]\n"
			       "    http: http://b.example.com/\n"
			       "  - name: q\n"
			       "    quorum: { members: ['${env:PICKET_TEST_OTHER}'], need: 1 }\n"
			       "  - name: 'on-{}'\n"
			       "    each: [other]\n"
			       "    depends_on: '${each}'\n"
			       "    heartbeat: { calendar: '${env:PICKET_TEST_AT}' }\n");
	assert_string_equal(bench->snapshot->settings.online_if[0], "other");
	endpoint = bench_find(bench, "a");
	assert_string_equal(endpoint->group->name, "web");
	assert_string_equal(bench_label(endpoint, "of"), "group");
	assert_int_equal(endpoint->timeout, 7 * USEC_PER_SEC);
	assert_string_equal(endpoint->notify[0], "x-other");
	assert_string_equal(endpoint->depends_on[0], "other");
	assert_int_equal(endpoint->maintenance->windows[0].at.minutes, 1);
	assert_string_equal(endpoint->maintenance->windows[0].text, "***");
	assert_string_equal(bench_find(bench, "q")->members[0], "other");
	assert_string_equal(bench_find(bench, "on-other")->depends_on[0], "other");
	assert_true(bench_find(bench, "other")->is_parent);
	assert_null(strstr(bench_find(bench, "on-other")->target, "Sun"));
}

static void what_is_no_reference_stands_for_itself(void **state)
{
	struct bench *bench = *state;
	static const char text[] = "endpoints:\n"
				   "  - name: a\n"
				   "    http: http://a.example.com/\n"
				   "    labels: { x: '${foo}${} ${ $${env:X} $ ${evn:X}' }\n";

	assert_int_equal(bench_load(bench, text), 0);
	assert_non_null(bench->snapshot);
	assert_string_equal(bench_label(bench_find(bench, "a"), "x"),
			    "${foo}${} ${ ${env:X} $ ${evn:X}");
	assert_int_equal(complaints_warnings(bench->complaints), 4);
	assert_non_null(strstr(bench->printed,
			       "picket.yaml:4:19: warning: ${foo} is taken as it "
			       "stands, since it is no reference; references are "));
	assert_non_null(strstr(bench->printed, "write $${evn:X} if it is meant so"));
}

static void passwords_in_urls_are_secrets(void **state)
{
	struct bench *bench = *state;
	char *shown;

	bench_load_good(bench, "endpoints:\n"
			       "  - { name: a, http: 'http://ada:love@a.example.com/' }\n");
	assert_string_equal(bench_find(bench, "a")->secrets[0], "love");
	assert_string_equal(bench_find(bench, "a")->secrets[1], "YWRhOmxvdmU=");
	assert_null(strstr(bench_target(bench, "a"), "love"));
	shown = bench_explain(bench, "a", "http.url");
	assert_null(strstr(shown, "love"));
	free(shown);
}

static void secrets_in_readable_files_are_warned_of_once(void **state)
{
	struct bench *bench = *state;
	static const char text[] =
		"endpoints:\n"
		"  - { name: a, http: { url: http://a.example.com/, auth: { bearer: x } } }\n"
		"  - { name: b, http: { url: http://a.example.com/, auth: { bearer: y } } }\n";

	bench_load_good(bench, text);
	assert_int_equal(chmod("picket.yaml", 0644), 0);
	assert_int_equal(bench_load(bench, NULL), 0);
	assert_int_equal(complaints_warnings(bench->complaints), 1);
	assert_non_null(strstr(bench->printed, "picket.yaml:2:68: warning: a secret stands here"));
	assert_non_null(bench->snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(references_are_resolved_and_hidden),
		BENCH_TEST(names_may_come_from_references),
		BENCH_TEST(what_is_no_reference_stands_for_itself),
		BENCH_TEST(passwords_in_urls_are_secrets),
		BENCH_TEST(secrets_in_readable_files_are_warned_of_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
