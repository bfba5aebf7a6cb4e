/* strip.c - one line of a screen, laid out in columns. */
#include <string.h>
#include <wchar.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "ctl/paint.h"
#include "ctl/strip.h"

#define PLAIN "\033[0m"

void strip_done(struct strip *strip)
{
	text_done(&strip->text);
}

void strip_begin(struct strip *strip, const char *base)
{
	text_clear(&strip->text);
	strip->used = 0;
	strip->base = strip->has_color ? base : NULL;
	if (strip->base)
		text_append(&strip->text, strip->base);
}

/* One character: its bytes, and the columns of what is shown for it. */
static size_t next(const char *data, size_t len, bool has_utf8, const char **ret_shown,
		   size_t *ret_columns)
{
	uint32_t code = 0;
	const size_t step = utf8_next(data, len, &code);
	const int columns = step == 1 || has_utf8 ? wcwidth((wchar_t)code) : -1;

	*ret_shown = columns < 0 ? "?" : NULL;
	*ret_columns = columns < 0 ? 1 : (size_t)columns;
	return step ? step : 1;
}

static size_t columns_of(const char *data, size_t len, bool has_utf8)
{
	size_t sum = 0;

	for (size_t i = 0; i < len;) {
		const char *shown;
		size_t columns;

		i += next(data + i, len - i, has_utf8, &shown, &columns);
		sum += columns;
	}
	return sum;
}

size_t strip_columns(const char *text, bool has_utf8)
{
	cleanup(text)
	struct text escaped = { 0 };

	text_append_escaped(&escaped, text, strlen(text));
	return columns_of(text_string(&escaped), escaped.len, has_utf8);
}

/* As much as goes into `room` columns; what was used of them. */
static size_t append(struct strip *strip, const char *data, size_t len, size_t room)
{
	size_t used = 0;

	for (size_t i = 0; i < len;) {
		const char *shown;
		size_t columns;
		const size_t step = next(data + i, len - i, strip->has_utf8, &shown, &columns);

		if (used + columns > room)
			break;
		if (shown)
			text_append(&strip->text, shown);
		else
			text_append_len(&strip->text, data + i, step);
		used += columns;
		i += step;
	}
	return used;
}

void strip_put(struct strip *strip, const char *text, size_t columns, const char *color)
{
	const size_t left = strip->width - strip->used;
	const size_t room = columns < left ? columns : left;
	cleanup(text)
	struct text escaped = { 0 };

	text_append_escaped(&escaped, text, strlen(text));
	if (room == 0 || escaped.len == 0)
		return;
	if (strip->has_color && color)
		text_append(&strip->text, color);
	if (columns_of(escaped.data, escaped.len, strip->has_utf8) <= room) {
		strip->used += append(strip, escaped.data, escaped.len, room);
	} else {
		strip->used += append(strip, escaped.data, escaped.len, room - 1);
		text_append(&strip->text, strip->has_utf8 ? "…" : "~");
		strip->used++;
	}
	if (strip->has_color && color) {
		text_append(&strip->text, PLAIN);
		text_append(&strip->text, strip->base ? strip->base : "");
	}
}

void strip_put_all(struct strip *strip, const char *text, const char *color)
{
	strip_put(strip, text, strip->width, color);
}

void strip_fill(struct strip *strip, size_t upto)
{
	while (strip->used < upto && strip->used < strip->width) {
		text_append_char(&strip->text, ' ');
		strip->used++;
	}
}

void strip_put_right(struct strip *strip, const char *text, size_t columns)
{
	const size_t end = strip->used + columns;
	const size_t taken = strip_columns(text, strip->has_utf8);

	strip_fill(strip, taken < columns ? end - taken : strip->used);
	strip_put(strip, text, columns, NULL);
}

static const char *const bars[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
static const char *const ascii_bars[] = { "_", ".", ",", "-", "=", "+", "*", "#" };
enum { BARS = sizeof(bars) / sizeof(bars[0]) };

static void put_one(struct strip *strip, const struct spark *spark, uint32_t highest)
{
	const struct look look = paint_verdict(spark->kind, strip->has_utf8);
	size_t height;

	if (spark->kind != VERDICT_PASS) {
		strip_put(strip, look.glyph, 1, look.color);
	} else if (spark->latency == 0) {
		strip_put(strip, strip->has_utf8 ? "·" : ".", 1, NULL);
	} else {
		height = (size_t)((uint64_t)spark->latency * BARS / ((uint64_t)highest + 1));
		strip_put(strip, (strip->has_utf8 ? bars : ascii_bars)[height], 1, NULL);
	}
}

void strip_spark(struct strip *strip, const struct spark *sparks, size_t count, size_t columns)
{
	const size_t end = strip->used + columns;
	const size_t shown = count < columns ? count : columns;
	uint32_t highest = 0;

	sparks += count - shown;
	for (size_t i = 0; i < shown; i++)
		if (sparks[i].kind == VERDICT_PASS && sparks[i].latency > highest)
			highest = sparks[i].latency;
	strip_fill(strip, end - shown);
	for (size_t i = 0; i < shown; i++)
		put_one(strip, &sparks[i], highest);
}

const char *strip_end(struct strip *strip)
{
	if (strip->base) {
		strip_fill(strip, strip->width);
		text_append(&strip->text, PLAIN);
	}
	return text_string(&strip->text);
}
