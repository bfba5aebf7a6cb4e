/* arrival.c - when the bytes that wait in a socket came in, by the kernel's clock. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#include "loop/arrival.h"

enum { LOOKED_AT = 64 << 10 };

static const usec_t worth_asking = 200;

int arrival_watch(int fd)
{
	const int yes = 1;

	return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof(yes)) < 0 ? -errno : 0;
}

int arrival_hold(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		(void)arrival_watch(fd);
	return fd;
}

static bool find_stamp(struct msghdr *message, usec_t *ret_stamp)
{
	struct timespec time;

	for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control;
	     control = CMSG_NXTHDR(message, control)) {
		if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&time, CMSG_DATA(control), sizeof(time));
		*ret_stamp = (usec_t)time.tv_sec * USEC_PER_SEC + (usec_t)time.tv_nsec / 1000;
		return true;
	}
	return false;
}

/* With MSG_TRUNC, TCP goes over all that is asked for without copying it (tcp(7)), and
 * the stamp is that of the last segment it came upon.
 */
static bool peek(int fd, size_t len, int flags, usec_t *ret_stamp)
{
	/* On the stack, where what is not written to takes no memory. */
	char bytes[LOOKED_AT];
	_Alignas(struct cmsghdr) char control[128];
	struct iovec room = { .iov_base = bytes, .iov_len = len };
	struct msghdr message = { .msg_iov = &room,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = sizeof(control) };

	return recvmsg(fd, &message, MSG_PEEK | MSG_DONTWAIT | flags) > 0 &&
	       find_stamp(&message, ret_stamp);
}

static usec_t age(usec_t stamp, usec_t now, usec_t most)
{
	const usec_t age = now > stamp ? now - stamp : 0;

	return age < most ? age : most;
}

bool arrival_ages(int fd, usec_t most, struct arrival_ages *ret_ages)
{
	usec_t stamp, now;
	int waiting = 0;

	*ret_ages = (struct arrival_ages){ 0 };
	/* Where nothing waits, a look would take the socket's error from who has to read it. */
	if (ioctl(fd, FIONREAD, &waiting) < 0 || waiting <= 0 || !peek(fd, 1, 0, &stamp))
		return false;
	now = clock_wall();
	ret_ages->first = age(stamp, now, most);
	/* The last byte came later still, and the question is worth its price only where
	 * that may be long ago.
	 */
	if (ret_ages->first >= worth_asking && waiting < LOOKED_AT &&
	    peek(fd, LOOKED_AT, MSG_TRUNC, &stamp))
		ret_ages->last = age(stamp, now, most);
	return true;
}
