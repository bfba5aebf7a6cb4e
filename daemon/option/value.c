/* value.c - a parsed configuration, before anybody knows what it means. */
#include <string.h>

#include "option/value.h"

const struct value *value_find(const struct value *map, const char *key)
{
	if (map->kind != VALUE_MAP)
		return NULL;
	for (uint32_t i = 0; i < map->count; i++) {
		const struct value *candidate = &map->items[2 * i];

		/* Most often the first byte tells. */
		if (candidate->text[0] == key[0] && candidate->count == strlen(key) &&
		    memcmp(candidate->text, key, candidate->count) == 0)
			return candidate + 1;
	}
	return NULL;
}

const char *value_kind_name(const struct value *value)
{
	static const char *const names[] = {
		[VALUE_NULL] = "nothing",
		[VALUE_SCALAR] = "a single value",
		[VALUE_LIST] = "a list",
		[VALUE_MAP] = "a mapping",
	};

	return names[value->kind];
}

struct place value_place(const struct value *value)
{
	return (struct place){ .file = value->file, .line = value->line, .column = value->column };
}

bool value_is(const struct value *value, const char *text)
{
	return value->kind == VALUE_SCALAR && strcmp(value->text, text) == 0;
}
