/* datagram.h - a UDP socket to one address: datagrams from others never show, and "nobody
 * listens there" comes back as ECONNREFUSED.
 *
 * Source: udp(7), connect(2).
 */
#pragma once

#include <stdint.h>

#include "base/ip.h"

/* Non-blocking, bound to `source` (as in interface.h; or NULL); -errno. */
int datagram_open(const struct ip *ip, uint16_t port, const char *source);
