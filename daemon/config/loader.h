/* loader.h - within config/: what the making of one snapshot has at hand. */
#pragma once

#include "config/files.h"
#include "config/keys.h"
#include "config/origin.h"
#include "config/reference.h"
#include "config/snapshot.h"

struct arena;
struct discovery;
struct finds;
struct map;
struct program;
struct share; /* config/share.c */

/* Expectations as they add up: the scalars themselves, for their places. */
struct lines {
	const struct value **items; /* in the scratch arena, never changed: copies may share it */
	unsigned count;
	unsigned last; /* where those of the last layer begin */
};

struct secrets {
	const char **list; /* in the snapshot's arena */
	unsigned count, room;
};

/* defaults:, a group or a template. */
struct layer {
	const struct option_table *table;
	const struct value *value;
	struct origins origins;
};

/* Origins as they add up. */
struct notes {
	struct origin *list; /* owned */
	unsigned count, room;
};

/* The paths of origins, by number. */
struct paths {
	struct map *numbers; /* owned; path -> number + 1 */
	const char **names; /* owned; the texts are in the snapshot's arena */
	unsigned count, room;
};

/* Something in the making: layers set one over the other. */
struct making {
	struct loader *loader;
	struct draft draft;
	struct lines expect, warn;
	struct secrets secrets;
	struct each each;
	bool is_passing; /* options may be where those of the next one will be (share.h) */
	struct notes *notes; /* NULL: nobody wants to know where things came from */
};

/* What all endpoints of a group with the same templates begin with. */
struct base {
	struct making making;
	const struct layer **layers; /* in their order */
	unsigned layers_count;
	struct heritage *heritage;
	const struct group *group;
};

struct loader {
	struct complaints *complaints;
	struct arena *scratch; /* gone when the snapshot is made */
	struct snapshot *snapshot;
	struct arena *arena; /* of the snapshot */
	struct files files;
	const struct keys *keys; /* in the snapshot's arena */
	struct references *references;
	const struct layer **defaults;
	unsigned defaults_count;
	struct map *groups; /* name -> struct group_layer */
	struct map *receivers; /* name -> struct snapshot_receiver, in the snapshot's arena */
	struct map *modules; /* name -> struct module, in the snapshot's arena */
	struct map *templates; /* name -> struct layer */
	struct map *bases; /* group and templates -> struct base */
	struct paths paths; /* of origins */
	struct map *programs; /* lines -> struct program */
	struct map *hosts; /* name -> struct host */
	struct share *shares; /* owned; by the number of the type; or NULL */
	struct map *terms; /* as keys -> struct terms, in the snapshot's arena */
	const struct terms *last_terms; /* that were asked for */
	struct map *commons; /* options as keys -> struct common (share.c) */
	struct map *maintenances; /* windows as they were written -> struct maintenance */
	const char *last_file; /* whose number was asked for last */
	unsigned last_number;
	struct made *made; /* owned; endpoints in the order of the files */
	size_t made_count, made_room;
	const struct finds *finds; /* borrowed; NULL: nothing is known */
	struct discovery *discovery; /* what endpoints are being made of; NULL: of the files */
};

/* What max_per_host counts by, the same for all endpoints that go there. */
struct host {
	const char *name; /* in the snapshot's arena */
	uint32_t index;
};

struct group_layer {
	struct layer layer;
	struct group *group;
	struct said said;
	const struct value *key;
};

/* An endpoint and where its name stands. */
struct made {
	const char *name;
	const struct endpoint *endpoint; /* NULL: its faults have been said */
	const char *const *depends_on; /* NULL-terminated; NULL: nothing, or it has faults */
	size_t order; /* of the files */
	const struct value *place;
	const struct value *value; /* its mapping */
	struct discovery *discovery; /* that it was found by; NULL: it stands in the files */
	const char *target; /* that it was made of, there */
};

/* mentions.c: a name as it stands in a key, for complaints. */
struct mention {
	struct place place; /* of the key, where the name cannot be found */
	const char *key;
	const char *name; /* as it was written where a reference gave it: that may be told */
	bool is_secret; /* a reference gave it */
};

/* Item `number` of what the places have as `key`, which came to `name`. */
struct mention mention_of(const struct loader *loader, const struct option_places *places,
			  const char *key, unsigned number, const char *name);
/* The same of an endpoint's keys. */
struct mention mention_by(struct loader *loader, const struct made *made, const char *key,
			  unsigned number, const char *name);

/* layers.c: sets one more layer. */
void making_apply(struct making *making, const struct option_table *table,
		  const struct value *value);
/* Checks a layer for itself and notes where its values come from; what it says goes to *said,
 * unless that is NULL.
 */
void layer_init(struct loader *loader, struct layer *layer, const struct option_table *table,
		const struct value *value, struct said *said);
/* Where each of the lines stands, which are those of that key. */
struct origins line_origins(struct loader *loader, const char *path, const struct lines *lines);
/* What an endpoint of that mapping begins with; NULL after a complaint. */
struct base *base_of(struct loader *loader, const struct value *endpoint);
/* The mappings that it is made of, with the base or NULL, in `layers`, which has room for BUILD_LAYERS_MAX. */
struct option_places places_of(const struct base *base, const struct value *endpoint,
			       const struct value **layers);

/* origin.c: where a value stands; and the names of files and paths, for the snapshot. */
struct origin origin_of(struct loader *loader, const char *path, const struct value *value,
			bool is_secret);
void origins_begin(struct loader *loader);
void origins_place(struct loader *loader);
void origins_end(struct loader *loader);
void notes_add(struct notes *notes, struct origin origin);
/* All of them into the arena, and none is left. */
struct origins notes_take(struct notes *notes, struct arena *arena);

/* lines.c: adds `expect:` or `warn:` of one layer, and makes a program of all.  The program
 * is the snapshot's, and the same for the same lines.
 */
void lines_add(struct loader *loader, const char *key, const struct value *value,
	       struct lines *lines);
const struct program *lines_compile(struct loader *loader, const struct lines *lines,
				    const struct probe_type *type, bool is_expect,
				    const char *each);
/* Lines that perhaps no endpoint takes over: faults that any probe would find. */
void lines_examine(struct loader *loader, const struct lines *lines);

/* endpoint.c: the endpoints that one item of `endpoints:` stands for. */
void endpoint_make(struct loader *loader, const struct value *value);

/* loader.c: everything there is to a configuration, in loader->files or made up
 * by the caller.  The snapshot is complete unless there are faults.
 */
void loader_init(struct loader *loader, const struct probe_type *const *types,
		 struct complaints *complaints);
void loader_run(struct loader *loader);
/* Gives the snapshot up where there are faults.  0 or -EINVAL. */
int loader_finish(struct loader *loader, struct snapshot **ret_snapshot);

/* rates.c: warns of more fresh connections to one server than this host has ports for. */
void examine_rates(struct loader *loader);
/* relations.c: whether the names in `depends_on` and `online_if` can be followed.  Once all
 * endpoints are sorted.
 */
void examine_relations(struct loader *loader);
/* Complains that what is mentioned is no endpoint, unless that may stand in a file that could
 * not be read.  `name` is what was looked for.
 */
void relations_refuse_name(const struct loader *loader, const struct mention *mention,
			   const char *name);
/* One that is made already, once they are sorted; or NULL. */
const struct made *made_find(const struct loader *loader, const char *name);
/* renames.c: who goes on with what another one was.  As above. */
void examine_renames(struct loader *loader);
/* quorums.c: who counts whom.  As above. */
void examine_quorums(struct loader *loader);

/* snapshot.c: an empty one with one reference; and one loaded with other probes than the
 * registry's, for tests.
 */
struct snapshot *snapshot_new(void);
int snapshot_load_with(const char *path, const struct probe_type *const *types,
		       struct complaints *complaints, struct snapshot **ret_snapshot);
