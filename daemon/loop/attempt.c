/* attempt.c - one TCP connection being opened. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "loop/attempt.h"

enum { NO_WAY_HERE = 1, UNREACHABLE, TIMED_OUT, RESET, REFUSED, SHORTAGE };

int attempt_open(const struct ip *ip, uint16_t port, const char *source)
{
	struct sockaddr_storage address;
	const socklen_t len = ip_to_socket(ip, port, &address);
	const int yes = 1;
	cleanup(close)
	int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
	int opened, r = 0;

	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	if (source)
		r = interface_bind(fd, ip->family, source);
	if (r < 0)
		return r;
	if (connect(fd, (const struct sockaddr *)&address, len) < 0 && errno != EINPROGRESS)
		return -errno;
	opened = fd;
	fd = -1;
	return opened;
}

static uint16_t port_of(const struct sockaddr_storage *address)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in;

	if (address->ss_family == AF_INET6) {
		memcpy(&in6, address, sizeof(in6));
		return in6.sin6_port;
	}
	memcpy(&in, address, sizeof(in));
	return in.sin_port;
}

/* Where nobody listens on a port that the kernel also gives to clients, a socket
 * may connect to itself; that is nobody.
 */
static bool is_connected_to_itself(int fd, uint16_t port)
{
	struct sockaddr_storage here = { 0 }, there = { 0 };
	socklen_t here_len = sizeof(here), there_len = sizeof(there);

	/* Nearly always the ports differ, and the second question need not be asked. */
	return getsockname(fd, (struct sockaddr *)&here, &here_len) == 0 &&
	       port_of(&here) == htons(port) &&
	       getpeername(fd, (struct sockaddr *)&there, &there_len) == 0 &&
	       here_len == there_len && memcmp(&here, &there, here_len) == 0;
}

static int pending_error(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 ? errno : error;
}

enum attempt_state attempt_state(int fd, uint16_t port, usec_t *took, int *ret_error)
{
	struct tcp_info info = { 0 };
	socklen_t info_len = sizeof(info);

	*ret_error = 0;
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &info_len) < 0)
		info.tcpi_state = TCP_CLOSE;
	/* Told too early, for a socket that had this number before: see loop.c.  Or a router, or a
	 * filter of this host, says that no way leads there while connect(2) still runs: then the
	 * kernel goes on trying, with the error pending.  As everywhere else that is the end of it;
	 * left there it would be told to libcurl once a later packet got through.
	 */
	if (info.tcpi_state == TCP_SYN_SENT) {
		*ret_error = pending_error(fd);
		return *ret_error ? ATTEMPT_FAILED : ATTEMPT_WAITS;
	}
	if (info.tcpi_state == TCP_CLOSE) {
		*ret_error = pending_error(fd);
		return *ret_error ? ATTEMPT_FAILED : ATTEMPT_CONNECTED;
	}
	if (is_connected_to_itself(fd, port)) {
		*ret_error = ECONNREFUSED;
		return ATTEMPT_FAILED;
	}
	if (info.tcpi_total_retrans == 0 && info.tcpi_rtt > 0 && info.tcpi_rtt < *took)
		*took = info.tcpi_rtt;
	return ATTEMPT_CONNECTED;
}

static struct attempt_failure no_way_here(int family)
{
	return (struct attempt_failure){
		.outcome = CONNECT_LOCAL,
		.weight = NO_WAY_HERE,
		.detail = family == 6 ? "this host has no IPv6 address"
				      : "this host has no IPv4 address",
	};
}

static struct attempt_failure shortage(int error, bool is_everywhere, const char *detail)
{
	return (struct attempt_failure){
		.outcome = CONNECT_LOCAL,
		.weight = SHORTAGE,
		.is_shortage = is_everywhere,
		.detail = detail ? detail : strerrordesc_np(error),
	};
}

struct attempt_failure attempt_refused_here(int error, int family,
					    struct interface_families *families)
{
	switch (error) {
	case ENETUNREACH:
	case EADDRNOTAVAIL:
	case EAFNOSUPPORT:
		if (!interface_has_family(families, family))
			return no_way_here(family);
		break;
	default:
		break;
	}
	switch (error) {
	case EMFILE:
	case ENFILE:
		return shortage(error, true, "this host has no descriptor left");
	case ENOBUFS:
	case ENOMEM:
		return shortage(error, true, "this host has no memory left for a socket");
	case EADDRNOTAVAIL:
		return shortage(error, false,
				"no such source address here, or no port of it is free");
	case EAGAIN: /* connect(2): no entry left in the routing cache */
		return shortage(error, false, NULL);
	case ENODEV:
		return shortage(error, true, "no such interface here");
	case EAFNOSUPPORT:
		return (struct attempt_failure){ CONNECT_LOCAL, NO_WAY_HERE, false,
						 "the source has no address of that family" };
	case EPERM:
	case EACCES:
		return shortage(error, false, "this host does not let it out");
	default:
		return attempt_refused_there(error);
	}
}

struct attempt_failure attempt_refused_there(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return (struct attempt_failure){ CONNECT_REFUSED, REFUSED, false, NULL };
	case ECONNRESET:
	case ECONNABORTED:
	case EPIPE:
		return (struct attempt_failure){ CONNECT_RESET, RESET, false, NULL };
	case ETIMEDOUT:
		return (struct attempt_failure){ CONNECT_TIMED_OUT, TIMED_OUT, false, NULL };
	case EPERM: /* dropped by a filter here, or its connection table is full */
		return shortage(error, false, "this host does not let it out");
	case ENOBUFS:
	case ENOMEM:
		return shortage(error, false, NULL);
	default: /* all that ICMP can say */
		return (struct attempt_failure){ CONNECT_UNREACHABLE, UNREACHABLE, false,
						 strerrordesc_np(error) };
	}
}
