/* files.h - the main file and all that it includes, read into trees. */
#pragma once

#include "config/source.h"

struct arena;

enum {
	FILES_MAX = 10000,
	FILES_DEPTH_MAX = 8,
	FILES_MAX_BYTES = 256 * 1024 * 1024,
};

/* What was read, for the same to be read again.  Immutable, counted by references; the sources
 * themselves (their index of lines) are for one thread at a time.
 */
struct texts {
	struct source **sources; /* owned, with the array; in the order of reading */
	unsigned count;
	_Atomic(unsigned) references;
};

struct files {
	struct source **sources; /* owned unless `texts` has them; in the order of reading */
	struct value *roots; /* owned array; in the arena below; a mapping, or nothing, each */
	unsigned count, room;
	uint64_t bytes;
	bool is_broken; /* one could not be read, so that names may be missing */
	struct texts *texts; /* one reference; or NULL */
};

/* Complains about everything; what could be read is in *files all the same.  Large files are read by so
 * many threads, this one included.
 */
void files_read(struct files *files, const char *path, unsigned threads, struct arena *arena,
		struct complaints *complaints);
/* From texts that were good before. */
void files_read_again(struct files *files, struct texts *texts, struct arena *arena,
		      struct complaints *complaints);
void files_done(struct files *files);

/* What was read, as something to keep: a reference. */
struct texts *files_texts(struct files *files);
void texts_unref(struct texts *texts);

/* The one a value comes from (value->file), or NULL. */
struct source *files_find(const struct files *files, const char *name);
/* Where byte `offset` of a scalar stands. */
struct place files_place_in(const struct files *files, const struct value *scalar, size_t offset);
