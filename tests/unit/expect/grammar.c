/* grammar.c - what is an expectation. */
#include "look.h"

static void every_rule_of_the_grammar_is_taken(void **state)
{
	static const char *const lines[] = {
		"status == 200",
		"status==200",
		"  status\t== 200  \n",
		"status != 200",
		"status<500",
		"status <= 499 and status >= 200 or status > 600",
		"not status == 200",
		"not not (status == 200)",
		"((status == 200))",
		"not (status == 200 and not latency > 5s or body is empty)",
		"status in 200..299",
		"status in 200 .. 299",
		"status in [200, 204, 300..302]",
		"status not in [500..599]",
		"status in 200",
		"status in json $.codes[*]",
		"status in json $.codes",
		"status == json $.code",
		"any json $.items[*].state == 'up'",
		"all json $..price > 0",
		"none json $..errors[*] exists",
		"json $ exists",
		"json $.a is null",
		"json $.a is not null",
		"json $.a is true",
		"json $.a is not false",
		"json $.a is empty",
		"json $.items[?@.status.phase != \"Running\"] is empty",
		"json $['a b'] == 1",
		"json $[\"it's\"] == 1",
		"json $.a==1",
		"json $.a<=json $.b",
		"json $[?@.a == 'x)'].b not in [1, 2.5, -3e2, null, true, false, 'x']",
		"length(json $.items) > 0",
		"count(json $.items[?@.price > 10]) == 2",
		"lower(trim(header Server)) like 'nginx/*'",
		"header Content-Type contains \"json\"",
		"header 'Content-Type' == 'text/html'",
		"any header Set-Cookie matches /^sid=/i",
		"count(header Via) <= 2",
		"(header Via exists)",
		"header Server=='x'",
		"age(header Last-Modified) < 1h30m",
		"until(json $.expires) > 14d",
		"body contains 'it''s'",
		"body contains \"tab\\t \\\"quoted\\\" \\u00e9 \\ud83d\\ude00\"",
		"body matches /a\\/b/imsx",
		"body matches \"^ok$\"",
		"body not matches /error/",
		"sha256(body) == 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'",
		"size < 64KiB",
		"size in [0B, 5B]",
		"tls.version >= 1.2",
		"address in \"10.0.0.0/8\"",
		"address in ['10.0.0.0/8', '2001:db8::/32', '192.0.2.1']",
		"address like '192.0.2.*'",
		"address.family == 6",
		"certificate.names contains 'example.com'",
		"any certificate.names like '*.example.com'",
		"certificate.chain_expires_in > 14d",
		"class == 'connect_refused'",
		"class in ['timeout', 'reset']",
		"url matches /^https:/",
		"header X-Cost == \"5 # not a comment: really\"",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct program *program = look_compile(lines[i]);
		assert_string_equal(program_line(program, 0), lines[i]);
		program_free(program);
	}
}

static void and_binds_more_tightly_than_or(void **state)
{
	struct observation answer = look_answer("", "");
	static const struct look_case cases[] = {
		{ "status == 200 or status == 1 and status == 2", T, NULL },
		{ "status == 1 and status == 2 or status == 200", T, NULL },
		{ "(status == 200 or status == 1) and status == 2", F, NULL },
		{ "not status == 1 and status == 200", T, NULL },
		{ "not (status == 1 and status == 200)", T, NULL },
		{ "not status == 200 or status == 200", T, NULL },
	};

	LOOK_AT(&answer, cases);
	observation_done(&answer);
}

static void texts_are_read_as_they_are_written(void **state)
{
	struct observation answer = look_answer("", "it's \"q\" \\ \t\xc3\xa9\xf0\x9f\x98\x80/");
	static const struct look_case cases[] = {
		{ "body == 'it''s \"q\" \\ \t\xc3\xa9\xf0\x9f\x98\x80/'", T, NULL },
		{ "body == \"it's \\\"q\\\" \\\\ \\t\\u00e9\\ud83d\\uDE00\\/\"", T, NULL },
		{ "body contains \"\"", T, NULL },
		{ "body contains ''''", T, NULL },
		{ "body contains '\\t'", F, NULL },
	};

	LOOK_AT(&answer, cases);
	observation_done(&answer);
}

static void quantities_are_read_as_they_are_written(void **state)
{
	struct observation answer = look_json("{\"n\": -2.5e-3, \"i\": 9007199254740993}");
	static const struct look_case cases[] = {
		{ "json $.n == -0.0025", T, NULL },
		{ "json $.n == -2.5E-3", T, NULL },
		{ "json $.i == 9007199254740993", T, NULL },
		{ "json $.i == 9007199254740992", F, "$.i is 9007199254740993" },
		/* Mixed with a real both are doubles. */
		{ "json $.i == 9007199254740992.0", T, NULL },
		{ "latency == 5400s", T, NULL },
		{ "latency == 1h30m", T, NULL },
		{ "latency < 1h30m1us", T, NULL },
		{ "size == 37B", T, NULL },
		{ "size < 1KiB", T, NULL },
		{ "size < 1KB", T, NULL },
	};

	answer.latency = 90 * USEC_PER_MIN;
	assert_int_equal(answer.body.len, 37);
	LOOK_AT(&answer, cases);
	observation_done(&answer);
}

static void each_is_filled_into_texts(void **state)
{
	struct observation answer = look_answer("", "I am db-1 of db-1");
	struct program *program = NULL;
	struct expect_run *run = expect_run_new(&answer, 64);
	struct text value = { .limit_bytes = 256 };
	static const char line[] = "body == 'I am ${each} of ${each}'";
	struct expect_fault fault;
	bool is_limit, is_cut;

	assert_int_equal(program_add(&program, line, strlen(line), SUBJECTS_BODY, "db-1", &fault),
			 0);
	assert_int_equal(program_add(&program, line, strlen(line), SUBJECTS_BODY, NULL, &fault), 0);
	assert_int_equal(expect_evaluate(run, program, 0, &value, &is_limit, &is_cut), TRUTH_TRUE);
	assert_int_equal(expect_evaluate(run, program, 1, &value, &is_limit, &is_cut), TRUTH_FALSE);
	assert_string_equal(program_line(program, 0), line);
	text_done(&value);
	expect_run_free(run);
	program_free(program);
	observation_done(&answer);
}

static void a_program_knows_what_it_asks_about(void **state)
{
	struct program *program = look_compile("lower(json $.a) == 'x' or url in json $.b[*]");
	struct program *other = look_compile("latency < 5s and latency.connect < 1s");

	assert_true(program_mentions(program, "json"));
	assert_true(program_mentions(program, "url"));
	assert_false(program_mentions(program, "status"));
	assert_true(program_reads_body(program));
	assert_true(program_mentions(other, "latency.connect"));
	assert_false(program_reads_body(other));
	assert_int_equal(program_count(other), 1);
	program_free(program);
	program_free(other);
}

static void no_program_asks_nothing(void **state)
{
	assert_int_equal(program_count(NULL), 0);
	assert_false(program_mentions(NULL, "class"));
	assert_false(program_reads_body(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule_of_the_grammar_is_taken),
		cmocka_unit_test(and_binds_more_tightly_than_or),
		cmocka_unit_test(texts_are_read_as_they_are_written),
		cmocka_unit_test(quantities_are_read_as_they_are_written),
		cmocka_unit_test(each_is_filled_into_texts),
		cmocka_unit_test(a_program_knows_what_it_asks_about),
		cmocka_unit_test(no_program_asks_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
