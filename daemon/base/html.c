/* html.c - text from anywhere, inside HTML and SVG. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/html.h"
#include "base/text.h"
#include "base/utf8.h"

/* Newlines and tabs are white space there, and nothing else of C0 and C1 is text. */
static bool is_control(uint32_t code)
{
	return (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7f && code < 0xa0);
}

/* Unicode Standard Annex 9, 2: embeddings, overrides, isolates and marks. */
static bool turns_direction(uint32_t code)
{
	return (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) ||
	       code == 0x200e || code == 0x200f || code == 0x061c;
}

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&#34;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void html_append_len(struct text *text, const char *data, size_t len)
{
	size_t i = 0;

	while (i < len) {
		uint32_t code = 0;
		const size_t size = utf8_next(data + i, len - i, &code);

		if (size == 0 || is_control(code) || turns_direction(code))
			text_append(text, "\xef\xbf\xbd");
		else if (size == 1 && entity(data[i]))
			text_append(text, entity(data[i]));
		else
			text_append_len(text, data + i, size);
		i += size ? size : 1;
	}
}

void html_append(struct text *text, const char *string)
{
	html_append_len(text, string, strlen(string));
}

void html_append_part(struct text *text, const char *string)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~";

	for (; *string; string++) {
		if (strchr(plain, *string))
			text_append_char(text, *string);
		else
			text_print(text, "%%%02X", (unsigned char)*string);
	}
}
