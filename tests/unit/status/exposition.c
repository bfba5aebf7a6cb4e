/* exposition.c - claims about status/exposition.h. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/histogram.h"
#include "status/exposition.h"

static void a_reader_gets_the_format_it_asks_for(void **state)
{
	static const struct {
		const char *accept;
		enum exposition_format format;
	} wanted[] = {
		{ NULL, EXPOSITION_TEXT },
		{ "", EXPOSITION_TEXT },
		{ "*/*", EXPOSITION_TEXT },
		{ "text/plain;version=0.0.4", EXPOSITION_TEXT },
		{ "application/openmetrics-text", EXPOSITION_OPENMETRICS },
		{ "Application/OpenMetrics-Text; version=1.0.0", EXPOSITION_OPENMETRICS },
		{ "application/openmetrics-text;version=1.0.0,"
		  "application/openmetrics-text;version=0.0.1;q=0.75,"
		  "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
		  EXPOSITION_OPENMETRICS },
		{ "text/plain;q=0.9, application/openmetrics-text;q=0.8", EXPOSITION_TEXT },
		{ "text/plain;q=0.8, application/openmetrics-text;q=0.9", EXPOSITION_OPENMETRICS },
		{ "application/openmetrics-text;q=0", EXPOSITION_TEXT },
		{ "application/openmetrics-texts", EXPOSITION_TEXT },
		{ " ,, ;q=1,application/openmetrics-text;Q=1 ", EXPOSITION_OPENMETRICS },
		{ "application/openmetrics-text;q=7", EXPOSITION_TEXT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		assert_int_equal(exposition_choose(wanted[i].accept), wanted[i].format);
}

static void only_openmetrics_leaves_total_off_the_family(void **state)
{
	struct text text = { 0 };
	struct exposition to = { .text = &text };

	(void)state;
	exposition_counter(&to, "x_total", "About x.", 3);
	exposition_end(&to);
	assert_string_equal(text.data, "# HELP x_total About x.\n# TYPE x_total counter\n"
				       "x_total 3\n");
	text_clear(&text);
	to.format = EXPOSITION_OPENMETRICS;
	exposition_counter(&to, "x_total", "About x.", 3);
	exposition_gauge(&to, "y_total", "About y.", 0.5);
	exposition_end(&to);
	assert_string_equal(text.data, "# HELP x About x.\n# TYPE x counter\nx_total 3\n"
				       "# HELP y_total About y.\n# TYPE y_total gauge\n"
				       "y_total 0.5\n# EOF\n");
	text_done(&text);
}

static void labels_are_escaped_and_always_utf8(void **state)
{
	static const char *const quoted[][2] = {
		{ "", "\"\"" },
		{ "plain {a=b, c}", "\"plain {a=b, c}\"" },
		{ "a\"b\\c\nd", "\"a\\\"b\\\\c\\nd\"" },
		{ "\"", "\"\\\"\"" },
		{ "\xc3\xa4\xf0\x9f\x9a\xa6", "\"\xc3\xa4\xf0\x9f\x9a\xa6\"" },
		{ "a\xff\xc3z", "\"a\xef\xbf\xbd\xef\xbf\xbdz\"" },
	};
	struct text text = { 0 };
	struct exposition to = { .text = &text };

	(void)state;
	for (size_t i = 0; i < sizeof(quoted) / sizeof(quoted[0]); i++) {
		text_clear(&text);
		exposition_append_quoted(&text, quoted[i][0]);
		assert_string_equal(text.data, quoted[i][1]);
	}
	text_clear(&text);
	exposition_begin(&to, "x");
	exposition_label(&to, "a", "1");
	exposition_label(&to, "b", "\n");
	exposition_count(&to, UINT64_MAX);
	exposition_begin(&to, "y");
	exposition_count(&to, 0);
	assert_string_equal(text.data, "x{a=\"1\",b=\"\\n\"} 18446744073709551615\ny 0\n");
	text_done(&text);
}

static void a_number_is_as_short_as_it_may_be(void **state)
{
	static const struct {
		double value;
		const char *text;
	} numbers[] = {
		{ 0, "x 0\n" },
		{ -0.0, "x 0\n" },
		{ 1, "x 1\n" },
		{ -12, "x -12\n" },
		{ 0.1, "x 0.1\n" },
		{ 0.000063, "x 0.000063\n" },
		{ -2.5, "x -2.5\n" },
		{ 0.0000001, "x 1e-07\n" },
		{ 1.0 / 3, "x 0.3333333333333333\n" },
		{ 1796073128.703372, "x 1796073128.703372\n" },
		{ 45187072, "x 45187072\n" },
		{ 1e300, "x 1e+300\n" },
		{ INFINITY, "x +Inf\n" },
		{ -INFINITY, "x -Inf\n" },
		{ NAN, "x NaN\n" },
	};
	struct text text = { 0 };
	struct exposition to = { .text = &text };

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		text_clear(&text);
		exposition_begin(&to, "x");
		exposition_value(&to, numbers[i].value);
		assert_string_equal(text.data, numbers[i].text);
	}
	text_done(&text);
}

/* The count of the bucket whose line begins so. */
static unsigned long bucket(const struct text *text, const char *start)
{
	const char *line = strstr(text->data, start);

	assert_non_null(line);
	return strtoul(strchr(line, '}') + 1, NULL, 10);
}

static void buckets_count_all_that_is_not_longer(void **state)
{
	struct histogram histogram = { 0 };
	struct text text = { 0 };
	struct exposition to = { .text = &text };

	(void)state;
	histogram_add(&histogram, 0);
	histogram_add(&histogram, 63);
	histogram_add(&histogram, 64);
	histogram_add(&histogram, 127);
	histogram_add(&histogram, 128);
	histogram_add(&histogram, 20 * USEC_PER_MIN);
	exposition_histogram(&to, "x_seconds", "About x.", &histogram);
	assert_int_equal(bucket(&text, "x_seconds_bucket{le=\"0.000063\"}"), 2);
	assert_int_equal(bucket(&text, "x_seconds_bucket{le=\"0.000127\"}"), 4);
	assert_int_equal(bucket(&text, "x_seconds_bucket{le=\"0.000255\"}"), 5);
	assert_int_equal(bucket(&text, "x_seconds_bucket{le=\"+Inf\"}"), 6);
	assert_non_null(strstr(text.data, "x_seconds_count 6\n"));
	assert_non_null(strstr(text.data, "x_seconds_sum 1200.000382\n"));
	assert_non_null(strstr(text.data, "# TYPE x_seconds histogram\n"));
	text_done(&text);
}

static void one_of_several_is_told_by_its_label(void **state)
{
	struct histogram histogram = { 0 };
	struct text text = { 0 };
	struct exposition to = { .text = &text };

	(void)state;
	histogram_add(&histogram, 100);
	exposition_spread(&to, "x_seconds", "loop", "1", &histogram);
	assert_int_equal(bucket(&text, "x_seconds_bucket{loop=\"1\",le=\"0.000063\"}"), 0);
	assert_int_equal(bucket(&text, "x_seconds_bucket{loop=\"1\",le=\"+Inf\"}"), 1);
	assert_non_null(strstr(text.data, "x_seconds_count{loop=\"1\"} 1\n"));
	assert_non_null(strstr(text.data, "x_seconds_sum{loop=\"1\"} 0.0001\n"));
	text_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reader_gets_the_format_it_asks_for),
		cmocka_unit_test(only_openmetrics_leaves_total_off_the_family),
		cmocka_unit_test(labels_are_escaped_and_always_utf8),
		cmocka_unit_test(a_number_is_as_short_as_it_may_be),
		cmocka_unit_test(buckets_count_all_that_is_not_longer),
		cmocka_unit_test(one_of_several_is_told_by_its_label),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
