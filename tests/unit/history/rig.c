/* rig.c - a history with a store of its own and a clock that is an argument. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/memory.h"
#include "model/check.h"
#include "rig.h"

static void opened(const struct pack *meta, void *context)
{
	struct rig *rig = context;
	struct store_row row;
	size_t at = 0;
	usec_t away = 0;

	while (pack_next(meta, &at, &row))
		away = (usec_t)row.values[1].number;
	history_opened(rig->history, away, rig->wall);
}

static void put_alive(struct rig *rig)
{
	struct store_batch *batch = store_batch_new();
	struct pack *rows = store_batch_rows(batch);

	pack_begin(rows, STORE_PUT_META);
	pack_text(rows, "alive_at");
	pack_number(rows, (int64_t)rig->wall);
	store_submit(rig->store, batch, NULL, NULL);
}

static void row_came(const struct store_row *row, void *context)
{
	struct rig *rig = context;

	if (row->statement == STORE_READ_MARKS || row->statement == STORE_READ_ABSENCES)
		history_take(rig->history, &rig->roster, row, NULL);
}

static void loaded(void *context)
{
	struct rig *rig = context;
	struct store_batch *batch = store_batch_new();

	history_loaded(rig->history, store_batch_rows(batch));
	store_submit(rig->store, batch, NULL, NULL);
	rig->is_loaded = true;
}

static void noticed(const char *sentence, void *context)
{
	(void)sentence;
	(void)context;
}

static void collect(struct rig *rig, bool (*is_over)(struct rig *rig))
{
	const usec_t until = clock_now() + USEC_PER_MIN;

	while (!is_over(rig)) {
		struct pollfd ready = { .fd = store_wake_fd(rig->store), .events = POLLIN };

		assert_true(clock_now() < until);
		if (!store_collect(rig->store))
			(void)poll(&ready, 1, 5);
	}
	while (store_collect(rig->store))
		;
}

static bool is_loaded(struct rig *rig)
{
	return rig->is_loaded;
}

static bool is_idle(struct rig *rig)
{
	return store_is_idle(rig->store);
}

static bool has_room(struct rig *rig)
{
	return store_condition(rig->store)->waiting < 3000;
}

void rig_start(struct rig *rig, usec_t wall)
{
	const struct store_listener listener = { .opened = opened,
						 .row = row_came,
						 .loaded = loaded,
						 .noticed = noticed,
						 .context = rig };

	rig->wall = wall;
	rig->is_loaded = false;
	rig->store = store_new(rig->folder, &listener);
	assert_non_null(rig->store);
	rig->history = history_new(rig->store, &rig->settings);
	for (unsigned i = 0; i < rig->count; i++)
		history_enter(rig->history, rig->roster.by_name[i]);
	collect(rig, is_loaded);
	history_begin(rig->history, &rig->roster, wall);
	put_alive(rig);
}

void rig_stop(struct rig *rig, bool is_killed)
{
	while (!is_killed && !history_flush(rig->history))
		collect(rig, is_idle);
	/* The sign of life that comes every few seconds. */
	put_alive(rig);
	assert_true(store_free(rig->store, clock_now() + USEC_PER_MIN));
	history_free(rig->history);
	rig->history = NULL;
}

static int compare_names(const void *a, const void *b)
{
	const struct watch *const *one = a, *const *other = b;

	return strcmp((*one)->endpoint->name, (*other)->endpoint->name);
}

void rig_init(struct rig *rig, unsigned count, usec_t wall)
{
	struct watch **names = memory_new(count, sizeof(struct watch *));

	*rig = (struct rig){
		.folder = "/tmp/picket-history-XXXXXX",
		.settings = { 14 * USEC_PER_DAY, 400 * USEC_PER_DAY, (uint64_t)2 << 30 },
		.count = count,
	};
	assert_non_null(mkdtemp(rig->folder));
	roster_init(&rig->roster);
	rig->endpoints = memory_new(count, sizeof(*rig->endpoints));
	for (unsigned i = 0; i < count; i++) {
		rig->endpoints[i].name = memory_print("e%u", i);
		rig->endpoints[i].hash = hash_name(rig->endpoints[i].name);
		names[i] = roster_add(&rig->roster, &rig->endpoints[i], NULL);
		names[i]->standing.since = wall;
		roster_set_state(&rig->roster, names[i], STATE_UP);
	}
	qsort(names, count, sizeof(struct watch *), compare_names);
	roster_set_names(&rig->roster, names, count);
	rig_start(rig, wall);
}

void rig_done(struct rig *rig)
{
	char command[96];

	if (rig->history)
		rig_stop(rig, false);
	roster_done(&rig->roster);
	for (unsigned i = 0; i < rig->count; i++)
		free((char *)rig->endpoints[i].name);
	free(rig->endpoints);
	(void)snprintf(command, sizeof(command), "rm -rf %s", rig->folder);
	assert_int_equal(system(command), 0);
}

/* What the engine would have written at once. */
static void commit(struct rig *rig, struct store_batch *batch)
{
	if (store_batch_rows(batch)->rows)
		store_submit(rig->store, batch, NULL, NULL);
	else
		store_batch_free(batch);
}

void rig_check(struct rig *rig, unsigned endpoint, usec_t latency, enum failure_class failure)
{
	struct store_batch *batch = store_batch_new();
	const struct check check = {
		.endpoint = &rig->endpoints[endpoint],
		.observation = { .wall = rig->wall, .latency = latency },
		.verdict = { .kind = failure ? VERDICT_FAIL : VERDICT_PASS,
			     .class = failure,
			     .phase = failure == CLASS_expectation ? PHASE_JUDGE : PHASE_CONNECT },
	};

	history_append(rig->history, rig->roster.watches[endpoint], &check,
		       store_batch_rows(batch));
	commit(rig, batch);
}

void rig_set_state(struct rig *rig, unsigned endpoint, enum state state, usec_t since)
{
	struct store_batch *batch = store_batch_new();
	struct watch *watch = rig->roster.watches[endpoint];

	watch->standing.since = since;
	roster_set_state(&rig->roster, watch, state);
	history_follow(rig->history, watch, store_batch_rows(batch));
	commit(rig, batch);
}

void rig_maintain(struct rig *rig, unsigned endpoint, bool is_on)
{
	struct store_batch *batch = store_batch_new();

	history_maintain(rig->history, rig->roster.watches[endpoint], is_on, rig->wall,
			 store_batch_rows(batch));
	commit(rig, batch);
}

void rig_pass(struct rig *rig, usec_t until)
{
	usec_t wait;

	while (rig->wall < until) {
		wait = history_turn(rig->history, &rig->roster,
				    (struct moment){ .now = rig->wall, .wall = rig->wall });
		/* A slice: the next one is due at once, as far as this clock goes. */
		if (wait < USEC_PER_SEC)
			collect(rig, rig->is_hasty ? has_room : is_idle);
		rig->wall += wait ? wait : 1;
	}
	rig->wall = until;
}

static void keep_past(struct past *past, void *context)
{
	struct past *kept = context;

	assert_non_null(past);
	*kept = *past;
	past->steps = NULL;
}

struct past rig_ask(struct rig *rig, unsigned endpoint, usec_t from, usec_t step)
{
	const struct past_question question = { .from = from, .until = rig->wall, .step = step };
	struct past past = { 0 };

	(void)history_ask(rig->history, rig->roster.watches[endpoint], &question, keep_past, &past);
	while (!past.steps)
		collect(rig, is_idle);
	return past;
}
