/* both_ways.c - a file that several threads read, beside what one thread makes of it. */
#include "both_ways.h"
#include "base/arena.h"
#include "base/memory.h"
#include "bench.h"
#include "config/parts.h"
#include "config/readers.h"
#include "config/tree.h"

/* So that texts of a few lines are large. */
enum { LEAST = 16 };

static struct source source_of(char *text, size_t len)
{
	return (struct source){ .name = (char *)"a.yaml", .text = text, .len = len };
}

static void assert_same(const struct value *one, const struct value *other)
{
	const uint32_t times = one->kind == VALUE_MAP ? 2 : one->kind == VALUE_LIST ? 1 : 0;

	assert_int_equal(one->kind, other->kind);
	assert_int_equal(one->style, other->style);
	assert_int_equal(one->count, other->count);
	assert_int_equal(one->line, other->line);
	assert_int_equal(one->column, other->column);
	assert_ptr_equal(one->file, other->file);
	if (times == 0)
		assert_string_equal(one->text, other->text);
	for (uint32_t i = 0; i < one->count * times; i++)
		assert_same(&one->items[i], &other->items[i]);
}

static void assert_same_complaints(struct complaints *ones, struct complaints *others)
{
	assert_int_equal(complaints_count(ones), complaints_count(others));
	for (size_t i = 0; i < complaints_count(ones); i++) {
		const struct complaint *one = complaints_get(ones, i);
		const struct complaint *other = complaints_get(others, i);

		assert_string_equal(one->message, other->message);
		assert_int_equal(one->place.line, other->place.line);
		assert_int_equal(one->place.column, other->place.column);
	}
}

unsigned both_ways_read(const char *text, size_t len)
{
	char *copy = memory_text_len(text, len);
	struct source whole = source_of(copy, len), cut = source_of(copy, len);
	struct arena *arenas[] = { arena_new(), arena_new() };
	struct complaints *complaints[] = { complaints_new(), complaints_new() };
	struct part parts[PARTS_MAX];
	const unsigned count = parts_cut(copy, len, LEAST, PARTS_MAX, parts);
	struct value one, other;
	const bool is_whole = parts[0].begin == 0 && parts[count - 1].end == len;
	const int r = tree_read(&whole, arenas[0], complaints[0], &one);

	assert_int_equal(readers_read(&cut, LEAST, PARTS_MAX, arenas[1], complaints[1], &other), r);
	assert_true(is_whole);
	/* Values carry the name itself. */
	if (r == 0)
		assert_same(&one, &other);
	assert_same_complaints(complaints[0], complaints[1]);
	for (unsigned i = 0; i < 2; i++) {
		complaints_free(complaints[i]);
		arena_free(arenas[i]);
	}
	free(whole.lines);
	free(cut.lines);
	free(copy);
	return count;
}
