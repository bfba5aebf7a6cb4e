/* endpoint.h - a thing that is watched, as the configuration has it.
 *
 * Endpoints are immutable and live in the arena of one snapshot; whoever keeps
 * a pointer to one keeps a reference to its snapshot (config/snapshot.h).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

struct maintenance; /* model/maintenance.h */
struct probe_type; /* probe/probe.h */
struct program; /* expect/expect.h */

struct label {
	const char *key, *value;
};

struct group {
	const char *name;
	unsigned max_concurrent; /* 0: no limit of its own */
	unsigned index; /* dense, from 0 */
};

/* How often something must be seen before it is believed. */
struct patience {
	unsigned failures;
	unsigned within; /* so many failures in the last `within` checks; 0: in a row */
	unsigned successes;
	usec_t every;
};

/* What is promised of its uptime. */
struct objective {
	const char *text; /* the target as it was written; NULL: none */
	double target; /* the same, 0 to 1; 0: none */
	usec_t window;
};

/* What mostly comes from defaults, groups and templates: once for all who agree. */
struct terms {
	struct patience confirm;
	struct objective slo;
};

struct endpoint {
	const char *name;
	const char *renamed_from; /* what it was called before; NULL: nothing else */
	const struct group *group; /* NULL: none */
	const struct probe_type *type;
	const void *options; /* the struct that the type's tables fill in; others may have it too */
	const void *
		own; /* of what it says, that of this endpoint (struct probe_parts); NULL: all is in `options` */
	const char *target; /* for people and metrics, secrets masked: the URL, HOST:PORT */
	const char *host; /* what max_per_host counts by; NULL: not counted */
	uint32_t host_index; /* dense over the snapshot, equal for equal hosts */
	usec_t interval;
	usec_t interval_failing; /* while the state is down */
	usec_t timeout;
	const struct terms *terms; /* NULL: of one that no configuration made */
	const struct maintenance *maintenance; /* windows of it; NULL: none */
	const char *const *notify; /* names of receivers, NULL-terminated; or NULL */
	bool is_enabled;
	bool is_inverted; /* it is good where it does not work */
	bool awaits_success; /* nobody is told of it before it was up or degraded */
	bool is_public; /* shown to everybody who comes, not only to who may see detail */
	const char *const *depends_on; /* names of endpoints, NULL-terminated; NULL: none */
	bool is_parent; /* another one depends on it */
	const char *const
		*members; /* that a quorum counts: names, sorted, NULL-terminated; or NULL */
	const char *const *quorums; /* that it counts for: the same */
	const struct label *labels;
	unsigned labels_count;
	const struct program *expect; /* `expect:`, with what the probe expects by default */
	const struct program *warn; /* NULL: none */
	const char *const *secrets; /* values that are never shown; NULL-terminated, or NULL */
	uint64_t hash; /* hash_name(name) */
	uint64_t digest; /* of everything above that a reload could change */
	const void *source; /* config/ only: where each value came from */
};
