/* digest.c - all that an object holds, as bytes: equal bytes are an equal object. */
#include <string.h>

#include "base/text.h"
#include "option/option.h"

/* With its length in front, so that no two lists of texts come out alike. */
static void put_text(struct text *bytes, const char *text)
{
	const size_t len = text ? strlen(text) : SIZE_MAX;

	text_append_len(bytes, &len, sizeof(len));
	if (text)
		text_append_len(bytes, text, len);
}

static void put_texts(struct text *bytes, const char *const *texts)
{
	for (size_t i = 0; texts && texts[i]; i++)
		put_text(bytes, texts[i]);
	put_text(bytes, NULL);
}

static void put_pairs(struct text *bytes, const struct option_pairs *pairs)
{
	for (unsigned i = 0; i < pairs->count; i++) {
		put_text(bytes, pairs->pairs[i].key);
		put_text(bytes, pairs->pairs[i].value);
		text_append_char(bytes, pairs->pairs[i].is_secret ? '1' : '0');
	}
	put_text(bytes, NULL);
}

static void put_mapping(struct text *bytes, const struct option *option, const void *member)
{
	const void *object = member;

	if (option->is_raw)
		return;
	if (option->is_separate)
		memcpy(&object, member, sizeof(object));
	text_append_char(bytes, object ? '{' : '-');
	if (object)
		option_digest(option->table, object, bytes);
}

static void put_steps(struct text *bytes, const struct option *option,
		      const struct option_steps *steps)
{
	text_append_len(bytes, &steps->count, sizeof(steps->count));
	for (unsigned i = 0; i < steps->count; i++)
		option_digest(option->table, (const char *)steps->items + i * option->table->size,
			      bytes);
}

static void put_row(struct text *bytes, const struct option *option, const void *member)
{
	const char *text;
	const char *const *texts;

	switch (option->kind) {
	case OPTION_FLAG:
		text_append_len(bytes, member, sizeof(bool));
		break;
	case OPTION_COUNT:
	case OPTION_MODE:
	case OPTION_CHOICE:
		text_append_len(bytes, member, sizeof(unsigned));
		break;
	case OPTION_SIZE:
	case OPTION_DURATION:
		text_append_len(bytes, member, sizeof(uint64_t));
		break;
	case OPTION_TEXT:
	case OPTION_SECRET:
	case OPTION_PATH:
		memcpy(&text, member, sizeof(text));
		put_text(bytes, text);
		break;
	case OPTION_TEXTS:
		memcpy(&texts, member, sizeof(texts));
		put_texts(bytes, texts);
		break;
	case OPTION_PAIRS:
		put_pairs(bytes, member);
		break;
	case OPTION_MAPPING:
		put_mapping(bytes, option, member);
		break;
	case OPTION_STEPS:
		put_steps(bytes, option, member);
		break;
	case OPTION_MAPPINGS:
	case OPTION_NAMED:
	case OPTION_LINES:
	case OPTION_LAST:
		break;
	}
}

void option_digest(const struct option_table *table, const void *object, struct text *bytes)
{
	for (const struct option *row = table->options; row->kind != OPTION_LAST; row++)
		put_row(bytes, row, (const char *)object + row->offset);
}
