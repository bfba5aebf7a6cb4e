/* I-Regexp (RFC 9485): what is one, and what it matches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "expect/jsonpath/iregexp.h"

static int match(const char *pattern, const char *subject, bool whole)
{
	struct regex_fault fault;
	struct regex *regex = NULL;
	struct budget budget;
	int r;

	if (iregexp_compile(pattern, strlen(pattern), whole, &regex, &fault) < 0)
		fail_msg("%s: offset %zu: %s", pattern, fault.offset, fault.message);
	budget_init(&budget, USEC_PER_SEC, 100000);
	r = regex_match(regex, subject, strlen(subject), &budget);
	regex_free(regex);
	return r;
}

static void patterns_match_the_whole(void **state)
{
	static const struct {
		const char *pattern, *subject;
		int matches;
	} all[] = {
		{ "", "", 1 },
		{ "", "a", 0 },
		{ "a", "a", 1 },
		{ "a", "ab", 0 },
		{ "a|b", "b", 1 },
		{ "ab|cd", "abd", 0 },
		{ "a*", "aaa", 1 },
		{ "a+", "", 0 },
		{ "a?b", "b", 1 },
		{ "a{2}", "aa", 1 },
		{ "a{2}", "aaa", 0 },
		{ "a{2,}", "aaaa", 1 },
		{ "a{2,3}", "aaaa", 0 },
		{ "(ab)+", "abab", 1 },
		{ "(a|b)*c", "abac", 1 },
		{ "a.c", "abc", 1 },
		{ "a.c", "a\nc", 0 },
		{ "a.c", "a\rc", 0 },
		{ "a.c",
		  "a\xe2\x80\xa8"
		  "c",
		  1 },
		{ "a.c",
		  "a\xf0\x90\x84\x81"
		  "c",
		  1 },
		{ "[.]", "a", 0 },
		{ "[.]", ".", 1 },
		{ "[abc]", "b", 1 },
		{ "[^abc]", "b", 0 },
		{ "[^abc]", "\n", 1 },
		{ "[a-f]+", "fade", 1 },
		{ "[-a]+", "-a", 1 },
		{ "[a-]+", "-a", 1 },
		{ "[^-a]", "-", 0 },
		{ "[\\]]", "]", 1 },
		{ "[\\[\\-\\\\]+", "[-\\", 1 },
		{ "[^^]", "^", 0 },
		{ "[a^]", "^", 1 },
		{ "[&&a]+", "&a", 1 },
		{ "[\\p{Lu}0-9]+",
		  "\xd0\x96"
		  "7",
		  1 },
		{ "\\p{Lu}", "\xd0\x96", 1 },
		{ "\\p{Lu}", "\xd0\xb6", 0 },
		{ "\\P{Lu}", "\xd0\xb6", 1 },
		{ "\\p{N}", "\xd9\xa3", 1 },
		{ "[\xd0\xb0-\xd1\x8f]+", "\xd0\xb6\xd0\xb0", 1 },
		{ "\\.\\*\\+\\?\\(\\)\\{\\}\\|\\^\\\\\\-", ".*+?(){}|^\\-", 1 },
		{ "\\n\\r\\t", "\n\r\t", 1 },
		{ "a/b#c d", "a/b#c d", 1 },
		{ "^ab$", "ab", 1 },
		{ "\\^a", "^a", 1 },
		{ "a$", "a\n", 0 },
		{ "(^)*a", "a", 1 },
		{ "\x01", "\x01", 1 },
		{ "()", "", 1 },
		{ "|a", "", 1 },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (match(all[i].pattern, all[i].subject, true) != all[i].matches)
			fail_msg("'%s' on '%s'", all[i].pattern, all[i].subject);
}

static void a_part_is_found_by_searching(void **state)
{
	assert_int_equal(match("b", "abc", false), 1);
	assert_int_equal(match("^b", "abc", false), 0);
	assert_int_equal(match("c$", "abc", false), 1);
	assert_int_equal(match("c$", "abc\n", false), 0);
	assert_int_equal(match("b.c", "ab\nc", false), 0);
}

static void what_only_other_dialects_know_is_refused(void **state)
{
	static const struct {
		const char *pattern;
		size_t offset;
	} all[] = {
		{ "\\d", 1 },	{ "\\w+", 1 },	  { "\\s", 1 },		{ "\\b", 1 },
		{ "\\x41", 1 }, { "\\1", 1 },	  { "\\$", 1 },		{ "a**", 2 },
		{ "a*?", 2 },	{ "a++", 2 },	  { "*a", 0 },		{ "(?:a)", 1 },
		{ "(?i)a", 1 }, { "(*FAIL)", 1 }, { "a{", 2 },		{ "a{,2}", 2 },
		{ "a{x}", 2 },	{ "a{2", 3 },	  { "}", 0 },		{ "]", 0 },
		{ "[", 1 },	{ "[]", 1 },	  { "[^]", 2 },		{ "[a", 2 },
		{ "[b-a]", 4 }, { "[a-b-c]", 4 }, { "[[:alpha:]]", 1 }, { "[a[b]", 2 },
		{ "(a", 2 },	{ "a)", 1 },	  { "\\p{Lx}", 0 },	{ "\\p{Greek}", 0 },
		{ "\\pL", 0 },	{ "\\p", 0 },	  { "a\\", 2 },		{ "\\p{L", 0 },
		{ "[\\d]", 2 }, { "a|*", 2 },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct regex *regex = NULL;
		struct regex_fault fault = { 0 };

		if (iregexp_compile(all[i].pattern, strlen(all[i].pattern), true, &regex, &fault) !=
		    -EINVAL)
			fail_msg("'%s' is taken", all[i].pattern);
		if (fault.offset != all[i].offset)
			fail_msg("'%s': offset %zu, not %zu (%s)", all[i].pattern, fault.offset,
				 all[i].offset, fault.message);
		assert_true(strlen(fault.message) > 10);
	}
}

static void size_is_bounded(void **state)
{
	char *pattern = memory_new(2000, 1);
	struct regex_fault fault;
	struct regex *regex = NULL;

	memset(pattern, 'a', 1024);
	assert_int_equal(iregexp_compile(pattern, 1024, true, &regex, &fault), 0);
	regex_free(regex);
	assert_int_equal(iregexp_compile(pattern, 1025, true, &regex, &fault), -E2BIG);
	memset(pattern, '(', 1000);
	assert_int_equal(iregexp_compile(pattern, 1000, true, &regex, &fault), -EINVAL);
	assert_int_equal(iregexp_compile("((a{900}){900}){900}", 20, true, &regex, &fault),
			 -EINVAL);
	free(pattern);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_match_the_whole),
		cmocka_unit_test(a_part_is_found_by_searching),
		cmocka_unit_test(what_only_other_dialects_know_is_refused),
		cmocka_unit_test(size_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
