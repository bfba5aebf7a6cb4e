/* evidence.h - what is kept of a check, to be shown as proof.
 *
 * Made by a judge from the observation, bounded by `limits: evidence`, with the
 * endpoint's secrets masked.  It is the JSON that the API and `picketctl why`
 * show, so nothing has to be formatted again.
 *
 * All that is kept stands on one shelf, which holds no more than `limits: evidence_total`:
 * the oldest goes first, whoever's it is.  The shelf is the loop's; evidence that is on none
 * belongs to whoever has the check.
 */
#pragma once

#include <stddef.h>

#include "base/list.h"

struct evidence_shelf {
	struct list by_age; /* of evidence->link, oldest first */
	size_t bytes, bytes_max;
};

struct evidence {
	char *json; /* owned; one object */
	size_t len;
	struct evidence_shelf *shelf; /* borrowed; NULL: on none */
	struct list link;
	struct evidence **place; /* borrowed; who points here, and to nothing when it is dropped */
};

/* Takes the JSON over. */
struct evidence *evidence_make(char *json, size_t len);
void evidence_free(struct evidence *evidence);

void evidence_shelf_init(struct evidence_shelf *shelf, size_t bytes_max);
/* Another bound from here on. */
void evidence_shelf_bound(struct evidence_shelf *shelf, size_t bytes_max);
/* What is in `place` (which must stay where it is) and on no shelf yet. */
void evidence_shelve(struct evidence_shelf *shelf, struct evidence **place);
/* Takes the evidence over, in `place` (which must stay where it is) instead of what was there. */
void evidence_keep(struct evidence_shelf *shelf, struct evidence **place,
		   struct evidence *evidence);
