/* secrets.c - what comes from outside, or opens something, is used and never shown. */
#include <sys/stat.h>

#include "bench.h"

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
		BENCH_TEST(passwords_in_urls_are_secrets),
		BENCH_TEST(secrets_in_readable_files_are_warned_of_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
