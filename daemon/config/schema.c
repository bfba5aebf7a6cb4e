/* schema.c - the keys of picket.yaml for editors, for the manual and as a sample. */
#include "config/schema.h"
#include "base/arena.h"
#include "base/text.h"
#include "config/keys.h"

/* What stands before the first property: the same object goes on. */
static const char schema_head[] = "{\"$schema\":\"http://json-schema.org/draft-07/schema#\","
				  "\"title\":\"picket.yaml\","
				  "\"description\":\"Configuration of picketd(8)\",";

void schema_print(struct text *text)
{
	struct arena *arena = arena_new();
	struct keys keys;
	struct text root = { 0 };

	keys_init(&keys, probe_types(), arena);
	option_print_schema(&keys.root, &root);
	text_append(text, schema_head);
	text_append(text, text_string(&root) + 1);
	text_append_char(text, '\n');
	text_done(&root);
	arena_free(arena);
}

void schema_print_manual(struct text *text)
{
	struct arena *arena = arena_new();
	struct keys keys;

	keys_init(&keys, probe_types(), arena);
	option_print_mdoc(&keys.root, text);
	arena_free(arena);
}

void schema_print_sample(struct text *text)
{
	struct arena *arena = arena_new();
	struct keys keys;

	keys_init(&keys, probe_types(), arena);
	option_print_sample(&keys.root, 0, text);
	arena_free(arena);
}
