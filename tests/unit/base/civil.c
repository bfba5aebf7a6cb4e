/* civil.c - claims about days as people count them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "base/civil.h"

static void days_are_those_of_the_c_library(void **state)
{
	(void)state;
	for (int64_t day = -800000; day < 800000; day += 17) {
		const time_t seconds = day * 86400;
		const struct civil date = civil_of(day);
		struct tm parts;

		assert_non_null(gmtime_r(&seconds, &parts));
		assert_int_equal(date.year, parts.tm_year + 1900);
		assert_int_equal(date.month, parts.tm_mon + 1);
		assert_int_equal(date.day, parts.tm_mday);
		assert_int_equal(civil_weekday(day), (parts.tm_wday + 6) % 7);
		assert_true(civil_days(date) == day);
	}
}

static void months_end_where_the_next_begins(void **state)
{
	(void)state;
	for (int year = 1890; year < 2110; year++)
		for (unsigned month = 1; month < 12; month++)
			assert_int_equal(civil_days((struct civil){ year, month + 1, 1 }) -
						 civil_days((struct civil){ year, month, 1 }),
					 civil_month_days(year, month));
	assert_int_equal(civil_month_days(2000, 2), 29);
	assert_int_equal(civil_month_days(2100, 2), 28);
	assert_int_equal(civil_month_days(2024, 12), 31);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_are_those_of_the_c_library),
		cmocka_unit_test(months_end_where_the_next_begins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
