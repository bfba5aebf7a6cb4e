/* parse.c - queries, segments and selectors (RFC 9535, 2.1 to 2.3 and 2.5). */
#include <ctype.h>
#include <errno.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "expect/jsonpath/parse.h"

void parse_own(struct jsonpath *path, json_t *literal, struct regex *regex)
{
	struct owned *owned = arena_take(path->arena, sizeof(*owned));

	owned->literal = literal;
	owned->regex = regex;
	owned->next = path->owned;
	path->owned = owned;
}

static int parse_quoted_name(struct scan *scan, struct selector *selector)
{
	selector->kind = SELECTOR_NAME;
	return scan_string(scan, &selector->name, &selector->name_len);
}

static bool is_integer_first(const struct scan *scan)
{
	return scan_peek(scan, 0) == '-' || isdigit(scan_peek(scan, 0));
}

/* From the first colon on. */
static int parse_slice(struct scan *scan, struct selector *selector)
{
	int r;

	selector->kind = SELECTOR_SLICE;
	selector->step = 1;
	scan->at++;
	(void)scan_blanks(scan);
	if (is_integer_first(scan)) {
		selector->has_end = true;
		r = scan_integer(scan, &selector->end);
		if (r < 0)
			return r;
		(void)scan_blanks(scan);
	}
	if (!scan_accept(scan, ":"))
		return 0;
	(void)scan_blanks(scan);
	return is_integer_first(scan) ? scan_integer(scan, &selector->step) : 0;
}

static int parse_index_or_slice(struct scan *scan, struct selector *selector)
{
	size_t after;
	int r;

	selector->kind = SELECTOR_INDEX;
	if (is_integer_first(scan)) {
		selector->has_start = true;
		r = scan_integer(scan, &selector->start);
		if (r < 0)
			return r;
	}
	after = scan->at;
	(void)scan_blanks(scan);
	if (scan_peek(scan, 0) == ':')
		return parse_slice(scan, selector);
	scan->at = after;
	return 0;
}

static int parse_selector(struct scan *scan, struct selector *selector)
{
	const int c = scan_peek(scan, 0);

	if (c == '\'' || c == '"')
		return parse_quoted_name(scan, selector);
	if (c == '*') {
		selector->kind = SELECTOR_WILDCARD;
		scan->at++;
		return 0;
	}
	if (c == '?') {
		selector->kind = SELECTOR_FILTER;
		scan->at++;
		(void)scan_blanks(scan);
		return parse_filter(scan, &selector->filter);
	}
	if (c == ':' || is_integer_first(scan))
		return parse_index_or_slice(scan, selector);
	if (scan_is_name_first(scan))
		return scan_fault(scan, scan->at, "a name in brackets stands in quotes");
	return scan_unexpected(scan, "a name in quotes, an index, a slice, '*' or '?'");
}

/* Between brackets; `ret_blanks` says whether there were blanks beside them. */
static int parse_bracketed(struct scan *scan, struct segment *segment, bool *ret_blanks)
{
	struct selector **end = &segment->selectors;
	int r;

	do {
		struct selector *selector = arena_take(scan->path->arena, sizeof(*selector));

		*ret_blanks |= scan_blanks(scan);
		r = parse_selector(scan, selector);
		if (r < 0)
			return r;
		*end = selector;
		end = &selector->next;
		*ret_blanks |= scan_blanks(scan);
	} while (scan_accept(scan, ","));
	return scan_accept(scan, "]") ? 0 : scan_unexpected(scan, "',' or ']'");
}

/* After a dot: a name or an asterisk. */
static int parse_dotted(struct scan *scan, struct segment *segment)
{
	struct selector *selector = arena_take(scan->path->arena, sizeof(*selector));

	segment->selectors = selector;
	if (scan_accept(scan, "*")) {
		selector->kind = SELECTOR_WILDCARD;
		return 0;
	}
	if (!scan_is_name_first(scan))
		return scan_unexpected(scan, segment->is_descendant ? "a name, '*' or '['"
								    : "a name or '*'");
	selector->kind = SELECTOR_NAME;
	return scan_name(scan, &selector->name, &selector->name_len);
}

static bool is_singular(const struct segment *segment)
{
	const struct selector *first = segment->selectors;

	return !segment->is_descendant && !first->next &&
	       (first->kind == SELECTOR_NAME || first->kind == SELECTOR_INDEX);
}

static int parse_segment(struct scan *scan, struct segment *segment, struct query *query)
{
	int r;

	segment->is_descendant = scan_accept(scan, "..");
	if (scan_accept(scan, "[")) {
		r = parse_bracketed(scan, segment, &query->has_blanks);
	} else {
		if (!segment->is_descendant)
			(void)scan_accept(scan, ".");
		r = parse_dotted(scan, segment);
	}
	if (r == 0)
		query->is_singular &= is_singular(segment);
	return r;
}

int parse_query(struct scan *scan, struct query *ret)
{
	struct segment **end = &ret->segments;
	size_t after;
	int r;

	ret->is_singular = true;
	if (scan_peek(scan, 0) == '@' && scan->depth == 0)
		return scan_fault(scan, scan->at, "'@' has a meaning inside of filters only");
	ret->is_relative = scan_accept(scan, "@");
	if (!ret->is_relative && !scan_accept(scan, "$"))
		return scan_unexpected(scan, "'$'");
	for (;;) {
		struct segment *segment;

		after = scan->at;
		(void)scan_blanks(scan);
		if (scan_peek(scan, 0) != '.' && scan_peek(scan, 0) != '[')
			break;
		segment = arena_take(scan->path->arena, sizeof(*segment));
		r = parse_segment(scan, segment, ret);
		if (r < 0)
			return r;
		*end = segment;
		end = &segment->next;
	}
	/* Blanks belong to what follows, and at the end of all there may be none. */
	scan->at = after;
	return 0;
}

static int parse_whole(struct scan *scan)
{
	uint32_t code;
	size_t step;
	int r;

	for (size_t i = 0; i < scan->len; i += step) {
		step = utf8_next(scan->text + i, scan->len - i, &code);
		if (step == 0)
			return scan_fault(scan, i, "a query is UTF-8, and this byte is not");
	}
	r = parse_query(scan, &scan->path->query);
	if (r < 0)
		return r;
	if (scan->at == scan->len)
		return 0;
	if (scan_blanks(scan) && scan->at == scan->len)
		return scan_fault(scan, scan->at - 1, "a query does not end with blanks");
	return scan_unexpected(scan, "'.', '..' or '['");
}

static size_t count_steps(const struct query *query)
{
	size_t count = 0;

	if (!query->is_singular)
		return 0;
	for (const struct segment *segment = query->segments; segment; segment = segment->next) {
		if (segment->selectors->kind == SELECTOR_INDEX && segment->selectors->start < 0)
			return 0;
		count++;
	}
	return count;
}

static void note_steps(struct jsonpath *path)
{
	const struct segment *segment = path->query.segments;
	const size_t count = count_steps(&path->query);
	struct jsonpath_step *steps;

	if (count == 0)
		return;
	steps = arena_take(path->arena, count * sizeof(*steps));
	for (size_t i = 0; i < count; i++, segment = segment->next) {
		const struct selector *selector = segment->selectors;

		if (selector->kind == SELECTOR_NAME)
			steps[i] = (struct jsonpath_step){ .name = selector->name,
							   .name_len = selector->name_len };
		else
			steps[i] = (struct jsonpath_step){ .index = (size_t)selector->start };
	}
	path->steps = steps;
	path->steps_count = count;
}

int jsonpath_compile(const char *text, size_t len, struct jsonpath **ret,
		     struct jsonpath_fault *ret_fault)
{
	struct arena *arena = arena_new();
	cleanup(jsonpath)
	struct jsonpath *path = arena_take(arena, sizeof(*path));
	struct scan scan = { .text = text, .len = len, .path = path, .fault = ret_fault };
	int r;

	path->arena = arena;
	r = parse_whole(&scan);
	if (r < 0)
		return r;
	note_steps(path);
	*ret = TAKE(path);
	return 0;
}

void jsonpath_free(struct jsonpath *path)
{
	for (struct owned *owned = path->owned; owned; owned = owned->next) {
		if (owned->literal)
			json_decref(owned->literal);
		if (owned->regex)
			regex_free(owned->regex);
	}
	arena_free(path->arena);
}

int jsonpath_check_patterns(const struct jsonpath *path, struct jsonpath_fault *ret_fault)
{
	if (!path->hopeless)
		return 0;
	*ret_fault = *path->hopeless;
	return -EINVAL;
}

bool jsonpath_is_singular(const struct jsonpath *path)
{
	return path->query.is_singular;
}

const struct jsonpath_step *jsonpath_steps(const struct jsonpath *path, size_t *ret_count)
{
	*ret_count = path->steps_count;
	return path->steps;
}
