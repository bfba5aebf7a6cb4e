/* text.c - bytes that grow up to a limit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"

enum {
	/* Most texts grow by many small pieces, and few stay shorter than this. */
	ROOM_FIRST = 128,
	/* What is kept for good does not keep more than this to spare. */
	SPARE_MAX = 32,
};

void text_done(struct text *text)
{
	free(text->data);
	text->data = NULL;
	text->len = text->room = 0;
}

void text_clear(struct text *text)
{
	text->len = 0;
	text->is_cut = false;
	if (text->data)
		text->data[0] = '\0';
}

const char *text_string(const struct text *text)
{
	return text->data ? text->data : "";
}

char *text_take(struct text *text)
{
	char *string = text->data ? text->data : memory_text("");

	if (text->room > text->len + 1 + SPARE_MAX)
		string = memory_grow(string, text->len + 1, 1);

	text->data = NULL;
	text->len = text->room = 0;
	text->is_cut = false;
	return string;
}

/* How many of `len` bytes may come; makes room for them and the NUL. */
static size_t admit(struct text *text, size_t len)
{
	if (text->limit_bytes && len > text->limit_bytes - text->len) {
		len = text->limit_bytes - text->len;
		text->is_cut = true;
	}
	if (text->len + len + 1 > text->room) {
		text->room =
			memory_next_room(text->room ? text->room : ROOM_FIRST, text->len + len + 1);
		if (text->limit_bytes && text->room > text->limit_bytes + 1)
			text->room = text->limit_bytes + 1;
		text->data = memory_grow(text->data, text->room, 1);
	}
	return len;
}

void text_append_longer(struct text *text, const void *data, size_t len)
{
	len = admit(text, len);
	if (len)
		memcpy(text->data + text->len, data, len);
	text->len += len;
	text->data[text->len] = '\0';
}

void text_append_uint(struct text *text, uint64_t number)
{
	char digits[24];
	char *start = digits + sizeof(digits);

	do
		*--start = (char)('0' + number % 10);
	while (number /= 10);
	text_append_len(text, start, (size_t)(digits + sizeof(digits) - start));
}

void text_append_decimal(struct text *text, uint64_t number, unsigned places)
{
	char digits[TEXT_PLACES_MAX + 1] = { '.' };
	uint64_t whole = number;
	size_t len = places + 1;

	for (size_t i = places; i > 0; i--, whole /= 10)
		digits[i] = (char)('0' + whole % 10);
	text_append_uint(text, whole);
	while (digits[len - 1] == '0')
		len--;
	if (len > 1)
		text_append_len(text, digits, len);
}

void text_vprint(struct text *text, const char *format, va_list arguments)
{
	char buffer[512];
	va_list again;
	int len;

	va_copy(again, arguments);
	len = vsnprintf(buffer, sizeof(buffer), format, arguments);
	if (len > 0 && (size_t)len < sizeof(buffer)) {
		text_append_len(text, buffer, (size_t)len);
	} else if (len > 0) {
		char *longer = memory_new((size_t)len + 1, 1);

		(void)vsnprintf(longer, (size_t)len + 1, format, again);
		text_append_len(text, longer, (size_t)len);
		free(longer);
	}
	va_end(again);
}

void text_print(struct text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	text_vprint(text, format, arguments);
	va_end(arguments);
}

static bool is_plain_json(unsigned char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void append_json_escape(struct text *text, unsigned char c)
{
	switch (c) {
	case '"':
		text_append(text, "\\\"");
		break;
	case '\\':
		text_append(text, "\\\\");
		break;
	case '\n':
		text_append(text, "\\n");
		break;
	case '\r':
		text_append(text, "\\r");
		break;
	case '\t':
		text_append(text, "\\t");
		break;
	default:
		text_print(text, "\\u%04x", c);
	}
}

void text_append_json(struct text *text, const char *data, size_t len)
{
	size_t i = 0;

	text_append_char(text, '"');
	while (i < len) {
		const size_t start = i;
		uint32_t code;
		size_t step;

		while (i < len && is_plain_json((unsigned char)data[i]))
			i++;
		text_append_len(text, data + start, i - start);
		if (i == len)
			break;
		step = utf8_next(data + i, len - i, &code);
		if (step == 0) {
			text_append(text, "\xef\xbf\xbd");
			i++;
		} else if (step == 1) {
			append_json_escape(text, (unsigned char)data[i++]);
		} else {
			text_append_len(text, data + i, step);
			i += step;
		}
	}
	text_append_char(text, '"');
}

static bool is_unsafe_to_show(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x061c || code == 0x200e ||
	       code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

/* The escape for `code`, in `buffer`. */
static const char *code_escape(uint32_t code, char *buffer, size_t size)
{
	if (code == '\n')
		return "\\n";
	if (code == '\r')
		return "\\r";
	if (code == '\t')
		return "\\t";
	(void)snprintf(buffer, size, code < 0x80 ? "\\x%02x" : "\\u{%04x}", code);
	return buffer;
}

/* All of it or nothing; false, and the text is cut, where it does not fit. */
static bool append_whole(struct text *text, const char *data, size_t len)
{
	if (text->limit_bytes && len > text->limit_bytes - text->len)
		text->is_cut = true;
	else
		text_append_len(text, data, len);
	return !text->is_cut;
}

void text_append_escaped(struct text *text, const char *data, size_t len)
{
	size_t i = 0;

	while (i < len) {
		char buffer[16];
		const char *piece = data + i;
		uint32_t code;
		size_t step = utf8_next(data + i, len - i, &code), piece_len = step;

		if (step == 0) {
			step = 1;
			piece_len = (size_t)snprintf(buffer, sizeof(buffer), "\\x%02x",
						     (unsigned char)data[i]);
			piece = buffer;
		} else if (is_unsafe_to_show(code)) {
			piece = code_escape(code, buffer, sizeof(buffer));
			piece_len = strlen(piece);
		}
		if (!append_whole(text, piece, piece_len))
			return;
		i += step;
	}
}

void text_append_base64(struct text *text, const void *bytes, size_t len)
{
	const unsigned char *data = bytes;
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		const size_t left = len - i;
		const unsigned group = (unsigned)data[i] << 16 |
				       (left > 1 ? (unsigned)data[i + 1] << 8 : 0) |
				       (left > 2 ? data[i + 2] : 0u);

		text_append_char(text, letters[group >> 18]);
		text_append_char(text, letters[group >> 12 & 63]);
		text_append_char(text, left > 1 ? letters[group >> 6 & 63] : '=');
		text_append_char(text, left > 2 ? letters[group & 63] : '=');
	}
}
