/* body.c - bodies that are not JSON, not whole, or not UTF-8. */
#include "look.h"

static void a_body_that_is_not_json_is_unknown(void **state)
{
	static const char *const bodies[] = {
		"<html>",
		"",
		"{\"a\": 1} x",
		"{\"a\": 1,}",
		"\xef\xbb\xbf{}",
		"{\"a\": \"\xff\"}",
		"[1e400]",
		"{\"a\\u0000b\": 1}",
		"'a'",
		"NaN",
	};
	static const struct look_case cases[] = {
		{ "json $.a == 1", U, NULL },
		{ "json $.a != 1", U, NULL },
		{ "not json $.a == 1", U, NULL },
		{ "json $.a exists", U, NULL },
		{ "not json $.a exists", U, NULL },
		{ "none json $.a exists", U, NULL },
		{ "json $.a is empty", U, NULL },
		{ "json $.a[*] is empty", U, NULL },
		{ "json $.a[*] is not empty", U, NULL },
		{ "none json $.a[*] == 1", U, NULL },
		{ "not any json $.a[*] == 1", U, NULL },
		{ "json $.a is not null", U, NULL },
		{ "count(json $.a[*]) == 0", U, NULL },
		{ "status not in json $.a", U, NULL },
		{ "status == json $.a", U, NULL },
	};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct observation answer = look_json(bodies[i]);

		LOOK_AT(&answer, cases);
		observation_done(&answer);
	}
}

static void the_reason_says_why_it_is_not_json(void **state)
{
	struct observation answer = look_json("<html>\x1b[31m");
	const struct look seen = look(&answer, "json $.status == 'UP'");

	assert_string_equal(seen.value, "body is not JSON at 1:1: a value was "
					"expected, not '<'");
	assert_false(seen.is_cut);
	assert_false(seen.is_limit);
	observation_done(&answer);
}

static void any_value_may_stand_at_the_top(void **state)
{
	struct observation number = look_json(" 5 "), text = look_json("\"up\""),
			   nil = look_json("null");

	assert_int_equal(look(&number, "json $ == 5").truth, T);
	assert_int_equal(look(&text, "json $ == 'up'").truth, T);
	assert_int_equal(look(&nil, "json $ is null").truth, T);
	observation_done(&number);
	observation_done(&text);
	observation_done(&nil);
}

static void of_duplicate_names_the_last_counts(void **state)
{
	struct observation answer = look_json("{\"a\": 1, \"a\": 2}");

	assert_int_equal(look(&answer, "json $.a == 2").truth, T);
	observation_done(&answer);
}

static void depth_is_bounded(void **state)
{
	struct observation answer = look_json("[[[1]]]");
	struct program *program = look_compile("json $[0][0][0] == 1");
	struct text value = { .limit_bytes = 256 };
	struct expect_run *three = expect_run_new(&answer, 3), *two = expect_run_new(&answer, 2);
	bool is_limit, is_cut;

	assert_int_equal(expect_evaluate(three, program, 0, &value, &is_limit, &is_cut), T);
	assert_int_equal(expect_evaluate(two, program, 0, &value, &is_limit, &is_cut), U);
	text_done(&value);
	expect_run_free(three);
	expect_run_free(two);
	program_free(program);
	observation_done(&answer);
}

static void beyond_the_cut_nothing_is_known(void **state)
{
	struct observation answer = look_json("{\"status\": \"UP\", \"rest\": \"");
	static const struct look_case cases[] = {
		{ "body contains 'UP'", T, NULL },
		{ "any body contains 'UP'", T, NULL },
		{ "lower(body) contains 'up'", T, NULL },
		{ "trim(body) contains 'UP'", T, NULL },
		{ "body not contains 'UP'", F, NULL },
		{ "none body contains 'UP'", F, NULL },
		{ "body contains 'DOWN'", U,
		  "body: the body was cut at its limit of 26B, and the answer may lie beyond" },
		{ "body not contains 'DOWN'", U, NULL },
		{ "not body contains 'DOWN'", U, NULL },
		{ "none body contains 'DOWN'", U, NULL },
		{ "body == 'x'", U, NULL },
		{ "body != 'x'", U, NULL },
		{ "body < 'x'", U, NULL },
		{ "body is empty", U, NULL },
		{ "body is not empty", U, NULL },
		{ "body in ['x']", U, NULL },
		{ "body like '{*'", U, NULL },
		{ "body not like '{*'", U, NULL },
		{ "length(body) > 3", U, NULL },
		{ "sha256(body) == 'x'", U, NULL },
		{ "number(body) == 3", U, NULL },
		{ "age(body) > 1s", U, NULL },
		{ "status == 200 and json $.status == 'UP'", U, NULL },
		{ "json $.status == 'UP'", U,
		  "$.status: the body was cut at its limit of 26B, and the answer may lie "
		  "beyond" },
		{ "json $.status exists", U, NULL },
		{ "json $.rest[*] is empty", U, NULL },
		{ "none json $[*] == 1", U, NULL },
		{ "not json $.status == 'DOWN'", U, NULL },
		{ "header Content-Type contains body", U, NULL },
		{ "body exists", T, NULL },
	};

	answer.body_is_cut = true;
	LOOK_AT(&answer, cases);
	assert_true(look(&answer, "body contains 'DOWN'").is_cut);
	assert_true(look(&answer, "json $.a == 1 or status == 500").is_cut);
	assert_false(look(&answer, "json $.a == 1 and status == 500").is_cut);
	assert_false(look(&answer, "header A == 'x'").is_cut);
	observation_done(&answer);
}

static void a_cut_size_is_known_where_more_would_change_nothing(void **state)
{
	struct observation answer = look_answer("", "12345678");
	static const struct look_case cases[] = {
		{ "size > 7B", T, NULL },
		{ "size >= 8B", T, NULL },
		{ "size > 8B", U, NULL },
		{ "size >= 9B", U, NULL },
		{ "size < 8B", F, "size is at least 8B" },
		{ "size < 9B", U, NULL },
		{ "size <= 7B", F, NULL },
		{ "size <= 8B", U, NULL },
		{ "size == 7B", F, NULL },
		{ "size == 8B", U, NULL },
		{ "size == 9B", U, NULL },
		{ "size != 7B", T, NULL },
		{ "size != 8B", U, NULL },
		{ "size != 9B", U, NULL },
		{ "not size < 8B", T, NULL },
		{ "size in [9B]", U, NULL },
	};

	answer.body_is_cut = true;
	LOOK_AT(&answer, cases);
	observation_done(&answer);
}

static void what_a_failed_probe_read_is_not_all(void **state)
{
	struct observation answer = look_json("{\"status\": \"UP\"}");
	static const struct look_case cases[] = {
		{ "body contains 'UP'", T, NULL },
		{ "body contains 'DOWN'", U,
		  "body: the body is not complete, and the answer may lie in what is missing" },
		{ "json $.status == 'UP'", U, NULL },
		{ "size > 1B", T, NULL },
		{ "size < 1KiB", U, NULL },
	};

	observation_fail(&answer, CLASS_partial_body, PHASE_TRANSFER, NULL);
	LOOK_AT(&answer, cases);
	assert_false(look(&answer, "body contains 'DOWN'").is_cut);
	observation_done(&answer);
}

static void bodies_are_bytes(void **state)
{
	struct observation answer = look_answer("", "");
	static const struct look_case cases[] = {
		{ "body contains 'b'", T, NULL },
		{ "length(body) == 5", T, NULL },
		{ "body matches /b$/", T, NULL },
		{ "body like 'a*b'", T, NULL },
		{ "body == 'x'", F, "body is \"a\\x00\\xff\\x1bb\"" },
	};

	text_append_len(&answer.body,
			"a\0\xff\x1b"
			"b",
			5);
	LOOK_AT(&answer, cases);
	observation_done(&answer);
}

static void values_are_escaped_and_cut(void **state)
{
	struct observation answer = look_answer("", "");
	struct look seen;

	for (int i = 0; i < 5000; i++)
		text_append(&answer.body, "\xc3\xa9\n");
	seen = look(&answer, "body == 'x' or lower(body) == 'y' or upper(body) == 'z'");
	assert_int_equal(seen.truth, F);
	assert_true(strlen(seen.value) <= 256 && strlen(seen.value) > 240);
	assert_string_equal(seen.value + strlen(seen.value) - 3, "…");
	assert_null(strchr(seen.value, '\n'));
	observation_done(&answer);
}

static void long_nodes_are_cut_too(void **state)
{
	struct observation answer = look_answer("", "{\"a\": [0");
	struct look seen;

	for (int i = 1; i < 100000; i++)
		text_print(&answer.body, ",%d", i);
	text_append(&answer.body, "]}");
	seen = look(&answer, "json $.a is empty");
	assert_int_equal(seen.truth, F);
	assert_int_equal(strncmp(seen.value, "$.a is [0,1,2,3,", 16), 0);
	assert_true(strlen(seen.value) < 130);
	observation_done(&answer);
}

static void the_document_is_built_once_a_check(void **state)
{
	struct observation answer = look_json("{\"a\": 1}");
	struct program *program = look_compile("json $.* == 1");
	struct expect_run *run = expect_run_new(&answer, 64);
	struct text value = { .limit_bytes = 256 };
	bool is_limit, is_cut;

	assert_int_equal(expect_evaluate(run, program, 0, &value, &is_limit, &is_cut), T);
	/* What the document was made of is not looked at again. */
	answer.body.data[6] = '2';
	assert_int_equal(expect_evaluate(run, program, 0, &value, &is_limit, &is_cut), T);
	text_done(&value);
	expect_run_free(run);
	program_free(program);
	observation_done(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_that_is_not_json_is_unknown),
		cmocka_unit_test(the_reason_says_why_it_is_not_json),
		cmocka_unit_test(any_value_may_stand_at_the_top),
		cmocka_unit_test(of_duplicate_names_the_last_counts),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(beyond_the_cut_nothing_is_known),
		cmocka_unit_test(a_cut_size_is_known_where_more_would_change_nothing),
		cmocka_unit_test(what_a_failed_probe_read_is_not_all),
		cmocka_unit_test(bodies_are_bytes),
		cmocka_unit_test(values_are_escaped_and_cut),
		cmocka_unit_test(long_nodes_are_cut_too),
		cmocka_unit_test(the_document_is_built_once_a_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
