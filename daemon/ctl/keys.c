/* keys.c - from the bytes of a terminal to keys. */
#include <stdlib.h>

#include "base/utf8.h"
#include "ctl/keys.h"

enum { ESCAPE = 0x1b, SEQUENCE_MAX = 32 };

static uint32_t key_of_letter(char last)
{
	switch (last) {
	case 'A':
		return KEY_UP;
	case 'B':
		return KEY_DOWN;
	case 'C':
		return KEY_RIGHT;
	case 'D':
		return KEY_LEFT;
	case 'H':
		return KEY_HOME;
	case 'F':
		return KEY_END;
	default:
		return KEY_NONE;
	}
}

/* CSI NUMBER ~ */
static uint32_t key_of_number(const char *number)
{
	switch (strtoul(number, NULL, 10)) {
	case 1:
	case 7:
		return KEY_HOME;
	case 4:
	case 8:
		return KEY_END;
	case 5:
		return KEY_PAGE_UP;
	case 6:
		return KEY_PAGE_DOWN;
	default:
		return KEY_NONE;
	}
}

/* What stands behind CSI: parameters up to a byte from @ to ~. */
static size_t read_sequence(const char *data, size_t len, bool is_all, uint32_t *ret_key)
{
	size_t end = 2;

	while (end < len && end < SEQUENCE_MAX && data[end] >= 0x20 && data[end] < 0x40)
		end++;
	if (end == len && !is_all)
		return 0;
	*ret_key = KEY_NONE;
	if (end == len || end == SEQUENCE_MAX)
		return end;
	*ret_key = data[end] == '~' ? key_of_number(data + 2) : key_of_letter(data[end]);
	return end + 1;
}

static size_t read_escape(const char *data, size_t len, bool is_all, uint32_t *ret_key)
{
	if (len == 1 && !is_all)
		return 0;
	if (len > 2 && data[1] == 'O') {
		*ret_key = key_of_letter(data[2]);
		return 3;
	}
	if (len > 1 && data[1] == '[')
		return read_sequence(data, len, is_all, ret_key);
	if (len == 2 && data[1] == 'O' && !is_all)
		return 0;
	*ret_key = KEY_ESCAPE;
	return 1;
}

size_t keys_next(const char *data, size_t len, bool is_all, uint32_t *ret_key)
{
	size_t step;

	if (len == 0)
		return 0;
	if (data[0] == ESCAPE)
		return read_escape(data, len, is_all, ret_key);
	if (data[0] == '\r' || data[0] == '\n') {
		*ret_key = KEY_ENTER;
		return 1;
	}
	if (data[0] == 0x7f || data[0] == '\b') {
		*ret_key = KEY_BACK;
		return 1;
	}
	step = utf8_next(data, len, ret_key);
	if (step > 0)
		return step;
	/* A character that is not whole yet, or no character at all. */
	if (len < 4 && !is_all && (unsigned char)data[0] >= 0xc2 && (unsigned char)data[0] <= 0xf4)
		return 0;
	*ret_key = KEY_NONE;
	return 1;
}
