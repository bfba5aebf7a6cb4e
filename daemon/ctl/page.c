/* page.c - lines as wide as the terminal. */
#include <string.h>

#include "base/units.h"
#include "base/utf8.h"
#include "ctl/document.h"
#include "ctl/page.h"
#include "ctl/paint.h"

enum { WIDTH_MIN = 40 };

void page_done(struct page *page)
{
	text_done(&page->line);
}

/* How many bytes go into `room` columns: up to a blank where there is one, and never none. */
static size_t fitting(const char *line, size_t len, size_t indent, size_t room)
{
	size_t end = 0, blank = 0;
	uint32_t code;

	for (size_t columns = 0; columns < room && end < len; columns++) {
		const size_t step = utf8_next(line + end, len - end, &code);

		if (line[end] == ' ' && end > indent)
			blank = end;
		end += step ? step : 1;
	}
	if (end == len || line[end] == ' ')
		return end;
	return blank ? blank : end;
}

static size_t without_blanks(const char *line, size_t len)
{
	while (len > 0 && line[len - 1] == ' ')
		len--;
	return len;
}

void page_end(struct page *page, size_t indent)
{
	const size_t width = page->width && page->width < WIDTH_MIN ? WIDTH_MIN : page->width;
	const char *line = text_string(&page->line);
	size_t len = page->line.len, used = 0;

	while (width && utf8_count(line, len) + used > width) {
		size_t part = fitting(line, len, used ? 0 : indent, width - used);

		text_append_len(page->text, line, without_blanks(line, part));
		while (part < len && line[part] == ' ')
			part++;
		line += part;
		len -= part;
		if (len == 0)
			break;
		text_append_char(page->text, '\n');
		for (used = 0; used < indent; used++)
			text_append_char(page->text, ' ');
	}
	text_append_len(page->text, line, len);
	text_append_char(page->text, '\n');
	text_clear(&page->line);
}

void page_show(struct page *page, const json_t *object, const char *key)
{
	document_show(&page->line, object, key);
}

/* Nobody counts milliseconds of what was minutes ago. */
static void print_distance(struct text *text, usec_t wall, usec_t now)
{
	const usec_t distance = wall > now ? wall - now : now - wall;

	if (distance < USEC_PER_SEC) {
		text_append(text, " (now)");
		return;
	}
	text_append(text, wall > now ? " (in " : " (");
	if (distance < USEC_PER_MIN)
		units_duration_print(text, distance - distance % USEC_PER_SEC);
	else
		units_duration_show(text, distance);
	text_append(text, wall > now ? ")" : " ago)");
}

void page_show_time(struct page *page, const json_t *object, const char *key)
{
	const char *time = document_text(object, key);
	usec_t wall;

	page_show(page, object, key);
	if (units_time_parse(time, strlen(time), &wall) < 0)
		return;
	print_distance(&page->line, wall, page->now_wall);
}

const char *page_mark(const struct page *page, bool is_good)
{
	return paint_state(is_good ? STATE_UP : STATE_DOWN, page->has_utf8).glyph;
}
