/* times.c - points in time as servers write them. */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "base/units.h"
#include "expect/literal.h"
#include "expect/times.h"

#define SECONDS_MAX 253402300799.0 /* 9999-12-31T23:59:59Z */

enum { YEARS_AHEAD = 50, LONGEST = 64 };

/* A date as it is read: what is left of the text, and the parts so far. */
struct reading {
	const char *at; /* borrowed, ends with a NUL */
	struct tm parts;
};

static bool take(struct reading *reading, const char *text)
{
	const size_t len = strlen(text);

	if (strncmp(reading->at, text, len) != 0)
		return false;
	reading->at += len;
	return true;
}

/* One of `count` names of three letters each. */
static bool take_name(struct reading *reading, const char *names, int count, int *ret_index)
{
	for (int i = 0; i < count; i++) {
		if (strncmp(reading->at, names + 3 * i, 3) != 0)
			continue;
		reading->at += 3;
		*ret_index = i;
		return true;
	}
	return false;
}

static bool take_digits(struct reading *reading, int count, int *ret_number)
{
	*ret_number = 0;
	for (int i = 0; i < count; i++, reading->at++) {
		if (*reading->at < '0' || *reading->at > '9')
			return false;
		*ret_number = *ret_number * 10 + (*reading->at - '0');
	}
	return true;
}

static bool take_weekday(struct reading *reading)
{
	return take_name(reading, "SunMonTueWedThuFriSat", 7, &reading->parts.tm_wday);
}

static bool take_month(struct reading *reading)
{
	return take_name(reading, "JanFebMarAprMayJunJulAugSepOctNovDec", 12,
			 &reading->parts.tm_mon);
}

/* 08:49:37 */
static bool take_clock(struct reading *reading)
{
	struct tm *parts = &reading->parts;

	return take_digits(reading, 2, &parts->tm_hour) && take(reading, ":") &&
	       take_digits(reading, 2, &parts->tm_min) && take(reading, ":") &&
	       take_digits(reading, 2, &parts->tm_sec);
}

static bool take_year(struct reading *reading)
{
	if (!take_digits(reading, 4, &reading->parts.tm_year))
		return false;
	reading->parts.tm_year -= 1900;
	return true;
}

/* Sun, 06 Nov 1994 08:49:37 GMT */
static bool is_fixdate(struct reading *reading)
{
	return take_weekday(reading) && take(reading, ", ") &&
	       take_digits(reading, 2, &reading->parts.tm_mday) && take(reading, " ") &&
	       take_month(reading) && take(reading, " ") && take_year(reading) &&
	       take(reading, " ") && take_clock(reading) && take(reading, " GMT") &&
	       *reading->at == '\0';
}

/* Sunday, 06-Nov-94 08:49:37 GMT */
static bool is_rfc850(struct reading *reading, int year_now)
{
	struct tm *parts = &reading->parts;

	if (!take_weekday(reading))
		return false;
	while (islower((unsigned char)*reading->at))
		reading->at++;
	if (!take(reading, ", ") || !take_digits(reading, 2, &parts->tm_mday) ||
	    !take(reading, "-") || !take_month(reading) || !take(reading, "-") ||
	    !take_digits(reading, 2, &parts->tm_year) || !take(reading, " ") ||
	    !take_clock(reading) || !take(reading, " GMT") || *reading->at != '\0')
		return false;
	/* What seems to be more than 50 years ahead lies in the century before. */
	parts->tm_year += year_now - year_now % 100;
	if (parts->tm_year > year_now + YEARS_AHEAD)
		parts->tm_year -= 100;
	return true;
}

/* Sun Nov  6 08:49:37 1994 */
static bool is_asctime(struct reading *reading)
{
	if (!take_weekday(reading) || !take(reading, " ") || !take_month(reading) ||
	    !take(reading, " "))
		return false;
	if (!take_digits(reading, take(reading, " ") ? 1 : 2, &reading->parts.tm_mday))
		return false;
	return take(reading, " ") && take_clock(reading) && take(reading, " ") &&
	       take_year(reading) && *reading->at == '\0';
}

static int year_of(usec_t now)
{
	const time_t seconds = (time_t)(now / USEC_PER_SEC);
	struct tm parts = { 0 };

	(void)gmtime_r(&seconds, &parts);
	return parts.tm_year;
}

/* There are months without a 31st, and timegm() would count on into the next. */
static int http_date_time(const struct tm *date, int64_t *ret_time)
{
	struct tm day = { .tm_year = date->tm_year,
			  .tm_mon = date->tm_mon,
			  .tm_mday = date->tm_mday };
	time_t seconds;

	if (date->tm_hour > 23 || date->tm_min > 59 || date->tm_sec > 60 || date->tm_mday < 1)
		return -EINVAL;
	seconds = timegm(&day);
	if (day.tm_mday != date->tm_mday)
		return -EINVAL;
	seconds += date->tm_hour * 3600 + date->tm_min * 60 + date->tm_sec;
	*ret_time = (int64_t)seconds * (int64_t)USEC_PER_SEC;
	return 0;
}

static int http_date_read(const char *date, usec_t now, int64_t *ret_time)
{
	struct reading reading = { .at = date };

	if (is_fixdate(&reading))
		return http_date_time(&reading.parts, ret_time);
	reading = (struct reading){ .at = date };
	if (is_rfc850(&reading, year_of(now)))
		return http_date_time(&reading.parts, ret_time);
	reading = (struct reading){ .at = date };
	if (is_asctime(&reading))
		return http_date_time(&reading.parts, ret_time);
	return -EINVAL;
}

int times_from_seconds(double seconds, int64_t *ret_time)
{
	if (!(seconds >= -SECONDS_MAX && seconds <= SECONDS_MAX))
		return -EINVAL;
	*ret_time = (int64_t)(seconds * (double)USEC_PER_SEC);
	return 0;
}

int times_read(const char *data, size_t len, usec_t now, int64_t *ret_time)
{
	char text[LONGEST];
	struct value number;
	usec_t wall;

	while (len > 0 && strchr(" \t\r\n", data[0]) && data[0])
		data++, len--;
	while (len > 0 && strchr(" \t\r\n", data[len - 1]) && data[len - 1])
		len--;
	if (len >= sizeof(text) || memchr(data, '\0', len))
		return -EINVAL;
	memcpy(text, data, len);
	text[len] = '\0';
	if (units_time_parse(text, len, &wall) == 0) {
		*ret_time = (int64_t)wall;
		return 0;
	}
	if (literal_number(text, len, &number) == 0)
		return times_from_seconds(
			number.is_real ? number.as.real : (double)number.as.integer, ret_time);
	return http_date_read(text, now, ret_time);
}
