/* civil.c - days as people count them. */
#include <stdbool.h>

#include "base/civil.h"

/* Years of the Gregorian calendar repeat after this many, and days after so many. */
enum { ERA_YEARS = 400, ERA_DAYS = 146097 };

/* From 0000-03-01 to 1970-01-01. */
enum { DAYS_BEFORE_1970 = 719468 };

static int64_t divide_down(int64_t number, int64_t by)
{
	return number / by - (number % by < 0);
}

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Years begin with March here, so that a leap day is the last of its year. */
int64_t civil_days(struct civil date)
{
	const int64_t year = date.month > 2 ? date.year : date.year - 1;
	const int64_t era = divide_down(year, ERA_YEARS);
	const int64_t of_era = year - era * ERA_YEARS;
	const unsigned month = date.month > 2 ? date.month - 3 : date.month + 9;
	const unsigned of_year = (153 * month + 2) / 5 + date.day - 1;

	return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
	       DAYS_BEFORE_1970;
}

struct civil civil_of(int64_t days)
{
	const int64_t since = days + DAYS_BEFORE_1970;
	const int64_t era = divide_down(since, ERA_DAYS);
	const int64_t of_era = since - era * ERA_DAYS;
	const int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	const unsigned of_year = (unsigned)(of_era - (365 * year + year / 4 - year / 100));
	const unsigned month = (5 * of_year + 2) / 153;
	struct civil date = {
		.year = (int)(year + era * ERA_YEARS),
		.month = month < 10 ? month + 3 : month - 9,
		.day = of_year - (153 * month + 2) / 5 + 1,
	};

	date.year += date.month <= 2;
	return date;
}

unsigned civil_month_days(int year, unsigned month)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return month == 2 && is_leap(year) ? 29u : days[month - 1];
}

unsigned civil_weekday(int64_t days)
{
	const int64_t since_monday = days + 3;

	return (unsigned)(since_monday - divide_down(since_monday, 7) * 7);
}
