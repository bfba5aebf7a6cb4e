/* schema.c - a table as JSON Schema (draft-07), for editors.
 *
 * Source: json-schema.org, draft-07.  A schema sees YAML's own types, so a duration is a
 * text with a pattern and a flag is a boolean; any scalar may be a reference instead,
 * and null stands for "take it away" everywhere.
 */
#include <string.h>

#include "base/text.h"
#include "option/fault.h"
#include "option/option.h"

static const char reference[] = "{\"type\":\"string\",\"pattern\":\"\\\\$\\\\{\"}";
static const char scalar[] = "[\"string\",\"number\",\"boolean\"]";
static const char duration_pattern[] =
	"^(?=.)([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?([0-9]+us)?$";
static const char size_pattern[] = "^[0-9]+([KMG]i?)?B$";

static void print_table(const struct option_table *table, struct text *text);

static void print_range(const struct option *option, struct text *text)
{
	text_print(text, "\"minimum\":%llu", (unsigned long long)option->min);
	if (option->max)
		text_print(text, ",\"maximum\":%llu", (unsigned long long)option->max);
}

static void print_pattern(const char *pattern, struct text *text)
{
	text_append(text, "{\"type\":\"string\",\"pattern\":");
	text_append_json(text, pattern, strlen(pattern));
	text_append_char(text, '}');
}

/* "4" and "1.2" are numbers to YAML, so both forms are allowed. */
static void print_words(const struct option *option, struct text *text)
{
	text_append(text, "{\"enum\":[");
	for (const struct option_word *word = option->words; word->word; word++) {
		text_append(text, word == option->words ? "" : ",");
		text_append_json(text, word->word, strlen(word->word));
		if (word->word[strspn(word->word, "0123456789.")] == '\0')
			text_print(text, ",%s", word->word);
	}
	text_append(text, "]}");
}

static void print_text(const struct option *option, struct text *text)
{
	text_print(text, "{\"type\":%s", scalar);
	if (option->min)
		text_print(text, ",\"minLength\":%llu", (unsigned long long)option->min);
	if (option->kind == OPTION_PATH)
		text_append(text, ",\"pattern\":\"^/|\\\\$\\\\{\"");
	else if (!option->has_lines && option->kind != OPTION_LINES)
		text_append(text, ",\"pattern\":\"^[^\\\\r\\\\n]*$\"");
	text_append_char(text, '}');
}

static void print_count(const struct option *option, struct text *text)
{
	text_append(text, "{\"type\":\"integer\",");
	print_range(option, text);
	text_append_char(text, '}');
	if (option->words) {
		text_append_char(text, ',');
		print_words(option, text);
	}
}

static void print_list(const struct option *option, struct text *text)
{
	text_append(text, "{\"type\":\"array\",\"items\":");
	print_text(option, text);
	text_append(text, "},");
	print_text(option, text);
}

static void print_mapping(const struct option *option, struct text *text)
{
	const struct option_table *table = option->table;

	print_table(table, text);
	for (const struct option *row = table->options; row->kind != OPTION_LAST; row++) {
		if (!table->short_key || strcmp(row->key, table->short_key) != 0)
			continue;
		text_append_char(text, ',');
		if (row->kind == OPTION_FLAG)
			text_append(text, "{\"type\":\"boolean\"}");
		else if (row->kind == OPTION_TEXTS)
			print_list(row, text);
		else
			print_text(row, text);
	}
}

/* The alternatives of a row, commas between. */
static void print_alternatives(const struct option *option, struct text *text)
{
	switch (option->kind) {
	case OPTION_FLAG:
		text_append(text, "{\"type\":\"boolean\"}");
		break;
	case OPTION_COUNT:
		print_count(option, text);
		break;
	case OPTION_MODE:
		text_append(text, "{\"type\":\"string\",\"pattern\":\"^0[0-7]{3}$\"},"
				  "{\"type\":\"integer\"}");
		break;
	case OPTION_SIZE:
		print_pattern(size_pattern, text);
		break;
	case OPTION_DURATION:
		print_pattern(duration_pattern, text);
		break;
	case OPTION_CHOICE:
		print_words(option, text);
		break;
	case OPTION_TEXT:
	case OPTION_SECRET:
	case OPTION_PATH:
		print_text(option, text);
		break;
	case OPTION_TEXTS:
	case OPTION_LINES:
		print_list(option, text);
		break;
	case OPTION_PAIRS:
		text_print(text, "{\"type\":\"object\",\"additionalProperties\":{\"type\":"
				 "[\"string\",\"number\",\"boolean\",\"null\"]}}");
		break;
	case OPTION_MAPPING:
		print_mapping(option, text);
		break;
	case OPTION_MAPPINGS:
	case OPTION_STEPS:
		text_append(text, "{\"type\":\"array\",\"items\":");
		print_table(option->table, text);
		text_append_char(text, '}');
		break;
	case OPTION_NAMED:
		text_append(text, "{\"type\":\"object\",\"additionalProperties\":{\"anyOf\":[");
		print_table(option->table, text);
		text_append(text, ",{\"type\":\"null\"}]}}");
		break;
	case OPTION_LAST:
		break;
	}
}

static bool may_be_reference(const struct option *option)
{
	switch (option->kind) {
	case OPTION_FLAG:
	case OPTION_COUNT:
	case OPTION_MODE:
	case OPTION_SIZE:
	case OPTION_DURATION:
	case OPTION_CHOICE:
		return !option->is_verbatim;
	case OPTION_LAST:
	case OPTION_TEXT:
	case OPTION_SECRET:
	case OPTION_PATH:
	case OPTION_TEXTS:
	case OPTION_PAIRS:
	case OPTION_MAPPING:
	case OPTION_MAPPINGS:
	case OPTION_STEPS:
	case OPTION_NAMED:
	case OPTION_LINES:
		break;
	}
	return false;
}

static void print_row(const struct option *option, struct text *text)
{
	text_append_json(text, option->key, strlen(option->key));
	text_append(text, ":{");
	if (option->about) {
		text_append(text, "\"description\":");
		text_append_json(text, option->about, strlen(option->about));
		text_append_char(text, ',');
	}
	if (option->fallback) {
		text_append(text, "\"default\":");
		text_append_json(text, option->fallback, strlen(option->fallback));
		text_append_char(text, ',');
	}
	text_append(text, "\"anyOf\":[");
	print_alternatives(option, text);
	if (may_be_reference(option))
		text_print(text, ",%s", reference);
	text_append(text, ",{\"type\":\"null\"}]}");
}

static void print_table(const struct option_table *table, struct text *text)
{
	text_append(text, "{\"type\":\"object\",\"additionalProperties\":false,");
	if (table->free_prefix)
		text_print(text, "\"patternProperties\":{\"^%s\":{}},", table->free_prefix);
	text_append(text, "\"properties\":{");
	for (const struct option *row = table->options; row->kind != OPTION_LAST; row++) {
		text_append(text, row == table->options ? "\n" : ",\n");
		print_row(row, text);
	}
	text_append(text, "}}");
}

void option_print_schema(const struct option_table *table, struct text *text)
{
	print_table(table, text);
}
