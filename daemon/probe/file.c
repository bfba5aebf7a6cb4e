/* file.c - probe file: whether a file is there, how old and how large it is, and what it holds.
 *
 *   start --[path]--> picketd itself, as a child --head, content--> looked
 *
 * The look is file_look()'s, in a process of its own, which is left behind where a file
 * system hangs; of each endpoint at most one, and of all at most exec_concurrent.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/units.h"
#include "expect/expect.h"
#include "loop/child.h"
#include "model/file.h"
#include "probe/file.h"
#include "probe/file_look.h"
#include "probe/probe.h"
#include "probe/probing.h"

/* What a child says of what went wrong: a number, or a complaint of its loader. */
enum { ERRORS_BYTES = 256 };

/* One look at one file. */
struct file_probing {
	struct probing probing; /* the first member */
	struct child *child; /* borrowed */
	size_t limit_bytes; /* of the body; 0: nobody asks for it */
};

/* --- Keys ------------------------------------------------------------------------------ */

static const struct option file_options[] = { {
						      .key = "path",
						      .kind = OPTION_PATH,
						      .is_required = true,
						      .has_each = true,
						      .offset = MEMBER(struct file_options, path,
								       const char *),
						      .about = "The file; links are followed.",
						      .example = "/var/backups/nightly.tar.zst",
						      .elsewhere = "file name filename",
					      },
					      OPTION_END };

static const struct option_table file_table = {
	.options = file_options,
	.size = sizeof(struct file_options),
	.short_key = "path",
};

/* --- What it came to ------------------------------------------------------------------- */

/* What the child wrote before the content.  Its length, or 0 where it is not there. */
static size_t read_head(const struct text *output, struct file_facts *ret)
{
	const char *end = memchr(text_string(output), '\n', output->len);
	unsigned long long size;
	long long seconds;
	long nanoseconds;

	if (!end || sscanf(output->data, "%llu %lld %ld", &size, &seconds, &nanoseconds) != 3)
		return 0;
	ret->size_bytes = size;
	ret->modified = (int64_t)seconds * (int64_t)USEC_PER_SEC + nanoseconds / 1000;
	return (size_t)(end - output->data) + 1;
}

/* Whether it got as far as the file itself. */
static bool note_content(struct observation *seen, const struct child_result *result,
			 size_t limit_bytes)
{
	struct file_facts facts;
	const size_t head = read_head(&result->output, &facts);

	if (head == 0)
		return false;
	seen->file = MEMORY_NEW(struct file_facts);
	*seen->file = facts;
	text_append_len(&seen->body, result->output.data + head, result->output.len - head);
	/* One that grows may be longer than it said. */
	seen->body_is_cut = facts.size_bytes > seen->body.len ||
			    (facts.size_bytes < seen->body.len && seen->body.len == limit_bytes);
	return true;
}

static void note_step(struct observation *seen, const struct child_result *result)
{
	const int error = (int)strtol(text_string(&result->errors), NULL, 10);

	switch (result->status) {
	case FILE_DONE:
		break;
	case FILE_STAT:
		observation_fail(seen,
				 error == ENOENT || error == ENOTDIR ? CLASS_file_missing
								     : CLASS_file_failure,
				 PHASE_REQUEST, "the file can't be found: %s", strerror(error));
		break;
	case FILE_KIND:
		observation_fail(seen, CLASS_file_failure, PHASE_REQUEST,
				 "what is there is no regular file");
		break;
	case FILE_OPEN:
		observation_fail(seen, error == ENOENT ? CLASS_file_missing : CLASS_file_failure,
				 PHASE_REQUEST, "the file can't be opened: %s", strerror(error));
		break;
	case FILE_READ:
		observation_fail(seen, CLASS_file_failure, PHASE_TRANSFER,
				 "the file can't be read to its end: %s", strerror(error));
		break;
	default:
		observation_fail(seen, CLASS_local, PHASE_REQUEST,
				 "picketd could not look at it: exit status %d", result->status);
	}
}

static void note_timeout(struct observation *seen, const struct check *check,
			 const struct child_result *result, bool is_reading)
{
	struct text timeout = { 0 };

	units_duration_print(&timeout, check->endpoint->timeout);
	observation_fail(seen, CLASS_timeout, is_reading ? PHASE_TRANSFER : PHASE_REQUEST,
			 "the file system had not answered after %s%s%s", text_string(&timeout),
			 result->detail ? ": " : "", result->detail ? result->detail : "");
	text_done(&timeout);
}

static void note(struct observation *seen, const struct check *check,
		 const struct child_result *result, size_t limit_bytes)
{
	const bool is_reading = note_content(seen, result, limit_bytes);

	if (result->took)
		observation_set_phase(seen, PHASE_TRANSFER, result->took);
	seen->latency = result->took;
	switch (result->outcome) {
	case CHILD_EXITED:
		note_step(seen, result);
		if (!seen->class && !is_reading)
			observation_fail(seen, CLASS_local, PHASE_REQUEST,
					 "picketd looked at it and said nothing");
		break;
	case CHILD_TIMED_OUT:
		note_timeout(seen, check, result, is_reading);
		break;
	case CHILD_SIGNALED:
		observation_fail(seen, CLASS_local, PHASE_REQUEST,
				 "who looked at it was ended by signal %d", result->status);
		break;
	case CHILD_NOT_STARTED:
	case CHILD_LOCAL:
	default:
		observation_fail(seen, CLASS_local, PHASE_REQUEST, "nobody could look at it: %s",
				 result->detail ? result->detail : strerror(result->error));
	}
}

static void looked(struct child_result *result, void *context)
{
	struct file_probing *file = context;

	note(&file->probing.check->observation, file->probing.check, result, file->limit_bytes);
	probing_end(&file->probing);
}

/* The child has the same deadline, and reports when it has been ended. */
static void expire(struct probing *probing)
{
}

static void stop(struct probing *probing)
{
	child_cancel(((struct file_probing *)probing)->child);
}

static void release(struct probing *probing)
{
	free(probing);
}

static const struct probing_verbs verbs = { .expire = expire, .stop = stop, .release = release };

/* --- The probe ------------------------------------------------------------------------- */

/* Its size is known without. */
static bool asks_for_content(const struct program *program)
{
	return program_mentions(program, "body") || program_mentions(program, "json");
}

static void file_start(struct check *check, struct probe_tools *tools, probe_done *done,
		       void *context)
{
	static const char *const environment[] = { NULL };
	const struct endpoint *endpoint = check->endpoint;
	const struct file_options *options = endpoint->options;
	struct file_probing *file = MEMORY_NEW(struct file_probing);
	char limit[24];
	const char *const argv[] = { "/proc/self/exe", FILE_LOOK_WORD, limit, NULL };
	struct child_request request = {
		.argv = argv,
		.environment = environment,
		.input = options->path,
		.input_len = strlen(options->path),
		.errors_bytes = ERRORS_BYTES,
		.deadline = check->deadline,
		.token = endpoint->hash,
	};

	if (asks_for_content(endpoint->expect) || asks_for_content(endpoint->warn))
		file->limit_bytes = check->limits->body_bytes;
	request.output_bytes = FILE_LOOK_HEAD_MAX + file->limit_bytes;
	(void)snprintf(limit, sizeof(limit), "%zu", file->limit_bytes);
	probing_begin(&file->probing, &verbs, check, tools, done, context);
	file->child = child_start(tools->children, &request, looked, file);
}

static char *file_target(const void *options)
{
	return memory_text(((const struct file_options *)options)->path);
}

static char *file_host(const void *options)
{
	return NULL;
}

const struct probe_type probe_file = {
	.name = "file",
	.about = "Looks whether a file is there, how old and large it is, and what it holds.",
	.table = &file_table,
	.short_key = "path",
	.subjects = SUBJECTS_ALL | SUBJECTS_BODY | SUBJECTS_FILE,
	.is_child = true,
	.stays = true,
	.target = file_target,
	.host = file_host,
	.start = file_start,
	.cancel = probing_cancel,
};
