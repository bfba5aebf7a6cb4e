/* targets_inside.h - within config/: a set of targets in the making. */
#pragma once

#include "config/targets.h"

struct targets_draft {
	struct arena *arena; /* owned until it is finished */
	struct target *list; /* owned array */
	unsigned count, room;
};

void targets_begin(struct targets_draft *draft);
/* Of one document.  0, or -EINVAL and a sentence that begins with what is wrong. */
int targets_add(struct targets_draft *draft, const char *text, size_t len, enum targets_form form,
		const char *name, struct text *fault);
/* Either makes the set, or drops all. */
struct targets *targets_finish(struct targets_draft *draft);
void targets_drop(struct targets_draft *draft);
