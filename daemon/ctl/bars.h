/* bars.h - numbers as a line of bars, as wide as there is room for. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct text;

enum { BARS_MAX = 200 };

/* Adds a glyph for each column: those of `count` values that fall together in one are shown by the
 * worst of them.  A value below 0 is not known.  `width` is at most BARS_MAX.
 */

/* Shares of time, 0 to 1: the lowest counts, and what is not quite 1 never looks so. */
void bars_print_shares(struct text *text, const double *values, size_t count, size_t width,
		       bool has_utf8);
/* Lengths: the greatest counts, and of all of them reaches the top. */
void bars_print_lengths(struct text *text, const double *values, size_t count, size_t width,
			bool has_utf8);
