/* scan.c - the text of a query, and the tokens that take more than one look. */
#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/utf8.h"
#include "expect/jsonpath/scan.h"

int scan_peek(const struct scan *scan, size_t ahead)
{
	const size_t at = scan->at + ahead;

	return at < scan->len ? (unsigned char)scan->text[at] : -1;
}

bool scan_accept(struct scan *scan, const char *token)
{
	const size_t token_len = strlen(token);

	if (scan->len - scan->at < token_len ||
	    memcmp(scan->text + scan->at, token, token_len) != 0)
		return false;
	scan->at += token_len;
	return true;
}

bool scan_blanks(struct scan *scan)
{
	const size_t from = scan->at;

	while (scan->at < scan->len && scan->text[scan->at] != '\0' &&
	       strchr(" \t\n\r", scan->text[scan->at]))
		scan->at++;
	return scan->at > from;
}

int scan_fault(struct scan *scan, size_t at, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(scan->fault->message, sizeof(scan->fault->message), format, arguments);
	va_end(arguments);
	scan->fault->column = at + 1;
	return -EINVAL;
}

int scan_unexpected(struct scan *scan, const char *expected)
{
	cleanup(text)
	struct text found = { .limit_bytes = 32 };
	uint32_t code;

	if (scan->at >= scan->len)
		return scan_fault(scan, scan->at, "%s was expected, but the query ends here",
				  expected);
	text_append_escaped(&found, scan->text + scan->at,
			    utf8_next(scan->text + scan->at, scan->len - scan->at, &code));
	return scan_fault(scan, scan->at, "%s was expected, not '%s'", expected,
			  text_string(&found));
}

int scan_enter(struct scan *scan)
{
	if (scan->depth >= QUERY_DEPTH_MAX)
		return scan_fault(scan, scan->at, "a query nests at most %d levels deep",
				  QUERY_DEPTH_MAX);
	scan->depth++;
	return 0;
}

void scan_leave(struct scan *scan)
{
	scan->depth--;
}

static bool is_name_first(int c)
{
	return c >= 0x80 || c == '_' || (c >= 0 && isalpha(c));
}

bool scan_is_name_first(const struct scan *scan)
{
	return is_name_first(scan_peek(scan, 0));
}

int scan_integer(struct scan *scan, int64_t *ret)
{
	const size_t from = scan->at;
	const bool is_negative = scan_accept(scan, "-");
	const size_t digits = scan->at;
	int64_t number = 0;

	while (isdigit(scan_peek(scan, 0))) {
		number = number * 10 + (scan->text[scan->at] - '0');
		if (number > QUERY_INTEGER_MAX)
			return scan_fault(scan, from, "an integer lies within 2^53 - 1 of zero");
		scan->at++;
	}
	if (scan->at == digits)
		return scan_unexpected(scan, "a digit");
	if (scan->text[digits] == '0' && scan->at - digits > 1)
		return scan_fault(scan, digits, "an integer has no leading zeros");
	if (is_negative && number == 0)
		return scan_fault(scan, from, "zero has no sign here");
	*ret = is_negative ? -number : number;
	return 0;
}

int scan_name(struct scan *scan, const char **ret, size_t *ret_len)
{
	const size_t from = scan->at;

	/* The text as a whole was found to be UTF-8 before. */
	while (is_name_first(scan_peek(scan, 0)) || isdigit(scan_peek(scan, 0)))
		scan->at++;
	*ret_len = scan->at - from;
	*ret = arena_text_len(scan->path->arena, scan->text + from, *ret_len);
	return 0;
}

static int scan_four_hex(struct scan *scan, uint32_t *ret)
{
	*ret = 0;
	for (int i = 0; i < 4; i++) {
		const int c = scan_peek(scan, 0);

		if (c < 0 || !isxdigit(c))
			return scan_unexpected(scan, "a hexadecimal digit");
		*ret = *ret << 4 | (uint32_t)(isdigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
		scan->at++;
	}
	return 0;
}

/* What follows \u, with the second half of a surrogate pair. */
static int scan_code(struct scan *scan, uint32_t *ret)
{
	const size_t from = scan->at - 2;
	uint32_t low;
	int r;

	r = scan_four_hex(scan, ret);
	if (r < 0)
		return r;
	if (*ret < 0xd800 || *ret > 0xdfff)
		return 0;
	if (*ret > 0xdbff)
		return scan_fault(scan, from, "the second half of a surrogate pair stands alone");
	if (!scan_accept(scan, "\\u"))
		return scan_fault(scan, from, "the first half of a surrogate pair stands alone");
	r = scan_four_hex(scan, &low);
	if (r < 0)
		return r;
	if (low < 0xdc00 || low > 0xdfff)
		return scan_fault(scan, from, "the first half of a surrogate pair stands alone");
	*ret = 0x10000 + ((*ret - 0xd800) << 10) + (low - 0xdc00);
	return 0;
}

static void append_code(struct text *text, uint32_t code)
{
	char bytes[4];
	size_t len = 0;

	if (code < 0x80) {
		bytes[len++] = (char)code;
	} else if (code < 0x800) {
		bytes[len++] = (char)(0xc0 | code >> 6);
	} else if (code < 0x10000) {
		bytes[len++] = (char)(0xe0 | code >> 12);
		bytes[len++] = (char)(0x80 | (code >> 6 & 0x3f));
	} else {
		bytes[len++] = (char)(0xf0 | code >> 18);
		bytes[len++] = (char)(0x80 | (code >> 12 & 0x3f));
		bytes[len++] = (char)(0x80 | (code >> 6 & 0x3f));
	}
	if (code >= 0x80)
		bytes[len++] = (char)(0x80 | (code & 0x3f));
	text_append_len(text, bytes, len);
}

static int scan_escape(struct scan *scan, char quote, struct text *text)
{
	static const char from[] = "bfnrt/\\", to[] = "\b\f\n\r\t/\\";
	const int c = scan_peek(scan, 1);
	const char *known = c > 0 ? strchr(from, c) : NULL;
	uint32_t code = 0;
	int r;

	if (c < 0)
		return scan_fault(scan, scan->len, "the text does not end");
	if (c != 'u' && c != quote && !known)
		return scan_fault(scan, scan->at,
				  "a backslash stands before one of b f n r t / \\ u and the "
				  "quote around the text");
	scan->at += 2;
	if (c != 'u') {
		text_append_char(text, known ? to[known - from] : quote);
		return 0;
	}
	r = scan_code(scan, &code);
	if (r == 0)
		append_code(text, code);
	return r;
}

int scan_string(struct scan *scan, const char **ret, size_t *ret_len)
{
	cleanup(text)
	struct text text = { 0 };
	const size_t from = scan->at;
	const char quote = scan->text[scan->at++];
	int r;

	while (scan_peek(scan, 0) != quote) {
		const int c = scan_peek(scan, 0);

		if (c < 0)
			return scan_fault(scan, from, "the text that begins here does not end");
		if (c < 0x20)
			return scan_fault(scan, scan->at,
					  "a control character in a text is written \\u%04x", c);
		if (c != '\\') {
			text_append_char(&text, (char)c);
			scan->at++;
			continue;
		}
		r = scan_escape(scan, quote, &text);
		if (r < 0)
			return r;
	}
	scan->at++;
	*ret_len = text.len;
	*ret = arena_text_len(scan->path->arena, text_string(&text), text.len);
	return 0;
}

static int scan_digits(struct scan *scan)
{
	if (!isdigit(scan_peek(scan, 0)))
		return scan_unexpected(scan, "a digit");
	while (isdigit(scan_peek(scan, 0)))
		scan->at++;
	return 0;
}

int scan_number(struct scan *scan, json_t **ret)
{
	const size_t from = scan->at, digits = from + (scan_peek(scan, 0) == '-');
	int r;

	scan->at = digits;
	r = scan_digits(scan);
	if (r < 0)
		return r;
	if (scan->text[digits] == '0' && scan->at - digits > 1)
		return scan_fault(scan, digits, "a number has no leading zeros");
	if (scan_accept(scan, "."))
		r = scan_digits(scan);
	if (r == 0 && (scan_accept(scan, "e") || scan_accept(scan, "E"))) {
		(void)(scan_accept(scan, "+") || scan_accept(scan, "-"));
		r = scan_digits(scan);
	}
	if (r < 0)
		return r;

	/* It is JSON now, and strtod(3) would depend on the locale. */
	*ret = json_loadb(scan->text + from, scan->at - from, JSON_DECODE_ANY, NULL);
	if (!*ret)
		*ret = json_loadb(scan->text + from, scan->at - from,
				  JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, NULL);
	/* Beyond a double there is no number in any document, so the largest one stands for it:
	 * 2.3.5.2.2 leaves open how such numbers compare.
	 */
	if (!*ret)
		*ret = json_real(scan->text[from] == '-' ? -DBL_MAX : DBL_MAX);
	return 0;
}
