/* functions.c - length count lower upper trim number age until sha256. */
#include "look.h"

static void length_is_of_one_value(void **state)
{
	struct observation answer = look_json("{\"list\": [1, 2], \"object\": {\"a\": 1}, "
					      "\"text\": \"h\\u00e9!\", \"n\": 5, \"nil\": null, "
					      "\"texts\": [\"a\", \"bcd\"]}");
	static const struct look_case cases[] = {
		{ "length(json $.list) == 2", T, NULL },
		{ "length(json $.object) == 1", T, NULL },
		{ "length(json $.text) == 3", T, NULL },
		{ "length(json $.text) == 4", F, "length(json $.text) is 3" },
		{ "length(json $.n) == 1", U,
		  "length(json $.n): 5 is not a text, an array or an object" },
		{ "length(json $.nil) == 0", U, NULL },
		{ "length(json $.absent) == 0", U, "length(json $.absent) does not exist" },
		{ "all length(json $.texts[*]) >= 1", T, NULL },
		{ "any length(json $.texts[*]) == 3", T, NULL },
		{ "all length(json $.texts[*]) == 1", F,
		  "length(json $.texts[*]): element 2 of 2 is 3" },
	};

	LOOK_AT(&answer, cases);
	observation_done(&answer);
}

static void count_is_of_a_list(void **state)
{
	struct observation answer = look_json("{\"a\": [1, 2, 3], \"none\": []}");
	static const struct look_case cases[] = {
		{ "count(json $.a[*]) == 3", T, NULL },
		{ "count(json $.a[?@ > 1]) == 2", T, NULL },
		{ "count(json $.none[*]) == 0", T, NULL },
		{ "count(json $.absent[*]) == 0", T, NULL },
		{ "count(json $.a[*]) > 5", F, "count(json $.a[*]) is 3" },
		{ "count(lower(json $.a[*])) == 3", T, NULL },
		{ "any count(json $.a[*]) == 3", T, NULL },
		{ "count(json $.a[*]) == json $.a[2]", T, NULL },
	};

	LOOK_AT(&answer, cases);
	observation_done(&answer);
}

static void texts_are_changed(void **state)
{
	struct observation answer =
		look_answer("X-Text:  NginX/1.2 \n", "\n  Some \xc3\x89 \t\r\n");
	static const struct look_case cases[] = {
		{ "lower(header X-Text) == 'nginx/1.2'", T, NULL },
		{ "upper(header X-Text) == 'NGINX/1.2'", T, NULL },
		{ "lower(upper(header X-Text)) == 'nginx/1.2'", T, NULL },
		/* Letters of ASCII only. */
		{ "lower(trim(body)) == \"some \\u00c9\"", T, NULL },
		{ "upper(trim(body)) == \"SOME \\u00c9\"", T, NULL },
		{ "length(trim(body)) == 6", T, NULL },
		{ "trim(body) == 'x'", F, "trim(body) is \"Some \xc3\x89\"" },
	};

	LOOK_AT(&answer, cases);
	observation_done(&answer);
}

static void number_reads_what_json_would(void **state)
{
	struct observation answer = look_answer("", "");
	static const struct {
		const char *text;
		const char *number; /* NULL: it is none */
	} texts[] = {
		{ "42", "42" },	  { " 42\\n", "42" },	{ "-1.5e2", "-150" },
		{ "0", "0" },	  { "-0.25", "-0.25" }, { "9007199254740993", "9007199254740993" },
		{ "042", NULL },  { "", NULL },		{ "4 2", NULL },
		{ "0x10", NULL }, { "1e999", NULL },	{ "nan", NULL },
		{ "inf", NULL },  { "+5", NULL },	{ "5s", NULL },
		{ "1.", NULL },	  { ".5", NULL },	{ "1\\u00002", NULL },
	};
	char line[100];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		text_clear(&answer.body);
		text_print(&answer.body, "{\"t\": \"%s\"}", texts[i].text);
		(void)snprintf(line, sizeof(line), "number(json $.t) == %s",
			       texts[i].number ? texts[i].number : "0");
		if (look(&answer, line).truth != (texts[i].number ? T : U))
			fail_msg("'%s' is not read as %s", texts[i].text, line);
	}
	text_clear(&answer.body);
	text_append(&answer.body, "{\"n\": 7, \"b\": true, \"l\": [\"1\", \"2\"]}");
	assert_int_equal(look(&answer, "number(json $.n) == 7").truth, T);
	assert_int_equal(look(&answer, "number(json $.b) == 1").truth, U);
	assert_int_equal(look(&answer, "all number(json $.l[*]) < 3").truth, T);
	observation_done(&answer);
}

static void sha256_is_of_bytes(void **state)
{
	struct observation answer = look_answer("", "abc");
	static const struct look_case cases[] = {
		{ "sha256(body) == 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'",
		  T, NULL },
		{ "length(sha256(body)) == 64", T, NULL },
		{ "upper(sha256(body)) like 'BA78*'", T, NULL },
	};

	LOOK_AT(&answer, cases);
	observation_done(&answer);
}

/* Whether age(header Date) is what the seconds say, to the second. */
static void expect_age(const char *date, int64_t seconds)
{
	struct observation answer = look_answer("Date: ", "");
	char line[100];

	text_append(&answer.headers, date);
	text_append(&answer.headers, "\n");
	if (seconds >= 0)
		(void)snprintf(line, sizeof(line), "age(header Date) == %llds", (long long)seconds);
	else
		(void)snprintf(line, sizeof(line), "until(header Date) == %llds",
			       (long long)-seconds);
	if (look(&answer, line).truth != T)
		fail_msg("%s: not %s but %s", date, line, look(&answer, line).value);
	observation_done(&answer);
}

static void ages_are_read_in_every_form(void **state)
{
	/* The check began at 2026-11-22T10:00:00Z, a Sunday. */
	expect_age("2026-11-22T10:00:00Z", 0);
	expect_age("2026-11-22T09:59:00Z", 60);
	expect_age("2026-11-22T11:00:00+02:00", 3600);
	expect_age("2026-11-22t10:00:01.000z", -1);
	expect_age("Sun, 22 Nov 2026 09:00:00 GMT", 3600);
	expect_age("Sunday, 22-Nov-26 09:00:00 GMT", 3600);
	expect_age("Sun Nov 22 09:00:00 2026", 3600);
	expect_age("Sun Nov  1 10:00:00 2026", 21 * 86400);
	expect_age("Sun, 06 Nov 1994 08:49:37 GMT", 1011229823);
	/* A year of two digits more than 50 years ahead is one of the last century. */
	expect_age("Sunday, 06-Nov-94 08:49:37 GMT", 1011229823);
	expect_age("Sunday, 22-Nov-76 10:00:00 GMT", -1577923200);
	expect_age("Tuesday, 22-Nov-77 10:00:00 GMT", 1546300800);
	expect_age("1795341600", 0);
	expect_age("1795341540", 60);
	expect_age(" 1795341540.0 ", 60);
	expect_age("0", 1795341600);
}

static void what_is_no_time_has_no_age(void **state)
{
	static const char *const dates[] = {
		"yesterday",
		"2026-11-22",
		"2026-11-22T10:00:00",
		"2026-13-22T10:00:00Z",
		"Sun, 31 Feb 2026 10:00:00 GMT",
		"Sun, 00 Nov 2026 10:00:00 GMT",
		"Sun, 22 Nov 2026 24:00:00 GMT",
		"Sun, 22 Nov 2026 09:00:00 CET",
		"Sun, 22 Nov 2026 09:00:00 GMT x",
		"Son, 22 Nov 2026 09:00:00 GMT",
		"Sun, 22 Nov 26 09:00:00 GMT",
		"1e300",
		"9999999999999999",
		"",
	};

	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		struct observation answer = look_answer("Date: ", "");
		struct look seen;

		text_append(&answer.headers, dates[i]);
		seen = look(&answer, "age(header Date) > 0s or until(header Date) >= 0s");
		if (seen.truth != U)
			fail_msg("'%s' is a time: %s", dates[i], seen.value);
		observation_done(&answer);
	}
}

static void ages_of_json_may_be_numbers(void **state)
{
	struct observation answer =
		look_json("{\"at\": 1795341540, \"ms\": 1795341540.5, \"expires\": "
			  "\"2026-12-22T10:00:00Z\", \"bad\": true, \"text\": \"soon\"}");
	static const struct look_case cases[] = {
		{ "age(json $.at) == 1m", T, NULL },
		{ "age(json $.ms) == 59s500ms", T, NULL },
		{ "until(json $.expires) == 30d", T, NULL },
		{ "until(json $.expires) > 31d", F, "until(json $.expires) is 30d" },
		{ "until(json $.at) > 0s", F, "until(json $.at) is -1m" },
		{ "age(json $.bad) > 0s", U, "age(json $.bad): true is not a time" },
		{ "age(json $.text) > 0s", U, "age(json $.text): \"soon\" is not a time" },
		{ "age(json $.absent) > 0s", U, "age(json $.absent) does not exist" },
	};

	LOOK_AT(&answer, cases);
	observation_done(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(length_is_of_one_value),
		cmocka_unit_test(count_is_of_a_list),
		cmocka_unit_test(texts_are_changed),
		cmocka_unit_test(number_reads_what_json_would),
		cmocka_unit_test(sha256_is_of_bytes),
		cmocka_unit_test(ages_are_read_in_every_form),
		cmocka_unit_test(what_is_no_time_has_no_age),
		cmocka_unit_test(ages_of_json_may_be_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
