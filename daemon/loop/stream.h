/* stream.h - bytes to and from a connected socket, plain or under TLS.
 *
 * Reading stops while what nobody took fills the room that was given, so that whoever is
 * on the other side cannot make it grow.  Everything is told in later turns of the loop.
 * Loop thread only.
 *
 * Source: SSL_get_error(3), SSL_shutdown(3).
 */
#pragma once

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

struct event_base;
struct stream;

enum stream_news {
	STREAM_SECURED, /* the handshake is over; whether the certificate will do is not judged here */
	STREAM_RECEIVED, /* there is more in stream_received() */
	STREAM_ENDED, /* nothing more comes: the peer closed its side */
	STREAM_BROKEN, /* it is of no use any more: see stream_error() */
};

/* Never runs inside another function of the stream.  It may free the stream. */
typedef void stream_told(struct stream *stream, enum stream_news news, void *context);

/* Over `fd`, non-blocking, which is the stream's from here on.  `room` bytes are read ahead. */
struct stream *stream_new(struct event_base *base, int fd, size_t room, stream_told *told,
			  void *context);
/* Closes the socket, without a farewell; told() does not run any more. */
void stream_free(struct stream *stream);
/* The same, but for the socket, which is the caller's from here on. */
int stream_release(struct stream *stream);

/* Begins the handshake of a client, behind what is still unsent.  `sni` NULL: no name is
 * asked for.  Nothing may wait to be taken.
 */
void stream_secure(struct stream *stream, SSL_CTX *context, const char *sni);

void stream_send(struct stream *stream, const void *data, size_t len);
/* Tries once to get rid of what is unsent. */
void stream_flush(struct stream *stream);
/* Bytes that the kernel has not taken yet. */
size_t stream_unsent(const struct stream *stream);
/* What came and was not taken; valid until the next turn. */
const char *stream_received(const struct stream *stream, size_t *ret_len);
void stream_take(struct stream *stream, size_t len);
/* Says, behind what is unsent, that nothing more will be sent; the peer may still answer. */
void stream_farewell(struct stream *stream);

/* errno, or 0 where there is none: TLS itself failed, or the peer went away without a word. */
int stream_error(const struct stream *stream);
