/* like.h - * and ? over a whole text that a stranger sent, within a budget.
 *
 * The rules are those of base/glob.h, whose time grows with pattern times text.
 */
#pragma once

#include <stddef.h>

#include "expect/budget.h"

/* 1, 0, or what budget_spend() says. */
int like_matches(const char *pattern, size_t pattern_len, const char *text, size_t len,
		 struct budget *budget);
