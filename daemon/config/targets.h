/* targets.h - what one source of discovery says: targets, and the labels they bring.
 *
 * All of it comes from outside: it is read whole or not at all, and every number and
 * length in it has a bound.  A set is immutable and counted by references; any thread.
 * Source: Prometheus, file_sd_config and http_sd_config.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "model/endpoint.h"

struct arena; /* base/arena.h */
struct text;

enum {
	TARGETS_MAX = 100000,
	TARGETS_BYTES_MAX = 16 * 1024 * 1024, /* of a document */
	TARGETS_NODES_MAX = 3000000, /* texts, lists and mappings in it, at a rough count */
	TARGETS_FILES_MAX = 1000,
	TARGET_BYTES_MAX = 1024,
	TARGET_LABELS_MAX = 64,
	TARGET_LABEL_BYTES_MAX = 1024,
};

struct target {
	const char *name; /* "192.0.2.1:9100", a host, a URL */
	const struct label *labels; /* shared with others */
	unsigned labels_count;
};

struct targets {
	const struct target *list; /* sorted by name, each name once: of several the first counts */
	unsigned count;
	unsigned twice; /* that were there before */
	uint64_t digest; /* equal for equal sets, in whatever order they came */

	/* Within config/: */
	_Atomic(unsigned) references;
	struct arena *arena; /* owned; of everything but this struct */
};

enum targets_form { TARGETS_JSON, TARGETS_YAML };

/* A list of {"targets": ["HOST:PORT"], "labels": {"name": "text"}}.  Labels that begin with
 * "__", and those that picket's own metrics carry, are left out.  One reference; -EINVAL
 * and a sentence where it is something else.  `name` is what YAML calls itself in it.
 */
int targets_parse(const char *text, size_t len, enum targets_form form, const char *name,
		  struct targets **ret_targets, struct text *fault);
/* All files that match a pattern ending in .json, .yaml or .yml, together.  A pattern without
 * * and ? names a file that must be there.  `inotify` (or -1) gets a watch on the folder
 * they are in: *ret_watch, or -1.  May wait for a file system: not on the loop.  0, -EINVAL,
 * or -errno; with a sentence.
 */
int targets_read(const char *pattern, int inotify, int *ret_watch, struct targets **ret_targets,
		 struct text *fault);

struct targets *targets_ref(struct targets *targets);
void targets_unref(struct targets *targets);
