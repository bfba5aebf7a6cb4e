/* lines.c - expectations: how they add up, and programs made of them. */
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/map.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/loader.h"
#include "expect/expect.h"

enum { LINES_MAX = 256 };

/* "'…'" as YAML takes it for one text. */
static void append_quoted(struct text *text, const char *line, size_t len)
{
	text_append_char(text, '\'');
	for (size_t i = 0; i < len; i++) {
		text_append_char(text, line[i]);
		if (line[i] == '\'')
			text_append_char(text, '\'');
	}
	text_append_char(text, '\'');
}

/* The rest of the line in which a value begins, without blanks at its end. */
static const char *raw_line(struct loader *loader, const struct value *value, size_t *ret_len)
{
	struct source *source = files_find(&loader->files, value->file);
	const char *line = "";
	size_t len = 0, start = 0;

	if (source)
		line = source_line(source, value->line, &len);
	for (uint32_t column = 1; column < value->column && start < len; start++)
		column += (line[start + 1] & 0xc0) != 0x80;
	while (len > start && (line[len - 1] == ' ' || line[len - 1] == '\t'))
		len--;
	*ret_len = len - start;
	return line + start;
}

/* A line that YAML took for something else than a text. */
static void refuse_shape(struct loader *loader, const char *key, const struct value *item)
{
	const struct place place = value_place(item);
	cleanup(text)
	struct text quoted = { 0 };
	size_t len;
	const char *line = raw_line(loader, item, &len);

	if (item->kind == VALUE_MAP && item->style == VALUE_PLAIN && len && *line != '{') {
		append_quoted(&quoted, line, len);
		complain(loader->complaints, &place,
			 "YAML takes the ': ' in this line for a key and its value; write: - %s",
			 text_string(&quoted));
		return;
	}
	complain(loader->complaints, &place, "each line of '%s' is a text, not %s", key,
		 value_kind_name(item));
}

void lines_add(struct loader *loader, const char *key, const struct value *value,
	       struct lines *lines)
{
	const uint32_t count = value->kind == VALUE_LIST ? value->count : 1;
	const struct value *items = value->kind == VALUE_LIST ? value->items : value;
	const struct value **all;

	if (lines->count + count > LINES_MAX) {
		const struct place place = value_place(value);

		complain(loader->complaints, &place,
			 "an endpoint may have at most %d lines of '%s', counting those it takes "
			 "over",
			 LINES_MAX, key);
		return;
	}
	all = arena_take(loader->scratch, (lines->count + count) * sizeof(*all));
	if (lines->count)
		memcpy(all, lines->items, lines->count * sizeof(*all));
	lines->items = all;
	for (uint32_t i = 0; i < count; i++) {
		if (items[i].kind == VALUE_SCALAR)
			all[lines->count++] = &items[i];
		else
			refuse_shape(loader, key, &items[i]);
	}
}

/* Whether YAML took the end of a plain line for a comment; `quoted` gets it written right. */
static bool is_cut_by_comment(struct loader *loader, const struct value *line, struct text *quoted)
{
	size_t len;
	const char *raw = raw_line(loader, line, &len);
	size_t behind = line->count;

	if (line->style != VALUE_PLAIN || len <= line->count ||
	    memcmp(raw, line->text, line->count) != 0)
		return false;
	while (behind < len && (raw[behind] == ' ' || raw[behind] == '\t'))
		behind++;
	if (behind == len || raw[behind] != '#')
		return false;
	append_quoted(quoted, raw, len);
	return true;
}

static void refuse_line(struct loader *loader, const struct value *line,
			const struct expect_fault *fault)
{
	const struct place place =
		files_place_in(&loader->files, line, fault->column ? fault->column - 1 : 0);
	cleanup(text)
	struct text quoted = { 0 };

	if (is_cut_by_comment(loader, line, &quoted))
		complain(loader->complaints, &place,
			 "%s; YAML takes what follows ' #' for a comment, so write: - %s",
			 fault->message, text_string(&quoted));
	else
		complain(loader->complaints, &place, "%s", fault->message);
}

/* NULL where there is nothing to compile, or after a complaint. */
static struct program *compile(struct loader *loader, const struct lines *lines,
			       const struct probe_type *type, bool is_expect, const char *each)
{
	struct program *program = NULL;
	struct expect_fault fault;
	bool is_whole = true;

	for (unsigned i = 0; i < lines->count; i++) {
		if (program_add(&program, lines->items[i]->text, lines->items[i]->count,
				type->subjects, each, &fault) == 0)
			continue;
		refuse_line(loader, lines->items[i], &fault);
		is_whole = false;
	}
	if (!is_whole) {
		if (program)
			program_free(program);
		return NULL;
	}
	if (!is_expect || !type->expects)
		return program;
	if (program && (program_mentions(program, "class") ||
			(type->expects_unless && program_mentions(program, type->expects_unless))))
		return program;
	if (program_add(&program, type->expects, strlen(type->expects), type->subjects, NULL,
			&fault) < 0)
		abort();
	program_set_own(program);
	return program;
}

const struct program *lines_compile(struct loader *loader, const struct lines *lines,
				    const struct probe_type *type, bool is_expect, const char *each)
{
	cleanup(text)
	struct text key = { 0 };
	struct program *program;
	bool has_each = false;

	if (!lines->count && !is_expect)
		return NULL;
	text_append(&key, type->name);
	text_append(&key, is_expect ? " expect" : " warn");
	for (unsigned i = 0; i < lines->count; i++) {
		text_append_char(&key, '\n');
		text_append_len(&key, lines->items[i]->text, lines->items[i]->count);
		has_each = has_each || strstr(lines->items[i]->text, "${each}");
	}
	if (has_each)
		text_print(&key, "\n\n%s", each ? each : "");
	program = map_find(loader->programs, text_string(&key));
	if (program)
		return program;
	program = compile(loader, lines, type, is_expect, each);
	if (program)
		map_set(loader->programs, arena_text(loader->scratch, text_string(&key)), program);
	return program;
}

void lines_examine(struct loader *loader, const struct lines *lines)
{
	struct program *program = NULL;
	struct expect_fault fault;
	unsigned subjects = 0;

	for (unsigned i = 0; i < loader->keys->types_count; i++)
		subjects |= loader->keys->types[i]->subjects;
	for (unsigned i = 0; i < lines->count; i++)
		if (program_add(&program, lines->items[i]->text, lines->items[i]->count, subjects,
				"each", &fault) < 0)
			refuse_line(loader, lines->items[i], &fault);
	if (program)
		program_free(program);
}
