/* regex.h - regular expressions over what strangers send, within a budget.
 *
 * Source: pcre2pattern(3), pcre2api(3); PCRE2 10.42.  \C is refused.
 *
 * Threads: a compiled expression never changes and may be matched by several
 * threads at once.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "expect/budget.h"

struct regex;

enum regex_flag {
	REGEX_CASELESS = 1 << 0, /* i */
	REGEX_MULTILINE = 1 << 1, /* m: ^ and $ at every line */
	REGEX_DOTALL = 1 << 2, /* s: a dot takes line ends too */
	REGEX_EXTENDED = 1 << 3, /* x: blanks and comments in the pattern */
	REGEX_WHOLE = 1 << 4, /* the whole subject has to match */
	REGEX_CODES = 1 << 5, /* pattern and subjects are valid UTF-8, which nobody checks again */
};

struct regex_fault {
	size_t offset; /* byte of the pattern where it was noticed */
	char message[160];
};

/* 0, -EINVAL with `ret_fault` filled in for a pattern that is at fault, or
 * -E2BIG with the same for one that is too large.  `flags` is made of enum regex_flag.
 */
int regex_compile(const char *pattern, size_t len, unsigned flags, struct regex **ret,
		  struct regex_fault *ret_fault);
void regex_free(struct regex *regex);

/* 1 if `subject` matches somewhere (REGEX_WHOLE: as a whole), 0 if it does not,
 * -ETIMEDOUT if the budget ran out, -E2BIG if its steps or the limits on backtracking did.
 * In UTF mode if the subject is valid UTF-8, else byte for byte.
 */
int regex_match(const struct regex *regex, const char *subject, size_t len, struct budget *budget);

/* Where a match or a group of it is, in bytes; from > to: it took no part. */
struct regex_part {
	size_t from, to;
};

/* The same, and where: `parts` gets the match and its groups (at most `max`, at least one).
 * Where the subject `is_open`, that is, may go on, -EAGAIN says that what comes may make a
 * match, or a longer one.
 */
int regex_find(const struct regex *regex, const char *subject, size_t len, bool is_open,
	       struct budget *budget, struct regex_part *parts, unsigned max);
/* It matches at the start or not at all, whatever follows. */
bool regex_is_anchored(const struct regex *regex);

static inline void cleanup_regex(struct regex **regex)
{
	if (*regex)
		regex_free(*regex);
}
