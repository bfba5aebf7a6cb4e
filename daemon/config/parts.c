/* parts.c - where the text of a large file can be cut. */
#include <stdbool.h>
#include <string.h>

#include "config/parts.h"

static const char key[] = "endpoints:";

/* A line, and how far from the margin it begins. */
struct line {
	const char *at, *end, *next;
	size_t indent;
};

static struct line line_at(const char *at, const char *end)
{
	const char *stop = memchr(at, '\n', (size_t)(end - at));
	struct line line = { .at = at, .end = stop ? stop : end, .next = stop ? stop + 1 : end };

	while (at + line.indent < line.end && at[line.indent] == ' ')
		line.indent++;
	return line;
}

static bool says_nothing(const struct line *line)
{
	return line->at + line->indent == line->end || line->at[line->indent] == '#';
}

static bool is_item(const struct line *line)
{
	const char *dash = line->at + line->indent;

	return dash < line->end && *dash == '-' && (dash + 1 == line->end || dash[1] == ' ');
}

static bool is_key(const struct line *line)
{
	const size_t len = sizeof(key) - 1;
	const char *rest = line->at + len;

	if ((size_t)(line->end - line->at) < len || memcmp(line->at, key, len) != 0)
		return false;
	while (rest < line->end && *rest == ' ')
		rest++;
	return rest == line->end || (*rest == '#' && rest[-1] == ' ');
}

/* Behind the key at the margin; NULL: there is none, or what stands before may be meant by
 * what follows.
 */
static const char *find_key(const char *text, const char *end, uint32_t *lines)
{
	while (text < end) {
		const struct line line = line_at(text, end);

		++*lines;
		if (is_key(&line))
			return line.next;
		if (memchr(line.at, '&', (size_t)(line.end - line.at)))
			return NULL;
		text = line.next;
	}
	return NULL;
}

/* Where the first endpoint begins; `end`: nowhere. */
static const char *find_first(const char *at, const char *end, uint32_t *lines)
{
	while (at < end) {
		const struct line line = line_at(at, end);

		if (!says_nothing(&line))
			return is_item(&line) ? at : end;
		++*lines;
		at = line.next;
	}
	return end;
}

unsigned parts_cut(const char *text, size_t len, size_t least, unsigned most,
		   struct part parts[PARTS_MAX])
{
	const char *const end = text + len;
	const unsigned count = len / least < most ? (unsigned)(len / least) : most;
	uint32_t lines = 0;
	unsigned cut = 0;
	const char *at;
	size_t indent;

	parts[0] = (struct part){ .end = len };
	/* A carriage return alone is a line's end, too. */
	if (count < 2 || memchr(text, '\r', len) || !(at = find_key(text, end, &lines)))
		return 1;
	at = find_first(at, end, &lines);
	indent = line_at(at, end).indent;
	while (at < end) {
		const struct line line = line_at(at, end);
		const bool is_due = (size_t)(at - text) >= (cut + 1) * (len / count);

		if (!says_nothing(&line) &&
		    (line.indent < indent || (line.indent == indent && !is_item(&line)))) {
			/* Another key, or no YAML. */
			parts[0].end = len;
			return 1;
		}
		if (is_due && cut + 1 < count && line.indent == indent && !says_nothing(&line)) {
			parts[cut++].end = (size_t)(at - text);
			parts[cut] = (struct part){ (size_t)(at - text), len, lines };
		}
		lines++;
		at = line.next;
	}
	return cut + 1;
}
