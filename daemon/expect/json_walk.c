/* json_walk.c - one pass over a document, to its first fault or its end. */
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "expect/json_walk.h"

enum {
	/* A number of so many bytes without an exponent is less than any double's end. */
	SURELY_FINITE = 300,
	USUAL_DEPTH = 64,
};

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
	const char *data; /* borrowed */
	size_t len;
	size_t at;
	char *brackets; /* of max_depth; those that are open, as what closes them */
	unsigned depth, max_depth;
	struct way way;
	struct json_notes *notes; /* borrowed; of the caller */
};

static void set_place(struct walk *walk, size_t at)
{
	walk->notes->line = 1;
	walk->notes->column = 1;
	for (size_t i = 0; i < at; i++) {
		if (walk->data[i] == '\n') {
			walk->notes->line++;
			walk->notes->column = 1;
		} else if ((walk->data[i] & 0xc0) != 0x80) {
			walk->notes->column++;
		}
	}
}

/* Always false, for the walk to end. */
static bool fault(struct walk *walk, size_t at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static bool fault(struct walk *walk, size_t at, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(walk->notes->reason, sizeof(walk->notes->reason), format, arguments);
	va_end(arguments);
	set_place(walk, at);
	return false;
}

static int peek(const struct walk *walk)
{
	return walk->at < walk->len ? (unsigned char)walk->data[walk->at] : -1;
}

static bool is_blank(int c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static void skip_blanks(struct walk *walk)
{
	while (is_blank(peek(walk)))
		walk->at++;
}

/* Over what needs no second look, within a text. */
static void skip_plain(struct walk *walk)
{
	const unsigned char *at = (const unsigned char *)walk->data + walk->at;
	const unsigned char *end = (const unsigned char *)walk->data + walk->len;

	while (at < end && *at >= 0x20 && *at < 0x80 && *at != '"' && *at != '\\')
		at++;
	walk->at = (size_t)((const char *)at - walk->data);
}

static bool unexpected(struct walk *walk, const char *wanted)
{
	cleanup(text)
	struct text found = { .limit_bytes = 32 };
	uint32_t code;
	size_t step;

	if (walk->at >= walk->len)
		return fault(walk, walk->at, "it ends too early, %s was expected", wanted);
	step = utf8_next(walk->data + walk->at, walk->len - walk->at, &code);
	text_append_escaped(&found, walk->data + walk->at, step ? step : 1);
	return fault(walk, walk->at, "%s was expected, not '%s'", wanted, text_string(&found));
}

/* Four hexadecimal digits; -1: there are none. */
static long take_hex(struct walk *walk)
{
	char digits[5] = "";

	for (size_t i = 0; i < 4 && isxdigit(peek(walk)); i++)
		digits[i] = walk->data[walk->at++];
	return strlen(digits) == 4 ? strtol(digits, NULL, 16) : -1;
}

/* What follows \u, which stands at `from`. */
static bool take_code(struct walk *walk, size_t from, bool is_name)
{
	long code = take_hex(walk), low = 0;

	if (code < 0)
		return fault(walk, from, "\\u takes four hexadecimal digits");
	if (code == 0 && is_name)
		return fault(walk, from, "a name holds a NUL");
	if (code >= 0xd800 && code <= 0xdbff && walk->at + 1 < walk->len &&
	    memcmp(walk->data + walk->at, "\\u", 2) == 0) {
		walk->at += 2;
		low = take_hex(walk);
	}
	if (code >= 0xd800 && code <= 0xdfff && (code > 0xdbff || low < 0xdc00 || low > 0xdfff))
		return fault(walk, from, "half of a surrogate pair stands alone");
	return true;
}

static bool take_escape(struct walk *walk, bool is_name)
{
	const size_t from = walk->at++;
	const int c = peek(walk);

	walk->at++;
	if (c == 'u')
		return take_code(walk, from, is_name);
	if (c > 0 && strchr("\"\\/bfnrt", c))
		return true;
	return fault(walk, from, "there is no such escape");
}

static bool take_string(struct walk *walk, bool is_name)
{
	uint32_t code;
	size_t step;

	walk->at++;
	for (skip_plain(walk); peek(walk) >= 0 && peek(walk) != '"'; skip_plain(walk)) {
		if (peek(walk) == '\\') {
			if (!take_escape(walk, is_name))
				return false;
			continue;
		}
		step = utf8_next(walk->data + walk->at, walk->len - walk->at, &code);
		if (step == 0)
			return fault(walk, walk->at, "a byte is not UTF-8");
		if (code < 0x20)
			return fault(walk, walk->at,
				     "the control character \\u%04x stands in a text", code);
		walk->at += step;
	}
	if (peek(walk) < 0)
		return fault(walk, walk->len, "it ends within a text");
	walk->at++;
	return true;
}

static bool take_digits(struct walk *walk)
{
	if (!isdigit(peek(walk)))
		return unexpected(walk, "a digit");
	while (isdigit(peek(walk)))
		walk->at++;
	return true;
}

static bool is_finite(const struct walk *walk, size_t from)
{
	char *number = memory_text_len(walk->data + from, walk->at - from);
	const bool is_finite = isfinite(strtod(number, NULL));

	free(number);
	return is_finite;
}

static bool take_number(struct walk *walk)
{
	const size_t from = walk->at, digits = from + (peek(walk) == '-');
	bool has_exponent = false;

	walk->at = digits;
	if (!take_digits(walk))
		return false;
	if (walk->data[digits] == '0' && walk->at > digits + 1)
		return fault(walk, digits, "a number has no leading zeros");
	if (peek(walk) == '.') {
		walk->at++;
		if (!take_digits(walk))
			return false;
	}
	if (peek(walk) == 'e' || peek(walk) == 'E') {
		has_exponent = true;
		walk->at++;
		walk->at += peek(walk) == '+' || peek(walk) == '-';
		if (!take_digits(walk))
			return false;
	}
	return (!has_exponent && walk->at - from < SURELY_FINITE) || is_finite(walk, from) ||
	       fault(walk, from, "a number is beyond what a double holds");
}

static bool take_word(struct walk *walk)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < 3; i++)
		if (walk->len - walk->at >= strlen(words[i]) &&
		    memcmp(walk->data + walk->at, words[i], strlen(words[i])) == 0) {
			walk->at += strlen(words[i]);
			return true;
		}
	return unexpected(walk, "a value");
}

/* --- The way to one value ------------------------------------------------------------------- */

/* Whether the bytes between the quotes at `from` and before `to` are the name of this step. */
static bool is_named(const struct walk *walk, size_t from, size_t to,
		     const struct jsonpath_step *step)
{
	const char *raw = walk->data + from + 1;
	const size_t len = to - from - 2;
	json_t *name;
	bool is_same;

	if (!step->name)
		return false;
	if (!memchr(raw, '\\', len))
		return len == step->name_len && memcmp(raw, step->name, len) == 0;
	name = json_loadb(walk->data + from, to - from, JSON_DECODE_ANY, NULL);
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
	way->is_next = is_named(walk, from, walk->at, &way->steps[way->on - 1]);
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
		walk->way.begin = walk->at;
}

static void note_end(struct walk *walk)
{
	if (is_wanted(walk))
		walk->way.range = (struct json_range){ walk->way.begin, walk->at };
}

/* --- Names, brackets, values ---------------------------------------------------------------- */

/* A name, and the colon behind it. */
static bool take_name(struct walk *walk)
{
	size_t from;

	skip_blanks(walk);
	if (peek(walk) != '"')
		return unexpected(walk, "a name in double quotes");
	from = walk->at;
	if (!take_string(walk, true))
		return false;
	note_name(walk, from);
	skip_blanks(walk);
	if (peek(walk) != ':')
		return unexpected(walk, "':'");
	walk->at++;
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
	const char closing = walk->data[walk->at] == '{' ? '}' : ']';

	if (walk->depth >= walk->max_depth)
		return fault(walk, walk->at, "it is nested more than %u levels deep",
			     walk->max_depth);
	walk->at++;
	skip_blanks(walk);
	*ret_is_open = peek(walk) != closing;
	if (!*ret_is_open) {
		walk->at++;
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
		skip_blanks(walk);
		if (walk->depth == 0) {
			*ret_is_over = true;
			return walk->at == walk->len ||
			       fault(walk, walk->at, "something follows the value");
		}
		if (peek(walk) == walk->brackets[walk->depth - 1]) {
			note_closing(walk);
			walk->depth--;
			walk->at++;
			note_end(walk);
			continue;
		}
		if (peek(walk) != ',')
			return unexpected(walk, walk->brackets[walk->depth - 1] == '}'
							? "',' or '}'"
							: "',' or ']'");
		walk->at++;
		return take_place(walk);
	}
}
static bool take_scalar(struct walk *walk)
{
	const int c = peek(walk);

	if (c == '"')
		return take_string(walk, false);
	if (c == '-' || isdigit(c))
		return take_number(walk);
	return take_word(walk);
}

/* One value, or the opening bracket of one and what stands before the first inside. */
static bool take_value(struct walk *walk, bool *ret_is_open)
{
	bool is_good;
	int c;

	*ret_is_open = false;
	skip_blanks(walk);
	note_begin(walk);
	c = peek(walk);
	is_good = c == '{' || c == '[' ? enter(walk, ret_is_open) : take_scalar(walk);
	if (is_good && !*ret_is_open)
		note_end(walk);
	return is_good;
}

static bool take_document(struct walk *walk)
{
	bool is_open, is_over = false;

	if (walk->len >= 3 && memcmp(walk->data, "\xef\xbb\xbf", 3) == 0)
		return fault(walk, 0, "it begins with a byte order mark");
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
		.data = data,
		.len = len,
		.brackets = is_usual ? usual : memory_new(max_depth, 1),
		.max_depth = max_depth,
		.way = { .steps = steps, .count = count },
		.notes = ret_notes,
	};
	const bool is_good = take_document(&walk);

	if (!is_usual)
		free(walk.brackets);
	*ret_range = is_good ? walk.way.range : (struct json_range){ 0 };
	return is_good;
}
