/* places.c - where the keys of an object stand, layer over layer. */
#include <stdarg.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "option/option.h"
#include "option/value.h"

/* The pair of the first `len` bytes of `key` in a mapping; NULL: there is none. */
static const struct value *find(const struct value *map, const char *key, size_t len)
{
	for (uint32_t i = 0; map->kind == VALUE_MAP && i < map->count; i++) {
		const struct value *candidate = &map->items[2 * i];

		if (candidate->count == len && memcmp(candidate->text, key, len) == 0)
			return candidate;
	}
	return NULL;
}

/* How many words of the path the layer has; *ret is the value (or key) of the last. */
static unsigned walk(const struct value *layer, const char *path, const struct value **ret)
{
	unsigned depth = 0;

	*ret = layer;
	for (;;) {
		const size_t len = strcspn(path, ".");
		const struct value *key = find(layer, path, len);

		if (!key)
			return depth;
		depth++;
		*ret = key;
		if (path[len] == '\0')
			return depth;
		layer = key + 1;
		path += len + 1;
	}
}

static unsigned words_of(const char *path)
{
	unsigned words = 1;

	for (; *path; path++)
		words += *path == '.';
	return words;
}

/* The strongest layer that has most of the path. */
static const struct value *deepest(const struct option_places *places, const char *key,
				   unsigned *ret_depth)
{
	const struct value *best = NULL;
	unsigned depth = 0;

	for (unsigned i = places->count; i-- > 0;) {
		const struct value *found;
		const unsigned reached = walk(places->layers[i], key, &found);

		if (!best || reached > depth) {
			best = found;
			depth = reached;
		}
	}
	*ret_depth = depth;
	return best;
}

struct place option_place(const struct option_places *places, const char *key)
{
	unsigned depth;
	const struct value *value = NULL;

	if (key)
		value = deepest(places, key, &depth);
	else if (places->count)
		value = places->layers[places->count - 1];
	return value ? value_place(value) : (struct place){ 0 };
}

bool option_is_set(const struct option_places *places, const char *key)
{
	unsigned depth;
	const struct value *found = deepest(places, key, &depth);

	return depth == words_of(key) && found[1].kind != VALUE_NULL;
}

const struct value *option_item(const struct option_places *places, const char *key,
				unsigned number)
{
	unsigned depth;
	const struct value *found = deepest(places, key, &depth);
	const struct value *value = depth ? &found[1] : NULL;
	const bool is_short = value && value->kind != VALUE_MAP && depth + 1 == words_of(key);

	if (!value || (depth != words_of(key) && !is_short))
		return NULL;
	if (value->kind == VALUE_LIST)
		return number < value->count ? &value->items[number] : NULL;
	return value->kind == VALUE_SCALAR && number == 0 ? value : NULL;
}

void option_complain(struct complaints *complaints, const struct option_places *places,
		     const char *key, const char *format, ...)
{
	const struct place place = option_place(places, key);
	cleanup(text)
	struct text message = { 0 };
	va_list arguments;

	va_start(arguments, format);
	text_vprint(&message, format, arguments);
	va_end(arguments);
	complain(complaints, &place, "%s", text_string(&message));
}

void option_warn(struct complaints *complaints, const struct option_places *places, const char *key,
		 const char *format, ...)
{
	const struct place place = option_place(places, key);
	cleanup(text)
	struct text message = { 0 };
	va_list arguments;

	va_start(arguments, format);
	text_vprint(&message, format, arguments);
	va_end(arguments);
	complain_warn(complaints, &place, "%s", text_string(&message));
}

unsigned option_below(const struct option_places *places, const char *key,
		      const struct value **layers, unsigned max)
{
	unsigned count = 0;

	for (unsigned i = 0; i < places->count && count < max; i++) {
		const struct value *value = value_find(places->layers[i], key);

		if (value && value->kind == VALUE_NULL)
			count = 0;
		else if (value)
			layers[count++] = value;
	}
	return count;
}
