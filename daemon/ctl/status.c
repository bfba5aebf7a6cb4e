/* status.c - picketctl status: what is up and what is not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "ctl/board.h"
#include "ctl/client.h"
#include "ctl/ctl.h"
#include "ctl/document.h"
#include "ctl/nagios.h"
#include "ctl/names.h"
#include "ctl/paint.h"

enum { NAGIOS_UNKNOWN = 3 };

struct wish {
	const char *state, *group; /* NULL: any */
	bool is_nagios;
	char **patterns; /* of names; borrowed from argv */
	int patterns_count;
	bool is_missing; /* a pattern found nothing */
};

static void cleanup_board(struct board *board)
{
	board_done(board);
}

static void print_path(struct text *path, const struct wish *wish, const char *pattern)
{
	const char *const keys[] = { "state", "group", "name" };
	const char *const values[] = { wish->state, wish->group, pattern };

	text_append(path, "/v1/endpoints");
	for (size_t i = 0, count = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (!values[i])
			continue;
		text_print(path, "%c%s=", count++ ? '&' : '?', keys[i]);
		client_escape(path, values[i]);
	}
}

struct taking {
	struct board *board;
	json_t *all; /* NULL: the objects themselves are not wanted */
};

static void take(json_t *endpoint, void *context)
{
	struct taking *taking = context;

	board_add(taking->board, endpoint, clock_wall());
	if (taking->all && json_array_append(taking->all, endpoint) < 0)
		abort();
}

static int add_pattern(struct wish *wish, const char *pattern, struct board *board, json_t *all)
{
	struct taking taking = { board, all };
	cleanup(text)
	struct text path = { 0 };
	const size_t before = board->count;
	int r;

	print_path(&path, wish, pattern);
	r = names_each(path.data, take, &taking);
	if (r == 0 && pattern && board->count == before && !wish->state && !wish->group) {
		if (!wish->is_nagios)
			(void)fprintf(stderr, "picketctl: no endpoint is called '%s'.\n", pattern);
		wish->is_missing = true;
	}
	return r;
}

static int add_all(struct wish *wish, struct board *board, json_t *all)
{
	int r = 0;

	if (wish->patterns_count == 0)
		r = add_pattern(wish, NULL, board, all);
	for (int i = 0; r == 0 && i < wish->patterns_count; i++)
		r = add_pattern(wish, wish->patterns[i], board, all);
	board_sort(board);
	return r;
}

static void append_count(struct text *text, const json_t *counts, enum state state,
			 const struct board_look *look)
{
	const json_int_t count = json_integer_value(json_object_get(counts, state_name(state)));
	cleanup(text)
	struct text words = { 0 };

	if (count == 0)
		return;
	text_print(&words, "%lld %s", (long long)count, state_name(state));
	text_append(text, "  ");
	paint_print(text, paint_state(state, look->has_utf8), words.data, look->has_color);
}

/* What is wrong with where endpoints are found. */
static void append_discovery(struct text *text, const json_t *list)
{
	const json_t *source;
	size_t i;

	json_array_foreach(list, i, source)
	{
		const bool is_failing = json_is_true(json_object_get(source, "failing"));
		const json_int_t left_out = json_integer_value(json_object_get(source, "left_out"));

		if (!is_failing && !left_out)
			continue;
		text_append(text, "Discovery by ");
		document_show(text, source, "kind");
		text_append(text, " '");
		document_show(text, source, "source");
		text_append_char(text, '\'');
		if (is_failing) {
			text_append(text, " fails: ");
			document_show(text, source, "fault");
			text_append(text, "; what it said before counts.\n");
			continue;
		}
		text_print(text, " has %lld targets of which no endpoint can be made, the first: ",
			   (long long)left_out);
		document_show(text, source, "left_out_why");
		text_append_char(text, '\n');
	}
}

/* "512 endpoints:  ✗ 6 down  ✓ 506 up" */
static int print_totals(struct text *text, const struct board_look *look)
{
	static const enum state order[] = { STATE_DOWN,	   STATE_DEGRADED, STATE_UNKNOWN,
					    STATE_PENDING, STATE_PAUSED,   STATE_UP };
	cleanup(text)
	struct text body = { 0 };
	cleanup(json)
	json_t *json = NULL;
	const json_t *config;
	int r = client_get("/v1/status", &body);

	if (r != 0)
		return r;
	json = document_parse(&body);
	config = json_object_get(json, "config");
	text_print(text, "%lld endpoints:",
		   (long long)json_integer_value(json_object_get(config, "endpoints")));
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		append_count(text, json_object_get(json, "endpoints"), order[i], look);
	text_append_char(text, '\n');
	if (json_object_get(config, "fault"))
		text_append(text, "The last reload was refused; 'picketctl reload' shows why.\n");
	append_discovery(text, json_object_get(json, "discovery"));
	text_append_char(text, '\n');
	return 0;
}

static int print_table(const struct wish *wish, const struct board *board)
{
	const struct board_look look = {
		.width = paint_width(),
		.has_color = paint_has_color(stdout),
		.has_utf8 = paint_has_utf8(),
	};
	cleanup(text)
	struct text text = { 0 };
	int r = 0;

	if (wish->patterns_count == 0 && !wish->state && !wish->group)
		r = print_totals(&text, &look);
	if (r != 0)
		return r;
	if (board->count > 0)
		board_print(&text, board, &look);
	(void)fputs(text_string(&text), stdout);
	return 0;
}

static int print_json(json_t *all)
{
	cleanup(json)
	json_t *json = json_pack("{s:O}", "endpoints", all);

	if (!json || json_dumpf(json, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15)) < 0)
		abort();
	(void)putchar('\n');
	return 0;
}

static int run(struct wish *wish)
{
	cleanup(board)
	struct board board = { 0 };
	cleanup(json)
	json_t *all = ctl_settings()->is_json ? json_array() : NULL;
	cleanup(text)
	struct text line = { 0 };
	int r = add_all(wish, &board, all);

	if (wish->is_nagios && r != 0) {
		(void)puts("PICKET UNKNOWN: picketd does not answer");
		return NAGIOS_UNKNOWN;
	}
	if (r != 0)
		return r;
	if (wish->is_nagios) {
		r = nagios_print(&line, &board);
		(void)fputs(line.data, stdout);
		return r;
	}
	r = all ? print_json(all) : print_table(wish, &board);
	if (r == 0 && wish->patterns_count > 0)
		for (size_t i = 0; i < board.count; i++)
			if (board.rows[i].state != STATE_UP)
				r = CTL_NOT_UP;
	return r == 0 && wish->is_missing ? CTL_NOT_UP : r;
}

int ctl_status(int argc, char **argv)
{
	static const struct option options[] = { { "state", required_argument, NULL, 'S' },
						 { "group", required_argument, NULL, 'g' },
						 { "nagios", no_argument, NULL, 'n' },
						 CTL_OPTIONS,
						 { 0 } };
	struct wish wish = { 0 };
	int option, r;

	optind = 0;
	while ((option = getopt_long(argc, argv, "s:h", options, NULL)) >= 0) {
		if (option == 'S') {
			wish.state = optarg;
		} else if (option == 'g') {
			wish.group = optarg;
		} else if (option == 'n') {
			wish.is_nagios = true;
		} else {
			r = ctl_take_option(option, "status");
			if (r < 0)
				return -1 - r;
		}
	}
	if (wish.state && state_find(wish.state) == STATES) {
		(void)fprintf(stderr, "picketctl: --state is one of pending, up, degraded, down, "
				      "unknown and paused.\n");
		return CTL_USAGE;
	}
	wish.patterns = argv + optind;
	wish.patterns_count = argc - optind;
	return run(&wish);
}
