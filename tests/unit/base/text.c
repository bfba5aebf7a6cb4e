/* text.c - bytes grow up to their limit, and what is escaped is safe to show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/utf8.h"

static void an_empty_text_is_an_empty_string(void **state)
{
	struct text text = { 0 };

	(void)state;
	assert_string_equal(text_string(&text), "");
	text_append(&text, "");
	assert_non_null(text.data);
	assert_string_equal(text_string(&text), "");
	text_done(&text);
	assert_string_equal(text_string(&text), "");
}

static void pieces_follow_each_other(void **state)
{
	struct text text = { 0 };

	(void)state;
	text_append(&text, "one");
	text_append_char(&text, ' ');
	text_append_len(&text, "two and more", 3);
	text_append_char(&text, ' ');
	text_append_uint(&text, 0);
	text_append_uint(&text, UINT64_MAX);
	text_print(&text, " %s=%d", "x", -5);
	assert_string_equal(text_string(&text), "one two 018446744073709551615 x=-5");
	assert_int_equal(text.len, strlen(text.data));
	assert_false(text.is_cut);
	text_done(&text);
}

static void decimals_have_no_zeros_at_the_end(void **state)
{
	static const struct {
		uint64_t number;
		unsigned places;
		const char *shown;
	} cases[] = {
		{ 0, 6, "0" },
		{ 1, 6, "0.000001" },
		{ 1500000, 6, "1.5" },
		{ 20000000, 7, "2" },
		{ 9999999, 7, "0.9999999" },
		{ 5, 1, "0.5" },
		{ 1234567890123, TEXT_PLACES_MAX, "1234.567890123" },
		{ UINT64_MAX, 6, "18446744073709.551615" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cleanup(text)
		struct text text = { 0 };

		text_append_decimal(&text, cases[i].number, cases[i].places);
		assert_string_equal(text_string(&text), cases[i].shown);
	}
}

static void a_nul_is_a_byte_like_any_other(void **state)
{
	struct text text = { 0 };

	(void)state;
	text_append_len(&text, "a\0b", 3);
	assert_int_equal(text.len, 3);
	assert_memory_equal(text.data, "a\0b", 4);
	text_done(&text);
}

static void it_grows_as_far_as_one_wants(void **state)
{
	struct text text = { 0 };

	(void)state;
	for (unsigned i = 0; i < 100000; i++)
		text_append_char(&text, (char)('a' + i % 26));
	assert_int_equal(text.len, 100000);
	assert_int_equal(strlen(text.data), 100000);
	for (unsigned i = 0; i < 100000; i++)
		assert_int_equal(text.data[i], 'a' + i % 26);
	text_done(&text);
}

static void what_does_not_fit_is_left_out_and_noted(void **state)
{
	struct text text = { .limit_bytes = 5 };

	(void)state;
	text_append(&text, "abcde");
	assert_false(text.is_cut);
	text_append(&text, "");
	assert_false(text.is_cut);
	text_append(&text, "f");
	assert_true(text.is_cut);
	assert_string_equal(text.data, "abcde");
	assert_true(text.room <= 6);
	text_clear(&text);
	assert_false(text.is_cut);
	assert_string_equal(text.data, "");
	text_append(&text, "0123456789");
	assert_true(text.is_cut);
	assert_string_equal(text.data, "01234");
	text_done(&text);
}

static void printing_is_cut_at_the_limit_too(void **state)
{
	struct text text = { .limit_bytes = 600 };

	(void)state;
	text_print(&text, "%01000d", 7);
	assert_true(text.is_cut);
	assert_int_equal(text.len, 600);
	text_done(&text);
}

static void long_prints_are_whole(void **state)
{
	struct text text = { 0 };

	(void)state;
	for (int width = 500; width < 530; width++) {
		text_clear(&text);
		text_print(&text, "%0*d", width, 7);
		assert_int_equal(text.len, width);
		assert_int_equal(text.data[width - 1], '7');
		assert_int_equal(text.data[0], '0');
	}
	text_done(&text);
}

static void a_taken_string_is_never_null_and_leaves_nothing(void **state)
{
	struct text text = { 0 };
	cleanup(free)
	char *nothing = text_take(&text);
	cleanup(free)
	char *something = NULL;

	(void)state;
	assert_string_equal(nothing, "");
	text_append(&text, "abc");
	something = text_take(&text);
	assert_string_equal(something, "abc");
	assert_null(text.data);
	assert_int_equal(text.len, 0);
	assert_int_equal(text.room, 0);
}

static void json_becomes(const char *data, size_t len, const char *wanted)
{
	struct text text = { 0 };

	text_append_json(&text, data, len);
	assert_string_equal(text_string(&text), wanted);
	text_done(&text);
}

static void json_strings_are_escaped_as_rfc_8259_says(void **state)
{
	(void)state;
	json_becomes("", 0, "\"\"");
	json_becomes("plain ~", 7, "\"plain ~\"");
	json_becomes("\"\\/", 3, "\"\\\"\\\\/\"");
	json_becomes("a\n\r\tb", 5, "\"a\\n\\r\\tb\"");
	json_becomes("\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\\u007f\"");
	json_becomes("\xc3\xa4\xf0\x9f\x98\x80", 6, "\"\xc3\xa4\xf0\x9f\x98\x80\"");
}

static void bytes_that_are_not_utf8_become_replacements_in_json(void **state)
{
	(void)state;
	json_becomes("a\xff"
		     "b",
		     3,
		     "\"a\xef\xbf\xbd"
		     "b\"");
	json_becomes("\xc3", 1, "\"\xef\xbf\xbd\"");
	json_becomes("\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void is_shown_as(const char *data, size_t len, const char *wanted)
{
	struct text text = { 0 };

	text_append_escaped(&text, data, len);
	assert_string_equal(text_string(&text), wanted);
	text_done(&text);
}

static void what_could_fool_a_terminal_is_escaped(void **state)
{
	(void)state;
	is_shown_as("caf\xc3\xa9 \\n", 8, "caf\xc3\xa9 \\n");
	is_shown_as("\x1b[31m", 5, "\\x1b[31m");
	is_shown_as("\n\r\t\0\x7f", 5, "\\n\\r\\t\\x00\\x7f");
	is_shown_as(" ~", 2, " ~");
	is_shown_as("\xc2\x80\xc2\x9f\xc2\xa0", 6, "\\u{0080}\\u{009f}\xc2\xa0");
	is_shown_as("\xff\xc3", 2, "\\xff\\xc3");
}

static void bidirectional_controls_are_escaped(void **state)
{
	static const uint32_t unsafe[] = { 0x061c, 0x200e, 0x200f, 0x2028, 0x2029,
					   0x202a, 0x202e, 0x2066, 0x2069, 0xfeff };
	static const uint32_t safe[] = { 0x061b, 0x061d, 0x200d, 0x2010, 0x2027,
					 0x202f, 0x2065, 0x206a, 0xfefe, 0xff00 };

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		const uint32_t codes[] = { unsafe[i], safe[i] };

		for (unsigned j = 0; j < 2; j++) {
			const char data[] = { (char)(0xe0 | codes[j] >> 12),
					      (char)(0x80 | (codes[j] >> 6 & 0x3f)),
					      (char)(0x80 | (codes[j] & 0x3f)), '\0' };
			const char two[] = { (char)(0xc0 | codes[j] >> 6),
					     (char)(0x80 | (codes[j] & 0x3f)), '\0' };
			struct text text = { 0 };

			text_append_escaped(&text, codes[j] < 0x800 ? two : data,
					    codes[j] < 0x800 ? 2 : 3);
			assert_int_equal(text.data[0] == '\\', j == 0);
			text_done(&text);
		}
	}
}

static void a_cut_never_splits_an_escape_or_a_character(void **state)
{
	static const char data[] = "ab\x1b\xc3\xa4\n\xff\xf0\x9f\x98\x80z";

	(void)state;
	for (size_t limit = 1; limit < 30; limit++) {
		struct text text = { .limit_bytes = limit };
		static const size_t ends[] = { 1, 2, 6, 8, 10, 14, 18, 19 };
		size_t wanted = 0;

		text_append_escaped(&text, data, sizeof(data) - 1);
		for (unsigned i = 0; i < 8; i++)
			if (ends[i] <= limit)
				wanted = ends[i];
		assert_int_equal(text.len, wanted);
		assert_int_equal(text.is_cut, limit < 19);
		assert_true(utf8_is_valid(text_string(&text), text.len));
		text_done(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_text_is_an_empty_string),
		cmocka_unit_test(pieces_follow_each_other),
		cmocka_unit_test(decimals_have_no_zeros_at_the_end),
		cmocka_unit_test(a_nul_is_a_byte_like_any_other),
		cmocka_unit_test(it_grows_as_far_as_one_wants),
		cmocka_unit_test(what_does_not_fit_is_left_out_and_noted),
		cmocka_unit_test(printing_is_cut_at_the_limit_too),
		cmocka_unit_test(long_prints_are_whole),
		cmocka_unit_test(a_taken_string_is_never_null_and_leaves_nothing),
		cmocka_unit_test(json_strings_are_escaped_as_rfc_8259_says),
		cmocka_unit_test(bytes_that_are_not_utf8_become_replacements_in_json),
		cmocka_unit_test(what_could_fool_a_terminal_is_escaped),
		cmocka_unit_test(bidirectional_controls_are_escaped),
		cmocka_unit_test(a_cut_never_splits_an_escape_or_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
