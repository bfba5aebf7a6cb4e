/* sftp_wire.h - what libssh2 stands on: memory with a bound, and the connection, of which it is
 * noted how it fared.  Of the process of sftp_look().
 */
#pragma once

#include <libssh2.h>
#include <stdbool.h>
#include <stddef.h>

/* Zeroed at the beginning; it is the "abstract" of the session's callbacks. */
struct sftp_wire {
	size_t memory; /* that is given out */

	/* What came before the server said what it speaks. */
	bool is_ssh;
	bool is_nonsense; /* there was too much of that */
	size_t before;
	unsigned lines;
	char line[100]; /* the first bytes of the one that comes */
	unsigned line_len;

	unsigned asked; /* so often in a row was nothing there */
	bool has_received, is_closed, is_reset;
	bool is_over; /* set by whoever wants nothing more to be said or heard */
	int error; /* errno, of the socket */
};

/* NULL: there is no memory.  The first line is told on standard output where it is none of SSH. */
LIBSSH2_SESSION *sftp_wire_session(struct sftp_wire *wire);
/* For what libssh2 frees; NULL where that would be too much. */
void *sftp_wire_memory(size_t size, void **abstract);
