/* calendar.h - calendar expressions: "Sun 02:00 Europe/Berlin", "Mon..Fri *-*-1..7 8/2:30".
 *
 * As systemd.time(7) has them, section "Calendar events": weekdays, date, time and time zone,
 * each but one may be missing; lists, ranges, repetitions with /, * for whatever there is, ~ for
 * days counted from the end of the month; minutely, hourly, daily, weekly, monthly, quarterly,
 * semiannually, yearly.  Years are 1970 to 2199, and seconds are whole ones.  Without a zone
 * the clock of this host counts (base/zone.h).
 *
 * What a local clock shows twice, when it is put back, comes once, the first time.  What it jumps over
 * does not come, as with systemd's timers, unless one asks for it: then it comes with the jump.
 *
 * A calendar has no pointers but to its zone, which stays: it may be copied.  Any thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

struct text;
struct zone;

enum { CALENDAR_YEAR_LEAST = 1970, CALENDAR_YEAR_MOST = 2199, CALENDAR_YEAR_WORDS = 4 };

struct calendar {
	/* Bits: what is in it. */
	uint64_t years[CALENDAR_YEAR_WORDS]; /* from CALENDAR_YEAR_LEAST */
	uint64_t minutes, seconds;
	uint32_t months, days, hours; /* months and days from bit 1 */
	uint32_t last_days; /* bit 1: the last of the month, and so on; 0: days count */
	uint8_t weekdays; /* bit 0: Monday */
	const struct zone *zone; /* borrowed, and there for good */
};

enum calendar_jump {
	CALENDAR_OMIT, /* what the clock jumps over does not come */
	CALENDAR_CATCH, /* it comes with the jump */
};

/* 0, or -EINVAL: then `wanted` gets what was wanted, to stand behind the name of whatever it is
 * for: "must have an hour from 0 to 23, or *, where '25' stands".  Refuses as well what never
 * was and never will be, such as February 30.
 */
int calendar_parse(const char *text, size_t len, struct calendar *ret_calendar,
		   struct text *wanted);

/* The first time after that (wall, microseconds); USEC_NEVER: there is none left. */
usec_t calendar_next(const struct calendar *calendar, usec_t after, enum calendar_jump jump);
