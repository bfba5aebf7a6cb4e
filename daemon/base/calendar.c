/* calendar.c - when a calendar expression comes next.
 *
 * A time is looked for field by field, from the year to the second, each bit set being a step: a
 * handful of steps where there is one soon, and for the whole of time at most one for each day
 * that it could be (some 80,000 for a date that never falls on its weekday).
 */
#include <stdbool.h>

#include "base/calendar.h"
#include "base/civil.h"
#include "base/zone.h"

enum { DAY = 86400, HOUR = 3600, MINUTE = 60 };

/* The first bit from `from` on, or `end`. */
static unsigned next_bit(uint64_t bits, unsigned from, unsigned end)
{
	const uint64_t left = from < 64 ? bits >> from : 0;

	return left ? from + (unsigned)__builtin_ctzll(left) : end;
}

/* The same among years; one more than the last where there is none. */
static int next_year(const struct calendar *calendar, int from)
{
	const int least = CALENDAR_YEAR_LEAST;

	for (int year = from < least ? least : from; year <= CALENDAR_YEAR_MOST; year++) {
		const unsigned bit = (unsigned)(year - least);

		if (calendar->years[bit / 64] >> bit % 64 & 1)
			return year;
	}
	return CALENDAR_YEAR_MOST + 1;
}

/* Whether it comes on this day of a month that it has. */
static bool has_day(const struct calendar *calendar, struct civil date, unsigned month_days)
{
	const unsigned from_last = month_days + 1 - date.day;

	if (calendar->last_days ? !(calendar->last_days >> from_last & 1)
				: !(calendar->days >> date.day & 1))
		return false;
	return calendar->weekdays >> civil_weekday(civil_days(date)) & 1;
}

/* The first of its days from that one on; false: there is none. */
static bool find_day(const struct calendar *calendar, struct civil *date)
{
	struct civil at = *date;

	for (at.year = next_year(calendar, at.year); at.year <= CALENDAR_YEAR_MOST;
	     at.year = next_year(calendar, at.year + 1)) {
		if (at.year != date->year)
			at.month = at.day = 1;
		for (at.month = next_bit(calendar->months, at.month, 13); at.month <= 12;
		     at.month = next_bit(calendar->months, at.month + 1, 13)) {
			const unsigned month_days = civil_month_days(at.year, at.month);

			if (at.year != date->year || at.month != date->month)
				at.day = 1;
			for (; at.day <= month_days; at.day++)
				if (has_day(calendar, at, month_days)) {
					*date = at;
					return true;
				}
		}
	}
	return false;
}

/* The first of its times of a day from that second on; DAY: there is none. */
static unsigned find_time(const struct calendar *calendar, unsigned from)
{
	unsigned hour = from / HOUR, minute = from % HOUR / MINUTE, second = from % MINUTE;

	second = next_bit(calendar->seconds, second, 60);
	if (second == 60)
		minute++;
	const unsigned found_minute = next_bit(calendar->minutes, minute, 60);

	if (found_minute != minute)
		second = 60;
	minute = found_minute;
	if (minute == 60)
		hour++;
	const unsigned found_hour = next_bit(calendar->hours, hour, 24);

	if (found_hour == 24)
		return DAY;
	if (found_hour != hour)
		minute = 60;
	if (minute == 60) {
		minute = next_bit(calendar->minutes, 0, 60);
		second = 60;
	}
	if (second == 60)
		second = next_bit(calendar->seconds, 0, 60);
	return found_hour * HOUR + minute * MINUTE + second;
}

/* The first local time from that one on; false: there is none. */
static bool find_local(const struct calendar *calendar, int64_t *local)
{
	const int64_t day = *local / DAY;
	struct civil date = civil_of(day);
	int64_t found;
	unsigned time;

	if (!find_day(calendar, &date))
		return false;
	found = civil_days(date);
	time = find_time(calendar, found == day ? (unsigned)(*local % DAY) : 0);
	if (time == DAY) {
		date = civil_of(found + 1);
		if (!find_day(calendar, &date))
			return false;
		found = civil_days(date);
		time = find_time(calendar, 0);
	}
	*local = found * DAY + time;
	return true;
}

usec_t calendar_next(const struct calendar *calendar, usec_t after, enum calendar_jump jump)
{
	const int64_t first = (int64_t)(after / USEC_PER_SEC) + 1;
	/* As the clock would go on: what it jumps over at that moment is still to come. */
	const int64_t shown = first + zone_span_at(calendar->zone, first - 1).offset;
	int64_t local = shown > 0 ? shown : 0, seconds;

	while (find_local(calendar, &local)) {
		const bool is_shown = zone_resolve(calendar->zone, local, &seconds);

		if (seconds >= first && seconds >= 0 && (is_shown || jump == CALENDAR_CATCH))
			return (usec_t)seconds * USEC_PER_SEC;
		local++;
	}
	return USEC_NEVER;
}
