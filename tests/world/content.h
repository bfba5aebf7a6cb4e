/* content.h - bodies: made once, shared by every answer that needs the same. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "step.h"

struct content_bytes {
	const char *data; /* borrowed; lives as long as the shelf */
	size_t len;
};

struct shelf;

struct shelf *shelf_new(void);
void shelf_free(struct shelf *shelf);

/* The body of a step that says filler, document or text.  As gzip where the step wants
 * it, broken in the middle for `bad-gzip`.
 */
struct content_bytes shelf_take(struct shelf *shelf, const struct step *step);
