/* arena.c - what is taken is zeroed, aligned, apart from all else, and stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

enum { PIECES = 3000 };

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
	struct arena *const arena = arena_new();
	unsigned char *pieces[PIECES];
	size_t sizes[PIECES];

	(void)state;
	for (unsigned i = 0; i < PIECES; i++) {
		sizes[i] = i % 97 == 0 ? 5000 * (size_t)(i % 31) : i % 40;
		pieces[i] = arena_take(arena, sizes[i]);
		assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
		for (size_t at = 0; at < sizes[i]; at++)
			assert_int_equal(pieces[i][at], 0);
		memset(pieces[i], (int)(i % 255 + 1), sizes[i]);
	}
	for (unsigned i = 0; i < PIECES; i++)
		for (size_t at = 0; at < sizes[i]; at++)
			assert_int_equal(pieces[i][at], i % 255 + 1);
	arena_free(arena);
}

static void texts_are_copied(void **state)
{
	struct arena *const arena = arena_new();
	char source[] = "hello";
	char *const whole = arena_text(arena, source);
	char *const part = arena_text_len(arena, source, 2);

	(void)state;
	source[0] = 'j';
	assert_string_equal(whole, "hello");
	assert_string_equal(part, "he");
	assert_string_equal(arena_text(arena, ""), "");
	arena_free(arena);
}

static void an_empty_arena_holds_nothing(void **state)
{
	struct arena *const arena = arena_new();

	(void)state;
	assert_int_equal(arena_bytes(arena), 0);
	arena_free(arena);
}

static void small_ones_stay_small_and_large_ones_waste_little(void **state)
{
	struct arena *const arena = arena_new();
	const size_t total = (size_t)40 << 20;

	(void)state;
	(void)arena_take(arena, 1);
	assert_true(arena_bytes(arena) <= 1024);
	for (size_t taken = 0; taken < total; taken += 64)
		(void)arena_take(arena, 64);
	assert_true(arena_bytes(arena) >= total);
	assert_true(arena_bytes(arena) <= total + total / 16);
	arena_free(arena);
}

static void a_large_piece_leaves_the_rest_of_the_block_in_use(void **state)
{
	struct arena *const arena = arena_new();
	size_t before;

	(void)state;
	(void)arena_take(arena, 16);
	(void)arena_take(arena, 1 << 20);
	before = arena_bytes(arena);
	assert_true(before >= 1 << 20);
	(void)arena_take(arena, 16);
	assert_int_equal(arena_bytes(arena), before);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
		cmocka_unit_test(texts_are_copied),
		cmocka_unit_test(an_empty_arena_holds_nothing),
		cmocka_unit_test(small_ones_stay_small_and_large_ones_waste_little),
		cmocka_unit_test(a_large_piece_leaves_the_rest_of_the_block_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
