/* windows.c - rows of verdicts with holes, and verdicts that change all the time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "health/health.h"
#include "letters.h"

static const struct patience patience = { .failures = 3, .successes = 2, .every = 5 };

/* As feed(), with other patience. */
static void walks_with(const struct patience *other, const char *verdicts, const char *states)
{
	struct standing standing;
	char seen[100];
	size_t n = 0;

	health_init(&standing, 0);
	for (; verdicts[n]; n++) {
		const struct verdict verdict = verdict_of(verdicts[n]);

		(void)health_record(&standing, &verdict, other, n + 1);
		seen[n] = letters[standing.state];
	}
	seen[n] = '\0';
	assert_string_equal(seen, states);
}

static void three_of_five_need_not_be_in_a_row(void **state)
{
	static const struct patience holes = { .failures = 3, .within = 5, .successes = 2 };

	(void)state;
	walks_with(&holes, "PFPFPF", "uuuuud");
	/* The first is no longer among the last five. */
	walks_with(&holes, "PFPPFPF", "uuuuuuu");
	walks_with(&holes, "PFPPPPFPF", "uuuuuuuuu");
	/* A local failure is no check of the endpoint. */
	walks_with(&holes, "PFLPLFLPF", "uuuuuuuud");
	walks_with(&holes, "PWPFPW", "uuuuug");
	walks_with(&holes, "FPF", ".uu");
}

static void what_was_overcome_is_not_counted_again(void **state)
{
	static const struct patience holes = { .failures = 3, .within = 5, .successes = 2 };

	(void)state;
	walks_with(&holes, "PFFFPPFF", "uuudduuu");
	walks_with(&holes, "PFFFPPFFF", "uuudduuud");
	/* Down, then degraded: the fails that led to down do not lead there again. */
	walks_with(&holes, "PFFFWWF", "uuuddgg");
}

static void a_window_is_shown_while_it_holds_a_failure(void **state)
{
	static const struct patience holes = { .failures = 3, .within = 5, .successes = 2 };
	struct standing standing;
	struct health_change change = { 0 };

	(void)state;
	health_init(&standing, 0);
	for (const char *letter = "PFPF"; *letter; letter++) {
		const struct verdict verdict = verdict_of(*letter);

		change = health_record(&standing, &verdict, &holes, 10);
	}
	assert_true(change.is_confirming);
	assert_int_equal(standing.leaning, STATE_DOWN);
	assert_int_equal(standing.seen, 2);
	assert_int_equal(standing.needed, 3);
	for (const char *letter = "PPPPP"; *letter; letter++) {
		const struct verdict verdict = verdict_of(*letter);

		change = health_record(&standing, &verdict, &holes, 20);
	}
	assert_false(change.is_confirming);
}

static void verdicts_that_change_all_the_time_are_flapping(void **state)
{
	static const struct verdict pass = { .kind = VERDICT_PASS };
	static const struct verdict fail = { .kind = VERDICT_FAIL, .class = CLASS_timeout };
	static const struct verdict local = { .kind = VERDICT_FAIL, .class = CLASS_local };
	struct standing standing;
	unsigned n = 0;

	(void)state;
	health_init(&standing, 0);
	assert_false(health_record(&standing, &pass, &patience, 1).is_flapping_changed);
	/* Five changes weigh 1.2 + … + 1.116 = 5.79 of 20, six 6.88 of 20, which is 34 %. */
	for (; n < 5; n++)
		assert_false(health_record(&standing, n % 2 ? &pass : &fail, &patience, n)
				     .is_flapping_changed);
	assert_true(health_flapping(&standing) > 0.289 && health_flapping(&standing) < 0.290);
	/* This host's trouble is no change of the endpoint's. */
	assert_false(health_record(&standing, &local, &patience, n).is_flapping_changed);
	assert_true(health_record(&standing, &pass, &patience, n).is_flapping_changed);
	assert_true(standing.is_flapping);
	/* Each pass makes them older; at 25 % it is still flapping, below it is not. */
	for (n = 0; standing.is_flapping; n++) {
		assert_true(health_flapping(&standing) >= 0.25);
		(void)health_record(&standing, &pass, &patience, n);
	}
	assert_true(n == 15);
	for (n = 0; n < 40; n++)
		(void)health_record(&standing, &pass, &patience, n);
	assert_true(health_flapping(&standing) == 0);
}

static void windows_are_recalled_from_the_recent_checks(void **state)
{
	static const struct patience holes = { .failures = 3, .within = 5, .successes = 2 };
	struct watch watch = { 0 };
	struct verdict verdict;
	usec_t wall = 1000 * USEC_PER_SEC;

	(void)state;
	health_init(&watch.standing, 0);
	for (const char *letter = "FFFPPFLP"; *letter; letter++, wall += USEC_PER_SEC) {
		verdict = verdict_of(*letter);
		(void)health_record(&watch.standing, &verdict, &holes, wall);
		recent_add(&watch.recent, &(struct past_check){
						  .at = wall,
						  .kind = (uint8_t)verdict.kind,
						  .class = (uint8_t)verdict.class,
					  });
	}
	assert_int_equal(watch.standing.state, STATE_UP);
	/* The fails that led to down, and are over, are not among them. */
	assert_int_equal(watch.standing.fails, 2);
	watch.standing.fails = watch.standing.bads = watch.standing.turns = 0;
	health_recall(&watch);
	assert_int_equal(watch.standing.fails & 31, 2);
	assert_int_equal(watch.standing.bads & 31, 2);
	for (unsigned i = 0; i < 2; i++) {
		verdict = verdict_of('F');
		assert_int_equal(
			health_record(&watch.standing, &verdict, &holes, wall + i).is_changed,
			i == 1);
	}
	assert_int_equal(watch.standing.state, STATE_DOWN);
	free(watch.recent);
}

static void a_row_begins_with_the_oldest_failure_of_its_window(void **state)
{
	static const struct patience holes = { .failures = 3, .within = 5, .successes = 2 };
	struct watch watch = { 0 };
	const char *const letters_in = "PFPPPFPPPFPPPFLFF";
	usec_t first_of_three = 0, wall = 1000 * USEC_PER_SEC;
	struct verdict verdict;

	(void)state;
	health_init(&watch.standing, 0);
	for (const char *letter = letters_in; *letter; letter++, wall += USEC_PER_SEC) {
		verdict = verdict_of(*letter);
		health_date(&watch.standing, &holes, &watch, 0);
		(void)health_record(&watch.standing, &verdict, &holes, wall);
		recent_add(&watch.recent, &(struct past_check){
						  .at = wall,
						  .kind = (uint8_t)verdict.kind,
						  .class = (uint8_t)verdict.class,
					  });
		if (letter == letters_in + 13)
			first_of_three = wall;
	}
	assert_int_equal(watch.standing.state, STATE_DOWN);
	/* The window was never without a failure since the second check. */
	assert_int_equal(watch.standing.since, first_of_three);
	free(watch.recent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_begins_with_the_oldest_failure_of_its_window),
		cmocka_unit_test(three_of_five_need_not_be_in_a_row),
		cmocka_unit_test(what_was_overcome_is_not_counted_again),
		cmocka_unit_test(a_window_is_shown_while_it_holds_a_failure),
		cmocka_unit_test(verdicts_that_change_all_the_time_are_flapping),
		cmocka_unit_test(windows_are_recalled_from_the_recent_checks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
