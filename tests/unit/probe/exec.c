/* exec.c - claims about probe exec, with real programs. */
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness.h"
#include "loop/child.h"
#include "model/process.h"
#include "probe/exec.h"

extern const struct probe_type probe_exec;

static const usec_t patience = 60 * USEC_PER_SEC;

static struct check *run_for(struct harness *harness, struct exec_options *options, usec_t timeout)
{
	struct check *check = harness_check_of(harness, "exec", options, timeout);
	const unsigned before = harness->done;

	harness_start(harness, check);
	assert_int_equal(harness->done, before);
	harness_wait(harness, before + 1);
	return check;
}

static struct check *run(struct harness *harness, enum exec_style style, const char *line,
			 usec_t timeout)
{
	const char *const command[] = { "/bin/sh", "-c", line, NULL };
	struct exec_options *options = harness_fill(harness, "exec");

	options->command = command;
	options->style = style;
	return run_for(harness, options, timeout);
}

static void a_program_is_seen_whole(void **state)
{
	struct check *check = run(*state, EXEC_PLAIN, "echo out; echo err >&2", patience);
	const struct observation *seen = &check->observation;

	assert_int_equal(seen->class, CLASS_NONE);
	assert_int_equal(seen->says, CLASS_NONE);
	assert_string_equal(text_string(&seen->body), "out\n");
	assert_string_equal(text_string(&seen->process->errors), "err\n");
	assert_true(seen->process->has_exited);
	assert_int_equal(seen->process->exit, 0);
	assert_true(observation_has_phase(seen, PHASE_TRANSFER));
	assert_true(seen->latency == seen->phases[PHASE_TRANSFER] && seen->latency > 0);
	check_free(check);
}

static void an_exit_status_is_said_not_judged(void **state)
{
	struct check *check = run(*state, EXEC_PLAIN, "echo 'no  disk' >&2; exit 5", patience);
	const struct observation *seen = &check->observation;

	assert_int_equal(seen->class, CLASS_NONE);
	assert_int_equal(seen->says, CLASS_exec_exit);
	assert_false(seen->says_warn);
	assert_int_equal(seen->process->exit, 5);
	assert_string_equal(seen->detail, "exit status 5: no  disk");
	check_free(check);
}

/* Exit status of a plugin: what the probe says. */
static void exit_statuses_of_plugins_have_their_meaning(void **state)
{
	static const struct {
		const char *line;
		enum failure_class class, says;
		bool says_warn;
		const char *detail;
	} cases[] = {
		{ "echo 'A OK|a=1'; exit 0", CLASS_NONE, CLASS_NONE, false, NULL },
		{ "echo 'A WARNING|a=1'; exit 1", CLASS_NONE, CLASS_exec_exit, true, "A WARNING" },
		{ "echo 'A CRITICAL'; exit 2", CLASS_NONE, CLASS_exec_exit, false, "A CRITICAL" },
		{ "echo 'A UNKNOWN'; exit 3", CLASS_plugin_unknown, CLASS_NONE, false,
		  "A UNKNOWN" },
		{ "exit 4", CLASS_plugin_unknown, CLASS_NONE, false, "exit status 4" },
		{ "exit 126", CLASS_plugin_unknown, CLASS_NONE, false, "exit status 126" },
		{ "no-such-command", CLASS_plugin_unknown, CLASS_NONE, false, NULL },
		{ "kill -SEGV $$", CLASS_exec_signal, CLASS_NONE, false,
		  "ended by signal 11, SIGSEGV" },
		{ "printf '\\033[31mred\\033[0m\\r\\nmore'; exit 2", CLASS_NONE, CLASS_exec_exit,
		  false, "\\x1b[31mred\\x1b[0m" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct check *check = run(*state, EXEC_NAGIOS, cases[i].line, patience);
		const struct observation *seen = &check->observation;

		assert_int_equal(seen->class, cases[i].class);
		assert_int_equal(seen->says, cases[i].says);
		assert_int_equal(seen->says_warn, cases[i].says_warn);
		if (cases[i].detail)
			assert_string_equal(seen->detail, cases[i].detail);
		check_free(check);
	}
}

static void half_of_a_secret_is_not_shown_where_a_line_is_cut(void **state)
{
	static const char *const secrets[] = { "hunter2", NULL };
	struct harness *harness = *state;
	struct check *check;

	harness->endpoint.secrets = secrets;
	check = run(harness, EXEC_NAGIOS, "printf '%0508dhunter2 was wrong' 0; exit 2", patience);
	assert_int_equal(strlen(check->observation.detail), 512);
	assert_string_equal(check->observation.detail + 506, "00*** ");
	check_free(check);
}

static void what_runs_too_long_is_ended_and_says_so(void **state)
{
	struct check *check = run(*state, EXEC_PLAIN, "echo begun; exec sleep 1000", USEC_PER_SEC);
	const struct observation *seen = &check->observation;

	assert_int_equal(seen->class, CLASS_timeout);
	assert_int_equal(seen->phase, PHASE_TRANSFER);
	assert_string_equal(text_string(&seen->body), "begun\n");
	assert_string_equal(seen->detail, "it had not ended after 1s");
	assert_false(seen->process->has_exited);
	check_free(check);
}

static void what_is_not_there_is_unknown_not_down(void **state)
{
	static const char *const command[] = { "/nowhere/check_nothing", NULL };
	struct harness *harness = *state;
	struct exec_options *options = harness_fill(harness, "exec");
	struct check *check;

	options->command = command;
	check = run_for(harness, options, patience);
	assert_int_equal(check->observation.class, CLASS_plugin_unknown);
	assert_true(check->observation.latency == USEC_NEVER);
	assert_int_equal(check->observation.phase, PHASE_REQUEST);
	assert_string_equal(check->observation.detail,
			    "'/nowhere/check_nothing' could not be run: No such file or directory");
	check_free(check);
}

static void without_a_place_it_is_this_hosts_fault(void **state)
{
	struct harness *harness = *state;
	struct check *check;

	children_set_max(harness->tools->children, 0);
	check = run(harness, EXEC_PLAIN, "true", 20 * USEC_PER_MS);
	assert_int_equal(check->observation.class, CLASS_local);
	check_free(check);
}

static void the_environment_is_what_the_configuration_says(void **state)
{
	static const char *const command[] = { "/bin/sh", "-c", "echo $ONE $LANG $HOME; pwd",
					       NULL };
	static const struct option_pair pairs[] = { { "ONE", "1 = one", false },
						    { "LANG", "C", false } };
	struct harness *harness = *state;
	struct exec_options *options = harness_fill(harness, "exec");
	struct check *check;

	(void)setenv("HOME", "/secret", 1);
	options->command = command;
	options->env = (struct option_pairs){ pairs, 2 };
	options->cwd = "/usr";
	check = run_for(harness, options, patience);
	assert_string_equal(text_string(&check->observation.body), "1 = one C\n/usr\n");
	check_free(check);
}

static void output_beyond_the_limit_is_cut(void **state)
{
	static const char *const command[] = { "/bin/sh", "-c", "head -c 100000 /dev/zero", NULL };
	struct harness *harness = *state;
	struct exec_options *options = harness_fill(harness, "exec");
	struct check *check;

	options->command = command;
	options->output_limit = 1234;
	check = run_for(harness, options, patience);
	assert_int_equal(check->observation.body.len, 1234);
	assert_true(check->observation.body_is_cut);
	assert_int_equal(check->observation.process->exit, 0);
	check_free(check);
}

static void a_cancelled_check_is_done_once(void **state)
{
	static const char *const command[] = { "/bin/sleep", "1000", NULL };
	struct harness *harness = *state;
	struct exec_options *options = harness_fill(harness, "exec");
	struct check *check;

	options->command = command;
	check = harness_check_of(harness, "exec", options, patience);
	harness_start(harness, check);
	probe_exec.cancel(check);
	assert_int_equal(harness->done, 0);
	harness_wait(harness, 1);
	assert_true(check->is_cancelled);
	check_free(check);
	while (children_count(harness->tools->children) > 0)
		assert_int_equal(event_base_loop(harness->base, EVLOOP_ONCE), 0);
	assert_int_equal(harness->done, 1);
}

static void the_target_is_the_command(void **state)
{
	static const char *const command[] = { "check_disk", "-w", "10%", NULL };
	struct exec_options *options = harness_fill(*state, "exec");
	char *target;

	options->command = command;
	target = probe_exec.target(options);
	assert_string_equal(target, "check_disk -w 10%");
	assert_null(probe_exec.host(options));
	free(target);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, harness_set_up, harness_tear_down)
	const struct CMUnitTest claims[] = {
		CLAIM(a_program_is_seen_whole),
		CLAIM(an_exit_status_is_said_not_judged),
		CLAIM(exit_statuses_of_plugins_have_their_meaning),
		CLAIM(half_of_a_secret_is_not_shown_where_a_line_is_cut),
		CLAIM(what_runs_too_long_is_ended_and_says_so),
		CLAIM(what_is_not_there_is_unknown_not_down),
		CLAIM(without_a_place_it_is_this_hosts_fault),
		CLAIM(the_environment_is_what_the_configuration_says),
		CLAIM(output_beyond_the_limit_is_cut),
		CLAIM(a_cancelled_check_is_done_once),
		CLAIM(the_target_is_the_command),
	};
#undef CLAIM

	return cmocka_run_group_tests(claims, NULL, NULL);
}
