/* units.h - durations, sizes and times as people write and read them.
 *
 * Written: 250ms, 30s, 1h30m, 14d (us ms s m h d; larger units first, each once),
 * 64KiB, 1MB, 10B (B KB MB GB KiB MiB GiB).  Times are RFC 3339.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"

struct text;

/* 0, -EINVAL (not one, or no unit) or -ERANGE. */
int units_duration_parse(const char *text, size_t len, usec_t *ret_duration);
int units_size_parse(const char *text, size_t len, uint64_t *ret_bytes);
/* "99.9" or "99.9%" as a share, 0.999; at most six digits behind the point.  0 or -EINVAL. */
int units_percent_parse(const char *text, size_t len, double *ret_share);

/* As it would be written in the configuration: "1h30m", "250ms", "64KiB". */
void units_duration_print(struct text *text, usec_t duration);
void units_size_print(struct text *text, uint64_t bytes);
/* Rounded to three digits for people: "1.23s", "184ms", "3h12m", "14d". */
void units_duration_show(struct text *text, usec_t duration);
/* Seconds as a JSON number with up to six digits behind the point: 0.184, 12 */
void units_seconds_print(struct text *text, usec_t duration);

/* Wall time as "2026-11-22T09:55:04.123Z". */
void units_time_print(struct text *text, usec_t wall);
/* RFC 3339 with any offset and fraction.  0 or -EINVAL. */
int units_time_parse(const char *text, size_t len, usec_t *ret_wall);
