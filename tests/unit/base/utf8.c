/* utf8.c - exactly what RFC 3629 calls UTF-8, held against its table, byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"

/* RFC 3629, section 4: the well-formed sequences. */
static const struct {
	unsigned char low[4], high[4];
	size_t width;
} table[] = {
	{ { 0x00 }, { 0x7f }, 1 },
	{ { 0xc2, 0x80 }, { 0xdf, 0xbf }, 2 },
	{ { 0xe0, 0xa0, 0x80 }, { 0xe0, 0xbf, 0xbf }, 3 },
	{ { 0xe1, 0x80, 0x80 }, { 0xec, 0xbf, 0xbf }, 3 },
	{ { 0xed, 0x80, 0x80 }, { 0xed, 0x9f, 0xbf }, 3 },
	{ { 0xee, 0x80, 0x80 }, { 0xef, 0xbf, 0xbf }, 3 },
	{ { 0xf0, 0x90, 0x80, 0x80 }, { 0xf0, 0xbf, 0xbf, 0xbf }, 4 },
	{ { 0xf1, 0x80, 0x80, 0x80 }, { 0xf3, 0xbf, 0xbf, 0xbf }, 4 },
	{ { 0xf4, 0x80, 0x80, 0x80 }, { 0xf4, 0x8f, 0xbf, 0xbf }, 4 },
};

static size_t width_by_table(const unsigned char *bytes)
{
	for (size_t row = 0; row < sizeof(table) / sizeof(*table); row++) {
		size_t i = 0;

		while (i < table[row].width && bytes[i] >= table[row].low[i] &&
		       bytes[i] <= table[row].high[i])
			i++;
		if (i == table[row].width)
			return i;
	}
	return 0;
}

static void characters_are_those_of_the_table(void **state)
{
	static const unsigned char thirds[] = { 0x00, 0x7f, 0x80, 0xbf, 0xc0, 0xff };

	(void)state;
	for (unsigned pair = 0; pair < 0x10000; pair++)
		for (unsigned third = 0; third < sizeof(thirds) * sizeof(thirds); third++) {
			const unsigned char bytes[] = { (unsigned char)(pair >> 8),
							(unsigned char)pair, thirds[third % 6],
							thirds[third / 6] };
			const size_t width = width_by_table(bytes);
			uint32_t code;

			if (utf8_next((const char *)bytes, 4, &code) != width)
				fail_msg("%02x %02x %02x %02x", bytes[0], bytes[1], bytes[2],
					 bytes[3]);
			for (size_t len = 0; len < width; len++)
				assert_int_equal(utf8_next((const char *)bytes, len, &code), 0);
		}
}

/* The bytes of `code`, by the definition; returns how many. */
static size_t encode(uint32_t code, char *bytes)
{
	if (code < 0x80) {
		bytes[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		bytes[0] = (char)(0xc0 | code >> 6);
		bytes[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		bytes[0] = (char)(0xe0 | code >> 12);
		bytes[1] = (char)(0x80 | (code >> 6 & 0x3f));
		bytes[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	bytes[0] = (char)(0xf0 | code >> 18);
	bytes[1] = (char)(0x80 | (code >> 12 & 0x3f));
	bytes[2] = (char)(0x80 | (code >> 6 & 0x3f));
	bytes[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

static void every_code_is_read_as_it_was_written(void **state)
{
	(void)state;
	for (uint32_t code = 0; code < 0x110100; code++) {
		const bool is_one = code < 0x110000 && (code < 0xd800 || code > 0xdfff);
		char bytes[4];
		const size_t width = encode(code, bytes);
		uint32_t read = 0xdead;

		assert_int_equal(utf8_next(bytes, width, &read), is_one ? width : 0);
		assert_int_equal(read, is_one ? code : 0xdead);
	}
}

static void a_text_is_valid_if_all_of_it_is(void **state)
{
	char text[64];

	(void)state;
	assert_true(utf8_is_valid("", 0));
	assert_true(utf8_is_valid("\0", 1));
	/* A bad byte, or a character, at every place of runs that are read in words. */
	for (size_t len = 1; len < sizeof(text); len++)
		for (size_t at = 0; at < len; at++) {
			memset(text, 'a', sizeof(text));
			text[at] = '\x80';
			assert_false(utf8_is_valid(text, len));
			text[at] = '\xc3';
			assert_false(utf8_is_valid(text, len));
			if (at + 1 < len) {
				text[at + 1] = '\xa4';
				assert_true(utf8_is_valid(text, len));
			}
		}
}

static void characters_are_counted(void **state)
{
	(void)state;
	assert_int_equal(utf8_count("", 0), 0);
	assert_int_equal(utf8_count("abc", 3), 3);
	assert_int_equal(utf8_count("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 10), 4);
}

static void cutting_does_not_split_a_character(void **state)
{
	static const char text[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z";
	static const size_t cuts[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11 };

	(void)state;
	for (size_t max = 0; max < sizeof(cuts) / sizeof(*cuts); max++)
		assert_int_equal(utf8_cut(text, 11, max), cuts[max]);
	assert_int_equal(utf8_cut("\x80\x80\x80", 3, 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_are_those_of_the_table),
		cmocka_unit_test(every_code_is_read_as_it_was_written),
		cmocka_unit_test(a_text_is_valid_if_all_of_it_is),
		cmocka_unit_test(characters_are_counted),
		cmocka_unit_test(cutting_does_not_split_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
