/* readers.h - a large file, read by several threads.
 *
 * Half of what it takes to load a hundred thousand endpoints is to read the YAML.  Whoever has
 * nothing else to do, because it only starts, has the other CPUs help.
 */
#pragma once

#include "config/source.h"

struct arena;

/* What tree_read() does, complaints and all.  `least`: of a part, in bytes; `most`: threads, this one
 * included.
 */
int readers_read(struct source *source, size_t least, unsigned most, struct arena *arena,
		 struct complaints *complaints, struct value *ret_root);
