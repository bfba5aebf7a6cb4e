/* print.c - tables for people: the key list of the manual, and a commented sample. */
#include <string.h>

#include "base/text.h"
#include "option/fault.h"
#include "option/option.h"

static bool ends_sentence(const char *at)
{
	return at[0] == '.' && at[1] == ' ' && !(at[2] >= 'a' && at[2] <= 'z');
}

/* Sentences in mdoc: each on a line of its own, nothing taken for a macro or an escape. */
static void append_mdoc(struct text *text, const char *sentence)
{
	bool is_start = true;

	for (; *sentence; sentence++) {
		if (is_start && (*sentence == '.' || *sentence == '\''))
			text_append(text, "\\&");
		is_start = false;
		if (*sentence == '\\') {
			text_append(text, "\\e");
		} else if (ends_sentence(sentence)) {
			text_append(text, ".\n");
			sentence++;
			is_start = true;
		} else {
			text_append_char(text, *sentence);
		}
	}
	text_append_char(text, '\n');
}

enum { TABLES_MAX = 64 };

/* The tables that were printed, each under which key: one that comes again is not repeated. */
struct printed {
	const struct option_table *tables[TABLES_MAX];
	const char *keys[TABLES_MAX];
	unsigned count;
};

static const char *printed_find(const struct printed *printed, const struct option_table *table)
{
	for (unsigned i = 0; i < printed->count; i++)
		if (printed->tables[i]->options == table->options)
			return printed->keys[i];
	return NULL;
}

static void print_mdoc_table(const struct option_table *table, struct printed *printed,
			     struct text *text);

static void print_mdoc_below(const struct option *row, struct printed *printed, struct text *text)
{
	const char *before = printed_find(printed, row->table);

	if (row->table->about)
		append_mdoc(text, row->table->about);
	if (before) {
		text_print(text, "Its keys are those of\n.Ic %s\nabove.\n", before);
		return;
	}
	if (printed->count < TABLES_MAX) {
		printed->tables[printed->count] = row->table;
		printed->keys[printed->count++] = row->key;
	}
	print_mdoc_table(row->table, printed, text);
}

static void print_mdoc_row(const struct option *row, bool is_short, struct printed *printed,
			   struct text *text)
{
	text_print(text, ".It Ic %s\n", row->key);
	if (row->about)
		append_mdoc(text, row->about);
	text_append(text, "It is ");
	fault_describe(row, text);
	if (row->is_required)
		text_append(text, ", and must be given");
	if (row->fallback)
		text_print(text, "; %s unless given", *row->fallback ? row->fallback : "empty");
	text_append(text, ".\n");
	if (is_short)
		text_append(text, "A single value instead of the mapping sets this key.\n");
	if (row->table)
		print_mdoc_below(row, printed, text);
}

static void print_mdoc_table(const struct option_table *table, struct printed *printed,
			     struct text *text)
{
	text_append(text, ".Bl -tag -width Ds\n");
	for (const struct option *row = table->options; row->kind != OPTION_LAST; row++)
		print_mdoc_row(row, table->short_key && strcmp(row->key, table->short_key) == 0,
			       printed, text);
	text_append(text, ".El\n");
}

void option_print_mdoc(const struct option_table *table, struct text *text)
{
	struct printed printed = { 0 };

	print_mdoc_table(table, &printed, text);
}

enum { LINE_MAX = 78 };

static void indent(unsigned depth, bool is_comment, struct text *text)
{
	for (unsigned i = 0; i < depth; i++)
		text_append(text, "  ");
	text_append(text, is_comment ? "#" : "");
}

/* "# words words", wrapped. */
static void print_comment(const char *sentence, unsigned depth, struct text *text)
{
	size_t column = 0;

	while (*sentence) {
		const size_t len = strcspn(sentence, " ");

		if (column == 0 || column + len + 1 > LINE_MAX) {
			text_append(text, column == 0 ? "" : "\n");
			indent(depth, true, text);
			column = 2 * depth + 1;
		}
		text_append_char(text, ' ');
		text_append_len(text, sentence, len);
		column += len + 1;
		sentence += len;
		sentence += *sentence == ' ';
	}
	text_append_char(text, '\n');
}

/* Texts in quotes where YAML would read something else. */
static void print_sample_value(const struct option *row, const char *value, struct text *text)
{
	const bool is_odd = *value == '\0' || strpbrk(value, ":#{}[],&*!|>'\"%@`") ||
			    (row->kind != OPTION_COUNT && strchr("0123456789", *value) &&
			     value[strspn(value, "0123456789.")] == '\0');

	if (!is_odd || row->kind == OPTION_MAPPING || row->kind == OPTION_PAIRS ||
	    row->kind == OPTION_LINES || *value == '[' || *value == '{')
		text_append(text, value);
	else
		text_append_json(text, value, strlen(value));
}

static void print_sample_row(const struct option *row, unsigned depth, bool is_comment,
			     struct text *text)
{
	struct text about = { 0 };

	text_print(&about, "%s ", row->about ? row->about : "");
	text_append_char(&about, '(');
	fault_describe(row, &about);
	text_append_char(&about, ')');
	print_comment(text_string(&about), depth, text);
	text_done(&about);
	indent(depth, is_comment, text);
	text_print(text, "%s:", row->key);
	if (row->fallback || row->example) {
		text_append_char(text, ' ');
		print_sample_value(row, row->fallback ? row->fallback : row->example, text);
	}
	text_append_char(text, '\n');
}

/* Whether there is something under that mapping to be written out. */
static bool has_fallbacks(const struct option_table *table)
{
	for (const struct option *row = table->options; row->kind != OPTION_LAST; row++)
		if (row->fallback ||
		    (row->kind == OPTION_MAPPING && !row->is_separate && has_fallbacks(row->table)))
			return true;
	return false;
}

void option_print_sample(const struct option_table *table, unsigned depth, struct text *text)
{
	for (const struct option *row = table->options; row->kind != OPTION_LAST; row++) {
		const bool is_nested =
			row->kind == OPTION_MAPPING && !row->example && has_fallbacks(row->table);

		print_sample_row(row, depth, !is_nested && !row->fallback, text);
		if (is_nested)
			option_print_sample(row->table, depth + 1, text);
	}
}
