/* readers.c - a file that several threads read is what one thread makes of it. */
#include <stdio.h>

#include "bench.h"
#include "both_ways.h"
#include "config/parts.h"
#include "config/tree.h"

static unsigned compare(const char *text)
{
	return both_ways_read(text, strlen(text));
}

static void what_is_cut_is_whole_again(void **state)
{
	(void)state;
	assert_int_equal(
		compare("defaults: { interval: 1s }\n"
			"endpoints:\n"
			"  - name: a\n    http: http://a/\n"
			"  - name: b\n    http: http://b/\n"
			"\n# c is not there\n"
			"  - { name: d,\n      http: 'http://d/' }\n"
			"  - name: e\n    expect:\n    - status == 200\n    - |\n     - body\n"),
		3);
	/* At the margin, and with nothing before it. */
	assert_int_equal(
		compare("endpoints:   # all of them\n- name: aaaaaaaa\n- name: bbbbbbbb\n-\n"
			"  name: cccccccccccc\n- x\n- dddddddddddddddddddd\n"),
		PARTS_MAX);
}

static void where_it_is_not_certain_nothing_is_cut(void **state)
{
	static const char *const texts[] = {
		/* Another key, or what may be one. */
		"endpoints:\n  - aaaaaaaaaaaaaaaaaaaaaa\n  - bbbbbbbbbbbbbbbbbb\ngroups: { a: {} }\n",
		"endpoints:\n  - aaaaaaaaaaaaaaaaaaaaaa\n  - bbbbbbbbbbbbbbbbbb\n? groups\n",
		"endpoints:\n  - aaaaaaaaaaaaaaaaaaaaaa\n  - bbbbbbbbbbbbbbbbbb\n---\n  - c\n",
		"endpoints:\n  - aaaaaaaaaaaaaaaaaaaaaa\n  - bbbbbbbbbbbbbbbbbb\n...\n",
		"endpoints:\n- aaaaaaaaaaaaaaaaaaaaaaaa\n- bbbbbbbbbbbbbbbbbbbb\n--- \n- c\n",
		"endpoints:\n- aaaaaaaaaaaaaaaaaaaaaaaa\n- bbbbbbbbbbbbbbbbbbbb\n-x: 1\n",
		/* Lines that end otherwise. */
		"endpoints:\r\n  - aaaaaaaaaaaaaaaaaaaaaa\r\n  - bbbbbbbbbbbbbbbbbb\r\n",
		"endpoints:\n  - 'aaaaaaaaaaaaaaaa\r  - bbbbb'\n  - bbbbbbbbbbbbbbbbbb\n",
		/* What is above may be meant below. */
		"x-a: &a { interval: 1s }\nendpoints:\n  - aaaaaaaaaaaaaaaaaaaaa\n  - { <<: *a }\n",
		/* Other ways to write a list. */
		"endpoints: [ aaaaaaaaaaaaaaaaaaaaaaaaa,\n  bbbbbbbbbbbbbbbbbbbbb ]\n",
		"endpoints: # none\n# at all\n",
		"{ endpoints: [ aaaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbb ] }\n",
		"- aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n- bbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n",
		"",
		"\n",
		"endpoints:",
		"endpoints:\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(compare(texts[i]), 1);
}

static void a_cut_that_was_wrong_is_noticed(void **state)
{
	static const char *const texts[] = {
		/* Within quotes, brackets and texts of several lines. */
		"endpoints:\n  - name: 'aaaaaaaaaaaaaaaaaa\n  - bbbbbbbbbbbbbbbbbbbbbbb'\n",
		"endpoints:\n  - name: \"aaaaaaaaaaaaaaaaa\n  - name: b\n  - \\\n  - bbbbbbbb\"\n",
		"endpoints:\n  - { name: aaaaaaaaaaaaaaaaaa,\n  - bbbbbbbbbbbbbbbbbbbbbbb }\n",
		"x-a: \"aaaaaaaa\nendpoints:\n  - bbbbbbbbbbbbbbb\"\n  - ccccccccccccccccc\n",
		"x-a: \"aaaaaaaa\nendpoints:\n  - bbbbbbbbbbbbbbb\n  - ccccccccccccccccc\"\n",
		/* What is named in one part and meant in another. */
		"endpoints:\n  - &a { name: aaaaaaaaaaaaaaa }\n  - { <<: *a, http: bbbbbbbbbb }\n",
		/* Faults: all of them are told, where they are. */
		"endpoints:\n  - name: aaaaaaaaaaaaaaaaaaaa\n  - name: bbbbb\n    name: bbbbbbbb\n",
		"endpoints:\n  - { a: 1, a: 2, aaaaaaaaa: }\n  - { b: 1, b: 2, bbbbbbbbb: }\n",
		"endpoints:\n  - name: aaaaaaaaaaaaaaaaaaaa\n  - name: [ bbbbbbbbbbbbbbbbbbb\n",
		"endpoints:\n  - name: aaaaaaaaaaaaaaaaaaaa\n  - name: bbbbb\n   http: bbbbbbbbb\n",
		"endpoints:\n  - name: aaaaaaaaaaaaaaaaaaaa\n  - name: !!str bbbbbbbbbbbbbbbbb\n",
		"endpoints:\n  - name: aaaaaaaaaaaaaaaaaaaa\n  - name: \"\\0bbbbbbbbbbbbbbbbbbb\"\n",
		"endpoints:\n  - name: aaaaaaaaaaaaaaaaaaaa\n  - name: \tbbb\x01zzzzzzzzzzzzzzz\n",
		"endpoints:\n  - aaaaaaaaaaaaaaaaaaaaaaaaa\nendpoints:\n  - bbbbbbbbbbbbbbbbbbbb\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		(void)compare(texts[i]);
}

static void as_deep_as_allowed_is_as_deep_in_a_part(void **state)
{
	struct text text = { 0 };

	(void)state;
	for (unsigned depth = TREE_DEPTH_MAX - 4; depth < TREE_DEPTH_MAX + 1; depth++) {
		text_append(&text,
			    "endpoints:\n  - aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n  - ");
		for (unsigned i = 0; i < depth; i++)
			text_append_char(&text, '[');
		for (unsigned i = 0; i < depth; i++)
			text_append_char(&text, ']');
		text_append_char(&text, '\n');
		assert_int_equal(compare(text_string(&text)) > 1, true);
		text_done(&text);
		text = (struct text){ 0 };
	}
}

/* From pieces of which most go together. */
static void whatever_is_written_is_read_the_same(void **state)
{
	static const char *const pieces[] = {
		"  - name: a\n", "    http: b\n", "  - { c: d }\n",
		"    - e\n",	 "  # f\n",	  "\n",
		"    g: |\n",	 "      - h\n",	  "    i: 'j\n",
		"  k'\n",	 "  - [ l,\n",	  "    m ]\n",
		"  - \"n\n",	 "  - o\"\n",	  "  - &p q\n",
		"  - *p\n",	 "r: s\n",	  "endpoints:\n",
		"   - t\n",	 " - u\n",	  "- v\n",
		"  -\n",	 "      w\n",	  "    x: >-\n",
		"\t- y\n",	 "  - ? z\n",	  "    : a\n",
		"    b: {\n",	 "    }\n",
	};
	const size_t count = sizeof(pieces) / sizeof(pieces[0]);
	uint64_t chance = 1;
	unsigned cuts = 0;

	(void)state;
	for (unsigned i = 0; i < 4000; i++) {
		struct text text = { 0 };
		unsigned left = 4 + i % 12;

		text_append(&text, i % 8 ? "endpoints:\n  - name: a\n" : "x: y\n");
		while (left-- > 0) {
			chance = chance * 6364136223846793005u + 1442695040888963407u;
			/* Half of them are the first few, or nothing were ever whole. */
			text_append(&text,
				    pieces[(chance >> 33) % ((chance >> 62) < 2 ? 6 : count)]);
		}
		cuts += compare(text_string(&text)) > 1;
		text_done(&text);
	}
	assert_true(cuts > 400);
}

/* Of a file that is large enough to be cut as it is. */
static void a_fault_far_down_is_told_where_it_is(void **state)
{
	struct text text = { 0 };
	struct part parts[PARTS_MAX];

	text_append(&text, "endpoints:\n");
	for (unsigned i = 0; i < 20000; i++)
		text_print(&text, "  - name: endpoint-%u\n    http: http://192.0.2.1/%u\n", i, i);
	text_append(&text, "  - name: last\n    htpp: http://192.0.2.1/\n");
	assert_true(parts_cut(text_string(&text), text.len, 256 * 1024, PARTS_MAX, parts) > 1);
	bench_load_bad(*state, text_string(&text), "picket.yaml:40003:5: unknown key 'htpp'");
	text_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_cut_is_whole_again),
		cmocka_unit_test(where_it_is_not_certain_nothing_is_cut),
		cmocka_unit_test(a_cut_that_was_wrong_is_noticed),
		cmocka_unit_test(as_deep_as_allowed_is_as_deep_in_a_part),
		cmocka_unit_test(whatever_is_written_is_read_the_same),
		BENCH_TEST(a_fault_far_down_is_told_where_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
