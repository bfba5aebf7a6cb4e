/* log.c - lines arrive whole, escaped, and never make anybody wait. */
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"

static int ends[2], stderr_before;

/* stderr is a pipe that nobody reads until said() does. */
static int catch_stderr(void **state)
{
	(void)state;
	stderr_before = dup(STDERR_FILENO);
	if (pipe(ends) < 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0)
		return -1;
	(void)unsetenv("JOURNAL_STREAM");
	(void)unsetenv("INVOCATION_ID");
	(void)dup2(ends[1], STDERR_FILENO);
	log_open();
	log_set_limit(LOG_INFO);
	return 0;
}

static int give_stderr_back(void **state)
{
	(void)state;
	(void)dup2(stderr_before, STDERR_FILENO);
	(void)close(stderr_before);
	(void)close(ends[0]);
	(void)close(ends[1]);
	return 0;
}

/* What came since the last time. */
static const char *said(void)
{
	static char text[1 << 20];
	size_t len = 0;
	ssize_t n;

	while ((n = read(ends[0], text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	return text;
}

static void a_message_is_a_line(void **state)
{
	(void)state;
	log_line(LOG_INFO, "%d endpoints", 5);
	assert_string_equal(said(), "5 endpoints\n");
	log_event(LOG_NOTICE, LOG_STARTED, (struct log_field[]){ { "PICKET_X", "y" }, { 0 } },
		  "started");
	assert_string_equal(said(), "started\n");
}

static void less_urgent_ones_are_left_out(void **state)
{
	(void)state;
	log_line(LOG_DEBUG, "debug");
	log_event(LOG_DEBUG, LOG_STARTED, NULL, "debug");
	assert_string_equal(said(), "");
	assert_false(log_is_wanted(LOG_DEBUG));
	assert_true(log_is_wanted(LOG_INFO));
	log_set_limit(LOG_DEBUG);
	assert_true(log_is_wanted(LOG_DEBUG));
	log_line(LOG_DEBUG, "debug");
	assert_string_equal(said(), "debug\n");
	log_set_limit(LOG_ERR);
	log_line(LOG_WARNING, "warning");
	log_line(LOG_ERR, "error");
	assert_string_equal(said(), "error\n");
}

static void under_a_service_manager_lines_have_their_priority(void **state)
{
	(void)state;
	(void)setenv("INVOCATION_ID", "x", 1);
	log_line(LOG_ERR, "bad");
	log_line(LOG_INFO, "fine");
	assert_string_equal(said(), "<3>bad\n<6>fine\n");
}

static void what_came_from_outside_cannot_forge_a_line(void **state)
{
	(void)state;
	log_line(LOG_INFO, "%s", "a\n<0>b\x1b[2J\xff");
	assert_string_equal(said(), "a\\n<0>b\\x1b[2J\\xff\n");
}

static void a_stale_journal_stream_is_not_believed(void **state)
{
	(void)state;
	(void)setenv("JOURNAL_STREAM", "1:2", 1);
	log_open();
	log_line(LOG_INFO, "here");
	assert_string_equal(said(), "here\n");
}

static void long_messages_are_cut(void **state)
{
	static char message[10000];

	(void)state;
	(void)setenv("INVOCATION_ID", "x", 1);
	memset(message, 'x', sizeof(message) - 1);
	log_line(LOG_INFO, "%s", message);
	/* A pipe takes no more than this without waiting. */
	assert_int_equal(strlen(said()), PIPE_BUF);
}

static void a_full_pipe_makes_nobody_wait(void **state)
{
	static char message[10000];
	const char *text;
	size_t len;

	(void)state;
	memset(message, 'x', sizeof(message) - 1);
	for (unsigned i = 0; i < 100; i++) {
		log_line(LOG_INFO, "%s", message); /* would hang here */
		log_line(LOG_INFO, "short");
	}
	text = said();
	len = strlen(text);
	assert_true(len > 10000 && len < 1 << 18);
	assert_int_equal(text[len - 1], '\n');
	log_line(LOG_INFO, "again");
	assert_string_equal(said(), "again\n");
}

static void a_closed_stderr_does_no_harm(void **state)
{
	(void)state;
	(void)close(STDERR_FILENO);
	log_line(LOG_INFO, "nobody hears");
	assert_string_equal(said(), "");
}

#define CASE(claim) cmocka_unit_test_setup_teardown(claim, catch_stderr, give_stderr_back)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_message_is_a_line),
		CASE(less_urgent_ones_are_left_out),
		CASE(under_a_service_manager_lines_have_their_priority),
		CASE(what_came_from_outside_cannot_forge_a_line),
		CASE(a_stale_journal_stream_is_not_believed),
		CASE(long_messages_are_cut),
		CASE(a_full_pipe_makes_nobody_wait),
		CASE(a_closed_stderr_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
