/* targets.c - what a source of discovery may say, and where it ends. */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "bench.h"
#include "config/discover.h"

static struct targets *parse(const char *text, enum targets_form form, struct text *fault)
{
	struct targets *targets = NULL;

	text_clear(fault);
	if (targets_parse(text, strlen(text), form, "t", &targets, fault) < 0)
		assert_null(targets);
	return targets;
}

static void json_and_yaml_say_the_same(void **state)
{
	static const char *const documents[] = {
		"[{\"targets\": [\"b:1\", \"a\"], \"labels\": {\"x\": \"1\", \"__meta\": \"m\"}},"
		" {\"targets\": [\"c\"]}]",
		"- targets: [a, 'b:1']\n  labels: { x: \"1\", job: j }\n- targets:\n  - c\n",
	};
	cleanup(text)
	struct text fault = { 0 };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct targets *targets =
			parse(documents[i], i ? TARGETS_YAML : TARGETS_JSON, &fault);

		assert_non_null(targets);
		assert_int_equal(targets->count, 3);
		assert_string_equal(targets->list[0].name, "a");
		assert_string_equal(targets->list[1].name, "b:1");
		assert_string_equal(targets->list[2].name, "c");
		assert_string_equal(targets->list[0].labels[0].key, "x");
		assert_string_equal(targets->list[0].labels[0].value, "1");
		assert_int_equal(targets->list[0].labels_count, i ? 2 : 1);
		assert_int_equal(targets->list[2].labels_count, 0);
		targets_unref(targets);
	}
}

static void the_order_makes_no_difference_and_labels_do(void **state)
{
	cleanup(text)
	struct text fault = { 0 };
	struct targets *a = parse("[{\"targets\": [\"a\", \"b\"]}]", TARGETS_JSON, &fault);
	struct targets *b = parse("[{\"targets\": [\"b\", \"a\", \"a\"]}]", TARGETS_JSON, &fault);
	struct targets *c = parse("[{\"targets\": [\"a\", \"b\"], \"labels\": {\"x\": \"y\"}}]",
				  TARGETS_JSON, &fault);

	(void)state;
	assert_true(a->digest == b->digest);
	assert_int_equal(b->count, 2);
	assert_int_equal(b->twice, 1);
	assert_true(a->digest != c->digest);
	targets_unref(a);
	targets_unref(b);
	targets_unref(c);
}

static void what_is_no_list_of_targets_is_refused_whole(void **state)
{
	static const struct {
		const char *document, *said;
	} bad[] = {
		{ "", "JSON" },
		{ "[", "JSON" },
		{ "{\"targets\": [\"a\"]}", "must be a list" },
		{ "[null]", "group 1" },
		{ "[{}]", "group 1" },
		{ "[{\"targets\": \"a\"}]", "group 1" },
		{ "[{\"targets\": [\"a\"], \"target\": []}]", "group 1" },
		{ "[{\"targets\": [\"a\"]}, {\"targets\": [1]}]", "group 2" },
		{ "[{\"targets\": [\"a\", \"\"]}]", "target 2" },
		{ "[{\"targets\": [\"-a\"]}]", "target 1" },
		{ "[{\"targets\": [\"a\\u001bb\"]}]", "target 1" },
		{ "[{\"targets\": [\"a\\u0000b\"]}]", "JSON" },
		{ "[{\"targets\": [\"a\"], \"targets\": [\"b\"]}]", "JSON" },
		{ "[{\"targets\": [\"a\"], \"labels\": {\"a b\": \"x\"}}]", "label 1" },
		{ "[{\"targets\": [\"a\"], \"labels\": {\"a\": \"x\\ny\"}}]", "label 1" },
		{ "[{\"targets\": [\"a\"], \"labels\": {\"a\": {}}}]", "label 1" },
	};
	cleanup(text)
	struct text fault = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_null(parse(bad[i].document, TARGETS_JSON, &fault));
		if (!strstr(text_string(&fault), bad[i].said))
			fail_msg("'%s' gives: %s", bad[i].document, text_string(&fault));
	}
	assert_null(parse("- targets: [a]\n  targets: [b]\n", TARGETS_YAML, &fault));
	assert_null(parse("- targets: [!!str a]\n", TARGETS_YAML, &fault));
	assert_null(parse("- targets: [a\n", TARGETS_YAML, &fault));
}

/* `count` times the text, between two others. */
static char *repeat(const char *before, const char *text, unsigned count, const char *behind)
{
	struct text all = { 0 };

	text_append(&all, before);
	for (unsigned i = 0; i < count; i++)
		text_append(&all, text);
	text_append(&all, behind);
	return text_take(&all);
}

static void everything_is_bounded(void **state)
{
	cleanup(text)
	struct text fault = { 0 };
	const struct {
		const char *before, *text;
		unsigned count;
		const char *behind;
		bool is_fine;
	} sizes[] = {
		{ "[{\"targets\":[\"", "a", TARGET_BYTES_MAX, "\"]}]", true },
		{ "[{\"targets\":[\"", "a", TARGET_BYTES_MAX + 1, "\"]}]", false },
		{ "[{\"targets\":[\"b\"", ",\"b\"", TARGETS_MAX - 1, "]}]", true },
		{ "[{\"targets\":[\"b\"", ",\"b\"", TARGETS_MAX, "]}]", false },
		{ "[{\"targets\":[],\"labels\":{\"a\":\"", "x", TARGET_LABEL_BYTES_MAX, "\"}}]",
		  true },
		{ "[{\"targets\":[],\"labels\":{\"a\":\"", "x", TARGET_LABEL_BYTES_MAX + 1, "\"}}]",
		  false },
		{ "[", "[", 3000, "", false },
		{ "[0", ",0", TARGETS_NODES_MAX + 1, "]", false },
		{ "[", " ", TARGETS_BYTES_MAX - 1, "]", false },
		{ "[", " ", TARGETS_BYTES_MAX - 2, "]", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		cleanup(free)
		char *text =
			repeat(sizes[i].before, sizes[i].text, sizes[i].count, sizes[i].behind);
		struct targets *targets = parse(text, TARGETS_JSON, &fault);

		if ((targets != NULL) != sizes[i].is_fine)
			fail_msg("size %zu: %s", i, text_string(&fault));
		if (targets)
			targets_unref(targets);
	}
}

static void files_of_a_pattern_are_one_set(void **state)
{
	cleanup(text)
	struct text fault = { 0 };
	struct targets *targets;
	int watch;

	(void)state;
	bench_write("d/a.json", "[{\"targets\": [\"a\"]}]");
	bench_write("d/b.yml", "- targets: [b]\n");
	bench_write("d/c.json~", "nothing");
	bench_write("d/.hidden.json", "nothing");
	assert_int_equal(targets_read("d/*.json", -1, &watch, &targets, &fault), 0);
	assert_int_equal(targets->count, 1);
	targets_unref(targets);
	assert_int_equal(targets_read("d/*.yml", -1, &watch, &targets, &fault), 0);
	assert_string_equal(targets->list[0].name, "b");
	targets_unref(targets);
	/* None there are is what it says, unless there is no such folder. */
	assert_int_equal(targets_read("d/*.yaml", -1, &watch, &targets, &fault), 0);
	assert_int_equal(targets->count, 0);
	targets_unref(targets);
	assert_true(targets_read("e/*.yaml", -1, &watch, &targets, &fault) < 0);
	assert_true(targets_read("d/x.json", -1, &watch, &targets, &fault) < 0);
	assert_non_null(strstr(text_string(&fault), "d/x.json"));
	text_clear(&fault);
	bench_write("d/z.json", "[");
	assert_true(targets_read("d/*.json", -1, &watch, &targets, &fault) < 0);
	assert_non_null(strstr(text_string(&fault), "d/z.json"));
}

static const char found[] = "defaults: { interval: 1m, labels: { a: low, b: low } }\n"
			    "endpoints:\n"
			    "  - name: n {}\n"
			    "    discover: { http: 'http://sd.invalid/' }\n"
			    "    tcp: '{}:1'\n"
			    "    labels: { b: own, at: '{}' }\n"
			    "  - { name: n c, tcp: 'mine:2' }\n";

static struct snapshot *find(struct bench *bench, const char *document)
{
	cleanup(text)
	struct text fault = { 0 };
	struct find find = { .key = "http http://sd.invalid/" };
	const struct finds finds = { &find, 1 };
	struct snapshot *snapshot;

	find.targets = parse(document, TARGETS_JSON, &fault);
	assert_non_null(find.targets);
	assert_int_equal(snapshot_find(bench->snapshot, &finds, bench->complaints, &snapshot), 0);
	targets_unref(find.targets);
	return snapshot;
}

static void a_snapshot_is_made_again_of_what_was_found(void **state)
{
	struct bench *bench = *state;
	const struct endpoint *endpoint;
	struct snapshot *next;

	bench_load_good(bench, found);
	assert_int_equal(bench->snapshot->endpoints_count, 1);
	assert_null(bench->snapshot->discoveries[0].targets);
	/* Whatever the file says by now. */
	bench_write("picket.yaml", "endpoints: nonsense\n");
	next = find(bench,
		    "[{\"targets\": [\"a\", \"c\", \"no host\"],"
		    "  \"labels\": {\"a\": \"${env:HOME}\", \"b\": \"theirs\", \"c\": \"{}\"}}]");
	assert_int_equal(next->endpoints_count, 2);
	endpoint = next->endpoints[0];
	assert_string_equal(endpoint->name, "n a");
	assert_string_equal(endpoint->target, "a:1");
	assert_int_equal(endpoint->interval, USEC_PER_MIN);
	assert_string_equal(bench_label(endpoint, "a"), "${env:HOME}");
	assert_string_equal(bench_label(endpoint, "b"), "own");
	assert_string_equal(bench_label(endpoint, "c"), "{}");
	assert_string_equal(bench_label(endpoint, "at"), "a");
	assert_string_equal(next->endpoints[1]->target, "mine:2");
	assert_int_equal(next->discoveries[0].endpoints, 1);
	assert_int_equal(next->discoveries[0].left_out, 2);
	assert_int_equal(next->loaded_at, bench->snapshot->loaded_at);
	/* And from that one the next: what did not change is the same. */
	snapshot_unref(bench->snapshot);
	bench->snapshot = next;
	next = find(bench, "[{\"targets\": [\"a\"], \"labels\": {\"a\": \"x\"}},"
			   " {\"targets\": [\"b\"]}]");
	assert_int_equal(next->endpoints_count, 3);
	assert_true(next->endpoints[0]->digest != bench->snapshot->endpoints[0]->digest);
	assert_true(next->endpoints[2]->digest == bench->snapshot->endpoints[1]->digest);
	snapshot_unref(next);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_and_yaml_say_the_same),
		cmocka_unit_test(the_order_makes_no_difference_and_labels_do),
		cmocka_unit_test(what_is_no_list_of_targets_is_refused_whole),
		cmocka_unit_test(everything_is_bounded),
		BENCH_TEST(files_of_a_pattern_are_one_set),
		BENCH_TEST(a_snapshot_is_made_again_of_what_was_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
