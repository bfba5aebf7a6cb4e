/* scene.c - one endpoint with its expectations, and a check of it that is to be judged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "judge/judge.h"
#include "scene.h"

const struct check_limits scene_limits = {
	.body_bytes = 1024,
	.evidence_bytes = 4096,
	.json_depth = 64,
};

void scene_add(struct program **program, const char *line)
{
	struct expect_fault fault;
	const unsigned subjects = SUBJECTS_ALL | SUBJECTS_NETWORK | SUBJECTS_BODY | SUBJECTS_HTTP;

	assert_int_equal(program_add(program, line, strlen(line), subjects, NULL, &fault), 0);
}

struct scene *scene_new(const char *expect, const char *warn)
{
	struct scene *scene = MEMORY_NEW(struct scene);

	scene_add(&scene->expect, expect);
	if (warn)
		scene_add(&scene->warn, warn);
	scene->endpoint = (struct endpoint){
		.name = "shop",
		.expect = scene->expect,
		.warn = scene->warn,
	};
	scene->check = check_new(&scene->endpoint, &scene_limits);
	scene->check->observation.status = 200;
	scene->check->observation.latency = 80 * USEC_PER_MS;
	return scene;
}

void scene_free(struct scene *scene)
{
	check_free(scene->check);
	program_free(scene->expect);
	if (scene->warn)
		program_free(scene->warn);
	free(scene);
}

const struct verdict *scene_judged(struct scene *scene)
{
	assess(scene->check);
	return &scene->check->verdict;
}
