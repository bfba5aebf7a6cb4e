/* websocket_upgrade.h - the request for a WebSocket, and whether the answer is one.
 *
 * Source: RFC 6455, 4.
 */
#pragma once

#include <stddef.h>

struct observation;
struct text;
struct websocket_options;

/* The request; `ret_key` (FRAME_KEY_LEN and a NUL) gets the key that was made for it. */
void websocket_ask(const struct websocket_options *options, char *ret_key, struct text *head);
/* The head of the answer, `len` bytes with its empty line: status and headers go to `seen`,
 * and what is wrong with it, with a % for the peer, to `fault`.
 */
void websocket_read_head(const char *head, size_t len, const char *key, struct observation *seen,
			 struct text *fault);
