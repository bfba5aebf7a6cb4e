/* sockets.h - listeners on loopback, with and without room. */
#pragma once

#include <stdint.h>

/* A socket that is bound to an address and *ret_port (0: the kernel's choice, which it
 * becomes), and listens where backlog is not negative.
 */
int bound(const char *address, int backlog, uint16_t *ret_port);
/* Listeners on one port of two addresses. */
void bound_twins(const char *one, const char *other, int ret_fds[2], uint16_t *ret_port);

/* A listener that takes no more: whatever else comes gets no answer. */
struct hole {
	int listener;
	int fillers[8];
	uint16_t port;
};

void hole_init(struct hole *hole, const char *address);
void hole_done(struct hole *hole);
