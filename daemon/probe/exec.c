/* exec.c - probe exec: runs a program and looks at how it ends and what it prints.
 *
 * Programs are given to no shell, and nothing of the daemon's: not its environment, not
 * its descriptors.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mask.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/units.h"
#include "expect/expect.h"
#include "loop/child.h"
#include "model/process.h"
#include "option/command.h"
#include "probe/exec.h"
#include "probe/plugin.h"
#include "probe/probe.h"
#include "probe/probing.h"

/* Of a plugin: 0 is well, 1 a warning, 2 a failure; from here on it could not tell. */
enum { EXIT_WARNING = 1, EXIT_UNKNOWN = 3 };

/* One run of one program. */
struct exec_probing {
	struct probing probing; /* the first member */
	struct child *child; /* borrowed */
};

/* --- Keys ------------------------------------------------------------------------------ */

static const struct option_word styles[] = { { "plain", EXEC_PLAIN },
					     { "nagios", EXEC_NAGIOS },
					     { 0 } };

static const struct option exec_options[] = {
	{
		.key = "command",
		.kind = OPTION_TEXTS,
		.is_required = true,
		.has_each = true,
		.secrets_in = "env",
		.offset = MEMBER(struct exec_options, command, const char *const *),
		.about = "The program, as a path or a name in PATH, and its arguments, one text "
			 "each.  No shell reads them.",
		.example = "[/usr/lib/nagios/plugins/check_load, -w, '5']",
		.elsewhere = "cmd args argv",
	},
	{
		.key = "style",
		.kind = OPTION_CHOICE,
		.offset = MEMBER(struct exec_options, style, enum exec_style),
		.fallback = "plain",
		.words = styles,
		.about = "plain: exit status 0 is well, others are not. nagios: 0 is well, 1 a "
			 "warning, 2 a failure, all others mean that the plugin could not tell.",
	},
	{
		.key = "env",
		.kind = OPTION_PAIRS,
		.offset = MEMBER(struct exec_options, env, struct option_pairs),
		.check_key = command_check_variable,
		.about = "Variables of its environment, beside PATH and LANG.",
		.example = "{ KUBECONFIG: /etc/picket/kubeconfig }",
		.elsewhere = "environment",
	},
	{
		.key = "cwd",
		.kind = OPTION_PATH,
		.offset = MEMBER(struct exec_options, cwd, const char *),
		.about = "Folder to start it in, / unless given.",
		.example = "/var/lib/picket",
		.elsewhere = "dir directory folder workdir",
	},
	{
		.key = "output_limit",
		.kind = OPTION_SIZE,
		.offset = MEMBER(struct exec_options, output_limit, size_t),
		.min = 1,
		.max = 64 * 1024 * 1024,
		.about = "Keep no more of what it prints than this, instead of 'limits: output'.",
		.example = "1MiB",
	},
	OPTION_END
};

static void examine(const void *object, struct complaints *complaints,
		    const struct option_places *places)
{
	const struct exec_options *options = object;

	command_examine(options->command, complaints, places);
}

static const struct option_table exec_table = {
	.options = exec_options,
	.size = sizeof(struct exec_options),
	.short_key = "command",
	.examine = examine,
};

/* --- What it came to ------------------------------------------------------------------- */

/* What the program says itself, else how it ended. */
static void print_reason(struct text *reason, const struct check *check, int status)
{
	const struct observation *seen = &check->observation;
	const struct process_facts *process = seen->process;
	const char *line = process->said ? process->said : text_string(&process->errors);
	size_t len;

	line += strspn(line, " \t\r\n");
	if (!*line)
		line = text_string(&seen->body) + strspn(text_string(&seen->body), " \t\r\n");
	len = strcspn(line, "\r\n");
	reason->limit_bytes = 512;
	if (!process->said) {
		text_print(reason, "exit status %d", status);
		text_append(reason, len ? ": " : "");
	}
	mask_append_escaped(reason, line, len, check->endpoint->secrets);
}

static void note_exit(struct check *check, enum exec_style style, int status)
{
	struct observation *seen = &check->observation;
	struct text reason = { 0 };

	seen->process->has_exited = true;
	seen->process->exit = status;
	if (style == EXEC_NAGIOS)
		plugin_read(text_string(&seen->body), seen->body.len, seen->process);
	if (status == 0)
		return;
	print_reason(&reason, check, status);
	if (style == EXEC_NAGIOS && status >= EXIT_UNKNOWN) {
		observation_fail(seen, CLASS_plugin_unknown, PHASE_TRANSFER, "%s",
				 text_string(&reason));
	} else {
		seen->says = CLASS_exec_exit;
		seen->says_warn = style == EXEC_NAGIOS && status == EXIT_WARNING;
		seen->detail = memory_text(text_string(&reason));
	}
	text_done(&reason);
}

static void note_signal(struct observation *seen, int signal)
{
	const char *name = sigabbrev_np(signal);

	seen->process->signal = signal;
	observation_fail(seen, CLASS_exec_signal, PHASE_TRANSFER, "ended by signal %d%s%s", signal,
			 name ? ", SIG" : "", name ? name : "");
}

static void note_timeout(struct observation *seen, const struct check *check,
			 const struct child_result *result)
{
	struct text timeout = { 0 };

	units_duration_print(&timeout, check->endpoint->timeout);
	observation_fail(seen, CLASS_timeout, result->took ? PHASE_TRANSFER : PHASE_REQUEST,
			 "it had not ended after %s%s%s", text_string(&timeout),
			 result->detail ? ": " : "", result->detail ? result->detail : "");
	text_done(&timeout);
}

static void note_absence(struct observation *seen, const struct exec_options *options,
			 const struct child_result *result)
{
	const bool is_local = result->outcome == CHILD_LOCAL;

	observation_fail(seen, is_local ? CLASS_local : CLASS_plugin_unknown, PHASE_REQUEST,
			 "'%s' could not be run: %s%s%s", options->command[0],
			 result->detail ? result->detail : strerror(result->error),
			 is_local || !result->detail ? "" : ": ",
			 is_local || !result->detail ? "" : strerror(result->error));
}

static void note(struct check *check, struct child_result *result)
{
	struct observation *seen = &check->observation;
	const struct exec_options *options = check->endpoint->options;

	seen->process = MEMORY_NEW(struct process_facts);
	seen->process->errors = result->errors;
	seen->process->errors.is_cut = result->errors_are_cut;
	seen->body = result->output;
	seen->body_is_cut = result->output_is_cut;
	result->output = result->errors = (struct text){ 0 };
	if (result->took)
		observation_set_phase(seen, PHASE_TRANSFER, result->took);
	/* What did not run took no time that could be told. */
	seen->latency = result->took ? result->took : USEC_NEVER;
	switch (result->outcome) {
	case CHILD_EXITED:
		note_exit(check, options->style, result->status);
		break;
	case CHILD_SIGNALED:
		note_signal(seen, result->status);
		break;
	case CHILD_TIMED_OUT:
		note_timeout(seen, check, result);
		break;
	case CHILD_NOT_STARTED:
	case CHILD_LOCAL:
	default:
		note_absence(seen, options, result);
	}
}

static void ended(struct child_result *result, void *context)
{
	struct exec_probing *exec = context;

	note(exec->probing.check, result);
	probing_end(&exec->probing);
}

/* The child has the same deadline, and reports when it has been ended. */
static void expire(struct probing *probing)
{
}

static void stop(struct probing *probing)
{
	child_cancel(((struct exec_probing *)probing)->child);
}

static void release(struct probing *probing)
{
	free(probing);
}

static const struct probing_verbs verbs = { .expire = expire, .stop = stop, .release = release };

/* --- The probe ------------------------------------------------------------------------- */

/* PATH and LANG, then what the configuration says, which counts more.  Free each, and it. */
static char **make_environment(const struct option_pairs *env)
{
	char **list = memory_new(env->count + 3u, sizeof(*list));
	size_t count = 0;
	bool has_path = false, has_lang = false;

	for (unsigned i = 0; i < env->count; i++) {
		const struct option_pair *pair = &env->pairs[i];

		has_path = has_path || strcmp(pair->key, "PATH") == 0;
		has_lang = has_lang || strcmp(pair->key, "LANG") == 0;
		list[count++] = memory_print("%s=%s", pair->key, pair->value);
	}
	if (!has_path)
		list[count++] = memory_text("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"
					    ":/sbin:/bin");
	if (!has_lang)
		list[count++] = memory_text("LANG=C.UTF-8");
	return list;
}

static void exec_start(struct check *check, struct probe_tools *tools, probe_done *done,
		       void *context)
{
	const struct exec_options *options = check->endpoint->options;
	const size_t limit =
		options->output_limit ? options->output_limit : check->limits->output_bytes;
	struct exec_probing *exec = MEMORY_NEW(struct exec_probing);
	char **environment = make_environment(&options->env);
	const struct child_request request = {
		.argv = options->command,
		.environment = (const char *const *)environment,
		.folder = options->cwd,
		.output_bytes = limit,
		.errors_bytes = check->limits->output_bytes,
		.deadline = check->deadline,
		.token = check->endpoint->hash,
	};

	probing_begin(&exec->probing, &verbs, check, tools, done, context);
	exec->child = child_start(tools->children, &request, ended, exec);
	for (char **entry = environment; *entry; entry++)
		free(*entry);
	free(environment);
}

static char *exec_target(const void *options)
{
	const struct exec_options *exec = options;
	struct text target = { .limit_bytes = 1024 };

	for (const char *const *word = exec->command; *word; word++)
		text_print(&target, "%s%s", word == exec->command ? "" : " ", *word);
	return text_take(&target);
}

static char *exec_host(const void *options)
{
	return NULL;
}

const struct probe_type probe_exec = {
	.name = "exec",
	.about = "Runs a program and looks at its exit status and output.",
	.table = &exec_table,
	.short_key = "command",
	.subjects = SUBJECTS_ALL | SUBJECTS_BODY | SUBJECTS_EXEC,
	.stays = true,
	.expects = "exit == 0",
	.expects_unless = "exit",
	.is_child = true,
	.target = exec_target,
	.host = exec_host,
	.start = exec_start,
	.cancel = probing_cancel,
};
