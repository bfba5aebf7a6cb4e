/* show.c - the effective values of an object, row by row, as JSON. */
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/units.h"
#include "option/scalar.h"

static const char masked[] = "\"***\"";

static const struct option_word *word_of(const struct option *option, int value)
{
	for (const struct option_word *word = option->words; word && word->word; word++)
		if (word->value == value)
			return word;
	return NULL;
}

static void show_text(const struct option *option, const char *value, struct text *json)
{
	struct text shown = { 0 };
	const char *userinfo;
	size_t len;

	if (option->kind == OPTION_SECRET || option->is_secret) {
		text_append(json, masked);
		return;
	}
	userinfo = option->is_url ? scalar_userinfo(value, &len) : NULL;
	if (userinfo) {
		text_append_len(&shown, value, (size_t)(userinfo - value));
		text_print(&shown, "***%s", userinfo + len);
		text_append_json(json, shown.data, shown.len);
		text_done(&shown);
	} else {
		text_append_json(json, value, strlen(value));
	}
}

static void show_duration(usec_t duration, struct text *json)
{
	text_append_char(json, '"');
	units_duration_print(json, duration);
	text_append_char(json, '"');
}

static void show_size(uint64_t bytes, struct text *json)
{
	text_append_char(json, '"');
	units_size_print(json, bytes);
	text_append_char(json, '"');
}

static void show_number(const struct option *option, int number, struct text *json)
{
	const struct option_word *word = word_of(option, number);

	if (word)
		text_append_json(json, word->word, strlen(word->word));
	else if (option->kind == OPTION_CHOICE)
		return; /* nobody chose */
	else if (option->kind == OPTION_MODE)
		text_print(json, "\"%04o\"", (unsigned)number);
	else
		text_append_uint(json, (unsigned)number);
}

static void show_texts(const struct option *option, const char *const *texts, struct text *json)
{
	if (!texts && option->words) {
		text_append_json(json, option->words->word, strlen(option->words->word));
		return;
	}
	if (!texts)
		return;
	text_append_char(json, '[');
	for (size_t i = 0; texts[i]; i++) {
		text_append(json, i ? ", " : "");
		show_text(option, texts[i], json);
	}
	text_append_char(json, ']');
}

static void show_pairs(const struct option *option, const struct option_pairs *pairs,
		       const char *path, option_show *show, void *context)
{
	for (unsigned i = 0; i < pairs->count; i++) {
		const struct option_pair *pair = &pairs->pairs[i];
		cleanup(text)
		struct text json = { 0 }, below = { 0 };

		text_print(&below, "%s.%s", path, pair->key);
		if (pair->is_secret)
			text_append(&json, masked);
		else
			text_append_json(&json, pair->value, strlen(pair->value));
		show(text_string(&below), option, text_string(&json), context);
	}
}

/* The value of one row that is not made of others; nothing where there is none. */
static void show_value(const struct option *option, const void *member, struct text *json)
{
	const char *text;
	const char *const *texts;
	uint64_t number;
	int word;

	switch (option->kind) {
	case OPTION_FLAG:
		text_append(json, *(const bool *)member ? "true" : "false");
		break;
	case OPTION_COUNT:
	case OPTION_MODE:
	case OPTION_CHOICE:
		memcpy(&word, member, sizeof(word));
		show_number(option, word, json);
		break;
	case OPTION_SIZE:
		memcpy(&number, member, sizeof(number));
		/* What nobody set and nothing stands in for: somebody else's limit counts. */
		if (number || option->fallback)
			show_size(number, json);
		break;
	case OPTION_DURATION:
		memcpy(&number, member, sizeof(number));
		/* The same: none is that short. */
		if (number || option->fallback || !option->min)
			show_duration(number, json);
		break;
	case OPTION_TEXT:
	case OPTION_SECRET:
	case OPTION_PATH:
		memcpy(&text, member, sizeof(text));
		if (text)
			show_text(option, text, json);
		break;
	case OPTION_TEXTS:
		memcpy(&texts, member, sizeof(texts));
		show_texts(option, texts, json);
		break;
	case OPTION_LAST:
	case OPTION_PAIRS:
	case OPTION_MAPPING:
	case OPTION_MAPPINGS:
	case OPTION_STEPS:
	case OPTION_NAMED:
	case OPTION_LINES:
		break;
	}
}

static void show_mapping(const struct option *option, const void *member, const char *path,
			 option_show *show, void *context)
{
	const void *object = member;

	if (option->is_separate)
		memcpy(&object, member, sizeof(object));
	if (object)
		option_each(option->table, object, path, show, context);
}

static void show_steps(const struct option *option, const struct option_steps *steps,
		       const char *path, option_show *show, void *context)
{
	for (unsigned i = 0; i < steps->count; i++) {
		cleanup(text)
		struct text below = { 0 };

		text_print(&below, "%s.%u", path, i);
		option_each(option->table, (const char *)steps->items + i * option->table->size,
			    text_string(&below), show, context);
	}
}

void option_each(const struct option_table *table, const void *object, const char *path,
		 option_show *show, void *context)
{
	for (const struct option *row = table->options; row->kind != OPTION_LAST; row++) {
		const void *member = (const char *)object + row->offset;
		cleanup(text)
		struct text json = { 0 }, below = { 0 };

		text_print(&below, "%s%s%s", path, *path ? "." : "", row->key);
		if (row->kind == OPTION_MAPPING && !row->is_raw)
			show_mapping(row, member, text_string(&below), show, context);
		else if (row->kind == OPTION_PAIRS)
			show_pairs(row, member, text_string(&below), show, context);
		else if (row->kind == OPTION_STEPS)
			show_steps(row, member, text_string(&below), show, context);
		show_value(row, member, &json);
		if (json.len)
			show(text_string(&below), row, text_string(&json), context);
	}
}
