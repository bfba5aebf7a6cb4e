/* heap.c - the heap gives the least, whatever was put in, moved and taken out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/heap.h"

enum { IDS = 300 };

static uint64_t random_below(uint64_t below)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (state >> 33) % below;
}

static int compare(const void *one, const void *other)
{
	const usec_t a = *(const usec_t *)one, b = *(const usec_t *)other;

	return (a > b) - (a < b);
}

static void an_empty_heap_has_nothing(void **state)
{
	struct heap *const heap = heap_new();
	usec_t key = 7;
	uint32_t id = 7;

	(void)state;
	assert_false(heap_least(heap, &id, &key));
	assert_int_equal(id, 7);
	assert_int_equal(key, 7);
	assert_int_equal(heap_count(heap), 0);
	assert_int_equal(heap_count_until(heap, USEC_NEVER), 0);
	assert_false(heap_has(heap, 0));
	assert_false(heap_has(heap, UINT32_MAX));
	assert_false(heap_remove(heap, 3));
	heap_free(heap);
}

static void keys_come_out_sorted(void **state)
{
	(void)state;
	for (uint32_t count = 1; count <= IDS; count += 7) {
		struct heap *const heap = heap_new();
		usec_t keys[IDS];

		for (uint32_t id = 0; id < count; id++) {
			keys[id] = random_below(100);
			heap_set(heap, id, keys[id]);
		}
		qsort(keys, count, sizeof(*keys), compare);
		for (uint32_t i = 0; i < count; i++) {
			usec_t key;
			uint32_t id;

			assert_int_equal(heap_count(heap), count - i);
			assert_true(heap_least(heap, &id, &key));
			assert_int_equal(key, keys[i]);
			assert_true(heap_remove(heap, id));
			assert_false(heap_has(heap, id));
		}
		heap_free(heap);
	}
}

static void check_against(const struct heap *heap, const usec_t *keys)
{
	const usec_t bound = random_below(1000);
	usec_t least = USEC_NEVER, key;
	uint32_t count = 0, until = 0, id;

	for (uint32_t i = 0; i < IDS; i++) {
		assert_int_equal(heap_has(heap, i), keys[i] != USEC_NEVER);
		count += keys[i] != USEC_NEVER;
		until += keys[i] != USEC_NEVER && keys[i] <= bound;
		if (keys[i] < least)
			least = keys[i];
	}
	assert_int_equal(heap_count(heap), count);
	assert_int_equal(heap_count_until(heap, bound), until);
	assert_int_equal(heap_least(heap, &id, &key), count > 0);
	if (count > 0) {
		assert_int_equal(key, least);
		assert_int_equal(keys[id], least);
	}
}

static void any_changes_leave_the_least_on_top(void **state)
{
	struct heap *const heap = heap_new();
	usec_t keys[IDS];

	(void)state;
	for (uint32_t i = 0; i < IDS; i++)
		keys[i] = USEC_NEVER;
	for (unsigned step = 0; step < 20000; step++) {
		const uint32_t id = (uint32_t)random_below(IDS);

		if (random_below(3) == 0) {
			assert_int_equal(heap_remove(heap, id), keys[id] != USEC_NEVER);
			keys[id] = USEC_NEVER;
		} else {
			keys[id] = random_below(1000);
			heap_set(heap, id, keys[id]);
		}
		check_against(heap, keys);
	}
	heap_free(heap);
}

static void counting_includes_the_key_itself(void **state)
{
	struct heap *const heap = heap_new();

	(void)state;
	heap_set(heap, 0, 10);
	heap_set(heap, 1, 20);
	heap_set(heap, 2, 20);
	assert_int_equal(heap_count_until(heap, 9), 0);
	assert_int_equal(heap_count_until(heap, 10), 1);
	assert_int_equal(heap_count_until(heap, 19), 1);
	assert_int_equal(heap_count_until(heap, 20), 3);
	heap_free(heap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_heap_has_nothing),
		cmocka_unit_test(keys_come_out_sorted),
		cmocka_unit_test(any_changes_leave_the_least_on_top),
		cmocka_unit_test(counting_includes_the_key_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
