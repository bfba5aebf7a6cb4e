/* histogram.h - how durations are spread, to within a quarter, in 88 counters and O(1).
 *
 * Log-linear: four buckets a power of two from 64 us to 3 min, so that half a
 * minute of lateness can be told from three seconds; below and above in the first
 * and last.  Not for several threads at once.
 */
#pragma once

#include <stdint.h>

#include "base/clock.h"

enum { HISTOGRAM_BUCKETS = 88 };

struct histogram {
	uint64_t counts[HISTOGRAM_BUCKETS];
	uint64_t count;
	usec_t sum;
	usec_t max;
};

void histogram_add(struct histogram *histogram, usec_t duration);
/* Adds all that is in `more`. */
void histogram_merge(struct histogram *histogram, const struct histogram *more);
/* What `share` (0 to 1) of all do not exceed: never less than the truth, a quarter more at
 * most, and not more than max.  0 where there are none.
 */
usec_t histogram_quantile(const struct histogram *histogram, double share);
/* Largest duration that falls into bucket `index`. */
usec_t histogram_bound(unsigned index);
