/* strip.h - one line of a screen, laid out in columns.
 *
 * Widths are columns of the terminal, as wcwidth(3) has them; nothing is ever wider than
 * the strip.  What is put on it is escaped, and where the terminal shows ASCII alone the
 * rest becomes question marks.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* One check in a sparkline. */
struct spark {
	uint32_t latency; /* microseconds, saturating; 0: not measured */
	uint8_t kind; /* enum verdict_kind */
};

struct strip {
	struct text text; /* what goes to the terminal */
	size_t width, used;
	const char *base; /* an SGR sequence for the whole line, or NULL; borrowed */
	bool has_color, has_utf8;
};

void strip_done(struct strip *strip);
/* Empty again. */
void strip_begin(struct strip *strip, const char *base);
/* At most `columns` of the text; a longer one ends in an ellipsis.  `color` is an SGR
 * sequence or NULL.
 */
void strip_put(struct strip *strip, const char *text, size_t columns, const char *color);
/* The same, in as many columns as are left. */
void strip_put_all(struct strip *strip, const char *text, const char *color);
/* At the right end of exactly so many columns. */
void strip_put_right(struct strip *strip, const char *text, size_t columns);
/* Blanks up to that column, from 0. */
void strip_fill(struct strip *strip, size_t upto);
/* The last `columns` checks, the newest at the right: as high as their latency on a scale
 * of their own, and what did not pass as the glyph of its state.
 */
void strip_spark(struct strip *strip, const struct spark *sparks, size_t count, size_t columns);
/* Ends the line: nothing is left switched on. */
const char *strip_end(struct strip *strip);

/* How many columns a text takes, escaped. */
size_t strip_columns(const char *text, bool has_utf8);
