/* utf8.h - UTF-8 as RFC 3629 has it: no surrogates, nothing overlong. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length of the first character in bytes, and its code; 0 if the bytes are not UTF-8. */
size_t utf8_next(const char *data, size_t len, uint32_t *ret_code);
bool utf8_is_valid(const char *data, size_t len);
/* Characters in valid UTF-8. */
size_t utf8_count(const char *data, size_t len);
/* The longest prefix of `data` of at most `max` bytes that does not split a character. */
size_t utf8_cut(const char *data, size_t len, size_t max);
