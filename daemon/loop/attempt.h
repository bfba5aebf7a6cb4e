/* attempt.h - one TCP connection being opened: begin it, and see what became of it.
 *
 * Sources: connect(2), tcp(7), icmp(7).
 */
#pragma once

#include <stdbool.h>

#include "base/clock.h"
#include "base/ip.h"
#include "loop/connect.h"
#include "loop/interface.h"

/* A socket that connects to ip:port; -errno where that fails at once.  `source` may be NULL. */
int attempt_open(const struct ip *ip, uint16_t port, const char *source);

enum attempt_state { ATTEMPT_WAITS, ATTEMPT_CONNECTED, ATTEMPT_FAILED };

/* After the socket became writable.  `took` is what passed since attempt_open(); it
 * becomes the kernel's round trip where that is shorter and nothing was sent again.
 */
enum attempt_state attempt_state(int fd, uint16_t port, usec_t *took, int *ret_error);

/* What an errno means, at once or later.  Better ones tell more about the endpoint:
 * the best of several addresses is what is reported.
 */
struct attempt_failure {
	enum connect_outcome outcome;
	unsigned weight;
	bool is_shortage; /* trying another address would fail as well */
	const char *detail; /* static; or NULL */
};

/* errno of attempt_open() */
struct attempt_failure attempt_refused_here(int error, int family,
					    struct interface_families *families);
/* errno of attempt_state() */
struct attempt_failure attempt_refused_there(int error);
