/* assess.c - claims about verdicts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "expect/expect.h"
#include "judge/judge.h"
#include "model/check.h"
#include "model/evidence.h"
#include "scene.h"

static void what_the_probe_itself_expects_has_a_class_of_its_own(void **state)
{
	struct scene *scene = scene_new("latency < 1s", NULL);
	const struct verdict *verdict;

	(void)state;
	scene_add(&scene->expect, "status in 200..299");
	program_set_own(scene->expect);
	scene->check->observation.status = 500;
	scene->check->observation.says = CLASS_exec_exit;
	scene->check->observation.detail = memory_text("it said so");
	verdict = scene_judged(scene);
	assert_true(verdict->kind == VERDICT_FAIL);
	assert_true(verdict->class == CLASS_exec_exit);
	assert_string_equal(verdict->reason, "it said so");
	scene_free(scene);
}

static void what_the_probe_itself_expects_may_be_a_warning(void **state)
{
	struct scene *scene = scene_new("status in 200..299", NULL);
	const struct verdict *verdict;

	(void)state;
	program_set_own(scene->expect);
	scene->check->observation.status = 500;
	scene->check->observation.says = CLASS_exec_exit;
	scene->check->observation.says_warn = true;
	verdict = scene_judged(scene);
	assert_true(verdict->kind == VERDICT_WARN);
	assert_true(verdict->class == CLASS_exec_exit);
	assert_non_null(strstr(verdict->reason, "status is 500"));
	scene_free(scene);
}

static void beside_others_what_the_probe_expects_is_one_of_them(void **state)
{
	struct scene *scene = scene_new("latency < 1ms", NULL);
	const struct verdict *verdict;

	(void)state;
	scene_add(&scene->expect, "status in 200..299");
	program_set_own(scene->expect);
	scene->check->observation.status = 500;
	scene->check->observation.says = CLASS_exec_exit;
	scene->check->observation.says_warn = true;
	verdict = scene_judged(scene);
	assert_true(verdict->kind == VERDICT_FAIL);
	assert_true(verdict->class == CLASS_expectation);
	scene_free(scene);
}

static void what_holds_passes_and_says_nothing(void **state)
{
	struct scene *scene = scene_new("status == 200", "latency < 1s");
	const struct verdict *verdict = scene_judged(scene);

	(void)state;
	assert_true(verdict->kind == VERDICT_PASS);
	assert_true(verdict->class == CLASS_NONE);
	assert_null(verdict->reason);
	assert_int_equal(verdict->findings_count, 0);
	assert_null(scene->check->evidence);
	scene_free(scene);
}

static void what_does_not_hold_fails_with_line_and_value(void **state)
{
	struct scene *scene = scene_new("status == 201", NULL);
	const struct verdict *verdict = scene_judged(scene);

	(void)state;
	assert_true(verdict->kind == VERDICT_FAIL);
	assert_true(verdict->class == CLASS_expectation);
	assert_true(verdict->phase == PHASE_JUDGE);
	assert_int_equal(verdict->findings_count, 1);
	assert_string_equal(verdict->findings[0].line, "status == 201");
	assert_non_null(strstr(verdict->findings[0].value, "200"));
	assert_string_equal(verdict->reason, "status is 200, expected 201");
	assert_non_null(strstr(scene->check->evidence->json, "\"class\":\"expectation\""));
	scene_free(scene);
}

static void a_warning_is_no_failure(void **state)
{
	struct scene *scene = scene_new("status == 200", "latency < 50ms");
	const struct verdict *verdict = scene_judged(scene);

	(void)state;
	assert_true(verdict->kind == VERDICT_WARN);
	assert_true(verdict->class == CLASS_expectation);
	assert_true(verdict->findings[0].is_warn);
	scene_free(scene);
}

static void a_failure_hides_no_worse_thing_behind_a_warning(void **state)
{
	struct scene *scene = scene_new("status == 500", "latency < 50ms");

	(void)state;
	assert_true(scene_judged(scene)->kind == VERDICT_FAIL);
	scene_free(scene);
}

static void what_the_probe_says_wins_over_expectations(void **state)
{
	struct scene *scene = scene_new("latency < 1s", NULL);
	const struct verdict *verdict;

	(void)state;
	observation_fail(&scene->check->observation, CLASS_connect_refused, PHASE_CONNECT, "%s",
			 "192.0.2.1:443 refused the connection");
	verdict = scene_judged(scene);
	assert_true(verdict->kind == VERDICT_FAIL);
	assert_true(verdict->class == CLASS_connect_refused);
	assert_true(verdict->phase == PHASE_CONNECT);
	assert_string_equal(verdict->reason, "192.0.2.1:443 refused the connection");
	scene_free(scene);
}

static void an_expectation_that_names_class_may_ask_for_a_closed_door(void **state)
{
	struct scene *scene = scene_new("class == \"connect_refused\"", NULL);

	(void)state;
	observation_fail(&scene->check->observation, CLASS_connect_refused, PHASE_CONNECT, "%s",
			 "refused");
	assert_true(scene_judged(scene)->kind == VERDICT_PASS);
	scene_free(scene);
}

static void another_failure_than_the_expected_keeps_its_own_class(void **state)
{
	struct scene *scene = scene_new("class == \"connect_refused\"", NULL);
	const struct verdict *verdict;

	(void)state;
	observation_fail(&scene->check->observation, CLASS_timeout, PHASE_CONNECT, "%s", "silence");
	verdict = scene_judged(scene);
	assert_true(verdict->kind == VERDICT_FAIL);
	assert_true(verdict->class == CLASS_timeout);
	scene_free(scene);
}

static void of_what_this_host_lacks_nothing_makes_an_answer(void **state)
{
	struct scene *scene = scene_new("class == \"local\"", NULL);
	const struct verdict *verdict;

	(void)state;
	observation_fail(&scene->check->observation, CLASS_local, PHASE_CONNECT, "%s",
			 "no descriptors left");
	verdict = scene_judged(scene);
	assert_true(verdict->kind == VERDICT_FAIL);
	assert_true(verdict->class == CLASS_local);
	scene_free(scene);
}

static void a_cut_body_that_leaves_it_open_is_too_large(void **state)
{
	struct scene *scene = scene_new("body contains \"end\"", NULL);
	struct observation *observation = &scene->check->observation;
	const struct verdict *verdict;

	(void)state;
	text_append(&observation->body, "the beginning");
	observation->body_is_cut = true;
	verdict = scene_judged(scene);
	assert_true(verdict->kind == VERDICT_FAIL);
	assert_true(verdict->class == CLASS_body_too_large);
	assert_true(verdict->phase == PHASE_TRANSFER);
	scene_free(scene);
}

static void what_is_false_counts_before_what_is_open(void **state)
{
	struct scene *scene = scene_new("body contains \"end\"", NULL);

	(void)state;
	scene_add(&scene->expect, "status == 500");
	text_append(&scene->check->observation.body, "the beginning");
	scene->check->observation.body_is_cut = true;
	assert_true(scene_judged(scene)->class == CLASS_expectation);
	scene_free(scene);
}

static void a_pattern_without_end_is_the_budgets_fault(void **state)
{
	struct scene *scene = scene_new("body matches /^(a+)+$/", NULL);

	(void)state;
	for (unsigned i = 0; i < 40; i++)
		text_append_char(&scene->check->observation.body, 'a');
	text_append_char(&scene->check->observation.body, 'b');
	assert_true(scene_judged(scene)->class == CLASS_expectation_limit);
	scene_free(scene);
}

static void names_that_are_there_twice_are_told(void **state)
{
	static const struct {
		const char *body, *line;
		bool is_told;
	} cases[] = {
		{ "{\"a\": 1, \"a\": 2}", "json $.a == 1", true },
		{ "[{\"b\": {\"a\": 1, \"a\": 1}}]", "json $.a == 1", true },
		{ "{\"a\": 2}", "json $.a == 1", false },
		{ "{\"a\": 1, \"a\": 2}", "status == 500", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene *scene = scene_new(cases[i].line, NULL);

		text_append(&scene->check->observation.body, cases[i].body);
		assert_int_equal(scene_judged(scene)->kind, VERDICT_FAIL);
		assert_int_equal(
			!!strstr(scene->check->evidence->json, "\"has_duplicate_names\":true"),
			cases[i].is_told);
		scene_free(scene);
	}
}

static void secrets_do_not_come_back(void **state)
{
	static const char *const secrets[] = { "hunter2", NULL };
	struct scene *scene = scene_new("body == \"x\"", NULL);
	struct observation *observation = &scene->check->observation;
	const struct verdict *verdict;

	(void)state;
	scene->endpoint.secrets = secrets;
	text_append(&observation->body, "you sent hunter2");
	text_append(&observation->headers, "X-Echo: hunter2\n");
	observation->hops = MEMORY_NEW(struct hop);
	observation->hops->url = memory_text("http://shop.test/?q=hunter2");
	observation->hops_count = 1;
	verdict = scene_judged(scene);
	assert_null(strstr(verdict->reason, "hunter2"));
	assert_null(strstr(verdict->findings[0].value, "hunter2"));
	assert_null(strstr(scene->check->evidence->json, "hunter2"));
	assert_non_null(strstr(scene->check->evidence->json, "***"));
	scene_free(scene);
}

/* One more look, as under `ip: both`. */
static struct observation *look_again(struct scene *scene, unsigned status, usec_t latency)
{
	struct observation *seen = &scene->check->observation;

	seen->address.family = 4;
	check_look_again(scene->check);
	seen->status = status;
	seen->latency = latency;
	seen->address.family = 6;
	return seen;
}

static void of_two_looks_the_worse_counts(void **state)
{
	static const struct {
		unsigned first, second;
		enum verdict_kind kind;
		uint8_t family; /* of the one that counts */
	} cases[] = {
		{ 200, 500, VERDICT_FAIL, 6 },
		{ 500, 200, VERDICT_FAIL, 4 },
		{ 200, 201, VERDICT_WARN, 6 },
		{ 201, 200, VERDICT_WARN, 4 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene *scene = scene_new("status < 300", "status == 200");
		const struct observation *seen = &scene->check->observation;

		scene->check->observation.status = cases[i].first;
		look_again(scene, cases[i].second, 90 * USEC_PER_MS);
		assess(scene->check);
		assert_int_equal(scene->check->verdict.kind, cases[i].kind);
		assert_int_equal(seen->address.family, cases[i].family);
		assert_int_equal(scene->check->others_count, 1);
		assert_int_equal(scene->check->others[0].observation.address.family,
				 10 - cases[i].family);
		assert_int_equal(scene->check->verdict.findings_count, 1);
		assert_non_null(
			strstr(scene->check->evidence->json, "\"others\":[{\"verdict\":\"pass\""));
		scene_free(scene);
	}
}

static void of_many_looks_the_worst_counts_and_all_are_shown(void **state)
{
	static const unsigned statuses[] = { 200, 201, 500, 200, 503 };
	struct scene *scene = scene_new("status < 300", "status == 200");
	const struct check *check = scene->check;
	unsigned passes = 0;

	(void)state;
	scene->check->observation.status = statuses[0];
	for (unsigned i = 1; i < 5; i++)
		look_again(scene, statuses[i], (90 + i) * USEC_PER_MS);
	assess(scene->check);
	assert_int_equal(check->verdict.kind, VERDICT_FAIL);
	assert_int_equal(check->observation.status, 503);
	assert_int_equal(check->others_count, 4);
	for (unsigned i = 0; i < check->others_count; i++) {
		assert_int_not_equal(check->others[i].observation.status, 503);
		passes += check->others[i].verdict.kind == VERDICT_PASS;
	}
	assert_int_equal(passes, 2);
	assert_non_null(strstr(check->evidence->json, "\"status\":500"));
	scene_free(scene);
}

static void of_two_good_looks_the_slower_is_shown(void **state)
{
	for (usec_t latency = 10 * USEC_PER_MS; latency <= 200 * USEC_PER_MS;
	     latency += 190 * USEC_PER_MS) {
		struct scene *scene = scene_new("status == 200", NULL);

		look_again(scene, 200, latency);
		assess(scene->check);
		assert_int_equal(scene->check->verdict.kind, VERDICT_PASS);
		assert_true(scene->check->observation.latency ==
			    (latency > 80 * USEC_PER_MS ? latency : 80 * USEC_PER_MS));
		scene_free(scene);
	}
}

static void what_this_host_lacks_is_worse_than_good_and_better_than_bad(void **state)
{
	struct scene *scene = scene_new("status == 200", NULL);

	look_again(scene, 0, 0)->class = CLASS_local;
	assess(scene->check);
	assert_int_equal(scene->check->verdict.class, CLASS_local);
	scene_free(scene);

	scene = scene_new("status == 200", NULL);
	scene->check->observation.status = 500;
	look_again(scene, 0, 0)->class = CLASS_local;
	assess(scene->check);
	assert_int_equal(scene->check->verdict.class, CLASS_expectation);
	scene_free(scene);
}

static void a_token_that_was_fetched_is_a_secret_too(void **state)
{
	static const char *const secrets[] = { "hunter2", NULL };
	struct scene *scene = scene_new("body == \"x\"", NULL);
	struct check *check = scene->check;

	(void)state;
	scene->endpoint.secrets = secrets;
	check->token = memory_text("fetched-just-now");
	text_append(&check->observation.body, "hunter2 and fetched-just-now");
	text_append(&check->observation.headers, "X-Echo: Bearer fetched-just-now\n");
	assert_null(strstr(scene_judged(scene)->reason, "fetched"));
	assert_null(strstr(check->evidence->json, "fetched"));
	assert_null(strstr(check->evidence->json, "hunter2"));
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_probe_itself_expects_has_a_class_of_its_own),
		cmocka_unit_test(what_the_probe_itself_expects_may_be_a_warning),
		cmocka_unit_test(beside_others_what_the_probe_expects_is_one_of_them),
		cmocka_unit_test(what_holds_passes_and_says_nothing),
		cmocka_unit_test(what_does_not_hold_fails_with_line_and_value),
		cmocka_unit_test(a_warning_is_no_failure),
		cmocka_unit_test(a_failure_hides_no_worse_thing_behind_a_warning),
		cmocka_unit_test(what_the_probe_says_wins_over_expectations),
		cmocka_unit_test(an_expectation_that_names_class_may_ask_for_a_closed_door),
		cmocka_unit_test(another_failure_than_the_expected_keeps_its_own_class),
		cmocka_unit_test(of_what_this_host_lacks_nothing_makes_an_answer),
		cmocka_unit_test(a_cut_body_that_leaves_it_open_is_too_large),
		cmocka_unit_test(what_is_false_counts_before_what_is_open),
		cmocka_unit_test(a_pattern_without_end_is_the_budgets_fault),
		cmocka_unit_test(names_that_are_there_twice_are_told),
		cmocka_unit_test(secrets_do_not_come_back),
		cmocka_unit_test(of_two_looks_the_worse_counts),
		cmocka_unit_test(of_many_looks_the_worst_counts_and_all_are_shown),
		cmocka_unit_test(of_two_good_looks_the_slower_is_shown),
		cmocka_unit_test(what_this_host_lacks_is_worse_than_good_and_better_than_bad),
		cmocka_unit_test(a_token_that_was_fetched_is_a_secret_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
