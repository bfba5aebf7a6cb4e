/* evidence.h - what is kept of a failing check, to be shown as proof.
 *
 * Made by a judge from the observation, bounded by `limits: evidence`, with the
 * endpoint's secrets masked.  It is the JSON that the API and `picketctl why`
 * show, so nothing has to be formatted again.
 */
#pragma once

#include <stddef.h>

struct evidence {
	char *json; /* owned; one object */
	size_t len;
};

void evidence_free(struct evidence *evidence);
