/* literal.h - what stands for itself in an expectation: 200, 800ms, 64KiB, 20%, "text". */
#pragma once

#include <stddef.h>

#include "expect/value.h"

/* A number, duration, size or percentage.  0, or -EINVAL with a sentence in
 * `fault` about what it should be.
 */
int literal_quantity(const char *data, size_t len, struct value *ret, struct text *fault);

/* A text with its quotes.  `each` (or NULL) replaces ${each}.  The value owns its memory.
 * 0, or -EINVAL with a sentence in `fault` and the byte it is about in `ret_at`.
 */
int literal_text(const char *data, size_t len, const char *each, struct value *ret,
		 struct text *fault, size_t *ret_at);

/* A whole text that is a number as JSON writes them: 0 or -EINVAL. */
int literal_number(const char *data, size_t len, struct value *ret);
