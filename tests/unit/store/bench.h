/* bench.h - a store in a folder of its own, and what it has said. */
#pragma once

#include <stdbool.h>

#include "store/store.h"

struct bench {
	char folder[64]; /* of the test */
	char state[80]; /* of the store, in it */
	struct store *store;
	unsigned opened, loaded, refills, done, given_up;
	int64_t alive_at; /* of META; -1: none */
	unsigned endpoints; /* rows of them */
	char last_endpoint[64];
	char noticed[512]; /* the last */
};

/* A folder, and no store yet. */
void bench_init(struct bench *bench);
void bench_done(struct bench *bench);

void bench_open(struct bench *bench);
/* Opened again, as after a restart: what was counted begins anew. */
void bench_close(struct bench *bench);
/* Collects until the condition holds; fails after a minute. */
void bench_wait(struct bench *bench, bool (*holds)(const struct bench *bench));
bool bench_is_loaded(const struct bench *bench);
bool bench_is_failing(const struct bench *bench);
bool bench_is_busy(const struct bench *bench);
bool bench_is_ok(const struct bench *bench);
bool bench_has_refill(const struct bench *bench);

/* A batch with an endpoint of that name, so many of them ("e0" …), or the time of META; and the
 * wait for it.
 */
void bench_put(struct bench *bench, const char *name);
void bench_put_many(struct bench *bench, unsigned count);
void bench_put_alive(struct bench *bench, int64_t at);
void bench_put_and_wait(struct bench *bench, const char *name);
/* STATE/NAME, in a buffer of its own until the next call. */
const char *bench_file(const struct bench *bench, const char *name);
