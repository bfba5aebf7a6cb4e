/* like.c - * and ? over a whole text that a stranger sent, within a budget. */
#include <stdbool.h>
#include <stdint.h>

#include "base/utf8.h"
#include "expect/like.h"

enum { STEPS_AT_ONCE = 256 };

static size_t character(const char *text, size_t len)
{
	uint32_t code;
	const size_t step = utf8_next(text, len, &code);

	return step ? step : 1;
}

int like_matches(const char *pattern, size_t pattern_len, const char *text, size_t len,
		 struct budget *budget)
{
	size_t p = 0, t = 0, star = SIZE_MAX, retry = 0;

	for (unsigned step = 1; t < len; step++) {
		if (step % STEPS_AT_ONCE == 0) {
			const int r = budget_spend(budget, STEPS_AT_ONCE);

			if (r < 0)
				return r;
		}
		if (p < pattern_len && pattern[p] == '*') {
			star = p++;
			retry = t;
		} else if (p < pattern_len && pattern[p] == '?') {
			t += character(text + t, len - t);
			p++;
		} else if (p < pattern_len && pattern[p] == text[t]) {
			p++;
			t++;
		} else if (star != SIZE_MAX) {
			/* Only the last star is ever widened: that is enough, and keeps the bound. */
			retry += character(text + retry, len - retry);
			t = retry;
			p = star + 1;
		} else {
			return 0;
		}
	}
	while (p < pattern_len && pattern[p] == '*')
		p++;
	return p == pattern_len;
}
