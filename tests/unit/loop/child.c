/* child.c - claims about children: how they start, what they are given, how they end. */
#include <dirent.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* cmocka wants the four standard headers before it. */
#include <cmocka.h>

#include "base/memory.h"
#include "loop/child.h"
#include "loop/loop.h"
#include "loop/orphans.h"

struct room {
	struct event_base *base;
	struct orphans *orphans;
	struct children *children;
	unsigned done;
	struct child_result last;
	char folder[64];
};

static const char *const environment[] = { "PATH=/usr/bin:/bin", "WORD=said", NULL };

static unsigned descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	unsigned count = 0;

	assert_non_null(folder);
	while (readdir(folder))
		count++;
	(void)closedir(folder);
	return count;
}

static int set_up(void **state)
{
	struct room *room = MEMORY_NEW(struct room);

	/* As main() has it: children must get neither. */
	(void)sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	(void)snprintf(room->folder, sizeof(room->folder), "/tmp/child-XXXXXX");
	assert_non_null(mkdtemp(room->folder));
	room->base = loop_new();
	room->orphans = orphans_new(room->base);
	room->children = children_new(room->base, room->orphans, 250);
	*state = room;
	return 0;
}

static int tear_down(void **state)
{
	struct room *room = *state;
	char command[128];

	children_free(room->children);
	orphans_free(room->orphans);
	event_base_free(room->base);
	text_done(&room->last.output);
	text_done(&room->last.errors);
	(void)snprintf(command, sizeof(command), "rm -r '%s'", room->folder);
	assert_int_equal(system(command), 0);
	/* Nothing is left behind, not even as a zombie. */
	assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
	free(room);
	return 0;
}

static void came(struct child_result *result, void *context)
{
	struct room *room = context;

	text_done(&room->last.output);
	text_done(&room->last.errors);
	room->last = *result;
	result->output = result->errors = (struct text){ 0 };
	room->done++;
}

static struct child_request shell(const char *const *argv, usec_t timeout)
{
	return (struct child_request){
		.argv = argv,
		.environment = environment,
		.output_bytes = 1000,
		.errors_bytes = 1000,
		.deadline = clock_now() + timeout,
	};
}

static void wait_for(struct room *room, unsigned count)
{
	while (room->done < count)
		assert_int_equal(event_base_loop(room->base, EVLOOP_ONCE), 0);
}

/* A line of shell to its end. */
static const struct child_result *run(struct room *room, const char *line, usec_t timeout)
{
	const char *const argv[] = { "/bin/sh", "-c", line, NULL };
	const struct child_request request = shell(argv, timeout);
	const unsigned before = room->done;

	(void)child_start(room->children, &request, came, room);
	assert_int_equal(room->done, before);
	wait_for(room, before + 1);
	return &room->last;
}

static const usec_t patience = 60 * USEC_PER_SEC;

static void a_child_says_what_it_has_to_say(void **state)
{
	struct room *room = *state;
	const struct child_result *result = run(room, "echo $WORD; echo oh >&2; exit 3", patience);

	assert_int_equal(result->outcome, CHILD_EXITED);
	assert_int_equal(result->status, 3);
	assert_string_equal(text_string(&result->output), "said\n");
	assert_string_equal(text_string(&result->errors), "oh\n");
	assert_true(result->took > 0);
	assert_false(result->output_is_cut);
	assert_int_equal(children_count(room->children), 0);
}

static void a_signal_is_no_exit(void **state)
{
	struct room *room = *state;
	const struct child_result *result = run(room, "kill -SEGV $$", patience);

	assert_int_equal(result->outcome, CHILD_SIGNALED);
	assert_int_equal(result->status, SIGSEGV);
}

static void a_child_gets_nothing_of_ours(void **state)
{
	struct room *room = *state;
	const int kept = fcntl(0, F_DUPFD, 20); /* not even what is not close-on-exec */
	sigset_t blocked;
	char *rest;

	(void)sigemptyset(&blocked);
	(void)sigaddset(&blocked, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &blocked, NULL);
	/* `ls` has one descriptor more, of the folder itself. */
	(void)run(room, "ls /proc/self/fd | tr '\\n' ' '; readlink /proc/self/fd/0", patience);
	assert_string_equal(text_string(&room->last.output), "0 1 2 3 /dev/null\n");
	/* But for 32 and 33, which are the C library's own. */
	(void)run(room, "sed -n 's/^Sig[BI][lg][kn]:.//p' /proc/self/status | tr '\\n' ' '",
		  patience);
	assert_int_equal(strtoull(text_string(&room->last.output), &rest, 16) & 0x7fffffff, 0);
	assert_int_equal(strtoull(rest, &rest, 16) & 0x7fffffff, 0);
	assert_string_equal(rest, " ");
	(void)run(room, "tr '\\0' '\\n' </proc/$$/environ | grep -Ev '^(PWD|SHLVL|_|OLDPWD)='",
		  patience);
	assert_string_equal(text_string(&room->last.output), "PATH=/usr/bin:/bin\nWORD=said\n");
	(void)run(room, "pwd; test $(ps -o pgid= $$) = $$ && echo own", patience);
	assert_string_equal(text_string(&room->last.output), "/\nown\n");
	(void)sigprocmask(SIG_UNBLOCK, &blocked, NULL);
	(void)close(kept);
}

static void what_is_given_as_input_arrives(void **state)
{
	struct room *room = *state;
	const char *const argv[] = { "cat", NULL };
	struct child_request request = shell(argv, patience);

	request.input = "given";
	request.input_len = 5;
	(void)child_start(room->children, &request, came, room);
	wait_for(room, 1);
	assert_string_equal(text_string(&room->last.output), "given");
}

/* The copies of it are gone as well: whoever is at the other end sees that the child left. */
static void a_descriptor_that_is_given_is_the_childs(void **state)
{
	const char *const argv[] = { "/bin/sh", "-c", "cat <&3; ls /proc/self/fd", NULL };
	struct room *room = *state;
	struct child_request request = shell(argv, patience);
	const unsigned before = descriptors();
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	request.descriptor = &ends[0];
	(void)child_start(room->children, &request, came, room);
	(void)close(ends[0]);
	assert_int_equal(write(ends[1], "given\n", 6), 6);
	(void)close(ends[1]);
	wait_for(room, 1);
	assert_string_equal(text_string(&room->last.output), "given\n0\n1\n2\n3\n4\n");
	assert_int_equal(descriptors(), before);
}

/* Else it would take a part of it for all. */
static void without_the_whole_of_its_input_nothing_is_started(void **state)
{
	static const char *const argv[] = { "cat", NULL };
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction handled;
	struct room *room = *state;
	struct child_request request = shell(argv, patience);
	struct rlimit before, little;

	request.input = "given";
	request.input_len = 5;
	assert_int_equal(sigaction(SIGXFSZ, &ignore, &handled), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	little = (struct rlimit){ 2, before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
	(void)child_start(room->children, &request, came, room);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	wait_for(room, 1);
	assert_int_equal(room->last.outcome, CHILD_LOCAL);
	assert_int_equal(room->last.error, EFBIG);
	assert_int_equal(sigaction(SIGXFSZ, &handled, NULL), 0);
}

static void output_is_bounded_and_drained(void **state)
{
	struct room *room = *state;
	const struct child_result *result =
		run(room, "head -c 3000000 /dev/zero | tr '\\0' x; exit 7", patience);

	assert_int_equal(result->outcome, CHILD_EXITED);
	assert_int_equal(result->status, 7);
	assert_int_equal(result->output.len, 1000);
	assert_true(result->output_is_cut);
	result = run(room, "head -c 1000 /dev/zero", patience);
	assert_int_equal(result->output.len, 1000);
	assert_false(result->output_is_cut);
}

static void who_ignores_sigterm_is_killed(void **state)
{
	struct room *room = *state;
	const struct child_result *result =
		run(room, "trap '' TERM; echo on; while :; do sleep 100; done", USEC_PER_SEC);

	assert_int_equal(result->outcome, CHILD_TIMED_OUT);
	assert_string_equal(text_string(&result->output), "on\n");
	assert_true(result->took > 0);
}

static void who_heeds_sigterm_can_clean_up(void **state)
{
	struct room *room = *state;
	const struct child_result *result = run(
		room, "trap 'echo cleaned; exit 0' TERM; echo on; sleep 100 & wait", USEC_PER_SEC);

	assert_int_equal(result->outcome, CHILD_TIMED_OUT);
	assert_string_equal(text_string(&result->output), "on\ncleaned\n");
}

static void a_grandchild_on_the_pipe_delays_nothing(void **state)
{
	struct room *room = *state;
	const struct child_result *result = run(room, "sleep 1000 & echo $!; exit 0", patience);
	int grandchild;

	assert_int_equal(result->outcome, CHILD_EXITED);
	assert_true(result->took < patience / 2);
	grandchild = (int)strtol(text_string(&result->output), NULL, 10);
	assert_true(grandchild > 1);
	/* It was killed; whoever adopted it may not have looked yet. */
	while (kill(grandchild, 0) == 0) {
		char path[64], line[256] = "";
		FILE *file;

		(void)snprintf(path, sizeof(path), "/proc/%d/stat", grandchild);
		file = fopen(path, "r");
		if (!file)
			break;
		(void)!fgets(line, sizeof(line), file);
		(void)fclose(file);
		if (strstr(line, ") Z"))
			break;
		(void)event_base_loop(room->base, EVLOOP_NONBLOCK);
	}
}

static void write_file(const char *path, const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	(void)fputs(text, file);
	(void)fclose(file);
	assert_int_equal(chmod(path, mode), 0);
}

static void start_path(struct room *room, const char *path)
{
	const char *const argv[] = { path, NULL };
	const struct child_request request = shell(argv, patience);
	const unsigned before = room->done;

	(void)child_start(room->children, &request, came, room);
	wait_for(room, before + 1);
}

static void what_cannot_be_run_says_why(void **state)
{
	static const struct {
		const char *text;
		mode_t mode;
		int error;
	} cases[] = {
		{ "#!/bin/sh\n", 0600, EACCES },
		{ "nothing", 0700, ENOEXEC },
		{ "#!/nowhere/at/all\n", 0700, ENOENT },
		{ "#!/bin/sh\n", 0777, EPERM },
	};
	struct room *room = *state;
	char path[128];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/program%zu", room->folder, i);
		write_file(path, cases[i].text, cases[i].mode);
		start_path(room, path);
		assert_int_equal(room->last.outcome, CHILD_NOT_STARTED);
		assert_int_equal(room->last.error, cases[i].error);
	}
	start_path(room, "/nowhere/at/all");
	assert_int_equal(room->last.error, ENOENT);
	start_path(room, "no-such-program");
	assert_int_equal(room->last.error, ENOENT);
	assert_int_equal(room->last.took, 0);
}

/* Also by a link, and where the open folder is not the last one. */
static void what_anybody_could_replace_is_not_run(void **state)
{
	struct room *room = *state;
	char open[80], inner[96], path[112], away[96], ajar[112];

	(void)snprintf(open, sizeof(open), "%s/open", room->folder);
	(void)snprintf(inner, sizeof(inner), "%s/inner", open);
	(void)snprintf(path, sizeof(path), "%s/program", inner);
	(void)snprintf(away, sizeof(away), "%s/link", room->folder);
	(void)snprintf(ajar, sizeof(ajar), "%s/link", open);
	assert_int_equal(mkdir(open, 0755), 0);
	assert_int_equal(mkdir(inner, 0755), 0);
	write_file(path, "#!/bin/sh\n", 0755);
	assert_int_equal(symlink(path, away), 0);
	assert_int_equal(symlink("/bin/true", ajar), 0);
	start_path(room, path);
	assert_int_equal(room->last.outcome, CHILD_EXITED);
	assert_int_equal(chmod(open, 0777), 0);
	for (unsigned i = 0; i < 3; i++) {
		start_path(room, i == 0 ? path : i == 1 ? away : ajar);
		assert_int_equal(room->last.outcome, CHILD_NOT_STARTED);
		assert_int_equal(room->last.error, EPERM);
		assert_non_null(strstr(room->last.detail, "by everybody"));
	}
}

static void a_missing_folder_is_told_from_a_missing_program(void **state)
{
	struct room *room = *state;
	const char *const argv[] = { "true", NULL };
	struct child_request request = shell(argv, patience);

	request.folder = "/nowhere/at/all";
	(void)child_start(room->children, &request, came, room);
	wait_for(room, 1);
	assert_int_equal(room->last.outcome, CHILD_NOT_STARTED);
	assert_non_null(strstr(room->last.detail, "folder"));
}

static void who_has_no_place_waits_in_line(void **state)
{
	static const char *const argv[] = { "/bin/sh", "-c", "sleep 0.05", NULL };
	const struct child_request request = shell(argv, patience);
	struct room *room = *state;

	children_set_max(room->children, 2);
	for (unsigned i = 0; i < 10; i++)
		(void)child_start(room->children, &request, came, room);
	while (room->done < 10) {
		assert_true(children_count(room->children) <= 2);
		assert_int_equal(event_base_loop(room->base, EVLOOP_ONCE), 0);
	}
	assert_int_equal(children_count(room->children), 0);
}

static void who_waited_in_vain_is_no_fault_of_the_program(void **state)
{
	static const char *const argv[] = { "true", NULL };
	const struct child_request request = shell(argv, 50 * USEC_PER_MS);
	struct room *room = *state;

	children_set_max(room->children, 0);
	(void)child_start(room->children, &request, came, room);
	wait_for(room, 1);
	assert_int_equal(room->last.outcome, CHILD_LOCAL);
}

static void of_one_token_only_one_runs(void **state)
{
	static const char *const argv[] = { "/bin/sh", "-c", "echo $$; sleep 0.05", NULL };
	struct child_request request = shell(argv, patience);
	struct room *room = *state;

	request.token = 17;
	(void)child_start(room->children, &request, came, room);
	(void)child_start(room->children, &request, came, room);
	while (room->done < 2) {
		assert_true(children_count(room->children) <= 1);
		assert_int_equal(event_base_loop(room->base, EVLOOP_ONCE), 0);
	}
	assert_int_equal(room->last.outcome, CHILD_EXITED);
}

static void a_cancelled_child_ends_without_a_word(void **state)
{
	static const char *const argv[] = { "/bin/sh", "-c", "sleep 1000", NULL };
	const struct child_request request = shell(argv, patience);
	struct room *room = *state;
	struct child *early, *late;

	early = child_start(room->children, &request, came, room);
	child_cancel(early);
	late = child_start(room->children, &request, came, room);
	(void)run(room, "true", patience);
	child_cancel(late);
	while (children_count(room->children) > 0)
		assert_int_equal(event_base_loop(room->base, EVLOOP_ONCE), 0);
	assert_int_equal(room->done, 1);
}

/* Half of them ignore SIGTERM, some leave a grandchild on the pipe, some print without end. */
static void two_hundred_at_once_all_end(void **state)
{
	static const char *const lines[] = {
		"trap '' TERM; while :; do sleep 100; done",
		"exec sleep 1000",
		"trap '' TERM; sleep 1000 & while :; do sleep 100; done",
		"trap '' TERM; while :; do echo flood; done",
		"sleep 1000 & exec yes",
		"sleep 1000 & exit 0",
	};
	struct room *room = *state;
	const unsigned before = descriptors();
	const usec_t deadline = clock_now() + 3 * USEC_PER_SEC;

	for (unsigned i = 0; i < 200; i++) {
		const char *const argv[] = { "/bin/sh", "-c", lines[i % 6], NULL };
		struct child_request request = shell(argv, 0);

		request.deadline = deadline;
		(void)child_start(room->children, &request, came, room);
	}
	wait_for(room, 200);
	while (children_count(room->children) > 0)
		assert_int_equal(event_base_loop(room->base, EVLOOP_ONCE), 0);
	assert_int_equal(descriptors(), before);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest claims[] = {
		CLAIM(a_child_says_what_it_has_to_say),
		CLAIM(a_signal_is_no_exit),
		CLAIM(a_child_gets_nothing_of_ours),
		CLAIM(what_is_given_as_input_arrives),
		CLAIM(a_descriptor_that_is_given_is_the_childs),
		CLAIM(without_the_whole_of_its_input_nothing_is_started),
		CLAIM(output_is_bounded_and_drained),
		CLAIM(who_ignores_sigterm_is_killed),
		CLAIM(who_heeds_sigterm_can_clean_up),
		CLAIM(a_grandchild_on_the_pipe_delays_nothing),
		CLAIM(what_cannot_be_run_says_why),
		CLAIM(what_anybody_could_replace_is_not_run),
		CLAIM(a_missing_folder_is_told_from_a_missing_program),
		CLAIM(who_has_no_place_waits_in_line),
		CLAIM(who_waited_in_vain_is_no_fault_of_the_program),
		CLAIM(of_one_token_only_one_runs),
		CLAIM(a_cancelled_child_ends_without_a_word),
		CLAIM(two_hundred_at_once_all_end),
	};
#undef CLAIM

	return cmocka_run_group_tests(claims, NULL, NULL);
}
