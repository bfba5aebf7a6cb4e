/* events.h - what happened: lines that readers can begin to follow late.
 *
 * Verdicts and the rest are in rings of their own, so that many checks do not push
 * out what is rare.  Lines are rendered once, those of passing checks only when somebody reads
 * them, which mostly nobody does, and copied to whoever reads; each reader
 * has a cursor, and where its ring has gone on without it, a gap.  Numbers rise over
 * restarts too, because they begin with the wall time in microseconds, and nobody
 * publishes a million events a second; and where the clock was set back meanwhile, behind
 * what the store remembers.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/text.h"

enum event_type {
	EVENT_VERDICT,
	EVENT_STATE,
	EVENT_INCIDENT,
	EVENT_NOTIFICATION,
	EVENT_CONFIG,
	EVENT_TYPES
};

enum { EVENT_RINGS = 2 };

/* What is said of a check that passed. */
struct event_pass {
	usec_t wall, latency;
	const char *group; /* of the endpoint, or NULL */
	uint8_t state; /* enum state */
	uint8_t flags; /* endpoint_flags() */
};

struct event_line {
	uint64_t seq;
	enum event_type type;
	char *name; /* owned; of the endpoint, or NULL */
	size_t len;
	char *json; /* owned; without a newline; NULL: still to be rendered */
	struct event_pass pass; /* until then; its group is in `name`, behind the NUL */
};

/* How far a reader has come. */
struct event_cursor {
	uint64_t seen; /* number of its last line */
	uint64_t forgiven; /* what is lost up to here is no gap: it asked for all there is */
};

struct events;

/* Numbers are greater than `first`. */
struct events *events_new(unsigned kept, uint64_t first);
void events_free(struct events *events);

/* Keeps {"seq":…,"at":…,"type":…,BODY}; `body` begins with a member, or is empty. */
void events_publish(struct events *events, enum event_type type, const char *name,
		    const struct text *body);
/* The same of a passing check, whose line is rendered once it is read. */
void events_publish_pass(struct events *events, const char *name, const struct event_pass *pass);
/* A number that no other event has or had. */
uint64_t events_number(struct events *events);
uint64_t events_last(const struct events *events);
/* {"seq":…,"at":…,"type":…, up to where the members of a type begin. */
void events_begin(struct text *json, uint64_t seq, usec_t wall, const char *type);

/* Behind `since`; 0 is all that is kept, and what is no number yet, from now on. */
void event_cursor_set(struct event_cursor *cursor, const struct events *events, uint64_t since);

enum event_step { EVENT_NOTHING, EVENT_LINE, EVENT_GAP };

/* The next line of one of the types (bits 1 << type), or numbers among which some are lost. */
enum event_step event_cursor_next(struct event_cursor *cursor, const struct events *events,
				  unsigned types, struct event_line **ret_line, uint64_t *ret_from,
				  uint64_t *ret_to);
/* Its json, with its length in `len`. */
const char *event_line_read(struct event_line *line);

const char *event_type_name(enum event_type type);
/* EVENT_TYPES if none is called so. */
enum event_type event_type_find(const char *name, size_t len);
