/* words.c - claims about the words for failures, and about the stages of a check. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/check.h"
#include "model/verdict.h"

static void every_class_has_a_name_a_sentence_and_a_family(void **state)
{
	(void)state;
	for (enum failure_class class = CLASS_NONE + 1; class < CLASSES; class ++) {
		const char *sentence = class_sentence(class);

		assert_true(class_find(class_name(class)) == class);
		assert_true(class_family(class) != FAMILY_NONE);
		assert_true(sentence[0] >= 'A' && sentence[0] <= 'Z');
		assert_true(sentence[strlen(sentence) - 1] == '.');
	}
}

static void what_is_no_class_is_not_found(void **state)
{
	(void)state;
	assert_true(class_find("connect_refused") == CLASS_connect_refused);
	assert_true(class_find("refused") == CLASS_NONE);
	assert_true(class_find("") == CLASS_NONE);
	assert_null(class_name(CLASS_NONE));
}

static void families_are_those_of_the_manual(void **state)
{
	(void)state;
	assert_true(class_family(CLASS_dns_failure) == FAMILY_RESOLVING);
	assert_true(class_family(CLASS_unreachable) == FAMILY_CONNECTING);
	assert_true(class_family(CLASS_tls_failure) == FAMILY_TLS);
	assert_true(class_family(CLASS_proxy_failure) == FAMILY_TALKING);
	assert_true(class_family(CLASS_exec_exit) == FAMILY_RUNNING);
	assert_true(class_family(CLASS_expectation) == FAMILY_JUDGING);
	assert_true(class_family(CLASS_local) == FAMILY_HERE);
}

static void phases_and_verdicts_have_the_names_of_the_api(void **state)
{
	static const char *const phases[] = { "resolve",    "connect",	"tls",	"request",
					      "first_byte", "transfer", "judge" };

	(void)state;
	for (unsigned phase = 0; phase < PHASES; phase++)
		assert_string_equal(phase_name((enum phase)phase), phases[phase]);
	assert_string_equal(verdict_name(VERDICT_PASS), "pass");
	assert_string_equal(verdict_name(VERDICT_WARN), "warn");
	assert_string_equal(verdict_name(VERDICT_FAIL), "fail");
}

/* The signal that ends a child which moves a check so. */
static int signal_of_move(enum check_stage from, enum check_stage to)
{
	const pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		struct check check = { .stage = from };

		(void)freopen("/dev/null", "w", stderr);
		check_advance(&check, to);
		_exit(0);
	}
	assert_true(waitpid(child, &status, 0) == child);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void a_check_only_moves_forward_one_stage_at_a_time(void **state)
{
	(void)state;
	for (unsigned from = 0; from < CHECK_STAGES; from++)
		for (unsigned to = 0; to < CHECK_STAGES; to++)
			assert_int_equal(
				signal_of_move((enum check_stage)from, (enum check_stage)to),
				to == from + 1 ? 0 : SIGABRT);
}

static enum check_turn never(struct check *check)
{
	(void)check;
	return CHECK_IS_OVER;
}

static void only_a_chain_begins_anew(void **state)
{
	struct check_chain chain = { .next = never };
	struct check check = { .stage = CHECK_SETTLED, .chain = &chain };

	(void)state;
	check_advance(&check, CHECK_PROBING);
	assert_int_equal(check.stage, CHECK_PROBING);
	check_advance(&check, CHECK_JUDGING);
	assert_int_equal(check.stage, CHECK_JUDGING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_class_has_a_name_a_sentence_and_a_family),
		cmocka_unit_test(what_is_no_class_is_not_found),
		cmocka_unit_test(families_are_those_of_the_manual),
		cmocka_unit_test(phases_and_verdicts_have_the_names_of_the_api),
		cmocka_unit_test(a_check_only_moves_forward_one_stage_at_a_time),
		cmocka_unit_test(only_a_chain_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
