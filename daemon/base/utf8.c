/* utf8.c - UTF-8 as RFC 3629 has it. */
#include <string.h>

#include "base/utf8.h"

size_t utf8_next(const char *data, size_t len, uint32_t *ret_code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *bytes = (const unsigned char *)data;
	uint32_t code;
	size_t width;

	if (len == 0)
		return 0;
	if (bytes[0] < 0x80) {
		*ret_code = bytes[0];
		return 1;
	}
	width = bytes[0] >= 0xf0 ? 4 : bytes[0] >= 0xe0 ? 3 : 2;
	if (bytes[0] < 0xc2 || bytes[0] > 0xf4 || width > len)
		return 0;
	code = bytes[0] & (0x7fu >> width);
	for (size_t i = 1; i < width; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (bytes[i] & 0x3fu);
	}
	if (code < least[width] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret_code = code;
	return width;
}

/* Length of a run of ASCII at the start, in whole words: most of most bodies. */
static size_t ascii_words(const char *data, size_t len)
{
	const uint64_t high_bits = 0x8080808080808080;
	uint64_t word;
	size_t i;

	for (i = 0; len - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, data + i, sizeof(word));
		if (word & high_bits)
			break;
	}
	return i;
}

bool utf8_is_valid(const char *data, size_t len)
{
	uint32_t code;
	size_t i = 0;

	while (i < len) {
		size_t step = ascii_words(data + i, len - i);

		if (step == 0)
			step = utf8_next(data + i, len - i, &code);
		if (step == 0)
			return false;
		i += step;
	}
	return true;
}

size_t utf8_count(const char *data, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++)
		count += ((unsigned char)data[i] & 0xc0) != 0x80;
	return count;
}

size_t utf8_cut(const char *data, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max > 0 && ((unsigned char)data[max] & 0xc0) == 0x80)
		max--;
	return max;
}
