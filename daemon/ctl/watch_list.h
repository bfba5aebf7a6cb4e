/* watch_list.h - the endpoints that picketctl watch shows: which, in what order, and where
 * the bar is.
 *
 * Fed with objects of the API and events of its stream.  Nothing is printed here.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/text.h"
#include "ctl/strip.h"
#include "model/watch.h"

enum { SPARKS_KEPT = PAST_CHECKS };

/* Endpoints of one group; those of none are one too, without a name. */
struct bunch {
	char *name; /* owned; "" */
	bool is_folded;
	/* Of those that are shown, as of watch_list_arrange(). */
	size_t count, in_state[STATES];
	unsigned rank; /* of the worst, as board_rank() has it */
};

struct seen {
	char *name, *target; /* owned */
	struct bunch *bunch; /* borrowed from the list */
	enum state state; /* STATES: one that is newer than this program */
	usec_t since; /* wall time; 0: unknown */
	double latency; /* seconds, of the last check; below 0: none */
	char *flags; /* owned; "silenced, flapping" or "" */
	char *leaning; /* owned; "down 1 of 3", or "" */
	char *reason; /* owned; of the last check, or "" */
	struct spark sparks[SPARKS_KEPT]; /* the newest last */
	size_t sparks_count;
	bool wants_look; /* events do not tell all: ask for it once it is on the screen */
	bool is_asked; /* and that was done */
	bool is_found; /* while a list is loaded: it is in there */
};

/* One line: an endpoint, or the head of a bunch. */
struct watch_line {
	struct seen *seen; /* NULL: a head */
	struct bunch *bunch;
};

struct watch_list {
	struct seen **all; /* owned; by name up to `sorted` */
	size_t count, room, sorted;
	struct bunch **bunches; /* owned; by name */
	size_t bunches_count, bunches_room;
	struct watch_line *lines; /* owned; as arranged */
	size_t lines_count, lines_room;
	size_t shown; /* endpoints that the filters let through */

	/* What is wanted. */
	char **patterns; /* borrowed; of names */
	size_t patterns_count; /* 0: all */
	const char *group; /* borrowed; or NULL */
	enum state state; /* STATES: any */
	struct text filter; /* words that must all be in name, group, target or state */
	bool is_grouped;

	/* Where the bar is, and the first line on the screen. */
	struct watch_line chosen; /* while `is_moved`; both NULL: that has gone */
	bool is_moved; /* by hand; else the bar stays on the first line, whoever is there */
	size_t at, top;
};

void watch_list_done(struct watch_list *list);

/* One object of the API; new ones can be found after watch_list_settle() alone. */
void watch_list_take(struct watch_list *list, const json_t *endpoint);
/* Before and after all of them are loaded: those that were not among them are gone. */
void watch_list_begin(struct watch_list *list);
void watch_list_settle(struct watch_list *list);
struct seen *watch_list_find(const struct watch_list *list, const char *name);
/* An event of the type verdict, state or incident.  True where the order may have changed. */
bool watch_list_event(struct watch_list *list, const json_t *event);

/* Whether names, --group and --state let it through. */
bool watch_list_wants(const struct watch_list *list, const char *name, const char *group,
		      enum state state);

/* Makes the lines anew; the bar stays with its endpoint. */
void watch_list_arrange(struct watch_list *list);
/* Moves the bar so many lines, as far as there are any; `by` may be huge. */
void watch_list_move(struct watch_list *list, long by);
/* Scrolls so that the bar is among `rows` lines from `top`. */
void watch_list_scroll(struct watch_list *list, size_t rows);
/* What the bar is on; NULL where there is no line. */
const struct watch_line *watch_list_chosen(const struct watch_list *list);
