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

int bound(const char *address, int backlog, uint16_t *ret_port)
{
	struct sockaddr_storage storage;
	socklen_t len;
	struct ip ip;
	int fd;

	assert_int_equal(ip_parse(address, &ip), 0);
	len = ip_to_socket(&ip, *ret_port, &storage);
	fd = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_return_code(fd, errno);
	assert_return_code(bind(fd, (struct sockaddr *)&storage, len), errno);
	if (backlog >= 0)
		assert_return_code(listen(fd, backlog), errno);
	len = sizeof(storage);
	assert_return_code(getsockname(fd, (struct sockaddr *)&storage, &len), errno);
	ip_from_socket(&storage, &ip, ret_port);
	return fd;
}

void hole_init(struct hole *hole, const char *address)
{
	struct sockaddr_storage storage;
	socklen_t len;
	struct ip ip;

	hole->port = 0;
	hole->listener = bound(address, 0, &hole->port);
	assert_int_equal(ip_parse(address, &ip), 0);
	len = ip_to_socket(&ip, hole->port, &storage);
	for (unsigned i = 0; i < 8; i++) {
		hole->fillers[i] =
			socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		(void)connect(hole->fillers[i], (struct sockaddr *)&storage, len);
	}
}

void hole_done(struct hole *hole)
{
	for (unsigned i = 0; i < 8; i++)
		(void)close(hole->fillers[i]);
	(void)close(hole->listener);
}
