/* frame.h - the frames of a WebSocket, as bytes.
 *
 * Source: RFC 6455, 5.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text;

enum frame_kind {
	FRAME_MORE = 0x0, /* goes on with the message */
	FRAME_TEXT = 0x1,
	FRAME_BINARY = 0x2,
	FRAME_CLOSE = 0x8,
	FRAME_PING = 0x9,
	FRAME_PONG = 0xa,
};

struct frame {
	enum frame_kind kind;
	bool is_last; /* of its message */
	const char *payload; /* borrowed from the data */
	size_t len;
};

enum frame_found {
	FRAME_WHOLE,
	FRAME_WAITS, /* for more bytes */
	FRAME_BROKEN, /* no server may send that */
	FRAME_TOO_LARGE, /* more than `max` bytes of payload */
};

/* The frame of a server at the start of the data; *ret_used is its length. */
enum frame_found frame_read(const char *data, size_t len, size_t max, struct frame *ret,
			    size_t *ret_used);
/* A whole one of a client, masked with these four bytes. */
void frame_print(struct text *text, enum frame_kind kind, const char *payload, size_t len,
		 const unsigned char *mask);

enum { FRAME_KEY_LEN = 24, FRAME_ACCEPT_LEN = 28 };

/* What a server answers to the key (both base64, with a NUL behind; RFC 6455, 4.2.2). */
void frame_accept(const char *key, char *ret_accept);
