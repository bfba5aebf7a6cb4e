/* silence.c - a span in which nobody is told of some endpoints. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/glob.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/silence.h"

struct silence *silence_new(const char *match)
{
	struct silence *silence = MEMORY_NEW(struct silence);

	silence->match = memory_text(match);
	return silence;
}

void silence_free(struct silence *silence)
{
	for (unsigned i = 0; i < silence->labels_count; i++) {
		free((char *)(uintptr_t)silence->labels[i].key);
		free((char *)(uintptr_t)silence->labels[i].value);
	}
	free(silence->labels);
	free(silence->match);
	free(silence->group);
	free(silence->by);
	free(silence->comment);
	free(silence);
}

void silence_add_label(struct silence *silence, const char *key, const char *value)
{
	silence->labels =
		memory_grow(silence->labels, silence->labels_count + 1u, sizeof(*silence->labels));
	silence->labels[silence->labels_count++] = (struct label){
		.key = memory_text(key),
		.value = memory_text(value),
	};
}

/* Letters that nobody mistakes for others, as in the ids of incidents. */
void silence_date(struct silence *silence, usec_t wall, usec_t boot, usec_t span)
{
	static const struct hash_key key = { 0x7069636b6574, 0x73696c656e6365 };
	static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
	static uint64_t made;
	cleanup(text)
	struct text text = { 0 };
	uint64_t hash;

	silence->made = wall;
	silence->ends = wall + span;
	silence->until = boot + span;
	/* Two of the same microsecond are two all the same. */
	text_print(&text, "%s %llu %llu", silence->match, (unsigned long long)wall,
		   (unsigned long long)made++);
	hash = hash_bytes(&key, text.data, text.len);
	for (unsigned i = 0; i < SILENCE_ID_SIZE - 1; i++) {
		silence->id[i] = letters[hash % 32];
		hash /= 32;
	}
	silence->id[SILENCE_ID_SIZE - 1] = '\0';
}

static bool has_label(const struct endpoint *endpoint, const struct label *wanted)
{
	for (unsigned i = 0; i < endpoint->labels_count; i++)
		if (strcmp(endpoint->labels[i].key, wanted->key) == 0 &&
		    strcmp(endpoint->labels[i].value, wanted->value) == 0)
			return true;
	return false;
}

static bool matches(const struct silence *silence, const char *name, const char *group)
{
	if (silence->group && (!group || strcmp(silence->group, group) != 0))
		return false;
	return glob_matches_name(silence->match, name);
}

bool silence_matches(const struct silence *silence, const struct endpoint *endpoint)
{
	if (!matches(silence, endpoint->name, endpoint->group ? endpoint->group->name : NULL))
		return false;
	for (unsigned i = 0; i < silence->labels_count; i++)
		if (!has_label(endpoint, &silence->labels[i]))
			return false;
	return true;
}

bool silence_matches_name(const struct silence *silence, const char *name, const char *group)
{
	return silence->labels_count == 0 && matches(silence, name ? name : "", group);
}
