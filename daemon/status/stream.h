/* stream.h - the readers of /v1/events.
 *
 * A reader takes lines from the rings only as fast as its socket takes them, so one
 * that is slow costs nothing but its cursor, and finds a gap in the end.
 */
#pragma once

#include "base/clock.h"

struct event_base;
struct events;
struct streams;

/* `events` is borrowed; every `alive` an idle reader gets a sign of life. */
struct streams *streams_new(struct event_base *base, struct events *events, usec_t alive);
void streams_free(struct streams *streams);
/* Something was published. */
void streams_wake(struct streams *streams);
/* Every stream ends. */
void streams_end(struct streams *streams);
