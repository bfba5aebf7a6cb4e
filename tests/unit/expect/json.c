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

/* What is said behind the name of the document. */
static const char *reason_of(const char *data, size_t len)
{
	static char said[256];
	struct json_notes notes;
	struct text text = { 0 };
	json_t *root = NULL;

	if (json_read(data, len, 64, &root, &notes) == 0) {
		json_decref(root);
		return "taken";
	}
	assert_null(root);
	json_notes_print(&text, &notes);
	assert_int_equal(strncmp(text.data, " is not JSON", 12), 0);
	assert_true(text.len < sizeof(said));
	memcpy(said, text.data + 12, text.len - 11);
	text_done(&text);
	return said;
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

static void each_refusal_has_its_reason_and_its_place(void **state)
{
	static const struct {
		const char *text, *reason;
	} all[] = {
		{ "", ": it is empty" },
		{ " \n", ": it is blank" },
		{ "\xef\xbb\xbf{}", " at 1:1: it begins with a byte order mark" },
		{ "<html>", " at 1:1: a value was expected, not '<'" },
		{ "{\"status\": \"UP\",}",
		  " at 1:17: a name in double quotes was expected, not '}'" },
		{ "[\"\xff\"]", " at 1:3: a byte is not UTF-8" },
		{ "[\"\xc3\xa4\xed\xa0\x80\"]", " at 1:4: a byte is not UTF-8" },
		{ "{\"a\":1}\xff", " at 1:8: something follows the value" },
		{ "{\"a\\u0000b\":1}", " at 1:4: a name holds a NUL" },
		{ "{\"a\":{\"\\u0000\":1}}", " at 1:8: a name holds a NUL" },
		{ "[1e400]", " at 1:2: a number is beyond what a double holds" },
		{ "[1,\n -1e400]", " at 2:2: a number is beyond what a double holds" },
		{ "{} x", " at 1:4: something follows the value" },
		{ "{}{}", " at 1:3: something follows the value" },
		{ "1 2", " at 1:3: something follows the value" },
		{ "[1,\n2", " at 2:2: it ends too early, ',' or ']' was expected" },
		{ "{\"a\"", " at 1:5: it ends too early, ':' was expected" },
		{ "{\"a\":", " at 1:6: it ends too early, a value was expected" },
		{ "{\"a\":1", " at 1:7: it ends too early, ',' or '}' was expected" },
		{ "{", " at 1:2: it ends too early, a name in double quotes was expected" },
		{ "[", " at 1:2: it ends too early, a value was expected" },
		{ "[\"ab", " at 1:5: it ends within a text" },
		{ "[\"ab\\", " at 1:5: there is no such escape" },
		{ "[1,]", " at 1:4: a value was expected, not ']'" },
		{ "[1 2]", " at 1:4: ',' or ']' was expected, not '2'" },
		{ "[1}", " at 1:3: ',' or ']' was expected, not '}'" },
		{ "{\"a\":1]", " at 1:7: ',' or '}' was expected, not ']'" },
		{ "{'a':1}", " at 1:2: a name in double quotes was expected, not '''" },
		{ "{a:1}", " at 1:2: a name in double quotes was expected, not 'a'" },
		{ "{\"a\" 1}", " at 1:6: ':' was expected, not '1'" },
		{ "[01]", " at 1:2: a number has no leading zeros" },
		{ "[-]", " at 1:3: a digit was expected, not ']'" },
		{ "[1.]", " at 1:4: a digit was expected, not ']'" },
		{ "[1e]", " at 1:4: a digit was expected, not ']'" },
		{ "[.5]", " at 1:2: a value was expected, not '.'" },
		{ "[+1]", " at 1:2: a value was expected, not '+'" },
		{ "[0x1]", " at 1:3: ',' or ']' was expected, not 'x'" },
		{ "[\"\t\"]", " at 1:3: the control character \\u0009 stands in a text" },
		{ "[\"\\x\"]", " at 1:3: there is no such escape" },
		{ "[\"\\u12\"]", " at 1:3: \\u takes four hexadecimal digits" },
		{ "[\"\\ud800\"]", " at 1:3: half of a surrogate pair stands alone" },
		{ "[\"\\ud800\\u0041\"]", " at 1:3: half of a surrogate pair stands alone" },
		{ "[\"\\udc00\"]", " at 1:3: half of a surrogate pair stands alone" },
		{ "[NaN]", " at 1:2: a value was expected, not 'N'" },
		{ "[tru]", " at 1:2: a value was expected, not 't'" },
		{ "[trueX]", " at 1:6: ',' or ']' was expected, not 'X'" },
		{ "// x\n1", " at 1:1: a value was expected, not '/'" },
		{ "{\"\xc3\xa4\": \x1b[31m}", " at 1:7: a value was expected, not '\\x1b'" },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(reason_of(all[i].text, strlen(all[i].text)), all[i].reason) != 0)
			fail_msg("%s: is not JSON%s", all[i].text,
				 reason_of(all[i].text, strlen(all[i].text)));
	assert_string_equal(REASON("\0"), " at 1:1: a value was expected, not '\\x00'");
	assert_string_equal(REASON("{}\0"), " at 1:3: something follows the value");
	/* jansson passes over a NUL behind a number. */
	assert_string_equal(REASON("[1\0]"), " at 1:3: ',' or ']' was expected, not '\\x00'");
}

static void depth_is_bounded_before_anything_is_built(void **state)
{
	char *text = memory_new(200001, 1);

	memset(text, '[', 100000);
	memset(text + 100000, ']', 100000);
	assert_string_equal(reason_of(text, 200000),
			    " at 1:65: it is nested more than 64 levels deep");
	assert_string_equal(reason_of(text + 100000 - 65, 130),
			    " at 1:65: it is nested more than 64 levels deep");
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
	char digits[403];
	json_t *root = read_text("[9223372036854775807,-9223372036854775808,9007199254740993]");

	assert_true(json_integer_value(json_array_get(root, 0)) == INT64_MAX);
	assert_true(json_integer_value(json_array_get(root, 1)) == INT64_MIN);
	assert_true(json_integer_value(json_array_get(root, 2)) == 9007199254740993);
	json_decref(root);

	/* A larger one is a real, and the others stay what they are. */
	root = read_text("[9223372036854775808,1,\"1e99 \\\" 99999999999999999999\","
			 "9007199254740993,-9223372036854775809,-18446744073709551616,0.5,"
			 "12345678901234567890123e2]");
	assert_true(json_real_value(json_array_get(root, 0)) == 9223372036854775808.0);
	assert_true(json_integer_value(json_array_get(root, 1)) == 1);
	assert_string_equal(json_string_value(json_array_get(root, 2)),
			    "1e99 \" 99999999999999999999");
	assert_true(json_integer_value(json_array_get(root, 3)) == 9007199254740993);
	assert_true(json_real_value(json_array_get(root, 4)) == -9223372036854775808.0);
	assert_true(json_real_value(json_array_get(root, 5)) == -18446744073709551616.0);
	assert_true(json_real_value(json_array_get(root, 7)) == 12345678901234567890123e2);
	json_decref(root);

	/* Of 400 digits even a double knows nothing; what is wrong elsewhere keeps its place. */
	digits[0] = '[';
	memset(digits + 1, '9', 400);
	digits[401] = ']';
	assert_string_equal(reason_of(digits, 402),
			    " at 1:2: a number is beyond what a double holds");
	assert_string_equal(REASON("[99999999999999999999, x]"),
			    " at 1:24: a value was expected, not 'x'");
}

/* As a body without its limit could be. */
static void five_megabytes_are_read(void **state)
{
	struct text text = { 0 };
	json_t *root = NULL;
	struct json_notes notes;

	text_append(&text, "[0");
	for (unsigned i = 1; text.len < 5 << 20; i++)
		text_print(&text, ",{\"id\": %u, \"name\": \"abcdefghijklmnopqrstuvwxyz\"}", i);
	text_append(&text, "\n]");
	assert_int_equal(json_read(text.data, text.len, 64, &root, &notes), 0);
	assert_true(json_array_size(root) > 90000);
	json_decref(root);
	root = NULL;
	text.data[text.len - 1] = '}';
	assert_int_equal(json_read(text.data, text.len, 64, &root, &notes), -EINVAL);
	assert_int_equal(notes.line, 2);
	assert_int_equal(notes.column, 1);
	text_done(&text);
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
		cmocka_unit_test(each_refusal_has_its_reason_and_its_place),
		cmocka_unit_test(depth_is_bounded_before_anything_is_built),
		cmocka_unit_test(integers_are_exact_to_63_bits),
		cmocka_unit_test(five_megabytes_are_read),
		cmocka_unit_test(a_nul_in_a_text_is_a_character),
		cmocka_unit_test(the_last_of_duplicate_names_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
