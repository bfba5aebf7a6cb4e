/* document.h - the API's JSON in picketctl: taken apart, and shown on a terminal. */
#pragma once

#include <stddef.h>

#include <jansson.h>

struct text;

static inline void cleanup_json(json_t **json)
{
	json_decref(*json);
}

/* NULL where it is no JSON. */
json_t *document_parse(const struct text *body);
/* The text of a member, or "". */
const char *document_text(const json_t *object, const char *key);
/* The same, fit for a terminal. */
void document_show(struct text *text, const json_t *object, const char *key);
/* "timeout: no first byte from …"; of an expectation the reason alone, which says it all.
 * As it came, and fit for a terminal.
 */
void document_reason(struct text *text, const json_t *verdict);
void document_show_reason(struct text *text, const json_t *verdict);
/* A number of seconds, for people; nothing where there is none. */
void document_show_seconds(struct text *text, const json_t *object, const char *key);
