/* escape.c - texts of the configuration that stand for bytes. */
#include <string.h>

#include "base/text.h"
#include "expect/regex.h"
#include "probe/escape.h"

static int hexadecimal(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);

	return found && *found ? (int)(found - digits) : -1;
}

/* The escape behind a backslash; its length, or 0 where it is none. */
static size_t read_escape(const char *at, char *ret)
{
	static const char letters[] = "rnt0\\", values[] = "\r\n\t\0\\";
	const char *found = *at ? strchr(letters, *at) : NULL;

	if (found) {
		*ret = values[found - letters];
		return 1;
	}
	if (*at != 'x' || hexadecimal(at[1]) < 0 || hexadecimal(at[2]) < 0)
		return 0;
	*ret = (char)(hexadecimal(at[1]) * 16 + hexadecimal(at[2]));
	return 3;
}

bool escape_print(const char *text, const struct text *captured, struct text *bytes)
{
	while (*text) {
		char c = *text;
		size_t len = 1;

		if (captured && text[0] == '$' && text[1] == '{' && text[2] >= '1' &&
		    text[2] <= '9' && text[3] == '}') {
			if (bytes)
				text_append_len(bytes, text_string(&captured[text[2] - '0']),
						captured[text[2] - '0'].len);
			text += 4;
			continue;
		}
		if (c == '\\') {
			len = read_escape(text + 1, &c);
			if (len == 0)
				return false;
			len++;
		}
		if (bytes)
			text_append_char(bytes, c);
		text += len;
	}
	return true;
}

bool escape_check(const char *text, size_t len, struct text *wanted)
{
	if (escape_print(text, NULL, NULL))
		return true;
	text_append(wanted, "must have \\r, \\n, \\t, \\0, \\xHH or \\\\ where it has a backslash");
	return false;
}

bool escape_check_regex(const char *text, size_t len, struct text *wanted)
{
	struct regex_fault fault;
	struct regex *regex;

	if (regex_compile(text, len, 0, &regex, &fault) < 0) {
		text_print(wanted, "must be a regular expression (at %zu: %s)", fault.offset + 1,
			   fault.message);
		return false;
	}
	regex_free(regex);
	return true;
}
