/* script.h - which endpoint does what: rules.  One for exactly this name comes before
 * patterns, of which the first that matches counts.
 *
 *   /shop: 200, 500 x3, close, 200 x2, again      a path
 *   127.0.3.*: 200 for=10s, silent for=5s, again  a host, as the request names it
 *   dns *.dark.test: silent                       a name that is looked up
 *
 * Rules are never freed while the world lasts, so that answers in progress and
 * endpoints may point into them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "step.h"

struct rule {
	char *pattern; /* owned */
	struct step *steps; /* owned */
	size_t count;
	bool starts_over;
	size_t order; /* of arrival */
	usec_t since; /* when steps that last a time began */
};

/* How far an endpoint has come in its rule. */
struct progress {
	const struct rule *rule; /* borrowed; NULL: none */
	unsigned generation; /* of the script when `rule` was found */
	size_t at;
	unsigned used;
	usec_t since;
};

struct script;
struct zone;

struct script *script_new(void);
void script_free(struct script *script);

/* 0, -EINVAL, or what reading the file says; *ret_fault is a sentence, to be freed. */
int script_read(struct script *script, struct zone *zone, const char *path, char **ret_fault);
/* Before all other rules; progress starts anew. */
int script_add(struct script *script, const char *pattern, const char *steps, char **ret_fault);
/* Only what the file said. */
void script_restore(struct script *script);

/* Looks `progress` up again if the rules have changed.  NULL: no rule. */
const struct rule *script_find(const struct script *script, const char *path, const char *host);
void script_follow(const struct script *script, struct progress *progress, const char *path,
		   const char *host);
unsigned script_generation(const struct script *script);

/* The step that holds now; with `take` a request uses it. */
const struct step *progress_step(struct progress *progress, usec_t now, bool take);
