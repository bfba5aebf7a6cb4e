/* map.c - a map agrees with a list that is searched from end to end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/map.h"

enum { KEYS = 400 };

static char keys[KEYS][16];

static uint64_t random_below(uint64_t below)
{
	static uint64_t state = 3;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (state >> 33) % below;
}

static void an_empty_map_has_nothing(void **state)
{
	struct map *const map = map_new();
	const char *key;
	void *value;
	size_t at = 0;

	(void)state;
	assert_int_equal(map_count(map), 0);
	assert_null(map_find(map, ""));
	assert_null(map_remove(map, "x"));
	assert_false(map_next(map, &at, &key, &value));
	map_free(map);
}

static void what_is_set_is_found_until_it_is_removed(void **state)
{
	struct map *const map = map_new();
	int one, other;

	(void)state;
	assert_null(map_set(map, "a", &one));
	assert_null(map_set(map, "", &other));
	assert_ptr_equal(map_find(map, "a"), &one);
	assert_ptr_equal(map_find(map, ""), &other);
	assert_ptr_equal(map_set(map, "a", &other), &one);
	assert_ptr_equal(map_find(map, "a"), &other);
	assert_int_equal(map_count(map), 2);
	assert_ptr_equal(map_remove(map, "a"), &other);
	assert_null(map_remove(map, "a"));
	assert_null(map_find(map, "a"));
	assert_int_equal(map_count(map), 1);
	map_free(map);
}

static void replacing_borrows_the_new_key(void **state)
{
	struct map *const map = map_new();
	char before[] = "name", after[] = "name";
	int value;

	(void)state;
	(void)map_set(map, before, &value);
	(void)map_set(map, after, &value);
	before[0] = 'X'; /* nobody looks there any more */
	assert_ptr_equal(map_find(map, "name"), &value);
	map_free(map);
}

static void check_against(const struct map *map, char *const *values)
{
	size_t count = 0, seen = 0, at = 0;
	const char *key;
	void *value;

	for (unsigned i = 0; i < KEYS; i++) {
		assert_ptr_equal(map_find(map, keys[i]), values[i]);
		count += values[i] != NULL;
	}
	assert_int_equal(map_count(map), count);
	while (map_next(map, &at, &key, &value)) {
		const size_t i = (size_t)((const char *)key - keys[0]) / sizeof(*keys);

		assert_true(i < KEYS);
		assert_ptr_equal(values[i], value);
		seen++;
	}
	assert_int_equal(seen, count);
}

static void any_changes_leave_exactly_what_was_set(void **state)
{
	(void)state;
	for (unsigned i = 0; i < KEYS; i++)
		(void)snprintf(keys[i], sizeof(keys[i]), "key-%u", i);
	/* Each map has a seed of its own, so each round has other collisions. */
	for (unsigned round = 0; round < 20; round++) {
		struct map *const map = map_new();
		char *values[KEYS] = { NULL };
		char marks[8];

		for (unsigned step = 0; step < 1000; step++) {
			const uint64_t i = random_below(KEYS);

			if (random_below(5) < 2 + step / 500) {
				assert_ptr_equal(map_remove(map, keys[i]), values[i]);
				values[i] = NULL;
			} else {
				char *const value = &marks[random_below(8)];

				assert_ptr_equal(map_set(map, keys[i], value), values[i]);
				values[i] = value;
			}
			if (step % 20 == 0)
				check_against(map, values);
		}
		check_against(map, values);
		map_free(map);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_map_has_nothing),
		cmocka_unit_test(what_is_set_is_found_until_it_is_removed),
		cmocka_unit_test(replacing_borrows_the_new_key),
		cmocka_unit_test(any_changes_leave_exactly_what_was_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
