/* parts.c - a file that is cut, and read by several threads, is what one makes of it.
 *
 * Over: config/parts.c config/readers.c
 */
#include "config/parts.h"
#include "base/arena.h"
#include "config/readers.h"
#include "config/tree.h"
#include "fuzz.h"

/* So that texts of a few lines are large. */
enum { LEAST = 16 };

struct outcome {
	struct source source;
	struct arena *arena; /* owned */
	struct complaints *complaints; /* owned */
	struct value root;
	int result;
};

static bool is_same(const struct value *one, const struct value *other)
{
	const uint32_t times = one->kind == VALUE_MAP ? 2 : one->kind == VALUE_LIST ? 1 : 0;

	if (one->kind != other->kind || one->style != other->style || one->count != other->count ||
	    one->line != other->line || one->column != other->column)
		return false;
	if (times == 0 && strcmp(one->text, other->text) != 0)
		return false;
	for (uint32_t i = 0; i < one->count * times; i++)
		if (!is_same(&one->items[i], &other->items[i]))
			return false;
	return true;
}

static void assert_same_complaints(const struct outcome *one, const struct outcome *other)
{
	const size_t count = complaints_count(one->complaints);

	assert(complaints_count(other->complaints) == count);
	for (size_t i = 0; i < count; i++) {
		const struct complaint *ones = complaints_get(one->complaints, i);
		const struct complaint *others = complaints_get(other->complaints, i);

		assert(strcmp(ones->message, others->message) == 0);
		assert(ones->place.line == others->place.line);
		assert(ones->place.column == others->place.column);
	}
}

static void begin(struct outcome *outcome, char *text, size_t len)
{
	*outcome = (struct outcome){
		.source = { .name = (char *)"a.yaml", .text = text, .len = len },
		.arena = arena_new(),
		.complaints = complaints_new(),
	};
}

static void end(struct outcome *outcome)
{
	free(outcome->source.lines);
	complaints_free(outcome->complaints);
	arena_free(outcome->arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz input = { data, len };
	struct outcome whole, cut;
	size_t text_len;
	char *text = fuzz_rest(&input, &text_len);

	begin(&whole, text, text_len);
	begin(&cut, text, text_len);
	whole.result = tree_read(&whole.source, whole.arena, whole.complaints, &whole.root);
	cut.result =
		readers_read(&cut.source, LEAST, PARTS_MAX, cut.arena, cut.complaints, &cut.root);
	assert(cut.result == whole.result);
	assert(whole.result < 0 || is_same(&whole.root, &cut.root));
	assert_same_complaints(&whole, &cut);
	end(&whole);
	end(&cut);
	free(text);
	return 0;
}
