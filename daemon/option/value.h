/* value.h - a parsed configuration, before anybody knows what it means.
 *
 * A tree of scalars, lists and mappings with the place each one stands at.  config/
 * builds it from YAML, option/ sets structs from it.  Everything in it lives in
 * one arena, is shared where the file has aliases, and is never changed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "option/complaint.h"

enum value_kind { VALUE_NULL, VALUE_SCALAR, VALUE_LIST, VALUE_MAP };

/* How a scalar is written; only plain ones can be numbers, true or null. */
enum value_style { VALUE_PLAIN, VALUE_SINGLE, VALUE_DOUBLE, VALUE_LITERAL, VALUE_FOLDED };

struct value {
	const char *file; /* borrowed: as people named it */
	uint32_t line, column; /* from 1, in characters */
	uint8_t kind; /* enum value_kind */
	uint8_t style; /* enum value_style */
	uint32_t count; /* bytes of text, items of a list, pairs of a mapping */
	union {
		const char *text; /* ends with a NUL that count leaves out; no other NUL in it */
		const struct value *items; /* of a mapping: key, value, key, value, … */
	};
};

/* Of a mapping: NULL where there is no such key. */
const struct value *value_find(const struct value *map, const char *key);
/* "a mapping", "a list", "a single value", "nothing": what stands there, for messages. */
const char *value_kind_name(const struct value *value);
struct place value_place(const struct value *value);
/* Whether the scalar's text is this. */
bool value_is(const struct value *value, const char *text);
