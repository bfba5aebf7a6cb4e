/* recent.h - the last checks of an endpoint, a few bytes each.
 *
 * There may be a hundred thousand endpoints with sixty checks each, so of a check is kept what it
 * does not share with the one before it; from the oldest to the newest:
 *
 *   turn               step - last step, in milliseconds; the lowest bit is the sign
 *   latency            in microseconds, as a varint
 *
 * A step is the time since the check before.  The turn is one byte where it is below 128 and the check
 * passed.  Otherwise there are, for it:
 *
 *   128                one byte
 *   class * 4 + kind   one byte
 *   phase              one byte, only where there is a class
 *   turn               as a varint
 *
 * For one that is checked every minute and answers within some milliseconds a check is three or four
 * bytes.  Whatever is added is read as it was, be the clock
 * set or the check a month late.  Loop thread only.
 */
#pragma once

#include <stdint.h>

#include "base/clock.h"

enum { PAST_CHECKS = 60 };

struct past_check {
	usec_t at; /* wall; what is less than a millisecond is not kept */
	uint32_t latency; /* microseconds, saturating; 0: not measured */
	uint8_t kind; /* enum verdict_kind */
	uint8_t class; /* enum failure_class */
	uint8_t phase; /* enum phase; PHASES where there is no class */
};

/* In one piece of memory, to be freed; NULL: there was no check. */
struct recent;

/* One more, the newest; of more than PAST_CHECKS the oldest goes. */
void recent_add(struct recent **recent, const struct past_check *check);
/* All of them, the oldest first, into an array of PAST_CHECKS; how many there are. */
unsigned recent_read(const struct recent *recent, struct past_check *ret_checks);
unsigned recent_count(const struct recent *recent);
