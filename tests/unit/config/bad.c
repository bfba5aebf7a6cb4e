/* bad.c - a folder of bad files, each with what is to be said about it. */
#include <glob.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "bench.h"
#include "config/corpus.h"

/* How the corpus is made after the words have changed: PICKET_ACCEPT=1, then read the diff. */
static void accept(const char *path, const char *printed)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(printed, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void check(const char *path)
{
	char *expected_path = memory_print("%.*s.expected", (int)strlen(path) - 5, path);
	struct complaints *complaints = complaints_new();
	struct snapshot *snapshot = NULL;
	struct text printed = { 0 };
	char *expected = NULL;
	size_t len;

	assert_int_not_equal(snapshot_load(path, complaints, &snapshot), 0);
	assert_null(snapshot);
	complaints_print(complaints, &printed);
	if (getenv("PICKET_ACCEPT"))
		accept(expected_path, text_string(&printed));
	if (file_read(expected_path, 1 << 20, &expected, &len) < 0)
		fail_msg("%s has no %s", path, expected_path);
	if (strcmp(expected, text_string(&printed)) != 0) {
		print_error("%s\n", path);
		assert_string_equal(text_string(&printed), expected);
	}
	free(expected);
	text_done(&printed);
	complaints_free(complaints);
	free(expected_path);
}

static void every_bad_file_gets_its_complaints(void **state)
{
	glob_t files;

	(void)state;
	assert_int_equal(chdir(CONFIG_CORPUS "/bad"), 0);
	(void)unsetenv("CREDENTIALS_DIRECTORY");
	(void)unsetenv("PICKET_TEST_UNSET");
	assert_int_equal(setenv("PICKET_TEST_SECRET", "s3cret", 1), 0);
	assert_int_equal(glob("*.yaml", 0, NULL, &files), 0);
	assert_true(files.gl_pathc >= 60);
	for (size_t i = 0; i < files.gl_pathc; i++)
		check(files.gl_pathv[i]);
	globfree(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_bad_file_gets_its_complaints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
