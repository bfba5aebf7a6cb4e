/* origin.h - within config/: which line each value came from, kept for `picketctl config`. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct origin {
	const char *path; /* "http.tls.ca"; equal paths are the same pointer within a snapshot */
	uint32_t line;
	uint16_t file; /* number of the file in the snapshot */
	bool is_secret; /* a reference was in it, or its key holds a secret */
	bool is_removal; /* null: back to the built-in value */
};

struct origins {
	struct origin *list;
	unsigned count;
};

/* What endpoints of one group and the same templates share. */
struct heritage {
	const struct origins *layers; /* of defaults, group and templates, the last counts most */
	unsigned layers_count;
	struct origins expect, warn; /* of each line, in order */
};

/* endpoint->source */
struct endpoint_source {
	const struct heritage *heritage;
	struct origins own; /* with one for each line of its own, "expect" and "warn", in order */
	bool drops_expect, drops_warn; /* the inherited lines do not count */
};
