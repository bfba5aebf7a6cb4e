/* line.h - what waits, oldest first: a pairing heap of things that know their place.
 *
 * A thing stands in one line at a time.  Putting is O(1), taking out O(log n)
 * amortised, and nothing is allocated, so there can be a line for each of
 * 100,000 hosts.  Source: Fredman, Sedgewick, Sleator, Tarjan, "The pairing
 * heap", 1986.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"

struct spot {
	usec_t due; /* not changed while it stands in a line */
	struct spot *child, *next; /* borrowed */
	struct spot
		*before; /* borrowed; its left neighbour, or its parent if it is the first child */
};

struct line {
	struct spot *first; /* borrowed; the oldest; NULL: nobody waits */
};

void line_put(struct line *line, struct spot *spot, usec_t due);
void line_remove(struct line *line, struct spot *spot);
