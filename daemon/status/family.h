/* family.h - within status/: how one family of metrics is printed of one endpoint. */
#pragma once

#include <stdbool.h>

#include "status/families.h"

/* A family while one endpoint is printed. */
struct printing {
	struct exposition *to;
	const struct family *family;
	const struct probed *one;
	bool *has_head;
	unsigned count; /* of samples */
};

struct family {
	const char *name, *help;
	void (*print)(struct printing *printing);
	/* Labels of its own: an endpoint's label that is called so gives way to them. */
	const char *keys[2];
};

/* The name and what every sample of the endpoint carries; labels and the value follow. */
void family_begin(struct printing *printing);
void family_sample(struct printing *printing, double value);
/* The same with the first label of the family's own. */
void family_sample_with(struct printing *printing, const char *label, double value);

/* past_families.c: what was, and what is promised of it. */
void family_print_uptime(struct printing *printing);
void family_print_target(struct printing *printing);
void family_print_budget(struct printing *printing);
void family_print_burn(struct printing *printing);
