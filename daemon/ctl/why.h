/* why.h - the last failure of an endpoint, as people read it. */
#pragma once

#include <stdbool.h>

#include <jansson.h>

#include "base/clock.h"

struct text;

struct why_look {
	bool has_color, has_utf8;
	size_t width; /* of the terminal; 0: no line is broken */
	usec_t now_wall;
};

/* From the API's object of one endpoint. */
void why_print(struct text *text, const json_t *endpoint, const struct why_look *look);
