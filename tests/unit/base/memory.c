/* memory.c - what is allocated is whole, zeroed where promised, and never fails quietly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/memory.h"

static void new_memory_is_zeroed(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 3; round++) {
		unsigned char *const bytes = memory_new(300, 10);

		for (unsigned i = 0; i < 3000; i++)
			assert_int_equal(bytes[i], 0);
		memset(bytes, 0xff, 3000); /* malloc hands it out again */
		free(bytes);
	}
}

static void aligned_memory_is_aligned_and_zeroed(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 8; round++) {
		unsigned char *const bytes = memory_new_aligned(64, 33, 3);

		assert_int_equal((uintptr_t)bytes % 64, 0);
		for (unsigned i = 0; i < 99; i++)
			assert_int_equal(bytes[i], 0);
		memset(bytes, 0xff, 99);
		free(bytes);
	}
	free(memory_new_aligned(64, 0, 8));
}

static void nothing_is_something_too(void **state)
{
	void *pointer = memory_new(0, 0);

	(void)state;
	assert_non_null(pointer);
	free(pointer);
	pointer = memory_grow(NULL, 0, 8);
	assert_non_null(pointer);
	free(pointer);
	pointer = memory_copy("", 0);
	assert_non_null(pointer);
	free(pointer);
}

static void growing_keeps_what_was_there(void **state)
{
	int *numbers = memory_grow(NULL, 2, sizeof(*numbers));

	(void)state;
	numbers[0] = 11;
	numbers[1] = 22;
	numbers = memory_grow(numbers, 5000, sizeof(*numbers));
	assert_int_equal(numbers[0], 11);
	assert_int_equal(numbers[1], 22);
	numbers[4999] = 33;
	free(numbers);
}

static void copies_are_equal_and_apart(void **state)
{
	char source[] = "hello";
	cleanup(free)
	char *whole = memory_text(source);
	cleanup(free)
	char *part = memory_text_len(source, 3);
	cleanup(free)
	char *bytes = memory_copy(source, 6);
	cleanup(free)
	char *printed = memory_print("%s-%d", source, 42);

	(void)state;
	source[0] = 'j';
	assert_string_equal(whole, "hello");
	assert_string_equal(part, "hel");
	assert_memory_equal(bytes, "hello", 6);
	assert_string_equal(printed, "hello-42");
}

static void rooms_grow_by_half_at_least(void **state)
{
	(void)state;
	assert_true(memory_next_room(0, 1) >= 1);
	assert_int_equal(memory_next_room(10, 1000), 1000);
	assert_true(memory_next_room(1000, 1001) >= 1500);
	assert_true(memory_next_room(1000, 1001) <= 2000);
	for (size_t room = 0, steps = 0; room < 1000000; steps++) {
		const size_t next = memory_next_room(room, room + 1);

		assert_true(next > room);
		assert_true(steps < 40);
		room = next;
	}
}

/* A sanitizer's allocator that dies by itself would not let us see how we do. */
const char *__asan_default_options(void);
const char *__tsan_default_options(void);

const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

const char *__tsan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static void *overflow_new(void)
{
	return memory_new(SIZE_MAX / 2, 3);
}

static void *overflow_aligned(void)
{
	return memory_new_aligned(64, SIZE_MAX / 2, 3);
}

static void *overflow_grow(void)
{
	return memory_grow(NULL, SIZE_MAX / 2, 3);
}

static void *too_much(void)
{
	return memory_any(SIZE_MAX / 2);
}

static void *too_much_again(void)
{
	return memory_again(NULL, SIZE_MAX / 2);
}

/* In a child: the process ends with a message and status 1. */
static void dies(void *(*ask)(void))
{
	char said[100] = { 0 };
	int status, ends[2];
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)dup2(ends[1], STDERR_FILENO);
		_exit(ask() ? 2 : 3);
	}
	(void)close(ends[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(read(ends[0], said, sizeof(said) - 1) > 0);
	(void)close(ends[0]);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_non_null(strstr(said, "out of memory"));
}

static void too_much_ends_the_process_with_a_message(void **state)
{
	(void)state;
	dies(overflow_new);
	dies(overflow_aligned);
	dies(overflow_grow);
	dies(too_much);
	dies(too_much_again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_memory_is_zeroed),
		cmocka_unit_test(aligned_memory_is_aligned_and_zeroed),
		cmocka_unit_test(nothing_is_something_too),
		cmocka_unit_test(growing_keeps_what_was_there),
		cmocka_unit_test(copies_are_equal_and_apart),
		cmocka_unit_test(rooms_grow_by_half_at_least),
		cmocka_unit_test(too_much_ends_the_process_with_a_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
