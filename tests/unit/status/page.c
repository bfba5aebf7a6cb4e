/* page.c - claims about the pages for people: status/board.h and status/page.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "world.h"

static const struct world_options many = { .endpoints = 5500, .events = 100, .connections = 16 };

static int begin(void **state)
{
	*state = world_new(*state);
	return 0;
}

static int end(void **state)
{
	world_free(*state);
	return 0;
}

static unsigned count_of(const char *text, const char *part)
{
	unsigned count = 0;

	for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
		count++;
	return count;
}

/* Of names that are there. */
static bool is_before(const char *text, const char *one, const char *other)
{
	const char *first = strstr(text, one), *second = strstr(text, other);

	assert_non_null(first);
	assert_non_null(second);
	return first < second;
}

static void the_worst_comes_first_and_its_group_with_it(void **state)
{
	struct world *world = *state;
	struct reply reply;

	for (unsigned i = 0; i < world->roster.count; i++)
		world_set_state(world, world->roster.by_name[i]->endpoint->name, STATE_UP);
	world_set_state(world, "e0004", STATE_DEGRADED);
	world_set_state(world, "e0005", STATE_DOWN);
	reply = ask(world, "GET /");
	assert_int_equal(reply.code, 200);
	assert_non_null(strstr(reply.head, "text/html"));
	assert_non_null(strstr(reply.head, "default-src 'none'"));
	assert_non_null(strstr(reply.body, ">1 of 6 is down</h1>"));
	assert_true(is_before(reply.body, ">e0005</a>", ">e0001</a>"));
	assert_true(is_before(reply.body, ">e0003</a>", ">e0004</a>"));
	assert_true(is_before(reply.body, ">e0004</a>", ">e0000</a>"));
	assert_int_equal(count_of(reply.body, "<li data-s=\"up\"><a href=\"endpoint/"), 4);
	reply_done(&reply);
}

static void more_than_a_page_shows_are_counted_and_the_worst_are_shown(void **state)
{
	struct world *world = *state;
	struct reply reply;

	world_set_state(world, "e5499", STATE_DOWN);
	reply = ask(world, "GET /");
	assert_non_null(strstr(reply.body, ">1 of 5500 is down</h1>"));
	assert_non_null(strstr(reply.body, ">e5499</a>"));
	assert_int_equal(count_of(reply.body, "<a href=\"endpoint/"), 5000);
	assert_non_null(strstr(reply.body, "And 500 more"));
	assert_non_null(strstr(reply.body, "</html>"));
	reply_done(&reply);

	reply = ask(world, "GET /?q=E54&group=db");
	assert_int_equal(count_of(reply.body, "<a href=\"endpoint/"), 50);
	assert_null(strstr(reply.body, "And "));
	reply_done(&reply);
}

static void a_reader_that_leaves_takes_the_page_with_it(void **state)
{
	struct world *world = *state;
	struct client *client = client_new(world);
	struct reply reply;

	/* Once while the endpoints are collected, once while they are printed. */
	client_ask(client, "GET /", "");
	world_turn(world);
	client_free(client);
	client = client_new(world);
	client_ask(client, "GET /", "");
	client_wait_text(client, "<h1");
	client_free(client);
	reply = ask(world, "GET /?q=e0000");
	assert_int_equal(count_of(reply.body, ">e0000</a>"), 1);
	reply_done(&reply);
}

static void an_endpoint_that_is_gone_has_no_badge_and_no_page(void **state)
{
	struct world *world = *state;
	struct reply reply = ask(world, "GET /badge/e0001.svg");

	assert_int_equal(reply.code, 200);
	assert_non_null(strstr(reply.body, "e0001: pending"));
	reply_done(&reply);
	reply = ask(world, "GET /badge/e9999.json");
	assert_int_equal(reply.code, 404);
	reply_done(&reply);
	reply = ask(world, "GET /endpoint/%3Cb%3E");
	assert_int_equal(reply.code, 404);
	assert_non_null(strstr(reply.body, "&lt;b&gt;"));
	reply_done(&reply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_worst_comes_first_and_its_group_with_it, begin,
						end),
		cmocka_unit_test_prestate_setup_teardown(
			more_than_a_page_shows_are_counted_and_the_worst_are_shown, begin, end,
			(void *)&many),
		cmocka_unit_test_prestate_setup_teardown(
			a_reader_that_leaves_takes_the_page_with_it, begin, end, (void *)&many),
		cmocka_unit_test_setup_teardown(an_endpoint_that_is_gone_has_no_badge_and_no_page,
						begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
