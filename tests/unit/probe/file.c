/* file.c - claims about probe file, with real files: this program looks as picketd does. */
#include <event2/event.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "expect/expect.h"
#include "harness.h"
#include "loop/child.h"
#include "model/file.h"
#include "probe/file.h"
#include "probe/file_look.h"

extern const struct probe_type probe_file;

static const usec_t patience = 60 * USEC_PER_SEC;

/* A folder of its own for each claim. */
static char folder[] = "/tmp/picket-file-XXXXXX";
static char path[sizeof(folder) + 8];
static struct program *expect;

static int set_up(void **state)
{
	memcpy(strrchr(folder, '-'), "-XXXXXX", 8);
	if (!mkdtemp(folder))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/file", folder);
	return harness_set_up(state);
}

static int tear_down(void **state)
{
	if (expect)
		program_free(expect);
	expect = NULL;
	(void)unlink(path);
	(void)rmdir(path);
	(void)rmdir(folder);
	return harness_tear_down(state);
}

static void write_file(const char *content)
{
	const struct timespec times[2] = { { 1000000000, 250000000 }, { 1000000000, 250000000 } };
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(content, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void expect_line(const char *line)
{
	struct expect_fault fault;

	assert_int_equal(
		program_add(&expect, line, strlen(line), probe_file.subjects, NULL, &fault), 0);
}

static struct check *make(struct harness *harness, const char *file, usec_t timeout)
{
	struct file_options *options = harness_fill(harness, "file");

	options->path = file;
	harness->endpoint.expect = expect;
	return harness_check_of(harness, "file", options, timeout);
}

static struct check *look_at(struct harness *harness, const char *file, usec_t timeout)
{
	struct check *check = make(harness, file, timeout);
	const unsigned before = harness->done;

	harness_start(harness, check);
	assert_int_equal(harness->done, before);
	harness_wait(harness, before + 1);
	return check;
}

static struct check *look(struct harness *harness)
{
	return look_at(harness, path, patience);
}

static void a_file_is_known_without_being_read(void **state)
{
	struct check *check;
	const struct observation *seen;

	write_file("eleven byte");
	assert_int_equal(chmod(path, 0), 0);
	check = look(*state);
	seen = &check->observation;
	assert_int_equal(seen->class, CLASS_NONE);
	assert_int_equal(seen->file->size_bytes, 11);
	assert_int_equal(seen->file->modified, 1000000000250000);
	assert_int_equal(seen->body.len, 0);
	assert_true(seen->latency == seen->phases[PHASE_TRANSFER] && seen->latency > 0);
	check_free(check);
}

static void what_it_holds_is_read_where_somebody_asks(void **state)
{
	struct check *check;

	write_file("one\ntwo\n");
	expect_line("body contains \"two\"");
	check = look(*state);
	assert_int_equal(check->observation.class, CLASS_NONE);
	assert_string_equal(text_string(&check->observation.body), "one\ntwo\n");
	assert_false(check->observation.body_is_cut);
	check_free(check);
}

static void no_more_is_read_than_the_limit(void **state)
{
	struct harness *harness = *state;
	struct check *check;

	write_file("one\ntwo\n");
	expect_line("json $.a exists");
	harness->limits.body_bytes = 5;
	check = look(harness);
	assert_string_equal(text_string(&check->observation.body), "one\nt");
	assert_true(check->observation.body_is_cut);
	assert_int_equal(check->observation.file->size_bytes, 8);
	check_free(check);
}

static void what_just_fits_is_whole(void **state)
{
	struct harness *harness = *state;
	struct check *check;

	write_file("12345");
	expect_line("body == \"12345\"");
	harness->limits.body_bytes = 5;
	check = look(harness);
	assert_string_equal(text_string(&check->observation.body), "12345");
	assert_false(check->observation.body_is_cut);
	check_free(check);
}

static void one_that_is_not_there_has_a_class(void **state)
{
	struct check *check = look(*state);

	assert_int_equal(check->observation.class, CLASS_file_missing);
	assert_int_equal(check->observation.phase, PHASE_REQUEST);
	assert_string_equal(check->observation.detail,
			    "the file can't be found: No such file or directory");
	assert_null(check->observation.file);
	check_free(check);
}

static void what_is_no_regular_file_is_never_opened(void **state)
{
	struct check *check;

	/* To open this one for reading would wait for who writes. */
	assert_int_equal(mkfifo(path, 0600), 0);
	expect_line("body exists");
	check = look(*state);
	assert_int_equal(check->observation.class, CLASS_file_failure);
	assert_int_equal(check->observation.phase, PHASE_REQUEST);
	assert_string_equal(check->observation.detail, "what is there is no regular file");
	check_free(check);
}

static void a_file_without_end_is_left_at_the_limit(void **state)
{
	struct harness *harness = *state;
	struct check *check;

	/* Says that it has no bytes, and has many. */
	expect_line("body contains \"cpu\"");
	harness->limits.body_bytes = 16;
	check = look_at(harness, "/proc/stat", patience);
	assert_int_equal(check->observation.class, CLASS_NONE);
	assert_int_equal(check->observation.body.len, 16);
	assert_true(check->observation.body_is_cut);
	check_free(check);
}

/* Whoever opens a file that is on lease waits for the holder, as on a dead file system. */
static void a_file_system_that_does_not_answer_is_left_behind(void **state)
{
	struct harness *harness = *state;
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct check *check;
	int fd;

	write_file("x");
	expect_line("body exists");
	/* The holder is asked to let go, and does not. */
	assert_int_equal(sigaction(SIGIO, &ignore, NULL), 0);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_SETLEASE, F_WRLCK), 0);
	check = look_at(harness, path, USEC_PER_SEC);
	assert_int_equal(close(fd), 0);
	assert_int_equal(check->observation.class, CLASS_timeout);
	assert_int_equal(check->observation.phase, PHASE_REQUEST);
	assert_string_equal(check->observation.detail, "the file system had not answered after 1s");
	check_free(check);
}

static void without_a_place_it_is_this_hosts_fault(void **state)
{
	struct harness *harness = *state;
	struct check *check;

	children_set_max(harness->tools->children, 0);
	check = look_at(harness, path, 20 * USEC_PER_MS);
	assert_int_equal(check->observation.class, CLASS_local);
	check_free(check);
}

static void a_cancelled_check_is_done_once(void **state)
{
	struct harness *harness = *state;
	struct check *check;

	write_file("");
	check = make(harness, path, patience);
	harness_start(harness, check);
	probe_file.cancel(check);
	assert_int_equal(harness->done, 0);
	harness_wait(harness, 1);
	assert_true(check->is_cancelled);
	check_free(check);
	while (children_count(harness->tools->children) > 0)
		assert_int_equal(event_base_loop(harness->base, EVLOOP_ONCE), 0);
	assert_int_equal(harness->done, 1);
}

static void the_target_is_the_path(void **state)
{
	struct file_options *options = harness_fill(*state, "file");
	char *target;

	options->path = "/etc/hosts";
	target = probe_file.target(options);
	assert_string_equal(target, "/etc/hosts");
	assert_null(probe_file.host(options));
	free(target);
}

int main(int argc, char **argv)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest claims[] = {
		CLAIM(a_file_is_known_without_being_read),
		CLAIM(what_it_holds_is_read_where_somebody_asks),
		CLAIM(no_more_is_read_than_the_limit),
		CLAIM(what_just_fits_is_whole),
		CLAIM(one_that_is_not_there_has_a_class),
		CLAIM(what_is_no_regular_file_is_never_opened),
		CLAIM(a_file_without_end_is_left_at_the_limit),
		CLAIM(a_file_system_that_does_not_answer_is_left_behind),
		CLAIM(without_a_place_it_is_this_hosts_fault),
		CLAIM(a_cancelled_check_is_done_once),
		CLAIM(the_target_is_the_path),
	};
#undef CLAIM

	if (file_look_is_asked(argc, argv))
		return file_look(argv);
	return cmocka_run_group_tests(claims, NULL, NULL);
}
