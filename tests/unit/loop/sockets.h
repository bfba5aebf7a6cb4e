/* sockets.h - listeners on loopback, with and without room. */
#pragma once

#include <stdint.h>

/* A socket that is bound to an address and *ret_port (0: the kernel's choice, which it
 * becomes), and listens where backlog is not negative.
 */
int bound(const char *address, int backlog, uint16_t *ret_port);
/* The same on one port of two addresses; the other one always listens. */
void bound_twins(const char *one, int backlog, const char *other, int ret_fds[2],
		 uint16_t *ret_port);

/* A listener that takes no more: whatever else comes gets no answer. */
struct hole {
	int listener;
	int fillers[8];
	uint16_t port;
};

void hole_init(struct hole *hole, const char *address);
/* And a listener with room on the same port of another address. */
void hole_init_beside(struct hole *hole, const char *address, const char *other, int *ret_listener);
void hole_done(struct hole *hole);
