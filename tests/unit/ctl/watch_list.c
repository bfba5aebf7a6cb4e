/* watch_list.c - which endpoints the live view shows, in what order, and where the bar is. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/watch_list.h"

static void take(struct watch_list *list, const char *json)
{
	json_t *endpoint = json_loads(json, 0, NULL);

	assert_non_null(endpoint);
	watch_list_take(list, endpoint);
	json_decref(endpoint);
}

static bool tell(struct watch_list *list, const char *json)
{
	json_t *event = json_loads(json, 0, NULL);
	bool is_moved;

	assert_non_null(event);
	is_moved = watch_list_event(list, event);
	json_decref(event);
	return is_moved;
}

static int fill(void **state)
{
	struct watch_list *list = calloc(1, sizeof(*list));

	assert_non_null(list);
	list->state = STATES;
	watch_list_begin(list);
	take(list, "{\"name\":\"web\",\"group\":\"shop\",\"target\":\"https://a/\","
		   "\"state\":\"up\",\"last_check\":{\"verdict\":\"pass\",\"latency\":0.25}}");
	take(list, "{\"name\":\"pay\",\"group\":\"shop\",\"target\":\"https://b/\","
		   "\"state\":\"down\",\"flags\":[\"acknowledged\",\"flapping\"],"
		   "\"last_check\":{\"verdict\":\"fail\",\"class\":\"timeout\","
		   "\"reason\":\"nothing came\"}}");
	take(list, "{\"name\":\"imap\",\"group\":\"mail\",\"target\":\"tcp://c\","
		   "\"state\":\"degraded\"}");
	take(list, "{\"name\":\"smtp\",\"group\":\"mail\",\"target\":\"tcp://d\","
		   "\"state\":\"up\",\"confirming\":{\"to\":\"down\",\"seen\":1,\"needed\":3}}");
	take(list, "{\"name\":\"lone\",\"target\":\"tcp://e\",\"state\":\"up\"}");
	watch_list_settle(list);
	watch_list_arrange(list);
	*state = list;
	return 0;
}

static int drop(void **state)
{
	watch_list_done(*state);
	free(*state);
	return 0;
}

/* The lines as "pay imap lone"; a head is "[shop]". */
static void expect(const struct watch_list *list, const char *expected)
{
	struct text text = { 0 };

	for (size_t i = 0; i < list->lines_count; i++)
		text_print(&text, list->lines[i].seen ? "%s%s" : "%s[%s]", i ? " " : "",
			   list->lines[i].seen ? list->lines[i].seen->name
					       : list->lines[i].bunch->name);
	assert_string_equal(text_string(&text), expected);
	text_done(&text);
}

static const char *chosen(const struct watch_list *list)
{
	const struct watch_line *line = watch_list_chosen(list);

	assert_non_null(line);
	return line->seen ? line->seen->name : line->bunch->name;
}

static void the_worst_is_first_and_events_change_that(void **state)
{
	struct watch_list *list = *state;
	const struct seen *pay = watch_list_find(list, "pay");

	expect(list, "pay imap lone smtp web");
	assert_string_equal(pay->flags, "acknowledged, flapping");
	assert_string_equal(pay->reason, "timeout: nothing came");
	assert_string_equal(watch_list_find(list, "smtp")->leaning, "down 1 of 3");
	assert_true(tell(list, "{\"type\":\"state\",\"endpoint\":\"web\",\"to\":\"down\","
			       "\"since\":\"2023-11-14T22:14:18.500Z\"}"));
	assert_true(tell(list, "{\"type\":\"verdict\",\"endpoint\":\"pay\",\"state\":\"up\","
			       "\"verdict\":\"pass\",\"latency\":0.5}"));
	assert_false(tell(list, "{\"type\":\"verdict\",\"endpoint\":\"pay\",\"state\":\"up\","
				"\"verdict\":\"pass\",\"latency\":0.5}"));
	assert_false(tell(list, "{\"type\":\"verdict\",\"endpoint\":\"nobody\",\"state\":\"up\","
				"\"verdict\":\"pass\"}"));
	watch_list_arrange(list);
	expect(list, "web imap lone pay smtp");
	assert_string_equal(pay->reason, "");
	assert_int_equal(watch_list_find(list, "web")->since, 1700000058500000);
}

static void what_no_event_tells_is_asked_for(void **state)
{
	struct watch_list *list = *state;
	struct seen *web = watch_list_find(list, "web");

	assert_true(web->wants_look);
	take(list, "{\"name\":\"web\",\"group\":\"shop\",\"state\":\"up\",\"recent\":["
		   "{\"verdict\":\"pass\",\"latency\":0.001},{\"verdict\":\"fail\"}]}");
	assert_false(web->wants_look);
	assert_int_equal(web->sparks_count, 2);
	assert_int_equal(web->sparks[0].latency, 1000);
	assert_int_equal(web->sparks[1].kind, VERDICT_FAIL);
	tell(list, "{\"type\":\"verdict\",\"endpoint\":\"web\",\"state\":\"up\","
		   "\"verdict\":\"pass\",\"latency\":0.5}");
	assert_false(web->wants_look);
	assert_int_equal(web->sparks_count, 3);
	/* It is still up, so something is being confirmed. */
	tell(list, "{\"type\":\"verdict\",\"endpoint\":\"web\",\"state\":\"up\","
		   "\"verdict\":\"fail\",\"class\":\"reset\"}");
	assert_true(web->wants_look);
	take(list, "{\"name\":\"web\",\"group\":\"shop\",\"state\":\"up\",\"recent\":["
		   "{\"verdict\":\"pass\",\"latency\":0.001}]}");
	/* A window of maintenance is open, or is not any more. */
	tell(list, "{\"type\":\"verdict\",\"endpoint\":\"web\",\"state\":\"up\","
		   "\"verdict\":\"pass\",\"latency\":0.5,\"flags\":[\"maintenance\"]}");
	assert_string_equal(web->flags, "maintenance");
	tell(list, "{\"type\":\"verdict\",\"endpoint\":\"web\",\"state\":\"up\","
		   "\"verdict\":\"pass\",\"latency\":0.5}");
	assert_string_equal(web->flags, "");
	assert_false(web->wants_look);
	for (unsigned i = 0; i < 2 * SPARKS_KEPT; i++)
		tell(list, "{\"type\":\"verdict\",\"endpoint\":\"web\",\"state\":\"up\","
			   "\"verdict\":\"pass\",\"latency\":0.25}");
	assert_int_equal(web->sparks_count, SPARKS_KEPT);
	assert_int_equal(web->sparks[0].latency, 250000);
}

static void every_word_of_a_filter_must_be_there(void **state)
{
	struct watch_list *list = *state;

	text_append(&list->filter, "MAIL");
	watch_list_arrange(list);
	expect(list, "imap smtp");
	text_append(&list->filter, "  up");
	watch_list_arrange(list);
	expect(list, "smtp");
	text_append(&list->filter, " web");
	watch_list_arrange(list);
	expect(list, "");
	assert_null(watch_list_chosen(list));
	watch_list_move(list, 1);
	text_clear(&list->filter);
	list->state = STATE_UP;
	list->group = "shop";
	watch_list_arrange(list);
	expect(list, "web");
	assert_int_equal(list->shown, 1);
}

static void groups_have_heads_and_fold(void **state)
{
	struct watch_list *list = *state;

	list->is_grouped = true;
	watch_list_arrange(list);
	expect(list, "[shop] pay web [mail] imap smtp [] lone");
	assert_int_equal(list->lines[0].bunch->in_state[STATE_DOWN], 1);
	list->lines[0].bunch->is_folded = true;
	watch_list_arrange(list);
	expect(list, "[shop] [mail] imap smtp [] lone");
	assert_int_equal(list->lines[0].bunch->count, 2);
	text_append(&list->filter, "lone");
	watch_list_arrange(list);
	expect(list, "[] lone");
}

static void the_bar_stays_on_top_until_it_is_moved_and_then_with_its_endpoint(void **state)
{
	struct watch_list *list = *state;

	assert_string_equal(chosen(list), "pay");
	tell(list, "{\"type\":\"state\",\"endpoint\":\"pay\",\"to\":\"up\"}");
	watch_list_arrange(list);
	assert_string_equal(chosen(list), "imap");
	watch_list_move(list, 2);
	assert_string_equal(chosen(list), "pay");
	tell(list, "{\"type\":\"state\",\"endpoint\":\"pay\",\"to\":\"paused\"}");
	watch_list_arrange(list);
	expect(list, "imap pay lone smtp web");
	assert_string_equal(chosen(list), "pay");
	watch_list_move(list, LONG_MAX);
	assert_string_equal(chosen(list), "web");
	watch_list_move(list, -LONG_MAX);
	assert_string_equal(chosen(list), "imap");
}

static void one_that_is_gone_takes_the_bar_to_its_neighbour(void **state)
{
	struct watch_list *list = *state;

	watch_list_move(list, LONG_MAX);
	watch_list_begin(list);
	take(list, "{\"name\":\"pay\",\"group\":\"shop\",\"state\":\"down\"}");
	take(list, "{\"name\":\"new\",\"state\":\"pending\"}");
	watch_list_settle(list);
	watch_list_arrange(list);
	expect(list, "pay new");
	assert_string_equal(chosen(list), "new");
	assert_null(watch_list_find(list, "web"));
}

static void the_bar_is_always_on_the_screen(void **state)
{
	struct watch_list *list = *state;

	watch_list_move(list, LONG_MAX);
	watch_list_scroll(list, 2);
	assert_int_equal(list->top, 3);
	watch_list_move(list, -2);
	watch_list_scroll(list, 2);
	assert_int_equal(list->top, 2);
	/* Larger again: no empty lines while there is something above. */
	watch_list_scroll(list, 4);
	assert_int_equal(list->top, 1);
	watch_list_scroll(list, 100);
	assert_int_equal(list->top, 0);
	watch_list_scroll(list, 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, fill, drop)
	const struct CMUnitTest tests[] = {
		CASE(the_worst_is_first_and_events_change_that),
		CASE(what_no_event_tells_is_asked_for),
		CASE(every_word_of_a_filter_must_be_there),
		CASE(groups_have_heads_and_fold),
		CASE(the_bar_stays_on_top_until_it_is_moved_and_then_with_its_endpoint),
		CASE(one_that_is_gone_takes_the_bar_to_its_neighbour),
		CASE(the_bar_is_always_on_the_screen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
