/* histogram.c - how durations are spread. */
#include "base/histogram.h"

enum { FIRST_BIT = 6 };

static unsigned bucket_of(usec_t duration)
{
	unsigned bit, index;

	if (duration < 1u << FIRST_BIT)
		return 0;
	bit = 63u - (unsigned)__builtin_clzll(duration);
	index = (bit - FIRST_BIT) * 4 + ((unsigned)(duration >> (bit - 2)) & 3) + 1;
	return index < HISTOGRAM_BUCKETS ? index : HISTOGRAM_BUCKETS - 1;
}

usec_t histogram_bound(unsigned index)
{
	const unsigned bit = FIRST_BIT + (index - 1) / 4;

	if (index == 0)
		return (1u << FIRST_BIT) - 1;
	if (index == HISTOGRAM_BUCKETS - 1)
		return USEC_NEVER;
	return ((usec_t)1 << bit) + (((usec_t)(index - 1) % 4 + 1) << (bit - 2)) - 1;
}

void histogram_add(struct histogram *histogram, usec_t duration)
{
	histogram->counts[bucket_of(duration)]++;
	histogram->count++;
	histogram->sum += duration;
	if (duration > histogram->max)
		histogram->max = duration;
}

void histogram_merge(struct histogram *histogram, const struct histogram *more)
{
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		histogram->counts[i] += more->counts[i];
	histogram->count += more->count;
	histogram->sum += more->sum;
	if (more->max > histogram->max)
		histogram->max = more->max;
}

usec_t histogram_quantile(const struct histogram *histogram, double share)
{
	const double wanted = share * (double)histogram->count;
	uint64_t seen = 0;

	if (histogram->count == 0)
		return 0;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += histogram->counts[i];
		if (seen > 0 && (double)seen >= wanted)
			return histogram_bound(i) < histogram->max ? histogram_bound(i)
								   : histogram->max;
	}
	return histogram->max;
}
