/* board.c - endpoints in a table, and in one line for other monitors. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/text.h"
#include "ctl/board.h"
#include "ctl/nagios.h"
#include "ctl/paint.h"

/* 2023-11-14T22:15:00Z */
static const usec_t now = 1700000100 * USEC_PER_SEC;

static void add(struct board *board, const char *json)
{
	json_t *endpoint = json_loads(json, 0, NULL);

	assert_non_null(endpoint);
	board_add(board, endpoint, now);
	json_decref(endpoint);
}

static void add_some(struct board *board)
{
	add(board, "{\"name\":\"web\",\"state\":\"up\",\"since\":\"2023-11-14T22:14:18.500Z\","
		   "\"last_check\":{\"verdict\":\"pass\",\"latency\":0.0123}}");
	add(board, "{\"name\":\"shop\",\"state\":\"down\",\"since\":\"2023-11-14T20:14:00.000Z\","
		   "\"last_check\":{\"verdict\":\"fail\",\"class\":\"timeout\",\"latency\":10,"
		   "\"reason\":\"no answer within 10s, as the text that is far too long for the "
		   "line goes on to say\"}}");
	add(board, "{\"name\":\"api\",\"state\":\"up\",\"since\":\"2023-11-13T22:15:00.000Z\","
		   "\"confirming\":{\"to\":\"down\",\"seen\":1,\"needed\":3},"
		   "\"last_check\":{\"verdict\":\"fail\",\"class\":\"reset\",\"latency\":0.5,"
		   "\"reason\":\"cut off\"}}");
	add(board, "{\"name\":\"new\",\"state\":\"pending\"}");
	add(board, "{\"name\":\"old\",\"state\":\"paused\"}");
	add(board, "{\"name\":\"slow\",\"state\":\"degraded\","
		   "\"flags\":[\"silenced\",\"late\"],\"last_check\":{"
		   "\"verdict\":\"warn\",\"class\":\"expectation\",\"reason\":\"too slow\"}}");
	add(board, "{\"name\":\"dark\",\"state\":\"unknown\"}");
	board_sort(board);
}

static void expect_board(const struct board_look *look, const char *expected)
{
	struct board board = { 0 };
	struct text text = { 0 };

	add_some(&board);
	board_print(&text, &board, look);
	assert_string_equal(text.data, expected);
	text_done(&text);
	board_done(&board);
}

static void the_worst_comes_first_and_80_columns_are_enough(void **state)
{
	const struct board_look look = { .width = 80, .has_utf8 = true };

	(void)state;
	expect_board(
		&look,
		"STATE      NAME  FOR LATENCY DETAIL\n"
		"✗ down     shop 2h1m   10.0s timeout: no answer within 10s, as the text that is \n"
		"▲ degraded slow              silenced, late; too slow\n"
		"? unknown  dark              \n"
		"… pending  new               \n"
		"‖ paused   old               \n"
		"✓ up       api    1d   500ms down 1 of 3; reset: cut off\n"
		"✓ up       web   41s  12.3ms \n");
}

static void without_a_terminal_nothing_is_cut(void **state)
{
	const struct board_look look = { .has_utf8 = false };

	(void)state;
	expect_board(
		&look,
		"STATE      NAME  FOR LATENCY DETAIL\n"
		"x down     shop 2h1m   10.0s timeout: no answer within 10s, as the text that is "
		"far too long for the line goes on to say\n"
		"! degraded slow              silenced, late; too slow\n"
		"? unknown  dark              \n"
		". pending  new               \n"
		"= paused   old               \n"
		"+ up       api    1d   500ms down 1 of 3; reset: cut off\n"
		"+ up       web   41s  12.3ms \n");
}

static void colour_comes_on_top_of_glyph_and_word(void **state)
{
	const struct board_look look = { .has_color = true, .has_utf8 = true };
	struct board board = { 0 };
	struct text text = { 0 };

	(void)state;
	add(&board, "{\"name\":\"shop\",\"state\":\"down\"}");
	board_print(&text, &board, &look);
	assert_non_null(strstr(text.data, "\033[31m✗ down"));
	text_done(&text);
	board_done(&board);
}

static void what_endpoints_say_is_escaped(void **state)
{
	const struct board_look look = { .has_utf8 = true };
	struct board board = { 0 };
	struct text text = { 0 };

	(void)state;
	add(&board, "{\"name\":\"a\\u001b[2Jb\",\"state\":\"down\",\"last_check\":{\"class\":"
		    "\"reset\",\"reason\":\"x\\ny\\u202ez\"}}");
	board_print(&text, &board, &look);
	assert_null(strchr(text.data, '\033'));
	assert_non_null(strstr(text.data, "a\\x1b[2Jb"));
	assert_non_null(strstr(text.data, "x\\ny\\u{202e}z"));
	text_done(&text);
	board_done(&board);
}

static void any_name_is_shown_in_any_locale(void **state)
{
	static const char *const locales[] = { "C", "POSIX", "C.UTF-8" };

	(void)state;
	for (unsigned i = 0; i < sizeof(locales) / sizeof(locales[0]); i++) {
		const struct board_look look = { .width = 40, .has_utf8 = i == 2 };
		struct board board = { 0 };
		struct text text = { 0 };

		assert_non_null(setlocale(LC_ALL, locales[i]));
		add(&board,
		    "{\"name\":\"w\\u00ebird \\u0378 \\ud83d\\ude00 \\u200d e\\u0301\","
		    "\"state\":\"down\",\"last_check\":{\"class\":\"reset\",\"reason\":"
		    "\"\\uff21\\uff21\\uff21\\uff21\\uff21\\uff21\\uff21\\uff21\\uff21\"}}");
		board_print(&text, &board, &look);
		assert_non_null(strstr(text.data, look.has_utf8 ? "w\xc3\xabird" : "w?ird"));
		text_done(&text);
		board_done(&board);
	}
}

static void each_endpoint_is_there_once(void **state)
{
	struct board board = { 0 };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		add(&board, "{\"name\":\"b\",\"state\":\"up\"}");
		add(&board, "{\"name\":\"a\",\"state\":\"up\"}");
	}
	board_sort(&board);
	assert_int_equal(board.count, 2);
	assert_string_equal(board.rows[0].name, "a");
	assert_string_equal(board.rows[1].name, "b");
	board_done(&board);
}

static void expect_nagios(const char *const *endpoints, int status, const char *expected)
{
	struct board board = { 0 };
	struct text text = { 0 };

	for (; *endpoints; endpoints++)
		add(&board, *endpoints);
	board_sort(&board);
	assert_int_equal(nagios_print(&text, &board), status);
	assert_string_equal(text.data, expected);
	text_done(&text);
	board_done(&board);
}

#define ENDPOINT(name, state) "{\"name\":\"" name "\",\"state\":\"" state "\"}"
#define COUNTS(pending, up, degraded, down, unknown, paused, max)                                  \
	" | pending=" pending ";;;0;" max " up=" up ";;;0;" max " degraded=" degraded ";;;0;" max  \
	" down=" down ";;;0;" max " unknown=" unknown ";;;0;" max " paused=" paused ";;;0;" max    \
	"\n"

static void other_monitors_get_one_line_and_a_status(void **state)
{
	(void)state;
	expect_nagios(
		(const char *[]){ ENDPOINT("a", "up"), ENDPOINT("b", "up"), NULL }, 0,
		"PICKET OK: 2 of 2 endpoints are up" COUNTS("0", "2", "0", "0", "0", "0", "2"));
	expect_nagios((const char *[]){ ENDPOINT("a", "up"), ENDPOINT("b", "degraded"), NULL }, 1,
		      "PICKET WARNING: 1 of 2 endpoints are up; b" COUNTS("0", "1", "1", "0", "0",
									  "0", "2"));
	expect_nagios((const char *[]){ ENDPOINT("a", "down"), ENDPOINT("b", "degraded"),
					ENDPOINT("c", "down"), NULL },
		      2,
		      "PICKET CRITICAL: 0 of 3 endpoints are up; a, c" COUNTS("0", "0", "1", "2",
									      "0", "0", "3"));
	expect_nagios((const char *[]){ ENDPOINT("a", "pending"), ENDPOINT("b", "up"), NULL }, 3,
		      "PICKET UNKNOWN: 1 of 2 endpoints are up" COUNTS("1", "1", "0", "0", "0", "0",
								       "2"));
	expect_nagios(
		(const char *[]){ ENDPOINT("a", "paused"), ENDPOINT("b", "up"), NULL }, 0,
		"PICKET OK: 1 of 2 endpoints are up" COUNTS("0", "1", "0", "0", "0", "1", "2"));
	expect_nagios((const char *[]){ NULL }, 3, "PICKET UNKNOWN: no such endpoint\n");
}

static void one_endpoint_tells_its_reason_and_its_latency(void **state)
{
	(void)state;
	expect_nagios((const char *[]){ "{\"name\":\"a\",\"state\":\"down\",\"last_check\":{"
					"\"class\":\"reset\",\"reason\":\"cut | off\\n\","
					"\"latency\":0.25}}",
					NULL },
		      2,
		      "PICKET CRITICAL: a is down, reset: cut / off\\n | latency=0.250000s;;;0;\n");
	expect_nagios((const char *[]){ ENDPOINT("a", "unknown"), NULL }, 3,
		      "PICKET UNKNOWN: a is unknown\n");
}

static void many_names_are_cut_short(void **state)
{
	(void)state;
	expect_nagios((const char *[]){ ENDPOINT("a", "down"), ENDPOINT("b", "down"),
					ENDPOINT("c", "down"), ENDPOINT("d", "down"),
					ENDPOINT("e", "down"), ENDPOINT("f", "down"), NULL },
		      2,
		      "PICKET CRITICAL: 0 of 6 endpoints are up; a, b, c, d, e, …" COUNTS(
			      "0", "0", "0", "6", "0", "0", "6"));
}

static void colour_is_for_terminals_that_want_it(void **state)
{
	(void)state;
	assert_true(paint_decide("auto", true, NULL, "xterm"));
	assert_true(paint_decide("auto", true, "", "xterm"));
	assert_false(paint_decide("auto", true, "1", "xterm"));
	assert_false(paint_decide("auto", true, NULL, "dumb"));
	assert_false(paint_decide("auto", true, NULL, NULL));
	assert_false(paint_decide("auto", false, NULL, "xterm"));
	assert_true(paint_decide("always", false, "1", "dumb"));
	assert_false(paint_decide("never", true, NULL, "xterm"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worst_comes_first_and_80_columns_are_enough),
		cmocka_unit_test(without_a_terminal_nothing_is_cut),
		cmocka_unit_test(colour_comes_on_top_of_glyph_and_word),
		cmocka_unit_test(what_endpoints_say_is_escaped),
		cmocka_unit_test(any_name_is_shown_in_any_locale),
		cmocka_unit_test(each_endpoint_is_there_once),
		cmocka_unit_test(other_monitors_get_one_line_and_a_status),
		cmocka_unit_test(one_endpoint_tells_its_reason_and_its_latency),
		cmocka_unit_test(many_names_are_cut_short),
		cmocka_unit_test(colour_is_for_terminals_that_want_it),
	};

	/* libsmartcols counts columns as the locale does. */
	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
