/* literal.c - numbers, durations, sizes and percentages. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "expect/literal.h"

enum { DIGITS = 512 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t digits_from(const char *data, size_t len, size_t at)
{
	while (at < len && is_digit(data[at]))
		at++;
	return at;
}

/* How many bytes of data are a number; 0: none.  Sets whether it is an integer. */
static size_t number_len(const char *data, size_t len, bool *ret_is_integer)
{
	const size_t start = len > 0 && data[0] == '-';
	size_t at = digits_from(data, len, start), sign;

	*ret_is_integer = true;
	if (at == start)
		return 0;
	if (at + 1 < len && data[at] == '.' && is_digit(data[at + 1])) {
		at = digits_from(data, len, at + 1);
		*ret_is_integer = false;
	}
	if (at < len && (data[at] == 'e' || data[at] == 'E')) {
		sign = at + 1 < len && (data[at + 1] == '-' || data[at + 1] == '+');
		if (digits_from(data, len, at + 1 + sign) > at + 1 + sign) {
			at = digits_from(data, len, at + 1 + sign);
			*ret_is_integer = false;
		}
	}
	return at;
}

/* An integer beyond 64 bits is a double, as in JSON.  0 or -ERANGE. */
static int number_value(const char *data, size_t len, bool is_integer, struct value *ret)
{
	char digits[DIGITS];
	double real;

	if (len >= sizeof(digits))
		return -ERANGE;
	memcpy(digits, data, len);
	digits[len] = '\0';
	if (is_integer) {
		long long integer;

		errno = 0;
		integer = strtoll(digits, NULL, 10);
		if (errno == 0) {
			*ret = value_integer(TYPE_NUMBER, integer);
			return 0;
		}
	}
	real = strtod(digits, NULL);
	if (!isfinite(real))
		return -ERANGE;
	*ret = value_real(TYPE_NUMBER, real);
	return 0;
}

int literal_number(const char *data, size_t len, struct value *ret)
{
	const bool has_sign = len > 0 && data[0] == '-';
	bool is_integer;

	if (len == 0 || number_len(data, len, &is_integer) != len)
		return -EINVAL;
	/* JSON has no leading zeros: what has them is no number but a code. */
	if (len > has_sign + 1u && data[has_sign] == '0' && is_digit(data[has_sign + 1]))
		return -EINVAL;
	return number_value(data, len, is_integer, ret) < 0 ? -EINVAL : 0;
}

/* 1.5s: what it is in the next smaller unit. */
static void fault_fraction(const char *data, size_t len, size_t unit_at, struct text *fault)
{
	static const struct {
		const char *unit, *smaller;
		unsigned times;
	} steps[] = {
		{ "d", "h", 24 },	{ "h", "m", 60 },	{ "m", "s", 60 },
		{ "s", "ms", 1000 },	{ "ms", "us", 1000 },	{ "KiB", "B", 1024 },
		{ "MiB", "KiB", 1024 }, { "GiB", "MiB", 1024 }, { "KB", "B", 1000 },
		{ "MB", "KB", 1000 },	{ "GB", "MB", 1000 },
	};
	const double number = strtod(data, NULL);

	text_print(fault, "'%.*s' has a fraction, which only plain numbers and %% have", (int)len,
		   data);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const double smaller = number * steps[i].times;

		if (strlen(steps[i].unit) != len - unit_at ||
		    memcmp(steps[i].unit, data + unit_at, len - unit_at) != 0 || smaller > 1e15 ||
		    floor(smaller) < smaller || number < 0)
			continue;
		text_print(fault, ": write %.0f%s", smaller, steps[i].smaller);
	}
}

static void fault_unit(const char *data, size_t len, size_t unit_at, struct text *fault)
{
	if (len == 3 && unit_at == 1 && (data[1] == 'x' || data[1] == 'X') && data[2] == data[1])
		text_print(fault, "'%.*s' is no number: write in %c00..%c99", (int)len, data,
			   data[0], data[0]);
	else if (data[0] == '-')
		text_print(fault, "'%.*s' has a sign, which only plain numbers have", (int)len,
			   data);
	else
		text_print(fault,
			   "'%.*s' is neither a number nor a duration (us ms s m h d) "
			   "nor a size (B KB MB GB KiB MiB GiB)",
			   (int)len, data);
}

static int quantity_with_unit(const char *data, size_t len, struct value *ret)
{
	usec_t duration;
	uint64_t size;

	if (units_duration_parse(data, len, &duration) == 0 && duration <= INT64_MAX) {
		*ret = value_integer(TYPE_DURATION, (int64_t)duration);
		return 0;
	}
	if (units_size_parse(data, len, &size) == 0 && size <= INT64_MAX) {
		*ret = value_integer(TYPE_SIZE, (int64_t)size);
		return 0;
	}
	return -EINVAL;
}

int literal_quantity(const char *data, size_t len, struct value *ret, struct text *fault)
{
	bool is_integer;
	const size_t unit_at = number_len(data, len, &is_integer);
	int r;

	if (unit_at + 1 == len && data[unit_at] == '%') {
		r = number_value(data, unit_at, false, ret);
		ret->type = TYPE_RATIO;
		ret->as.real /= 100;
	} else if (unit_at == len) {
		r = number_value(data, len, is_integer, ret);
	} else {
		r = quantity_with_unit(data, len, ret);
		if (r < 0 && !is_integer && len < DIGITS)
			fault_fraction(data, len, unit_at, fault);
		else if (r < 0)
			fault_unit(data, len, unit_at, fault);
		return r;
	}
	if (r < 0)
		text_print(fault, "'%.*s' is too large a number", len < 40 ? (int)len : 40, data);
	return r < 0 ? -EINVAL : 0;
}
