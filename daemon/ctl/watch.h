/* watch.h - picketctl watch: what its parts share.
 *
 *   watch_feed  what the daemon says  ->  watch_list  ->  watch_draw  ->  screen
 *   keys  ->  watch_keys  what is done about them
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/text.h"
#include "ctl/screen.h"
#include "ctl/watch_list.h"
#include "ctl/wire.h"

/* What the daemon says, as it comes. */
struct feed {
	json_t *status; /* owned; the last answer of /v1/status, or NULL */
	struct text line; /* the beginning of an event */
	struct text held; /* events that came while the list was loaded */
	bool is_connected, is_loading, wants_load;
	unsigned looks; /* at single endpoints, in flight */
	usec_t next_status; /* monotonic */
	usec_t retry_at, retry_after; /* monotonic, and how long it is to the next one */
};

/* Text to scroll in: the evidence of an endpoint, or the keys. */
struct pane {
	bool is_open, is_asked;
	char *name; /* owned; of the endpoint, NULL: the help */
	json_t *endpoint; /* owned; or NULL while it is not there yet */
	struct text text; /* for `width` columns */
	size_t width, lines, top;
};

enum question {
	ASK_NOTHING,
	ASK_FILTER,
	ASK_ACK_COMMENT,
	ASK_SILENCE_SPAN,
	ASK_SILENCE_COMMENT,
};

/* A line to type into, at the bottom. */
struct prompt {
	enum question question;
	struct text answer;
	char *subject; /* owned; the endpoint */
	char *extra; /* owned; the incident, or the span of a silence */
};

struct viewer {
	struct wire *wire; /* owned */
	struct screen *screen; /* owned */
	struct watch_list list;
	struct feed feed;
	struct pane pane;
	struct prompt prompt;
	struct text message; /* what became of the last thing that was asked for */
	usec_t message_until; /* monotonic */
	struct strip strip;
	bool has_color, has_utf8;
	size_t widest; /* columns of the longest name in the list */
	bool is_unsorted, is_dirty; /* lines, screen */
	bool is_over;
	usec_t next_draw; /* monotonic */
};

/* Says something at the bottom for some seconds. */
void viewer_say(struct viewer *viewer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Asks for everything, and again after the daemon was gone. */
void feed_start(struct viewer *viewer);
/* What is due; when to call it again at the latest. */
usec_t feed_run(struct viewer *viewer, usec_t now);
/* Asks for the evidence that the pane wants. */
void feed_look(struct viewer *viewer, const char *name);
void feed_done(struct feed *feed);

void watch_draw(struct viewer *viewer);
/* Makes the lines of the list anew, where that is needed. */
void viewer_arrange(struct viewer *viewer);
/* How many lines of the list are on the screen. */
size_t watch_rows(const struct viewer *viewer);

/* On the evidence of an endpoint, or with NULL on the help. */
void pane_open(struct viewer *viewer, const char *name);
void pane_close(struct pane *pane);
/* The text of an open pane, made for this width. */
void pane_print(struct viewer *viewer, struct pane *pane, size_t width);

void watch_key(struct viewer *viewer, uint32_t key);

/* What the daemon is asked to do with an endpoint; viewer_say() tells what became of it. */
void act_check(struct viewer *viewer, const struct seen *seen);
void act_pause(struct viewer *viewer, const struct seen *seen);
/* Looks for the open incident, then asks for a comment. */
void act_acknowledge(struct viewer *viewer, const struct seen *seen);
/* A prompt has its answer. */
void act_answered(struct viewer *viewer);
/* Begins to ask at the bottom; both texts are copied, and may be NULL. */
void prompt_open(struct viewer *viewer, enum question question, const char *subject,
		 const char *extra);
void prompt_close(struct prompt *prompt);

/* Where there is no terminal: a line for each change.  An exit status. */
int watch_plain(struct watch_list *list);
