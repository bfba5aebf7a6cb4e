/* nagios.c - one line as the Monitoring Plugins guidelines want it. */
#include <string.h>

#include "base/text.h"
#include "ctl/nagios.h"

enum { NAMES_MAX = 5 };

static const struct {
	const char *word;
	int status;
} outcomes[STATES] = {
	[STATE_DOWN] = { "CRITICAL", 2 },   [STATE_DEGRADED] = { "WARNING", 1 },
	[STATE_UNKNOWN] = { "UNKNOWN", 3 }, [STATE_PENDING] = { "UNKNOWN", 3 },
	[STATE_PAUSED] = { "OK", 0 },	    [STATE_UP] = { "OK", 0 },
};

/* A bar begins the performance data, and a newline ends the output. */
static void append_plain(struct text *text, const char *string)
{
	struct text escaped = { 0 };

	text_append_escaped(&escaped, string, strlen(string));
	for (size_t i = 0; i < escaped.len; i++)
		text_append_char(text, escaped.data[i] == '|' ? '/' : escaped.data[i]);
	text_done(&escaped);
}

static void print_one(struct text *text, const struct row *row)
{
	append_plain(text, row->name);
	text_print(text, " is %s", row->state < STATES ? state_name(row->state) : "unknown");
	if (*row->detail) {
		text_append(text, ", ");
		append_plain(text, row->detail);
	}
	if (row->seconds >= 0)
		text_print(text, " | latency=%.6fs;;;0;", row->seconds);
}

static void print_many(struct text *text, const struct board *board)
{
	unsigned in_state[STATES] = { 0 };
	const unsigned worst = board_rank(board->rows[0].state);

	for (size_t i = 0; i < board->count; i++)
		in_state[board->rows[i].state < STATES ? board->rows[i].state : STATE_UNKNOWN]++;
	text_print(text, "%u of %zu endpoints are up", in_state[STATE_UP], board->count);
	for (size_t i = 0; i < board->count && worst < board_rank(STATE_PENDING); i++) {
		if (board_rank(board->rows[i].state) != worst || i == NAMES_MAX) {
			text_append(text, i == NAMES_MAX ? ", …" : "");
			break;
		}
		text_append(text, i == 0 ? "; " : ", ");
		append_plain(text, board->rows[i].name);
	}
	text_append(text, " |");
	for (enum state state = 0; state < STATES; state++)
		text_print(text, " %s=%u;;;0;%zu", state_name(state), in_state[state],
			   board->count);
}

int nagios_print(struct text *text, const struct board *board)
{
	enum state state;

	if (board->count == 0) {
		text_append(text, "PICKET UNKNOWN: no such endpoint\n");
		return 3;
	}
	state = board->rows[0].state < STATES ? board->rows[0].state : STATE_UNKNOWN;
	text_print(text, "PICKET %s: ", outcomes[state].word);
	if (board->count == 1)
		print_one(text, &board->rows[0]);
	else
		print_many(text, board);
	text_append_char(text, '\n');
	return outcomes[state].status;
}
