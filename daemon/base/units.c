/* units.c - durations, sizes and times as people write and read them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "base/units.h"

static const struct {
	const char *name;
	usec_t usec;
} durations[] = {
	{ "d", USEC_PER_DAY }, { "h", USEC_PER_HOUR }, { "m", USEC_PER_MIN },
	{ "s", USEC_PER_SEC }, { "ms", USEC_PER_MS },  { "us", 1 },
};

static const struct {
	const char *name;
	uint64_t bytes;
} sizes[] = {
	{ "GiB", 1ull << 30 },
	{ "GB", 1000000000 },
	{ "MiB", 1ull << 20 },
	{ "MB", 1000000 },
	{ "KiB", 1ull << 10 },
	{ "KB", 1000 },
	{ "B", 1 },
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits at text[*at], which then stands behind them.  0, -EINVAL or -ERANGE. */
static int number_parse(const char *text, size_t len, size_t *at, uint64_t *ret_number)
{
	uint64_t number = 0;
	const size_t start = *at;

	for (; *at < len && is_digit(text[*at]); (*at)++) {
		if (__builtin_mul_overflow(number, 10u, &number) ||
		    __builtin_add_overflow(number, (uint64_t)(text[*at] - '0'), &number))
			return -ERANGE;
	}
	*ret_number = number;
	return *at > start ? 0 : -EINVAL;
}

/* Length of the letters at text[at]. */
static size_t word_len(const char *text, size_t len, size_t at)
{
	size_t end = at;

	while (end < len &&
	       ((text[end] >= 'a' && text[end] <= 'z') || (text[end] >= 'A' && text[end] <= 'Z')))
		end++;
	return end - at;
}

int units_duration_parse(const char *text, size_t len, usec_t *ret_duration)
{
	usec_t total = 0;
	size_t at = 0, least = 0;

	if (len == 0)
		return -EINVAL;
	while (at < len) {
		uint64_t number;
		size_t unit, width;
		int r = number_parse(text, len, &at, &number);

		if (r < 0)
			return r;
		width = word_len(text, len, at);
		for (unit = least; unit < COUNT_OF(durations); unit++)
			if (strlen(durations[unit].name) == width &&
			    memcmp(durations[unit].name, text + at, width) == 0)
				break;
		if (unit == COUNT_OF(durations))
			return -EINVAL;
		if (__builtin_mul_overflow(number, durations[unit].usec, &number) ||
		    __builtin_add_overflow(total, number, &total))
			return -ERANGE;
		at += width;
		least = unit + 1;
	}
	*ret_duration = total;
	return 0;
}

int units_size_parse(const char *text, size_t len, uint64_t *ret_bytes)
{
	uint64_t number;
	size_t at = 0;
	int r = number_parse(text, len, &at, &number);

	if (r < 0)
		return r;
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		if (strlen(sizes[i].name) != len - at ||
		    memcmp(sizes[i].name, text + at, len - at) != 0)
			continue;
		return __builtin_mul_overflow(number, sizes[i].bytes, ret_bytes) ? -ERANGE : 0;
	}
	return -EINVAL;
}

int units_percent_parse(const char *text, size_t len, double *ret_share)
{
	size_t at = 0, point = 0;
	uint64_t digits = 0, scale = 100;

	for (; at < len && at < 12 && text[at] != '%'; at++) {
		if (text[at] == '.' && !point && at) {
			point = at + 1;
			continue;
		}
		if (text[at] < '0' || text[at] > '9')
			return -EINVAL;
		digits = digits * 10 + (uint64_t)(text[at] - '0');
		scale *= point ? 10 : 1;
	}
	if (at == 0 || at == point || (at < len && (text[at] != '%' || at + 1 != len)) ||
	    (point && at - point > 6) || digits > scale)
		return -EINVAL;
	*ret_share = (double)digits / (double)scale;
	return 0;
}

void units_duration_print(struct text *text, usec_t duration)
{
	if (duration == 0)
		text_append(text, "0s");
	for (size_t i = 0; i < COUNT_OF(durations) && duration; i++) {
		const uint64_t number = duration / durations[i].usec;

		if (number == 0)
			continue;
		text_append_uint(text, number);
		text_append(text, durations[i].name);
		duration %= durations[i].usec;
	}
}

void units_size_print(struct text *text, uint64_t bytes)
{
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		if (bytes % sizes[i].bytes || (bytes == 0 && sizes[i].bytes > 1))
			continue;
		text_append_uint(text, bytes / sizes[i].bytes);
		text_append(text, sizes[i].name);
		return;
	}
}

/* To the nearest multiple of `unit`. */
static usec_t rounded(usec_t duration, usec_t unit)
{
	return (duration + unit / 2) / unit * unit;
}

void units_duration_show(struct text *text, usec_t duration)
{
	const double ms = (double)duration / 1e3, s = (double)duration / 1e6;

	/* Bounds are where rounding would make it one digit more. */
	if (duration < 1000)
		text_print(text, "%uus", (unsigned)duration);
	else if (duration < 9995)
		text_print(text, "%.2fms", ms);
	else if (duration < 99950)
		text_print(text, "%.1fms", ms);
	else if (duration < 999500)
		text_print(text, "%.0fms", ms);
	else if (duration < 9995 * USEC_PER_MS)
		text_print(text, "%.2fs", s);
	else if (duration < 59950 * USEC_PER_MS)
		text_print(text, "%.1fs", s);
	else if (rounded(duration, USEC_PER_SEC) < USEC_PER_HOUR)
		units_duration_print(text, rounded(duration, USEC_PER_SEC));
	else if (rounded(duration, USEC_PER_MIN) < 2 * USEC_PER_DAY)
		units_duration_print(text, rounded(duration, USEC_PER_MIN));
	else
		units_duration_print(text, rounded(duration, USEC_PER_HOUR));
}

/* Exactly `count` digits.  Each verdict has such numbers, and printf(3) takes ten times as long. */
static void put_number(char *to, unsigned number, unsigned count)
{
	while (count-- > 0) {
		to[count] = (char)('0' + number % 10);
		number /= 10;
	}
}

void units_seconds_print(struct text *text, usec_t duration)
{
	text_append_decimal(text, duration, 6);
}

void units_time_print(struct text *text, usec_t wall)
{
	const time_t seconds = (time_t)(wall / USEC_PER_SEC);
	char time[] = "0000-00-00T00:00:00.000Z";
	struct tm parts;

	(void)gmtime_r(&seconds, &parts);
	put_number(time, (unsigned)parts.tm_year + 1900, 4);
	put_number(time + 5, (unsigned)parts.tm_mon + 1, 2);
	put_number(time + 8, (unsigned)parts.tm_mday, 2);
	put_number(time + 11, (unsigned)parts.tm_hour, 2);
	put_number(time + 14, (unsigned)parts.tm_min, 2);
	put_number(time + 17, (unsigned)parts.tm_sec, 2);
	put_number(time + 20, (unsigned)(wall / 1000 % 1000), 3);
	text_append_len(text, time, sizeof(time) - 1);
}

/* Two digits between `low` and `high` at text, else -1. */
static int two_digits(const char *text, int low, int high)
{
	int number;

	if (!is_digit(text[0]) || !is_digit(text[1]))
		return -1;
	number = (text[0] - '0') * 10 + (text[1] - '0');
	return number >= low && number <= high ? number : -1;
}

/* "Z", or "+02:00" and the like, as minutes east.  0 or -EINVAL. */
static int offset_parse(const char *text, size_t len, int *ret_minutes)
{
	int hours, minutes;

	if (len == 1 && (text[0] == 'Z' || text[0] == 'z')) {
		*ret_minutes = 0;
		return 0;
	}
	if (len != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':')
		return -EINVAL;
	hours = two_digits(text + 1, 0, 23);
	minutes = two_digits(text + 4, 0, 59);
	if (hours < 0 || minutes < 0)
		return -EINVAL;
	*ret_minutes = (hours * 60 + minutes) * (text[0] == '-' ? -1 : 1);
	return 0;
}

static int days_of(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && is_leap);
}

int units_time_parse(const char *text, size_t len, usec_t *ret_wall)
{
	struct tm parts = { 0 };
	usec_t fraction = 0, unit = USEC_PER_SEC / 10;
	int century, year, offset;
	size_t at = 19;
	time_t seconds;

	if (len < 20 || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':' ||
	    (text[10] != 'T' && text[10] != 't' && text[10] != ' '))
		return -EINVAL;
	century = two_digits(text, 0, 99);
	year = two_digits(text + 2, 0, 99);
	parts.tm_mon = two_digits(text + 5, 1, 12) - 1;
	parts.tm_mday = two_digits(text + 8, 1, 31);
	parts.tm_hour = two_digits(text + 11, 0, 23);
	parts.tm_min = two_digits(text + 14, 0, 59);
	parts.tm_sec = two_digits(text + 17, 0, 60);
	if (century < 19 || year < 0 || parts.tm_mon < 0 || parts.tm_mday < 0 ||
	    parts.tm_hour < 0 || parts.tm_min < 0 || parts.tm_sec < 0)
		return -EINVAL;
	if (parts.tm_mday > days_of(century * 100 + year, parts.tm_mon + 1))
		return -EINVAL;
	parts.tm_year = century * 100 + year - 1900;
	if (text[at] == '.') {
		for (at++; at < len && is_digit(text[at]); at++, unit /= 10)
			fraction += unit * (usec_t)(text[at] - '0');
		if (at == 20)
			return -EINVAL;
	}
	if (offset_parse(text + at, len - at, &offset) < 0)
		return -EINVAL;
	seconds = timegm(&parts) - offset * 60;
	if (seconds < 0)
		return -EINVAL;
	*ret_wall = (usec_t)seconds * USEC_PER_SEC + fraction;
	return 0;
}
