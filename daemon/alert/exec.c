/* exec.c - tells by running a program, which gets the message on its standard input.
 *
 * Nothing of the message is in its arguments, and nothing secret may be: everybody on this host
 * can read those.
 */
#include <stdlib.h>
#include <string.h>

#include "alert/receiver.h"
#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "loop/child.h"
#include "option/command.h"

enum { OUTPUT_BYTES = 4096 };

struct exec_options {
	const char *const *command;
	struct option_pairs env;
};

struct delivery {
	struct child *child; /* borrowed */
	const struct receiver *receiver; /* borrowed */
	delivery_done *done;
	void *context;
};

static const struct option exec_options[] = {
	{
		.key = "command",
		.kind = OPTION_TEXTS,
		.is_required = true,
		.secrets_in = "env",
		.offset = MEMBER(struct exec_options, command, const char *const *),
		.about = "The program, as a path or a name in PATH, and its arguments, one text "
			 "each. No shell reads them.",
		.example = "[/usr/local/bin/page, --team, ops]",
		.elsewhere = "cmd args argv",
	},
	{
		.key = "env",
		.kind = OPTION_PAIRS,
		.offset = MEMBER(struct exec_options, env, struct option_pairs),
		.check_key = command_check_variable,
		.about =
			"Variables of its environment, beside PATH, LANG and what is described below.",
		.example = "{ TOKEN: '${credential:pager}' }",
		.elsewhere = "environment",
	},
	OPTION_END,
};

static void examine_exec(const void *object, struct complaints *complaints,
			 const struct option_places *places)
{
	const struct exec_options *options = object;

	command_examine(options->command, complaints, places);
}

static const struct option_table exec_table = {
	.options = exec_options,
	.size = sizeof(struct exec_options),
	.short_key = "command",
	.examine = examine_exec,
};

/* What it says first, on standard error or else on standard output. */
static void append_said(struct text *detail, const struct delivery *delivery,
			const struct child_result *result)
{
	const struct text *said = result->errors.len ? &result->errors : &result->output;
	const char *line = text_string(said) + strspn(text_string(said), " \t\r\n");

	if (!*line)
		return;
	text_append(detail, ": ");
	delivery_append_answer(detail, delivery->receiver, line, strcspn(line, "\r\n"));
}

static void ended(struct child_result *result, void *context)
{
	struct delivery *delivery = context;
	struct delivery_result said = { .outcome = DELIVERY_FAILED };
	cleanup(text)
	struct text detail = { 0 };

	switch (result->outcome) {
	case CHILD_EXITED:
		text_print(&detail, "exit status %d", result->status);
		if (result->status == 0)
			said.outcome = DELIVERY_TAKEN;
		else
			append_said(&detail, delivery, result);
		break;
	case CHILD_SIGNALED:
		text_print(&detail, "ended by signal %d", result->status);
		break;
	case CHILD_TIMED_OUT:
		text_append(&detail, "it had not ended in time");
		break;
	case CHILD_NOT_STARTED:
		said.outcome = DELIVERY_REFUSED;
		text_print(&detail, "it could not be run: %s", strerror(result->error));
		break;
	case CHILD_LOCAL:
	default:
		text_print(&detail, "it could not be run: %s",
			   result->detail ? result->detail : strerror(result->error));
	}
	said.detail = text_string(&detail);
	delivery->done(&said, delivery->context);
	free(delivery);
}

/* Free each, and it. */
static char **make_environment(const struct exec_options *options,
			       const struct notification *notification,
			       const struct receiver *receiver)
{
	const char *const names[] = { "PATH", "LANG" };
	const char *const values[] = {
		"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "C.UTF-8"
	};
	char **list = memory_new(options->env.count + 6u, sizeof(*list));
	size_t count = 0;

	for (unsigned i = 0; i < options->env.count; i++)
		list[count++] = memory_print("%s=%s", options->env.pairs[i].key,
					     options->env.pairs[i].value);
	for (unsigned i = 0; i < 2; i++) {
		bool has_own = false;

		for (unsigned j = 0; j < options->env.count; j++)
			has_own = has_own || strcmp(options->env.pairs[j].key, names[i]) == 0;
		if (!has_own)
			list[count++] = memory_print("%s=%s", names[i], values[i]);
	}
	list[count++] = memory_print("PICKET_RECEIVER=%s", receiver->name);
	list[count++] = memory_print("PICKET_NOTIFICATION=%s", notification->id);
	list[count++] =
		memory_print("PICKET_EVENT=%s", notification_event_name(notification->event));
	return list;
}

static struct delivery *exec_start(const struct delivery_tools *tools,
				   const struct receiver *receiver,
				   const struct notification *notification, delivery_done *done,
				   void *context)
{
	const struct exec_options *options = receiver->options;
	struct delivery *delivery = MEMORY_NEW(struct delivery);
	char **environment = make_environment(options, notification, receiver);
	const struct child_request request = {
		.argv = options->command,
		.environment = (const char *const *)environment,
		.input = notification->json,
		.input_len = strlen(notification->json),
		.output_bytes = OUTPUT_BYTES,
		.errors_bytes = OUTPUT_BYTES,
		.deadline = clock_now() + receiver->timeout,
	};

	delivery->receiver = receiver;
	delivery->done = done;
	delivery->context = context;
	delivery->child = child_start(tools->children, &request, ended, delivery);
	for (char **entry = environment; *entry; entry++)
		free(*entry);
	free(environment);
	return delivery;
}

static void exec_cancel(struct delivery *delivery)
{
	child_cancel(delivery->child);
	free(delivery);
}

const struct receiver_type receiver_exec = {
	.name = "exec",
	.about = "Tells by running a program.",
	.table = &exec_table,
	.is_child = true,
	.start = exec_start,
	.cancel = exec_cancel,
};
