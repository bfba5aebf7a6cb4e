/* bench.c - a store in a folder of its own, and what it has said. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bench.h"

/* Of STORE_PUT_ENDPOINT. */
enum { ENDPOINT_VALUES = 28 };

static void opened(const struct pack *meta, void *context)
{
	struct bench *bench = context;
	struct store_row row;
	size_t at = 0;

	bench->opened++;
	while (pack_next(meta, &at, &row))
		if (strcmp(row.values[0].data, "alive_at") == 0)
			bench->alive_at = row.values[1].number;
}

static void row_came(const struct store_row *row, void *context)
{
	struct bench *bench = context;

	if (row->statement != STORE_READ_ENDPOINTS)
		return;
	bench->endpoints++;
	(void)snprintf(bench->last_endpoint, sizeof(bench->last_endpoint), "%s",
		       row->values[0].data);
}

static void loaded(void *context)
{
	struct bench *bench = context;

	bench->loaded++;
}

static void refill(void *context)
{
	struct bench *bench = context;

	bench->refills++;
}

static void changed(void *context)
{
	(void)context;
}

static void noticed(const char *sentence, void *context)
{
	struct bench *bench = context;

	(void)snprintf(bench->noticed, sizeof(bench->noticed), "%s", sentence);
}

static void done(int result, void *context)
{
	struct bench *bench = context;

	if (result == 0)
		bench->done++;
	else
		bench->given_up++;
}

void bench_init(struct bench *bench)
{
	*bench = (struct bench){ .folder = "/tmp/picket-store-XXXXXX", .alive_at = -1 };
	assert_non_null(mkdtemp(bench->folder));
	(void)snprintf(bench->state, sizeof(bench->state), "%s/state", bench->folder);
}

void bench_done(struct bench *bench)
{
	char command[128];

	if (bench->store)
		bench_close(bench);
	(void)snprintf(command, sizeof(command), "rm -rf %s", bench->folder);
	assert_int_equal(system(command), 0);
}

void bench_open(struct bench *bench)
{
	const struct store_listener listener = {
		.opened = opened,
		.row = row_came,
		.loaded = loaded,
		.refill = refill,
		.changed = changed,
		.noticed = noticed,
		.context = bench,
	};

	bench->opened = bench->loaded = bench->refills = bench->done = bench->given_up = 0;
	bench->endpoints = 0;
	bench->alive_at = -1;
	bench->noticed[0] = bench->last_endpoint[0] = '\0';
	bench->store = store_new(bench->state, &listener);
	assert_non_null(bench->store);
}

void bench_close(struct bench *bench)
{
	assert_true(store_free(bench->store, clock_now() + USEC_PER_MIN));
	bench->store = NULL;
}

void bench_wait(struct bench *bench, bool (*holds)(const struct bench *bench))
{
	const usec_t until = clock_now() + USEC_PER_MIN;

	while (!holds(bench)) {
		struct pollfd ready = { .fd = store_wake_fd(bench->store), .events = POLLIN };

		assert_true(clock_now() < until);
		if (!store_collect(bench->store))
			(void)poll(&ready, 1, 1000);
	}
}

bool bench_is_loaded(const struct bench *bench)
{
	return bench->loaded > 0;
}

bool bench_is_failing(const struct bench *bench)
{
	return store_condition(bench->store)->state == STORE_FAILING;
}

bool bench_is_busy(const struct bench *bench)
{
	return store_condition(bench->store)->state == STORE_BUSY;
}

bool bench_is_ok(const struct bench *bench)
{
	return store_condition(bench->store)->state == STORE_OK;
}

bool bench_has_refill(const struct bench *bench)
{
	return bench->refills > 0;
}

static void pack_endpoint(struct pack *rows, const char *name)
{
	pack_begin(rows, STORE_PUT_ENDPOINT);
	pack_text(rows, name);
	pack_text(rows, "up");
	pack_number(rows, 0);
	pack_number(rows, 1);
	for (unsigned i = 4; i < ENDPOINT_VALUES; i++)
		pack_text(rows, NULL);
}

void bench_put(struct bench *bench, const char *name)
{
	struct store_batch *batch = store_batch_new();

	pack_endpoint(store_batch_rows(batch), name);
	store_submit(bench->store, batch, done, bench);
}

void bench_put_many(struct bench *bench, unsigned count)
{
	struct store_batch *batch = store_batch_new();
	char name[16];

	for (unsigned i = 0; i < count; i++) {
		(void)snprintf(name, sizeof(name), "e%u", i);
		pack_endpoint(store_batch_rows(batch), name);
	}
	store_submit(bench->store, batch, done, bench);
}

void bench_put_alive(struct bench *bench, int64_t at)
{
	struct store_batch *batch = store_batch_new();
	struct pack *rows = store_batch_rows(batch);

	pack_begin(rows, STORE_PUT_META);
	pack_text(rows, "alive_at");
	pack_number(rows, at);
	store_submit(bench->store, batch, done, bench);
}

static bool has_one_done(const struct bench *bench)
{
	return bench->done > 0;
}

void bench_put_and_wait(struct bench *bench, const char *name)
{
	bench->done = 0;
	bench_put(bench, name);
	bench_wait(bench, has_one_done);
}

const char *bench_file(const struct bench *bench, const char *name)
{
	static char path[160];

	(void)snprintf(path, sizeof(path), "%s/%s", bench->state, name);
	return path;
}
