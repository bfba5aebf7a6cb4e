/* times.h - points in time as servers write them.
 *
 * Source: RFC 3339; RFC 9110, 5.6.7 (IMF-fixdate and the two older forms that
 * recipients must read); seconds since 1970, with a fraction or without.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

/* Microseconds since 1970.  `now` settles the century of a year of two digits.
 * 0 or -EINVAL.
 */
int times_read(const char *data, size_t len, usec_t now, int64_t *ret_time);

/* Seconds since 1970.  0, or -EINVAL beyond the year 9999. */
int times_from_seconds(double seconds, int64_t *ret_time);
