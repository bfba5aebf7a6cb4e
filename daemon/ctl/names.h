/* names.h - from names and globs to the endpoints that are meant, page by page. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct names {
	char **names; /* owned; each once, sorted */
	size_t count, room;
	bool is_missing; /* a pattern found nothing; it was said */
};

/* 0, or an exit status after a message. */
int names_find(struct names *names, char **patterns, int count);
void names_done(struct names *names);

/* Gives each object of a list of endpoints ("/v1/endpoints?…", without `limit`) to `take`,
 * asking for page after page.  0, or an exit status after a message.
 */
int names_each(const char *path, void (*take)(json_t *endpoint, void *context), void *context);
