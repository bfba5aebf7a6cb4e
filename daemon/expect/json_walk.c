/* json_walk.c - one pass over a document, to its first fault or its end. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "expect/json_skim.h"
#include "expect/json_tokens.h"
#include "expect/json_walk.h"

enum { USUAL_DEPTH = 64 };

/* How far the walk is on the way to the value that is looked for. */
struct way {
	const struct jsonpath_step *steps; /* borrowed */
	size_t count;
	/* So many of the brackets that are open, from the outermost, are on the way, and
	 * of the innermost of these `index` is the element that comes next.
	 */
	size_t on, index;
	bool is_next; /* the value that comes next in that one, or came last, is the step's */
	size_t begin; /* of the value that is looked for */
	struct json_range range;
};

struct walk {
	struct tokens tokens;
	char *brackets; /* of max_depth; those that are open, as what closes them */
	unsigned depth, max_depth;
	bool is_careful; /* something is unusual, and may be wrong: nothing is skimmed any more */
	struct way way;
};

/* --- The way to one value ------------------------------------------------------------------- */

/* Whether the bytes between the quotes at `from` and before `to` are the name of this step. */
static bool is_named(const struct walk *walk, size_t from, size_t to,
		     const struct jsonpath_step *step)
{
	const char *raw = walk->tokens.data + from + 1;
	const size_t len = to - from - 2;
	json_t *name;
	bool is_same;

	if (!step->name)
		return false;
	if (!memchr(raw, '\\', len))
		return len == step->name_len && memcmp(raw, step->name, len) == 0;
	name = json_loadb(walk->tokens.data + from, to - from, JSON_DECODE_ANY, NULL);
	is_same = name && json_string_length(name) == step->name_len &&
		  memcmp(json_string_value(name), step->name, step->name_len) == 0;
	json_decref(name);
	return is_same;
}

/* Whether the innermost bracket is on the way, so that what stands in it matters. */
static bool is_on_way(const struct walk *walk)
{
	return walk->depth > 0 && walk->depth == walk->way.on;
}

/* A name was read, the value of which comes next; an equal one before does not count. */
static void note_name(struct walk *walk, size_t from)
{
	struct way *way = &walk->way;

	if (!is_on_way(walk))
		return;
	way->is_next = is_named(walk, from, walk->tokens.at, &way->steps[way->on - 1]);
	if (way->is_next)
		way->range = (struct json_range){ 0 };
}

static void note_element(struct walk *walk)
{
	struct way *way = &walk->way;

	if (!is_on_way(walk))
		return;
	way->is_next = !way->steps[way->on - 1].name && way->steps[way->on - 1].index == way->index;
	way->index++;
}

/* Whether the value that begins here is the one that the first `on` steps lead to. */
static bool is_reached(const struct walk *walk)
{
	return walk->depth == walk->way.on && (walk->depth == 0 || walk->way.is_next);
}

static void note_opened(struct walk *walk)
{
	struct way *way = &walk->way;

	if (!is_reached(walk) || way->on == way->count)
		return;
	way->on++;
	way->index = 0;
	way->is_next = false;
}

/* Before the innermost bracket is closed. */
static void note_closing(struct walk *walk)
{
	struct way *way = &walk->way;

	if (!is_on_way(walk))
		return;
	way->on--;
	/* Back in the one around it, behind the element that led here. */
	if (way->on > 0)
		way->index = way->steps[way->on - 1].index + 1;
	way->is_next = false;
}

/* Whether the value that begins or ends here is the one that is looked for. */
static bool is_wanted(const struct walk *walk)
{
	return walk->way.on == walk->way.count && is_reached(walk);
}

static void note_begin(struct walk *walk)
{
	if (is_wanted(walk))
		walk->way.begin = walk->tokens.at;
}

static void note_end(struct walk *walk)
{
	if (is_wanted(walk))
		walk->way.range = (struct json_range){ walk->way.begin, walk->tokens.at };
}

/* --- Names, brackets, values ---------------------------------------------------------------- */

/* A name, and the colon behind it. */
static bool take_name(struct walk *walk)
{
	size_t from;

	tokens_skip_blanks(&walk->tokens);
	if (tokens_peek(&walk->tokens) != '"')
		return tokens_unexpected(&walk->tokens, "a name in double quotes");
	from = walk->tokens.at;
	if (!tokens_take_text(&walk->tokens, true))
		return false;
	note_name(walk, from);
	tokens_skip_blanks(&walk->tokens);
	if (tokens_peek(&walk->tokens) != ':')
		return tokens_unexpected(&walk->tokens, "':'");
	walk->tokens.at++;
	return true;
}

/* To where the first or the next value in the innermost bracket begins. */
static bool take_place(struct walk *walk)
{
	if (walk->brackets[walk->depth - 1] == '}')
		return take_name(walk);
	note_element(walk);
	return true;
}

/* Over an opening bracket.  Whether a value has to follow; else the bracket is closed. */
static bool enter(struct walk *walk, bool *ret_is_open)
{
	const char closing = walk->tokens.data[walk->tokens.at] == '{' ? '}' : ']';

	if (walk->depth >= walk->max_depth)
		return tokens_fault(&walk->tokens, walk->tokens.at,
				    "it is nested more than %u levels deep", walk->max_depth);
	walk->tokens.at++;
	tokens_skip_blanks(&walk->tokens);
	*ret_is_open = tokens_peek(&walk->tokens) != closing;
	if (!*ret_is_open) {
		walk->tokens.at++;
		return true;
	}
	note_opened(walk);
	walk->brackets[walk->depth++] = closing;
	return take_place(walk);
}

/* What follows a value, up to where the next one begins; *ret_is_over: there is none. */
static bool go_on(struct walk *walk, bool *ret_is_over)
{
	*ret_is_over = false;
	for (;;) {
		tokens_skip_blanks(&walk->tokens);
		if (walk->depth == 0) {
			*ret_is_over = true;
			return walk->tokens.at == walk->tokens.len ||
			       tokens_fault(&walk->tokens, walk->tokens.at,
					    "something follows the value");
		}
		if (tokens_peek(&walk->tokens) == walk->brackets[walk->depth - 1]) {
			note_closing(walk);
			walk->depth--;
			walk->tokens.at++;
			note_end(walk);
			continue;
		}
		if (tokens_peek(&walk->tokens) != ',')
			return tokens_unexpected(&walk->tokens,
						 walk->brackets[walk->depth - 1] == '}'
							 ? "',' or '}'"
							 : "',' or ']'");
		walk->tokens.at++;
		return take_place(walk);
	}
}
/* Over a value at once in which nothing is looked for: it is not on the way, or the end of it. */
static bool skim(struct walk *walk)
{
	if (walk->is_careful || (is_reached(walk) && walk->way.on < walk->way.count))
		return false;
	if (json_skim(&walk->tokens, walk->max_depth - walk->depth))
		return true;
	walk->is_careful = true;
	return false;
}

/* One value, or the opening bracket of one and what stands before the first inside. */
static bool take_value(struct walk *walk, bool *ret_is_open)
{
	bool is_good;
	int c;

	*ret_is_open = false;
	tokens_skip_blanks(&walk->tokens);
	note_begin(walk);
	if (skim(walk)) {
		note_end(walk);
		return true;
	}
	c = tokens_peek(&walk->tokens);
	is_good =
		c == '{' || c == '[' ? enter(walk, ret_is_open) : tokens_take_scalar(&walk->tokens);
	if (is_good && !*ret_is_open)
		note_end(walk);
	return is_good;
}

static bool take_document(struct walk *walk)
{
	bool is_open, is_over = false;

	if (walk->tokens.len >= 3 && memcmp(walk->tokens.data, "\xef\xbb\xbf", 3) == 0)
		return tokens_fault(&walk->tokens, 0, "it begins with a byte order mark");
	while (!is_over)
		if (!take_value(walk, &is_open) || (!is_open && !go_on(walk, &is_over)))
			return false;
	return true;
}

bool json_walk(const char *data, size_t len, unsigned max_depth, const struct jsonpath_step *steps,
	       size_t count, struct json_range *ret_range, struct json_notes *ret_notes)
{
	char usual[USUAL_DEPTH];
	const bool is_usual = max_depth <= USUAL_DEPTH;
	struct walk walk = {
		.tokens = { .data = data, .len = len, .notes = ret_notes },
		.brackets = is_usual ? usual : memory_new(max_depth, 1),
		.max_depth = max_depth,
		.way = { .steps = steps, .count = count },
	};
	const bool is_good = take_document(&walk);

	if (!is_usual)
		free(walk.brackets);
	*ret_range = is_good ? walk.way.range : (struct json_range){ 0 };
	return is_good;
}
