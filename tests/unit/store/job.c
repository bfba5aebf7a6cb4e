/* job.c - claims about what is done with the file on the store's thread. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bench.h"

struct job {
	struct bench *bench;
	int returns;
	unsigned rows; /* that it found */
	int result; /* 1: not done yet */
};

static int init(void **state)
{
	static struct bench bench;

	bench_init(&bench);
	bench_open(&bench);
	bench_wait(&bench, bench_is_loaded);
	*state = &bench;
	return 0;
}

static int done(void **state)
{
	bench_done(*state);
	return 0;
}

static void pack_mark(struct pack *rows, int64_t at)
{
	pack_begin(rows, STORE_PUT_MARK);
	pack_text(rows, "shop");
	pack_number(rows, at);
	pack_number(rows, 1);
	pack_bytes(rows, NULL, 0);
}

static void put_mark(struct bench *bench, int64_t at)
{
	struct store_batch *batch = store_batch_new();

	pack_mark(store_batch_rows(batch), at);
	store_submit(bench->store, batch, NULL, NULL);
}

static bool count_row(const struct store_row *row, void *context)
{
	struct job *job = context;

	assert_string_equal(row->values[0].data, "shop");
	return ++job->rows < 1000;
}

/* Counts the marks of the shop, and adds one. */
static int work(struct store_session *session, void *context)
{
	struct job *job = context;
	struct pack question = { 0 }, rows = { 0 };
	int r;

	pack_begin(&question, STORE_ASK_MARKS);
	pack_text(&question, "shop");
	r = store_session_ask(session, &question, count_row, job);
	pack_mark(&rows, 1000000 + job->rows);
	if (r == 0)
		r = store_session_put(session, &rows);
	pack_done(&question);
	pack_done(&rows);
	return r ? r : job->returns;
}

static void ended(int result, void *context)
{
	struct job *job = context;

	job->result = result;
	job->bench->done++;
}

static bool has_done(const struct bench *bench)
{
	return bench->done > 0;
}

static struct job run(struct bench *bench, int returns)
{
	struct job job = { .bench = bench, .returns = returns, .result = 1 };

	bench->done = 0;
	assert_int_equal(store_submit_work(bench->store, work, ended, &job), 0);
	bench_wait(bench, has_done);
	return job;
}

static void a_job_finds_what_was_submitted_before_it_and_no_more(void **state)
{
	struct bench *bench = *state;
	struct job job = { .bench = bench, .result = 1 };

	for (int64_t i = 0; i < 3; i++)
		put_mark(bench, i);
	bench->done = 0;
	assert_int_equal(store_submit_work(bench->store, work, ended, &job), 0);
	put_mark(bench, 3);
	bench_wait(bench, has_done);
	assert_int_equal(job.result, 0);
	assert_int_equal(job.rows, 3);
	assert_int_equal(run(bench, 0).rows, 5);
}

static void one_that_fails_leaves_nothing_behind(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(run(bench, -EINVAL).result, -EINVAL);
	assert_int_equal(run(bench, 0).rows, 0);
	assert_int_equal(run(bench, 0).rows, 1);
}

static void where_the_file_fails_whoever_asked_is_told(void **state)
{
	struct bench *bench = *state;
	struct job job;

	assert_int_equal(unlink(bench_file(bench, "picket.db")), 0);
	assert_int_equal(mkdir(bench_file(bench, "picket.db"), 0700), 0);
	/* A batch finds it out. */
	put_mark(bench, 1);
	bench_wait(bench, bench_is_failing);
	assert_int_equal(store_submit_work(bench->store, work, ended, &job), -EAGAIN);
	assert_int_equal(rmdir(bench_file(bench, "picket.db")), 0);
	bench_wait(bench, bench_is_ok);
	assert_int_equal(run(bench, 0).result, 0);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, init, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(a_job_finds_what_was_submitted_before_it_and_no_more),
		CLAIM(one_that_fails_leaves_nothing_behind),
		CLAIM(where_the_file_fails_whoever_asked_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
