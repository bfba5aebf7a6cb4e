/* spread.h - how latencies are spread, in few counters that can be added up.
 *
 * Log-linear: eight counters a power of two from 64 us to nine minutes, so that what is read from
 * them is at most an eighth above the truth.  Below and above in the first and last.
 */
#pragma once

#include "base/clock.h"

enum { SPREAD_FIRST_BIT = 6, SPREAD_LAST_BIT = 28 };
enum { SPREADS = (SPREAD_LAST_BIT - SPREAD_FIRST_BIT + 1) * 8 + 1 };

/* Which counter; below SPREADS. */
static inline unsigned spread_index(usec_t latency)
{
	unsigned bit;

	if (latency < 1u << SPREAD_FIRST_BIT)
		return 0;
	bit = 63u - (unsigned)__builtin_clzll(latency);
	if (bit > SPREAD_LAST_BIT)
		return SPREADS - 1;
	return (bit - SPREAD_FIRST_BIT) * 8 + ((unsigned)(latency >> (bit - 3)) & 7) + 1;
}

/* The least latency that the counter counts. */
static inline usec_t spread_least(unsigned index)
{
	const unsigned bit = SPREAD_FIRST_BIT + (index - 1) / 8;

	return index == 0 ? 0 : ((usec_t)8 + (index - 1) % 8) << (bit - 3);
}
