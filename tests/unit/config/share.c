/* share.c - options that endpoints have alike are kept once, and nobody gets another's. */
#include <stdio.h>

#include "base/memory.h"
#include "bench.h"

static void assert_explained(const struct bench *bench, const char *name, const char *key,
			     const char *wanted)
{
	char *shown = bench_explain(bench, name, key);

	assert_string_equal(shown, wanted);
	free(shown);
}

static const void *options_of(const struct bench *bench, const char *name)
{
	return bench_find(bench, name)->options;
}

static void what_says_the_same_is_kept_once(void **state)
{
	struct bench *bench = *state;

	bench_load_good(bench,
			"defaults: { http: { headers: { Accept: text/plain } } }\n"
			"templates: { t: { http: { method: HEAD } } }\n"
			"endpoints:\n"
			"  - { name: a, http: http://a.example.com/ }\n"
			"  - { name: b, http: { url: http://b.example.com/, method: GET } }\n"
			"  - { name: c, use: t, http: http://c.example.com/ }\n"
			"  - { name: d, http: { url: http://d.example.com/, method: HEAD } }\n"
			"  - { name: 'e {}', each: [x, y], http: 'http://{}.example.com/' }\n");
	assert_ptr_equal(options_of(bench, "a"), options_of(bench, "b"));
	assert_ptr_equal(options_of(bench, "c"), options_of(bench, "d"));
	assert_ptr_not_equal(options_of(bench, "a"), options_of(bench, "c"));
	assert_ptr_equal(options_of(bench, "e x"), options_of(bench, "e y"));
	assert_ptr_equal(options_of(bench, "e x"), options_of(bench, "a"));
	assert_explained(bench, "a", "http.url", "\"http://a.example.com/\" from picket.yaml:4");
	assert_explained(bench, "b", "http.url", "\"http://b.example.com/\" from picket.yaml:5");
	assert_explained(bench, "c", "http.method", "\"HEAD\" from picket.yaml:2");
	assert_explained(bench, "d", "http.method", "\"HEAD\" from picket.yaml:7");
	assert_string_equal(bench_target(bench, "e y"), "http://y.example.com/");
}

static void what_endpoints_agree_on_is_kept_once(void **state)
{
	struct bench *bench = *state;
	const struct endpoint *a, *b, *c, *d, *e;

	bench_load_good(bench, "defaults: { slo: 99.9, confirm: { failures: 4 } }\n"
			       "endpoints:\n"
			       "  - { name: a, http: http://a.test/ }\n"
			       "  - { name: b, http: http://b.test/, confirm: { failures: 5 } }\n"
			       "  - { name: c, http: http://c.test/, slo: '99.90' }\n"
			       "  - { name: d, http: http://d.test/ }\n"
			       "  - { name: e, http: http://e.test/, slo: { window: 7d } }\n");
	a = bench_find(bench, "a");
	b = bench_find(bench, "b");
	c = bench_find(bench, "c");
	d = bench_find(bench, "d");
	e = bench_find(bench, "e");
	assert_ptr_equal(a->terms, d->terms);
	assert_int_equal(a->terms->confirm.failures, 4);
	assert_int_equal(b->terms->confirm.failures, 5);
	assert_string_equal(c->terms->slo.text, "99.90");
	assert_true(c->terms->slo.target > 0.9989 && c->terms->slo.target < 0.9991);
	assert_string_equal(d->terms->slo.text, "99.9");
	assert_true(e->terms->slo.window == 7 * USEC_PER_DAY);
	assert_true(a->terms->slo.window == 30 * USEC_PER_DAY);
}

/* Each with its line in the file; where two are alike they stand in one row. */
static void what_differs_in_anything_stays_apart(void **state)
{
	static const char *const ways[] = {
		"",
		", method: POST",
		", method: POST, body: one",
		", method: POST, body: two",
		", headers: { Accept: a }",
		", headers: { Accept: b }",
		", headers: { Accept: a, X-Other: a }",
		/* Where it came from a reference it may not go abroad. */
		", headers: { Accept: '${env:PICKET_SHARE_TEST}' }",
		", tls: { verify: false }",
		", tls: { server_name: a.example.com }",
		", redirects: { follow: false }",
		", auth: { basic: { user: u, password: p } }",
		", auth: { basic: { user: u, password: q } }",
		", auth: { bearer: p }",
		", proxy: { url: 'http://proxy.example.com:1/' }",
		", connect_to: 'b.example.com:1'",
		", connection: reuse",
		", body_limit: 1KiB",
		", compressed: true",
		", cookies: false",
		", resolver: 192.0.2.53",
		", ip: 6",
		", http_version: '1.1'",
	};
	enum { WAYS = sizeof(ways) / sizeof(ways[0]) };
	struct bench *bench = *state;
	struct text yaml = { 0 };
	char name[16], twin[16];

	assert_int_equal(setenv("PICKET_SHARE_TEST", "a", 1), 0);
	text_append(&yaml, "endpoints:\n");
	for (unsigned round = 0; round < 2; round++)
		for (unsigned i = 0; i < WAYS; i++)
			text_print(
				&yaml,
				"  - { name: e%u.%u, http: { url: 'https://h%u%u.example.com/'%s } }\n",
				round, i, round, i, ways[i]);
	bench_load_good(bench, text_string(&yaml));
	text_done(&yaml);
	for (unsigned i = 0; i < WAYS; i++) {
		(void)snprintf(name, sizeof(name), "e0.%u", i);
		(void)snprintf(twin, sizeof(twin), "e1.%u", i);
		assert_ptr_equal(options_of(bench, name), options_of(bench, twin));
		for (unsigned k = 0; k < WAYS; k++) {
			(void)snprintf(twin, sizeof(twin), "e1.%u", k);
			assert_true((options_of(bench, name) == options_of(bench, twin)) ==
				    (i == k));
		}
	}
	assert_explained(bench, "e1.3", "http.body", "\"two\" from picket.yaml:28");
	assert_explained(bench, "e0.4", "http.headers.Accept", "\"a\" from picket.yaml:6");
	assert_explained(bench, "e1.5", "http.headers.Accept", "\"b\" from picket.yaml:30");
	assert_explained(bench, "e1.7", "http.headers.Accept", "\"***\" from picket.yaml:32");
	assert_string_equal(bench_target(bench, "e1.12"), "https://h112.example.com/");
}

/* Probes that share nothing are made one after the other in the same memory. */
static void what_is_not_shared_is_each_ones_own(void **state)
{
	struct bench *bench = *state;

	bench_load_good(bench,
			"defaults: { tcp: { starttls: smtp } }\n"
			"endpoints:\n"
			"  - { name: a, tcp: 'a.example.com:1' }\n"
			"  - { name: b, tcp: { address: 'b.example.com:2', starttls: imap } }\n"
			"  - { name: c, dns: c.example.com }\n"
			"  - { name: d, dns: { query: d.example.com, type: MX } }\n"
			"  - { name: e, tcp: 'e.example.com:3' }\n"
			"  - { name: f, dns: f.example.com }\n");
	assert_explained(bench, "a", "tcp.starttls", "\"smtp\" from picket.yaml:1");
	assert_explained(bench, "b", "tcp.starttls", "\"imap\" from picket.yaml:4");
	assert_explained(bench, "e", "tcp.starttls", "\"smtp\" from picket.yaml:1");
	assert_explained(bench, "a", "tcp.address", "\"a.example.com:1\" from picket.yaml:3");
	assert_explained(bench, "e", "tcp.address", "\"e.example.com:3\" from picket.yaml:7");
	assert_explained(bench, "c", "dns.query", "\"c.example.com\" from picket.yaml:5");
	assert_explained(bench, "d", "dns.type", "\"MX\" from picket.yaml:6");
	assert_explained(bench, "f", "dns.type", "\"A\" from built-in");
}

static unsigned count_faults(const struct bench *bench, const char *words)
{
	unsigned count = 0;

	for (const char *at = bench->printed; (at = strstr(at, words)); at++)
		count++;
	return count;
}

static void who_shares_a_fault_is_told_each(void **state)
{
	struct bench *bench = *state;

	assert_int_not_equal(
		bench_load(
			bench,
			"endpoints:\n"
			"  - { name: a, http: { url: http://a.test/, body_file: /nowhere/at/all } }\n"
			"  - { name: b, http: { url: http://b.test/, body_file: /nowhere/at/all } }\n"),
		0);
	assert_int_equal(count_faults(bench, "/nowhere/at/all: "), 2);
}

static void a_user_in_one_url_is_no_fault_of_another(void **state)
{
	struct bench *bench = *state;

	assert_int_not_equal(bench_load(bench, "defaults: { http: { auth: { bearer: secret } } }\n"
					       "endpoints:\n"
					       "  - { name: a, http: http://a.test/ }\n"
					       "  - { name: b, http: http://u:p@b.test/ }\n"
					       "  - { name: c, http: http://c.test/ }\n"),
			     0);
	assert_int_equal(count_faults(bench, "exclude each other"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(what_says_the_same_is_kept_once),
		BENCH_TEST(what_endpoints_agree_on_is_kept_once),
		BENCH_TEST(what_differs_in_anything_stays_apart),
		BENCH_TEST(what_is_not_shared_is_each_ones_own),
		BENCH_TEST(who_shares_a_fault_is_told_each),
		BENCH_TEST(a_user_in_one_url_is_no_fault_of_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
