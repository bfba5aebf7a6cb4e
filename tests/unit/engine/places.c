/* places.c - claims about names that have numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "engine/places.h"

static void a_name_keeps_its_number_as_long_as_it_has_users(void **state)
{
	struct places places;

	(void)state;
	places_init(&places);
	assert_int_equal(places_enter(&places, "web"), 0);
	assert_int_equal(places_enter(&places, "db"), 1);
	assert_int_equal(places_enter(&places, "web"), 0);
	places_leave(&places, 0);
	assert_int_equal(places_find(&places, "web"), 0);
	places_leave(&places, 0);
	assert_true(places_find(&places, "web") == PLACE_NONE);
	assert_int_equal(places_find(&places, "db"), 1);
	places_done(&places);
}

static void a_number_that_is_free_is_used_again(void **state)
{
	struct places places;

	(void)state;
	places_init(&places);
	assert_int_equal(places_enter(&places, "a"), 0);
	assert_int_equal(places_enter(&places, "b"), 1);
	assert_int_equal(places_enter(&places, "c"), 2);
	places_leave(&places, 1);
	assert_int_equal(places_enter(&places, "d"), 1);
	assert_int_equal(places_enter(&places, "e"), 3);
	places_done(&places);
}

static void nobody_needs_no_place(void **state)
{
	struct places places;

	(void)state;
	places_init(&places);
	assert_true(places_enter(&places, NULL) == PLACE_NONE);
	places_leave(&places, PLACE_NONE);
	assert_int_equal(places_enter(&places, "a"), 0);
	places_done(&places);
}

static void thousands_of_names_have_numbers_of_their_own(void **state)
{
	struct places places;
	char name[16];

	(void)state;
	places_init(&places);
	for (uint32_t i = 0; i < 5000; i++) {
		(void)snprintf(name, sizeof(name), "h%u", i);
		assert_int_equal(places_enter(&places, name), i);
	}
	for (uint32_t i = 0; i < 5000; i += 2)
		places_leave(&places, i);
	for (uint32_t i = 0; i < 5000; i++) {
		(void)snprintf(name, sizeof(name), "h%u", i);
		assert_true(places_find(&places, name) == (i % 2 ? i : PLACE_NONE));
	}
	places_done(&places);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_keeps_its_number_as_long_as_it_has_users),
		cmocka_unit_test(a_number_that_is_free_is_used_again),
		cmocka_unit_test(nobody_needs_no_place),
		cmocka_unit_test(thousands_of_names_have_numbers_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
