/* subjects.c - every subject of http: where it comes from, and when it does not exist. */
#include "look.h"

static void set_address(struct observation *observation, const char *address)
{
	assert_int_equal(address_parse(address, &observation->address), 0);
}

static void latency_and_its_phases(void **state)
{
	struct observation answer = look_answer("", "");
	static const struct look_case cases[] = {
		{ "latency == 1500ms", T, NULL },
		{ "latency < 1s", F, "latency is 1.50s" },
		{ "latency.resolve == 1ms", T, NULL },
		{ "latency.connect == 2ms", T, NULL },
		{ "latency.tls == 3ms", T, NULL },
		{ "latency.first_byte == 4ms", T, NULL },
		{ "latency.transfer == 5ms", T, NULL },
		{ "latency.transfer < 5ms", F, "latency.transfer is 5.00ms" },
	};
	struct observation none = look_answer("", "");
	static const struct look_case absent[] = {
		{ "latency.resolve < 1s", U,
		  "latency.resolve does not exist: the check never got that far or did not need it" },
		{ "latency.tls exists", F, NULL },
		{ "not latency.tls exists", T, NULL },
		{ "latency == 0s", T, NULL },
	};

	answer.latency = 1500 * USEC_PER_MS;
	observation_set_phase(&answer, PHASE_RESOLVE, 1 * USEC_PER_MS);
	observation_set_phase(&answer, PHASE_CONNECT, 2 * USEC_PER_MS);
	observation_set_phase(&answer, PHASE_TLS, 3 * USEC_PER_MS);
	observation_set_phase(&answer, PHASE_FIRST_BYTE, 4 * USEC_PER_MS);
	observation_set_phase(&answer, PHASE_TRANSFER, 5 * USEC_PER_MS);
	answer.latency = 1500 * USEC_PER_MS;
	LOOK_AT(&answer, cases);
	LOOK_AT(&none, absent);
	observation_done(&answer);
	observation_done(&none);
}

static void addresses(void **state)
{
	struct observation four = look_answer("", ""), six = look_answer("", "");
	struct observation none = look_answer("", "");
	static const struct look_case cases_four[] = {
		{ "address == '192.0.2.7'", T, NULL },
		{ "address != '192.0.2.8'", T, NULL },
		{ "address == '192.0.2.8'", F, "address is 192.0.2.7" },
		{ "address in '192.0.2.0/24'", T, NULL },
		{ "address in ['10.0.0.0/8', '192.0.2.7']", T, NULL },
		{ "address in ['10.0.0.0/8', '2001:db8::/32']", F, "address is 192.0.2.7" },
		{ "address not in '10.0.0.0/8'", T, NULL },
		{ "address like '192.0.2.*'", T, NULL },
		{ "address contains '.2.'", T, NULL },
		{ "address matches /^192\\./", T, NULL },
		{ "address.family == 4", T, NULL },
		{ "address == header Server", T, NULL },
		{ "address in json $.allowed[*]", T, NULL },
		{ "address in json $.allowed", T, NULL },
		{ "address == json $.name", U, NULL },
	};
	static const struct look_case cases_six[] = {
		{ "address == '2001:DB8:0::0007'", T, NULL },
		{ "address in '2001:db8::/32'", T, NULL },
		{ "address in '192.0.2.0/24'", F, NULL },
		{ "address.family == 6", T, NULL },
		{ "address.family == 4", F, "address.family is 6" },
	};
	static const struct look_case cases_none[] = {
		{ "address == '192.0.2.7'", U,
		  "address does not exist: no address was connected to" },
		{ "address exists", F, NULL },
		{ "address.family == 4", U, NULL },
	};

	set_address(&four, "192.0.2.7");
	four.address.port = 443;
	text_append(&four.headers, "Server: 192.0.2.7\n");
	text_append(&four.body, "{\"allowed\": [\"192.0.2.0/25\"], \"name\": \"db\"}");
	set_address(&six, "2001:db8::7");
	LOOK_AT(&four, cases_four);
	LOOK_AT(&six, cases_six);
	LOOK_AT(&none, cases_none);
	observation_done(&four);
	observation_done(&six);
	observation_done(&none);
}

static void the_class_of_what_failed(void **state)
{
	struct observation refused = { .wall = LOOK_WALL };
	struct observation answer = look_answer("", "");
	static const struct look_case cases_refused[] = {
		{ "class == 'connect_refused'", T, NULL },
		{ "class in ['timeout', 'connect_refused']", T, NULL },
		{ "class == 'timeout'", F, "class is \"connect_refused\"" },
		{ "class like 'connect*'", T, NULL },
		{ "status == 200", U, "status does not exist: there was no answer" },
		{ "body is empty", U, "body does not exist: there was no answer" },
		{ "body exists", F, NULL },
		{ "size == 0B", U, NULL },
		{ "redirects == 0", U, NULL },
		{ "json $.a exists", U, NULL },
	};
	static const struct look_case cases_answer[] = {
		{ "class == 'timeout'", U, "class does not exist: the probe did not fail" },
		{ "class exists", F, NULL },
		{ "not class exists", T, NULL },
	};

	observation_fail(&refused, CLASS_connect_refused, PHASE_CONNECT, NULL);
	LOOK_AT(&refused, cases_refused);
	LOOK_AT(&answer, cases_answer);
	observation_done(&refused);
	observation_done(&answer);
}

static void what_http_says(void **state)
{
	struct observation answer = look_answer("", "");
	static const struct look_case cases[] = {
		{ "status == 204", T, NULL },
		{ "status in 200..299", T, NULL },
		{ "status in [200, 204]", T, NULL },
		{ "status in 204..204", T, NULL },
		{ "status in 205..299", F, "status is 204" },
		{ "status in 200..203", F, NULL },
		{ "status not in [500..599, 404]", T, NULL },
		{ "http.version == 1.1", T, NULL },
		{ "http.version >= 2", F, "http.version is 1.1" },
		{ "redirects == 2", T, NULL },
		{ "url == 'https://example.com/end'", T, NULL },
		{ "url matches /^https:/", T, NULL },
	};

	answer.status = 204;
	answer.redirects = 2;
	answer.url = memory_text("https://example.com/end");
	LOOK_AT(&answer, cases);
	answer.http_version = 20;
	assert_int_equal(look(&answer, "http.version == 2").truth, TRUTH_TRUE);
	answer.http_version = 10;
	assert_int_equal(look(&answer, "http.version == 1.0").truth, TRUTH_TRUE);
	answer.http_version = 0;
	assert_int_equal(look(&answer, "http.version == 1.0").truth, TRUTH_UNKNOWN);
	observation_done(&answer);
}

static void headers_are_lines_or_one_text(void **state)
{
	struct observation answer = look_answer("Server: nginx/1.2\n"
						"SET-COOKIE: a=1\n"
						"X-Empty: \n"
						"Set-Cookie:b=2  \n"
						"Set-Cookies: c=3\n"
						"X-Length: 42\n",
						"");
	static const struct look_case cases[] = {
		{ "header Server == 'nginx/1.2'", T, NULL },
		{ "header server == 'nginx/1.2'", T, NULL },
		{ "header Serve exists", F, "header Serve does not exist" },
		{ "header set-cookie == 'a=1, b=2'", T, NULL },
		{ "header Set-Cookie == 'a=1'", F, "header Set-Cookie is \"a=1, b=2\"" },
		{ "header Set-Cookie contains 'b='", T, NULL },
		{ "any header Set-Cookie == 'b=2'", T, NULL },
		{ "all header Set-Cookie == 'b=2'", F, "header Set-Cookie: element 1 is \"a=1\"" },
		{ "all header Set-Cookie like '?=?'", T, NULL },
		{ "any header Set-Cookie contains 'c'", F,
		  "header Set-Cookie has 2 elements, the first of which is \"a=1\"" },
		{ "none header Set-Cookie contains 'c'", T, NULL },
		{ "count(header Set-Cookie) == 2", T, NULL },
		{ "count(header Set-Cookie) == 1", F, "count(header Set-Cookie) is 2" },
		{ "length(header Set-Cookie) == 8", T, NULL },
		{ "any length(header Set-Cookie) == 3", T, NULL },
		{ "any upper(header Set-Cookie) == 'B=2'", T, NULL },
		{ "header Set-Cookie exists", T, NULL },
		{ "not header Set-Cookie exists", F, "header Set-Cookie is \"a=1, b=2\"" },
		{ "header X-Empty == ''", T, NULL },
		{ "header X-Empty is empty", T, NULL },
		{ "header X-Empty exists", T, NULL },
		{ "number(header X-Length) == 42", T, NULL },
		{ "header X-Length == '42'", T, NULL },
		{ "header X-Absent == 'x'", U, "header X-Absent does not exist" },
		{ "header X-Absent is empty", U, NULL },
		{ "count(header X-Absent) == 0", U, NULL },
		{ "any header X-Absent exists", F, NULL },
		{ "none header X-Absent exists", T, NULL },
	};

	LOOK_AT(&answer, cases);
	observation_done(&answer);
}

static void body_and_size(void **state)
{
	struct observation answer = look_answer("", "Hello\n");
	struct observation empty = look_answer("", "");
	static const struct look_case cases[] = {
		{ "body == \"Hello\\n\"", T, NULL },
		{ "body contains 'ell'", T, NULL },
		{ "body contains 'x'", F, "body is \"Hello\\n\"" },
		{ "body not contains 'x'", T, NULL },
		{ "body is not empty", T, NULL },
		{ "size == 6B", T, NULL },
		{ "size > 1KiB", F, "size is 6B" },
		{ "trim(body) == 'Hello'", T, NULL },
	};
	static const struct look_case cases_empty[] = {
		{ "body is empty", T, NULL },
		{ "body exists", T, NULL },
		{ "size == 0B", T, NULL },
		{ "json $ exists", U, NULL },
	};

	LOOK_AT(&answer, cases);
	LOOK_AT(&empty, cases_empty);
	observation_done(&answer);
	observation_done(&empty);
}

static struct tls_facts *two_certificates(void)
{
	struct tls_facts *tls = MEMORY_NEW(struct tls_facts);
	const int64_t now = (int64_t)(LOOK_WALL / USEC_PER_SEC);

	tls->version = 13;
	tls->cipher = memory_text("TLS_AES_256_GCM_SHA384");
	tls->chain = memory_new(2, sizeof(*tls->chain));
	tls->chain_count = 2;
	tls->chain[0] = (struct certificate){
		.subject = memory_text("CN=example.com"),
		.issuer = memory_text("CN=Test CA"),
		.serial = memory_text("0A1B"),
		.fingerprint = memory_text("ab12"),
		.spki = memory_text("c3BraQ=="),
		.names = memory_new(2, sizeof(char *)),
		.names_count = 2,
		.not_after = now + 30 * 86400,
	};
	tls->chain[0].names[0] = memory_text("example.com");
	tls->chain[0].names[1] = memory_text("www.example.com");
	tls->chain[1] = (struct certificate){ .not_after = now + 86400 };
	return tls;
}

static void tls_and_certificates(void **state)
{
	struct observation answer = look_answer("", "");
	static const struct look_case cases[] = {
		{ "tls.version == 1.3", T, NULL },
		{ "tls.version >= 1.2", T, NULL },
		{ "tls.version < 1.3", F, "tls.version is 1.3" },
		{ "tls.cipher contains 'GCM'", T, NULL },
		{ "certificate.expires_in == 30d", T, NULL },
		{ "certificate.expires_in > 31d", F, "certificate.expires_in is 30d" },
		{ "certificate.chain_expires_in == 1d", T, NULL },
		{ "certificate.subject == 'CN=example.com'", T, NULL },
		{ "certificate.issuer like '*Test CA'", T, NULL },
		{ "certificate.serial == '0A1B'", T, NULL },
		{ "certificate.fingerprint == 'ab12'", T, NULL },
		{ "certificate.spki == 'c3BraQ=='", T, NULL },
		{ "certificate.names contains 'www.example.com'", T, NULL },
		/* Of a list an element is asked for, not a part. */
		{ "certificate.names contains 'example'", F,
		  "certificate.names has 2 elements, the first of which is \"example.com\"" },
		{ "certificate.names not contains 'www.example.com'", F,
		  "certificate.names: element 2 is \"www.example.com\"" },
		{ "any certificate.names contains 'www'", T, NULL },
		{ "certificate.names like '*example.com'", T, NULL },
		{ "certificate.names == 'example.com'", F,
		  "certificate.names: element 2 is \"www.example.com\"" },
		{ "count(certificate.names) == 2", T, NULL },
		{ "certificate.names is empty", F,
		  "certificate.names has 2 elements, the first of which is \"example.com\"" },
		{ "certificate.names in ['example.com', 'www.example.com']", T, NULL },
		{ "any lower(certificate.names) == 'example.com'", T, NULL },
		{ "tls.cipher in certificate.names", F, NULL },
	};

	answer.tls = two_certificates();
	LOOK_AT(&answer, cases);
	observation_done(&answer);
}

static void an_expired_certificate_expires_in_less_than_nothing(void **state)
{
	struct observation answer = look_answer("", "");
	static const struct look_case cases[] = {
		{ "certificate.expires_in < 0s", T, NULL },
		{ "certificate.expires_in > 1d", F, "certificate.expires_in is -2d" },
		{ "certificate.chain_expires_in > 1d", F, NULL },
	};

	/* Known where the handshake failed just because of it. */
	observation_fail(&answer, CLASS_tls_expired, PHASE_TLS, NULL);
	answer.tls = two_certificates();
	answer.tls->chain[0].not_after = (int64_t)(LOOK_WALL / USEC_PER_SEC) - 2 * 86400;
	LOOK_AT(&answer, cases);
	answer.tls->chain[0].not_after = INT64_MIN;
	assert_int_equal(look(&answer, "certificate.expires_in < 0s").truth, TRUTH_TRUE);
	answer.tls->chain[0].not_after = INT64_MAX;
	assert_int_equal(look(&answer, "certificate.expires_in > 36500d").truth, TRUTH_TRUE);
	observation_done(&answer);
}

static void without_tls_there_is_no_certificate(void **state)
{
	struct observation answer = look_answer("", "");
	static const struct look_case cases[] = {
		{ "tls.version == 1.3", U,
		  "tls.version does not exist: no TLS handshake got that far" },
		{ "tls.cipher exists", F, NULL },
		{ "certificate.expires_in > 1d", U, NULL },
		{ "certificate.names contains 'x'", U, NULL },
		{ "none certificate.names == 'x'", U, NULL },
		{ "certificate.names exists", F, NULL },
	};

	LOOK_AT(&answer, cases);
	answer.tls = MEMORY_NEW(struct tls_facts);
	LOOK_AT(&answer, cases);
	observation_done(&answer);
}

static void a_certificate_without_names_has_an_empty_list(void **state)
{
	struct observation answer = look_answer("", "");
	static const struct look_case cases[] = {
		{ "certificate.names is empty", T, NULL },
		{ "certificate.names is not empty", F, "certificate.names is an empty list" },
		{ "count(certificate.names) == 0", T, NULL },
		{ "none certificate.names == 'x'", T, NULL },
		{ "any certificate.names == 'x'", F, "certificate.names is an empty list" },
		{ "certificate.names contains 'x'", F, "certificate.names is an empty list" },
		{ "certificate.names not contains 'x'", T, NULL },
	};

	answer.tls = MEMORY_NEW(struct tls_facts);
	answer.tls->chain = memory_new(1, sizeof(*answer.tls->chain));
	answer.tls->chain_count = 1;
	LOOK_AT(&answer, cases);
	observation_done(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(latency_and_its_phases),
		cmocka_unit_test(addresses),
		cmocka_unit_test(the_class_of_what_failed),
		cmocka_unit_test(what_http_says),
		cmocka_unit_test(headers_are_lines_or_one_text),
		cmocka_unit_test(body_and_size),
		cmocka_unit_test(tls_and_certificates),
		cmocka_unit_test(an_expired_certificate_expires_in_less_than_nothing),
		cmocka_unit_test(without_tls_there_is_no_certificate),
		cmocka_unit_test(a_certificate_without_names_has_an_empty_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
