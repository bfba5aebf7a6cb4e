/* regex_form.h - what regex.c compiles and regex_match.c matches; for these two only. */
#pragma once

#define PCRE2_CODE_UNIT_WIDTH 8

#include <pcre2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"
#include "expect/regex.h"

/* One compiled form, and what PCRE2 knows about where a match can start. */
struct form {
	pcre2_code *code; /* owned */
	const uint8_t *starts; /* borrowed from code: a bit for each first byte, or NULL */
	uint32_t start_kind; /* PCRE2_INFO_FIRSTCODETYPE: 1 is `first`, 2 is after a line end */
	unsigned char first;
	bool needs_last; /* `last` occurs in every match */
	unsigned char last;
	bool is_anchored;
	bool may_mind_no_case; /* in some part of it upper and lower case may be the same */
};

struct regex {
	struct form characters; /* for subjects that are UTF-8 */
	struct form bytes; /* for all others; code is NULL with REGEX_CODES */
	bool is_whole;
};

/* Where PCRE2 allocates, NULL means out of memory. */
static inline void *regex_must(void *pointer)
{
	if (!pointer)
		memory_out();
	return pointer;
}
