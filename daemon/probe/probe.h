/* probe.h - from endpoint to observation: what every probe type is.
 *
 * Everything a probe uses is in one `struct probe_tools` and nothing in probe/ or
 * loop/ is global, so that a second loop can have its own.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/check.h"

struct arena; /* base/arena.h */
struct children; /* loop/child.h */
struct complaints; /* option/complaint.h */
struct connector; /* loop/connect.h */
struct event_base; /* event2/event.h */
struct http_shared; /* probe/http_shared.h: what http checks have in common on one loop */
struct option_places; /* option/option.h */
struct option_table; /* option/option.h */
struct pinger; /* loop/pinger.h */
struct resolver; /* loop/resolve.h */
struct tls_files; /* probe/tls_files.h */
struct tls_stores; /* loop/tls.h */
struct program; /* expect/expect.h */
struct value; /* option/value.h */
struct transfers; /* loop/transfer.h */

/* One a loop; made and freed by probe_tools_new() and probe_tools_free(). */
struct probe_tools {
	struct event_base *base; /* borrowed */
	struct resolver *resolver; /* owned */
	struct connector *connector; /* owned */
	struct tls_stores *stores; /* owned */
	struct tls_files *files; /* owned */
	struct transfers *transfers; /* owned */
	struct children *children; /* owned; NULL on a further loop */
	struct pinger *pinger; /* owned; the same */
	struct http_shared *http; /* owned */
	int stamping; /* owned; see arrival_hold() */
};

struct resolver_options; /* loop/resolve.h */
struct orphans; /* loop/orphans.h */
/* `orphans` is NULL for a further loop (probe/lookout.h), whose probes neither run programs nor ping. */
struct probe_tools *probe_tools_new(struct event_base *base, struct orphans *orphans,
				    const struct resolver_options *options);
/* No check may be in flight. */
void probe_tools_free(struct probe_tools *tools);

typedef void probe_done(struct check *check, void *context);

/* A URL that `picketd --once` takes: what stands before its "://", and which keys it sets. */
struct probe_url {
	const char *scheme;
	const char *whole; /* the key that gets all of it; or NULL, and then */
	const char *before; /* the key that gets what is before the first slash behind "://", */
	const char *behind; /* and the one that gets what follows that slash; NULL: nothing may */
};

struct probe_type;
typedef const struct program *probe_compile(const struct value *lines,
					    const struct probe_type *type, bool is_expect,
					    void *context);

/* Options of which most endpoints differ in a part only: then what they have alike is kept once,
 * and may be another endpoint's too.  The steps of prepare(), each for itself; no step
 * keeps a pointer into the options themselves.
 */
struct probe_parts {
	size_t own_size; /* of the struct with what is the endpoint's own */
	/* What the table has set of that: a text, or NULL. */
	const char *(*text)(const void *own);
	/* The host as it is kept with it, or NULL. */
	const char *(*host)(const void *own);
	/* Moves what the table has set of that out of the options, into zeroed memory. */
	void (*part)(void *options, void *own);
	/* Puts it back, what was prepared with it. */
	void (*join)(void *options, const void *own);
	void (*prepare)(void *options, struct arena *arena, struct complaints *complaints,
			const struct option_places *places);
	/* With the options that it goes with, prepared. */
	void (*prepare_own)(void *own, const void *options, struct arena *arena,
			    struct complaints *complaints, const struct option_places *places);
};

struct probe_type {
	const char *name; /* the key that names the probe in picket.yaml */
	const char *about; /* one sentence for picket.yaml(5) */
	const struct option_table *table; /* of the long form; fills in the options */
	const char *short_key; /* the key that a scalar sets: "url" */
	const struct probe_url *urls; /* ends with a NULL scheme; NULL: it has none */
	unsigned subjects; /* enum subjects: what expectations may ask */
	bool is_child; /* runs a program: counted by exec_concurrent, and by no host */
	bool is_told; /* does not look: each check has a copy of the beats that came (check->pulse) */
	bool has_members; /* counts other endpoints: each check has their states (check->tally) */
	bool stays; /* on the first loop, where the children, the sockets of ICMP and what others know are */
	bool (*stays_for)(const void *options); /* the same of some endpoints; NULL: of none */
	/* Whether a check of it shakes hands for TLS: that takes milliseconds of a turn, so it is
	 * for a further loop.  NULL: none does.
	 */
	bool (*shakes_hands)(const struct endpoint *endpoint);
	bool is_certain; /* what it says once would be said again: there is nothing to confirm */
	const char *expects; /* what it expects unless `status` or `class` is mentioned, or NULL */
	const char *expects_unless; /* the subject whose mention replaces `expects` */

	/* What no row sets: what the options lead to (a URL's parts, a body's file), worked
	 * out once, after option_finish() and only where that found no fault (relations
	 * between keys are the table's examine()).  May complain.  NULL: nothing.
	 */
	void (*prepare)(void *options, struct arena *arena, struct complaints *complaints,
			const struct option_places *places);
	/* The same in parts; NULL: its options are kept as a whole. */
	const struct probe_parts *parts;
	/* Expectations of parts of it, once all else is in order: compile() makes a program of
	 * lines as they stand in the file, for that type; NULL where there are none, or after a
	 * complaint.  NULL itself: it has no parts.
	 */
	void (*compile)(void *options, probe_compile *compile, void *context);
	/* The target for people (secrets masked), and the host that max_per_host
	 * counts by (NULL: none): both malloc'ed.
	 */
	char *(*target)(const void *options);
	char *(*host)(const void *options);
	/* The form in which credentials go over the wire where it is another than they are
	 * written in, so that it is masked as well: malloc'ed, or NULL.  May be NULL itself.
	 */
	char *(*credentials)(const void *options);

	/* Begins, and returns at once.  Whatever goes wrong is an observation; done()
	 * runs exactly once, in a later turn of the loop, with the check's ownership.
	 * The check ends by check->deadline.
	 */
	void (*start)(struct check *check, struct probe_tools *tools, probe_done *done,
		      void *context);
	/* Gives up.  done() still runs, in a later turn, with check->is_cancelled set. */
	void (*cancel)(struct check *check);
};

/* NULL-terminated, in the order of registry.inc. */
const struct probe_type *const *probe_types(void);
const struct probe_type *probe_type_find(const char *name);
