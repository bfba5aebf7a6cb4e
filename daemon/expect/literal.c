/* literal.c - what stands for itself in an expectation. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "expect/literal.h"

enum { TEXT_BYTES = 64 * 1024, DIGITS = 512 };

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

static void append_code(struct text *text, uint32_t code)
{
	if (code < 0x80) {
		text_append_char(text, (char)code);
	} else if (code < 0x800) {
		text_append_char(text, (char)(0xc0 | code >> 6));
		text_append_char(text, (char)(0x80 | (code & 0x3f)));
	} else if (code < 0x10000) {
		text_append_char(text, (char)(0xe0 | code >> 12));
		text_append_char(text, (char)(0x80 | (code >> 6 & 0x3f)));
		text_append_char(text, (char)(0x80 | (code & 0x3f)));
	} else {
		text_append_char(text, (char)(0xf0 | code >> 18));
		text_append_char(text, (char)(0x80 | (code >> 12 & 0x3f)));
		text_append_char(text, (char)(0x80 | (code >> 6 & 0x3f)));
		text_append_char(text, (char)(0x80 | (code & 0x3f)));
	}
}

/* Four hexadecimal digits, or -EINVAL. */
static int hex_code(const char *data, size_t len, uint32_t *ret_code)
{
	*ret_code = 0;
	if (len < 4)
		return -EINVAL;
	for (size_t i = 0; i < 4; i++) {
		const char *found = data[i] ? strchr("0123456789abcdef", data[i] | 0x20) : NULL;

		if (!found)
			return -EINVAL;
		*ret_code = *ret_code << 4 | (uint32_t)(found - "0123456789abcdef");
	}
	return 0;
}

/* \uXXXX or a pair of them at `data`, behind the backslash.  Bytes used, or -EINVAL. */
static int unicode_escape(const char *data, size_t len, struct text *text)
{
	uint32_t code, low;

	if (hex_code(data + 1, len - 1, &code) < 0)
		return -EINVAL;
	if (code < 0xd800 || code > 0xdfff) {
		append_code(text, code);
		return 5;
	}
	if (code > 0xdbff || len < 11 || data[5] != '\\' || data[6] != 'u' ||
	    hex_code(data + 7, len - 7, &low) < 0 || low < 0xdc00 || low > 0xdfff)
		return -EINVAL;
	append_code(text, 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00));
	return 11;
}

/* The escape at `data`, behind the backslash.  Bytes used, or -EINVAL. */
static int escape(const char *data, size_t len, struct text *text)
{
	static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	const char *found;

	if (len > 0 && data[0] == 'u')
		return unicode_escape(data, len, text);
	found = len > 0 && data[0] ? strchr(letters, data[0]) : NULL;
	if (!found)
		return -EINVAL;
	text_append_char(text, meant[found - letters]);
	return 1;
}

/* What stands between the quotes. */
static int unquote(const char *data, size_t len, char quote, struct text *text, size_t *ret_at)
{
	for (size_t at = 0; at < len;) {
		const char c = data[at++];

		if (c == '\'' && quote == '\'')
			at++; /* the second of two */
		if (c == '\\' && quote == '"') {
			const int used = escape(data + at, len - at, text);

			if (used < 0) {
				*ret_at = at - 1;
				return -EINVAL;
			}
			at += (size_t)used;
		} else {
			text_append_char(text, c);
		}
	}
	return 0;
}

static void replace_each(struct text *text, const char *each)
{
	static const char mark[] = "${each}";
	struct text replaced = { .limit_bytes = TEXT_BYTES };
	const char *at = text_string(text), *const end = at + text->len;
	const char *found;

	while ((found = memmem(at, (size_t)(end - at), mark, strlen(mark)))) {
		text_append_len(&replaced, at, (size_t)(found - at));
		text_append(&replaced, each);
		at = found + strlen(mark);
	}
	text_append_len(&replaced, at, (size_t)(end - at));
	text_done(text);
	*text = replaced;
}

int literal_text(const char *data, size_t len, const char *each, struct value *ret,
		 struct text *fault, size_t *ret_at)
{
	struct text text = { .limit_bytes = TEXT_BYTES };

	*ret_at = 0;
	if (unquote(data + 1, len - 2, data[0], &text, ret_at) < 0) {
		++*ret_at;
		text_print(fault,
			   "\\%.1s is no escape: there are \\\" \\\\ \\/ \\b \\f \\n \\r \\t "
			   "\\uXXXX; in '…' a backslash is itself",
			   data + *ret_at + 1);
		text_done(&text);
		return -EINVAL;
	}
	if (each)
		replace_each(&text, each);
	if (text.is_cut) {
		text_print(fault, "this text is longer than 64KiB with ${each} filled in");
		text_done(&text);
		return -EINVAL;
	}
	*ret = value_made(&text);
	return 0;
}
