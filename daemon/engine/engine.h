/* engine.h - the house at work: makes the rooms, introduces them to each other, ends them.
 *
 * Everything runs on the calling thread but what judges and the loader do on theirs.
 */
#pragma once

#include <stdbool.h>

struct engine;
struct snapshot;

struct engine_options {
	const char *socket; /* over the configuration's own; or NULL */
	const char *state_dir; /* the same */
	bool is_ephemeral; /* nothing is kept on the disk */
	bool is_once; /* one check of everything, no socket, no confirmation */
	const char *const *only; /* with is_once: globs of names, ended by NULL; NULL: all */
};

/* Makes the house around a snapshot, whose reference it takes.  Signals were blocked
 * before (loop/signals.h).  0, or -errno with a sentence (malloc'ed) in *ret_fault.
 */
int engine_new(struct snapshot *snapshot, const struct engine_options *options,
	       struct engine **ret_engine, char **ret_fault);

/* False where a second signal or the end of the grace left threads at work: what they
 * hold is not freed, and the process has to end by _exit(2), since the handlers of exit(3)
 * would take libraries from under them.
 */
bool engine_free(struct engine *engine);

/* Runs until a signal ends it or, with is_once, until all is checked.  Returns 0,
 * or the number of the signal that ended it.
 */
int engine_run(struct engine *engine);

/* After engine_run() with is_once: prints the result; whether all passed. */
bool engine_report(const struct engine *engine, bool as_json);
