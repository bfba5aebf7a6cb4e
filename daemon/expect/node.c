/* node.c - JSON values as text. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "expect/node.h"

void node_print_real(struct text *text, double real)
{
	char digits[32];

	for (int precision = 6; precision <= 17; precision++) {
		(void)snprintf(digits, sizeof(digits), "%.*g", precision, real);
		if (strtod(digits, NULL) == real)
			break;
	}
	text_append(text, digits);
}

/* What text_append_json() left as it is, beyond ASCII, as \uXXXX. */
static void print_ascii(struct text *text, const struct text *from)
{
	const char *at = text_string(from), *const end = at + from->len;
	uint32_t code;

	while (at < end && !text->is_cut) {
		const size_t step = utf8_next(at, (size_t)(end - at), &code);

		if (code < 0x80)
			text_append_char(text, *at);
		else if (code < 0x10000)
			text_print(text, "\\u%04x", code);
		else
			text_print(text, "\\u%04x\\u%04x", 0xd800 + ((code - 0x10000) >> 10),
				   0xdc00 + (code & 0x3ff));
		at += step ? step : 1;
	}
}

static void print_string(struct text *text, const char *data, size_t len, bool is_ascii)
{
	struct text escaped = { .limit_bytes = text->limit_bytes };

	text_append_json(&escaped, data, len);
	if (is_ascii)
		print_ascii(text, &escaped);
	else
		text_append_len(text, escaped.data, escaped.len);
	text->is_cut |= escaped.is_cut;
	text_done(&escaped);
}

static void print_array(struct text *text, const json_t *array, bool is_ascii)
{
	const size_t count = json_array_size(array);

	text_append_char(text, '[');
	for (size_t i = 0; i < count && !text->is_cut; i++) {
		if (i > 0)
			text_append_char(text, ',');
		node_print(text, json_array_get(array, i), is_ascii);
	}
	text_append_char(text, ']');
}

static void print_object(struct text *text, const json_t *object, bool is_ascii)
{
	/* jansson's iterators want an object that could change, and do not change it. */
	json_t *members = (json_t *)(uintptr_t)object;
	void *first = json_object_iter(members);

	text_append_char(text, '{');
	for (void *at = first; at && !text->is_cut; at = json_object_iter_next(members, at)) {
		if (at != first)
			text_append_char(text, ',');
		print_string(text, json_object_iter_key(at), json_object_iter_key_len(at),
			     is_ascii);
		text_append_char(text, ':');
		node_print(text, json_object_iter_value(at), is_ascii);
	}
	text_append_char(text, '}');
}

/* As deep as json_read() lets a document be. */
void node_print(struct text *text, const json_t *node, bool is_ascii)
{
	switch (json_typeof(node)) {
	case JSON_OBJECT:
		print_object(text, node, is_ascii);
		break;
	case JSON_ARRAY:
		print_array(text, node, is_ascii);
		break;
	case JSON_STRING:
		print_string(text, json_string_value(node), json_string_length(node), is_ascii);
		break;
	case JSON_INTEGER:
		text_print(text, "%" JSON_INTEGER_FORMAT, json_integer_value(node));
		break;
	case JSON_REAL:
		node_print_real(text, json_real_value(node));
		break;
	case JSON_TRUE:
		text_append(text, "true");
		break;
	case JSON_FALSE:
		text_append(text, "false");
		break;
	case JSON_NULL:
		text_append(text, "null");
		break;
	}
}
