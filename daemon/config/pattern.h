/* pattern.h - which files an `include:` or a `discover:` means. */
#pragma once

#include "option/complaint.h"

struct pattern_matches {
	char **paths; /* owned, sorted */
	unsigned count, room;
	bool is_cut; /* there are more than `max` */
};

/* Files that match a pattern with * and ? in any part of its path, beside `directory` unless
 * it is absolute.  Names that begin with a dot never match; of a pattern only those do that
 * end in one of `suffixes` (NULL-terminated; NULL: .yaml and .yml), so that what editors and
 * packages leave is passed over.  0 or -errno of a directory that cannot be read.
 */
int pattern_expand(const char *pattern, const char *directory, const char *const *suffixes,
		   unsigned max, struct pattern_matches *ret);
void pattern_matches_done(struct pattern_matches *matches);

/* Whether any path that matches can end in .yaml or .yml. */
bool pattern_may_be_yaml(const char *pattern);
