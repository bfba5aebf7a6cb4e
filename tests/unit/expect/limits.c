/* limits.c - what strangers send cannot make judging long. */
#include "base/clock.h"
#include "look.h"

enum { MEGABYTES = 4 << 20 };

static struct observation megabytes_of(const char *part)
{
	struct observation answer = look_answer("", "");

	while (answer.body.len < MEGABYTES)
		text_append(&answer.body, part);
	return answer;
}

/* Unknown because of the budget, and not long after the 50 ms that it gives. */
static void expect_limit(const struct observation *answer, const char *line)
{
	const usec_t begun = clock_thread_cpu();
	const struct look seen = look(answer, line);
	const usec_t took = clock_thread_cpu() - begun;

	if (seen.truth != TRUTH_UNKNOWN || !seen.is_limit)
		fail_msg("%s: is %s (%s)", line, look_truth_name(seen.truth), seen.value);
	assert_false(seen.is_cut);
	/* Sanitizers make a slice of work longer; without any bound this takes minutes. */
	if (took > 2 * USEC_PER_SEC)
		fail_msg("%s: took %u ms", line, (unsigned)(took / USEC_PER_MS));
}

static void a_regular_expression_runs_out(void **state)
{
	struct observation answer =
		look_answer("", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!");

	expect_limit(&answer, "body matches /^(a+)+$/");
	expect_limit(&answer, "body not matches /^(a+)+$/");
	expect_limit(&answer, "not body matches /^(a+)+$/");
	observation_done(&answer);
}

static void a_glob_runs_out(void **state)
{
	struct observation answer = megabytes_of("aaaaaaaa");
	char line[2048] = "body like '*";

	memset(line + 12, 'a', 1900);
	memcpy(line + 1912, "b*'", 4);
	expect_limit(&answer, line);
	observation_done(&answer);
}

static void a_query_runs_out(void **state)
{
	struct observation answer = look_answer("", "[0");

	for (int i = 1; i < 30000; i++)
		text_print(&answer.body, ",%d", i);
	text_append(&answer.body, "]");
	expect_limit(&answer, "json $[?count($[?@ > 5]) > 3] is empty");
	observation_done(&answer);
}

static void lists_compared_with_lists_run_out(void **state)
{
	struct observation answer = look_answer("", "[0");

	for (int i = 1; i < 100000; i++)
		text_print(&answer.body, ",%d", i % 7 + i);
	text_append(&answer.body, "]");
	expect_limit(&answer, "none json $[*] not in json $[*]");
	observation_done(&answer);
}

/* However many elements were of another type before that. */
static void lists_that_cannot_be_compared_run_out(void **state)
{
	struct observation answer = look_answer("", "[\"\"");

	for (int i = 1; i < 60000; i++)
		text_print(&answer.body, ",%d,\"%d\"", i, i);
	text_append(&answer.body, "]");
	expect_limit(&answer, "none json $[?@ > 0] in json $[?@ > '']");
	observation_done(&answer);
}

static void functions_over_large_texts_run_out(void **state)
{
	struct observation answer = megabytes_of("abcdefgh");
	char line[4096] = "status == 200";

	/* Each reads the whole body; together they would take seconds. */
	for (int i = 0; i < 48; i++)
		(void)snprintf(line + strlen(line), sizeof(line) - strlen(line),
			       " and sha256(lower(body)) != '%d'", i);
	expect_limit(&answer, line);
	observation_done(&answer);
}

static void one_budget_is_for_all_lines_of_a_check(void **state)
{
	struct observation answer = megabytes_of("aaaaaaaa");
	char line[2048] = "body like '*";
	struct program *program;
	struct expect_fault fault;
	struct text value = { .limit_bytes = 256 };
	struct expect_run *run = expect_run_new(&answer, 64);
	bool is_limit, is_cut;

	memset(line + 12, 'a', 1900);
	memcpy(line + 1912, "b*'", 4);
	program = look_compile(line);
	assert_int_equal(
		program_add(&program, "body contains 'x'", 17, EVERY_SUBJECT, NULL, &fault), 0);
	assert_int_equal(program_add(&program, "status == 200", 13, EVERY_SUBJECT, NULL, &fault),
			 0);
	assert_int_equal(expect_evaluate(run, program, 0, &value, &is_limit, &is_cut), U);
	assert_true(is_limit);
	/* What costs nothing is judged all the same. */
	assert_int_equal(expect_evaluate(run, program, 1, &value, &is_limit, &is_cut), U);
	assert_true(is_limit);
	assert_int_equal(expect_evaluate(run, program, 2, &value, &is_limit, &is_cut), T);
	assert_false(is_limit);
	text_done(&value);
	expect_run_free(run);
	program_free(program);
	observation_done(&answer);
}

static void reading_the_body_is_not_counted(void **state)
{
	struct observation answer = look_answer("", "[0");
	const usec_t begun = clock_thread_cpu();

	/* More than fits into 50 ms of anybody's CPU. */
	for (int i = 1; i < 4000000; i++)
		text_append(&answer.body, ",{\"a\":1}");
	text_append(&answer.body, "]");
	assert_int_equal(look(&answer, "json $[0] == 0").truth, T);
	assert_true(clock_thread_cpu() - begun > 50 * USEC_PER_MS);
	observation_done(&answer);
}

static void what_is_true_or_false_anyway_needs_no_budget(void **state)
{
	struct observation answer =
		look_answer("", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!");
	static const struct look_case cases[] = {
		{ "status == 200 or body matches /^(a+)+$/", T, NULL },
		{ "status == 500 and body matches /^(a+)+$/", F, "status is 200" },
		{ "body matches /^(a+)+$/ or status == 200", T, NULL },
	};

	LOOK_AT(&answer, cases);
	assert_true(look(&answer, "status == 500 or body matches /^(a+)+$/").is_limit);
	observation_done(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_regular_expression_runs_out),
		cmocka_unit_test(a_glob_runs_out),
		cmocka_unit_test(a_query_runs_out),
		cmocka_unit_test(lists_compared_with_lists_run_out),
		cmocka_unit_test(lists_that_cannot_be_compared_run_out),
		cmocka_unit_test(functions_over_large_texts_run_out),
		cmocka_unit_test(one_budget_is_for_all_lines_of_a_check),
		cmocka_unit_test(reading_the_body_is_not_counted),
		cmocka_unit_test(what_is_true_or_false_anyway_needs_no_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
