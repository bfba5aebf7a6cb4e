/* json_fault.h - where and why something is no JSON; for json.c only.
 *
 * jansson says only near which token it gave up, so what it refuses is walked again
 * here.  Source: RFC 8259.
 */
#pragma once

#include "expect/json.h"

/* Fills in the reason and the place of the first fault; false if there is none. */
bool json_fault_find(const char *data, size_t len, unsigned max_depth, struct json_notes *ret);
