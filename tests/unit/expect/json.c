/* What is JSON, and what is said about what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "expect/json.h"

static json_t *read_text(const char *text)
{
	struct json_notes notes;
	json_t *root = NULL;

	if (json_read(text, strlen(text), 64, &root, &notes) < 0)
		fail_msg("%s: %s", text, notes.reason);
	return root;
}

static const char *reason_of(const char *data, size_t len)
{
	static struct json_notes notes;
	json_t *root = NULL;

	if (json_read(data, len, 64, &root, &notes) == 0) {
		json_decref(root);
		return "taken";
	}
	assert_null(root);
	return notes.reason;
}

#define REASON(text) reason_of(text, sizeof(text) - 1)

static void any_value_may_stand_at_the_top(void **state)
{
	static const char *const texts[] = {
		"{}",	   "[]",   "\"\"", "0",	    "-0",
		"-1.5e-3", "true", "null", "false", " \r\n\t[1 , 2]\n"
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		json_decref(read_text(texts[i]));
}

static void each_refusal_has_its_reason(void **state)
{
	assert_string_equal(REASON(""), "it is empty");
	assert_string_equal(REASON(" \n"), "it is blank");
	assert_string_equal(REASON("\xef\xbb\xbf{}"), "it begins with a byte order mark");
	assert_string_equal(REASON("<html>"), "no JSON value begins like this");
	assert_string_equal(REASON("\0"), "no JSON value begins like this");
	assert_string_equal(REASON("[\"\xff\"]"), "it holds bytes that are not UTF-8");
	assert_string_equal(REASON("[\"\xed\xa0\x80\"]"), "it holds bytes that are not UTF-8");
	assert_string_equal(REASON("{\"a\\u0000b\":1}"), "a NUL in a name, line 1, column 11");
	assert_string_equal(REASON("[1e400]"),
			    "a number beyond what a double holds, line 1, column 6");
	assert_string_equal(REASON("[-1e400]"),
			    "a number beyond what a double holds, line 1, column 7");
	assert_string_equal(REASON("{} x"), "something follows the value, line 1, column 4");
	assert_string_equal(REASON("{}\0"), "something follows the value, line 1, column 3");
	assert_string_equal(REASON("{}{}"), "something follows the value, line 1, column 3");
	assert_string_equal(REASON("[1,\n2"), "it ends too early, line 2, column 1");
	assert_string_equal(REASON("{\"a\""), "it ends too early, line 1, column 4");
	assert_string_equal(REASON("[1,]"), "unexpected token, line 1, column 4");
	assert_string_equal(REASON("{'a':1}"), "string or '}' expected, line 1, column 2");
	assert_string_equal(REASON("[01]"), "invalid token, line 1, column 2");
	assert_string_equal(REASON("[\"\t\"]"), "control character 0x9, line 1, column 2");
	assert_string_equal(REASON("[\"\\ud800\"]"), "invalid Unicode '\\uD800', line 1, column 9");
	assert_string_equal(REASON("[NaN]"), "invalid token, line 1, column 4");
}

static void depth_is_bounded_before_anything_is_built(void **state)
{
	char *text = memory_new(200001, 1);

	memset(text, '[', 100000);
	memset(text + 100000, ']', 100000);
	assert_string_equal(reason_of(text, 200000), "it is nested more than 64 levels deep");
	assert_string_equal(reason_of(text + 100000 - 65, 130),
			    "it is nested more than 64 levels deep");
	assert_string_equal(reason_of(text + 100000 - 64, 128), "taken");
	free(text);

	/* What stands in a text does not nest, whatever quotes are in it. */
	text = memory_new(1000, 1);
	(void)snprintf(text, 1000, "[\"\\\\\\\"%0100d\"]", 0);
	for (char *c = text; *c; c++)
		if (*c == '0')
			*c = '[';
	assert_string_equal(reason_of(text, strlen(text)), "taken");
	free(text);
}

static void integers_are_exact_to_63_bits(void **state)
{
	json_t *root = read_text("[9223372036854775807,-9223372036854775808,9007199254740993]");

	assert_true(json_integer_value(json_array_get(root, 0)) == INT64_MAX);
	assert_true(json_integer_value(json_array_get(root, 1)) == INT64_MIN);
	assert_true(json_integer_value(json_array_get(root, 2)) == 9007199254740993);
	json_decref(root);

	root = read_text("[9223372036854775808,1]");
	assert_true(json_is_real(json_array_get(root, 0)));
	assert_true(json_is_real(json_array_get(root, 1)));
	json_decref(root);
}

static void a_nul_in_a_text_is_a_character(void **state)
{
	json_t *root = read_text("\"a\\u0000b\"");

	assert_int_equal(json_string_length(root), 3);
	json_decref(root);
}

static void the_last_of_duplicate_names_counts(void **state)
{
	static const char twice[] = "{\"a\":1,\"b\":[{\"c\":1,\"c\":2}]}";
	static const char once[] = "{\"a\":1,\"b\":[{\"c\":1},{\"c\":2}]}";
	json_t *root = read_text("{\"a\":1,\"a\":2}");

	assert_int_equal(json_integer_value(json_object_get(root, "a")), 2);
	json_decref(root);
	assert_true(json_has_duplicates(twice, strlen(twice)));
	assert_false(json_has_duplicates(once, strlen(once)));
	assert_true(json_has_duplicates("{\"a\":99999999999999999999,\"a\":1}", 32));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_value_may_stand_at_the_top),
		cmocka_unit_test(each_refusal_has_its_reason),
		cmocka_unit_test(depth_is_bounded_before_anything_is_built),
		cmocka_unit_test(integers_are_exact_to_63_bits),
		cmocka_unit_test(a_nul_in_a_text_is_a_character),
		cmocka_unit_test(the_last_of_duplicate_names_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
