/* damage.c - claims about files that are broken, gone, or not ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "bench.h"

static int init(void **state)
{
	static struct bench bench;

	bench_init(&bench);
	bench_open(&bench);
	bench_put_and_wait(&bench, "before");
	*state = &bench;
	return 0;
}

static int done(void **state)
{
	bench_done(*state);
	return 0;
}

static void run_sql(const struct bench *bench, const char *sql)
{
	sqlite3 *handle;

	assert_int_equal(sqlite3_open(bench_file(bench, "picket.db"), &handle), SQLITE_OK);
	assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

static void a_file_that_is_no_store_is_set_aside(void **state)
{
	struct bench *bench = *state;
	FILE *file;

	bench_close(bench);
	file = fopen(bench_file(bench, "picket.db"), "w");
	assert_non_null(file);
	for (unsigned i = 0; i < 1000; i++)
		(void)fputs("this is not a database ", file);
	(void)fclose(file);
	bench_open(bench);
	bench_wait(bench, bench_is_loaded);
	assert_int_equal(bench->endpoints, 0);
	assert_true(bench_is_ok(bench));
	assert_non_null(strstr(bench->noticed, ".corrupt"));
	assert_int_equal(access(bench_file(bench, "picket.db.corrupt"), F_OK), 0);
	bench_put_and_wait(bench, "after");
	bench_close(bench);
	bench_open(bench);
	bench_wait(bench, bench_is_loaded);
	assert_string_equal(bench->last_endpoint, "after");
}

static void one_with_other_tables_is_set_aside(void **state)
{
	struct bench *bench = *state;

	bench_close(bench);
	run_sql(bench, "DROP TABLE endpoints; CREATE TABLE endpoints (x)");
	bench_open(bench);
	bench_wait(bench, bench_is_loaded);
	assert_true(bench_is_ok(bench));
	assert_int_equal(access(bench_file(bench, "picket.db.corrupt"), F_OK), 0);
	bench_put_and_wait(bench, "after");
}

/* SQLite reads such a one and never writes it. */
static void one_whose_header_lets_nobody_write_is_set_aside(void **state)
{
	struct bench *bench = *state;
	FILE *file;

	bench_close(bench);
	file = fopen(bench_file(bench, "picket.db"), "r+");
	assert_non_null(file);
	assert_int_equal(fseek(file, 18, SEEK_SET), 0);
	assert_int_equal(fputc(9, file), 9);
	assert_int_equal(fclose(file), 0);
	bench_open(bench);
	bench_wait(bench, bench_is_loaded);
	assert_int_equal(bench->endpoints, 0);
	assert_non_null(strstr(bench->noticed, ".corrupt"));
	bench_put_and_wait(bench, "after");
}

static void a_newer_one_is_left_as_it_is(void **state)
{
	struct bench *bench = *state;
	char name[32];

	bench_close(bench);
	run_sql(bench, "PRAGMA user_version = 4711; CREATE TABLE of_tomorrow (x)");
	bench_open(bench);
	bench_wait(bench, bench_is_loaded);
	assert_int_equal(bench->endpoints, 0);
	assert_non_null(strstr(bench->noticed, "4711"));
	bench_put_and_wait(bench, "ours");
	bench_close(bench);
	(void)snprintf(name, sizeof(name), "picket-v%d.db", schema_version);
	assert_int_equal(access(bench_file(bench, name), F_OK), 0);
	run_sql(bench, "INSERT INTO of_tomorrow SELECT name FROM endpoints");
	/* And ours is found again. */
	bench_open(bench);
	bench_wait(bench, bench_is_loaded);
	assert_string_equal(bench->last_endpoint, "ours");
}

static void one_that_is_removed_is_begun_anew(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(unlink(bench_file(bench, "picket.db")), 0);
	bench_put(bench, "after");
	bench_wait(bench, bench_has_refill);
	assert_true(bench_is_ok(bench));
	bench_close(bench);
	bench_open(bench);
	bench_wait(bench, bench_is_loaded);
	assert_int_equal(bench->endpoints, 1);
	assert_string_equal(bench->last_endpoint, "after");
}

static void every_older_version_is_brought_to_ours(void **state)
{
	struct bench *bench = *state;

	for (int version = 0; version < schema_version; version++) {
		char mark[64];

		bench_close(bench);
		assert_int_equal(unlink(bench_file(bench, "picket.db")), 0);
		for (int step = 0; step < version; step++)
			run_sql(bench, schema_steps[step]);
		(void)snprintf(mark, sizeof(mark), "PRAGMA user_version = %d", version);
		run_sql(bench, mark);
		if (version > 0)
			run_sql(bench, "INSERT INTO endpoints (name, state, paused, since)"
				       " VALUES ('old', 'up', 0, 1)");
		bench_open(bench);
		bench_wait(bench, bench_is_loaded);
		assert_int_equal(bench->endpoints, version > 0);
		bench_put_and_wait(bench, "new");
	}
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, init, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(a_file_that_is_no_store_is_set_aside),
		CLAIM(one_with_other_tables_is_set_aside),
		CLAIM(one_whose_header_lets_nobody_write_is_set_aside),
		CLAIM(a_newer_one_is_left_as_it_is),
		CLAIM(one_that_is_removed_is_begun_anew),
		CLAIM(every_older_version_is_brought_to_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
