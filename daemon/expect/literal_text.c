/* literal_text.c - texts in quotes. */
#include <errno.h>
#include <string.h>

#include "expect/literal.h"

enum { TEXT_BYTES = 64 * 1024 };

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
