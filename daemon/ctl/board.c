/* board.c - endpoints as picketctl shows them. */
#include <stdlib.h>
#include <string.h>

#include <libsmartcols.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/units.h"
#include "ctl/board.h"
#include "ctl/document.h"
#include "ctl/paint.h"

static const unsigned ranks[STATES] = {
	[STATE_DOWN] = 0,    [STATE_DEGRADED] = 1, [STATE_UNKNOWN] = 2,
	[STATE_PENDING] = 3, [STATE_PAUSED] = 4,   [STATE_UP] = 5,
};

unsigned board_rank(enum state state)
{
	return state < STATES ? ranks[state] : ranks[STATE_UNKNOWN];
}

static void row_done(struct row *row)
{
	free(row->name);
	free(row->age);
	free(row->latency);
	free(row->detail);
}

void board_done(struct board *board)
{
	for (size_t i = 0; i < board->count; i++)
		row_done(&board->rows[i]);
	free(board->rows);
	*board = (struct board){ 0 };
}

/* In whole seconds, then as durations are shown anyway. */
static char *show_age(const json_t *endpoint, usec_t now_wall)
{
	const char *since = document_text(endpoint, "since");
	struct text text = { 0 };
	usec_t wall;

	if (units_time_parse(since, strlen(since), &wall) < 0 || now_wall < wall)
		return text_take(&text);
	if (now_wall - wall < USEC_PER_MIN)
		text_print(&text, "%us", (unsigned)((now_wall - wall) / USEC_PER_SEC));
	else
		units_duration_show(&text, now_wall - wall);
	return text_take(&text);
}

static char *show_latency(const json_t *last, double *ret_seconds)
{
	const json_t *latency = json_object_get(last, "latency");
	struct text text = { 0 };

	*ret_seconds = json_is_number(latency) ? json_number_value(latency) : -1;
	document_show_seconds(&text, last, "latency");
	return text_take(&text);
}

/* "silenced, acknowledged": why nobody is told, or what to make of it. */
static void show_flags(struct text *text, const json_t *endpoint)
{
	const char *before = "";
	json_t *flag;
	size_t i;

	json_array_foreach(json_object_get(endpoint, "flags"), i, flag)
	{
		if (!json_is_string(flag))
			continue;
		text_print(text, "%s%s", before, json_string_value(flag));
		before = ", ";
	}
}

static char *show_detail(const json_t *endpoint, const json_t *last)
{
	const json_t *confirming = json_object_get(endpoint, "confirming");
	cleanup(text)
	struct text reason = { 0 };
	struct text text = { 0 };

	show_flags(&text, endpoint);
	if (confirming)
		text_print(&text, "%s%s %d of %d", text.len ? "; " : "",
			   document_text(confirming, "to"),
			   (int)json_integer_value(json_object_get(confirming, "seen")),
			   (int)json_integer_value(json_object_get(confirming, "needed")));
	document_reason(&reason, last);
	if (reason.len)
		text_print(&text, "%s%s", text.len ? "; " : "", reason.data);
	return text_take(&text);
}

void board_add(struct board *board, const json_t *endpoint, usec_t now_wall)
{
	const json_t *last = json_object_get(endpoint, "last_check");
	struct row row = {
		.state = state_find(document_text(endpoint, "state")),
		.name = memory_text(document_text(endpoint, "name")),
		.age = show_age(endpoint, now_wall),
		.detail = show_detail(endpoint, last),
	};

	row.latency = show_latency(last, &row.seconds);
	if (board->count == board->room) {
		board->room = memory_next_room(board->room, board->count + 1);
		board->rows = memory_grow(board->rows, board->room, sizeof(*board->rows));
	}
	board->rows[board->count++] = row;
}

static int compare_rows(const void *a, const void *b)
{
	const struct row *one = a, *other = b;
	const unsigned rank = board_rank(one->state), other_rank = board_rank(other->state);

	if (rank != other_rank)
		return rank < other_rank ? -1 : 1;
	return strcmp(one->name, other->name);
}

void board_sort(struct board *board)
{
	size_t kept = 0;

	if (board->count == 0)
		return;
	qsort(board->rows, board->count, sizeof(*board->rows), compare_rows);
	for (size_t i = 0; i < board->count; i++) {
		/* Two patterns may have found the same endpoint. */
		if (kept > 0 && compare_rows(&board->rows[kept - 1], &board->rows[i]) == 0)
			row_done(&board->rows[i]);
		else
			board->rows[kept++] = board->rows[i];
	}
	board->count = kept;
}

/* Safe for the terminal, and where the locale is ASCII, ASCII: libsmartcols 2.38 does not
 * come to an end with a byte that mbrtowc(3) refuses.
 */
static void set_escaped(struct libscols_line *line, size_t column, const char *text, bool has_utf8)
{
	cleanup(text)
	struct text escaped = { 0 };
	cleanup(text)
	struct text shown = { 0 };

	text_append_escaped(&escaped, text, strlen(text));
	for (size_t i = 0; i < escaped.len; i++) {
		const unsigned char c = (unsigned char)escaped.data[i];

		if (has_utf8 || c < 0x80)
			text_append_char(&shown, (char)c);
		else if (c >= 0xc0)
			text_append_char(&shown, '?');
	}
	if (scols_line_set_data(line, column, text_string(&shown)) < 0)
		abort();
}

static void add_line(struct libscols_table *table, const struct row *row,
		     const struct board_look *look)
{
	const struct look paint = paint_state(row->state, look->has_utf8);
	struct libscols_line *line = scols_table_new_line(table, NULL);
	cleanup(text)
	struct text state = { 0 };

	if (!line)
		abort();
	paint_print(&state, paint, row->state < STATES ? state_name(row->state) : "unknown", false);
	if (scols_line_set_data(line, 0, state.data) < 0)
		abort();
	(void)scols_cell_set_color(scols_line_get_cell(line, 0), paint.color);
	set_escaped(line, 1, row->name, look->has_utf8);
	set_escaped(line, 2, row->age, look->has_utf8);
	set_escaped(line, 3, row->latency, look->has_utf8);
	set_escaped(line, 4, row->detail, look->has_utf8);
}

void board_print(struct text *text, const struct board *board, const struct board_look *look)
{
	struct libscols_table *table = scols_new_table();
	char *printed = NULL;

	if (!table || !scols_table_new_column(table, "STATE", 0, 0) ||
	    !scols_table_new_column(table, "NAME", 0, 0) ||
	    !scols_table_new_column(table, "FOR", 0, SCOLS_FL_RIGHT) ||
	    !scols_table_new_column(table, "LATENCY", 0, SCOLS_FL_RIGHT) ||
	    !scols_table_new_column(table, "DETAIL", 0.5, SCOLS_FL_TRUNC))
		abort();
	(void)scols_table_enable_colors(table, look->has_color);
	/* What we escaped already would be escaped twice. */
	(void)scols_table_enable_noencoding(table, 1);
	if (look->width) {
		(void)scols_table_set_termforce(table, SCOLS_TERMFORCE_ALWAYS);
		(void)scols_table_set_termwidth(table, look->width);
	} else {
		(void)scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
	}
	for (size_t i = 0; i < board->count; i++)
		add_line(table, &board->rows[i], look);
	if (scols_print_table_to_string(table, &printed) < 0)
		abort();
	text_append(text, printed);
	text_append_char(text, '\n');
	free(printed);
	scols_unref_table(table);
}
