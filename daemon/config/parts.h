/* parts.h - within config/: a large file in parts that can be read one beside the other.
 *
 * Nearly all of a large file is the list of its endpoints, and where one of them begins is
 * seen from the text: a dash as far from the margin as the first one's, with nothing
 * nearer to the margin in between.  So the file is cut there.  Where that is not certain, it
 * is one part.
 *
 * Whether a cut was right the reading itself tells: within quotes or brackets the part
 * before it has no end, and is refused.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { PARTS_MAX = 4 };

struct part {
	size_t begin, end; /* bytes of the text */
	uint32_t line; /* lines before it */
};

/* At most `most` (up to PARTS_MAX) of at least `least` bytes each; how many, which is 1 for the
 * whole.  Every part but the first is a list of endpoints.
 */
unsigned parts_cut(const char *text, size_t len, size_t least, unsigned most,
		   struct part parts[PARTS_MAX]);
