/* ports.h - the world's doors: open, closed, and bricked up. */
#pragma once

#include <stdint.h>

struct world;
struct port;

/* Serves on `where`, ADDRESS:PORT, [V6]:PORT, or *:PORT for all of 127.0.0.0/8; port 0
 * lets the kernel choose.  `kind` as in certificates.h, NULL: no TLS.
 * The errors of bind(2), -EINVAL for a bad address.
 */
int port_open(struct world *world, const char *where, const char *kind, struct port **ret_port);
void port_free(struct port *port);
uint16_t port_number(const struct port *port);

/* For nameserver.h: a datagram and a listening socket on one port. */
int ports_open_dns(const char *where, int *ret_udp, int *ret_tcp, uint16_t *ret_number);
/* A port that refuses connections, and that nobody else can take. */
int ports_refuse(int *ret_fd, uint16_t *ret_number);
/* A port that lets connections hang: its backlog is full.  Two sockets hold it so. */
int ports_swallow(int ret_fds[4], uint16_t *ret_number);
