/* silences.c - claims about which silence keeps whom quiet, and what finding out costs. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alert/silences.h"
#include "store/row.h"
#include "store/schema.h"

#define SECOND USEC_PER_SEC
#define WALL   (1700000000 * SECOND)

static const struct endpoint shop = { .name = "shop" };

struct stage {
	struct silences *silences;
	struct watch watch;
	unsigned looks;
	struct pack rows;
	char id[SILENCE_ID_SIZE]; /* of the last that was added */
};

static int init(void **state)
{
	static struct stage stage;

	stage = (struct stage){ .silences = silences_new(), .watch = { .endpoint = &shop } };
	*state = &stage;
	return 0;
}

static int done(void **state)
{
	struct stage *stage = *state;

	silences_free(stage->silences);
	pack_done(&stage->rows);
	return 0;
}

/* For so many seconds from second `boot` of this run on. */
static void add(struct stage *stage, const char *match, usec_t boot, usec_t seconds)
{
	struct silence *silence = silence_new(match);

	silence_date(silence, WALL + boot * SECOND, boot * SECOND, seconds * SECOND);
	memcpy(stage->id, silence->id, sizeof(stage->id));
	assert_int_equal(silences_add(stage->silences, silence, &stage->rows), 0);
}

static bool is_quiet(struct stage *stage, usec_t boot)
{
	return silences_look(stage->silences, &stage->watch, boot * SECOND, &stage->looks);
}

static unsigned end_those_over(struct stage *stage, usec_t boot)
{
	struct silence *silence;
	unsigned count = 0;

	while ((silence = silences_take_over(stage->silences, boot * SECOND, &stage->rows))) {
		silence_free(silence);
		count++;
	}
	return count;
}

static void end_early(struct stage *stage, const char *id)
{
	struct silence *silence = silences_take(stage->silences, id, &stage->rows);

	assert_non_null(silence);
	silence_free(silence);
}

static void one_holds_from_its_beginning_to_its_end(void **state)
{
	struct stage *stage = *state;

	assert_false(is_quiet(stage, 10));
	assert_int_equal(silences_next(stage->silences), USEC_NEVER);
	add(stage, "other", 10, 5);
	add(stage, "sh*", 10, 20);
	assert_true(is_quiet(stage, 10));
	assert_int_equal(silences_next(stage->silences), 15 * SECOND);
	assert_int_equal(end_those_over(stage, 14), 0);
	assert_int_equal(end_those_over(stage, 15), 1);
	assert_int_equal(silences_next(stage->silences), 30 * SECOND);
	assert_true(is_quiet(stage, 29));
	/* By the clock, whether or not anybody has cleared it away. */
	assert_false(is_quiet(stage, 30));
	assert_int_equal(end_those_over(stage, 30), 1);
	assert_false(is_quiet(stage, 31));
}

static void the_last_of_several_to_end_is_the_end(void **state)
{
	struct stage *stage = *state;

	add(stage, "shop", 0, 50);
	add(stage, "s*", 0, 100);
	add(stage, "*p", 0, 20);
	for (usec_t boot = 0; boot < 100; boot += 10) {
		(void)end_those_over(stage, boot);
		assert_true(is_quiet(stage, boot));
	}
	(void)end_those_over(stage, 100);
	assert_false(is_quiet(stage, 100));
}

static void where_one_is_ended_early_the_others_still_hold(void **state)
{
	struct stage *stage = *state;
	char first[SILENCE_ID_SIZE];

	add(stage, "shop", 0, 50);
	memcpy(first, stage->id, sizeof(first));
	add(stage, "s*", 0, 100);
	assert_true(is_quiet(stage, 1));
	end_early(stage, stage->id);
	assert_null(silences_take(stage->silences, stage->id, NULL));
	assert_true(is_quiet(stage, 2));
	end_early(stage, first);
	assert_false(is_quiet(stage, 3));
	/* And one that came while nobody looked is not overlooked. */
	add(stage, "*", 4, 10);
	add(stage, "other", 4, 50);
	assert_true(is_quiet(stage, 5));
}

static void only_what_is_new_is_matched(void **state)
{
	struct stage *stage = *state;
	char match[16];

	for (unsigned i = 0; i < SILENCES_MAX - 2; i++) {
		(void)snprintf(match, sizeof(match), "*-%u", i);
		add(stage, match, 0, 1000 + i);
	}
	assert_false(is_quiet(stage, 1));
	assert_int_equal(stage->looks, SILENCES_MAX - 2);
	stage->looks = 0;
	for (unsigned i = 0; i < 100; i++)
		assert_false(is_quiet(stage, i));
	assert_int_equal(stage->looks, 0);
	add(stage, "shop", 100, 10);
	assert_true(is_quiet(stage, 100));
	assert_int_equal(stage->looks, 1);
	/* The end of one that was awaited costs nothing. */
	(void)end_those_over(stage, 110);
	assert_false(is_quiet(stage, 110));
	assert_int_equal(stage->looks, 1);
}

static void there_are_not_too_many(void **state)
{
	struct stage *stage = *state;
	struct silence *silence = silence_new("*");

	for (unsigned i = 0; i < SILENCES_MAX; i++)
		add(stage, "x", 0, 10);
	silence_date(silence, WALL, 0, SECOND);
	assert_int_equal(silences_add(stage->silences, silence, NULL), -ENOSPC);
	assert_int_equal(silences_count(stage->silences), SILENCES_MAX);
	(void)end_those_over(stage, 10);
	assert_int_equal(silences_count(stage->silences), 0);
}

static void what_nobody_watches_is_found_by_its_name(void **state)
{
	struct stage *stage = *state;

	add(stage, "sh*", 0, 10);
	assert_true(silences_look_name(stage->silences, "shop", NULL, 0));
	assert_false(silences_look_name(stage->silences, "shop", NULL, 10 * SECOND));
	assert_false(silences_look_name(stage->silences, "cart", NULL, 0));
	assert_false(silences_look_name(stage->silences, NULL, NULL, 0));
	add(stage, "*", 0, 10);
	assert_true(silences_look_name(stage->silences, NULL, NULL, 0));
}

/* A new run, `later` seconds after the old one began by wall time, whose boot clock begins anew. */
static void restart(struct stage *stage, usec_t later)
{
	struct store_row row;
	size_t place = 0;

	silences_free(stage->silences);
	stage->silences = silences_new();
	stage->watch.hush = (struct hush){ 0 };
	while (pack_next(&stage->rows, &place, &row))
		if (row.statement == STORE_PUT_SILENCE)
			silences_load(stage->silences, &row, WALL + later * SECOND, 0, NULL);
}

static void after_a_restart_as_much_is_left_as_wall_time_says(void **state)
{
	struct stage *stage = *state;

	add(stage, "shop", 5, 100);
	add(stage, "s*", 5, 10);
	restart(stage, 45);
	assert_int_equal(silences_count(stage->silences), 1);
	assert_true(is_quiet(stage, 59));
	assert_false(is_quiet(stage, 60));
	/* A clock that went wrong makes none longer than it was meant. */
	restart(stage, 0);
	assert_true(is_quiet(stage, 99));
	assert_false(is_quiet(stage, 100));
}

#define CLAIM(name) cmocka_unit_test_setup_teardown(name, init, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLAIM(one_holds_from_its_beginning_to_its_end),
		CLAIM(the_last_of_several_to_end_is_the_end),
		CLAIM(where_one_is_ended_early_the_others_still_hold),
		CLAIM(only_what_is_new_is_matched),
		CLAIM(there_are_not_too_many),
		CLAIM(what_nobody_watches_is_found_by_its_name),
		CLAIM(after_a_restart_as_much_is_left_as_wall_time_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
