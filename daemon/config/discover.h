/* discover.h - endpoints that nobody wrote down: `discover:`, and what a snapshot makes of it.
 *
 * A snapshot is made of files and of what was found so far (struct finds).  What comes
 * from outside never makes a fault of it: a target that the endpoint's keys can't be
 * filled with, or whose name is taken, is left out and counted.
 */
#pragma once

#include <stdbool.h>

#include "base/clock.h"
#include "config/targets.h"
#include "option/option.h"

struct loader;
struct secrets; /* config/loader.h */
struct value;

enum { DISCOVERIES_MAX = 1000 };

/* `discover:` as it is written. */
struct discover {
	const char *file, *http, *dns; /* one of them */
	usec_t refresh; /* 0: not given */
};

extern const struct option_table discover_table;

enum discovery_kind { DISCOVERY_FILE, DISCOVERY_HTTP, DISCOVERY_DNS };

/* "file", "http", "dns". */
const char *discovery_kind_name(enum discovery_kind kind);

/* One source, which several endpoints may be made of; in a snapshot. */
struct discovery {
	enum discovery_kind kind;
	const char *key; /* what tells it from others */
	const char *what; /* pattern of absolute paths, URL, or name */
	const char *shown; /* the same for people, secrets masked */
	usec_t refresh; /* the least that is asked for; 0: not given */
	unsigned endpoints; /* that were made of it */
	unsigned left_out; /* targets that were not */
	const char *why; /* the first of these: "'TARGET': …"; or NULL */
	struct targets *targets; /* one reference; what it was made of.  NULL: nothing is known */
	const char *fault; /* why its files could not be read while this was loaded; or NULL */
};

/* What is known when a snapshot is made. */
struct find {
	const char *key;
	struct targets *targets;
};

struct finds {
	const struct find *list;
	unsigned count;
};

/* --- Within config/ -------------------------------------------------------------------- */

/* The source that a `discover:` names, with what is known of it; files that nobody has read
 * yet are read.  NULL after a complaint: there are too many.
 */
struct discovery *discovery_enter(struct loader *loader, const struct discover *discover,
				  const struct value *place, const struct secrets *secrets);
void discovery_leave_out(struct loader *loader, struct discovery *discovery, const char *target,
			 const char *why);
/* Whether an endpoint may be called so once something is found. */
bool discovery_may_name(const struct loader *loader, const char *name);
