/* board.h - the page of all endpoints while it is made: what was collected, and how it is printed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/watch.h"
#include "status/filter.h"

struct answer;
struct map;
struct status;
struct text;

/* A group, or what belongs to none. */
struct section {
	char *name; /* owned; "" for none */
	unsigned counts[STATES];
	unsigned place; /* on the page */
};

struct seat {
	uint32_t id, generation;
	unsigned section; /* its number; later its place */
};

struct seats {
	struct seat *list; /* owned; room for SHOWN_MAX */
	unsigned count;
};

struct board {
	struct status *status; /* borrowed */
	struct answer *answer; /* borrowed */
	struct filter filter; /* without its state */
	enum state only; /* STATES: any */
	char *search; /* owned; NULL: none */
	char *after; /* owned; the name that was looked at last, or NULL */
	unsigned long long seq; /* of the last event before the first look */
	unsigned counts[STATES]; /* of all that matches but for `only` */
	struct seats by_state[STATES];
	struct section **sections; /* owned; in the order they were met, later that of the page */
	unsigned sections_count;
	struct map *by_name; /* owned; of sections */
	struct section *rest; /* borrowed; of those whose groups are too many, or NULL */
	struct seat *shown; /* owned; NULL while they are collected */
	unsigned shown_count, next;
	unsigned matching; /* endpoints that could be shown */
	bool sees_all;
};

/* How bad it is: the place of its worst state in page_order. */
unsigned board_worst(const unsigned counts[STATES]);

/* All up to the first group; what is shown is arranged already. */
void board_print_top(const struct board *board, struct text *html);
/* The next rows; true where they were the last. */
bool board_print_rows(struct board *board, struct text *html);
/* All behind them. */
void board_print_bottom(const struct board *board, struct text *html);
