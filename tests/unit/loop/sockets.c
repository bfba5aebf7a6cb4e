/* sockets.c - listeners on loopback, with and without room. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/ip.h"
#include "sockets.h"

/* The same, but -errno where the port is somebody's. */
static int bound_if_free(const char *address, int backlog, uint16_t *ret_port)
{
	struct sockaddr_storage storage;
	socklen_t len;
	struct ip ip;
	int fd, r;

	assert_int_equal(ip_parse(address, &ip), 0);
	len = ip_to_socket(&ip, *ret_port, &storage);
	fd = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_return_code(fd, errno);
	r = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	assert_return_code(r, errno);
	if (bind(fd, (struct sockaddr *)&storage, len) < 0) {
		r = -errno;
		(void)close(fd);
		return r;
	}
	if (backlog >= 0) {
		r = listen(fd, backlog);
		assert_return_code(r, errno);
	}
	len = sizeof(storage);
	r = getsockname(fd, (struct sockaddr *)&storage, &len);
	assert_return_code(r, errno);
	ip_from_socket(&storage, &ip, ret_port);
	return fd;
}

int bound(const char *address, int backlog, uint16_t *ret_port)
{
	int fd = bound_if_free(address, backlog, ret_port);

	assert_return_code(fd, -fd);
	return fd;
}

void bound_twins(const char *one, int backlog, const char *other, int ret_fds[2],
		 uint16_t *ret_port)
{
	/* What the kernel chose for one address may be taken on the other. */
	for (unsigned tries = 0; tries < 50; tries++) {
		*ret_port = 0;
		ret_fds[0] = bound(one, backlog, ret_port);
		ret_fds[1] = bound_if_free(other, 8, ret_port);
		if (ret_fds[1] >= 0)
			return;
		(void)close(ret_fds[0]);
	}
	fail_msg("no port is free on both %s and %s", one, other);
}

static void fill(struct hole *hole, const char *address)
{
	struct sockaddr_storage storage;
	socklen_t len;
	struct ip ip;

	assert_int_equal(ip_parse(address, &ip), 0);
	len = ip_to_socket(&ip, hole->port, &storage);
	for (unsigned i = 0; i < 8; i++) {
		hole->fillers[i] =
			socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		(void)connect(hole->fillers[i], (struct sockaddr *)&storage, len);
	}
}

void hole_init(struct hole *hole, const char *address)
{
	hole->port = 0;
	hole->listener = bound(address, 0, &hole->port);
	fill(hole, address);
}

void hole_init_beside(struct hole *hole, const char *address, const char *other, int *ret_listener)
{
	int fds[2];

	bound_twins(address, 0, other, fds, &hole->port);
	hole->listener = fds[0];
	*ret_listener = fds[1];
	fill(hole, address);
}

void hole_done(struct hole *hole)
{
	for (unsigned i = 0; i < 8; i++)
		(void)close(hole->fillers[i]);
	(void)close(hole->listener);
}
