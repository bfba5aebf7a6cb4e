/* build.h - within config/: from a draft whose layers are all set to an endpoint. */
#pragma once

#include "config/loader.h"

enum { BUILD_LAYERS_MAX = 64 };

/* One endpoint, its layers set. */
struct build {
	struct loader *loader;
	struct making *making;
	const struct base *base;
	const struct value *value; /* its own mapping */
	struct option_places places;
	const struct probe_type *type;
	unsigned type_number;
	const void *options, *own; /* of the endpoint, to be kept */
	uint64_t options_digest; /* of what others may have too, where there is `own` */
};

/* Checks the whole and keeps the endpoint with loader->made, or complains. */
void build_endpoint(struct build *build, const struct endpoint_source *source);
/* For one that cannot be made: its other faults are worth knowing all the same. */
void build_refuse(const struct build *build);
/* The text with `***` for each of the secrets, which references gave. */
void build_mask(const struct secrets *secrets, const char *text, struct text *ret);
