/* histogram.c - quantiles are never too small, and never much too large. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/histogram.h"

static uint64_t random_number(void)
{
	static uint64_t state = 23;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return state >> 33;
}

static void nothing_has_no_quantiles(void **state)
{
	const struct histogram histogram = { 0 };

	(void)state;
	assert_int_equal(histogram_quantile(&histogram, 0), 0);
	assert_int_equal(histogram_quantile(&histogram, 0.5), 0);
	assert_int_equal(histogram_quantile(&histogram, 1), 0);
}

static void bounds_rise_by_a_quarter_at_most(void **state)
{
	(void)state;
	assert_int_equal(histogram_bound(0), 63);
	for (unsigned i = 1; i < HISTOGRAM_BUCKETS - 1; i++) {
		const usec_t before = histogram_bound(i - 1) + 1, bound = histogram_bound(i) + 1;

		assert_true(bound > before);
		assert_true(bound * 4 <= before * 5);
	}
	/* Minutes of lateness are still told apart. */
	assert_true(histogram_bound(HISTOGRAM_BUCKETS - 2) > 2 * USEC_PER_MIN);
	assert_true(histogram_bound(HISTOGRAM_BUCKETS - 1) == USEC_NEVER);
}

static void each_duration_falls_into_the_first_bucket_that_holds_it(void **state)
{
	(void)state;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		struct histogram histogram = { 0 };

		if (i > 0) {
			histogram_add(&histogram, histogram_bound(i - 1) + 1);
			assert_int_equal(histogram.counts[i], 1);
		}
		histogram_add(&histogram, histogram_bound(i));
		assert_int_equal(histogram.counts[i], 1 + (i > 0));
	}
}

static void count_sum_and_max_are_exact(void **state)
{
	struct histogram histogram = { 0 };

	(void)state;
	histogram_add(&histogram, 5000);
	histogram_add(&histogram, 0);
	histogram_add(&histogram, 123);
	assert_int_equal(histogram.count, 3);
	assert_int_equal(histogram.sum, 5123);
	assert_int_equal(histogram.max, 5000);
}

static void one_value_is_all_its_quantiles(void **state)
{
	(void)state;
	for (usec_t value = 0; value < 100000; value += 37) {
		struct histogram histogram = { 0 };

		histogram_add(&histogram, value);
		assert_int_equal(histogram_quantile(&histogram, 0), value);
		assert_int_equal(histogram_quantile(&histogram, 0.5), value);
		assert_int_equal(histogram_quantile(&histogram, 1), value);
	}
}

static void the_least_is_of_the_first_bucket_that_has_any(void **state)
{
	struct histogram histogram = { 0 };

	(void)state;
	histogram_add(&histogram, 5);
	histogram_add(&histogram, USEC_PER_SEC);
	assert_int_equal(histogram_quantile(&histogram, 0), 63);
	assert_int_equal(histogram_quantile(&histogram, 0.5), 63);
	assert_int_equal(histogram_quantile(&histogram, 0.51), USEC_PER_SEC);
}

static int compare(const void *one, const void *other)
{
	const usec_t a = *(const usec_t *)one, b = *(const usec_t *)other;

	return (a > b) - (a < b);
}

static void quantiles_are_right_to_a_quarter(void **state)
{
	static const double shares[] = { 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1 };
	enum { COUNT = 1000 };
	usec_t values[COUNT];

	(void)state;
	for (unsigned round = 0; round < 50; round++) {
		struct histogram histogram = { 0 };
		const usec_t span = 100 + random_number() % (USEC_PER_SEC << round % 7);

		for (unsigned i = 0; i < COUNT; i++) {
			values[i] = random_number() % span;
			histogram_add(&histogram, values[i]);
		}
		qsort(values, COUNT, sizeof(*values), compare);
		for (unsigned i = 0; i < sizeof(shares) / sizeof(*shares); i++) {
			const usec_t exact = values[(unsigned)(shares[i] * COUNT + 0.5) - 1];
			const usec_t shown = histogram_quantile(&histogram, shares[i]);

			assert_true(shown >= exact);
			assert_true(shown <= 63 || shown <= exact + exact / 4 + 1);
			assert_true(shown <= histogram.max);
		}
	}
}

static void two_together_are_as_one_that_had_all(void **state)
{
	struct histogram one = { 0 }, other = { 0 }, all = { 0 };

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		const usec_t value = random_number() % USEC_PER_SEC;

		histogram_add(i % 3 ? &one : &other, value);
		histogram_add(&all, value);
	}
	histogram_merge(&one, &other);
	assert_memory_equal(&one, &all, sizeof(all));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_has_no_quantiles),
		cmocka_unit_test(bounds_rise_by_a_quarter_at_most),
		cmocka_unit_test(each_duration_falls_into_the_first_bucket_that_holds_it),
		cmocka_unit_test(count_sum_and_max_are_exact),
		cmocka_unit_test(one_value_is_all_its_quantiles),
		cmocka_unit_test(the_least_is_of_the_first_bucket_that_has_any),
		cmocka_unit_test(two_together_are_as_one_that_had_all),
		cmocka_unit_test(quantiles_are_right_to_a_quarter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
