/* orphans.c - who leaves the process group of a program ends with it, and not before. */
#include <errno.h>
#include <event2/event.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "base/memory.h"
#include "loop/child.h"
#include "loop/loop.h"
#include "loop/orphans.h"

struct house {
	struct event_base *base;
	struct orphans *orphans;
	struct children *children;
	struct text said; /* by the last program */
	bool is_done;
};

static int set_up(void **state)
{
	struct house *house = MEMORY_NEW(struct house);

	house->base = loop_new();
	house->orphans = orphans_new(house->base);
	house->children = children_new(house->base, house->orphans, 10);
	*state = house;
	return 0;
}

static int tear_down(void **state)
{
	struct house *house = *state;

	children_free(house->children);
	orphans_free(house->orphans);
	event_base_free(house->base);
	text_done(&house->said);
	free(house);
	/* Nothing is left behind, not even as a zombie. */
	assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
	return 0;
}

static void ended(struct child_result *result, void *context)
{
	struct house *house = context;

	text_done(&house->said);
	house->said = result->output;
	result->output = (struct text){ 0 };
	house->is_done = true;
}

/* A script of shell to its end, in a folder of its own that has a fifo `f`. */
static void run(struct house *house, const char *script)
{
	static const char *const environment[] = { "PATH=/usr/bin:/bin", NULL };
	char *line = memory_print("cd $(mktemp -d) && mkfifo f g\n%s\nrm -r $PWD", script);
	const char *const argv[] = { "/bin/sh", "-c", line, NULL };
	const struct child_request request = {
		.argv = argv,
		.environment = environment,
		.output_bytes = 1000,
		.errors_bytes = 1000,
		.deadline = clock_now() + 60 * USEC_PER_SEC,
	};

	house->is_done = false;
	(void)child_start(house->children, &request, ended, house);
	while (!house->is_done)
		assert_int_equal(event_base_loop(house->base, EVLOOP_ONCE), 0);
	free(line);
}

/* Each says who it is before the program ends. */
static void who_left_the_group_ends_all_the_same(void **state)
{
	static const char *const scripts[] = {
		"setsid sh -c 'echo $$; echo >f; exec sleep 1000 >&- 2>&-' & read word <f",
		"setsid -f sh -c 'trap \"\" TERM; setsid -f sleep 1000; echo $$; echo >f; sleep 1000'"
		"\nread word <f",
	};
	struct house *house = *state;

	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		pid_t pid;

		run(house, scripts[i]);
		pid = (pid_t)strtol(text_string(&house->said), NULL, 10);
		assert_true(pid > 0);
		while (kill(pid, 0) == 0)
			assert_int_equal(event_base_loop(house->base, EVLOOP_ONCE), 0);
	}
}

/* It may be at work for the program that runs; another one's end has us look. */
static void who_left_the_group_lives_while_the_program_does(void **state)
{
	struct house *house = *state;

	run(house, "true");
	run(house, "setsid -f sh -c 'read word <f; echo $word >g'; sleep 0.3; echo done >f; cat g");
	assert_string_equal(text_string(&house->said), "done\n");
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest claims[] = {
		CLAIM(who_left_the_group_ends_all_the_same),
		CLAIM(who_left_the_group_lives_while_the_program_does),
	};
#undef CLAIM

	return cmocka_run_group_tests(claims, NULL, NULL);
}
