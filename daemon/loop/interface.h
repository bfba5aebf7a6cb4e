/* interface.h - the network interfaces of this host, and sockets that are bound to one.
 *
 * Sources: getifaddrs(3), socket(7).
 */
#pragma once

#include <stdbool.h>

#include "base/clock.h"
#include "base/ip.h"

/* Which families lead anywhere, asked of the kernel at most every 5 s.  Starts zeroed. */
struct interface_families {
	usec_t looked;
	bool has4, has6;
};

/* Whether any interface but the loopback ones is up with an address of `family` (4
 * or 6) that leads further than its own link.
 */
bool interface_has_family(struct interface_families *families, int family);

/* Binds an unconnected TCP socket of `family` to `source`: an address, or the name
 * of an interface, with the right to do so or without.
 * 0, -EAFNOSUPPORT (the source has no such address), -EADDRNOTAVAIL or -ENODEV (this
 * host has no such address or interface), or -errno.
 */
int interface_bind(int fd, int family, const char *source);
