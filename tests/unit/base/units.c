/* units.c - what people write is read, what is printed can be read again. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "base/units.h"

static uint64_t random_number(void)
{
	static uint64_t state = 17;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return state >> (state >> 58); /* of all magnitudes */
}

static void duration_is(const char *text, usec_t wanted)
{
	usec_t duration = 1234567;

	assert_int_equal(units_duration_parse(text, strlen(text), &duration), 0);
	assert_int_equal(duration, wanted);
}

static void duration_fails(const char *text, int wanted)
{
	usec_t duration = 77;

	assert_int_equal(units_duration_parse(text, strlen(text), &duration), wanted);
	assert_int_equal(duration, 77);
}

static void durations_are_read(void **state)
{
	(void)state;
	duration_is("0s", 0);
	duration_is("1us", 1);
	duration_is("250ms", 250000);
	duration_is("30s", 30 * USEC_PER_SEC);
	duration_is("2m", 2 * USEC_PER_MIN);
	duration_is("1h30m", 90 * USEC_PER_MIN);
	duration_is("14d", 14 * USEC_PER_DAY);
	duration_is("1d2h3m4s5ms6us",
		    USEC_PER_DAY + 2 * USEC_PER_HOUR + 3 * USEC_PER_MIN + 4 * USEC_PER_SEC + 5006);
	duration_is("90m", 90 * USEC_PER_MIN);
	duration_is("007s", 7 * USEC_PER_SEC);
	duration_is("18446744073709551615us", UINT64_MAX);
}

static void what_is_no_duration_is_refused(void **state)
{
	static const char *const wrong[] = { "",      "5",    "s",     "5x",   "5S",	"5 s",
					     " 5s",   "5s ",  "-5s",   "1.5s", "30m1h", "1s1s",
					     "1ms1s", "5sec", "1h30",  "1hh",  "5min",	"\xc2\xb5s",
					     "1s1d",  "+5s",  "1us1us" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		duration_fails(wrong[i], -EINVAL);
	duration_fails("18446744073709551616us", -ERANGE);
	duration_fails("213503983d", -ERANGE);
	duration_fails("213503982d23h", -ERANGE);
	duration_fails("99999999999999999999999d", -ERANGE);
}

static void a_length_ends_a_duration(void **state)
{
	usec_t duration;

	(void)state;
	assert_int_equal(units_duration_parse("5ms", 2, &duration), 0);
	assert_int_equal(duration, 5 * USEC_PER_MIN);
}

static void printed_durations_read_the_same(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		const usec_t wanted = random_number();
		struct text text = { 0 };

		units_duration_print(&text, wanted);
		duration_is(text_string(&text), wanted);
		text_done(&text);
	}
}

static void prints(void (*print)(struct text *, uint64_t), uint64_t number, const char *wanted)
{
	struct text text = { 0 };

	print(&text, number);
	assert_string_equal(text_string(&text), wanted);
	text_done(&text);
}

static void durations_are_printed_as_one_would_write_them(void **state)
{
	(void)state;
	prints(units_duration_print, 0, "0s");
	prints(units_duration_print, 250000, "250ms");
	prints(units_duration_print, 90 * USEC_PER_MIN, "1h30m");
	prints(units_duration_print, 14 * USEC_PER_DAY, "14d");
	prints(units_duration_print, USEC_PER_SEC + 1, "1s1us");
}

static void size_is(const char *text, uint64_t wanted)
{
	uint64_t bytes = 1;

	assert_int_equal(units_size_parse(text, strlen(text), &bytes), 0);
	assert_int_equal(bytes, wanted);
}

static void sizes_are_read(void **state)
{
	(void)state;
	size_is("0B", 0);
	size_is("10B", 10);
	size_is("64KiB", 65536);
	size_is("1MB", 1000000);
	size_is("3KB", 3000);
	size_is("2MiB", 2097152);
	size_is("5GB", 5000000000);
	size_is("1GiB", 1073741824);
}

static void what_is_no_size_is_refused(void **state)
{
	static const char *const wrong[] = { "",     "10",  "B",   "10b",  "10K",     "10kB",
					     "10Ki", "1 B", "-1B", "1.5B", "1KiB1KB", "1TB" };
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(units_size_parse(wrong[i], strlen(wrong[i]), &bytes), -EINVAL);
	assert_int_equal(units_size_parse("18446744073709551616B", 21, &bytes), -ERANGE);
	assert_int_equal(units_size_parse("17179869184GiB", 14, &bytes), -ERANGE);
}

static void printed_sizes_read_the_same(void **state)
{
	(void)state;
	prints(units_size_print, 0, "0B");
	prints(units_size_print, 65536, "64KiB");
	prints(units_size_print, 1000000, "1MB");
	prints(units_size_print, 1001, "1001B");
	prints(units_size_print, 1ull << 30, "1GiB");
	for (unsigned i = 0; i < 20000; i++) {
		const uint64_t wanted = random_number();
		struct text text = { 0 };

		units_size_print(&text, wanted);
		size_is(text_string(&text), wanted);
		text_done(&text);
	}
}

static void durations_are_shown_with_three_digits(void **state)
{
	(void)state;
	prints(units_duration_show, 0, "0us");
	prints(units_duration_show, 999, "999us");
	prints(units_duration_show, 1000, "1.00ms");
	prints(units_duration_show, 1234, "1.23ms");
	prints(units_duration_show, 12345, "12.3ms");
	prints(units_duration_show, 184000, "184ms");
	prints(units_duration_show, 1230000, "1.23s");
	prints(units_duration_show, 12340000, "12.3s");
	prints(units_duration_show, 61 * USEC_PER_SEC, "1m1s");
	prints(units_duration_show, 192 * USEC_PER_MIN + 20 * USEC_PER_SEC, "3h12m");
	prints(units_duration_show, 30 * USEC_PER_HOUR + 29 * USEC_PER_SEC, "1d6h");
	prints(units_duration_show, 14 * USEC_PER_DAY + USEC_PER_MIN, "14d");
}

static void rounding_up_does_not_add_a_digit(void **state)
{
	(void)state;
	prints(units_duration_show, 9994, "9.99ms");
	prints(units_duration_show, 9995, "10.0ms");
	prints(units_duration_show, 99949, "99.9ms");
	prints(units_duration_show, 99950, "100ms");
	prints(units_duration_show, 999499, "999ms");
	prints(units_duration_show, 999500, "1.00s");
	prints(units_duration_show, 9994999, "9.99s");
	prints(units_duration_show, 9995000, "10.0s");
	prints(units_duration_show, 59949999, "59.9s");
	prints(units_duration_show, 59950000, "1m");
	prints(units_duration_show, USEC_PER_HOUR - 500 * USEC_PER_MS, "1h");
	prints(units_duration_show, USEC_PER_HOUR - 501 * USEC_PER_MS, "59m59s");
	prints(units_duration_show, 2 * USEC_PER_DAY - 31 * USEC_PER_SEC, "1d23h59m");
	prints(units_duration_show, 2 * USEC_PER_DAY - 29 * USEC_PER_SEC, "2d");
	prints(units_duration_show, 3 * USEC_PER_DAY - 29 * USEC_PER_MIN, "3d");
}

static void seconds_are_json_numbers_without_needless_zeros(void **state)
{
	(void)state;
	prints(units_seconds_print, 0, "0");
	prints(units_seconds_print, 12 * USEC_PER_SEC, "12");
	prints(units_seconds_print, 184000, "0.184");
	prints(units_seconds_print, 1, "0.000001");
	prints(units_seconds_print, 1500000, "1.5");
	prints(units_seconds_print, 100 * USEC_PER_SEC + 10, "100.00001");
}

static void times_are_printed_in_utc_with_milliseconds(void **state)
{
	(void)state;
	prints(units_time_print, 0, "1970-01-01T00:00:00.000Z");
	prints(units_time_print, 1795341304123999, "2026-11-22T09:55:04.123Z");
	prints(units_time_print, 1709164800000000, "2024-02-29T00:00:00.000Z");
}

static void time_is(const char *text, usec_t wanted)
{
	usec_t wall = 1;

	assert_int_equal(units_time_parse(text, strlen(text), &wall), 0);
	assert_int_equal(wall, wanted);
}

static void times_of_rfc_3339_are_read(void **state)
{
	(void)state;
	time_is("1970-01-01T00:00:00Z", 0);
	time_is("2026-11-22T09:55:04.123Z", 1795341304123000);
	time_is("2026-11-22T09:55:04.1234567Z", 1795341304123456);
	time_is("2026-11-22t09:55:04z", 1795341304000000);
	time_is("2026-11-22 09:55:04Z", 1795341304000000);
	time_is("2026-11-22T10:55:04+01:00", 1795341304000000);
	time_is("2026-11-22T04:25:04-05:30", 1795341304000000);
	time_is("2026-11-22T09:55:04-00:00", 1795341304000000);
	time_is("2024-02-29T00:00:00Z", 1709164800000000);
	time_is("2016-12-31T23:59:60Z", 1483228800000000);
	time_is("9999-12-31T23:59:59.999999Z", 253402300799999999);
}

static void what_is_no_time_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"2026-11-22",
		"2026-11-22T09:55:04",
		"2026-11-22T09:55:04.Z",
		"2026-11-22T09:55:04,5Z",
		"2026-11-22T09:55Z",
		"2026-11-22T09:55:04+1:00",
		"2026-11-22T09:55:04+0100",
		"2026-11-22T09:55:04x01:00",
		"2026-11-22T09:55:04+01-00",
		"2026-11-22T09:55:04+24:00",
		"2026-11-22T09:55:04+00:60",
		"2026-11-22T09:55:04ZZ",
		"2026-11-22X09:55:04Z",
		"2026/11/22T09:55:04Z",
		"2026-13-22T09:55:04Z",
		"2026-00-22T09:55:04Z",
		"2026-11-00T09:55:04Z",
		"2026-11-32T09:55:04Z",
		"2026-11-22T24:55:04Z",
		"2026-11-22T09:60:04Z",
		"2026-11-22T09:55:61Z",
		"1969-12-31T23:59:59Z",
		"1970-01-01T00:00:00+00:01",
		"0000-01-01T00:00:00Z",
		"20x6-11-22T09:55:04Z",
		"2026-11-22T09-55:04Z",
		"2026-11-22T09:55-04Z",
	};
	usec_t wall;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(units_time_parse(wrong[i], strlen(wrong[i]), &wall), -EINVAL);
}

static void days_that_a_month_does_not_have_are_refused(void **state)
{
	usec_t wall;

	(void)state;
	assert_int_equal(units_time_parse("2026-02-29T00:00:00Z", 20, &wall), -EINVAL);
	assert_int_equal(units_time_parse("2024-02-30T00:00:00Z", 20, &wall), -EINVAL);
	assert_int_equal(units_time_parse("2100-02-29T00:00:00Z", 20, &wall), -EINVAL);
	assert_int_equal(units_time_parse("2000-02-29T00:00:00Z", 20, &wall), 0);
	assert_int_equal(units_time_parse("2026-04-31T00:00:00Z", 20, &wall), -EINVAL);
	assert_int_equal(units_time_parse("2026-12-31T00:00:00Z", 20, &wall), 0);
}

static void printed_times_read_the_same(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		const usec_t wanted = random_number() % 4102444800000 * 1000;
		struct text text = { 0 };

		units_time_print(&text, wanted);
		time_is(text_string(&text), wanted);
		text_done(&text);
	}
}

static void percentages_are_shares(void **state)
{
	static const char *const bad[] = { "",	 ".",	 ".5",	  "99.",       "100.1",
					   "-1", "1e1",	 "9 9",	  "99%%",      "99.9x",
					   "%",	 "0x10", "1.2.3", "99.1234567" };
	double share = 7;

	(void)state;
	assert_int_equal(units_percent_parse("99.9", 4, &share), 0);
	assert_true(share == 0.999);
	assert_int_equal(units_percent_parse("99.999%", 7, &share), 0);
	assert_true(share == 0.99999);
	assert_int_equal(units_percent_parse("100", 3, &share), 0);
	assert_true(share == 1);
	assert_int_equal(units_percent_parse("0", 1, &share), 0);
	assert_true(share == 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(units_percent_parse(bad[i], strlen(bad[i]), &share), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(percentages_are_shares),
		cmocka_unit_test(durations_are_read),
		cmocka_unit_test(what_is_no_duration_is_refused),
		cmocka_unit_test(a_length_ends_a_duration),
		cmocka_unit_test(printed_durations_read_the_same),
		cmocka_unit_test(durations_are_printed_as_one_would_write_them),
		cmocka_unit_test(sizes_are_read),
		cmocka_unit_test(what_is_no_size_is_refused),
		cmocka_unit_test(printed_sizes_read_the_same),
		cmocka_unit_test(durations_are_shown_with_three_digits),
		cmocka_unit_test(rounding_up_does_not_add_a_digit),
		cmocka_unit_test(seconds_are_json_numbers_without_needless_zeros),
		cmocka_unit_test(times_are_printed_in_utc_with_milliseconds),
		cmocka_unit_test(times_of_rfc_3339_are_read),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(days_that_a_month_does_not_have_are_refused),
		cmocka_unit_test(printed_times_read_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
