/* grid.h - where in time a watch has its beats.
 *
 * Beats lie at k * interval + place on the grid's clock, which is the monotonic
 * one plus `anchor`.  The place comes from the hash of the name alone: nothing is
 * stored, nothing drifts, and a beat that was missed is simply behind us.
 */
#pragma once

#include <stdint.h>

#include "base/clock.h"

struct grid {
	usec_t anchor;
	usec_t interval; /* not 0 */
	uint64_t hash;
};

/* The first beat after `now`; both monotonic. */
usec_t grid_next(const struct grid *grid, usec_t now);
/* How many beats lie after `from` and not after `to`; from <= to. */
uint64_t grid_beats(const struct grid *grid, usec_t from, usec_t to);
/* The first check of a watch nobody knows yet, or that comes back: its next beat
 * if that is near, else within 30 s, spread by the hash.
 */
usec_t grid_first(const struct grid *grid, usec_t now);
/* `after` from now, give or take 20 %, so that what failed together is not asked together. */
usec_t grid_soon(const struct grid *grid, usec_t after, usec_t now);
