/* ports.c - listening, and the arts of not listening. */
#include "ports.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "conn.h"
#include "loop/arrival.h"
#include "words.h"
#include "world.h"

#define ACCEPTS_A_TURN 64

struct port {
	struct world *world; /* borrowed */
	struct event *readable; /* owned */
	char *kind; /* owned; NULL: no TLS */
	uint16_t number;
	int fd; /* owned */
};

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t address_len(const union address *address)
{
	return address->any.sa_family == AF_INET6 ? sizeof(address->v6) : sizeof(address->v4);
}

static uint16_t address_port(const union address *address)
{
	return ntohs(address->any.sa_family == AF_INET6 ? address->v6.sin6_port
							: address->v4.sin_port);
}

static int address_parse(const char *where, union address *ret_address)
{
	cleanup(free)
	char *copy = memory_text(where);
	char *colon = strrchr(copy, ':'), *host = copy;
	union address address = { 0 };
	size_t port;

	if (!colon || words_number(colon + 1, 65535, &port) < 0)
		return -EINVAL;
	*colon = '\0';
	if (host[0] == '[' && colon[-1] == ']') {
		colon[-1] = '\0';
		address.v6.sin6_family = AF_INET6;
		address.v6.sin6_port = htons((uint16_t)port);
		if (inet_pton(AF_INET6, host + 1, &address.v6.sin6_addr) != 1)
			return -EINVAL;
	} else {
		address.v4.sin_family = AF_INET;
		address.v4.sin_port = htons((uint16_t)port);
		if (strcmp(host, "*") != 0 && inet_pton(AF_INET, host, &address.v4.sin_addr) != 1)
			return -EINVAL;
	}
	*ret_address = address;
	return 0;
}

static int socket_bound(int type, const union address *address, uint16_t *ret_port)
{
	cleanup(close)
	int fd = socket(address->any.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	union address bound = { 0 };
	socklen_t len = sizeof(bound);

	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	if (bind(fd, &address->any, address_len(address)) < 0 ||
	    getsockname(fd, &bound.any, &len) < 0)
		return -errno;
	*ret_port = address_port(&bound);
	int taken = fd;
	fd = -1;
	return taken;
}

/* The local end as text; false for one that is not on this host's loopback. */
static bool local_address(int fd, char text[INET6_ADDRSTRLEN])
{
	union address local = { 0 };
	socklen_t len = sizeof(local);

	if (getsockname(fd, &local.any, &len) < 0)
		return false;
	if (local.any.sa_family == AF_INET6) {
		(void)inet_ntop(AF_INET6, &local.v6.sin6_addr, text, INET6_ADDRSTRLEN);
		return IN6_IS_ADDR_LOOPBACK(&local.v6.sin6_addr);
	}
	(void)inet_ntop(AF_INET, &local.v4.sin_addr, text, INET6_ADDRSTRLEN);
	return ntohl(local.v4.sin_addr.s_addr) >> 24 == 127;
}

static void on_readable(evutil_socket_t listening, short what, void *context)
{
	struct port *port = context;
	char local[INET6_ADDRSTRLEN];

	for (unsigned i = 0; i < ACCEPTS_A_TURN; i++) {
		int fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return;
		if (!local_address(fd, local)) {
			(void)close(fd);
			continue;
		}
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
		conn_new(port->world, fd, local, port->kind);
	}
}

int port_open(struct world *world, const char *where, const char *kind, struct port **ret_port)
{
	union address address;
	uint16_t number = 0;
	struct port *port;
	int fd, r;

	r = address_parse(where, &address);
	if (r < 0)
		return r;
	fd = socket_bound(SOCK_STREAM, &address, &number);
	if (fd < 0)
		return fd;
	if (listen(fd, 4096) < 0) {
		r = -errno;
		(void)close(fd);
		return r;
	}
	/* Those that it accepts inherit it, and the kernel stamps from here on. */
	if (world->is_clocked)
		(void)arrival_watch(fd);
	port = MEMORY_NEW(struct port);
	port->world = world;
	port->kind = kind ? memory_text(kind) : NULL;
	port->number = number;
	port->fd = fd;
	port->readable = event_new(world->base, fd, EV_READ | EV_PERSIST, on_readable, port);
	/* After the connections that are there: who hung up before a new one came must be
	 * seen to be gone before the new one is counted.
	 */
	(void)event_priority_set(port->readable, 1);
	event_add(port->readable, NULL);
	*ret_port = port;
	return 0;
}

void port_free(struct port *port)
{
	event_free(port->readable);
	(void)close(port->fd);
	free(port->kind);
	free(port);
}

uint16_t port_number(const struct port *port)
{
	return port->number;
}

/* The kernel chooses the datagrams' port; if the other kind is taken there, try again. */
int ports_open_dns(const char *where, int *ret_udp, int *ret_tcp, uint16_t *ret_number)
{
	union address address;
	int r = address_parse(where, &address);

	for (unsigned tries = 0; r == 0 && tries < 20; tries++) {
		union address same = address;
		uint16_t number = 0;
		int udp = socket_bound(SOCK_DGRAM, &address, &number), tcp;

		if (udp < 0)
			return udp;
		if (same.any.sa_family == AF_INET6)
			same.v6.sin6_port = htons(number);
		else
			same.v4.sin_port = htons(number);
		tcp = socket_bound(SOCK_STREAM, &same, &number);
		if (tcp >= 0 && listen(tcp, 256) == 0) {
			(void)setsockopt(udp, SOL_SOCKET, SO_RCVBUF, &(int){ 4 << 20 },
					 sizeof(int));
			*ret_udp = udp;
			*ret_tcp = tcp;
			*ret_number = number;
			return 0;
		}
		(void)close(udp);
	}
	return r < 0 ? r : -EADDRINUSE;
}

int ports_refuse(int *ret_fd, uint16_t *ret_number)
{
	const union address address = { .v4 = { .sin_family = AF_INET } };
	int fd = socket_bound(SOCK_STREAM, &address, ret_number);

	if (fd < 0)
		return fd;
	*ret_fd = fd;
	return 0;
}

int ports_swallow(int ret_fds[4], uint16_t *ret_number)
{
	const union address any = { .v4 = { .sin_family = AF_INET } };
	union address address = { .v4 = { .sin_family = AF_INET,
					  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) } };
	int fd = socket_bound(SOCK_STREAM, &any, ret_number);

	if (fd < 0)
		return fd;
	/* listen(2): a backlog of 0 holds one connection; what comes after it stays
	 * unanswered until somebody accepts, which nobody does.
	 */
	if (listen(fd, 0) < 0)
		return -errno;
	ret_fds[0] = fd;
	address.v4.sin_port = htons(*ret_number);
	for (unsigned i = 1; i < 4; i++) {
		ret_fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		(void)connect(ret_fds[i], &address.any, sizeof(address.v4));
	}
	return 0;
}
