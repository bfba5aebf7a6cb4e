/* event_line.h - an event of the stream, as a line for people. */
#pragma once

#include <stdbool.h>

#include <jansson.h>

struct text;

struct event_look {
	bool has_color, has_utf8;
};

/* Without the end of the line; nothing gets through to the terminal that is not escaped. */
void event_line_print(struct text *out, const json_t *event, const struct event_look *look);
