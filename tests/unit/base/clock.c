/* clock.c - the clocks are the ones they say they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"

static usec_t from_kernel(clockid_t id)
{
	struct timespec time;

	assert_int_equal(clock_gettime(id, &time), 0);
	return (usec_t)time.tv_sec * 1000000 + (usec_t)time.tv_nsec / 1000;
}

static void each_clock_lies_between_two_looks_at_the_kernel_s(void **state)
{
	static const struct {
		clockid_t id;
		usec_t (*read)(void);
	} clocks[] = {
		{ CLOCK_MONOTONIC, clock_now },
		{ CLOCK_REALTIME, clock_wall },
		{ CLOCK_BOOTTIME, clock_boot },
		{ CLOCK_THREAD_CPUTIME_ID, clock_thread_cpu },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		const usec_t before = from_kernel(clocks[i].id);
		const usec_t seen = clocks[i].read();

		assert_true(seen >= before);
		assert_true(seen <= from_kernel(clocks[i].id));
	}
}

static void units_are_microseconds(void **state)
{
	(void)state;
	assert_int_equal(USEC_PER_MS, 1000);
	assert_int_equal(USEC_PER_SEC, 1000000);
	assert_int_equal(USEC_PER_MIN, 60000000);
	assert_int_equal(USEC_PER_HOUR, 3600000000);
	assert_int_equal(USEC_PER_DAY, 86400000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_clock_lies_between_two_looks_at_the_kernel_s),
		cmocka_unit_test(units_are_microseconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
