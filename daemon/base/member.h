/* member.h - members of JSON objects, written one behind the other.
 *
 * The first of an object has no comma; every key is a plain word of ours.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"

/* `"key":` with the comma it needs. */
static inline void member(struct text *json, const char *key)
{
	const char before = json->len ? json->data[json->len - 1] : '{';

	text_append(json, before == '{' || before == '[' ? "\"" : ",\"");
	text_append(json, key);
	text_append(json, "\":");
}

static inline void member_text(struct text *json, const char *key, const char *value)
{
	member(json, key);
	text_append_json(json, value, strlen(value));
}

static inline void member_uint(struct text *json, const char *key, uint64_t value)
{
	member(json, key);
	text_append_uint(json, value);
}

static inline void member_bool(struct text *json, const char *key, bool value)
{
	member(json, key);
	text_append(json, value ? "true" : "false");
}

static inline void member_seconds(struct text *json, const char *key, usec_t duration)
{
	member(json, key);
	units_seconds_print(json, duration);
}

/* Since 1970. */
static inline void member_time(struct text *json, const char *key, usec_t wall)
{
	member(json, key);
	text_append_char(json, '"');
	units_time_print(json, wall);
	text_append_char(json, '"');
}
