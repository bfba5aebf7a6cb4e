/* store.c - claims about what is written and comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "bench.h"

static int init(void **state)
{
	static struct bench bench;

	bench_init(&bench);
	*state = &bench;
	return 0;
}

static int done(void **state)
{
	bench_done(*state);
	return 0;
}

static void a_new_store_is_empty(void **state)
{
	struct bench *bench = *state;

	bench_open(bench);
	bench_wait(bench, bench_is_loaded);
	assert_int_equal(bench->opened, 1);
	assert_int_equal(bench->endpoints, 0);
	assert_int_equal(bench->alive_at, -1);
	assert_int_equal(bench->refills, 0);
	assert_true(bench_is_ok(bench));
}

static void what_was_written_comes_back(void **state)
{
	struct bench *bench = *state;

	bench_open(bench);
	bench_put_alive(bench, 1234567);
	bench_put_and_wait(bench, "shop");
	bench_close(bench);
	bench_open(bench);
	bench_wait(bench, bench_is_loaded);
	assert_int_equal(bench->alive_at, 1234567);
	assert_int_equal(bench->endpoints, 1);
	assert_string_equal(bench->last_endpoint, "shop");
}

static void what_waits_at_the_end_is_written(void **state)
{
	struct bench *bench = *state;
	char name[16];

	bench_open(bench);
	for (unsigned i = 0; i < 5000; i++) {
		(void)snprintf(name, sizeof(name), "e%u", i);
		bench_put(bench, name);
	}
	bench_close(bench);
	bench_open(bench);
	bench_wait(bench, bench_is_loaded);
	assert_int_equal(bench->endpoints, 5000);
}

static void a_later_row_replaces_an_earlier_one(void **state)
{
	struct bench *bench = *state;

	bench_open(bench);
	bench_put(bench, "shop");
	bench_put_and_wait(bench, "shop");
	bench_close(bench);
	bench_open(bench);
	bench_wait(bench, bench_is_loaded);
	assert_int_equal(bench->endpoints, 1);
}

static void a_row_the_file_never_takes_holds_up_no_other(void **state)
{
	struct bench *bench = *state;
	struct store_batch *batch = store_batch_new();

	bench_open(bench);
	pack_begin(store_batch_rows(batch), STORE_PUT_ENDPOINT);
	pack_text(store_batch_rows(batch), "no state, which the table wants");
	for (unsigned i = 1; i < 28; i++)
		pack_text(store_batch_rows(batch), NULL);
	store_submit(bench->store, batch, NULL, NULL);
	bench_put_and_wait(bench, "shop");
	assert_int_equal(store_condition(bench->store)->lost, 1);
	assert_true(bench_is_ok(bench));
}

static void a_second_one_is_kept_out(void **state)
{
	struct bench *bench = *state;
	struct bench other = { 0 };

	bench_open(bench);
	bench_wait(bench, bench_is_loaded);
	memcpy(other.state, bench->state, sizeof(other.state));
	bench_open(&other);
	bench_wait(&other, bench_is_busy);
	assert_non_null(strstr(store_condition(other.store)->fault, bench->state));
	bench_close(&other);
	bench_put_and_wait(bench, "shop");
}

static bool is_given_up(const struct bench *bench)
{
	return bench->given_up > 0;
}

/* A folder below a file cannot be made. */
static void where_nothing_can_be_written_memory_is_bounded(void **state)
{
	struct bench *bench = *state;
	FILE *file;
	char name[16];

	file = fopen(bench->state, "w");
	assert_non_null(file);
	(void)fclose(file);
	bench_open(bench);
	bench_wait(bench, bench_is_failing);
	for (unsigned i = 0; i < 50001; i++) {
		(void)snprintf(name, sizeof(name), "e%u", i);
		bench_put(bench, name);
	}
	bench_wait(bench, is_given_up);
	assert_int_equal(store_condition(bench->store)->lost, 50001);
	assert_int_equal(store_condition(bench->store)->waiting, 0);
	/* Once it works everything is asked for again. */
	assert_int_equal(remove(bench->state), 0);
	bench_put(bench, "last");
	bench_wait(bench, bench_has_refill);
	assert_true(bench_is_ok(bench));
	assert_int_equal(bench->loaded, 1);
}

/* As when a large bundle is told, or after a refill. */
static void one_large_batch_is_written_whole(void **state)
{
	struct bench *bench = *state;

	bench_open(bench);
	bench_put_many(bench, 50001);
	bench_put(bench, "after");
	bench_put(bench, "later");
	bench_close(bench);
	bench_open(bench);
	bench_wait(bench, bench_is_loaded);
	assert_int_equal(bench->endpoints, 50003);
}

static void only_its_owner_can_read_it(void **state)
{
	struct bench *bench = *state;
	struct stat status;

	bench_open(bench);
	bench_put_and_wait(bench, "shop");
	assert_int_equal(stat(bench_file(bench, "picket.db"), &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(stat(bench_file(bench, "picket.db-wal"), &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, init, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(a_new_store_is_empty),
		CLAIM(what_was_written_comes_back),
		CLAIM(what_waits_at_the_end_is_written),
		CLAIM(a_later_row_replaces_an_earlier_one),
		CLAIM(a_row_the_file_never_takes_holds_up_no_other),
		CLAIM(a_second_one_is_kept_out),
		CLAIM(where_nothing_can_be_written_memory_is_bounded),
		CLAIM(one_large_batch_is_written_whole),
		CLAIM(only_its_owner_can_read_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
