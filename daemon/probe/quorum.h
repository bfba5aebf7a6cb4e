/* quorum.h - probe quorum: its options, for whoever finds the members. */
#pragma once

struct quorum_options {
	const char *const *members; /* names and globs, NULL-terminated */
	unsigned need;
};
