/* why.h - the last failure of an endpoint, as people read it. */
#pragma once

#include <stdbool.h>

#include <jansson.h>

struct text;

struct why_look {
	bool has_color, has_utf8;
};

/* From the API's object of one endpoint. */
void why_print(struct text *text, const json_t *endpoint, const struct why_look *look);
