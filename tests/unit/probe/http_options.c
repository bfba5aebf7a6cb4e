/* http_options.c - claims about the values that keys of `http:` may have, and what they
 * lead to.
 */
#include <curl/curl.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/text.h"
#include "option/option.h"
#include "probe/http_checks.h"
#include "probe/http_options.h"
#include "probe/http_url.h"
#include "probe/probe.h"
#include "probe/reach.h"

static void assert_url(const char *text, const char *host, unsigned port, const char *sent)
{
	struct http_url url;
	const char *fault;

	assert_int_equal(http_url_parse(text, &url, &fault), 0);
	assert_string_equal(url.host, host);
	assert_int_equal(url.port, port);
	assert_string_equal(url.text, sent);
	http_url_done(&url);
}

static void urls_are_taken_apart(void **state)
{
	assert_url("http://a.test", "a.test", 80, "http://a.test/");
	assert_url("HTTPS://A.test/x?y#z", "A.test", 443, "https://A.test/x?y");
	assert_url("http://a.test:8080/", "a.test", 8080, "http://a.test:8080/");
	assert_url("http://[2001:db8::1]:81/", "2001:db8::1", 81, "http://[2001:db8::1]:81/");
	assert_url("http://[fe80::1%25eth0]/", "fe80::1%eth0", 80, "http://[fe80::1%25eth0]/");
	assert_url("http://under_score.test./", "under_score.test.", 80,
		   "http://under_score.test./");
	assert_url("http://u:p@a.test/", "a.test", 80, "http://a.test/");
}

static void letters_outside_ascii_in_a_path_are_encoded(void **state)
{
	assert_url("http://a.test/\xc3\xa4", "a.test", 80, "http://a.test/%c3%a4");
}

static void credentials_are_decoded(void **state)
{
	struct http_url url;
	const char *fault;

	assert_int_equal(http_url_parse("http://a%40b:p%3Aq@c.test/", &url, &fault), 0);
	assert_string_equal(url.user, "a@b");
	assert_string_equal(url.password, "p:q");
	http_url_done(&url);
}

static void assert_no_url(const char *text, int error)
{
	struct http_url url = { 0 };
	const char *fault = NULL;

	assert_int_equal(http_url_parse(text, &url, &fault), error);
	assert_non_null(fault);
	assert_null(url.text);
}

static void what_is_no_url_is_refused(void **state)
{
	char long_label[96], long_name[512] = "http://";

	assert_no_url("ftp://a.test/", -EPROTONOSUPPORT);
	assert_no_url("file:///etc/passwd", -EPROTONOSUPPORT);
	assert_no_url("a.test", -EPROTONOSUPPORT);
	assert_no_url("http://", -EINVAL);
	assert_no_url("http:///path", -EINVAL);
	assert_no_url("http://a..test/", -EINVAL);
	assert_no_url("http://a b/", -EINVAL);
	assert_no_url("http://b\xc3\xbc"
		      "cher.test/",
		      -EINVAL);
	assert_no_url("http://a.test/\r\nX: y", -EINVAL);
	assert_no_url("http://a.test:70000/", -EINVAL);
	assert_no_url("http://[::1/", -EINVAL);
	assert_no_url("http://[fe80::1%25eth0@b.test]/", -EINVAL);
	assert_no_url("http://a.test:8x/", -EINVAL);
	(void)snprintf(long_label, sizeof(long_label), "http://a%063d/", 1);
	assert_no_url(long_label, -EINVAL);
	for (unsigned i = 0; i < 26; i++)
		(void)strncat(long_name, "123456789.", sizeof(long_name) - strlen(long_name) - 1);
	assert_no_url(long_name, -EINVAL);
}

static void secrets_in_a_url_are_not_shown(void **state)
{
	static const char *const cases[][2] = {
		{ "http://u:p@a.test/x", "http://***@a.test/x" },
		{ "http://a.test/?access_token=1&b=2", "http://a.test/?access_token=***&b=2" },
		{ "http://a.test/?a=1&X-Sig=9", "http://a.test/?a=1&X-Sig=***" },
		{ "http://a.test/p@q?x=@", "http://a.test/p@q?x=@" },
		{ "http://a.test/?", "http://a.test/?" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct text text = { 0 };

		http_url_show(&text, cases[i][0]);
		assert_string_equal(text_string(&text), cases[i][1]);
		text_done(&text);
	}
}

static void assert_checks(option_check *check, const char *const *good, const char *const *bad)
{
	for (; *good; good++) {
		struct text wanted = { 0 };

		if (!check(*good, strlen(*good), &wanted))
			fail_msg("'%s' is refused: %s", *good, text_string(&wanted));
		text_done(&wanted);
	}
	for (; *bad; bad++) {
		struct text wanted = { 0 };

		if (check(*bad, strlen(*bad), &wanted))
			fail_msg("'%s' is accepted", *bad);
		assert_int_equal(strncmp(text_string(&wanted), "must ", 5), 0);
		text_done(&wanted);
	}
}

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void values_that_cannot_be_are_refused(void **state)
{
	assert_checks(http_check_url, LIST("http://a/", "https://a.test:1/?"),
		      LIST("", "a.test", "http://a b/", "ftp://a/"));
	assert_checks(http_check_proxy,
		      LIST("http://a:1", "https://a", "socks4a://a:1", "socks5h://u:p@a:1"),
		      LIST("", "a:1", "socks5://a:1", "socks4://a:1", "socks5h://a..b:1"));
	assert_checks(http_check_method, LIST("GET", "PROPFIND", "x-y"),
		      LIST("", "GE T", "CONNECT", "TRACE", "GET\r\n", "G\xc3\xa4"));
	assert_checks(http_check_header_name, LIST("X-A", "Host", "a_b"),
		      LIST("", "X A", "X:", "Content-Length", "transfer-encoding", "X\n"));
	assert_checks(http_check_line, LIST("", "a\tb", "\xc3\xa4"),
		      LIST("a\r", "a\nb", "\x01", "\x7f"));
	assert_checks(reach_check_resolver, LIST("192.0.2.1", "192.0.2.1:53", "::1", "[::1]:53"),
		      LIST("", "a.test", "a.test:53", "192.0.2.1:0", "192.0.2.1:65536"));
	assert_checks(reach_check_source, LIST("192.0.2.1", "::1", "eth0", "wg-1.2"),
		      LIST("", "a/b", "a b", "sixteen_letters_"));
	assert_checks(reach_check_address, LIST("a:1", "192.0.2.1:65535", "[::1]:1"),
		      LIST("", "a", ":1", "a:", "a:0", "a:65536", "a:1x", "::1:1", "[::1]", "[x]:1",
			   "a b:1"));
}

/* Built-in values, prepared; how many complaints there were. */
static size_t prepare(struct http_options *options, struct arena *arena)
{
	struct complaints *complaints = complaints_new();
	const struct option_places places = { 0 };
	size_t faults;

	http_table.examine(options, complaints, &places);
	if (options->auth)
		http_auth_table.examine(options->auth, complaints, &places);
	if (options->proxy)
		http_proxy_table.examine(options->proxy, complaints, &places);
	tls_table.examine(&options->tls, complaints, &places);
	http_options_prepare(options, arena, complaints, &places);
	faults = complaints_faults(complaints);
	complaints_free(complaints);
	return faults;
}

static struct http_options *defaults(struct arena *arena, const char *url)
{
	struct http_options *options = arena_take(arena, sizeof(*options));

	option_fill(&http_table, options, arena);
	options->url_text = url;
	return options;
}

static void the_built_in_values_are_those_of_the_manual(void **state)
{
	struct arena *arena = arena_new();
	struct http_options *options = defaults(arena, "http://a.test/");

	assert_string_equal(options->method, "GET");
	assert_int_equal(options->ip, HTTP_IP_ANY);
	assert_true(options->redirects.follow);
	assert_int_equal(options->redirects.max, 5);
	assert_false(options->redirects.to_private);
	assert_true(options->cookies);
	assert_int_equal(options->version, HTTP_ANY);
	assert_false(options->compressed);
	assert_int_equal(options->connection, HTTP_FRESH);
	assert_true(options->tls.verify);
	assert_int_equal(options->tls.min_version, TLS_1_2);
	assert_int_equal(prepare(options, arena), 0);
	arena_free(arena);
}

static void keys_that_exclude_each_other_are_faults(void **state)
{
	const struct http_basic basic = { "u", "p" };
	const struct http_auth two = { .bearer = "x", .basic = &basic };
	const struct http_auth one = { .bearer = "x" };
	const struct http_proxy proxy = { .url = "http://p.test:1" };
	const struct http_proxy half = { .url = "http://p.test:1", .password = "x" };
	struct arena *arena = arena_new();
	struct http_options *options = defaults(arena, "http://a.test/");

	options->auth = &two;
	assert_int_equal(prepare(options, arena), 1);
	options = defaults(arena, "http://u:p@a.test/");
	options->auth = &one;
	assert_int_equal(prepare(options, arena), 1);
	options = defaults(arena, "http://a.test/");
	options->body_text = "x";
	options->body_file = "/dev/null";
	assert_true(prepare(options, arena) >= 1);
	options = defaults(arena, "http://a.test/");
	options->method = "HEAD";
	options->body_text = "x";
	assert_int_equal(prepare(options, arena), 1);
	options = defaults(arena, "http://a.test/");
	options->proxy = &proxy;
	options->connection = HTTP_REUSE;
	assert_int_equal(prepare(options, arena), 1);
	options = defaults(arena, "http://a.test/");
	options->proxy = &half;
	assert_int_equal(prepare(options, arena), 1);
	options = defaults(arena, "http://a.test/");
	options->tls.cert = "/c";
	assert_int_equal(prepare(options, arena), 1);
	options = defaults(arena, "http://a.test/");
	options->tls.min_version = TLS_1_3;
	options->tls.max_version = TLS_1_2;
	assert_int_equal(prepare(options, arena), 1);
	arena_free(arena);
}

static void a_body_comes_from_a_file_at_load(void **state)
{
	char path[] = "/tmp/picket-test-XXXXXX";
	const int fd = mkstemp(path);
	struct arena *arena = arena_new();
	struct http_options *options = defaults(arena, "http://a.test/");

	assert_int_equal(write(fd, "a\0b", 3), 3);
	(void)close(fd);
	options->body_file = path;
	options->method = "POST";
	assert_int_equal(prepare(options, arena), 0);
	(void)unlink(path);
	assert_int_equal(options->body_len, 3);
	assert_memory_equal(options->body, "a\0b", 3);

	options = defaults(arena, "http://a.test/");
	options->body_file = path;
	assert_int_equal(prepare(options, arena), 1);
	arena_free(arena);
}

static void the_host_is_what_is_counted_and_the_target_what_is_shown(void **state)
{
	const struct probe_type *type = probe_type_find("http");
	struct arena *arena = arena_new();
	struct http_options *options = defaults(arena, "http://u:p@A.Test:81/x");
	char *text;

	assert_int_equal(prepare(options, arena), 0);
	text = type->host(options);
	assert_string_equal(text, "a.test");
	free(text);
	text = type->target(options);
	assert_string_equal(text, "http://***@A.Test:81/x");
	free(text);
	assert_null(probe_type_find("no such probe"));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls_are_taken_apart),
		cmocka_unit_test(letters_outside_ascii_in_a_path_are_encoded),
		cmocka_unit_test(credentials_are_decoded),
		cmocka_unit_test(what_is_no_url_is_refused),
		cmocka_unit_test(secrets_in_a_url_are_not_shown),
		cmocka_unit_test(values_that_cannot_be_are_refused),
		cmocka_unit_test(the_built_in_values_are_those_of_the_manual),
		cmocka_unit_test(keys_that_exclude_each_other_are_faults),
		cmocka_unit_test(a_body_comes_from_a_file_at_load),
		cmocka_unit_test(the_host_is_what_is_counted_and_the_target_what_is_shown),
	};

	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
