/* snapshot.h - one configuration, whole and checked, that nobody changes any more.
 *
 * Counted references, loop thread and loader thread only hand whole snapshots to
 * each other.  Everything in it lives in one arena and is gone with the last reference.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "model/check.h"
#include "model/endpoint.h"

struct arena; /* base/arena.h */
struct complaints; /* option/complaint.h */
struct discovery; /* config/discover.h */
struct finds;
struct keys; /* config/keys.h */
struct module; /* config/modules.h */
struct origin; /* config/origin.h */
struct program; /* expect/expect.h */
struct receiver; /* model/receiver.h */
struct said; /* config/origin.h */
struct text;
struct texts; /* config/files.h */

/* Unless the configuration says otherwise. */
#define SETTINGS_STATE_DIR "/var/lib/picket"

/* What `max_concurrent: auto` comes to at most. */
enum { PERMITS_AUTO_MAX = 4000, LOOPS_MAX = 32 };

/* A sign of life to somebody outside. */
struct dead_man_settings {
	const char *url; /* NULL: none */
	usec_t every;
	int method; /* 0: GET, 1: POST */
	const char *token; /* a secret; or NULL */
};

/* `picket:` */
struct settings {
	unsigned max_concurrent; /* 0: auto */
	unsigned max_per_host;
	unsigned exec_concurrent;
	unsigned judges; /* 0: auto */
	unsigned loops; /* 0: auto */
	unsigned judge_queue; /* 0: half of max_concurrent */
	const char *socket;
	unsigned socket_mode;
	const char *admin_group; /* NULL: none */
	const char *listen; /* address and port; NULL: nowhere */
	const char *const *listen_hosts; /* NULL-terminated; NULL: localhost and its address */
	bool listen_detail;
	const char *const *probe_allow; /* globs of targets, NULL-terminated; NULL: none */
	const char *state_dir;
	usec_t shutdown_grace;
	const char *const *online_if; /* names of endpoints, NULL-terminated; NULL: none */
	const char *const *resolver_servers; /* NULL-terminated; NULL: the system's */
	const char *export_file; /* NULL: none */
	struct dead_man_settings dead_man;
	usec_t resolver_timeout;
	unsigned resolver_tries;
	struct check_limits limits;
	size_t evidence_total; /* bytes of evidence kept of all endpoints */
	unsigned connections; /* of the API */
	unsigned events; /* kept */
	size_t store_size; /* bytes of the file */
	usec_t history_minutes, history_hours; /* how long they are kept */
};

/* What the command line says over them; NULL: nothing. */
struct settings_over {
	const char *socket, *state_dir;
};

struct snapshot {
	char *path; /* of the main file */
	usec_t loaded_at; /* wall */
	struct settings settings;
	const struct group *groups;
	unsigned groups_count;
	const struct said *groups_said; /* of each (config/origin.h) */
	const struct receiver *const *receivers; /* sorted by name, NULL-terminated */
	unsigned receivers_count;
	const struct endpoint *const *endpoints; /* sorted by name */
	unsigned endpoints_count;
	const struct endpoint *const *by_target; /* the same, sorted by target and name */
	const struct module *const *modules; /* sorted by name (config/modules.h) */
	unsigned modules_count;
	const char *const
		*quorums; /* names of endpoints that count others; NULL-terminated, or NULL */
	struct discovery *discoveries; /* where endpoints are found; config/discover.h */
	unsigned discoveries_count;
	const struct endpoint *const *renames; /* that had another name, sorted by it */
	unsigned renames_count;
	bool runs_programs; /* an endpoint is looked at by a program, which runs as our user */
	unsigned hosts_count; /* host_index is below this; UINT32_MAX: not counted */

	/* Within config/: */
	_Atomic(unsigned) references;
	struct arena *arena; /* owned; of everything but this struct, path and programs */
	struct program **programs; /* owned, each once, though many endpoints share one */
	size_t programs_count;
	struct keys *keys;
	const char *const *files, *const *paths; /* names by the numbers that origins have */
	const struct origin *origins; /* of the settings */
	unsigned origins_count;
	struct texts *texts; /* one reference; of the files, where there are discoveries, or NULL */
};

/* Reads the file and all it includes, and checks everything.  All faults of all
 * files go to `complaints`; 0, or -EINVAL where there is at least one fault.  Any one thread; large
 * files are read by as many as there are CPUs.
 */
int snapshot_load(const char *path, struct complaints *complaints, struct snapshot **ret_snapshot);
/* The same with what was found so far, which the snapshot keeps references to, and without other
 * threads: it is a reload's.
 */
int snapshot_load_found(const char *path, const struct finds *finds, struct complaints *complaints,
			struct snapshot **ret_snapshot);
/* The same again from the texts that `snapshot` was loaded from, whatever the files say by now:
 * what was found is other than it was.  References in them are resolved anew.
 */
int snapshot_find(const struct snapshot *snapshot, const struct finds *finds,
		  struct complaints *complaints, struct snapshot **ret_snapshot);
/* One made of URLs instead of a file, for `--once URL`; defaults otherwise. */
int snapshot_from_urls(const char *const *urls, struct complaints *complaints,
		       struct snapshot **ret_snapshot);

/* Who was called so before, or NULL. */
const struct endpoint *snapshot_find_renamed(const struct snapshot *snapshot, const char *before);

struct snapshot *snapshot_ref(struct snapshot *snapshot);
/* Any thread may give up the last one. */
void snapshot_unref(struct snapshot *snapshot);
/* Whether nobody has another reference than whoever asks. */
bool snapshot_is_last(const struct snapshot *snapshot);

/* The effective configuration as JSON (one object; of `endpoint`, or with NULL of what is no
 * endpoint's): each key with its value, secrets masked, and "from": "FILE:LINE", "command line" or
 * "built-in".  Of a group only what it says itself.
 */
void snapshot_explain(const struct snapshot *snapshot, const struct endpoint *endpoint,
		      const struct settings_over *over, struct text *json);
