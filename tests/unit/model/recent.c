/* recent.c - the last checks of an endpoint, against a plain list of them. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/recent.h"
#include "model/verdict.h"

enum { ROUNDS = 20000 };

static uint64_t dice = 0x9e3779b97f4a7c15u;

static uint64_t throw(uint64_t sides)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return dice % sides;
}

static struct past_check passed(usec_t at, uint32_t latency)
{
	return (struct past_check){
		.at = at,
		.latency = latency,
		.kind = VERDICT_PASS,
		.class = CLASS_NONE,
		.phase = PHASES,
	};
}

static void assert_is(const struct past_check *found, const struct past_check *wanted)
{
	assert_true(found->at == wanted->at - wanted->at % USEC_PER_MS);
	assert_int_equal(found->latency, wanted->latency);
	assert_int_equal(found->kind, wanted->kind);
	assert_int_equal(found->class, wanted->class);
	assert_int_equal(found->phase, wanted->phase);
}

/* Near the one before, months behind it, or before it: clocks are set. */
static usec_t next_time(usec_t last)
{
	switch (throw(6)) {
	case 0:
		return last + throw(90 * USEC_PER_DAY);
	case 1:
		return last > USEC_PER_DAY ? last - throw(USEC_PER_DAY) : throw(USEC_PER_DAY);
	case 2:
		return last;
	default:
		return last + 60 * USEC_PER_SEC + throw(50 * USEC_PER_MS);
	}
}

static struct past_check any_check(usec_t last)
{
	struct past_check check = passed(next_time(last), (uint32_t) throw(5000));

	if (throw(3) == 0)
		check.latency = throw(2) ? UINT32_MAX : 0;
	if (throw(2) == 0) {
		check.kind = (uint8_t)(VERDICT_WARN + throw(2));
		check.class = (uint8_t)(1 + throw(CLASSES - 1));
		check.phase = (uint8_t) throw(PHASES + 1);
	}
	return check;
}

static void what_was_added_is_read_as_it_was(void **state)
{
	struct past_check list[PAST_CHECKS + 1], found[PAST_CHECKS];
	struct recent *recent = NULL;
	usec_t last = UINT64_C(1700000000) * USEC_PER_SEC;
	unsigned count = 0;

	(void)state;
	for (unsigned round = 0; round < ROUNDS; round++) {
		list[count] = any_check(last);
		last = list[count].at;
		recent_add(&recent, &list[count]);
		if (count < PAST_CHECKS)
			count++;
		else
			memmove(list, list + 1, PAST_CHECKS * sizeof(*list));
		assert_int_equal(recent_read(recent, found), count);
		assert_int_equal(recent_count(recent), count);
		for (unsigned i = 0; i < count; i++)
			assert_is(&found[i], &list[i]);
	}
	free(recent);
}

static void none_is_read_where_there_is_none(void **state)
{
	struct past_check found[PAST_CHECKS];

	(void)state;
	assert_int_equal(recent_count(NULL), 0);
	assert_int_equal(recent_read(NULL, found), 0);
}

static void two_endpoints_keep_what_is_theirs(void **state)
{
	const struct past_check one = passed(1000 * USEC_PER_SEC, 11);
	const struct past_check other = passed(2000 * USEC_PER_SEC, 22);
	struct past_check found[PAST_CHECKS];
	struct recent *first = NULL, *second = NULL;

	(void)state;
	for (unsigned i = 0; i < PAST_CHECKS; i++) {
		recent_add(&first, &one);
		recent_add(&second, &other);
	}
	for (unsigned i = 0; i < recent_read(first, found); i++)
		assert_is(&found[i], &one);
	for (unsigned i = 0; i < recent_read(second, found); i++)
		assert_is(&found[i], &other);
	free(first);
	free(second);
}

static void sixty_of_one_that_is_well_take_few_bytes(void **state)
{
	struct recent *recent = NULL;
	usec_t at = UINT64_C(1700000000) * USEC_PER_SEC;

	(void)state;
	for (unsigned i = 0; i < 10 * PAST_CHECKS; i++) {
		const struct past_check check =
			passed(at + throw(20 * USEC_PER_MS), (uint32_t)(500 + throw(3000)));

		at += 60 * USEC_PER_SEC;
		recent_add(&recent, &check);
	}
	assert_true(malloc_usable_size(recent) <= 5 * PAST_CHECKS);
	free(recent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_added_is_read_as_it_was),
		cmocka_unit_test(none_is_read_where_there_is_none),
		cmocka_unit_test(two_endpoints_keep_what_is_theirs),
		cmocka_unit_test(sixty_of_one_that_is_well_take_few_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
