/* zone_rule.c - the rule by which a zone goes on behind its last known change. */
#include <errno.h>
#include <string.h>

#include "base/civil.h"
#include "base/zone_rule.h"

enum { DAY = 86400, HOUR = 3600 };

/* --- Reading ------------------------------------------------------------------------------ */

struct reader {
	const char *text, *end;
};

static bool takes(struct reader *reader, char c)
{
	if (reader->text == reader->end || *reader->text != c)
		return false;
	reader->text++;
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool read_number(struct reader *reader, unsigned most, unsigned *ret_number)
{
	unsigned number = 0;
	const char *from = reader->text;

	for (; reader->text < reader->end && is_digit(*reader->text); reader->text++) {
		number = number * 10 + (unsigned)(*reader->text - '0');
		if (number > most)
			return false;
	}
	*ret_number = number;
	return reader->text > from;
}

/* hh[:mm[:ss]] with a sign. */
static bool read_time(struct reader *reader, unsigned hours_most, int32_t *ret_time)
{
	const bool is_below = takes(reader, '-');
	unsigned hours, minutes = 0, seconds = 0;

	if (!is_below)
		(void)takes(reader, '+');
	if (!read_number(reader, hours_most, &hours))
		return false;
	if (takes(reader, ':')) {
		if (!read_number(reader, 59, &minutes))
			return false;
		if (takes(reader, ':') && !read_number(reader, 59, &seconds))
			return false;
	}
	*ret_time = (int32_t)(hours * HOUR + minutes * 60 + seconds);
	if (is_below)
		*ret_time = -*ret_time;
	return true;
}

/* What the zone is called is nobody's business here. */
static bool skip_name(struct reader *reader)
{
	const bool is_quoted = takes(reader, '<');
	const char *from = reader->text;

	while (reader->text < reader->end) {
		const char c = *reader->text;
		const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!is_letter && !(is_quoted && (is_digit(c) || c == '+' || c == '-')))
			break;
		reader->text++;
	}
	return reader->text - from >= 3 && (!is_quoted || takes(reader, '>'));
}

/* "M3.5.0", "J60" or "59", and "/3". */
static bool read_date(struct reader *reader, struct zone_date *date)
{
	*date = (struct zone_date){ .time = 2 * HOUR };
	if (!takes(reader, ','))
		return false;
	if (takes(reader, 'M')) {
		date->kind = ZONE_DATE_MONTH;
		if (!read_number(reader, 12, &date->month) || !takes(reader, '.') ||
		    !read_number(reader, 5, &date->week) || !takes(reader, '.') ||
		    !read_number(reader, 6, &date->day) || date->month == 0 || date->week == 0)
			return false;
	} else if (takes(reader, 'J')) {
		date->kind = ZONE_DATE_JULIAN;
		if (!read_number(reader, 365, &date->day) || date->day == 0)
			return false;
	} else {
		date->kind = ZONE_DATE_COUNTED;
		if (!read_number(reader, 365, &date->day))
			return false;
	}
	return !takes(reader, '/') || read_time(reader, 167, &date->time);
}

int zone_rule_parse(const char *text, size_t len, struct zone_rule *ret_rule)
{
	struct reader reader = { text, text + len };
	struct zone_rule rule = { 0 };

	if (!skip_name(&reader) || !read_time(&reader, 24, &rule.standard))
		return -EINVAL;
	/* TZ has the west above 0. */
	rule.standard = -rule.standard;
	rule.has_summer = reader.text < reader.end;
	if (rule.has_summer) {
		int32_t west = -(rule.standard + HOUR);

		if (!skip_name(&reader))
			return -EINVAL;
		if (reader.text < reader.end && *reader.text != ',' &&
		    !read_time(&reader, 24, &west))
			return -EINVAL;
		rule.summer = -west;
		if (!read_date(&reader, &rule.begins) || !read_date(&reader, &rule.ends))
			return -EINVAL;
	}
	if (reader.text != reader.end)
		return -EINVAL;
	*ret_rule = rule;
	return 0;
}

/* --- What it says ------------------------------------------------------------------------- */

static int64_t day_of(const struct zone_date *date, int year)
{
	const int64_t first = civil_days((struct civil){ year, 1, 1 });
	int64_t day;
	unsigned until_it;

	if (date->kind == ZONE_DATE_COUNTED)
		return first + date->day;
	/* A leap day has no number. */
	if (date->kind == ZONE_DATE_JULIAN)
		return first + date->day - 1 + (date->day >= 60 && civil_month_days(year, 2) == 29);
	day = civil_days((struct civil){ year, date->month, 1 });
	until_it = (date->day + 13 - civil_weekday(day)) % 7;
	day += until_it + 7 * (date->week - 1);
	/* The fifth is the last, and that may be the fourth. */
	if (civil_of(day).month != date->month)
		day -= 7;
	return day;
}

struct zone_span zone_rule_span(const struct zone_rule *rule, int64_t seconds)
{
	struct zone_span span = { INT64_MIN, INT64_MAX, rule->standard };
	int year;

	if (!rule->has_summer)
		return span;
	/* A change may be a week into another year, and offsets move it by a day. */
	year = civil_of(seconds / DAY).year;
	for (int i = year - 2; i <= year + 2; i++) {
		const int64_t begins =
			day_of(&rule->begins, i) * DAY + rule->begins.time - rule->standard;
		const int64_t ends = day_of(&rule->ends, i) * DAY + rule->ends.time - rule->summer;
		const struct {
			int64_t at;
			int32_t offset;
		} changes[2] = {
			{ begins <= ends ? begins : ends,
			  begins <= ends ? rule->summer : rule->standard },
			{ begins <= ends ? ends : begins,
			  begins <= ends ? rule->standard : rule->summer },
		};

		for (unsigned k = 0; k < 2; k++) {
			if (changes[k].at > seconds) {
				span.until = changes[k].at;
				return span;
			}
			span.from = changes[k].at;
			span.offset = changes[k].offset;
		}
	}
	return span;
}
