/* grid.c - where in time a watch has its beats. */
#include <assert.h>

#include "schedule/grid.h"

enum { FIRST_CHECK_SECONDS = 30 };

/* The whole part of a * b / 2^64: spreads a over 0 .. b-1. */
static uint64_t mulhi64(uint64_t a, uint64_t b)
{
	__extension__ typedef unsigned __int128 wide;

	return (uint64_t)((wide)a * b >> 64);
}

/* Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014. */
static uint64_t scatter(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

/* How many beats lie at or before `now`, since one interval before the clock's zero. */
static uint64_t beats_until(const struct grid *grid, usec_t now)
{
	const usec_t place = mulhi64(grid->hash, grid->interval);

	assert(grid->interval > 0);
	return (now + grid->anchor + grid->interval - place) / grid->interval;
}

usec_t grid_next(const struct grid *grid, usec_t now)
{
	const usec_t place = mulhi64(grid->hash, grid->interval);

	return beats_until(grid, now) * grid->interval + place - grid->anchor;
}

uint64_t grid_beats(const struct grid *grid, usec_t from, usec_t to)
{
	return beats_until(grid, to) - beats_until(grid, from);
}

usec_t grid_first(const struct grid *grid, usec_t now)
{
	const usec_t span = FIRST_CHECK_SECONDS * USEC_PER_SEC;
	const usec_t next = grid_next(grid, now);

	return next - now <= span ? next : now + grid->hash % span;
}

usec_t grid_soon(const struct grid *grid, usec_t after, usec_t now)
{
	const usec_t fifth = after / 5;

	return now + after - fifth + mulhi64(scatter(grid->hash ^ now), 2 * fifth + 1);
}
