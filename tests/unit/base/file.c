/* file.c - whole files of a bounded size, and nothing that makes one wait. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/memory.h"

static char folder[64];

static int make_folder(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/picket-file-XXXXXX");
	return mkdtemp(folder) ? chdir(folder) : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	(void)unlink("file");
	(void)unlink("pipe");
	return chdir("/") == 0 ? rmdir(folder) : -1;
}

static void write_file(const char *data, size_t len)
{
	const int fd = open("file", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), (ssize_t)len);
	(void)close(fd);
}

static void fails(const char *path, size_t max, int wanted)
{
	char *text = (char *)&text;
	size_t len = 77;

	assert_int_equal(file_read(path, max, &text, &len), wanted);
	assert_ptr_equal(text, &text);
	assert_int_equal(len, 77);
}

static void a_file_is_read_whole_with_a_nul_behind_it(void **state)
{
	char *text = NULL;
	size_t len;

	(void)state;
	write_file("one\0two\n", 8);
	assert_int_equal(file_read("file", 100, &text, &len), 0);
	assert_int_equal(len, 8);
	assert_memory_equal(text, "one\0two\n", 9);
	free(text);
}

static void an_empty_file_is_an_empty_text(void **state)
{
	char *text = NULL;
	size_t len;

	(void)state;
	write_file("", 0);
	assert_int_equal(file_read("file", 0, &text, &len), 0);
	assert_int_equal(len, 0);
	assert_string_equal(text, "");
	free(text);
}

static void exactly_the_limit_is_allowed_one_more_is_not(void **state)
{
	char *text = NULL;
	size_t len;

	(void)state;
	write_file("12345", 5);
	assert_int_equal(file_read("file", 5, &text, &len), 0);
	assert_string_equal(text, "12345");
	free(text);
	fails("file", 4, -EFBIG);
	fails("file", 0, -EFBIG);
}

static void files_that_say_they_are_empty_are_read_to_their_end(void **state)
{
	char *text = NULL;
	size_t len;

	(void)state;
	assert_int_equal(file_read("/proc/self/smaps", 16 << 20, &text, &len), 0);
	assert_true(len > 4096);
	assert_int_equal(strlen(text), len);
	assert_int_equal(text[len - 1], '\n');
	free(text);
	/* It comes in pieces, and the limit may be where one ends. */
	for (size_t max = 2000; max <= 4096; max++)
		fails("/proc/self/smaps", max, -EFBIG);
	fails("/proc/self/smaps", 10, -EFBIG);
}

static void a_large_file_is_read_whole(void **state)
{
	const size_t wanted = 3 << 20;
	char *const data = memory_new(wanted, 1);
	char *text = NULL;
	size_t len;

	(void)state;
	for (size_t i = 0; i < wanted; i++)
		data[i] = (char)(i * 7 + i / 251);
	write_file(data, wanted);
	assert_int_equal(file_read("file", wanted, &text, &len), 0);
	assert_int_equal(len, wanted);
	assert_memory_equal(text, data, wanted);
	free(text);
	free(data);
}

static void what_is_no_file_is_refused_without_waiting(void **state)
{
	(void)state;
	assert_int_equal(mkfifo("pipe", 0600), 0);
	fails("pipe", 100, -EINVAL);
	fails(".", 100, -EISDIR);
	fails("/dev/null", 100, -EINVAL);
	fails("nowhere", 100, -ENOENT);
	fails("", 100, -ENOENT);
}

/* A pipe that is full takes less than it is given, and a reader that is gone takes nothing. */
static void all_is_written_or_it_is_said_why(void **state)
{
	static char data[100000], back[sizeof(data)];
	int ends[2];
	pid_t child;

	(void)state;
	memset(data, 'x', sizeof(data));
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	child = fork();
	if (child == 0)
		_exit(file_write(ends[1], data, sizeof(data)) == 0 ? 0 : 1);
	(void)close(ends[1]);
	for (size_t len = 0; len < sizeof(data);) {
		const ssize_t n = read(ends[0], back + len, 1000);

		assert_true(n > 0);
		len += (size_t)n;
	}
	assert_memory_equal(back, data, sizeof(data));
	(void)close(ends[0]);
	assert_int_equal(waitpid(child, &(int){ 0 }, 0), child);
	assert_int_equal(file_write(-1, data, 1), -EBADF);
	assert_int_equal(file_write(-1, data, 0), 0);
}

static void no_descriptor_is_left_open(void **state)
{
	const int before = open("/dev/null", O_RDONLY | O_CLOEXEC);
	char *text = NULL;
	size_t len;
	int after;

	(void)state;
	(void)close(before);
	write_file("12345", 5);
	assert_int_equal(file_read("file", 5, &text, &len), 0);
	free(text);
	fails("file", 4, -EFBIG);
	fails(".", 4, -EISDIR);
	after = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(after, before);
	(void)close(after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_read_whole_with_a_nul_behind_it),
		cmocka_unit_test(an_empty_file_is_an_empty_text),
		cmocka_unit_test(exactly_the_limit_is_allowed_one_more_is_not),
		cmocka_unit_test(files_that_say_they_are_empty_are_read_to_their_end),
		cmocka_unit_test(a_large_file_is_read_whole),
		cmocka_unit_test(what_is_no_file_is_refused_without_waiting),
		cmocka_unit_test(all_is_written_or_it_is_said_why),
		cmocka_unit_test(no_descriptor_is_left_open),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
