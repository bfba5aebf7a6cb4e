/* pinger_inside.h - what the files of loop/pinger share: the socket and its packets.
 *
 *   pinger.c         who waits for which reply
 *   pinger_socket.c  requests and replies on the wire
 */
#pragma once

#include <event2/event_struct.h>
#include <sys/socket.h>

#include "base/hash.h"
#include "loop/pinger.h"

enum { SEQUENCES = 65536 };

struct pinger_socket {
	struct pinger *pinger; /* borrowed */
	uint8_t family; /* 4 or 6 */
	int fd; /* owned; -1: not open */
	bool is_raw;
	bool is_unfragmented; /* what the socket is set to now */
	uint16_t identifier; /* network order; of a raw one */
	struct event event;
	struct ping **waiting; /* owned array of SEQUENCES borrowed; by sequence number */
	unsigned next;
	uint8_t *request; /* owned; the one that is sent: behind the token it is always the same */
};

struct pinger {
	struct event_base *base; /* borrowed */
	struct hash_key secret; /* of tokens */
	uint64_t tokens; /* given so far */
	struct pinger_socket v4, v6;
};

/* 0 or -errno. */
int pinger_socket_open(struct pinger_socket *at);
void pinger_socket_close(struct pinger_socket *at);
/* 0 or -errno; stamps the packet. */
int pinger_socket_send(struct pinger_socket *at, const struct ping *ping,
		       struct ping_packet *packet);

/* pinger.c: a reply to this sequence number came from there; `data` is what it carries.
 * `stamp` is the kernel's, in ns since 1970, or 0; `now` when it was read.
 */
void pinger_came(struct pinger_socket *at, uint16_t sequence, const struct ip *from,
		 const uint8_t *data, size_t len, usec_t stamp, usec_t now);
/* The network says of a request that it did not arrive. */
void pinger_refused(struct pinger_socket *at, uint16_t sequence, int error);
