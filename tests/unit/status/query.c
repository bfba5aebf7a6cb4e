/* query.c - a request's path and parameters, decoded and checked. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "status/query.h"

static void a_path_is_split_and_then_decoded(void **state)
{
	struct path path;

	(void)state;
	assert_int_equal(path_parse("/v1/endpoints/a%20b%2fc%C3%A9+", &path), 0);
	assert_int_equal(path.count, 3);
	assert_string_equal(path.parts[0], "v1");
	assert_string_equal(path.parts[2], "a b/c\xc3\xa9+");
	path_done(&path);

	assert_int_equal(path_parse("//x/", &path), 0);
	assert_int_equal(path.count, 3);
	assert_string_equal(path.parts[0], "");
	assert_string_equal(path.parts[2], "");
	path_done(&path);
}

static void a_bad_path_is_refused(void **state)
{
	static const char *const bad[] = { "",	   "*",	    "v1",    "/%",	"/%4",
					   "/%4g", "/a%00", "/\x80", "/%e2%82", "/a/%ed%a0%80" };
	struct path path;

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(path_parse(bad[i], &path), -EINVAL);
	assert_int_equal(path_parse("/1/2/3/4/5/6/7/8/9", &path), -E2BIG);
}

static void parameters_are_decoded_as_forms_send_them(void **state)
{
	struct query query;

	(void)state;
	assert_int_equal(query_parse("name=a+b%2B*&&x&label=k%3av&empty=", &query), 0);
	assert_int_equal(query.count, 4);
	assert_string_equal(query_find(&query, "name"), "a b+*");
	assert_string_equal(query_find(&query, "x"), "");
	assert_string_equal(query_find(&query, "label"), "k:v");
	assert_string_equal(query_find(&query, "empty"), "");
	assert_null(query_find(&query, "nothing"));
	query_done(&query);

	assert_int_equal(query_parse(NULL, &query), 0);
	assert_int_equal(query.count, 0);
}

static void bad_parameters_are_refused(void **state)
{
	struct query query;

	(void)state;
	assert_int_equal(query_parse("a=1&b=%f", &query), -EINVAL);
	assert_int_equal(query_parse("a=1&%ff=1", &query), -EINVAL);
	assert_int_equal(query_parse("a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a", &query), -E2BIG);
}

static void an_unknown_or_doubled_parameter_is_named(void **state)
{
	static const char *const known[] = { "name", "label", NULL };
	struct query query;

	(void)state;
	assert_int_equal(query_parse("name=1&label=2&label=3", &query), 0);
	assert_null(query_fault(&query, known, "label"));
	assert_string_equal(query_fault(&query, known, NULL), "label");
	query_done(&query);
	assert_int_equal(query_parse("name=1&nam=2", &query), 0);
	assert_string_equal(query_fault(&query, known, "label"), "nam");
	query_done(&query);
	assert_int_equal(query_parse("name=1&name=1", &query), 0);
	assert_string_equal(query_fault(&query, known, "label"), "name");
	query_done(&query);
}

static void a_number_is_digits_within_bounds(void **state)
{
	static const char *const bad[] = { "",	 " 1", "+1", "-1",
					   "1x", "0",  "11", "99999999999999999999999" };
	unsigned long long number = 0;

	(void)state;
	assert_int_equal(query_number("10", 1, 10, &number), 0);
	assert_int_equal(number, 10);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(query_number(bad[i], 1, 10, &number), -EINVAL);
	assert_int_equal(number, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_split_and_then_decoded),
		cmocka_unit_test(a_bad_path_is_refused),
		cmocka_unit_test(parameters_are_decoded_as_forms_send_them),
		cmocka_unit_test(bad_parameters_are_refused),
		cmocka_unit_test(an_unknown_or_doubled_parameter_is_named),
		cmocka_unit_test(a_number_is_digits_within_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
