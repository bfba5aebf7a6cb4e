/* glob.c - * and ? over a whole text. */
#include <stdint.h>
#include <string.h>

#include "base/glob.h"
#include "base/utf8.h"

/* Where the last star may end at the earliest, from `t` on: in front of a byte that the pattern
 * has behind it.  The byte begins a character or is one, so it is never found within one.
 */
static size_t skip(const char *pattern, size_t pattern_len, size_t p, const char *text, size_t len,
		   size_t t)
{
	const char *found;

	if (p == pattern_len)
		return len;
	if (pattern[p] == '?' || pattern[p] == '*' || (pattern[p] & 0xc0) == 0x80)
		return t;
	found = memchr(text + t, pattern[p], len - t);
	return found ? (size_t)(found - text) : len;
}

bool glob_matches(const char *pattern, size_t pattern_len, const char *text, size_t len)
{
	size_t p = 0, t = 0, star = SIZE_MAX, retry = 0;

	while (t < len) {
		uint32_t code;
		size_t step;

		if (p < pattern_len && pattern[p] == '*') {
			star = p++;
			retry = t = skip(pattern, pattern_len, p, text, len, t);
		} else if (p < pattern_len && pattern[p] == '?') {
			step = utf8_next(text + t, len - t, &code);
			t += step ? step : 1;
			p++;
		} else if (p < pattern_len && pattern[p] == text[t]) {
			p++;
			t++;
		} else if (star != SIZE_MAX) {
			/* Only the last star is ever widened: that is enough, and keeps the bound. */
			step = utf8_next(text + retry, len - retry, &code);
			p = star + 1;
			retry = t =
				skip(pattern, pattern_len, p, text, len, retry + (step ? step : 1));
		} else {
			return false;
		}
	}
	while (p < pattern_len && pattern[p] == '*')
		p++;
	return p == pattern_len;
}

bool glob_matches_name(const char *pattern, const char *name)
{
	return glob_matches(pattern, strlen(pattern), name, strlen(name));
}
