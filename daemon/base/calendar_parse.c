/* calendar_parse.c - from text to a calendar. */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "base/calendar.h"
#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "base/zone.h"

enum {
	TEXT_MAX_BYTES = 512,
	WORDS_MAX = 4,
	/* Further from the end it would be no day of February. */
	LAST_DAYS_MOST = 28,
	NUMBER_MOST = 9999,
	SHOWN_BYTES = 40,
};

struct word {
	const char *text;
	size_t len;
};

static const char *const weekdays[] = { "monday", "tuesday",  "wednesday", "thursday",
					"friday", "saturday", "sunday" };

static const struct {
	const char *name, *stands_for;
} shorthands[] = {
	{ "minutely", "*-*-* *:*:00" },
	{ "hourly", "*-*-* *:00:00" },
	{ "daily", "*-*-* 00:00:00" },
	{ "weekly", "Mon *-*-* 00:00:00" },
	{ "monthly", "*-*-01 00:00:00" },
	{ "quarterly", "*-01,04,07,10-01 00:00:00" },
	{ "semiannually", "*-01,07-01 00:00:00" },
	{ "semi-annually", "*-01,07-01 00:00:00" },
	{ "biannually", "*-01,07-01 00:00:00" },
	{ "bi-annually", "*-01,07-01 00:00:00" },
	{ "yearly", "*-01-01 00:00:00" },
	{ "annually", "*-01-01 00:00:00" },
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* One part of a date or time: which numbers it may have. */
struct part {
	const char *what; /* "an hour" */
	unsigned least, most;
	bool is_year; /* two digits are of 1970 to 2069 */
	bool is_last; /* a repetition goes to the end of the month, to 1 */
};

static const struct part year_part = { "a year", CALENDAR_YEAR_LEAST, CALENDAR_YEAR_MOST, true,
				       false };
static const struct part month_part = { "a month", 1, 12, false, false };
static const struct part day_part = { "a day", 1, 31, false, false };
static const struct part last_part = { "a day before the end of the month", 1, LAST_DAYS_MOST,
				       false, true };
static const struct part hour_part = { "an hour", 0, 23, false, false };
static const struct part minute_part = { "a minute", 0, 59, false, false };
static const struct part second_part = { "a second", 0, 59, false, false };

/* Which numbers, counted from the least that may be. */
struct set {
	uint64_t bits[CALENDAR_YEAR_WORDS];
};

static bool refuse(struct text *wanted, struct word at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static bool refuse(struct text *wanted, struct word at, const char *format, ...)
{
	va_list arguments;

	text_append(wanted, "must have ");
	va_start(arguments, format);
	text_vprint(wanted, format, arguments);
	va_end(arguments);
	if (at.len)
		text_print(wanted, ", where '%.*s' stands",
			   (int)utf8_cut(at.text, at.len, SHOWN_BYTES), at.text);
	else if (at.text)
		text_append(wanted, ", where nothing stands");
	return false;
}

static bool refuse_part(struct text *wanted, struct word at, const struct part *part)
{
	return refuse(wanted, at, "%s from %u to %u, or *", part->what, part->least, part->most);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void skip(struct word *word, size_t len)
{
	word->text += len;
	word->len -= len;
}

static bool takes(struct word *word, const char *what)
{
	const size_t len = strlen(what);

	if (word->len < len || memcmp(word->text, what, len) != 0)
		return false;
	skip(word, len);
	return true;
}

/* What stands before one of these characters, or all of it; that character is skipped. */
static struct word split(struct word *word, const char *characters, char *ret_character)
{
	struct word before = { word->text, 0 };

	while (before.len < word->len && !strchr(characters, word->text[before.len]))
		before.len++;
	*ret_character = before.len < word->len ? word->text[before.len] : '\0';
	skip(word, before.len + (*ret_character != '\0'));
	return before;
}

/* --- Lists of numbers --------------------------------------------------------------------- */

static bool read_number(struct word *word, unsigned *ret_number)
{
	const char *from = word->text;
	unsigned number = 0;

	while (word->len && is_digit(*word->text)) {
		number = number * 10 + (unsigned)(*word->text - '0');
		if (number > NUMBER_MOST)
			return false;
		skip(word, 1);
	}
	*ret_number = number;
	return word->text > from;
}

static bool read_value(struct word *word, const struct part *part, unsigned *ret_value)
{
	if (!read_number(word, ret_value))
		return false;
	if (part->is_year && *ret_value < 70)
		*ret_value += 2000;
	else if (part->is_year && *ret_value < 100)
		*ret_value += 1900;
	return *ret_value >= part->least && *ret_value <= part->most;
}

static void add(struct set *set, const struct part *part, unsigned value)
{
	const unsigned bit = value - part->least;

	set->bits[bit / 64] |= UINT64_C(1) << bit % 64;
}

/* "5", "1..5", "0/15", "8..18/2". */
static bool read_item(struct word item, const struct part *part, struct set *set,
		      struct text *wanted)
{
	struct word left = item;
	unsigned first, last, step = 0;
	bool is_range;

	if (!read_value(&left, part, &first))
		return refuse_part(wanted, item, part);
	last = first;
	is_range = takes(&left, "..");
	if (is_range && !read_value(&left, part, &last))
		return refuse_part(wanted, item, part);
	if (last < first)
		return refuse(wanted, item, "the lower number of a range first");
	if (takes(&left, "/") && (!read_number(&left, &step) || step == 0))
		return refuse(wanted, item, "a number above 0 behind the /");
	if (left.len)
		return refuse_part(wanted, item, part);
	if (!is_range && step &&
	    (part->is_last ? step + part->least > first : first + step > part->most))
		return refuse(wanted, item, "a repetition that comes before the end");
	if (!is_range && step && part->is_last) {
		for (unsigned value = first; value >= part->least && value <= first; value -= step)
			add(set, part, value);
		return true;
	}
	if (!is_range && step)
		last = part->most;
	for (unsigned value = first; value <= last; value += step ? step : 1)
		add(set, part, value);
	return true;
}

static bool read_part(struct word word, const struct part *part, struct set *set,
		      struct text *wanted)
{
	char comma = ',';

	*set = (struct set){ 0 };
	if (word.len == 1 && *word.text == '*') {
		for (unsigned value = part->least; value <= part->most; value++)
			add(set, part, value);
		return true;
	}
	while (comma)
		if (!read_item(split(&word, ",", &comma), part, set, wanted))
			return false;
	return true;
}

/* --- Words -------------------------------------------------------------------------------- */

/* The number of the weekday of that name, or 7. */
static unsigned find_weekday(struct word name)
{
	unsigned i = 0;

	while (i < COUNT_OF(weekdays) && !(strncasecmp(weekdays[i], name.text, name.len) == 0 &&
					   (name.len == 3 || name.len == strlen(weekdays[i]))))
		i++;
	return i;
}

/* "Mon", "Sat,Mon..Wed"; a comma may stand at the end. */
static bool read_weekdays(struct word word, uint8_t *ret_weekdays, struct text *wanted)
{
	*ret_weekdays = 0;
	while (word.len) {
		char comma, dots;
		struct word item = split(&word, ",", &comma), left = item;
		const unsigned first = find_weekday(split(&left, ".-", &dots));
		unsigned last = first;

		if (dots == '.' && !takes(&left, "."))
			last = COUNT_OF(weekdays);
		else if (dots)
			last = find_weekday(left);
		if (first == COUNT_OF(weekdays) || last == COUNT_OF(weekdays))
			return refuse(wanted, item, "weekdays such as Mon or Mon..Fri");
		if (last < first)
			return refuse(wanted, item, "the earlier weekday first");
		for (unsigned day = first; day <= last; day++)
			*ret_weekdays |= (uint8_t)(1u << day);
	}
	return true;
}

/* "2026-12-24", "12-24", "*-*~1". */
static bool read_date(struct word word, struct calendar *calendar, struct text *wanted)
{
	struct word parts[3], all = word;
	char separators[3] = { 0 };
	struct set year, month, day;
	unsigned count = 0;

	do
		parts[count] = split(&word, "-~", &separators[count]);
	while (separators[count++] && count < COUNT_OF(parts));
	if (count < 2 || separators[count - 1] || (count == 3 && separators[0] == '~'))
		return refuse(wanted, all, "a date such as *-*-1, 12-24 or *-*~1");

	const struct word days = parts[count - 1];
	/* Any day is any day, wherever it is counted from. */
	const bool is_last = separators[count - 2] == '~' && !(days.len == 1 && *days.text == '*');

	if (count == 3 && !read_part(parts[0], &year_part, &year, wanted))
		return false;
	if (!read_part(parts[count - 2], &month_part, &month, wanted) ||
	    !read_part(days, is_last ? &last_part : &day_part, &day, wanted))
		return false;
	if (count == 3)
		memcpy(calendar->years, year.bits, sizeof(year.bits));
	calendar->months = (uint32_t)month.bits[0] << 1;
	if (is_last)
		calendar->last_days = (uint32_t)day.bits[0] << 1;
	else
		calendar->days = (uint32_t)(day.bits[0] << 1);
	return true;
}

/* "2:00", "*:0/15:30". */
static bool read_time(struct word word, struct calendar *calendar, struct text *wanted)
{
	struct word all = word, hours, minutes;
	struct set set;
	char colon;

	hours = split(&word, ":", &colon);
	if (!read_part(hours, &hour_part, &set, wanted))
		return false;
	calendar->hours = (uint32_t)set.bits[0];
	minutes = split(&word, ":", &colon);
	if (!read_part(minutes, &minute_part, &set, wanted))
		return false;
	calendar->minutes = set.bits[0];
	calendar->seconds = 1;
	if (!colon)
		return true;
	if (memchr(word.text, ':', word.len))
		return refuse(wanted, all, "a time such as 2:00 or *:0/15:30");
	if (!read_part(word, &second_part, &set, wanted))
		return false;
	calendar->seconds = set.bits[0];
	return true;
}

static bool read_zone(struct word word, struct calendar *calendar, struct text *wanted)
{
	cleanup(free)
	char *name = memory_text_len(word.text, word.len);
	const int r = zone_find(name, &calendar->zone);

	if (r == -ENOENT)
		return refuse(wanted, word,
			      "UTC or a time zone of this system, such as "
			      "Europe/Berlin");
	if (r < 0)
		return refuse(wanted, word, "a time zone that can be read (%s)", strerror(-r));
	return true;
}

/* --- The whole ---------------------------------------------------------------------------- */

static unsigned split_words(struct word text, struct word *words)
{
	unsigned count = 0;

	while (text.len) {
		char blank;
		const struct word word = split(&text, " ", &blank);

		if (word.len && count < WORDS_MAX + 1)
			words[count++] = word;
	}
	return count;
}

static const char *find_shorthand(struct word word)
{
	for (size_t i = 0; i < COUNT_OF(shorthands); i++)
		if (strlen(shorthands[i].name) == word.len &&
		    strncasecmp(shorthands[i].name, word.text, word.len) == 0)
			return shorthands[i].stands_for;
	return NULL;
}

/* Weekdays, a date and a time, in this order and each perhaps missing; how many words. */
static unsigned read_words(const struct word *words, unsigned count, struct calendar *calendar,
			   struct text *wanted)
{
	unsigned at = 0;

	if (at < count && is_letter(*words[at].text) &&
	    !read_weekdays(words[at++], &calendar->weekdays, wanted))
		return 0;
	if (at < count && !is_letter(*words[at].text) &&
	    !memchr(words[at].text, ':', words[at].len) &&
	    !read_date(words[at++], calendar, wanted))
		return 0;
	if (at < count && memchr(words[at].text, ':', words[at].len) &&
	    !read_time(words[at++], calendar, wanted))
		return 0;
	return at;
}

static bool read_all(struct word text, struct calendar *calendar, struct text *wanted)
{
	struct word words[WORDS_MAX + 1], expanded[WORDS_MAX + 1];
	const unsigned count = split_words(text, words);
	const char *shorthand = count ? find_shorthand(words[0]) : NULL;
	const struct word nothing = { 0 };
	unsigned read;

	if (count == 0)
		return refuse(wanted, nothing, "a weekday, a date or a time");
	if (shorthand) {
		const struct word meant = { shorthand, strlen(shorthand) };

		(void)read_words(expanded, split_words(meant, expanded), calendar, wanted);
		read = 1;
	} else {
		read = read_words(words, count, calendar, wanted);
	}
	if (read && read < count && is_letter(*words[read].text)) {
		if (!read_zone(words[read++], calendar, wanted))
			return false;
	} else if (read && zone_find(NULL, &calendar->zone) < 0) {
		return refuse(wanted, nothing,
			      "a time zone, since that of this host can't be read");
	}
	if (read && read < count)
		return refuse(wanted, words[read],
			      "weekdays, a date, a time and a zone in this order, and no more");
	return read > 0;
}

int calendar_parse(const char *text, size_t len, struct calendar *ret_calendar, struct text *wanted)
{
	/* What is not said: each day, at midnight. */
	struct calendar calendar = {
		.years = { UINT64_MAX, UINT64_MAX, UINT64_MAX, (UINT64_C(1) << 38) - 1 },
		.months = 0x1ffe,
		.days = 0xfffffffe,
		.hours = 1,
		.minutes = 1,
		.seconds = 1,
		.weekdays = 0x7f,
	};

	if (len > TEXT_MAX_BYTES || memchr(text, '\0', len)) {
		text_print(wanted, "must have at most %d bytes", TEXT_MAX_BYTES);
		return -EINVAL;
	}
	if (!read_all((struct word){ text, len }, &calendar, wanted))
		return -EINVAL;
	if (calendar_next(&calendar, 0, CALENDAR_CATCH) == USEC_NEVER) {
		text_append(wanted, "must be a time that comes: there is no such day");
		return -EINVAL;
	}
	*ret_calendar = calendar;
	return 0;
}
