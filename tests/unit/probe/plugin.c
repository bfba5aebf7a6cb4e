/* plugin.c - claims about what monitoring plugins print. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "model/process.h"
#include "probe/plugin.h"

static struct process_facts *read_all(const char *output)
{
	struct process_facts *facts = MEMORY_NEW(struct process_facts);

	plugin_read(output, strlen(output), facts);
	return facts;
}

static void one_line_has_text_and_data(void **state)
{
	struct process_facts *facts =
		read_all("DISK OK - free space | /=2643MB;5948;5958;0;5968 time=0.02s\n");

	assert_string_equal(facts->said, "DISK OK - free space");
	assert_null(facts->more);
	assert_int_equal(facts->perf_count, 2);
	assert_string_equal(facts->perf[0].label, "/");
	assert_true(facts->perf[0].value == 2643);
	assert_string_equal(facts->perf[0].unit, "MB");
	assert_string_equal(facts->perf[0].warn, "5948");
	assert_string_equal(facts->perf[0].crit, "5958");
	assert_string_equal(facts->perf[0].min, "0");
	assert_string_equal(facts->perf[0].max, "5968");
	assert_int_equal(facts->perf[0].level, PERF_OK);
	assert_string_equal(facts->perf[1].unit, "s");
	assert_int_equal(facts->perf[1].level, PERF_NO_LEVEL);
	process_facts_free(facts);
}

/* The example of the Plugin API. */
static void further_lines_are_text_until_a_bar_and_data_from_there(void **state)
{
	struct process_facts *facts = read_all("DISK OK | /=2643MB\n"
					       "/ 15272 MB (77%);\n"
					       "/boot 68 MB (69%); | /boot=68MB;88;93\n"
					       "/home=69357MB;253404 /var/log=818MB\n");

	assert_string_equal(facts->said, "DISK OK");
	assert_string_equal(facts->more, "/ 15272 MB (77%);\n/boot 68 MB (69%);");
	assert_int_equal(facts->perf_count, 4);
	assert_string_equal(facts->perf[3].label, "/var/log");
	process_facts_free(facts);
}

static void labels_may_be_quoted(void **state)
{
	struct process_facts *facts = read_all("x|'C:\\ used''s %'=12%;80;90 'a=b'=1c");

	assert_int_equal(facts->perf_count, 2);
	assert_string_equal(facts->perf[0].label, "C:\\ used's %");
	assert_string_equal(facts->perf[0].unit, "%");
	assert_string_equal(facts->perf[1].label, "a=b");
	assert_string_equal(facts->perf[1].unit, "c");
	process_facts_free(facts);
}

static void what_is_no_data_is_left_out_and_the_rest_is_not(void **state)
{
	static const struct {
		const char *output;
		size_t count;
	} cases[] = {
		{ "", 0 },
		{ "|", 0 },
		{ "x|nonsense", 0 },
		{ "x|=5", 0 },
		{ "x|'open=5", 0 },
		{ "x|''=5", 0 },
		{ "x|nonsense a=1", 1 },
		{ "x|a=1;;;; b=-2.5e3us;~:0", 2 },
		{ "x|a=1;2;3;4;5;6 b=1", 2 },
		{ "x|a=1,5s", 1 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct process_facts *facts = read_all(cases[i].output);

		assert_int_equal(facts->perf_count, cases[i].count);
		process_facts_free(facts);
	}
}

static void what_the_plugin_could_not_find_out_has_no_value(void **state)
{
	static const char *const outputs[] = { "x|a=U",	  "x|a=U;1;2",	      "x|a=",
					       "x|a=nan", "x|a=0x10ffffffff", "x|a=1.2.3" };

	for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
		struct process_facts *facts = read_all(outputs[i]);

		assert_int_equal(facts->perf_count, 1);
		assert_false(facts->perf[0].has_value);
		assert_int_equal(facts->perf[0].level, PERF_NO_LEVEL);
		process_facts_free(facts);
	}
}

static void data_without_end_is_cut(void **state)
{
	struct text output = { 0 };
	struct process_facts *facts;

	text_append_char(&output, '|');
	for (unsigned i = 0; i < 5000; i++)
		text_print(&output, "a%u=%u ", i, i);
	facts = read_all(text_string(&output));
	assert_int_equal(facts->perf_count, 256);
	process_facts_free(facts);
	text_done(&output);
}

static void ranges_mean_what_the_guidelines_say(void **state)
{
	static const struct {
		const char *range;
		double value;
		int alerts;
	} cases[] = {
		{ "10", 0, 0 },	      { "10", 10, 0 },	   { "10", 10.1, 1 },  { "10", -0.1, 1 },
		{ "10:", 10, 0 },     { "10:", 9.9, 1 },   { "10:", 1e12, 0 }, { "~:10", -1e12, 0 },
		{ "~:10", 10.1, 1 },  { "10:20", 9, 1 },   { "10:20", 10, 0 }, { "10:20", 20, 0 },
		{ "10:20", 20.5, 1 }, { "@10:20", 10, 1 }, { "@10:20", 9, 0 }, { "@10:20", 20, 1 },
		{ "@10:20", 21, 0 },  { "-10:-5", -7, 0 }, { "-10:-5", 0, 1 }, { "@10", 5, 1 },
		{ ":5", 3, 0 },	      { ":5", 6, 1 },	   { "~:", 7, 0 },
	};
	static const char *const wrong[] = {
		"", "x", "20:10", "10:x", "@", "~", "10:20:30", "1 2"
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (plugin_range_alerts(cases[i].range, cases[i].value) != cases[i].alerts)
			fail_msg("%s of %g", cases[i].range, cases[i].value);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (plugin_range_alerts(wrong[i], 5) != -EINVAL)
			fail_msg("%s is taken for a range", wrong[i]);
}

static void the_worse_range_decides_the_level(void **state)
{
	struct process_facts *facts = read_all("x|a=1;2;3 b=2.5;2;3 c=4;2;3 d=4;2 e=4;;3 f=4;x;");

	assert_int_equal(facts->perf[0].level, PERF_OK);
	assert_int_equal(facts->perf[1].level, PERF_WARNING);
	assert_int_equal(facts->perf[2].level, PERF_CRITICAL);
	assert_int_equal(facts->perf[3].level, PERF_WARNING);
	assert_int_equal(facts->perf[4].level, PERF_CRITICAL);
	assert_int_equal(facts->perf[5].level, PERF_NO_LEVEL);
	process_facts_free(facts);
}

int main(void)
{
	const struct CMUnitTest claims[] = {
		cmocka_unit_test(one_line_has_text_and_data),
		cmocka_unit_test(further_lines_are_text_until_a_bar_and_data_from_there),
		cmocka_unit_test(labels_may_be_quoted),
		cmocka_unit_test(what_is_no_data_is_left_out_and_the_rest_is_not),
		cmocka_unit_test(what_the_plugin_could_not_find_out_has_no_value),
		cmocka_unit_test(data_without_end_is_cut),
		cmocka_unit_test(ranges_mean_what_the_guidelines_say),
		cmocka_unit_test(the_worse_range_decides_the_level),
	};

	return cmocka_run_group_tests(claims, NULL, NULL);
}
