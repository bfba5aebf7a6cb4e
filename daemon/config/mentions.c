/* mentions.c - names that others are called by: where one stands, and what may be told of it. */
#include <string.h>

#include "config/build.h"
#include "option/value.h"

/* Whether a reference gave some of the text. */
static bool is_secret(const struct loader *loader, const struct value *value)
{
	struct each open = { .is_open = true };
	bool is_secret = false;

	if (strstr(value->text, "${"))
		(void)references_expand(loader->references, value, false, &open, NULL, NULL,
					&is_secret);
	return is_secret;
}

struct mention mention_of(const struct loader *loader, const struct option_places *places,
			  const char *key, unsigned number, const char *name)
{
	const struct value *item = option_item(places, key, number);
	struct mention mention = { .place = option_place(places, key), .key = key, .name = name };

	if (!item || item->kind != VALUE_SCALAR)
		return mention;
	mention.place = value_place(item);
	mention.is_secret = is_secret(loader, item);
	if (mention.is_secret)
		mention.name = item->text;
	return mention;
}

struct mention mention_by(struct loader *loader, const struct made *made, const char *key,
			  unsigned number, const char *name)
{
	const struct value *layers[BUILD_LAYERS_MAX];
	const struct option_places places =
		places_of(base_of(loader, made->value), made->value, layers);

	return mention_of(loader, &places, key, number, name);
}
