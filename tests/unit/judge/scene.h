/* scene.h - one endpoint with its expectations, and a check of it that is to be judged. */
#pragma once

#include "expect/expect.h"
#include "model/check.h"

/* An endpoint with up to one line of each kind, and the check that a test looks at. */
struct scene {
	struct program *expect, *warn;
	struct endpoint endpoint;
	struct check *check;
};

extern const struct check_limits scene_limits;

/* `warn` may be NULL. */
struct scene *scene_new(const char *expect, const char *warn);
void scene_free(struct scene *scene);

/* One more line for scene->expect or scene->warn. */
void scene_add(struct program **program, const char *line);

const struct verdict *scene_judged(struct scene *scene);
