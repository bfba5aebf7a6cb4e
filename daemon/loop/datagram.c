/* datagram.c - a UDP socket to one address. */
#include <errno.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "loop/datagram.h"
#include "loop/interface.h"

int datagram_open(const struct ip *ip, uint16_t port, const char *source)
{
	struct sockaddr_storage address;
	const socklen_t len = ip_to_socket(ip, port, &address);
	cleanup(close)
	int fd = socket(address.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int opened, r = 0;

	if (fd < 0)
		return -errno;
	if (source)
		r = interface_bind(fd, ip->family, source);
	if (r < 0)
		return r;
	if (connect(fd, (const struct sockaddr *)&address, len) < 0)
		return -errno;
	opened = fd;
	fd = -1;
	return opened;
}
