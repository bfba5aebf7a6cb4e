/* turns.h - how long the turns of the loop take: from the wake to the next wait. */
#pragma once

#include "base/histogram.h"

struct event_base;
struct turns;

/* Adds each turn's length to `histogram` (borrowed until turns_free()). */
struct turns *turns_new(struct event_base *base, struct histogram *histogram);
/* One turn: waits for events and runs what they are for.  Adds its length. */
void turns_run(struct turns *turns, struct event_base *base);
void turns_free(struct turns *turns);
