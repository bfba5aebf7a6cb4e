/* bucket.h - what the checks of a span came to: how many, how many failed, how long answers took.
 *
 * A bucket is small and is what memory holds of an endpoint while the span lasts; an account is
 * large and adds up.  On the disk an account is a few bytes, and those of one endpoint stand one behind
 * the other; the same place may be there more than once, and then both count:
 *
 *   length of what follows (1 byte)
 *   place in its row (5 bits), then whether there are failed, unknown, and fewer answers (1 bit each)
 *   checks, [failed], [unknown], [answers]            varints, as are
 *   least latency, mean above it, greatest above it   us; only where there are answers
 *   counters, in rising order, each as 3 bits of how many indices behind the last one (7: a varint
 *   follows) and 5 bits of its count (0: a varint follows); the first behind that of the least
 *
 * An answer is a check that did not fail, or failed in what was expected of a whole answer: what
 * was refused or timed out has no latency that says something of the endpoint.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "history/spread.h"

struct text;

enum { BUCKET_PAIRS = 10, BUCKET_MANY = 255, PLACES_MAX = 32 };

/* What one check adds. */
struct look_back {
	bool has_failed, is_unknown; /* unknown: it says nothing about the endpoint */
	bool has_latency;
	usec_t latency;
};

struct bucket {
	uint32_t span; /* which one, since 1970 */
	uint16_t checks, failed, unknown, answers; /* saturating together */
	uint32_t least, greatest; /* us, saturating */
	uint8_t used; /* of the pairs; BUCKET_MANY: they are more */
	uint64_t sum; /* us */
	union {
		struct {
			uint16_t counts[BUCKET_PAIRS];
			uint8_t indices[BUCKET_PAIRS]; /* of the counters, in no order */
		} pairs;
		uint16_t *many; /* owned; all counters */
	} of;
};

struct account {
	uint64_t checks, failed, unknown, answers;
	usec_t least, greatest, sum;
	uint32_t counts[SPREADS];
};

void bucket_add(struct bucket *bucket, const struct look_back *check);
/* Empty again, and for that span. */
void bucket_reset(struct bucket *bucket, uint32_t span);
void account_add_bucket(struct account *account, const struct bucket *bucket);

void account_add(struct account *account, const struct account *other);

/* Appends the bytes; `place` is below PLACES_MAX. */
void account_pack(const struct account *account, unsigned place, struct text *bytes);
/* Adds what stands at *at, and moves it on; false at the end, and where the bytes make no sense.
 * `choose` gives the account for a place, or NULL: none.
 */
bool account_unpack(const char *bytes, size_t len, size_t *at,
		    struct account *(*choose)(unsigned place, void *context), void *context);

/* What `share` (0 to 1) of the answers do not exceed; 0 where there are none. */
usec_t account_quantile(const struct account *account, double share);
