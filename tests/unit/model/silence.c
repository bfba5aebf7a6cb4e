/* silence.c - claims about whom a silence is about, and what is kept of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "model/kept_silence.h"
#include "model/silence.h"
#include "store/row.h"
#include "store/schema.h"

static const struct group web = { .name = "web" };
static const struct label labels[] = { { "team", "blue" }, { "site", "a" } };
static const struct endpoint shop = {
	.name = "shop-1",
	.group = &web,
	.labels = labels,
	.labels_count = 2,
};
static const struct endpoint bare = { .name = "shop-2" };

static struct silence *make(const char *match, const char *group, const char *key,
			    const char *value)
{
	struct silence *silence = silence_new(match);

	silence->group = group ? memory_text(group) : NULL;
	if (key)
		silence_add_label(silence, key, value);
	return silence;
}

static void all_that_it_says_must_be_so(void **state)
{
	static const struct {
		const char *match, *group, *key, *value;
		bool is_shop, is_bare;
	} cases[] = {
		{ "*", NULL, NULL, NULL, true, true },
		{ "shop-?", NULL, NULL, NULL, true, true },
		{ "shop-1", NULL, NULL, NULL, true, false },
		{ "SHOP-1", NULL, NULL, NULL, false, false },
		{ "*", "web", NULL, NULL, true, false },
		{ "*", "we", NULL, NULL, false, false },
		{ "*", NULL, "team", "blue", true, false },
		{ "*", NULL, "team", "red", false, false },
		{ "*", NULL, "site", "a", true, false },
		{ "*-2", "web", NULL, NULL, false, false },
		{ "*-2", NULL, "team", "blue", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct silence *silence =
			make(cases[i].match, cases[i].group, cases[i].key, cases[i].value);

		assert_int_equal(silence_matches(silence, &shop), cases[i].is_shop);
		assert_int_equal(silence_matches(silence, &bare), cases[i].is_bare);
		silence_free(silence);
	}
}

static void two_have_two_ids(void **state)
{
	struct silence *one = silence_new("*"), *other = silence_new("*");

	(void)state;
	silence_date(one, 1700000000 * USEC_PER_SEC, 7, 10);
	silence_date(other, 1700000000 * USEC_PER_SEC, 7, 10);
	assert_int_equal(strlen(one->id), SILENCE_ID_SIZE - 1);
	assert_string_not_equal(one->id, other->id);
	assert_int_equal(one->until, 17);
	assert_int_equal(one->ends, 1700000000 * USEC_PER_SEC + 10);
	silence_free(one);
	silence_free(other);
}

static struct silence *take(const struct pack *rows)
{
	struct store_row row;
	size_t at = 0;

	assert_true(pack_next(rows, &at, &row));
	assert_int_equal(row.statement, STORE_PUT_SILENCE);
	return kept_take_silence(&row);
}

static void what_is_kept_comes_back(void **state)
{
	struct silence *silence = make("shop-*", "web", "team", "blue"), *back;
	struct pack rows = { 0 };

	(void)state;
	silence_add_label(silence, "site", "");
	silence->by = memory_text("root");
	silence_date(silence, 1700000000 * USEC_PER_SEC, 7, USEC_PER_HOUR);
	kept_pack_silence(silence, &rows);
	back = take(&rows);
	assert_non_null(back);
	assert_string_equal(back->id, silence->id);
	assert_string_equal(back->match, "shop-*");
	assert_string_equal(back->group, "web");
	assert_int_equal(back->labels_count, 2);
	assert_string_equal(back->labels[0].key, "team");
	assert_string_equal(back->labels[0].value, "blue");
	assert_string_equal(back->labels[1].key, "site");
	assert_string_equal(back->labels[1].value, "");
	assert_string_equal(back->by, "root");
	assert_null(back->comment);
	assert_int_equal(back->made, silence->made);
	assert_int_equal(back->ends, silence->ends);
	silence_free(silence);
	silence_free(back);
	pack_done(&rows);
}

static void pack_row(struct pack *rows, const char *id, const char *match, const void *pairs,
		     size_t len, int64_t made, int64_t ends)
{
	pack_begin(rows, STORE_PUT_SILENCE);
	pack_text(rows, id);
	pack_text(rows, match);
	pack_text(rows, NULL);
	pack_bytes(rows, pairs, len);
	pack_number(rows, made);
	pack_number(rows, ends);
	pack_text(rows, NULL);
	pack_text(rows, NULL);
}

static void rows_that_make_no_sense_are_none(void **state)
{
	static const struct {
		const char *id, *match, *pairs;
		size_t len;
		int64_t made, ends;
		bool is_sound;
	} cases[] = {
		{ "0123456789", "*", NULL, 0, 1, 2, true },
		{ "0123456789", "*", "k\0v", 4, 1, 2, true },
		{ "0123456789", "*", "k\0", 3, 1, 2, true },
		{ "0123456789", "*", "k\0v", 3, 1, 2, false },
		{ "0123456789", "*", "k", 2, 1, 2, false },
		{ "0123456789", "*", "k", 1, 1, 2, false },
		{ "012345678", "*", NULL, 0, 1, 2, false },
		{ NULL, "*", NULL, 0, 1, 2, false },
		{ "0123456789", NULL, NULL, 0, 1, 2, false },
		{ "0123456789", "*", NULL, 0, 0, 2, false },
		{ "0123456789", "*", NULL, 0, 1, -2, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pack rows = { 0 };
		struct silence *silence;

		pack_row(&rows, cases[i].id, cases[i].match, cases[i].pairs, cases[i].len,
			 cases[i].made, cases[i].ends);
		silence = take(&rows);
		assert_int_equal(silence != NULL, cases[i].is_sound);
		if (silence)
			silence_free(silence);
		pack_done(&rows);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_it_says_must_be_so),
		cmocka_unit_test(two_have_two_ids),
		cmocka_unit_test(what_is_kept_comes_back),
		cmocka_unit_test(rows_that_make_no_sense_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
