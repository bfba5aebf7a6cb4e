/* set.c - values go where the table says, layer over layer, or are complained about. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <stdio.h>

#include "door.h"

struct bench {
	struct paper paper;
	struct complaints *complaints;
	struct door door;
	struct text notes, secrets;
};

static int bench_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	bench->paper.arena = arena_new();
	bench->complaints = complaints_new();
	option_fill(&door_table, &bench->door, bench->paper.arena);
	*state = bench;
	return 0;
}

static int bench_down(void **state)
{
	struct bench *bench = *state;

	arena_free(bench->paper.arena);
	complaints_free(bench->complaints);
	text_done(&bench->notes);
	text_done(&bench->secrets);
	free(bench);
	return 0;
}

static const char *expand(const struct value *scalar, bool braces, bool *ret_is_secret,
			  void *context)
{
	struct bench *bench = context;

	if (braces)
		return NULL;
	*ret_is_secret = true;
	return strcmp(scalar->text, "${number}") == 0 ? "33"
						      : arena_text(bench->paper.arena, "out");
}

static void note_secret(const char *text, void *context)
{
	struct bench *bench = context;

	text_print(&bench->secrets, "%s ", text);
}

static void note_path(const char *path, const struct value *value, bool is_secret, void *context)
{
	struct bench *bench = context;

	text_print(&bench->notes, "%s:%u%s ", path, value->line, is_secret ? "!" : "");
}

static void set(struct bench *bench, struct value layer)
{
	const struct option_reader reader = {
		.arena = bench->paper.arena,
		.complaints = bench->complaints,
		.expand = expand,
		.secret = note_secret,
		.note = note_path,
		.context = bench,
	};

	option_set(&door_table, &layer, &bench->door, "door", &reader);
}

/* The only complaint there is about a layer with this one key. */
static void assert_complaint(struct bench *bench, struct value key, struct value value,
			     const char *message)
{
	struct paper *paper = &bench->paper;
	struct complaints *before = bench->complaints;

	bench->complaints = complaints_new();
	set(bench, MAP(key, value));
	assert_int_equal(complaints_count(bench->complaints), 1);
	assert_string_equal(complaints_get(bench->complaints, 0)->message, message);
	complaints_free(bench->complaints);
	bench->complaints = before;
}

static void built_in_values_come_from_the_table(void **state)
{
	const struct bench *bench = *state;

	assert_true(bench->door.is_open);
	assert_int_equal(bench->door.number, 7);
	assert_int_equal(bench->door.mode, 0660);
	assert_int_equal(bench->door.size, 65536);
	assert_int_equal(bench->door.wait, 10 * USEC_PER_SEC);
	assert_int_equal(bench->door.swing, SWING_OUT);
	assert_int_equal(bench->door.lock.bolts, 2);
	assert_null(bench->door.host);
	assert_null(bench->door.spare);
	assert_null(bench->door.names);
}

static void every_kind_is_set(void **state)
{
	struct bench *bench = *state;
	struct paper *paper = &bench->paper;
	const struct door *door = &bench->door;

	set(bench, MAP(PLAIN("is_open"), PLAIN("false"), PLAIN("number"), PLAIN("99"),
		       PLAIN("mode"), QUOTED("0600"), PLAIN("size"), PLAIN("2KiB"), PLAIN("wait"),
		       QUOTED("1m30s"), PLAIN("swing"), PLAIN("in"), PLAIN("host"), PLAIN("ada"),
		       PLAIN("path"), PLAIN("/a/b"), PLAIN("names"), LIST(PLAIN("a"), PLAIN("b")),
		       PLAIN("x-own"), PLAIN("free")));
	assert_int_equal(complaints_faults(bench->complaints), 0);
	assert_false(door->is_open);
	assert_int_equal(door->number, 99);
	assert_int_equal(door->mode, 0600);
	assert_int_equal(door->size, 2048);
	assert_int_equal(door->wait, 90 * USEC_PER_SEC);
	assert_int_equal(door->swing, SWING_IN);
	assert_string_equal(door->host, "ada");
	assert_string_equal(door->path, "/a/b");
	assert_string_equal(door->names[1], "b");
	assert_null(door->names[2]);
}

static void words_stand_for_numbers_and_for_no_list(void **state)
{
	struct bench *bench = *state;
	struct paper *paper = &bench->paper;

	set(bench, MAP(PLAIN("number"), PLAIN("auto"), PLAIN("names"), PLAIN("ada")));
	assert_int_equal(bench->door.number, 0);
	assert_string_equal(bench->door.names[0], "ada");
	set(bench, MAP(PLAIN("names"), PLAIN("nobody")));
	assert_null(bench->door.names);
}

static void mappings_merge_and_all_else_is_replaced(void **state)
{
	struct bench *bench = *state;
	struct paper *paper = &bench->paper;
	const struct door *door = &bench->door;

	set(bench,
	    MAP(PLAIN("lock"), MAP(PLAIN("maker"), PLAIN("Hobbs"), PLAIN("bolts"), PLAIN("4")),
		PLAIN("labels"), MAP(PLAIN("a"), PLAIN("1"), PLAIN("B"), PLAIN("2")),
		PLAIN("names"), LIST(PLAIN("x"), PLAIN("y"))));
	set(bench, MAP(PLAIN("lock"), PLAIN("Chubb"), PLAIN("labels"),
		       MAP(PLAIN("b"), PLAIN("3"), PLAIN("c"), PLAIN("4")), PLAIN("names"),
		       LIST(PLAIN("z"))));
	assert_string_equal(door->lock.maker, "Chubb");
	assert_int_equal(door->lock.bolts, 4);
	assert_int_equal(door->labels.count, 3);
	assert_string_equal(door->labels.pairs[1].key, "b");
	assert_string_equal(door->labels.pairs[1].value, "3");
	assert_string_equal(door->names[0], "z");
	assert_null(door->names[1]);
}

static void null_takes_away(void **state)
{
	struct bench *bench = *state;
	struct paper *paper = &bench->paper;

	set(bench, MAP(PLAIN("number"), PLAIN("8"), PLAIN("host"), PLAIN("ada"), PLAIN("lock"),
		       MAP(PLAIN("maker"), PLAIN("Hobbs"), PLAIN("bolts"), PLAIN("4")),
		       PLAIN("spare"), PLAIN("Chubb"), PLAIN("labels"),
		       MAP(PLAIN("a"), PLAIN("1"), PLAIN("b"), PLAIN("2"))));
	assert_string_equal(bench->door.spare->maker, "Chubb");
	set(bench,
	    MAP(PLAIN("number"), NOTHING(), PLAIN("host"), NOTHING(), PLAIN("lock"), NOTHING(),
		PLAIN("spare"), NOTHING(), PLAIN("labels"), MAP(PLAIN("A"), NOTHING())));
	assert_int_equal(bench->door.number, 7);
	assert_null(bench->door.host);
	assert_null(bench->door.lock.maker);
	assert_int_equal(bench->door.lock.bolts, 2);
	assert_null(bench->door.spare);
	assert_int_equal(bench->door.labels.count, 1);
	assert_string_equal(bench->door.labels.pairs[0].key, "b");
}

static void a_copy_does_not_feel_what_is_set_later(void **state)
{
	struct bench *bench = *state;
	struct paper *paper = &bench->paper;
	struct door copy;

	set(bench,
	    MAP(PLAIN("spare"), PLAIN("Hobbs"), PLAIN("labels"), MAP(PLAIN("a"), PLAIN("1"))));
	copy = bench->door;
	set(bench, MAP(PLAIN("spare"), MAP(PLAIN("bolts"), PLAIN("9")), PLAIN("labels"),
		       MAP(PLAIN("a"), PLAIN("2"))));
	assert_int_equal(copy.spare->bolts, 2);
	assert_string_equal(copy.labels.pairs[0].value, "1");
	assert_int_equal(bench->door.spare->bolts, 9);
	assert_string_equal(bench->door.spare->maker, "Hobbs");
}

static void references_are_expanded_and_their_places_noted(void **state)
{
	struct bench *bench = *state;
	struct paper *paper = &bench->paper;

	set(bench, MAP(PLAIN("number"), QUOTED("${number}"), PLAIN("swing"), PLAIN("${swing}"),
		       PLAIN("code"), PLAIN("1234"), PLAIN("lock"), MAP(PLAIN("bolts"), PLAIN("3")),
		       PLAIN("url"), PLAIN("http://ada:pass@w@h/")));
	assert_int_equal(complaints_faults(bench->complaints), 0);
	assert_int_equal(bench->door.number, 33);
	assert_int_equal(bench->door.swing, SWING_OUT);
	assert_string_equal(text_string(&bench->secrets), "1234 pass@w ");
	assert_non_null(strstr(text_string(&bench->notes), "door.number:"));
	assert_non_null(strstr(text_string(&bench->notes), "door.lock.bolts:"));
	assert_null(strstr(text_string(&bench->notes), "door.lock:"));
}

static void wrong_values_are_told_what_was_wanted(void **state)
{
	struct bench *bench = *state;
	struct paper *paper = &bench->paper;

#define WRONG(key, value, message) assert_complaint(bench, PLAIN(key), value, message)
	WRONG("is_open", PLAIN("yes"), "'is_open' must be true or false, not 'yes'");
	WRONG("is_open", QUOTED("true"),
	      "'is_open' must be true or false: write it without quotes");
	WRONG("is_open", LIST(PLAIN("true")), "'is_open' must be true or false, not a list");
	WRONG("number", PLAIN("100"), "'number' must be a number from 1 to 99, or auto, not '100'");
	WRONG("number", PLAIN("-1"), "'number' must be a number from 1 to 99, or auto, not '-1'");
	WRONG("number", PLAIN("1.5"), "'number' must be a number from 1 to 99, or auto, not '1.5'");
	WRONG("number", PLAIN("99999999999999999999999"),
	      "'number' must be a number from 1 to 99, or auto, not '99999999999999999999999'");
	WRONG("number", PLAIN("010"),
	      "'number' must be a decimal number without leading zeros, not '010'");
	WRONG("number", QUOTED("10"), "'number' must be a number: write it without quotes");
	WRONG("mode", PLAIN("660"),
	      "'mode' must be permissions in octal, such as \"0660\", not '660'");
	WRONG("mode", PLAIN("0999"),
	      "'mode' must be permissions in octal, such as \"0660\", not '0999'");
	WRONG("size", PLAIN("2048"),
	      "'size' needs a unit: write 2KiB (or KiB, MiB, KB, MB), not '2048'");
	WRONG("size", PLAIN("2k"), "'size' must be a size: write 2KiB, not '2k'");
	WRONG("size", PLAIN("1KiB1"), "'size' must be a size from 1KiB to 1MiB, not '1KiB1'");
	WRONG("size", PLAIN("1B"), "'size' must be a size from 1KiB to 1MiB, not '1B'");
	WRONG("wait", PLAIN("30"), "'wait' needs a unit: write 30s (or ms, m, h, d), not '30'");
	WRONG("wait", PLAIN("1.5m"), "'wait' must be a duration: write 1m30s, not '1.5m'");
	WRONG("wait", PLAIN("5 minutes"), "'wait' must be a duration: write 5m, not '5 minutes'");
	WRONG("wait", PLAIN("1:30:00"), "'wait' must be a duration: write 1h30m, not '1:30:00'");
	WRONG("wait", PLAIN("soon"), "'wait' must be a duration from 1s to 1d, not 'soon'");
	WRONG("wait", PLAIN("2d"), "'wait' must be a duration from 1s to 1d, not '2d'");
	WRONG("swing", PLAIN("inn"), "'swing' must be in or out (did you mean 'in'?), not 'inn'");
	WRONG("host", QUOTED(""), "'host' must not be empty");
	WRONG("host", PLAIN("ada lovelace"), "'host' must have no blanks, not 'ada lovelace'");
	WRONG("host", PLAIN("ada-king-countess-of-lovelace"),
	      "'host' may have at most 20 bytes; it has 29, not 'ada-king-countess-of-lovelace'");
	WRONG("host", QUOTED("a\nb"), "'host' must be one line, without CR and LF, not 'a\\nb'");
	WRONG("code", QUOTED("a\r\nb"), "'code' must be one line, without CR and LF");
	WRONG("path", PLAIN("a/b"),
	      "'path' must be an absolute path without '.' and '..', not 'a/b'");
	WRONG("path", PLAIN("/a/../b"),
	      "'path' must be an absolute path without '.' and '..', not '/a/../b'");
	WRONG("names", MAP(PLAIN("a"), PLAIN("b")),
	      "'names' must be a list of texts, or one, not a mapping");
	WRONG("labels", PLAIN("a"), "'labels' must be a mapping, not a single value");
	WRONG("lines", MAP(PLAIN("a"), PLAIN("b")),
	      "'lines' must be a list of lines, or one, not a mapping");
#undef WRONG
}

/* What people write elsewhere, and how it is written here. */
static void other_spellings_get_the_right_one_back(void **state)
{
	static const struct {
		const char *key, *written, *right;
	} all[] = {
		{ "wait", "7 us", "7us" },
		{ "wait", "7usec", "7us" },
		{ "wait", "7µs", "7us" },
		{ "wait", "7MS", "7ms" },
		{ "wait", "7 msec", "7ms" },
		{ "wait", "7 millis", "7ms" },
		{ "wait", "7 millisecond", "7ms" },
		{ "wait", "7 milliseconds", "7ms" },
		{ "wait", "7 s", "7s" },
		{ "wait", "7sec", "7s" },
		{ "wait", "7secs", "7s" },
		{ "wait", "7 second", "7s" },
		{ "wait", "7 Seconds", "7s" },
		{ "wait", "1.5m", "1m30s" },
		{ "wait", "7min", "7m" },
		{ "wait", "7mins", "7m" },
		{ "wait", "7 minute", "7m" },
		{ "wait", "7 minutes", "7m" },
		{ "wait", "7 h", "7h" },
		{ "wait", "7hr", "7h" },
		{ "wait", "7 hour", "7h" },
		{ "wait", "7hours", "7h" },
		{ "wait", "1.5d", "1d12h" },
		{ "wait", "7 day", "7d" },
		{ "wait", "7days", "7d" },
		{ "wait", "2w", "14d" },
		{ "wait", "2 week", "14d" },
		{ "wait", "2 weeks", "14d" },
		{ "wait", "1:02:03", "1h2m3s" },
		{ "wait", "02:03", "2m3s" },
		{ "size", "7 byte", "7B" },
		{ "size", "7bytes", "7B" },
		{ "size", "2k", "2KiB" },
		{ "size", "2 kb", "2KB" },
		{ "size", "1.5kib", "1536B" },
		{ "size", "3m", "3MiB" },
		{ "size", "3 mb", "3MB" },
		{ "size", "3 mib", "3MiB" },
		{ "size", "2g", "2GiB" },
		{ "size", "2 gb", "2GB" },
		{ "size", "2gib", "2GiB" },
	};
	struct bench *bench = *state;
	struct paper *paper = &bench->paper;
	char message[160];

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		(void)snprintf(message, sizeof(message), "'%s' must be a %s: write %s, not '%s'",
			       all[i].key, *all[i].key == 'w' ? "duration" : "size", all[i].right,
			       all[i].written);
		assert_complaint(bench, PLAIN(all[i].key), PLAIN(all[i].written), message);
	}
}

static void unknown_keys_are_told_what_was_meant(void **state)
{
	struct bench *bench = *state;
	struct paper *paper = &bench->paper;

	assert_complaint(bench, PLAIN("nmber"), PLAIN("1"),
			 "unknown key 'nmber'; did you mean 'number'?");
	assert_complaint(bench, PLAIN("digit"), PLAIN("1"),
			 "unknown key 'digit'; did you mean 'number'?");
	assert_complaint(bench, PLAIN("bolts"), PLAIN("1"),
			 "unknown key 'bolts' here; it belongs under 'lock:'");
	assert_complaint(bench, PLAIN("receivers"), PLAIN("1"), "unknown key 'receivers'");
}

static void a_fault_leaves_the_value_as_it_was(void **state)
{
	struct bench *bench = *state;
	struct paper *paper = &bench->paper;

	set(bench, MAP(PLAIN("number"), PLAIN("8")));
	set(bench, MAP(PLAIN("names"), LIST(PLAIN("ada"), PLAIN("grace"))));
	set(bench, MAP(PLAIN("number"), PLAIN("800"), PLAIN("wait"), PLAIN("2")));
	set(bench, MAP(PLAIN("names"), LIST(LIST(PLAIN("x")), PLAIN("joan"))));
	assert_string_equal(bench->door.names[0], "ada");
	assert_string_equal(bench->door.names[1], "grace");
	assert_int_equal(bench->door.number, 8);
	assert_int_equal(bench->door.wait, 10 * USEC_PER_SEC);
	assert_int_equal(complaints_faults(bench->complaints), 3);
}

static void what_is_missing_and_relations_are_looked_at_last(void **state)
{
	struct bench *bench = *state;
	struct paper *paper = &bench->paper;
	const struct value weak = MAP(PLAIN("lock"), MAP(PLAIN("bolts"), PLAIN("9")));
	const struct value strong = MAP(
		PLAIN("spare"), MAP(PLAIN("bolts"), PLAIN("9"), PLAIN("maker"), PLAIN("Hobbs")));
	const struct value *layers[] = { &weak, &strong };
	const struct option_places places = { layers, 2 };
	struct text printed = { 0 };

	set(bench, weak);
	set(bench, strong);
	assert_false(option_finish(&door_table, &bench->door, "", &places, bench->complaints));
	complaints_print(bench->complaints, &printed);
	assert_non_null(strstr(printed.data, "'lock.maker' is missing"));
	/* Relations only where everything is there. */
	assert_int_equal(complaints_faults(bench->complaints), 2);
	assert_non_null(strstr(printed.data, "so many bolts need a wider door"));
	text_done(&printed);
}

static void places_are_those_of_the_strongest_layer(void **state)
{
	struct bench *bench = *state;
	struct paper *paper = &bench->paper;
	const struct value number = PLAIN("number");
	const struct value weak =
		MAP(number, PLAIN("1"), PLAIN("lock"), MAP(PLAIN("bolts"), PLAIN("2")));
	const struct value strong = MAP(PLAIN("lock"), PLAIN("Hobbs"));
	const struct value *layers[] = { &weak, &strong };
	const struct option_places places = { layers, 2 };

	assert_int_equal(option_place(&places, "number").line, number.line);
	assert_int_equal(option_place(&places, "lock").line, strong.items[0].line);
	assert_int_equal(option_place(&places, NULL).line, strong.line);
	assert_int_equal(option_place(&places, "lock.bolts").line, weak.items[3].items[0].line);
	assert_true(option_is_set(&places, "lock.bolts"));
	assert_false(option_is_set(&places, "lock.code"));
	assert_false(option_is_set(&places, "host"));
}

static void equal_objects_have_equal_bytes(void **state)
{
	struct bench *bench = *state;
	struct paper *paper = &bench->paper;
	struct text one = { 0 }, other = { 0 };
	struct door before;

	set(bench, MAP(PLAIN("code"), PLAIN("1234"), PLAIN("spare"), PLAIN("Hobbs"), PLAIN("names"),
		       LIST(PLAIN("a"), PLAIN("b"))));
	before = bench->door;
	set(bench, MAP(PLAIN("names"), LIST(PLAIN("a"), PLAIN("b"))));
	option_digest(&door_table, &before, &one);
	option_digest(&door_table, &bench->door, &other);
	assert_int_equal(one.len, other.len);
	assert_memory_equal(one.data, other.data, one.len);
	set(bench, MAP(PLAIN("code"), PLAIN("1235")));
	text_clear(&other);
	option_digest(&door_table, &bench->door, &other);
	assert_memory_not_equal(one.data, other.data, one.len);
	text_done(&one);
	text_done(&other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_up, bench_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(built_in_values_come_from_the_table),
		TEST(every_kind_is_set),
		TEST(words_stand_for_numbers_and_for_no_list),
		TEST(mappings_merge_and_all_else_is_replaced),
		TEST(null_takes_away),
		TEST(a_copy_does_not_feel_what_is_set_later),
		TEST(references_are_expanded_and_their_places_noted),
		TEST(wrong_values_are_told_what_was_wanted),
		TEST(other_spellings_get_the_right_one_back),
		TEST(unknown_keys_are_told_what_was_meant),
		TEST(a_fault_leaves_the_value_as_it_was),
		TEST(what_is_missing_and_relations_are_looked_at_last),
		TEST(places_are_those_of_the_strongest_layer),
		TEST(equal_objects_have_equal_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
