/* stream.c - bytes to and from a connected socket, plain or under TLS.
 *
 *   socket is ready -> step: shake hands, write what is unsent, read what there is -> tell
 */
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "loop/stream.h"

enum { READ_BYTES = 16 * 1024, READS_A_TURN = 4 };

struct stream {
	struct event readable, writable;
	int fd; /* owned; -1: given away */
	SSL *ssl; /* owned; NULL: plain */
	SSL *next; /* owned; the handshake that begins once all is sent; or NULL */
	size_t room;
	stream_told *told;
	void *context;
	struct text in, out;
	size_t taken, sent; /* of these, from their start */
	bool is_shaking;
	bool wants_write; /* TLS has something to write before it goes on */
	bool is_leaving; /* a farewell goes behind what is unsent */
	bool is_ended; /* the peer's side */
	bool is_broken;
	bool is_told; /* that it is ended or broken */
	int error;
	bool *is_gone; /* borrowed from the step that runs; set where the stream is freed in it */
};

/* Bytes done, 0 where it has to wait, -1 where it is over for good (ended or broken). */
static ssize_t after_tls(struct stream *stream, int r)
{
	const int saved = errno;

	if (r > 0)
		return r;
	switch (SSL_get_error(stream->ssl, r)) {
	case SSL_ERROR_WANT_READ:
		return 0;
	case SSL_ERROR_WANT_WRITE:
		stream->wants_write = true;
		return 0;
	case SSL_ERROR_ZERO_RETURN:
		stream->is_ended = true;
		stream->is_broken = stream->is_shaking;
		return -1;
	case SSL_ERROR_SYSCALL:
		stream->error = saved;
		break;
	default:
		break;
	}
	stream->is_broken = true;
	return -1;
}

static ssize_t after_plain(struct stream *stream, ssize_t r)
{
	if (r > 0)
		return r;
	if (r < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (r == 0) {
		stream->is_ended = true;
	} else {
		stream->error = errno;
		stream->is_broken = true;
	}
	return -1;
}

static ssize_t write_some(struct stream *stream, const char *data, size_t len)
{
	/* Its queue of errors is the thread's: what others left in it is not ours. */
	ERR_clear_error();
	errno = 0;
	if (stream->ssl)
		return after_tls(stream, SSL_write(stream->ssl, data, (int)len));
	return after_plain(stream, send(stream->fd, data, len, MSG_NOSIGNAL));
}

static ssize_t read_some(struct stream *stream, char *data, size_t len)
{
	ERR_clear_error();
	errno = 0;
	if (stream->ssl)
		return after_tls(stream, SSL_read(stream->ssl, data, (int)len));
	return after_plain(stream, recv(stream->fd, data, len, 0));
}

static size_t waiting(const struct stream *stream)
{
	return stream->in.len - stream->taken;
}

/* Asks for the events that would let it go on. */
static void await(struct stream *stream)
{
	const bool is_over = stream->is_ended || stream->is_broken;

	if (!is_over && waiting(stream) < stream->room)
		(void)event_add(&stream->readable, NULL);
	else
		(void)event_del(&stream->readable);
	if (!stream->is_broken &&
	    (stream->wants_write || stream->next || stream_unsent(stream) > 0))
		(void)event_add(&stream->writable, NULL);
	else
		(void)event_del(&stream->writable);
}

static void leave(struct stream *stream)
{
	stream->is_leaving = false;
	ERR_clear_error();
	if (stream->ssl)
		(void)SSL_shutdown(stream->ssl);
	ERR_clear_error();
	(void)shutdown(stream->fd, SHUT_WR);
}

/* False where the stream is gone after it. */
static bool tell(struct stream *stream, enum stream_news news)
{
	bool is_gone = false;

	stream->is_gone = &is_gone;
	stream->told(stream, news, stream->context);
	if (!is_gone)
		stream->is_gone = NULL;
	return !is_gone;
}

void stream_flush(struct stream *stream)
{
	while (!stream->is_shaking && stream_unsent(stream) > 0 && !stream->is_broken) {
		const ssize_t n =
			write_some(stream, stream->out.data + stream->sent, stream_unsent(stream));

		if (n <= 0)
			return;
		stream->sent += (size_t)n;
	}
	if (stream->sent == stream->out.len) {
		text_clear(&stream->out);
		stream->sent = 0;
	}
	if (stream->is_leaving && stream->out.len == 0 && !stream->is_broken)
		leave(stream);
}

/* What was taken makes room. */
static void compact(struct stream *stream)
{
	const size_t left = waiting(stream);

	if (stream->taken == 0)
		return;
	memmove(stream->in.data, stream->in.data + stream->taken, left + 1);
	stream->in.len = left;
	stream->taken = 0;
}

/* Whether something came. */
static bool fill(struct stream *stream)
{
	char data[READ_BYTES];
	bool has_more = false;

	compact(stream);

	for (unsigned i = 0; i < READS_A_TURN; i++) {
		const size_t left = stream->room - waiting(stream);
		const ssize_t n =
			left ? read_some(stream, data, left < sizeof(data) ? left : sizeof(data))
			     : 0;

		if (n <= 0)
			return has_more;
		text_append_len(&stream->in, data, (size_t)n);
		has_more = true;
	}
	/* What TLS has decrypted already makes no descriptor readable. */
	event_active(&stream->readable, EV_READ, 0);
	return has_more;
}

/* False where it has to wait, or failed. */
static bool shake(struct stream *stream)
{
	ERR_clear_error();
	errno = 0;
	if (after_tls(stream, SSL_do_handshake(stream->ssl)) <= 0)
		return false;
	stream->is_shaking = false;
	return true;
}

static void step(struct stream *stream)
{
	stream->wants_write = false;
	if (stream->next)
		stream_flush(stream);
	if (stream->next && stream_unsent(stream) == 0) {
		stream->ssl = stream->next;
		stream->next = NULL;
		stream->is_shaking = true;
	}
	if (stream->is_shaking && shake(stream) && !tell(stream, STREAM_SECURED))
		return;
	if (!stream->is_shaking && !stream->next && !stream->is_broken) {
		stream_flush(stream);
		if (!stream->is_ended && fill(stream) && !tell(stream, STREAM_RECEIVED))
			return;
	}
	if ((stream->is_ended || stream->is_broken) && !stream->is_told) {
		stream->is_told = true;
		if (!tell(stream, stream->is_broken ? STREAM_BROKEN : STREAM_ENDED))
			return;
	}
	await(stream);
}

static void on_ready(evutil_socket_t fd, short what, void *context)
{
	step(context);
}

struct stream *stream_new(struct event_base *base, int fd, size_t room, stream_told *told,
			  void *context)
{
	struct stream *stream = MEMORY_NEW(struct stream);

	stream->fd = fd;
	stream->room = room;
	stream->told = told;
	stream->context = context;
	(void)event_assign(&stream->readable, base, fd, EV_READ, on_ready, stream);
	(void)event_assign(&stream->writable, base, fd, EV_WRITE, on_ready, stream);
	await(stream);
	return stream;
}

void stream_free(struct stream *stream)
{
	if (stream->is_gone)
		*stream->is_gone = true;
	(void)event_del(&stream->readable);
	(void)event_del(&stream->writable);
	SSL_free(stream->ssl);
	SSL_free(stream->next);
	if (stream->fd >= 0)
		(void)close(stream->fd);
	text_done(&stream->in);
	text_done(&stream->out);
	free(stream);
}

int stream_release(struct stream *stream)
{
	const int fd = stream->fd;

	stream->fd = -1;
	stream_free(stream);
	return fd;
}

void stream_secure(struct stream *stream, SSL_CTX *context, const char *sni)
{
	stream->next = SSL_new(context);
	if (!stream->next || SSL_set_fd(stream->next, stream->fd) != 1)
		memory_out();
	(void)SSL_set_mode(stream->next,
			   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (sni)
		(void)SSL_set_tlsext_host_name(stream->next, sni);
	SSL_set_connect_state(stream->next);
	event_active(&stream->writable, EV_WRITE, 0);
}

void stream_send(struct stream *stream, const void *data, size_t len)
{
	const size_t left = stream_unsent(stream);

	/* What has gone makes room, also where some of it never goes. */
	if (stream->sent > 0) {
		memmove(stream->out.data, stream->out.data + stream->sent, left + 1);
		stream->out.len = left;
		stream->sent = 0;
	}
	text_append_len(&stream->out, data, len);
	event_active(&stream->writable, EV_WRITE, 0);
}

size_t stream_unsent(const struct stream *stream)
{
	return stream->out.len - stream->sent;
}

const char *stream_received(const struct stream *stream, size_t *ret_len)
{
	*ret_len = waiting(stream);
	return text_string(&stream->in) + stream->taken;
}

void stream_take(struct stream *stream, size_t len)
{
	const bool was_full = waiting(stream) >= stream->room;

	stream->taken += len;
	/* At once: what TLS has decrypted already makes no descriptor readable. */
	if (was_full && len > 0 && !stream->is_ended && !stream->is_broken)
		event_active(&stream->readable, EV_READ, 0);
}

void stream_farewell(struct stream *stream)
{
	stream->is_leaving = true;
	stream_flush(stream);
}

int stream_error(const struct stream *stream)
{
	return stream->error;
}
