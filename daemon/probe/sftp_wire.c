/* sftp_wire.c - what libssh2 stands on: memory with a bound, and the connection.
 *
 * Sources: libssh2_session_init_ex(3), libssh2_session_callback_set(3); RFC 4253, 4.2.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "probe/sftp_look.h"
#include "probe/sftp_wire.h"

enum {
	/* All that libssh2 keeps of a server, packets that nobody asked for included. */
	MEMORY_MAX = 4 * 1024 * 1024,
	/* Other lines may come before the one that says SSH; not for ever. */
	LINES_MAX = 64,
	BEFORE_MAX = 16 * 1024,
	ASKED_MAX = 16,
};

/* --- Memory ---------------------------------------------------------------------------------- */

union piece {
	size_t size;
	max_align_t align;
};

void *sftp_wire_memory(size_t size, void **abstract)
{
	struct sftp_wire *wire = *abstract;
	union piece *piece;

	if (size > MEMORY_MAX - wire->memory)
		return NULL;
	piece = malloc(sizeof(*piece) + size);
	if (!piece)
		return NULL;
	piece->size = size;
	wire->memory += size;
	return piece + 1;
}

static void give_back(void *pointer, void **abstract)
{
	struct sftp_wire *wire = *abstract;
	union piece *piece = pointer;

	if (!piece)
		return;
	wire->memory -= piece[-1].size;
	free(piece - 1);
}

static void *take_again(void *pointer, size_t size, void **abstract)
{
	void *again = sftp_wire_memory(size, abstract);
	const size_t had = pointer ? ((union piece *)pointer)[-1].size : 0;

	if (!again)
		return NULL;
	if (had > 0)
		memcpy(again, pointer, had < size ? had : size);
	give_back(pointer, abstract);
	return again;
}

/* --- The connection -------------------------------------------------------------------------- */

static void await(int fd, short events)
{
	struct pollfd ready = { .fd = fd, .events = events };

	(void)poll(&ready, 1, -1);
}

/* The first line that is none of SSH: where nothing else follows, that is what was answered. */
static void tell_line(const struct sftp_wire *wire)
{
	cleanup(text)
	struct text line = { 0 };

	sftp_report_stranger(&line, wire->line, wire->line_len);
	(void)file_write(STDOUT_FILENO, line.data, line.len);
}

/* Whether that may still become SSH. */
static bool may_be_ssh(struct sftp_wire *wire, const char *data, size_t len)
{
	for (size_t i = 0; i < len && !wire->is_ssh; i++) {
		wire->before++;
		if (data[i] == '\n') {
			if (wire->lines++ == 0)
				tell_line(wire);
			wire->line_len = 0;
			continue;
		}
		if (wire->line_len < sizeof(wire->line))
			wire->line[wire->line_len++] = data[i];
		wire->is_ssh = wire->line_len == 4 && memcmp(wire->line, "SSH-", 4) == 0;
	}
	return wire->is_ssh || (wire->lines < LINES_MAX && wire->before < BEFORE_MAX);
}

/* libssh2 waits by itself where nothing is there, but for a channel that it gives up: then it
 * asks again and again, and is kept waiting here.
 */
static ssize_t receive_some(struct sftp_wire *wire, int fd, void *buffer, size_t length)
{
	ssize_t n;

	while ((n = recv(fd, buffer, length, 0)) < 0 &&
	       (errno == EINTR || (errno == EAGAIN && ++wire->asked > ASKED_MAX)))
		await(fd, POLLIN);
	if (n >= 0)
		wire->asked = 0;
	return n;
}

static LIBSSH2_RECV_FUNC(receive)
{
	struct sftp_wire *wire = *abstract;
	ssize_t n;

	(void)flags;
	if (wire->is_over)
		return -EPIPE;
	n = receive_some(wire, socket, buffer, length);
	if (n < 0 && errno == EAGAIN)
		return -EAGAIN;
	wire->is_reset = wire->is_reset || (n < 0 && errno == ECONNRESET);
	wire->error = n < 0 ? errno : wire->error;
	wire->is_closed = wire->is_closed || n == 0;
	wire->has_received = wire->has_received || n > 0;
	if (n > 0 && !wire->is_ssh && !may_be_ssh(wire, buffer, (size_t)n)) {
		wire->is_nonsense = true;
		return 0;
	}
	return n < 0 ? -errno : n;
}

static LIBSSH2_SEND_FUNC(dispatch)
{
	struct sftp_wire *wire = *abstract;
	ssize_t n;

	(void)flags;
	if (wire->is_over)
		return -EPIPE;
	while ((n = send(socket, buffer, length, MSG_NOSIGNAL)) < 0 &&
	       (errno == EAGAIN || errno == EINTR))
		await(socket, POLLOUT);
	wire->is_reset = wire->is_reset || (n < 0 && errno == ECONNRESET);
	/* A server that closes has said why, and that is still to be read. */
	if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
		return (ssize_t)length;
	wire->error = n < 0 ? errno : wire->error;
	return n < 0 ? -errno : n;
}

LIBSSH2_SESSION *sftp_wire_session(struct sftp_wire *wire)
{
	LIBSSH2_SESSION *session =
		libssh2_session_init_ex(sftp_wire_memory, give_back, take_again, wire);

	if (!session)
		return NULL;
	libssh2_session_set_blocking(session, 1);
	(void)libssh2_session_callback_set(session, LIBSSH2_CALLBACK_RECV,
					   __extension__(void *) receive);
	(void)libssh2_session_callback_set(session, LIBSSH2_CALLBACK_SEND,
					   __extension__(void *) dispatch);
	return session;
}
