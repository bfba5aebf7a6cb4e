/* iregexp.h - I-Regexp (RFC 9485), what match() and search() understand. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "expect/regex.h"

/* `pattern` is valid UTF-8.  Errors as regex_compile() has them; a pattern that the
 * RFC does not know, however well PCRE2 would, is -EINVAL.
 *
 * An unescaped ^ or $ is an anchor, as it comes out of the mapping of section 5.4.
 */
int iregexp_compile(const char *pattern, size_t len, bool whole, struct regex **ret,
		    struct regex_fault *ret_fault);
