/* keys.h - from the bytes of a terminal to keys.
 *
 * Source: ECMA-48, 5.4 (control sequences), and what xterm sends in both of its modes of
 * the cursor keys.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A key is the code of a character (RFC 3629), or one of these. */
enum {
	KEY_NONE = 0x110000, /* a sequence that means nothing here */
	KEY_UP,
	KEY_DOWN,
	KEY_LEFT,
	KEY_RIGHT,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_HOME,
	KEY_END,
	KEY_ENTER,
	KEY_ESCAPE,
	KEY_BACK,
};

/* CTRL('c'): what the terminal sends for that letter with Ctrl. */
#define KEY_CTRL(letter) ((letter)&0x1f)

/* Bytes of the first key, or 0 where more must come first.  `is_all` says that nothing
 * follows soon, so that an Esc at the end is the key.
 */
size_t keys_next(const char *data, size_t len, bool is_all, uint32_t *ret_key);
