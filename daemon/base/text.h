/* text.h - bytes that grow up to a limit.
 *
 * What does not fit below the limit is left out and `is_cut` says so; nothing
 * fails.  `data` always ends with a NUL that `len` does not count, and is NULL
 * only while nothing was ever appended (text_string() then gives "").
 * Not for several threads at once.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
	char *data; /* owned */
	size_t len;
	size_t room;
	size_t limit_bytes; /* 0: none */
	bool is_cut;
};

void text_done(struct text *text);
/* Empty again; the memory is kept. */
void text_clear(struct text *text);
const char *text_string(const struct text *text);
/* Moves the string out (never NULL, to be freed) and leaves an empty text. */
char *text_take(struct text *text);

/* What text_append_len() does where there is no room yet. */
void text_append_longer(struct text *text, const void *data, size_t len);

static inline void text_append_len(struct text *text, const void *data, size_t len)
{
	if (len == 0 || len >= text->room - text->len) {
		text_append_longer(text, data, len);
		return;
	}
	memcpy(text->data + text->len, data, len);
	text->len += len;
	text->data[text->len] = '\0';
}

static inline void text_append(struct text *text, const char *string)
{
	text_append_len(text, string, strlen(string));
}

static inline void text_append_char(struct text *text, char c)
{
	text_append_len(text, &c, 1);
}

void text_append_uint(struct text *text, uint64_t number);
#define TEXT_PLACES_MAX 9
/* `number` of the last of so many decimal places, 1 to TEXT_PLACES_MAX; zeros at the end, and
 * a point with nothing behind it, are left out.
 */
void text_append_decimal(struct text *text, uint64_t number, unsigned places);
void text_print(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vprint(struct text *text, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

/* As a JSON string with its quotes (RFC 8259, 7).  Bytes that are not UTF-8
 * become U+FFFD, so that what an endpoint sent can always be shown.
 */
void text_append_json(struct text *text, const char *data, size_t len);

/* For a terminal, a log line or a message: control characters (C0, DEL, C1),
 * bidirectional controls and bytes that are not UTF-8 become \n, \t, \xHH or
 * \u{HHHH}; a backslash stays as it is.  Cut between characters and escapes, never
 * within one.
 */
void text_append_escaped(struct text *text, const char *data, size_t len);

/* RFC 4648, 4. */
void text_append_base64(struct text *text, const void *bytes, size_t len);

#define cleanup_text text_done
