/* tree.h - from the text of one YAML file to a tree of values.
 *
 * Bounds while reading: 64 KiB a scalar, 32 levels, and aliases that expand to at most 10,000
 * nodes or 64 times those of the file itself, whichever is more.  What it
 * refuses: tags, keys twice, keys that are no texts, control characters, several documents.
 */
#pragma once

#include "config/source.h"

struct arena;
struct part; /* config/parts.h */

enum {
	TREE_SCALAR_MAX = 64 * 1024,
	TREE_DEPTH_MAX = 32,
	TREE_EXPANDED_MIN = 10000,
	TREE_EXPANDED_FACTOR = 64,
};

/* The root is VALUE_NULL for a file without anything.  Complains about all it
 * finds; -EINVAL where the file cannot be read to its end or must not be used.
 */
int tree_read(struct source *source, struct arena *arena, struct complaints *complaints,
	      struct value *ret_root);
/* The same of a part, of a source that was examined; any thread, several at a time. */
int tree_read_part(const struct source *source, const struct part *part, struct arena *arena,
		   struct complaints *complaints, struct value *ret_root);
