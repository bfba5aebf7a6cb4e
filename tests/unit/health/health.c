/* health.c - every way from one state to another, and none besides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "health/health.h"
#include "letters.h"

static const struct patience patience = { .failures = 3, .successes = 2, .every = 5 };

/* The n-th verdict comes at n; the state after each, as letters. */
static struct standing feed(const char *verdicts, char *ret_states)
{
	struct standing standing;
	size_t n = 0;

	health_init(&standing, 0);
	for (; verdicts[n]; n++) {
		const struct verdict verdict = verdict_of(verdicts[n]);
		const enum state before = standing.state;
		const struct health_change change =
			health_record(&standing, &verdict, &patience, n + 1);

		assert_int_equal(change.from, before);
		assert_int_equal(change.to, standing.state);
		assert_int_equal(change.is_changed, before != standing.state);
		assert_int_equal(change.is_confirming, standing.leaning != standing.state);
		ret_states[n] = letters[standing.state];
	}
	ret_states[n] = '\0';
	return standing;
}

static struct standing walks(const char *verdicts, const char *states)
{
	char seen[100];
	const struct standing standing = feed(verdicts, seen);

	assert_string_equal(seen, states);
	return standing;
}

static void leans(const char *verdicts, char to, unsigned seen, unsigned needed)
{
	char states[100];
	const struct standing standing = feed(verdicts, states);

	assert_int_equal(letters[standing.leaning], to);
	assert_int_equal(standing.seen, seen);
	assert_int_equal(standing.needed, needed);
}

static void one_bad_answer_is_not_an_outage(void **state)
{
	(void)state;
	walks("PPFPFFPFFP", "uuuuuuuuuu");
	walks("PWPWWPWWP", "uuuuuuuuu");
}

static void the_first_pass_leaves_pending_at_once(void **state)
{
	(void)state;
	walks("P", "u");
	walks("FFP", "..u");
	walks("WWP", "..u");
	walks("LLP", "..u");
}

static void failures_in_a_row_lead_to_down(void **state)
{
	(void)state;
	walks("FFFF", "..dd");
	walks("PFFFF", "uuudd");
}

static void warnings_in_a_row_lead_to_degraded_only(void **state)
{
	(void)state;
	walks("WWWWW", "..ggg");
	walks("PWWWWW", "uuuggg");
}

static void a_failure_counts_towards_degraded_too(void **state)
{
	(void)state;
	walks("PFWF", "uuug");
	walks("PWFF", "uuug");
	walks("PFFW", "uuug");
	walks("FFW", "..g");
}

static void a_warning_does_not_count_towards_down(void **state)
{
	(void)state;
	walks("PFFWFF", "uuuggg");
	walks("PFFWFFF", "uuugggd");
}

static void degraded_gets_worse_by_failures_and_better_by_passes(void **state)
{
	(void)state;
	walks("WWWFFF", "..gggd");
	walks("WWWPP", "..ggu");
	walks("WWWPWPFP", "..gggggg");
	walks("WWWPFFWPP", "..ggggggu");
}

static void down_recovers_by_passes(void **state)
{
	(void)state;
	walks("FFFPP", "..ddu");
	walks("FFFPFPFP", "..dddddd");
}

static void down_is_degraded_once_it_answers_with_warnings(void **state)
{
	(void)state;
	walks("FFFWW", "..ddg");
	walks("FFFWP", "..ddg");
	walks("FFFPW", "..ddg");
	walks("FFFPWPP", "..ddggu");
	walks("FFFWFWF", "..ddddd");
	walks("FFFWPFFF", "..ddgggd");
}

static void local_failures_in_a_row_lead_to_unknown_never_to_down(void **state)
{
	(void)state;
	walks("LLLLLLL", "..?????");
	walks("PLLLLLL", "uuu????");
	walks("WWWLLL", "..ggg?");
	walks("FFFLLL", "..ddd?");
	walks("PLLPLLP", "uuuuuuu");
	walks("PLLFLLW", "uuuuuuu");
}

static void a_local_failure_neither_adds_to_a_streak_nor_breaks_it(void **state)
{
	(void)state;
	walks("PFLFLLF", "uuuuuud");
	walks("PWLWLLW", "uuuuuug");
	walks("FFFPLLP", "..ddddu");
	walks("PFFLL", "uuuuu");
}

static void what_a_plugin_cannot_tell_leads_to_unknown_never_to_down(void **state)
{
	(void)state;
	walks("NNNNNNN", "..?????");
	walks("PNNNP", "uuu??");
	walks("FFFNNN", "..ddd?");
	walks("PNNPNNFNNWNN", "uuuuuuuuuuuu");
	walks("PNLNLLN", "uuuuuu?");
}

static void what_a_plugin_cannot_tell_breaks_only_what_is_good(void **state)
{
	(void)state;
	walks("PFNFNNF", "uuuuuud");
	walks("PWNWNNW", "uuuuuug");
	walks("FFFPNPP", "..ddddu");
	walks("PLLNLLN", "uuuuuuu");
}

static void unknown_is_left_as_slowly_as_it_must(void **state)
{
	(void)state;
	walks("LLLPP", "..??u");
	walks("LLLFFF", "..???d");
	walks("LLLWW", "..??g");
	walks("LLLPW", "..??g");
	walks("LLLFWF", "..???g");
	walks("LLLPFPF", "..?????");
	walks("LLLPLP", "..???u");
}

static void once_unknown_all_streaks_begin_anew(void **state)
{
	(void)state;
	walks("PPPPLLLLLP", "uuuuuu????");
	walks("FFFFLLLF", "..dddd??");
	walks("PFFLLLFFF", "uuuuu???d");
	walks("LLLLLLPP", "..?????u");
}

static void nothing_changes_by_no_verdict(void **state)
{
	(void)state;
	walks("-PF-F-F-", ".uuuuudd");
}

static void a_state_holds_since_the_first_check_of_its_streak(void **state)
{
	(void)state;
	assert_int_equal(walks("", "").since, 0);
	assert_int_equal(walks("FFFF", "..dd").since, 1);
	assert_int_equal(walks("PPFFF", "uuuud").since, 3);
	assert_int_equal(walks("PWFFF", "uuugd").since, 3);
	assert_int_equal(walks("PWFF", "uuug").since, 2);
	assert_int_equal(walks("FFFFPFPP", "..dddddu").since, 7);
	assert_int_equal(walks("PFLLFF", "uuuuud").since, 2);
	assert_int_equal(walks("PFLLL", "uuuu?").since, 3);
	assert_int_equal(walks("FFFWP", "..ddg").since, 4);
	assert_int_equal(walks("PPPFFP", "uuuuuu").since, 1);
}

static void what_is_being_confirmed_is_shown(void **state)
{
	(void)state;
	leans("", '.', 0, 0);
	leans("P", 'u', 0, 0);
	leans("F", 'd', 1, 3);
	leans("PFF", 'd', 2, 3);
	leans("PFFF", 'd', 0, 0);
	leans("PFFFP", 'u', 1, 2);
	leans("PFFFW", 'g', 1, 2);
	leans("PW", 'g', 1, 3);
	leans("PWF", 'g', 2, 3);
	leans("PWFF", 'd', 2, 3);
	leans("PFP", 'u', 0, 0);
	leans("WWWP", 'u', 1, 2);
	leans("WWWW", 'g', 0, 0);
	leans("FFFWP", 'u', 1, 2);
}

static void a_local_failure_is_confirmed_like_any_other(void **state)
{
	(void)state;
	leans("PL", '?', 1, 3);
	leans("PLL", '?', 2, 3);
	leans("PLLL", '?', 0, 0);
	leans("PLP", 'u', 0, 0);
	leans("PFFL", 'd', 2, 3);
	leans("PFLL", '?', 2, 3);
	leans("LLLP", 'u', 1, 2);
	leans("LLLF", 'd', 1, 3);
	leans("LLLW", 'g', 1, 2);
}

static void what_is_being_confirmed_began_with_its_streak(void **state)
{
	char states[100];

	(void)state;
	assert_int_equal(feed("PPFLF", states).leaning_since, 3);
	assert_int_equal(feed("PPP", states).leaning_since, 1);
	assert_int_equal(feed("FFFFP", states).leaning_since, 5);
}

static void patience_of_one_believes_everything(void **state)
{
	static const struct patience none = { .failures = 1, .successes = 1 };
	static const struct patience nothing = { 0 };
	static const char verdicts[] = "PFWLFPWPLPLW";
	static const char states[] = "udg?dugu?u?g";
	struct standing one, zero;

	(void)state;
	health_init(&one, 0);
	health_init(&zero, 0);
	for (unsigned i = 0; verdicts[i]; i++) {
		const struct verdict verdict = verdict_of(verdicts[i]);

		assert_false(health_record(&one, &verdict, &none, i).is_confirming);
		assert_int_equal(letters[one.state], states[i]);
		(void)health_record(&zero, &verdict, &nothing, i);
		assert_int_equal(zero.state, one.state);
	}
}

static void a_long_streak_does_not_run_over(void **state)
{
	static const struct patience long_one = { .failures = 100000, .successes = 2 };
	struct standing standing;
	const struct verdict verdict = verdict_of('F');

	(void)state;
	health_init(&standing, 0);
	for (unsigned i = 0; i < UINT16_MAX - 1; i++)
		(void)health_record(&standing, &verdict, &long_one, i);
	assert_int_equal(standing.state, STATE_PENDING);
	for (unsigned i = 0; i < 70000; i++)
		(void)health_record(&standing, &verdict, &long_one, i);
	assert_int_equal(standing.state, STATE_DOWN);
}

static void less_patience_after_a_reload_waits_for_the_next_verdict(void **state)
{
	static const struct patience less = { .failures = 2, .successes = 2 };
	char states[100];
	struct standing standing = feed("PFF", states);
	struct verdict verdict = verdict_of('L');

	(void)state;
	assert_false(health_record(&standing, &verdict, &less, 4).is_changed);
	verdict = verdict_of('F');
	assert_true(health_record(&standing, &verdict, &less, 5).is_changed);
	assert_int_equal(standing.state, STATE_DOWN);
}

static void while_paused_nothing_changes_and_afterwards_all_begins_anew(void **state)
{
	char states[100];
	struct standing standing = feed("FFPFF", states);
	struct verdict verdict = verdict_of('F');

	(void)state;
	health_pause(&standing, 10);
	assert_int_equal(standing.state, STATE_PAUSED);
	assert_int_equal(standing.leaning, STATE_PAUSED);
	assert_int_equal(standing.since, 10);
	assert_int_equal(standing.seen, 0);
	assert_false(health_record(&standing, &verdict, &patience, 11).is_changed);
	health_pause(&standing, 12);
	assert_int_equal(standing.since, 10);
	health_resume(&standing, 20);
	assert_int_equal(standing.state, STATE_PENDING);
	assert_int_equal(standing.since, 20);
	assert_false(health_record(&standing, &verdict, &patience, 21).is_changed);
	assert_false(health_record(&standing, &verdict, &patience, 22).is_changed);
	assert_true(health_record(&standing, &verdict, &patience, 23).is_changed);
	assert_int_equal(standing.since, 21);
	health_resume(&standing, 30);
	assert_int_equal(standing.state, STATE_DOWN);
}

/* As the store has it: lengths and starts, and nothing of where they lead. */
static struct standing kept(const char *verdicts)
{
	char states[100];
	struct standing standing = feed(verdicts, states);

	standing.leaning = standing.state;
	standing.leaning_since = standing.since;
	standing.seen = standing.needed = 0;
	return standing;
}

static void after_a_restart_a_streak_goes_on(void **state)
{
	static const char *const walks[] = { "PPFF", "PWF", "FFFP", "PLL", "PFP", "", NULL };
	char states[100];

	(void)state;
	for (unsigned i = 0; walks[i]; i++) {
		const struct standing before = feed(walks[i], states);
		struct standing after = kept(walks[i]);

		health_return(&after, &patience);
		assert_memory_equal(&after, &before, sizeof(after));
	}
}

static void what_is_forgotten_is_confirmed_anew(void **state)
{
	struct standing standing = kept("PPFF");
	const struct verdict verdict = verdict_of('F');

	(void)state;
	health_forget(&standing);
	assert_int_equal(standing.state, STATE_UP);
	assert_int_equal(standing.since, 1);
	assert_int_equal(standing.leaning, STATE_UP);
	assert_false(health_record(&standing, &verdict, &patience, 10).is_changed);
	assert_false(health_record(&standing, &verdict, &patience, 11).is_changed);
	assert_true(health_record(&standing, &verdict, &patience, 12).is_changed);
	assert_int_equal(standing.since, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_bad_answer_is_not_an_outage),
		cmocka_unit_test(the_first_pass_leaves_pending_at_once),
		cmocka_unit_test(failures_in_a_row_lead_to_down),
		cmocka_unit_test(warnings_in_a_row_lead_to_degraded_only),
		cmocka_unit_test(a_failure_counts_towards_degraded_too),
		cmocka_unit_test(a_warning_does_not_count_towards_down),
		cmocka_unit_test(degraded_gets_worse_by_failures_and_better_by_passes),
		cmocka_unit_test(down_recovers_by_passes),
		cmocka_unit_test(down_is_degraded_once_it_answers_with_warnings),
		cmocka_unit_test(local_failures_in_a_row_lead_to_unknown_never_to_down),
		cmocka_unit_test(a_local_failure_neither_adds_to_a_streak_nor_breaks_it),
		cmocka_unit_test(what_a_plugin_cannot_tell_leads_to_unknown_never_to_down),
		cmocka_unit_test(what_a_plugin_cannot_tell_breaks_only_what_is_good),
		cmocka_unit_test(unknown_is_left_as_slowly_as_it_must),
		cmocka_unit_test(once_unknown_all_streaks_begin_anew),
		cmocka_unit_test(nothing_changes_by_no_verdict),
		cmocka_unit_test(a_state_holds_since_the_first_check_of_its_streak),
		cmocka_unit_test(what_is_being_confirmed_is_shown),
		cmocka_unit_test(a_local_failure_is_confirmed_like_any_other),
		cmocka_unit_test(what_is_being_confirmed_began_with_its_streak),
		cmocka_unit_test(patience_of_one_believes_everything),
		cmocka_unit_test(a_long_streak_does_not_run_over),
		cmocka_unit_test(less_patience_after_a_reload_waits_for_the_next_verdict),
		cmocka_unit_test(after_a_restart_a_streak_goes_on),
		cmocka_unit_test(what_is_forgotten_is_confirmed_anew),
		cmocka_unit_test(while_paused_nothing_changes_and_afterwards_all_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
