/* appender.c - claims about loop/appender.h. */
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
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "loop/appender.h"

struct stage {
	char folder[64], path[96], moved[96];
};

static const usec_t patience = 20 * USEC_PER_SEC;

static int set_up(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));

	assert_non_null(stage);
	(void)snprintf(stage->folder, sizeof(stage->folder), "/tmp/appender-XXXXXX");
	assert_non_null(mkdtemp(stage->folder));
	(void)snprintf(stage->path, sizeof(stage->path), "%s/lines", stage->folder);
	(void)snprintf(stage->moved, sizeof(stage->moved), "%s/lines.1", stage->folder);
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *stage = *state;

	(void)unlink(stage->path);
	(void)unlink(stage->moved);
	assert_return_code(rmdir(stage->folder), errno);
	free(stage);
	return 0;
}

static void add(struct appender *appender, const char *line)
{
	appender_add(appender, line, strlen(line));
}

static void end(struct appender *appender)
{
	assert_true(appender_free(appender, clock_now() + patience));
}

static void expect_file(const char *path, const char *expected)
{
	char *text;
	size_t len;

	assert_int_equal(file_read(path, 1 << 20, &text, &len), 0);
	assert_string_equal(text, expected);
	free(text);
}

/* Until so many lines are written or lost. */
static struct appender_counts wait_for(struct appender *appender, uint64_t lines)
{
	const usec_t until = clock_now() + patience;
	struct appender_counts counts;

	do {
		counts = appender_count(appender);
		assert_true(clock_now() < until);
	} while (counts.written + counts.lost < lines);
	return counts;
}

static void lines_are_there_when_it_ends(void **state)
{
	const struct stage *stage = *state;
	struct appender *appender = appender_new(stage->path, 1000);
	struct stat status;

	add(appender, "one\n");
	add(appender, "two\n");
	end(appender);
	appender = appender_new(stage->path, 1000);
	add(appender, "three\n");
	end(appender);
	expect_file(stage->path, "one\ntwo\nthree\n");
	assert_int_equal(stat(stage->path, &status), 0);
	assert_int_equal(status.st_mode & 07 & S_IRWXO, 0);
}

static void a_file_that_was_moved_away_is_made_again(void **state)
{
	const struct stage *stage = *state;
	struct appender *appender = appender_new(stage->path, 1000);

	add(appender, "one\n");
	(void)wait_for(appender, 1);
	assert_int_equal(rename(stage->path, stage->moved), 0);
	add(appender, "two\n");
	(void)wait_for(appender, 2);
	appender_reopen(appender, NULL);
	add(appender, "three\n");
	end(appender);
	expect_file(stage->moved, "one\ntwo\n");
	expect_file(stage->path, "three\n");
}

static void another_path_is_another_file(void **state)
{
	const struct stage *stage = *state;
	struct appender *appender = appender_new(stage->path, 1000);

	add(appender, "one\n");
	(void)wait_for(appender, 1);
	appender_reopen(appender, stage->moved);
	add(appender, "two\n");
	end(appender);
	expect_file(stage->path, "one\n");
	expect_file(stage->moved, "two\n");
}

static void what_cannot_be_written_is_counted_and_said(void **state)
{
	const struct stage *stage = *state;
	struct appender *appender = appender_new("/dev/full", 1000);
	struct appender_counts counts;

	add(appender, "one\n");
	counts = wait_for(appender, 1);
	assert_int_equal(counts.lost, 1);
	assert_int_equal(counts.fault, ENOSPC);
	appender_reopen(appender, stage->path);
	add(appender, "two\n");
	counts = wait_for(appender, 2);
	assert_int_equal(counts.written, 1);
	assert_int_equal(counts.fault, 0);
	end(appender);
	expect_file(stage->path, "two\n");
}

static void a_pipe_that_nobody_reads_holds_up_nobody(void **state)
{
	const struct stage *stage = *state;
	struct appender *appender;
	struct appender_counts counts;

	assert_int_equal(mkfifo(stage->path, 0600), 0);
	appender = appender_new(stage->path, 1000);
	add(appender, "one\n");
	counts = wait_for(appender, 1);
	assert_int_equal(counts.lost, 1);
	assert_int_equal(counts.fault, ENXIO);
	end(appender);
}

static void what_is_too_much_is_lost_and_nothing_else(void **state)
{
	const struct stage *stage = *state;
	struct appender *appender = appender_new(stage->path, 8);
	struct appender_counts counts;

	add(appender, "more than eight\n");
	add(appender, "one\n");
	counts = wait_for(appender, 2);
	assert_int_equal(counts.lost, 1);
	end(appender);
	expect_file(stage->path, "one\n");
}

static void after_half_a_line_the_next_one_is_whole(void **state)
{
	const struct stage *stage = *state;
	struct appender *appender;
	char bytes[5000];
	char line[3000];
	int reader;

	/* A pipe takes a write of more than PIPE_BUF in parts. */
	assert_int_equal(mkfifo(stage->path, 0600), 0);
	reader = open(stage->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(reader >= 0);
	assert_true(fcntl(reader, F_SETPIPE_SZ, 4096) >= 4096);
	appender = appender_new(stage->path, 100000);
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	/* Together more than the pipe holds. */
	memset(bytes, 'y', sizeof(bytes));
	bytes[sizeof(bytes) - 1] = '\n';
	appender_add(appender, bytes, sizeof(bytes));
	assert_int_equal(wait_for(appender, 1).lost, 1);
	assert_int_equal(read(reader, bytes, sizeof(bytes)), 4096);
	appender_add(appender, line, sizeof(line));
	assert_int_equal(wait_for(appender, 2).written, 1);
	assert_int_equal(read(reader, bytes, sizeof(bytes)), (ssize_t)sizeof(line) + 1);
	assert_int_equal(bytes[0], '\n');
	assert_memory_equal(bytes + 1, line, sizeof(line));
	end(appender);
	(void)close(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lines_are_there_when_it_ends, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_file_that_was_moved_away_is_made_again, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(another_path_is_another_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_cannot_be_written_is_counted_and_said, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_pipe_that_nobody_reads_holds_up_nobody, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_is_too_much_is_lost_and_nothing_else, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(after_half_a_line_the_next_one_is_whole, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
