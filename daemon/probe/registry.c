/* registry.c - the probe types there are. */
#include <string.h>

#include "probe/probe.h"

#define PROBE(name) extern const struct probe_type probe_##name;
#include "probe/registry.inc"
#undef PROBE

static const struct probe_type *const types[] = {
#define PROBE(name) &probe_##name,
#include "probe/registry.inc"
#undef PROBE
	NULL,
};

const struct probe_type *const *probe_types(void)
{
	return types;
}

const struct probe_type *probe_type_find(const char *name)
{
	for (const struct probe_type *const *type = types; *type; type++)
		if (strcmp((*type)->name, name) == 0)
			return *type;
	return NULL;
}
