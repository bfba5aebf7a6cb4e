/* source.h - one file of the configuration as text: to read it once, and to find
 * places in it again.
 *
 * One thread.  The text lives as long as the source, since complaints point into it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "option/value.h"

enum { SOURCE_MAX_BYTES = 16 * 1024 * 1024 };

struct source {
	char *name; /* owned; as people named it */
	char *text; /* owned; a NUL behind it */
	size_t len;
	dev_t device;
	ino_t inode;
	mode_t mode;
	uint32_t *lines; /* owned; where each begins, made at the first question */
	uint32_t lines_count;
	bool has_warned; /* that everybody can read a secret in it */
};

/* Opens, looks and reads through one descriptor, so that nothing can be put in its
 * place meanwhile.  Regular files of at most SOURCE_MAX_BYTES only, and never waits for a
 * FIFO.  NULL after a complaint at `from` (or, with NULL, about the file itself).
 */
struct source *source_open(const char *path, const struct place *from,
			   struct complaints *complaints);
void source_free(struct source *source);

/* Complains about what is no text a configuration may be made of: other encodings,
 * control characters.  0 or -EINVAL.
 */
int source_examine(const struct source *source, struct complaints *complaints);

/* Line `number` from 1, without its end; empty where there is none. */
const char *source_line(struct source *source, uint32_t number, size_t *ret_len);
/* Where a byte stands. */
struct place source_place(struct source *source, size_t offset);
/* Where byte `offset` of the scalar's text stands in the file, whatever quotes, escapes and
 * folded lines lie between.
 */
struct place source_place_in(struct source *source, const struct value *scalar, size_t offset);
