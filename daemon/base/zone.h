/* zone.h - time zones: how far local clocks are from UTC, and when that changes.
 *
 * The C library knows one zone a process, and asking it for another means changing that under
 * all threads; so the system's files are read here.  A zone is read once and is then never
 * changed nor freed; where its file is another one later, that becomes a zone of its own.
 *
 * Source: RFC 8536 (TZif); tzset(3) for TZ and TZDIR.  Seconds are those since 1970 in UTC, and
 * local ones are the same count as a clock on the wall would give it.  Any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct zone;

/* The zone of that name ("Europe/Berlin", "UTC"), or with NULL that of this host: as TZ says,
 * else as /etc/localtime does.  0, -ENOENT (there is none of that name), -EINVAL (what is there
 * is no zone), -ENOSPC (thousands are known already) or what open(2) and read(2) say.
 */
int zone_find(const char *name, const struct zone **ret_zone);

/* A span in which clocks go evenly: local time is UTC and `offset`.  The first of all has no
 * beginning (INT64_MIN) and the last no end (INT64_MAX).
 */
struct zone_span {
	int64_t from, until;
	int32_t offset;
};

struct zone_span zone_span_at(const struct zone *zone, int64_t seconds);

/* When a local clock shows this.  What it shows twice counts the first time; false where it never
 * does, and then the time is that of the jump over it.
 */
bool zone_resolve(const struct zone *zone, int64_t local, int64_t *ret_seconds);
