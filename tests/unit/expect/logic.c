/* logic.c - three values, and the words before a list. */
#include "look.h"

/* header A is not there, so what is asked of it is unknown. */
#define TRUE_TEST    "status == 200"
#define FALSE_TEST   "status == 500"
#define UNKNOWN_TEST "header A == 'x'"

static const char *const tests_of[] = {
	[TRUTH_TRUE] = TRUE_TEST,
	[TRUTH_FALSE] = FALSE_TEST,
	[TRUTH_UNKNOWN] = UNKNOWN_TEST,
};

static void join_as_in_sql(const char *word, const enum truth table[3][3])
{
	struct observation answer = look_answer("", "");
	char line[200];

	for (enum truth left = 0; left < 3; left++) {
		for (enum truth right = 0; right < 3; right++) {
			struct look seen;

			(void)snprintf(line, sizeof(line), "%s %s %s", tests_of[left], word,
				       tests_of[right]);
			seen = look(&answer, line);
			if (seen.truth != table[left][right])
				fail_msg("%s is %s", line, look_truth_name(seen.truth));
			(void)snprintf(line, sizeof(line), "not (%s %s %s)", tests_of[left], word,
				       tests_of[right]);
			seen = look(&answer, line);
			if (seen.truth != (table[left][right] == T   ? F
					   : table[left][right] == F ? T
								     : U))
				fail_msg("%s is %s", line, look_truth_name(seen.truth));
		}
	}
	observation_done(&answer);
}

static void and_is_as_in_sql(void **state)
{
	static const enum truth table[3][3] = {
		[T] = { [T] = T, [F] = F, [U] = U },
		[F] = { [T] = F, [F] = F, [U] = F },
		[U] = { [T] = U, [F] = F, [U] = U },
	};

	join_as_in_sql("and", table);
}

static void or_is_as_in_sql(void **state)
{
	static const enum truth table[3][3] = {
		[T] = { [T] = T, [F] = T, [U] = T },
		[F] = { [T] = T, [F] = F, [U] = U },
		[U] = { [T] = T, [F] = U, [U] = U },
	};

	join_as_in_sql("or", table);
}

static void not_unknown_is_unknown(void **state)
{
	struct observation answer = look_answer("", "not JSON");
	static const struct look_case cases[] = {
		{ "not header A == 'x'", U, "header A does not exist" },
		{ "not header A != 'x'", U, NULL },
		{ "not not header A == 'x'", U, NULL },
		{ "header A not contains 'x'", U, NULL },
		{ "header A not in ['x', 'y']", U, NULL },
		{ "header A not matches /x/", U, NULL },
		{ "header A not like 'x'", U, NULL },
		{ "header A is not empty", U, NULL },
		{ "none header A == 'x'", U, NULL },
		{ "not any header A == 'x'", U, NULL },
		{ "not json $.a == 1", U, NULL },
		{ "not none json $[*] == 1", U, NULL },
		{ "not status == 500 and not header A == 'x'", U, "header A does not exist" },
	};

	LOOK_AT(&answer, cases);
	observation_done(&answer);
}

static void any_all_and_none_are_of_the_elements(void **state)
{
	struct observation answer = look_json("{\"n\": [1, 2, 3], \"one\": 2, \"none\": [],"
					      " \"mixed\": [1, \"a\"]}");
	static const struct look_case cases[] = {
		{ "any json $.n[*] == 2", T, NULL },
		{ "any json $.n[*] == 4", F, "$.n[*] has 3 elements, the first of which is 1" },
		{ "all json $.n[*] > 0", T, NULL },
		{ "all json $.n[*] < 3", F, "$.n[*]: element 3 of 3 is 3" },
		{ "none json $.n[*] == 4", T, NULL },
		{ "none json $.n[*] == 2", F, "$.n[*]: element 2 of 3 is 2" },
		/* all is what a list stands for where none of them is written. */
		{ "json $.n[*] > 0", T, NULL },
		{ "json $.n[*] != 2", F, "$.n[*]: element 2 of 3 is 2" },
		{ "not json $.n[*] > 0", F, "$.n[*] has 3 elements, the first of which is 1" },
		{ "not any json $.n[*] == 2", F, "$.n[*]: element 2 of 3 is 2" },
		/* The empty list. */
		{ "any json $.none[*] == 1", F, "$.none[*] selects nothing" },
		{ "all json $.none[*] == 1", F, "$.none[*] selects nothing" },
		{ "json $.none[*] == 1", F, "$.none[*] selects nothing" },
		{ "none json $.none[*] == 1", T, NULL },
		{ "not none json $.none[*] == 1", F, "$.none[*] selects nothing" },
		/* One value is a list of one. */
		{ "any json $.one == 2", T, NULL },
		{ "all json $.one == 2", T, NULL },
		{ "none json $.one == 2", F, "$.one is 2" },
		{ "any status == 200", T, NULL },
		{ "none status == 200", F, "status is 200" },
		/* An element of another type makes it unknown, unless the others decide. */
		{ "any json $.mixed[*] == 1", T, NULL },
		{ "any json $.mixed[*] == 2", U,
		  "$.mixed[*]: element 2 of 2 is \"a\", which is not a number" },
		{ "all json $.mixed[*] == 1", U, NULL },
		{ "all json $.mixed[*] == 2", F, "$.mixed[*]: element 1 of 2 is 1" },
		{ "none json $.mixed[*] == 1", F, NULL },
		{ "none json $.mixed[*] == 2", U, NULL },
	};

	LOOK_AT(&answer, cases);
	observation_done(&answer);
}

static void negation_inside_is_of_each_element(void **state)
{
	struct observation answer = look_json("[1, 2]");
	static const struct look_case cases[] = {
		{ "all json $[*] not in [3, 4]", T, NULL },
		{ "all json $[*] not in [2, 4]", F, "$[*]: element 2 of 2 is 2" },
		{ "any json $[*] not in [2, 4]", T, NULL },
		{ "any json $[*] not in [1, 2]", F, NULL },
		{ "not any json $[*] in [2, 4]", F, NULL },
		{ "none json $[*] not in [1, 2]", T, NULL },
		{ "all json $[*] is not null", T, NULL },
	};

	LOOK_AT(&answer, cases);
	observation_done(&answer);
}

static void what_decided_is_what_is_told(void **state)
{
	struct observation answer = look_answer("Server: x\n", "");
	static const struct look_case cases[] = {
		{ "status == 201 and latency < 1s", F, "status is 200" },
		{ "status == 200 and latency < 1s", F, "latency is 2.00s" },
		{ "status == 201 and latency < 1s", F, "status is 200" },
		{ "status == 201 or latency < 1s", F, "status is 200; latency is 2.00s" },
		/* False decides, whatever is unknown beside it. */
		{ "header A == 'x' and latency < 1s", F, "latency is 2.00s" },
		{ "header A == 'x' and header B == 'x'", U,
		  "header A does not exist; header B does not exist" },
		{ "header A == 'x' or latency < 1s", U,
		  "header A does not exist; latency is 2.00s" },
		{ "(status == 201 or status == 202) and latency < 5s", F, "status is 200" },
		{ "not (status == 200 or latency < 1s)", F, "status is 200" },
		{ "not (status == 200 and latency > 1s)", F, "status is 200; latency is 2.00s" },
		{ "(header A == 'x' and header B == 'x' or status == 200) and latency < 1s", F,
		  "latency is 2.00s" },
	};

	answer.latency = 2 * USEC_PER_SEC;
	LOOK_AT(&answer, cases);
	observation_done(&answer);
}

static void deep_lines_are_judged(void **state)
{
	struct observation answer = look_answer("", "");
	char line[4096] = "", end[100] = "";

	for (int i = 0; i < 40; i++) {
		(void)strncat(line, "(status == 1 or status == 200 and ",
			      sizeof(line) - 1 - strlen(line));
		(void)strncat(end, ")", sizeof(end) - 1 - strlen(end));
	}
	(void)strncat(line, "status == 200", sizeof(line) - 1 - strlen(line));
	(void)strncat(line, end, sizeof(line) - 1 - strlen(line));
	assert_int_equal(look(&answer, line).truth, TRUTH_TRUE);
	observation_done(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(and_is_as_in_sql),
		cmocka_unit_test(or_is_as_in_sql),
		cmocka_unit_test(not_unknown_is_unknown),
		cmocka_unit_test(any_all_and_none_are_of_the_elements),
		cmocka_unit_test(negation_inside_is_of_each_element),
		cmocka_unit_test(what_decided_is_what_is_told),
		cmocka_unit_test(deep_lines_are_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
