/* strip.c - lines of a screen: widths, what is cut, sparklines. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/strip.h"
#include "model/verdict.h"

static void expect(struct strip *strip, const char *expected)
{
	assert_string_equal(strip_end(strip), expected);
	assert_true(strip->used <= strip->width);
	strip_done(strip);
}

static void what_is_too_long_ends_in_an_ellipsis(void **state)
{
	struct strip strip = { .width = 20, .has_utf8 = true };
	struct strip ascii = { .width = 20 };

	(void)state;
	strip_put(&strip, "abcdefgh", 5, NULL);
	strip_put(&strip, "12345", 5, NULL);
	strip_put_all(&strip, "and the rest of it", NULL);
	strip_put_all(&strip, "no room", NULL);
	expect(&strip, "abcd…12345and the r…");
	strip_put(&ascii, "abcdefgh", 5, NULL);
	expect(&ascii, "abcd~");
}

static void wide_characters_take_two_columns_and_are_never_halved(void **state)
{
	struct strip strip = { .width = 10, .has_utf8 = true };

	(void)state;
	assert_int_equal(strip_columns("日本語", true), 6);
	assert_int_equal(strip_columns("e\xcc\x81", true), 1); /* with a combining accent */
	strip_put(&strip, "日本語", 4, NULL);
	assert_int_equal(strip.used, 3);
	strip_fill(&strip, 4);
	strip_put_right(&strip, "日", 6);
	expect(&strip, "日… "
		       "    日");
}

static void an_ascii_terminal_gets_ascii(void **state)
{
	struct strip strip = { .width = 20 };

	(void)state;
	strip_put_all(&strip, "würfel 日", NULL);
	assert_int_equal(strip.used, 8);
	expect(&strip, "w?rfel ?");
}

static void nothing_that_came_from_outside_moves_the_cursor(void **state)
{
	struct strip strip = { .width = 40, .has_utf8 = true };

	(void)state;
	strip_put_all(&strip, "a\033[2Jb\r\n\xc2\x9b", NULL);
	expect(&strip, "a\\x1b[2Jb\\r\\n\\u{009b}");
}

static void colours_take_no_room_and_end(void **state)
{
	struct strip strip = { .width = 8, .has_utf8 = true, .has_color = true };

	(void)state;
	strip_begin(&strip, "\033[7m");
	strip_put(&strip, "down", 8, "\033[31m");
	strip_put_all(&strip, "12345", NULL);
	expect(&strip, "\033[7m\033[31mdown\033[0m\033[7m123…\033[0m");
	strip.has_color = false;
	strip_begin(&strip, "\033[7m");
	strip_put(&strip, "down", 8, "\033[31m");
	expect(&strip, "down");
}

static void a_sparkline_has_its_own_scale_and_the_newest_at_the_right(void **state)
{
	static const struct spark sparks[] = {
		{ 900000, VERDICT_PASS }, /* does not fit, and does not count */
		{ 1, VERDICT_PASS },	  { 500, VERDICT_PASS },  { 1000, VERDICT_PASS },
		{ 0, VERDICT_PASS },	  { 7000, VERDICT_FAIL }, { 10, VERDICT_WARN },
	};
	struct strip strip = { .width = 6, .has_utf8 = true };
	struct strip ascii = { .width = 10 };

	(void)state;
	strip_spark(&strip, sparks, 7, 6);
	expect(&strip, "▁▄█·✗▲");
	strip_spark(&ascii, sparks + 1, 6, 10);
	expect(&ascii, "    _-#.x!");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_too_long_ends_in_an_ellipsis),
		cmocka_unit_test(wide_characters_take_two_columns_and_are_never_halved),
		cmocka_unit_test(an_ascii_terminal_gets_ascii),
		cmocka_unit_test(nothing_that_came_from_outside_moves_the_cursor),
		cmocka_unit_test(colours_take_no_room_and_end),
		cmocka_unit_test(a_sparkline_has_its_own_scale_and_the_newest_at_the_right),
	};

	(void)setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
