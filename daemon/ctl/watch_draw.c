/* watch_draw.c - what picketctl watch shows: head, endpoints, and a line to type into. */
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/units.h"
#include "ctl/board.h"
#include "ctl/ctl.h"
#include "ctl/document.h"
#include "ctl/paint.h"
#include "ctl/watch.h"

#define BOLD	"\033[1m"
#define FAINT	"\033[2m"
#define REVERSE "\033[7m"
#define RED	"\033[31m"

enum { STATE_WIDTH = 10, FOR_WIDTH = 6, LATENCY_WIDTH = 7, NAME_MIN = 12, SPARKS_MAX = 40 };

/* Which columns there is room for, and how wide they are; 0: not at all. */
struct columns {
	size_t name, since, latency, sparks;
};

/* Lines around the list: fewer on a low terminal. */
struct frame {
	size_t head, titles, foot;
};

static struct frame frame_of(size_t rows)
{
	return (struct frame){
		.head = rows >= 8   ? 2
			: rows >= 4 ? 1
				    : 0,
		.titles = rows >= 8,
		.foot = rows >= 8   ? 2
			: rows >= 2 ? 1
				    : 0,
	};
}

size_t watch_rows(const struct viewer *viewer)
{
	const size_t rows = screen_rows(viewer->screen);
	const struct frame frame = frame_of(rows);

	return rows - frame.head - frame.titles - frame.foot;
}

void viewer_arrange(struct viewer *viewer)
{
	const struct watch_list *list = &viewer->list;

	if (!viewer->is_unsorted)
		return;
	watch_list_arrange(&viewer->list);
	viewer->is_unsorted = false;
	/* Of all, so that nothing jumps while one scrolls. */
	viewer->widest = 0;
	for (size_t i = 0; i < list->lines_count; i++) {
		const struct seen *seen = list->lines[i].seen;
		const size_t name = seen ? strip_columns(seen->name, viewer->has_utf8) : 0;

		if (name > viewer->widest)
			viewer->widest = name;
	}
}

static struct columns columns_of(const struct viewer *viewer, size_t width)
{
	const size_t most = width / 4 > NAME_MIN ? width / 4 : NAME_MIN;
	struct columns columns = { .name = viewer->widest < most ? viewer->widest : most };

	if (columns.name < NAME_MIN)
		columns.name = NAME_MIN;
	columns.since = width >= 40 ? FOR_WIDTH : 0;
	columns.latency = width >= 50 ? LATENCY_WIDTH : 0;
	columns.sparks = width >= 64 ? width / 8 : 0;
	if (columns.sparks > SPARKS_MAX)
		columns.sparks = SPARKS_MAX;
	return columns;
}

/* --- Head --------------------------------------------------------------------------------- */

static void put_count(struct strip *strip, const json_t *counts, enum state state)
{
	const struct look look = paint_state(state, strip->has_utf8);
	const json_int_t count = json_integer_value(json_object_get(counts, state_name(state)));
	cleanup(text)
	struct text words = { 0 };

	if (count == 0)
		return;
	text_print(&words, "%s %lld %s", look.glyph, (long long)count, state_name(state));
	strip_put_all(strip, "  ", NULL);
	strip_put_all(strip, words.data, look.color);
}

static void put_clock(struct strip *strip)
{
	const time_t seconds = (time_t)(clock_wall() / USEC_PER_SEC);
	struct tm parts;
	char text[16];

	if (strip->used + 10 > strip->width || !localtime_r(&seconds, &parts))
		return;
	(void)strftime(text, sizeof(text), "%H:%M:%S", &parts);
	strip_fill(strip, strip->width - 8);
	strip_put_all(strip, text, NULL);
}

static long long number_in(const json_t *status, const char *object, const char *key)
{
	return (long long)json_integer_value(json_object_get(json_object_get(status, object), key));
}

static void put_totals(struct viewer *viewer, struct strip *strip)
{
	static const enum state order[] = { STATE_DOWN,	   STATE_DEGRADED, STATE_UNKNOWN,
					    STATE_PENDING, STATE_PAUSED,   STATE_UP };
	const json_t *status = viewer->feed.status;
	const long long count = number_in(status, "config", "endpoints");
	cleanup(text)
	struct text words = { 0 };

	text_print(&words, "%lld endpoint%s", count, count == 1 ? "" : "s");
	strip_put_all(strip, words.data, BOLD);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		put_count(strip, json_object_get(status, "endpoints"), order[i]);
	put_clock(strip);
}

static void put_vitals(struct viewer *viewer, struct strip *strip)
{
	const json_t *status = viewer->feed.status;
	const json_t *lateness = json_object_get(status, "lateness");
	const long long open = number_in(status, "incidents", "open");
	cleanup(text)
	struct text words = { 0 };

	text_print(&words, "%lld open incident%s  permits %lld of %lld", open, open == 1 ? "" : "s",
		   number_in(status, "permits", "in_use"), number_in(status, "permits", "max"));
	if (number_in(status, "checks", "waiting"))
		text_print(&words, ", %lld wait", number_in(status, "checks", "waiting"));
	if (json_object_get(lateness, "p99")) {
		text_append(&words, "  late p99 ");
		document_show_seconds(&words, lateness, "p99");
	}
	text_print(&words, "  %lld checks", number_in(status, "checks", "total"));
	strip_put_all(strip, words.data, NULL);
	if (json_object_get(json_object_get(status, "config"), "fault"))
		strip_put_all(strip, "  the last reload was refused", RED);
}

/* Nothing below is news any more. */
static void put_gone(struct viewer *viewer, struct strip *strip)
{
	const struct feed *feed = &viewer->feed;
	const usec_t now = clock_now();
	cleanup(text)
	struct text words = { 0 };

	text_print(&words, "%s no picketd answers",
		   paint_state(STATE_DOWN, viewer->has_utf8).glyph);
	if (feed->retry_at > now)
		text_print(&words, "; trying again in %u s",
			   (unsigned)((feed->retry_at - now) / USEC_PER_SEC) + 1);
	text_print(&words, "  (%s)", ctl_settings()->socket);
	strip_put_all(strip, words.data, RED);
}

static void draw_head(struct viewer *viewer, size_t lines)
{
	struct strip *strip = &viewer->strip;
	const bool is_gone = viewer->feed.retry_at != 0;

	for (size_t i = 0; i < lines; i++) {
		strip_begin(strip, NULL);
		if (is_gone && i == lines - 1)
			put_gone(viewer, strip);
		else if (!viewer->feed.status)
			strip_put_all(strip, i ? "" : "asking picketd ...", NULL);
		else if (i == 0)
			put_totals(viewer, strip);
		else
			put_vitals(viewer, strip);
		screen_set(viewer->screen, i, strip_end(strip));
	}
}

static void draw_titles(struct viewer *viewer, const struct columns *columns, size_t row)
{
	struct strip *strip = &viewer->strip;
	cleanup(text)
	struct text detail = { 0 };

	strip_begin(strip, FAINT);
	strip_put_all(strip, "  STATE", NULL);
	strip_fill(strip, 2 + STATE_WIDTH + 1);
	strip_put(strip, "NAME", columns->name, NULL);
	strip_fill(strip, 2 + STATE_WIDTH + 1 + columns->name);
	if (columns->since)
		strip_put_right(strip, "FOR", columns->since + 1);
	if (columns->latency)
		strip_put_right(strip, "LATENCY", columns->latency + 1);
	if (columns->sparks)
		strip_put_right(strip, "RECENT", columns->sparks + 1);
	text_append(&detail, " DETAIL");
	if (viewer->list.filter.len)
		text_print(&detail, "  %zu of %zu", viewer->list.shown, viewer->list.count);
	strip_put_all(strip, detail.data, NULL);
	screen_set(viewer->screen, row, strip_end(strip));
}

/* --- Endpoints ---------------------------------------------------------------------------- */

static void put_age(struct strip *strip, const struct seen *seen, size_t width)
{
	const usec_t wall = clock_wall();
	cleanup(text)
	struct text age = { 0 };

	if (seen->since && wall >= seen->since) {
		if (wall - seen->since < USEC_PER_MIN)
			text_print(&age, "%us", (unsigned)((wall - seen->since) / USEC_PER_SEC));
		else
			units_duration_show(&age, wall - seen->since);
	}
	strip_put_right(strip, text_string(&age), width);
}

static void put_latency(struct strip *strip, const struct seen *seen, size_t width)
{
	cleanup(text)
	struct text latency = { 0 };

	if (seen->latency >= 0 && seen->latency < 1e9)
		units_duration_show(&latency, (usec_t)(seen->latency * 1e6 + 0.5));
	strip_put_right(strip, text_string(&latency), width);
}

/* "acknowledged; down 1 of 3; timeout: no answer within 10s" */
static void print_detail(struct text *text, const struct seen *seen)
{
	const char *const parts[] = { seen->flags, seen->leaning, seen->reason };
	unsigned count = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (*parts[i])
			text_print(text, "%s%s", count++ ? "; " : "", parts[i]);
}

static void put_state(struct strip *strip, enum state state)
{
	const struct look look = paint_state(state, strip->has_utf8);
	cleanup(text)
	struct text words = { 0 };

	text_print(&words, "%s %s", look.glyph, state < STATES ? state_name(state) : "unknown");
	strip_put(strip, words.data, STATE_WIDTH, look.color);
}

static void put_endpoint(struct strip *strip, const struct columns *columns,
			 const struct seen *seen)
{
	cleanup(text)
	struct text detail = { 0 };

	put_state(strip, seen->state);
	strip_fill(strip, 2 + STATE_WIDTH + 1);
	strip_put(strip, seen->name, columns->name, NULL);
	strip_fill(strip, 2 + STATE_WIDTH + 1 + columns->name);
	if (columns->since)
		put_age(strip, seen, columns->since + 1);
	if (columns->latency)
		put_latency(strip, seen, columns->latency + 1);
	if (columns->sparks) {
		strip_put_all(strip, " ", NULL);
		strip_spark(strip, seen->sparks, seen->sparks_count, columns->sparks);
	}
	print_detail(&detail, seen);
	strip_put_all(strip, " ", NULL);
	strip_put_all(strip, text_string(&detail), NULL);
}

/* "▾ payments: 12  ✗ 1 down  ✓ 11 up" */
static void put_bunch(struct strip *strip, const struct bunch *bunch)
{
	static const enum state order[] = { STATE_DOWN,	   STATE_DEGRADED, STATE_UNKNOWN,
					    STATE_PENDING, STATE_PAUSED,   STATE_UP };
	cleanup(text)
	struct text words = { 0 };

	if (strip->has_utf8)
		text_append(&words, bunch->is_folded ? "▸ " : "▾ ");
	else
		text_append(&words, bunch->is_folded ? "+ " : "- ");
	text_print(&words, "%s: %zu", *bunch->name ? bunch->name : "no group", bunch->count);
	strip_put_all(strip, words.data, BOLD);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		const struct look look = paint_state(order[i], strip->has_utf8);

		if (bunch->in_state[order[i]] == 0)
			continue;
		text_clear(&words);
		text_print(&words, "%s %zu %s", look.glyph, bunch->in_state[order[i]],
			   state_name(order[i]));
		strip_put_all(strip, "  ", NULL);
		strip_put_all(strip, words.data, look.color);
	}
}

static void draw_line(struct viewer *viewer, const struct columns *columns, size_t index,
		      size_t row)
{
	const struct watch_list *list = &viewer->list;
	struct strip *strip = &viewer->strip;
	const bool is_chosen = index == list->at && index < list->lines_count;

	strip_begin(strip, is_chosen ? REVERSE : NULL);
	if (index < list->lines_count) {
		const struct watch_line *line = &list->lines[index];

		strip_put_all(strip, is_chosen ? (strip->has_utf8 ? "› " : "> ") : "  ", NULL);
		if (line->seen)
			put_endpoint(strip, columns, line->seen);
		else
			put_bunch(strip, line->bunch);
	} else if (index == 0 && viewer->feed.is_connected) {
		strip_put_all(strip, "  nothing matches", NULL);
	}
	screen_set(viewer->screen, row, strip_end(strip));
}

/* --- Foot --------------------------------------------------------------------------------- */

/* What the bar is on, in full. */
static void put_chosen(struct viewer *viewer, struct strip *strip)
{
	const struct watch_line *line = watch_list_chosen(&viewer->list);
	cleanup(text)
	struct text words = { 0 };

	if (viewer->pane.is_open || !line || !line->seen)
		return;
	text_print(&words, "%s  %s  ", line->seen->name, line->seen->target);
	print_detail(&words, line->seen);
	strip_put_all(strip, words.data, NULL);
}

static void put_prompt(struct viewer *viewer, struct strip *strip)
{
	const struct prompt *prompt = &viewer->prompt;
	const char *subject = prompt->subject ? prompt->subject : "";
	cleanup(text)
	struct text words = { 0 };
	size_t width;
	const char *answer = text_string(&prompt->answer);

	switch (prompt->question) {
	case ASK_FILTER:
		text_append(&words, "filter: ");
		break;
	case ASK_ACK_COMMENT:
		text_print(&words, "comment on the incident of %s: ", subject);
		break;
	case ASK_SILENCE_SPAN:
		text_print(&words, "silence %s for (such as 2h): ", subject);
		break;
	case ASK_SILENCE_COMMENT:
		text_print(&words, "why is %s silent: ", subject);
		break;
	case ASK_NOTHING:
		return;
	}
	strip_put(strip, words.data, strip->width / 2, BOLD);
	/* The end of what is typed is what one wants to see. */
	width = strip->width - strip->used;
	while (width > 1 && strip_columns(answer, strip->has_utf8) >= width)
		answer++;
	while ((*answer & 0xc0) == 0x80)
		answer++;
	strip_put_all(strip, answer, NULL);
	strip_put_all(strip, strip->has_utf8 ? "▏" : "_", NULL);
}

static void put_keys(struct viewer *viewer, struct strip *strip)
{
	const struct text *filter = &viewer->list.filter;
	cleanup(text)
	struct text words = { 0 };

	if (viewer->message_until > clock_now()) {
		strip_put_all(strip, text_string(&viewer->message), BOLD);
		return;
	}
	if (viewer->pane.is_open)
		text_append(&words, "q back  arrows scroll");
	else if (filter->len)
		text_print(&words, "only what has '%s'; Esc shows all", filter->data);
	else
		text_append(&words, "? help  / filter  Enter why  a ack  s silence  c check  "
				    "p pause  g group  q quit");
	strip_put_all(strip, words.data, FAINT);
}

static void draw_foot(struct viewer *viewer, size_t lines)
{
	const size_t rows = screen_rows(viewer->screen);
	struct strip *strip = &viewer->strip;

	if (lines > 1) {
		strip_begin(strip, NULL);
		put_chosen(viewer, strip);
		screen_set(viewer->screen, rows - 2, strip_end(strip));
	}
	if (lines > 0) {
		strip_begin(strip, NULL);
		if (viewer->prompt.question != ASK_NOTHING)
			put_prompt(viewer, strip);
		else
			put_keys(viewer, strip);
		screen_set(viewer->screen, rows - 1, strip_end(strip));
	}
}

/* --- All of it ---------------------------------------------------------------------------- */

static void draw_pane(struct viewer *viewer, size_t from, size_t rows)
{
	struct pane *pane = &viewer->pane;
	struct strip *strip = &viewer->strip;
	const char *line;

	pane_print(viewer, pane, strip->width);
	if (pane->top + rows > pane->lines)
		pane->top = pane->lines > rows ? pane->lines - rows : 0;
	line = text_string(&pane->text);
	for (size_t i = 0; i < pane->top; i++)
		line = strchr(line, '\n') + 1;
	for (size_t i = 0; i < rows; i++) {
		const size_t len = strcspn(line, "\n");
		cleanup(text)
		struct text one = { 0 };

		text_append_len(&one, line, len);
		strip_begin(strip, NULL);
		strip_put_all(strip, text_string(&one), NULL);
		screen_set(viewer->screen, from + i, strip_end(strip));
		line += len + (line[len] == '\n');
	}
}

void watch_draw(struct viewer *viewer)
{
	const size_t rows = screen_rows(viewer->screen);
	const struct frame frame = frame_of(rows);
	const size_t body = watch_rows(viewer);
	struct columns columns;

	viewer->strip.width = screen_columns(viewer->screen);
	viewer->strip.has_color = viewer->has_color;
	viewer->strip.has_utf8 = viewer->has_utf8;
	draw_head(viewer, frame.head);
	if (viewer->pane.is_open) {
		draw_pane(viewer, frame.head, frame.titles + body);
	} else {
		columns = columns_of(viewer, viewer->strip.width);
		watch_list_scroll(&viewer->list, body);
		if (frame.titles)
			draw_titles(viewer, &columns, frame.head);
		for (size_t i = 0; i < body; i++)
			draw_line(viewer, &columns, viewer->list.top + i,
				  frame.head + frame.titles + i);
	}
	draw_foot(viewer, frame.foot);
	screen_flush(viewer->screen);
}
