/* glob.h - * and ? over a whole text, bytes compared exactly.
 *
 * `*` is any bytes, `?` one character of UTF-8 (or one byte where it is not
 * UTF-8).  Time is bounded by pattern length times text length.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

bool glob_matches(const char *pattern, size_t pattern_len, const char *text, size_t len);
/* The same for NUL-terminated texts. */
bool glob_matches_name(const char *pattern, const char *name);
