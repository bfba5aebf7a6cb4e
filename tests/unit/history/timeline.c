/* timeline.c - claims about what an endpoint was, and from when to when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "history/absence.h"
#include "history/timeline.h"
#include "store/row.h"
#include "store/schema.h"

#define S USEC_PER_SEC

struct bench {
	struct timeline timeline;
	struct absences absences;
};

static int init(void **state)
{
	static struct bench bench;

	bench = (struct bench){ 0 };
	*state = &bench;
	return 0;
}

static int done(void **state)
{
	struct bench *bench = *state;

	timeline_done(&bench->timeline);
	absences_done(&bench->absences);
	return 0;
}

static void set(struct bench *bench, enum time_kind kind, usec_t second)
{
	unsigned first;

	(void)timeline_set(&bench->timeline, kind, second * S, &first);
}

static usec_t seconds(const struct bench *bench, enum time_kind kind, usec_t from, usec_t until)
{
	struct times times = { 0 };

	timeline_sum(&bench->timeline, &bench->absences, from * S, until * S, &times);
	return times.of[kind] / S;
}

static void an_outage_begins_where_it_is_dated(void **state)
{
	struct bench *bench = *state;

	set(bench, TIME_UP, 100);
	set(bench, TIME_DOWN, 500);
	set(bench, TIME_UP, 560);
	assert_int_equal(seconds(bench, TIME_DOWN, 0, 1000), 60);
	assert_int_equal(seconds(bench, TIME_UP, 0, 1000), 840);
	assert_int_equal(seconds(bench, TIME_DOWN, 530, 540), 10);
	assert_int_equal(seconds(bench, TIME_NONE, 0, 1000), 0);
	assert_int_equal(bench->timeline.count, 3);
}

static void what_is_dated_back_replaces_what_was_noted_behind(void **state)
{
	struct bench *bench = *state;
	unsigned first = 99;

	set(bench, TIME_UP, 100);
	set(bench, TIME_DEGRADED, 300);
	set(bench, TIME_UP, 400);
	assert_true(timeline_set(&bench->timeline, TIME_DOWN, 350 * S, &first));
	assert_int_equal(first, 2);
	assert_int_equal(bench->timeline.count, 3);
	assert_int_equal(seconds(bench, TIME_DOWN, 0, 1000), 650);
	assert_int_equal(seconds(bench, TIME_DEGRADED, 0, 1000), 50);
	/* And what that makes equal is one. */
	assert_true(timeline_set(&bench->timeline, TIME_UP, 200 * S, &first));
	assert_int_equal(bench->timeline.count, 1);
	assert_false(timeline_set(&bench->timeline, TIME_UP, 700 * S, &first));
}

static void maintenance_hides_the_state_and_keeps_it(void **state)
{
	struct bench *bench = *state;
	unsigned first;

	set(bench, TIME_UP, 100);
	assert_true(timeline_maintain(&bench->timeline, true, 200 * S, &first));
	set(bench, TIME_DOWN, 190);
	assert_true(timeline_maintain(&bench->timeline, false, 300 * S, &first));
	set(bench, TIME_UP, 320);
	assert_int_equal(seconds(bench, TIME_DOWN, 0, 1000), 10 + 20);
	assert_int_equal(seconds(bench, TIME_MAINTENANCE, 0, 1000), 100);
	assert_int_equal(seconds(bench, TIME_UP, 0, 1000), 90 + 680);
}

static void absence_is_unknown_but_where_nobody_would_have_looked(void **state)
{
	struct bench *bench = *state;
	unsigned first;

	set(bench, TIME_UP, 0);
	set(bench, TIME_PAUSED, 300);
	set(bench, TIME_DOWN, 400);
	(void)timeline_maintain(&bench->timeline, true, 500 * S, &first);
	absences_add(&bench->absences, 250 * S, 350 * S, NULL);
	absences_add(&bench->absences, 450 * S, 600 * S, NULL);
	assert_int_equal(seconds(bench, TIME_UP, 0, 1000), 250);
	assert_int_equal(seconds(bench, TIME_UNKNOWN, 0, 1000), 50 + 50);
	assert_int_equal(seconds(bench, TIME_PAUSED, 0, 1000), 100);
	assert_int_equal(seconds(bench, TIME_DOWN, 0, 1000), 50);
	assert_int_equal(seconds(bench, TIME_MAINTENANCE, 0, 1000), 500);
}

/* Two years of a change every ten minutes: little is kept, and no second is lost. */
static void one_that_changes_all_the_time_is_bounded(void **state)
{
	struct bench *bench = *state;
	const usec_t end = 105000 * 600;
	usec_t all = 0;

	for (usec_t i = 0; i < 105000; i++) {
		set(bench, i % 2 ? TIME_DOWN : TIME_UP, i * 600);
		timeline_bound(&bench->timeline, &bench->absences, "shop", NULL);
		assert_in_range(bench->timeline.count, 0, MARKS_MAX);
		assert_in_range(bench->timeline.lumps_count, 0, LUMPS_MAX);
	}
	for (enum time_kind kind = 0; kind < TIMES; kind++)
		all += seconds(bench, kind, 0, end);
	assert_in_range(all, end - 1, end);
	assert_in_range(seconds(bench, TIME_DOWN, 0, end), end / 2 - 1, end / 2);
	/* The last day is exact, and of the last month little is cut. */
	assert_int_equal(seconds(bench, TIME_DOWN, end - 86400, end), 43200);
	assert_in_range(seconds(bench, TIME_DOWN, end - 30 * 86400, end), 15 * 86400 - 600,
			15 * 86400 + 600);
}

static void what_is_old_goes_and_what_it_was_stays_known(void **state)
{
	struct bench *bench = *state;

	set(bench, TIME_UP, 100);
	set(bench, TIME_DOWN, 200);
	set(bench, TIME_UP, 300);
	timeline_trim(&bench->timeline, 250 * S, "shop", NULL);
	assert_int_equal(bench->timeline.count, 2);
	assert_int_equal(seconds(bench, TIME_DOWN, 250, 1000), 50);
}

/* What the table `marks` would hold of one name. */
struct table {
	struct {
		int64_t at, mark;
		char lump[128];
		size_t len;
	} rows[1000];
	unsigned count;
};

static void drop(struct table *table, int64_t from, int64_t until)
{
	unsigned out = 0;

	for (unsigned i = 0; i < table->count; i++)
		if (table->rows[i].at < from || table->rows[i].at >= until)
			table->rows[out++] = table->rows[i];
	table->count = out;
}

static void put(struct table *table, const struct store_row *row)
{
	const int64_t at = row->values[1].number;
	unsigned place = 0;

	drop(table, at, at + 1);
	while (place < table->count && table->rows[place].at < at)
		place++;
	memmove(&table->rows[place + 1], &table->rows[place],
		(table->count - place) * sizeof(table->rows[0]));
	table->count++;
	table->rows[place].at = at;
	table->rows[place].mark = row->values[2].number;
	table->rows[place].len = row->values[3].len;
	if (row->values[3].len)
		memcpy(table->rows[place].lump, row->values[3].data, row->values[3].len);
}

static void apply(struct table *table, struct pack *rows)
{
	struct store_row row;
	size_t at = 0;

	while (pack_next(rows, &at, &row)) {
		assert_string_equal(row.values[0].data, "shop");
		if (row.statement == STORE_DROP_MARKS)
			drop(table, row.values[1].number, row.values[2].number);
		else
			put(table, &row);
	}
	pack_done(rows);
}

static void take_up(const struct table *table, struct timeline *timeline)
{
	for (unsigned i = 0; i < table->count; i++) {
		struct pack rows = { 0 };
		struct store_row row;
		size_t at = 0;

		pack_begin(&rows, STORE_READ_MARKS);
		pack_text(&rows, "shop");
		pack_number(&rows, table->rows[i].at);
		pack_number(&rows, table->rows[i].mark);
		pack_bytes(&rows, table->rows[i].len ? table->rows[i].lump : NULL,
			   table->rows[i].len);
		assert_true(pack_next(&rows, &at, &row));
		timeline_take(timeline, &row);
		pack_done(&rows);
	}
}

/* Random changes, many of them dated back: what the rows say is what memory has, at any time. */
static void rows_say_the_same_as_memory(void **state)
{
	static struct table table;
	struct bench *bench = *state;
	uint64_t seed = 4711;
	usec_t now = 1000;

	table.count = 0;
	for (unsigned i = 0; i < 3000; i++) {
		const enum time_kind kind = (enum time_kind)(TIME_UP + (seed >> 33) % 5);
		struct timeline back = { 0 };
		struct pack rows = { 0 };
		unsigned first;
		bool is_other;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		now += (seed >> 40) % 300;
		if ((seed >> 20) % 7 == 0)
			is_other = timeline_maintain(&bench->timeline, (seed >> 50) % 2, now * S,
						     &first);
		else
			is_other = timeline_set(&bench->timeline, kind,
						(now - (seed >> 45) % 400) * S, &first);
		if (is_other)
			timeline_pack(&bench->timeline, first, "shop", &rows);
		timeline_bound(&bench->timeline, &bench->absences, "shop", &rows);
		if (i % 100 == 0)
			timeline_trim(&bench->timeline, (now > 50000 ? now - 50000 : 0) * S, "shop",
				      &rows);
		apply(&table, &rows);
		if (i % 50)
			continue;
		take_up(&table, &back);
		assert_int_equal(back.count, bench->timeline.count);
		assert_int_equal(back.lumps_count, bench->timeline.lumps_count);
		assert_memory_equal(timeline_marks(&back), timeline_marks(&bench->timeline),
				    back.count * sizeof(uint64_t));
		if (back.lumps_count)
			assert_memory_equal(back.lumps, bench->timeline.lumps,
					    back.lumps_count * sizeof(back.lumps[0]));
		timeline_done(&back);
	}
}

static void absences_are_bounded_and_never_shrink(void **state)
{
	struct bench *bench = *state;

	for (usec_t i = 0; i < 2000; i++)
		absences_add(&bench->absences, i * 100 * S, (i * 100 + 10) * S, NULL);
	assert_int_equal(bench->absences.count, ABSENCES_MAX);
	assert_true(absences_within(&bench->absences, 0, 200000 * S) >= 20000 * S);
	/* Of two that overlap the time counts once. */
	absences_add(&bench->absences, 199900 * S, 200000 * S, NULL);
	assert_int_equal(absences_within(&bench->absences, 199900 * S, 200000 * S), 100 * S);
	absences_trim(&bench->absences, 200000 * S, NULL);
	assert_in_range(bench->absences.count, 0, 1);
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, init, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(an_outage_begins_where_it_is_dated),
		CLAIM(what_is_dated_back_replaces_what_was_noted_behind),
		CLAIM(maintenance_hides_the_state_and_keeps_it),
		CLAIM(absence_is_unknown_but_where_nobody_would_have_looked),
		CLAIM(one_that_changes_all_the_time_is_bounded),
		CLAIM(what_is_old_goes_and_what_it_was_stays_known),
		CLAIM(rows_say_the_same_as_memory),
		CLAIM(absences_are_bounded_and_never_shrink),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
