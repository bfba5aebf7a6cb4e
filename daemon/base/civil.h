/* civil.h - days as people count them: years, months and days of the Gregorian calendar.
 *
 * Days are counted from 1970-01-01, also before it.  Any thread; nothing fails.
 */
#pragma once

#include <stdint.h>

struct civil {
	int year;
	unsigned month, day; /* from 1 */
};

int64_t civil_days(struct civil date);
struct civil civil_of(int64_t days);
/* 28 to 31. */
unsigned civil_month_days(int year, unsigned month);
/* 0 is Monday. */
unsigned civil_weekday(int64_t days);
