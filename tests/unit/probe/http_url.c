/* http_url.c - what is read without libcurl is what libcurl reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <curl/curl.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "probe/http_url.h"

enum { ROUNDS = 30000 };

static uint64_t dice = 0x9e3779b97f4a7c15u;

static unsigned throw(unsigned sides)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (unsigned)(dice % sides);
}

static char *get(CURLU *parsed, CURLUPart what, unsigned flags)
{
	char *value = NULL;

	assert_int_equal(curl_url_get(parsed, what, &value, flags), CURLUE_OK);
	return value;
}

static void assert_curl_agrees(const char *text, const struct http_url *url)
{
	CURLU *parsed = curl_url();
	char *host, *port, *whole, *scheme;

	assert_int_equal(curl_url_set(parsed, CURLUPART_URL, text, CURLU_URLENCODE), CURLUE_OK);
	host = get(parsed, CURLUPART_HOST, 0);
	port = get(parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT);
	whole = get(parsed, CURLUPART_URL, 0);
	scheme = get(parsed, CURLUPART_SCHEME, 0);
	assert_string_equal(url->host, host);
	assert_int_equal(url->port, strtol(port, NULL, 10));
	assert_string_equal(url->text, whole);
	assert_string_equal(url->text, text);
	assert_string_equal(scheme, url->is_https ? "https" : "http");
	assert_null(url->user);
	assert_null(url->password);
	curl_free(host);
	curl_free(port);
	curl_free(whole);
	curl_free(scheme);
	curl_url_cleanup(parsed);
}

/* Pieces of which some are plain, some are not, and some only look as if they were. */
static const char *piece(unsigned kind)
{
	static const char *const schemes[] = { "http://", "https://", "HTTP://", "ftp://",
					       "http:/" };
	static const char *const hosts[] = {
		"a",	      "shop.example.com",
		"127.1.2.3",  "127.1",
		"0x7f.1",     "0x7f000001",
		"127.0.0.01", "300.1.1.1",
		"1.2.3.4.5",  "2130706433",
		"A.example",  "a.",
		"a..b",	      "-",
		"_a",	      "xn--a",
		"[::1]",      "u:p@a",
		"1a.example", "1",
		"09.1.1.1",   "",
	};
	static const char *const ports[] = { "",     "",       ":80",	 ":443", ":8080",  ":0",
					     ":080", ":65535", ":65536", ":",	 ":99999", ":1x" };
	static const char *const paths[] = {
		"",    "/",	"/health", "/a/../b", "/./a", "/a/.", "/a/..", "/.well-known/x",
		"//",  "/a//b", "/a?b=c",  "/?",      "/a#b", "/%41", "/a b",  "/A~_-.",
		"/a.", "/a..b", "/...",	   "?a",      "#a",
	};

	switch (kind) {
	case 0:
		return schemes[throw(sizeof(schemes) / sizeof(*schemes))];
	case 1:
		return hosts[throw(sizeof(hosts) / sizeof(*hosts))];
	case 2:
		return ports[throw(sizeof(ports) / sizeof(*ports))];
	default:
		return paths[throw(sizeof(paths) / sizeof(*paths))];
	}
}

static void what_is_plain_means_to_libcurl_what_it_says(void **state)
{
	unsigned plain = 0;

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		cleanup(text)
		struct text text = { 0 };
		cleanup(http_url)
		struct http_url url = { 0 };

		for (unsigned kind = 0; kind < 4; kind++)
			text_append(&text, piece(kind));
		for (unsigned k = throw(4); text.len && k == 0; k++)
			text.data[throw((unsigned)text.len)] = (char)(' ' + throw(95));
		if (!http_url_is_plain(text_string(&text), &url))
			continue;
		plain++;
		assert_curl_agrees(text_string(&text), &url);
	}
	assert_true(plain > ROUNDS / 100);
}

static void most_that_people_write_is_plain(void **state)
{
	static const char *const urls[] = {
		"http://shop.example.com/",
		"https://shop.example.com:8443/health",
		"http://127.1.2.3:80/a/b-c_d.e~f",
		"http://db-1/",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		assert_true(http_url_is_plain(urls[i], NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_plain_means_to_libcurl_what_it_says),
		cmocka_unit_test(most_that_people_write_is_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
