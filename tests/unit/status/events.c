/* events.c - the rings: order, numbers, gaps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "model/watch.h"
#include "status/events.h"

enum { ALL = (1u << EVENT_TYPES) - 1, SEED = 1000 };

/* V, S or C for each event to publish. */
static void publish(struct events *events, const char *what)
{
	const struct text nothing = { 0 };

	for (; *what; what++)
		events_publish(events,
			       *what == 'V'   ? EVENT_VERDICT
			       : *what == 'S' ? EVENT_STATE
					      : EVENT_CONFIG,
			       *what == 'C' ? NULL : "web", &nothing);
}

/* What a reader gets: "V1001 gap1002-1004 …". */
static char *read_all(const struct events *events, struct event_cursor *cursor, unsigned types)
{
	struct event_line *line;
	struct text text = { 0 };
	uint64_t from, to, last = 0;
	enum event_step step;

	while ((step = event_cursor_next(cursor, events, types, &line, &from, &to))) {
		text_append(&text, text.len ? " " : "");
		if (step == EVENT_GAP)
			text_print(&text, "gap%u-%u", (unsigned)from, (unsigned)to);
		else
			text_print(&text, "%c%u", event_type_name(line->type)[0],
				   (unsigned)line->seq);
		assert_true((step == EVENT_GAP ? to : line->seq) > last);
		last = step == EVENT_GAP ? to : line->seq;
	}
	return text_take(&text);
}

static void expect(const struct events *events, uint64_t since, unsigned types,
		   const char *expected)
{
	struct event_cursor cursor;
	char *text;

	event_cursor_set(&cursor, events, since);
	text = read_all(events, &cursor, types);
	assert_string_equal(text, expected);
	free(text);
}

static void both_rings_are_read_in_the_order_of_their_numbers(void **state)
{
	struct events *events = events_new(10, SEED);

	(void)state;
	publish(events, "VSVVCV");
	expect(events, SEED, ALL, "v1001 s1002 v1003 v1004 c1005 v1006");
	expect(events, 1003, ALL, "v1004 c1005 v1006");
	expect(events, 1006, ALL, "");
	expect(events, SEED, 1u << EVENT_VERDICT, "v1001 v1003 v1004 v1006");
	events_free(events);
}

static void a_type_that_is_not_wanted_is_no_gap(void **state)
{
	struct events *events = events_new(3, SEED);

	(void)state;
	publish(events, "SVVVVVV");
	expect(events, SEED, 1u << EVENT_STATE | 1u << EVENT_CONFIG, "s1001");
	events_free(events);
}

static void many_verdicts_do_not_push_out_what_is_rare(void **state)
{
	struct events *events = events_new(3, SEED);

	(void)state;
	publish(events, "VSVVVVSVV");
	expect(events, SEED, ALL, "gap1001-1001 s1002 gap1003-1005 v1006 s1007 v1008 v1009");
	events_free(events);
}

static void who_falls_behind_gets_a_gap(void **state)
{
	struct events *events = events_new(3, SEED);
	struct event_cursor cursor;
	char *text;

	(void)state;
	event_cursor_set(&cursor, events, SEED);
	publish(events, "VV");
	text = read_all(events, &cursor, ALL);
	assert_string_equal(text, "v1001 v1002");
	free(text);
	publish(events, "VVVVV");
	text = read_all(events, &cursor, ALL);
	assert_string_equal(text, "gap1003-1004 v1005 v1006 v1007");
	free(text);
	text = read_all(events, &cursor, ALL);
	assert_string_equal(text, "");
	free(text);
	events_free(events);
}

static void what_was_before_our_start_is_a_gap(void **state)
{
	struct events *events = events_new(3, SEED);

	(void)state;
	publish(events, "VS");
	expect(events, 900, 1u << EVENT_VERDICT, "gap901-1000 v1001");
	expect(events, 900, ALL, "gap901-1000 v1001 s1002");
	events_free(events);
}

static void zero_is_all_that_is_kept(void **state)
{
	struct events *events = events_new(3, SEED);
	struct event_cursor cursor;
	char *text;

	(void)state;
	publish(events, "SV");
	expect(events, 0, ALL, "s1001 v1002");
	publish(events, "VVVV");
	expect(events, 0, ALL, "s1001 v1004 v1005 v1006");

	event_cursor_set(&cursor, events, 0);
	publish(events, "VV");
	text = read_all(events, &cursor, ALL);
	assert_string_equal(text, "s1001 gap1004-1005 v1006 v1007 v1008");
	free(text);
	events_free(events);
}

static void a_number_from_the_future_means_from_now_on(void **state)
{
	struct events *events = events_new(3, SEED);
	struct event_cursor cursor;
	char *text;

	(void)state;
	publish(events, "VS");
	event_cursor_set(&cursor, events, 5000);
	publish(events, "V");
	text = read_all(events, &cursor, ALL);
	assert_string_equal(text, "v1003");
	free(text);
	events_free(events);
}

static void numbers_rise_over_restarts(void **state)
{
	struct events *before = events_new(3, SEED), *after;

	(void)state;
	publish(before, "VVV");
	(void)events_number(before);
	after = events_new(3, SEED + 10 * USEC_PER_SEC);
	assert_true(events_number(after) > events_last(before));
	events_free(before);
	events_free(after);
}

static void a_line_is_one_object(void **state)
{
	struct events *events = events_new(3, SEED);
	struct text body = { 0 };
	struct event_line *line;
	struct event_cursor cursor;
	uint64_t from, to;

	(void)state;
	text_append(&body, "\"endpoint\":\"web\"");
	events_publish(events, EVENT_STATE, "web", &body);
	event_cursor_set(&cursor, events, SEED);
	assert_int_equal(event_cursor_next(&cursor, events, ALL, &line, &from, &to), EVENT_LINE);
	assert_int_equal(strncmp(line->json, "{\"seq\":1001,\"at\":\"20", 20), 0);
	assert_non_null(strstr(line->json, "Z\",\"type\":\"state\",\"endpoint\":\"web\"}"));
	assert_int_equal(strlen(line->json), line->len);
	assert_string_equal(line->name, "web");
	text_done(&body);
	events_free(events);
}

static const char *line_behind(const struct events *events, uint64_t since)
{
	struct event_cursor cursor;
	struct event_line *line;
	uint64_t from, to;
	const char *json;

	event_cursor_set(&cursor, events, since);
	assert_int_equal(event_cursor_next(&cursor, events, ALL, &line, &from, &to), EVENT_LINE);
	json = event_line_read(line);
	assert_int_equal(strlen(json), line->len);
	return json;
}

/* As it was then, whatever has become of the endpoint; and rendered once. */
static void a_check_that_passed_is_rendered_when_it_is_read(void **state)
{
	static const char expected[] =
		"{\"seq\":1001,\"at\":\"2026-06-01T00:00:00.500Z\",\"type\":\"verdict\","
		"\"endpoint\":\"we\\\"b\",\"group\":\"shop\",\"verdict\":\"pass\",\"latency\":0.25,"
		"\"state\":\"up\",\"flags\":[\"flapping\",\"late\"]}";
	struct events *events = events_new(3, SEED);
	char name[] = "we\"b", group[] = "shop";
	struct event_pass pass = {
		.wall = 1780272000500000,
		.latency = 250000,
		.group = group,
		.state = STATE_UP,
		.flags = 1u << 0 | 1u << 2,
	};
	const char *first;

	(void)state;
	events_publish_pass(events, name, &pass);
	memset(name, 'x', sizeof(name) - 1);
	memset(group, 'x', sizeof(group) - 1);
	first = line_behind(events, SEED);
	assert_string_equal(first, expected);
	assert_ptr_equal(line_behind(events, SEED), first);
	pass.group = NULL;
	pass.flags = 0;
	events_publish_pass(events, "web", &pass);
	assert_null(strstr(line_behind(events, 1001), "group"));
	assert_null(strstr(line_behind(events, 1001), "flags"));
	/* Read or not, the oldest gives way. */
	for (unsigned i = 0; i < 5; i++)
		events_publish_pass(events, "web", &pass);
	expect(events, SEED, ALL, "gap1001-1004 v1005 v1006 v1007");
	events_free(events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_rings_are_read_in_the_order_of_their_numbers),
		cmocka_unit_test(a_type_that_is_not_wanted_is_no_gap),
		cmocka_unit_test(many_verdicts_do_not_push_out_what_is_rare),
		cmocka_unit_test(who_falls_behind_gets_a_gap),
		cmocka_unit_test(what_was_before_our_start_is_a_gap),
		cmocka_unit_test(zero_is_all_that_is_kept),
		cmocka_unit_test(a_number_from_the_future_means_from_now_on),
		cmocka_unit_test(numbers_rise_over_restarts),
		cmocka_unit_test(a_line_is_one_object),
		cmocka_unit_test(a_check_that_passed_is_rendered_when_it_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
