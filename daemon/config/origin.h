/* origin.h - within config/: which line each value came from, kept for `picketctl config`. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	ORIGIN_LINES_MAX = (1 << 24) - 1, /* as many as a file may have bytes */
	/* Number 0 is that of a path which nobody asks for: what more there would be has it. */
	ORIGIN_PATHS_MAX = 1 << 24,
	ORIGIN_NO_FILE = (1 << 14) - 1, /* the command line */
};

/* An endpoint has one for each of its keys. */
struct origin {
	uint64_t line : 24;
	uint64_t path : 24; /* number of "http.tls.ca" in the snapshot */
	uint64_t file : 14; /* number of the file in the snapshot */
	uint64_t is_secret : 1; /* a reference was in it, or its key holds a secret */
	uint64_t is_removal : 1; /* null: back to the built-in value */
};

_Static_assert(sizeof(struct origin) == 8, "there may be a million of them");

struct origins {
	const struct origin *list;
	unsigned count;
};

/* What endpoints of one group and the same templates share. */
struct heritage {
	const struct origins *layers; /* of defaults, group and templates, the last counts most */
	unsigned layers_count;
	struct origins expect, warn; /* of each line, in order */
};

/* What a group or a module says, and where. */
struct said {
	const struct draft *draft; /* a group's; NULL of a module, which is an endpoint */
	struct origins own;
	const char *const *expect_lines, *const *warn_lines; /* a group's, NULL-terminated */
	struct origins expect, warn; /* of each line, in order */
};

/* endpoint->source */
struct endpoint_source {
	const struct heritage *heritage;
	unsigned count;
	bool drops_expect, drops_warn; /* the inherited lines do not count */
	struct origin own[]; /* with one for each line of its own, "expect" and "warn", in order */
};
