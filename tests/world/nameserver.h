/* nameserver.h - the zone over UDP and TCP on one port. */
#pragma once

#include <stdint.h>

struct nameserver;
struct world;

/* Takes both sockets, bound and non-blocking; the second listens. */
struct nameserver *nameserver_new(struct world *world, int udp, int tcp);
void nameserver_free(struct nameserver *nameserver);
