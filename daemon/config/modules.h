/* modules.h - what /probe may be asked with: probes and expectations without a target.
 *
 * A module is an endpoint whose target comes with each request.  It is loaded and checked
 * with one that stands for all, and aimed at another later.
 */
#pragma once

#include <stdbool.h>

#include "config/origin.h"
#include "model/endpoint.h"

struct arena;
struct loader;
struct snapshot;
struct text;
struct value;

struct module {
	struct endpoint endpoint; /* its name is that of the module; aimed at nothing */
	const void *options; /* before the probe has worked anything out of them */
	struct said said;
	const struct option *target; /* the row of the table that the target goes into */
};

/* Within config/: one item of `modules:`, and all of them for the snapshot, sorted by name. */
void modules_add(struct loader *loader, const struct value *key);
void modules_place(struct loader *loader);

/* NULL where none is called so. */
const struct module *module_find(const struct snapshot *snapshot, const char *name);
/* An endpoint with that target, in the arena, which also refers to the snapshot of the module.
 * NULL with a sentence in `fault` where it is none for this probe.  Reads no file.
 */
struct endpoint *module_aim(const struct module *module, const char *target, usec_t timeout,
			    struct arena *arena, struct text *fault);
