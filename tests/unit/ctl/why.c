/* why.c - what evidence looks like on a terminal of 80 columns. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "base/text.h"
#include "base/utf8.h"
#include "ctl/why.h"

static const char failed[] =
	"{\"name\":\"a\",\"target\":\"http://a/\",\"state\":\"down\",\"evidence\":{"
	"\"at\":\"2023-11-14T22:15:00.000Z\",\"verdict\":\"fail\",\"class\":\"expectation\","
	"\"phase\":\"judge\",\"reason\":\"status is 500, and a good deal more that is so long "
	"that it does not fit into one line of eighty\",\"latency\":0.4,"
	"\"address\":\"192.0.2.7:80\","
	"\"expectations\":[{\"holds\":true,\"line\":\"latency < 1s\",\"value\":"
	"\"latency is 400ms\",\"severity\":\"expect\"},{\"holds\":false,\"line\":"
	"\"status == 200\",\"value\":\"status is 500\",\"severity\":\"expect\"}],"
	"\"hops\":[{\"url\":\"https://a/\",\"status\":302,\"address\":\"192.0.2.7:443\","
	"\"phases\":{\"connect\":0.1}},{\"url\":\"http://a/x\",\"status\":500,"
	"\"is_downgrade\":true,\"addresses\":[{\"address\":\"[2001:db8::7]:80\",\"outcome\":"
	"\"connect_refused\",\"after\":0,\"took\":0.001},{\"address\":\"192.0.2.7:80\","
	"\"outcome\":\"connected\",\"after\":0.001,\"took\":0.1}],\"phases\":{"
	"\"first_byte\":0.2,\"transfer\":0.1}}],"
	"\"others\":[{\"verdict\":\"pass\",\"address\":\"192.0.2.8:80\",\"latency\":0.3}],"
	"\"request\":[\"GET /x HTTP/1.1\"],\"headers\":[\"X: y\\u001b\"],\"size\":9,"
	"\"body\":\"one\\r\\ntwo\\u0007\"}}";

static const char shown_failed[] =
	"✗ down  a  http://a/\n"
	"\n"
	"The last failure, 2023-11-14T22:15:00.000Z (5s ago):\n"
	"  expectation (judge): status is 500, and a good deal more that is so long that\n"
	"    it does not fit into one line of eighty\n"
	"  after 400ms, at 192.0.2.7:80\n"
	"\n"
	"  expectations\n"
	"    ✓ expect: latency < 1s\n"
	"        latency is 400ms\n"
	"    ✗ expect: status == 200\n"
	"        status is 500\n"
	"\n"
	"  hop 1  https://a/  status 302  at 192.0.2.7:443\n"
	"    connect     ██████████······························  100ms\n"
	"\n"
	"  hop 2  http://a/x  status 500\n"
	"    a redirect led here from https to http, in the clear\n"
	"    first_byte  ··········████████████████████··········  200ms\n"
	"    transfer    ······························██████████  100ms\n"
	"    addresses   [2001:db8::7]:80  connect_refused after 1.00ms\n"
	"                192.0.2.7:80  connected after 100ms\n"
	"\n"
	"  other addresses\n"
	"    ✓ 192.0.2.8:80  pass after 300ms\n"
	"\n"
	"  request\n"
	"    GET /x HTTP/1.1\n"
	"\n"
	"  headers\n"
	"    X: y\\x1b\n"
	"\n"
	"  body, 9 bytes\n"
	"    one\n"
	"    two\\x07\n";

#define CERTIFICATE(subject, fingerprint)                                                          \
	"{\"subject\":\"" subject "\",\"issuer\":\"CN=authority\",\"serial\":\"2711\","            \
	"\"fingerprint\":\"" fingerprint "\",\"spki\":\"c3BraQ==\",\"names\":[\"a.test\","         \
	"\"b.test\"],\"not_before\":\"2023-10-14T22:15:05.000Z\","                                 \
	"\"not_after\":\"2023-11-24T22:15:05.000Z\"}"
#define OLD "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define NEW "f123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char secure[] =
	"{\"name\":\"s\",\"target\":\"https://s/\",\"state\":\"up\",\"evidence\":{"
	"\"at\":\"2023-11-14T22:14:05.000Z\",\"verdict\":\"fail\",\"class\":\"tls_untrusted\","
	"\"phase\":\"tls\",\"reason\":\"nobody\",\"latency\":0.02,\"phases\":{\"tls\":0.02},"
	"\"expectations\":[],\"tls\":{\"version\":1.3,\"cipher\":\"TLS_AES_256_GCM_SHA384\","
	"\"staple\":\"absent\",\"chain\":[" CERTIFICATE(
		"CN=s",
		OLD) "]}},\"evidence_success\":{"
		     "\"at\":\"2023-11-14T22:15:00.000Z\",\"verdict\":\"pass\",\"latency\":0.01,"
		     "\"phases\":{\"tls\":0.01},\"tls\":{\"chain\":[" CERTIFICATE("CN=new",
										  NEW) "]}}}";

static const char shown_secure[] =
	"✓ up  s  https://s/\n"
	"\n"
	"The last failure, 2023-11-14T22:14:05.000Z (1m ago):\n"
	"  tls_untrusted (tls): nobody\n"
	"  after 20.0ms\n"
	"\n"
	"    tls         ████████████████████████████████████████  20.0ms\n"
	"\n"
	"  TLS 1.3  TLS_AES_256_GCM_SHA384  OCSP staple absent\n"
	"    certificate 1, the server's own\n"
	"      subject      CN=s\n"
	"      names        a.test, b.test\n"
	"      issued by    CN=authority\n"
	"      valid from   2023-10-14T22:15:05.000Z (31d ago)\n"
	"      valid until  2023-11-24T22:15:05.000Z (in 10d)\n"
	"      serial       2711\n"
	"      SHA-256   " OLD "\n"
	"      SPKI         c3BraQ==\n"
	"\n"
	"The last success, 2023-11-14T22:15:00.000Z (5s ago):\n"
	"  after 10.0ms\n"
	"\n"
	"    tls         ████████████████████████████████████████  10.0ms\n"
	"\n"
	"  TLS\n"
	"    certificate 1, the server's own\n"
	"      subject      CN=new\n";

static struct text shown(const char *endpoint, size_t width)
{
	/* 2023-11-14T22:15:05Z */
	const struct why_look look = { .has_utf8 = true,
				       .width = width,
				       .now_wall = 1700000105 * USEC_PER_SEC };
	json_t *json = json_loads(endpoint, 0, NULL);
	struct text text = { 0 };

	assert_non_null(json);
	why_print(&text, json, &look);
	json_decref(json);
	return text;
}

static void a_failure_is_told_from_its_reason_to_its_body(void **state)
{
	struct text text = shown(failed, 80);

	(void)state;
	assert_string_equal(text.data, shown_failed);
	text_done(&text);
}

static void a_certificate_has_its_dates_and_a_success_what_is_new(void **state)
{
	struct text text = shown(secure, 80);

	(void)state;
	/* As far as it is written above. */
	text.data[strlen(shown_secure)] = '\0';
	assert_string_equal(text.data, shown_secure);
	text_done(&text);
}

static void nothing_is_wider_than_the_terminal(void **state)
{
	static const char *const endpoints[] = { failed, secure };

	(void)state;
	for (size_t width = 40; width <= 100; width += 20) {
		for (size_t i = 0; i < 2; i++) {
			struct text text = shown(endpoints[i], width);
			char *rest = text.data, *line;

			while ((line = strsep(&rest, "\n")))
				assert_true(utf8_count(line, strlen(line)) <= width);
			text_done(&text);
		}
	}
}

static void what_never_failed_says_so(void **state)
{
	struct text text = shown("{\"name\":\"c\",\"target\":\"t\",\"state\":\"up\"}", 80);

	(void)state;
	assert_string_equal(
		text.data,
		"✓ up  c  t\nNo check of it has failed since the daemon began to watch it.\n");
	text_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_is_told_from_its_reason_to_its_body),
		cmocka_unit_test(a_certificate_has_its_dates_and_a_success_what_is_new),
		cmocka_unit_test(nothing_is_wider_than_the_terminal),
		cmocka_unit_test(what_never_failed_says_so),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
