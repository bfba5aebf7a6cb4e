/* arrival.h - when the bytes that wait in a socket came in, by the kernel's clock.
 *
 * What waits because this loop or this machine is busy is not the endpoint's time.  The kernel stamps every
 * segment (SO_TIMESTAMPNS); bytes that lie together have the stamp of the last of them, so
 * the first byte's is exact where one segment brought them, and an upper bound otherwise.
 * The stamp is of CLOCK_REALTIME, which may be set meanwhile, so it is used as an
 * age only.  Source: socket(7); `tcp_recvmsg_locked` of the kernel for MSG_PEEK.
 */
#pragma once

#include <stdbool.h>

#include "base/clock.h"

/* Before the bytes come.  Fails only where the kernel knows no stamps. */
int arrival_watch(int fd);

/* A socket that has the kernel stamp what comes for as long as it is open, owned by the caller; -1:
 * none can be had.  While nobody asks for stamps the kernel makes none, and to begin and to end with
 * it, it changes its own code and interrupts every CPU: with connections that come and go, one
 * at a time, hundreds of times a second.  Source: `net_enable_timestamp` of the kernel.
 */
int arrival_hold(void);

struct arrival_ages {
	usec_t first; /* of the first byte that waits */
	usec_t last; /* of the last one; 0 where all is young, or 64 KiB or more wait */
};

/* Neither is more than `most`.  False where nothing waits, or it has no stamp; then both are 0. */
bool arrival_ages(int fd, usec_t most, struct arrival_ages *ret_ages);
