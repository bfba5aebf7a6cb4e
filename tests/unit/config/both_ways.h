/* both_ways.h - a file that several threads read, beside what one thread makes of it. */
#pragma once

#include <stddef.h>

/* Asserts that both find the same values at the same places, or complain about the same; how many
 * parts there were.  A few lines are large here.
 */
unsigned both_ways_read(const char *text, size_t len);
