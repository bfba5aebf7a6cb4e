/* line.c - the oldest stands first, whoever came and left before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "schedule/line.h"

enum { SPOTS = 200 };

static uint64_t random_below(uint64_t below)
{
	static uint64_t state = 5;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (state >> 33) % below;
}

static void the_oldest_is_first_after_any_changes(void **state)
{
	struct line line = { NULL };
	struct spot spots[SPOTS];
	bool is_in[SPOTS] = { false };

	(void)state;
	for (unsigned step = 0; step < 50000; step++) {
		const uint64_t i = random_below(SPOTS);
		usec_t oldest = USEC_NEVER;

		if (is_in[i])
			line_remove(&line, &spots[i]);
		else
			line_put(&line, &spots[i], random_below(500));
		is_in[i] = !is_in[i];
		for (unsigned j = 0; j < SPOTS; j++)
			if (is_in[j] && spots[j].due < oldest)
				oldest = spots[j].due;
		assert_int_equal(line.first ? line.first->due : USEC_NEVER, oldest);
		assert_true(!line.first || is_in[line.first - spots]);
	}
}

static void everybody_comes_out_once_in_order(void **state)
{
	struct line line = { NULL };
	struct spot spots[SPOTS];
	usec_t last = 0;
	unsigned count = 0;

	(void)state;
	for (unsigned i = 0; i < SPOTS; i++)
		line_put(&line, &spots[i], random_below(100));
	while (line.first) {
		assert_true(line.first->due >= last);
		last = line.first->due;
		line_remove(&line, line.first);
		count++;
	}
	assert_int_equal(count, SPOTS);
}

static void the_last_to_leave_empties_the_line(void **state)
{
	struct line line = { NULL };
	struct spot one, other;

	(void)state;
	line_put(&line, &one, 1);
	line_put(&line, &other, 2);
	line_remove(&line, &other);
	assert_ptr_equal(line.first, &one);
	line_remove(&line, &one);
	assert_null(line.first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_oldest_is_first_after_any_changes),
		cmocka_unit_test(everybody_comes_out_once_in_order),
		cmocka_unit_test(the_last_to_leave_empties_the_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
