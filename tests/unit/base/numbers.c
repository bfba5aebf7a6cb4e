/* numbers.c - claims about dense numbers for things that come and go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/numbers.h"

enum { THINGS = 1000 };

static void numbers_are_dense_and_lead_back(void **state)
{
	static int things[THINGS];
	struct numbers numbers = { 0 };

	(void)state;
	for (uint32_t i = 0; i < THINGS; i++)
		assert_int_equal(numbers_take(&numbers, &things[i]), i);
	for (uint32_t i = 0; i < THINGS; i++)
		assert_ptr_equal(numbers_thing(&numbers, i), &things[i]);
	assert_int_equal(numbers_taken(&numbers), THINGS);
	numbers_done(&numbers);
}

static void what_was_given_back_is_taken_again(void **state)
{
	static int things[THINGS];
	struct numbers numbers = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 10; i++)
		(void)numbers_take(&numbers, &things[i]);
	numbers_give(&numbers, 3);
	numbers_give(&numbers, 7);
	assert_null(numbers_thing(&numbers, 3));
	assert_int_equal(numbers_taken(&numbers), 8);
	assert_int_equal(numbers_take(&numbers, &things[20]), 7);
	assert_int_equal(numbers_take(&numbers, &things[21]), 3);
	assert_int_equal(numbers_take(&numbers, &things[22]), 10);
	assert_ptr_equal(numbers_thing(&numbers, 7), &things[20]);
	numbers_done(&numbers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_dense_and_lead_back),
		cmocka_unit_test(what_was_given_back_is_taken_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
