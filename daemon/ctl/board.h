/* board.h - endpoints as picketctl shows them: rows, worst first, in a table. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/clock.h"
#include "model/watch.h"

struct text;

struct row {
	enum state state; /* STATES: one that is newer than this program */
	char *name; /* owned; as it is, not fit for a terminal */
	char *age; /* owned; since when, for people; "" where unknown */
	char *latency; /* owned; of the last check, or "" */
	char *detail; /* owned; what fails, or what is being confirmed, or "" */
	double seconds; /* the latency, or below 0 */
};

struct board {
	struct row *rows; /* owned */
	size_t count, room;
};

struct board_look {
	size_t width; /* of the terminal; 0: nothing is cut */
	bool has_color, has_utf8;
};

void board_done(struct board *board);
/* Adds one endpoint object of the API. */
void board_add(struct board *board, const json_t *endpoint, usec_t now_wall);
/* Worst first, then by name; each name once. */
void board_sort(struct board *board);
void board_print(struct text *text, const struct board *board, const struct board_look *look);

/* How bad a state is: 0 is the worst. */
unsigned board_rank(enum state state);
