/* Queries that would take long stop when their budget does. */
#include <errno.h>

#include "ask.h"
#include "base/text.h"

#define ELEMENTS    30000

/* What CI's slowest machine may need on top of the budget: one look at the clock. */
#define CPU_BUDGET  (50 * USEC_PER_MS)
/* Far above the budget, for machines that are busy or instrumented; far below minutes. */
#define CPU_ALLOWED USEC_PER_SEC

static json_t *large;

static int make_large(void **state)
{
	struct text text = { 0 };

	text_append(&text, "[");
	for (unsigned i = 0; i < ELEMENTS; i++)
		text_print(&text, "%s{\"id\":%u,\"name\":\"%026u\"}", i ? "," : "", i, i);
	text_append(&text, "]");
	assert_true(text.len > 1000000);
	large = ask_document(text.data);
	text_done(&text);
	return 0;
}

static int drop_large(void **state)
{
	json_decref(large);
	return 0;
}

static usec_t evaluate(const char *query, json_t *document, usec_t cpu, uint64_t steps, int wanted)
{
	struct jsonpath *path = ask_compile(query);
	struct jsonpath_nodes nodes = { 0 };
	struct budget budget;
	usec_t before = clock_thread_cpu();
	int r;

	budget_init(&budget, cpu, steps);
	r = jsonpath_evaluate(path, document, &budget, &nodes);
	before = clock_thread_cpu() - before;
	if (r != wanted)
		fail_msg("%s: %d, not %d", query, r, wanted);
	jsonpath_nodes_done(&nodes);
	jsonpath_free(path);
	return before;
}

static void a_quadratic_filter_over_a_megabyte_stops_in_time(void **state)
{
	static const char *const queries[] = {
		"$[?count($[?@.id == 1]) == 2]",
		"$[?@.id == value($..name)]",
		"$[?$..[?@.none]]",
		"$[?$ == $]",
	};

	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
		if (evaluate(queries[i], large, CPU_BUDGET, UINT64_MAX, -ETIMEDOUT) > CPU_ALLOWED)
			fail_msg("%s took too long", queries[i]);
}

static void a_spent_budget_stays_spent(void **state)
{
	struct jsonpath *path = ask_compile("$[?count($..*) == 2]");
	struct jsonpath *simple = ask_compile("$[0]");
	struct jsonpath_nodes nodes = { 0 };
	struct budget budget;

	budget_init(&budget, USEC_PER_MS, UINT64_MAX);
	assert_int_equal(jsonpath_evaluate(path, large, &budget, &nodes), -ETIMEDOUT);
	assert_int_equal(jsonpath_evaluate(simple, large, &budget, &nodes), -ETIMEDOUT);
	assert_int_equal(budget_left(&budget), 0);
	jsonpath_free(simple);
	jsonpath_free(path);
}

static void steps_run_out_as_well(void **state)
{
	(void)evaluate("$[*]", large, CPU_ALLOWED, ELEMENTS + 10, 0);
	(void)evaluate("$[*]", large, CPU_ALLOWED, ELEMENTS - 10, -E2BIG);
	(void)evaluate("$[0]", large, CPU_ALLOWED, 10, 0);
}

static void lists_of_nodes_are_bounded(void **state)
{
	struct text query = { 0 };

	struct jsonpath_nodes nodes = { 0 };
	struct jsonpath *path;
	struct budget budget;

	text_append(&query, "$[*");
	for (unsigned i = 0; i < JSONPATH_NODES_MAX / ELEMENTS; i++)
		text_append(&query, ",*");
	text_append(&query, "]");
	path = ask_compile(query.data);
	budget_init(&budget, 10 * USEC_PER_SEC, UINT64_MAX);
	assert_int_equal(jsonpath_evaluate(path, large, &budget, &nodes), -E2BIG);
	jsonpath_free(path);
	text_done(&query);
}

static void patterns_are_bounded(void **state)
{
	json_t *document = ask_document("{\"t\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\","
					"\"p\":\"(a+)+\"}");

	(void)evaluate("$[?match(@, '(a+)+')]", document, CPU_ALLOWED, UINT64_MAX, -E2BIG);
	(void)evaluate("$[?match(@, $.p)]", document, CPU_ALLOWED, UINT64_MAX, -E2BIG);
	json_decref(document);
}

static void a_plain_query_over_a_megabyte_fits(void **state)
{
	(void)evaluate("$[?@.id == 29999].name", large, CPU_ALLOWED, 1000000, 0);
	(void)evaluate("$..name", large, CPU_ALLOWED, 1000000, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quadratic_filter_over_a_megabyte_stops_in_time),
		cmocka_unit_test(a_spent_budget_stays_spent),
		cmocka_unit_test(steps_run_out_as_well),
		cmocka_unit_test(lists_of_nodes_are_bounded),
		cmocka_unit_test(patterns_are_bounded),
		cmocka_unit_test(a_plain_query_over_a_megabyte_fits),
	};

	return cmocka_run_group_tests(tests, make_large, drop_large);
}
