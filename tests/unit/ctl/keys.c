/* keys.c - bytes of a terminal become keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/keys.h"

static void expect(const char *bytes, uint32_t expected, size_t step)
{
	uint32_t key = 0;

	assert_int_equal(keys_next(bytes, strlen(bytes), false, &key), step);
	if (step)
		assert_int_equal(key, expected);
}

static void cursor_keys_come_in_two_ways(void **state)
{
	(void)state;
	expect("\033[A", KEY_UP, 3);
	expect("\033OB", KEY_DOWN, 3);
	expect("\033[C", KEY_RIGHT, 3);
	expect("\033OD", KEY_LEFT, 3);
	expect("\033[5~", KEY_PAGE_UP, 4);
	expect("\033[6~x", KEY_PAGE_DOWN, 4);
	expect("\033[H", KEY_HOME, 3);
	expect("\033[1~", KEY_HOME, 4);
	expect("\033[4~", KEY_END, 4);
	expect("\033[1;5A", KEY_UP, 6);
}

static void what_means_nothing_is_passed_over_as_a_whole(void **state)
{
	(void)state;
	expect("\033[200~", KEY_NONE, 6);
	expect("\033[?62;c", KEY_NONE, 7);
	expect("\xff", KEY_NONE, 1);
}

static void characters_and_what_erases_them(void **state)
{
	(void)state;
	expect("jk", 'j', 1);
	expect("ü", 0xfc, 2);
	expect("日", 0x65e5, 3);
	expect("\r", KEY_ENTER, 1);
	expect("\x7f", KEY_BACK, 1);
	expect("\x03", KEY_CTRL('c'), 1);
}

static void half_a_key_waits_for_the_rest(void **state)
{
	uint32_t key;

	(void)state;
	expect("\033", 0, 0);
	expect("\033[", 0, 0);
	expect("\033[5", 0, 0);
	expect("\033O", 0, 0);
	expect("\xe6\x97", 0, 0);
	assert_int_equal(keys_next("\033", 1, true, &key), 1);
	assert_int_equal(key, KEY_ESCAPE);
	assert_int_equal(keys_next("\xe6", 1, true, &key), 1);
	assert_int_equal(key, KEY_NONE);
	assert_int_equal(keys_next("", 0, true, &key), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cursor_keys_come_in_two_ways),
		cmocka_unit_test(what_means_nothing_is_passed_over_as_a_whole),
		cmocka_unit_test(characters_and_what_erases_them),
		cmocka_unit_test(half_a_key_waits_for_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
