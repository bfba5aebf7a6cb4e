/* sftp_look.h - the look at one SFTP server, in a process of its own.
 *
 * libssh2 reads what strangers send, and of those that are in use (1.10) some end the process at
 * a packet that is no multiple of the cipher's block long (transport.c, an assertion), read behind
 * what came (userauth.c, the name of a keyboard-interactive request), or wait for ever for a
 * channel's end (sftp.c).  A daemon can't have that in its loop, nor keys of 16,384 bits; a process
 * with nothing but the connection can.  picketd runs itself as
 *
 *	/proc/self/exe SFTP_LOOK_WORD LIMIT_BYTES
 *
 * with the connection as descriptor CHILD_DESCRIPTOR and a struct sftp_order on standard input,
 * where no other user sees it.  On standard output comes what sftp_report_read() reads: how long
 * each phase took, as soon as it is over, and then at most LIMIT_BYTES of the body.  How it ended
 * is the exit status; what there is to say about it, in the server's words too, is on standard error.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"

struct text;

#define SFTP_LOOK_WORD "--look-at-sftp"

enum {
	SFTP_PHASES = 3, /* the key exchange, the login, the look */
	SFTP_REPORT_HEAD_MAX = 256,
	SFTP_ORDER_MAX = 16 * 1024,
	SFTP_KEYS_MAX = 16,
};

enum sftp_end {
	SFTP_DONE,
	SFTP_REFUSED = 10, /* what a program or its loader says by itself is below */
	SFTP_NONSENSE, /* not the protocol */
	SFTP_EMPTY, /* closed before the first byte */
	SFTP_CLOSED,
	SFTP_RESET,
	SFTP_DIED, /* what the kernel says of the connection, as a number */
	SFTP_OTHER_KEY, /* than those that are trusted */
	SFTP_NO_KEYS, /* exchanged */
	SFTP_LOCAL,
};

/* What is to be done. */
struct sftp_order {
	const char *user; /* NULL: only to ask how one can log in */
	const char *password; /* or NULL */
	const char *path; /* NULL: where one is after the login; a folder ends with a slash */
	const char *keys[SFTP_KEYS_MAX]; /* "SHA256:…", of which one must be the server's */
	unsigned keys_count; /* 0: any */
};

void sftp_order_write(const struct sftp_order *order, struct text *text);
/* Borrows from `data`, which ends with a NUL that `len` does not count.  Whether it is one. */
bool sftp_order_read(const char *data, size_t len, struct sftp_order *ret);

/* As much as has come; borrows from the output. */
struct sftp_report {
	const char *stranger; /* the first line, where it was none of SSH; or NULL */
	size_t stranger_len;
	usec_t took[SFTP_PHASES];
	unsigned phases; /* that are over */
	size_t body_at; /* 0: there is none yet */
	bool is_cut;
};

/* One line, whatever is in it. */
void sftp_append_name(struct text *text, const char *name, size_t len);
void sftp_report_stranger(struct text *text, const char *line, size_t len);
void sftp_report_phase(struct text *text, usec_t took);
/* Behind the last phase, before the body. */
void sftp_report_body(struct text *text, bool is_cut);
void sftp_report_read(const struct text *output, struct sftp_report *ret);

/* Whether the arguments of main() ask for a look. */
bool sftp_look_is_asked(int argc, char **argv);
/* The whole process; returns what main() is to return. */
int sftp_look(char **argv);
