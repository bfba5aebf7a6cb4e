/* keys.h - every key of picket.yaml, as tables.
 *
 * The tables of endpoints are made when they are needed, since the probe types bring
 * rows of their own; they live in the arena they are made in.
 */
#pragma once

#include "config/snapshot.h"
#include "model/endpoint.h"
#include "option/option.h"
#include "probe/probe.h"

enum { PROBE_TYPES_MAX = 32, USE_MAX = 16 };

/* An endpoint while its layers are set one over the other. */
struct draft {
	const char *name;
	const char *renamed_from;
	const char *group;
	const char *const *use;
	const char *const *each;
	const void *discover; /* struct discover; NULL: none */
	struct option_pairs labels;
	const char *const *notify;
	usec_t interval;
	usec_t interval_failing; /* 0: as `interval` */
	usec_t timeout;
	struct patience confirm;
	struct objective slo;
	struct option_steps maintenance; /* of struct window */
	const struct value *expect, *warn; /* of the last layer */
	bool inherits; /* the last layer adds to the lines of those before it */
	bool is_enabled;
	bool is_inverted;
	bool awaits_success;
	bool is_public;
	const char *const *depends_on;
	unsigned max_concurrent; /* of a group */
	const void *probes[PROBE_TYPES_MAX]; /* options by the number of the type; NULL: none */
};

/* A file as a whole. */
struct root {
	struct settings settings;
	const char *const *include;
	const struct value *defaults, *templates, *groups, *receivers, *modules, *endpoints;
};

/* `picket:`; sets a struct settings. */
extern const struct option_table keys_settings;
/* `dead_man:` in it; sets the same. */
extern const struct option_table keys_dead_man;
/* `confirm:` and `slo:` of endpoints; set a struct draft. */
extern const struct option_table keys_confirm, keys_slo;

struct keys {
	const struct probe_type *const *types; /* NULL-terminated, borrowed */
	unsigned types_count;
	const void *builtin[PROBE_TYPES_MAX]; /* options of each type as they are unless set */
	struct option_table root, endpoint, defaults, group, template, receiver, module;
};

void keys_init(struct keys *keys, const struct probe_type *const *types, struct arena *arena);

/* "must begin with a letter or …": what names of endpoints and groups, and of labels may be. */
bool keys_check_name(const char *name, size_t len, struct text *wanted);
bool keys_check_label(const char *key, size_t len, struct text *wanted);
/* The name with whatever may not be in one replaced by `_`. */
void keys_clean_name(char *name);
