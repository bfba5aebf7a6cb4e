/* once.c - what one check of everything showed: a table, or the API's own JSON. */
#include <libsmartcols/libsmartcols.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/units.h"
#include "engine/house.h"

static const struct {
	enum state state;
	const char *mark;
} worst_first[] = {
	{ STATE_DOWN, "✗ down" },
	{ STATE_UNKNOWN, "? unknown" },
	{ STATE_DEGRADED, "! degraded" },
	{ STATE_PENDING, "… pending" },
	{ STATE_UP, "✓ up" },
	{ STATE_PAUSED, "‖ paused" },
};

static void add_row(struct libscols_table *table, const struct watch *watch, const char *mark)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);
	cleanup(text)
	struct text name = { 0 }, took = { 0 }, why = { 0 };

	text_append_escaped(&name, watch->endpoint->name, strlen(watch->endpoint->name));
	if (watch->last.wall && watch->last.latency != USEC_NEVER)
		units_duration_show(&took, watch->last.latency);
	if (watch->last.reason)
		text_append_escaped(&why, watch->last.reason, strlen(watch->last.reason));
	else
		text_append_escaped(&why, watch->endpoint->target, strlen(watch->endpoint->target));
	(void)scols_line_set_data(line, 0, mark);
	(void)scols_line_set_data(line, 1, text_string(&name));
	(void)scols_line_set_data(line, 2, text_string(&took));
	(void)scols_line_set_data(line, 3, text_string(&why));
}

static void print_table(const struct roster *roster)
{
	struct libscols_table *table;

	scols_init_debug(0);
	table = scols_new_table();
	if (!table)
		return;
	(void)scols_table_new_column(table, "STATE", 0, 0);
	(void)scols_table_new_column(table, "NAME", 0, 0);
	(void)scols_table_new_column(table, "LATENCY", 0, SCOLS_FL_RIGHT);
	(void)scols_table_new_column(table, "REASON OR TARGET", 0, SCOLS_FL_TRUNC);
	for (size_t i = 0; i < sizeof(worst_first) / sizeof(worst_first[0]); i++)
		for (uint32_t place = 0; place < roster->count; place++)
			if (roster->by_name[place]->standing.state == worst_first[i].state)
				add_row(table, roster->by_name[place], worst_first[i].mark);
	(void)scols_print_table(table);
	scols_unref_table(table);
}

static void print_json(const struct roster *roster)
{
	struct text json = { 0 };

	(void)fputs("[", stdout);
	for (uint32_t place = 0; place < roster->count; place++) {
		text_clear(&json);
		status_print_endpoint(&json, roster, roster->by_name[place], 0, true);
		(void)printf("%s%s", place ? ",\n" : "\n", text_string(&json));
	}
	(void)fputs("\n]\n", stdout);
	text_done(&json);
}

bool engine_report(const struct engine *engine, bool as_json)
{
	const struct roster *roster = &engine->roster;

	if (as_json)
		print_json(roster);
	else
		print_table(roster);
	/* What only warned has passed. */
	return engine->once_faults == 0 && roster->in_state[STATE_DOWN] == 0 &&
	       roster->in_state[STATE_UNKNOWN] == 0 && roster->in_state[STATE_PENDING] == 0;
}
