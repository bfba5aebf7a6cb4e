/* Regular expressions: what they match, and that they stop. */
#define PCRE2_CODE_UNIT_WIDTH 8

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "expect/regex.h"

#define MEGABYTE    ((size_t)1 << 20)
#define CPU_BUDGET  (50 * USEC_PER_MS)
/* Far above the budget, for machines that are busy or instrumented; far below minutes. */
#define CPU_ALLOWED USEC_PER_SEC

static struct regex *compile(const char *pattern, unsigned flags)
{
	struct regex_fault fault;
	struct regex *regex = NULL;

	if (regex_compile(pattern, strlen(pattern), flags, &regex, &fault) < 0)
		fail_msg("%s: %zu: %s", pattern, fault.offset, fault.message);
	return regex;
}

static int match_len(const char *pattern, unsigned flags, const char *subject, size_t len)
{
	struct regex *regex = compile(pattern, flags);
	struct budget budget;
	int r;

	budget_init(&budget, USEC_PER_SEC, UINT64_MAX);
	r = regex_match(regex, subject, len, &budget);
	regex_free(regex);
	return r;
}

static int match(const char *pattern, unsigned flags, const char *subject)
{
	return match_len(pattern, flags, subject, strlen(subject));
}

static void flags_do_what_their_letters_say(void **state)
{
	assert_int_equal(match("ABC", 0, "xabcx"), 0);
	assert_int_equal(match("ABC", REGEX_CASELESS, "xabcx"), 1);
	assert_int_equal(match("^b$", 0, "a\nb\nc"), 0);
	assert_int_equal(match("^b$", REGEX_MULTILINE, "a\nb\nc"), 1);
	assert_int_equal(match("a.b", 0, "a\nb"), 0);
	assert_int_equal(match("a.b", REGEX_DOTALL, "a\nb"), 1);
	assert_int_equal(match("a b # c", REGEX_EXTENDED, "ab"), 1);
	assert_int_equal(match("a|ab", REGEX_WHOLE, "ab"), 1);
	assert_int_equal(match("a", REGEX_WHOLE, "ab"), 0);
	assert_int_equal(match("", 0, ""), 1);
	assert_int_equal(match("$", 0, "abc"), 1);
	assert_int_equal(match("c\\z", 0, "abc"), 1);
	assert_int_equal(match("(?<=b)c", 0, "abc"), 1);
}

static void utf8_is_matched_by_characters_and_the_rest_by_bytes(void **state)
{
	assert_int_equal(match("^.$", 0, "\xc3\xa4"), 1);
	assert_int_equal(match("^..$", 0, "\xc3\xa4"), 0);
	assert_int_equal(match("\xc3\x84", REGEX_CASELESS, "\xc3\xa4"), 1);
	assert_int_equal(match("^..$", 0, "\xc3\xff"), 1);
	assert_int_equal(match("b$", 0,
			       "\xff\xfe"
			       "b"),
			 1);
	assert_int_equal(match_len("^a.b$", 0, "a\0b", 3), 1);
	assert_int_equal(match("(?i)ABC", 0, "xabcx"), 1);
	assert_int_equal(match("x(?im:ABC)", 0, "xabcx"), 1);
	assert_int_equal(match("k", REGEX_CASELESS, "\xe2\x84\xaa"), 1); /* the Kelvin sign */
}

static void faults_are_placed(void **state)
{
	static const struct {
		const char *pattern;
		size_t offset;
	} all[] = {
		{ "a(b", 3 },	     { "a)", 1 },      { "[a", 2 },	   { "*a", 0 },
		{ "a(*SKIP)b", 1 },  { "(*UTF)a", 0 }, { "(*COMMIT)", 0 }, { "a{2,1}", 5 },
		{ "[(*A]|(*F)", 6 }, { "(*:x)a", 0 },
	};
	static const char *const fine[] = { "\\(*A", "[(*A]", "[]](*atomic:a)", "[^](*A]" };
	struct regex_fault fault;
	struct regex *regex = NULL;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		assert_int_equal(
			regex_compile(all[i].pattern, strlen(all[i].pattern), 0, &regex, &fault),
			-EINVAL);
		if (fault.offset != all[i].offset)
			fail_msg("%s: %zu: %s", all[i].pattern, fault.offset, fault.message);
		assert_true(strlen(fault.message) > 10);
	}
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		regex_free(compile(fine[i], 0));
	assert_int_equal(regex_compile("a\\Cb", 4, 0, &regex, &fault), -EINVAL);
	assert_int_equal(regex_compile("(a{999}b){60}", 13, 0, &regex, &fault), 0);
	regex_free(regex);
}

/* Compiling happens on the loader's thread, and of a document's patterns on a judge's. */
static void compiling_is_bounded_too(void **state)
{
	static const char *const patterns[] = {
		"((((a{1,999}){1,999}){1,999}){1,999})",
		"(((a{65535}){65535}){65535})",
		"(?:a?){9999}a{9999}",
		"(?i)(\\p{L}{999}|\\p{N}{999}){99}",
		"((((((((((x{9}){9}){9}){9}){9}){9}){9}){9}){9}){9})",
		"(?(?=a)b|(?1)){0,999}(c|(?1)?)",
		"[\\x{0}-\\x{10ffff}]{1,9999}",
	};
	struct text deep = { 0 };

	for (unsigned i = 0; i < 2000; i++)
		text_append(&deep, "(a");
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]) + 1; i++) {
		const char *pattern = i ? patterns[i - 1] : deep.data;
		const usec_t began = clock_thread_cpu();
		struct regex_fault fault;
		struct regex *regex = NULL;

		if (regex_compile(pattern, strlen(pattern), 0, &regex, &fault) == 0)
			regex_free(regex);
		else
			assert_true(strlen(fault.message) > 10);
		if (clock_thread_cpu() - began > CPU_ALLOWED)
			fail_msg("%.40s: %u us", pattern, (unsigned)(clock_thread_cpu() - began));
	}
	text_done(&deep);
}

static char *subject_of(const char *unit)
{
	const size_t unit_len = strlen(unit);
	char *subject = memory_new(MEGABYTE + 1, 1);

	for (size_t i = 0; i < MEGABYTE; i++)
		subject[i] = unit[i % unit_len];
	return subject;
}

/* Whether the budget ends it or the limit on backtracking depends on the machine. */
static void what_would_take_minutes_stops_in_time(void **state)
{
	static const struct {
		const char *pattern, *unit;
	} all[] = {
		{ "[ab]+[cd]", "a" },
		{ "^(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab" },
		{ "\\d+[x-z]", "7" },
		{ "(?:\\w+=|\\w)*!?[x-z]", "7" },
		{ "(?=(?:a++b|a)*[cd])", "a" },
		{ "(a|b|ab)*[cd]", "ab" },
		{ "(.*)(.*)(.*)(.*)[0-9]", "x" },
		{ "a.*b.*c.*d[0-9]", "abcd " },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct regex *regex = compile(all[i].pattern, 0);
		char *subject = subject_of(all[i].unit);
		struct budget budget;
		usec_t took;
		int r;

		took = clock_thread_cpu();
		budget_init(&budget, CPU_BUDGET, UINT64_MAX);
		r = regex_match(regex, subject, MEGABYTE, &budget);
		took = clock_thread_cpu() - took;
		if (r != -E2BIG && r != -ETIMEDOUT)
			fail_msg("%s: %d", all[i].pattern, r);
		if (took > CPU_ALLOWED)
			fail_msg("%s: %u us", all[i].pattern, (unsigned)took);
		regex_free(regex);
		free(subject);
	}
}

/* By the limit on backtracking: if it were by the time, it would be -ETIMEDOUT. */
static void backtracking_on_a_short_text_is_cut_off(void **state)
{
	assert_int_equal(match("^(a+)+$", 0, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"), -E2BIG);
}

/* Slices and windows must not change the answer: ask PCRE2 itself, too. */
static void slices_do_not_show(void **state)
{
	static const char *const patterns[] = {
		"needle",
		"need(?=le)",
		"(?<=x)needle",
		"^needle",
		"needle$",
		"needle\\n?\\z",
		"x[^y]*needle",
		"(?s)^.*needle",
		"\\bneedle\\b",
		"(?i)NEEDLE",
		"(?m)^needle",
		"(?m)needle$",
		"[a-w]+needle",
		"x{3000}needle",
		"(x{1,50})needle",
		"needle(?!z)",
		"(?:x|y)+needlez",
		"needle.{5000}",
		"needle.{0,5000}$",
		"",
		"[^x]",
		"(?:)needle",
		"\\Gneedle",
		"(a)?needle\\z",
		"\\p{Lu}",
		"needle|\\z",
		"(?<!x)needle",
		"x*?needle",
	};
	static const size_t places[] = { 0, 1, 255, 256, 257, 2303, 2304, 2305, 9000, 19994 };
	char *subject = memory_new(20000, 1);

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) + 1; i++) {
		memset(subject, 'x', 20000);
		if (i < sizeof(places) / sizeof(places[0]))
			memcpy(subject + places[i], "needle", 6);
		for (size_t p = 0; p < sizeof(patterns) / sizeof(patterns[0]); p++) {
			int error;
			PCRE2_SIZE offset;
			pcre2_code *code =
				pcre2_compile((PCRE2_SPTR)patterns[p], PCRE2_ZERO_TERMINATED,
					      PCRE2_UTF, &error, &offset, NULL);
			pcre2_match_data *data = pcre2_match_data_create(1, NULL);
			int plain = pcre2_match(code, (PCRE2_SPTR)subject, 20000, 0, 0, data, NULL);

			if (match_len(patterns[p], 0, subject, 20000) != (plain >= 0))
				fail_msg("%s, needle %zu", patterns[p], i);
			pcre2_match_data_free(data);
			pcre2_code_free(code);
		}
	}
	free(subject);
}

static usec_t least_time(const char *pattern, const char *subject, bool plainly)
{
	struct regex *regex = compile(pattern, 0);
	usec_t least = USEC_NEVER;
	struct budget budget;
	int error;
	PCRE2_SIZE offset;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF,
					 &error, &offset, NULL);
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);

	for (unsigned round = 0; round < 9; round++) {
		usec_t took = clock_thread_cpu();

		budget_init(&budget, USEC_PER_SEC, UINT64_MAX);
		if (plainly)
			(void)pcre2_match(code, (PCRE2_SPTR)subject, MEGABYTE, 0, 0, data, NULL);
		else
			assert_int_equal(regex_match(regex, subject, MEGABYTE, &budget), 0);
		took = clock_thread_cpu() - took;
		least = took < least ? took : least;
	}
	pcre2_match_data_free(data);
	pcre2_code_free(code);
	regex_free(regex);
	return least;
}

/* Measured on a quiet machine it is 0.1 to 1.1 times.  The bound is for what would be
 * hundreds of times: a slice that makes PCRE2 begin anew.
 */
static void harmless_patterns_cost_what_plain_pcre_does(void **state)
{
	static const char *const patterns[] = {
		"xyzzy",     "\"status\":\\s*\"ok\"", "\\berror\\b(?!-)",    "[0-9]+ items",
		".*foo",     "(?i)zfoo|zbar",	      "class=\"[^\"]*foo\"", "(?:text|words)[0-9]",
		"\\w+@\\w+", "^\\s*<title>",
	};
	char *subject = subject_of("<div class=\"item status\">Some harmless text, 123 and 4567 "
				   "numbers; error-free lines of words.</div>\n");

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		const usec_t plain = least_time(patterns[i], subject, true);
		const usec_t ours = least_time(patterns[i], subject, false);

		if (ours > 20 * plain + 20 * USEC_PER_MS)
			fail_msg("%s: %u us, not %u", patterns[i], (unsigned)ours, (unsigned)plain);
	}
	free(subject);
}

static void a_spent_budget_matches_nothing_more(void **state)
{
	struct regex *regex = compile("a", 0);
	struct budget budget;

	budget_init(&budget, USEC_PER_SEC, 0);
	assert_int_equal(budget_spend(&budget, 1), -E2BIG);
	assert_int_equal(regex_match(regex, "a", 1, &budget), -E2BIG);
	regex_free(regex);
}

static int find(const char *pattern, const char *subject, bool is_open, struct regex_part *parts)
{
	struct regex *regex = compile(pattern, 0);
	struct budget budget;
	int r;

	memset(parts, 0x55, 3 * sizeof(*parts));
	budget_init(&budget, USEC_PER_SEC, UINT64_MAX);
	r = regex_find(regex, subject, strlen(subject), is_open, &budget, parts, 3);
	regex_free(regex);
	return r;
}

static void groups_are_found_and_those_that_took_no_part_are_none(void **state)
{
	struct regex_part parts[3];

	assert_int_equal(find("b(c)(x)?", "abcd", false, parts), 1);
	assert_int_equal(parts[0].from, 1);
	assert_int_equal(parts[0].to, 3);
	assert_int_equal(parts[1].from, 2);
	assert_int_equal(parts[1].to, 3);
	assert_true(parts[2].from > parts[2].to);
	/* More groups than there is room for, and fewer. */
	assert_int_equal(find("(a)(b)(c)(d)", "abcd", false, parts), 1);
	assert_int_equal(parts[2].from, 1);
	assert_int_equal(find("a", "abcd", false, parts), 1);
	assert_true(parts[1].from > parts[1].to && parts[2].from > parts[2].to);
}

static void what_may_go_on_is_waited_for_where_that_can_matter(void **state)
{
	struct regex_part parts[3];

	assert_int_equal(find("^220 .*", "220 ma", true, parts), -EAGAIN);
	assert_int_equal(find("^220 .*", "220 mail\n", true, parts), 1);
	assert_int_equal(parts[0].to, 8);
	assert_int_equal(find("^220", "22", true, parts), -EAGAIN);
	assert_int_equal(find("^220", "220", true, parts), 1);
	assert_int_equal(find("^220.*\n", "220 ma", true, parts), -EAGAIN);
	assert_int_equal(find("^220", "5", true, parts), 0);
	assert_int_equal(find("^220$", "220", true, parts), -EAGAIN);
	assert_int_equal(find("^220$", "220", false, parts), 1);
	assert_int_equal(find("ready", "not re", true, parts), -EAGAIN);
	assert_int_equal(find("ready", "not yet", true, parts), 0);
}

static void whether_only_the_start_counts_is_known(void **state)
{
	static const struct {
		const char *pattern;
		bool is_anchored;
	} cases[] = { { "^a", true }, { "a", false }, { "^a|b", false }, { "(?m)^a", false } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct regex *regex = compile(cases[i].pattern, 0);

		assert_int_equal(regex_is_anchored(regex), cases[i].is_anchored);
		regex_free(regex);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_do_what_their_letters_say),
		cmocka_unit_test(utf8_is_matched_by_characters_and_the_rest_by_bytes),
		cmocka_unit_test(faults_are_placed),
		cmocka_unit_test(compiling_is_bounded_too),
		cmocka_unit_test(what_would_take_minutes_stops_in_time),
		cmocka_unit_test(backtracking_on_a_short_text_is_cut_off),
		cmocka_unit_test(slices_do_not_show),
		cmocka_unit_test(harmless_patterns_cost_what_plain_pcre_does),
		cmocka_unit_test(groups_are_found_and_those_that_took_no_part_are_none),
		cmocka_unit_test(what_may_go_on_is_waited_for_where_that_can_matter),
		cmocka_unit_test(whether_only_the_start_counts_is_known),
		cmocka_unit_test(a_spent_budget_matches_nothing_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
