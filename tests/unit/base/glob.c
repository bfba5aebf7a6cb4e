/* glob.c - * and ? match what they say, and no pattern takes long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/glob.h"

static void plain_text_matches_itself_only(void **state)
{
	(void)state;
	assert_true(glob_matches_name("", ""));
	assert_true(glob_matches_name("shop", "shop"));
	assert_false(glob_matches_name("shop", "sho"));
	assert_false(glob_matches_name("shop", "shopp"));
	assert_false(glob_matches_name("shop", "Shop"));
	assert_false(glob_matches_name("", "x"));
	assert_false(glob_matches_name("x", ""));
	assert_true(glob_matches_name("[a]\\", "[a]\\"));
	assert_false(glob_matches_name("[a]", "a"));
}

static void a_star_is_anything(void **state)
{
	(void)state;
	assert_true(glob_matches_name("*", ""));
	assert_true(glob_matches_name("*", "anything"));
	assert_true(glob_matches_name("**", ""));
	assert_true(glob_matches_name("a*", "a"));
	assert_true(glob_matches_name("*a", "ba"));
	assert_true(glob_matches_name("a*c", "abbbc"));
	assert_true(glob_matches_name("a*b*c", "a-b-b-c-c"));
	assert_true(glob_matches_name("*ab", "aab"));
	assert_true(glob_matches_name("*.example.com", "a.b.example.com"));
	assert_false(glob_matches_name("a*c", "abb"));
	assert_false(glob_matches_name("a*", "ba"));
	assert_false(glob_matches_name("*ab*ba*", "aba"));
	assert_true(glob_matches_name("*ab*ba*", "abba"));
}

static void a_question_mark_is_one_character(void **state)
{
	(void)state;
	assert_true(glob_matches_name("?", "x"));
	assert_false(glob_matches_name("?", ""));
	assert_false(glob_matches_name("?", "xy"));
	assert_true(glob_matches_name("a?c", "abc"));
	assert_true(glob_matches_name("?", "\xe2\x82\xac"));
	assert_false(glob_matches_name("??", "\xe2\x82\xac"));
	assert_true(glob_matches_name("??", "\xe2\xac"));
	assert_true(glob_matches_name("*?", "\xc3\xa4"));
	assert_true(glob_matches_name("*??", "x\xc3\xa4"));
	assert_true(glob_matches_name("*\xa4", "x\xe4\xa4"));
	assert_false(glob_matches_name("*??", "\xc3\xa4"));
}

static void lengths_count_not_nuls(void **state)
{
	(void)state;
	assert_true(glob_matches("a?c", 3, "a\0c", 3));
	assert_true(glob_matches("a*xxx", 2, "abc", 3));
	assert_false(glob_matches("abc", 3, "abcd", 4));
	assert_true(glob_matches("abc", 3, "abcd", 3));
}

/* By definition, without any cleverness. */
static bool matches_slowly(const char *pattern, const char *text)
{
	if (*pattern == '*')
		return matches_slowly(pattern + 1, text) ||
		       (*text && matches_slowly(pattern, text + 1));
	if (*text == '\0' || *pattern == '\0')
		return *text == *pattern;
	return (*pattern == '?' || *pattern == *text) && matches_slowly(pattern + 1, text + 1);
}

static void short_ones_match_as_they_should(void **state)
{
	static const char pattern_letters[] = "ab*?", text_letters[] = "ab";
	unsigned matched = 0;

	(void)state;
	for (unsigned p = 0; p < 4 * 4 * 4 * 4 * 4; p++)
		for (unsigned t = 0; t < 2 * 2 * 2 * 2 * 2 * 2; t++)
			for (unsigned len = 0; len <= 5; len++) {
				char pattern[6] = { 0 }, text[7] = { 0 };

				for (unsigned i = 0; i < 5; i++)
					pattern[i] = pattern_letters[p >> 2 * i & 3];
				pattern[5 - t % 3] = '\0';
				for (unsigned i = 0; i < len; i++)
					text[i] = text_letters[t >> i & 1];
				if (glob_matches_name(pattern, text) !=
				    matches_slowly(pattern, text))
					fail_msg("%s against %s", pattern, text);
				matched += matches_slowly(pattern, text);
			}
	assert_true(matched > 1000);
}

static void many_stars_do_not_take_long(void **state)
{
	static char pattern[2001], text[20001];
	const usec_t started = clock_thread_cpu();

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		memcpy(pattern + 2 * (size_t)i, "*a", 2);
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 2] = 'b';
	assert_false(glob_matches_name(pattern, text));
	/* A naive matcher would not end in the life of this machine. */
	assert_true(clock_thread_cpu() - started < 20 * USEC_PER_SEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_matches_itself_only),
		cmocka_unit_test(a_star_is_anything),
		cmocka_unit_test(a_question_mark_is_one_character),
		cmocka_unit_test(lengths_count_not_nuls),
		cmocka_unit_test(short_ones_match_as_they_should),
		cmocka_unit_test(many_stars_do_not_take_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
