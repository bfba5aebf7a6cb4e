/* bench.h - a folder of its own for each test, and what becomes of the files in it. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "config/snapshot.h"
#include "option/complaint.h"

struct bench {
	char folder[64]; /* which the test is in */
	struct complaints *complaints; /* of the last load */
	struct snapshot *snapshot; /* of the last load that was good, or NULL */
	char *printed; /* complaints of the last load */
};

int bench_up(void **state);
int bench_down(void **state);

/* A file beside the others; folders in its path are made. */
void bench_write(const char *path, const char *text);
void bench_write_bytes(const char *path, const void *data, size_t len);

/* Loads picket.yaml (with `text`, unless that is NULL); the result of snapshot_load(). */
int bench_load(struct bench *bench, const char *text);
/* Loads it and expects no complaint. */
void bench_load_good(struct bench *bench, const char *text);
/* Expects a fault with that in its line. */
void bench_load_bad(struct bench *bench, const char *text, const char *complaint);

const struct endpoint *bench_find(const struct bench *bench, const char *name);
/* The URL an endpoint asks for, as people see it. */
const char *bench_target(const struct bench *bench, const char *name);
/* The value of a label; "" where there is none. */
const char *bench_label(const struct endpoint *endpoint, const char *key);
/* One effective value with where it came from: "30s from built-in". */
char *bench_explain(const struct bench *bench, const char *name, const char *key);

#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, bench_up, bench_down)
