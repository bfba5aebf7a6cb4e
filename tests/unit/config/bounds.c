/* bounds.c - hostile files are refused early, and cheaply. */
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "bench.h"

/* CPU time for what takes libyaml alone seconds; the rest is for slow and busy machines. */
enum { CHEAP = 1000 * 1000 };

static char *repeat(const char *before, const char *again, size_t times, const char *after)
{
	struct text text = { 0 };

	text_append(&text, before);
	while (times-- > 0)
		text_append(&text, again);
	text_append(&text, after);
	return text_take(&text);
}

static void assert_cheap(struct bench *bench, char *text, const char *complaint)
{
	const usec_t before = clock_thread_cpu();

	bench_load_bad(bench, text, complaint);
	assert_true(clock_thread_cpu() - before < CHEAP);
	assert_int_equal(complaints_faults(bench->complaints), 1);
	free(text);
}

static void depth_is_refused_as_soon_as_it_is_seen(void **state)
{
	static const char deep[] = "more than 32 levels deep";

	assert_cheap(*state, repeat("x-a: ", "[", 40000, ""), deep);
	assert_cheap(*state, repeat("x-a: ", "[?", 40000, ""), deep);
	assert_cheap(*state, repeat("x-a: ", "{a: ", 40000, ""), deep);
	assert_cheap(*state, repeat("x-a:\n ", "- ", 40000, ""), deep);
	assert_cheap(*state, repeat("x-a:\n ", "? ", 40000, ""), deep);
	assert_cheap(*state, repeat("x-a: ", "[\n", 40000, ""), deep);
}

static void as_deep_as_allowed_is_fine(void **state)
{
	/* The mapping of the file is one level. */
	char *good = repeat("x-a: ", "[", 31, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\nendpoints: []\n");
	char *bad = repeat("x-a: ", "[", 32, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\nendpoints: []\n");

	bench_load_good(*state, good);
	bench_load_bad(*state, bad,
		       "picket.yaml:1:37: lists and mappings more than 32 levels deep");
	free(good);
	free(bad);
}

static void aliases_that_explode_are_refused(void **state)
{
	struct text text = { 0 };

	text_append(&text, "x-0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
	for (int i = 1; i < 20; i++)
		text_print(
			&text,
			"x-%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n",
			i, i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	assert_cheap(*state, text_take(&text), "aliases expand to more than");
}

/* A list of `size` nodes and `times` aliases of it. */
static char *expanding(unsigned size, unsigned times)
{
	char *list = repeat("x-a: &a [", "x,", size - 1, "]\nx-b: [");
	char *all = repeat(list, "*a,", times, "]\nendpoints: []\n");

	free(list);
	return all;
}

static void aliases_may_expand_to_ten_thousand_nodes(void **state)
{
	/* 100 times 100 nodes; the file itself has so few that the other bound is lower. */
	char *good = expanding(100, 100), *bad = expanding(101, 100);

	bench_load_good(*state, good);
	/* 64 times its own 210 nodes is above 10,000: so this is still fine. */
	bench_load_good(*state, bad);
	free(good);
	free(bad);
	/* 200 + 100 nodes and a few: 64 times that is less than 200 times 100. */
	bad = expanding(200, 100);
	bench_load_bad(*state, bad, "aliases expand to more than");
	free(bad);
}

static void a_list_in_a_list_is_a_node_as_well(void **state)
{
	char *list = repeat("x-a: &a [", "[],", 1000, "]\nx-b: [");
	char *good = repeat(list, "*a,", 60, "]\nendpoints: []\n");
	char *bad = repeat(list, "*a,", 80, "]\nendpoints: []\n");

	/* 64 times its own 1,070 nodes and a few is between 60 and 80 times 1,001. */
	bench_load_good(*state, good);
	bench_load_bad(*state, bad, "aliases expand to more than");
	free(list);
	free(good);
	free(bad);
}

static void the_whole_file_counts_not_only_what_was_read(void **state)
{
	/* The aliases come first, the nodes that make them few come after. */
	char *aliases = expanding(200, 100);
	char *text = repeat("", "x,", 400, "]\n");
	char *all = memory_print("%sx-c: [%s", aliases, text);

	bench_load_good(*state, all);
	free(aliases);
	free(text);
	free(all);
}

static void long_scalars_are_refused(void **state)
{
	struct bench *bench = *state;
	char *good = repeat("x-a: ", "a", 65536, "\nendpoints: []\n");

	bench_load_good(bench, good);
	free(good);
	assert_cheap(bench, repeat("x-a: ", "a", 65537, "\nendpoints: []\n"),
		     "picket.yaml:1:6: a text of 65537 bytes is longer than the limit of 64KiB");
}

static void large_files_are_not_even_read(void **state)
{
	struct bench *bench = *state;

	bench_write("picket.yaml", "");
	assert_int_equal(truncate("picket.yaml", 100 << 20), 0);
	assert_cheap(bench, NULL, "picket.yaml: cannot read it: it is larger than 16MiB");
}

static void other_encodings_are_told_apart(void **state)
{
	struct bench *bench = *state;

	bench_write_bytes("picket.yaml",
			  "\xff\xfe"
			  "e\0n\0d\0",
			  8);
	bench_load_bad(bench, NULL, "picket.yaml:1:1: the file looks like UTF-16");
	bench_write("picket.yaml", "endpoints:\n  - name: caf\xe9\n");
	bench_load_bad(bench, NULL, "picket.yaml:2:14: byte 0xe9 is not UTF-8");
	bench_write("picket.yaml", "x-\xc0\xaf: 1\n");
	bench_load_bad(bench, NULL, "picket.yaml:1:3: byte 0xc0 is not UTF-8");
	bench_write_bytes("picket.yaml", "x-a: a\0b\n", 9);
	bench_load_bad(bench, NULL, "picket.yaml:1:7: control character 0x00");
	bench_write("picket.yaml", "x-a: \xc2\x9b\n");
	bench_load_bad(bench, NULL, "picket.yaml:1:6: control character U+009B");
	/* A byte order mark is what some editors put there. */
	bench_load_good(bench, "\xef\xbb\xbf"
			       "endpoints: []\n");
}

static void nothing_but_files_is_read(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(mkfifo("picket.yaml", 0600), 0);
	bench_load_bad(bench, NULL, "cannot read it: it is not a regular file");
	assert_int_equal(unlink("picket.yaml"), 0);
	assert_int_equal(mkdir("picket.yaml", 0700), 0);
	bench_load_bad(bench, NULL, "cannot read it: it is a directory");
	assert_int_equal(rmdir("picket.yaml"), 0);
	bench_load_bad(bench, NULL, "cannot read it: No such file or directory");
}

static void a_thousand_complaints_are_enough(void **state)
{
	struct bench *bench = *state;
	char *text = repeat("endpoints:\n", "  - 5\n", 2000, "");

	bench_load_bad(bench, text, "\nand 1000 more\n");
	assert_int_equal(complaints_faults(bench->complaints), 2000);
	free(text);
}

static void an_empty_file_says_so(void **state)
{
	bench_load_bad(*state, "", "picket.yaml:1:1: the file is empty");
	bench_load_bad(*state, "\n \n", "picket.yaml:1:1: the file is empty");
	bench_load_bad(*state, "---\n...\n", "picket.yaml:1:1: the file is empty");
}

/* Taken over once for each, the list would be 7 GB. */
static void a_long_each_costs_no_more_than_its_length(void **state)
{
	struct text text = { 0 };
	struct rusage before, after;

	text_append(
		&text,
		"endpoints: [{ name: 'x{}', interval: 1h, http: 'http://127.0.0.1/{}', each: [");
	for (unsigned i = 0; i < 30000; i++)
		text_print(&text, "%s%u", i ? ", " : "", i);
	text_append(&text, "] }]\n");
	assert_int_equal(getrusage(RUSAGE_SELF, &before), 0);
	bench_load_good(*state, text.data);
	assert_int_equal(getrusage(RUSAGE_SELF, &after), 0);
	assert_true(after.ru_maxrss - before.ru_maxrss < 1024 * 1024);
	text_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(depth_is_refused_as_soon_as_it_is_seen),
		BENCH_TEST(as_deep_as_allowed_is_fine),
		BENCH_TEST(aliases_that_explode_are_refused),
		BENCH_TEST(aliases_may_expand_to_ten_thousand_nodes),
		BENCH_TEST(a_list_in_a_list_is_a_node_as_well),
		BENCH_TEST(the_whole_file_counts_not_only_what_was_read),
		BENCH_TEST(long_scalars_are_refused),
		BENCH_TEST(large_files_are_not_even_read),
		BENCH_TEST(other_encodings_are_told_apart),
		BENCH_TEST(nothing_but_files_is_read),
		BENCH_TEST(a_thousand_complaints_are_enough),
		BENCH_TEST(an_empty_file_says_so),
		BENCH_TEST(a_long_each_costs_no_more_than_its_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
