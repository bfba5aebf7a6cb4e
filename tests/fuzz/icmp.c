/* icmp.c - what comes in by the socket of pings, next to a request that waits.
 *
 * Two bytes say of which family, whether the socket is a raw one and how large the request is;
 * the others are laid over the right reply with exclusive or, so that nothing is the right reply.
 * Then a byte and more of the same for the queue of errors.
 *
 * The calls of the C library by which packets come and go are the target's own.
 *
 * Over: loop/pinger.c loop/pinger_socket.c
 */
#include <errno.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>

/* It wants the time from whoever includes it. */
#include <linux/errqueue.h>

#include <event2/event.h>

#include "base/text.h"
#include "fuzz.h"
#include "loop/loop.h"
#include "loop/pinger_inside.h"

enum { HEADER_LEN = 8, IP_LEN = 20, PACKET_MAX = 400 };

/* What is between the pinger and the network. */
static struct {
	bool is_raw;
	uint8_t request[PACKET_MAX];
	size_t request_len;
	uint8_t reply[PACKET_MAX];
	size_t reply_len; /* 0: none waits */
	uint8_t error[HEADER_LEN];
	bool has_error;
} wire;

int socket(int domain, int type, int protocol)
{
	(void)domain;
	(void)protocol;
	if (wire.is_raw && (type & 0xf) == SOCK_DGRAM) {
		errno = EPERM;
		return -1;
	}
	return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	const struct iovec *from = message->msg_iov;

	(void)fd;
	(void)flags;
	assert(from->iov_len <= PACKET_MAX - IP_LEN);
	memcpy(wire.request, from->iov_base, from->iov_len);
	wire.request_len = from->iov_len;
	return (ssize_t)from->iov_len;
}

static void set_from(struct msghdr *message, bool is_v6)
{
	struct sockaddr_storage *from = message->msg_name;
	struct ip ip;

	assert(ip_parse(is_v6 ? "2001:db8::7" : "192.0.2.7", &ip) == 0);
	message->msg_namelen = ip_to_socket(&ip, 0, from);
}

int recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout)
{
	struct iovec *to = messages->msg_hdr.msg_iov;
	const size_t len = wire.reply_len;

	(void)fd;
	(void)count;
	(void)flags;
	(void)timeout;
	if (len == 0) {
		errno = EAGAIN;
		return -1;
	}
	memcpy(to->iov_base, wire.reply, len < to->iov_len ? len : to->iov_len);
	messages->msg_len = (unsigned)len;
	messages->msg_hdr.msg_controllen = 0;
	set_from(&messages->msg_hdr, wire.request[0] == ICMP6_ECHO_REQUEST);
	wire.reply_len = 0;
	return 1;
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	struct cmsghdr *control = message->msg_control;

	(void)fd;
	(void)flags;
	if (!wire.has_error) {
		errno = EAGAIN;
		return -1;
	}
	wire.has_error = false;
	memcpy(message->msg_iov->iov_base, wire.error, HEADER_LEN);
	memset(control, 0, message->msg_controllen);
	control->cmsg_len = CMSG_LEN(sizeof(struct sock_extended_err));
	control->cmsg_level = IPPROTO_IP;
	control->cmsg_type = IP_RECVERR;
	message->msg_controllen = control->cmsg_len;
	return HEADER_LEN;
}

/* The right reply with the input over it; whether the input changes nothing. */
static bool make_reply(struct fuzz *input, bool is_v6)
{
	const size_t head = wire.is_raw && !is_v6 ? IP_LEN : 0;
	bool is_right = true;

	memset(wire.reply, 0, sizeof(wire.reply));
	if (head)
		wire.reply[0] = 0x45;
	memcpy(wire.reply + head, wire.request, wire.request_len);
	wire.reply[head] = is_v6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY;
	wire.reply_len = head + wire.request_len;
	for (size_t i = 0; i < wire.reply_len && input->len > 0; i++) {
		const uint8_t byte = fuzz_byte(input);

		wire.reply[i] ^= byte;
		is_right = is_right && byte == 0;
	}
	return is_right;
}

static void done(struct ping *ping, void *context)
{
	(void)ping;
	*(bool *)context = true;
}

static void exchange(struct pinger *pinger, struct fuzz *input, const struct ping_request *request)
{
	const bool is_v6 = request->ip.family == 6;
	struct pinger_socket *at = is_v6 ? &pinger->v6 : &pinger->v4;
	bool is_done = false, is_right;
	struct ping *ping = ping_start(pinger, request, done, &is_done);
	const uint8_t cut = fuzz_byte(input);

	assert(at->fd >= 0 && wire.request_len == HEADER_LEN + request->size);
	is_right = make_reply(input, is_v6);
	if (cut & 1) {
		wire.reply_len = wire.reply_len * cut / 256;
		is_right = false;
	}
	if (cut & 2) {
		memcpy(wire.error, wire.request, HEADER_LEN);
		wire.error[fuzz_byte(input) % HEADER_LEN] ^= fuzz_byte(input);
		wire.has_error = true;
	}
	event_active(&at->event, EV_READ, 0);
	(void)event_base_loop(pinger->base, EVLOOP_NONBLOCK);
	assert(!is_right || (is_done && ping->back == 1));
	assert(is_done == (ping->back + ping->refused > 0));
	ping_free(ping);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct event_base *base;
	struct fuzz input = { data, len };
	const uint8_t how = fuzz_byte(&input), size = fuzz_byte(&input);
	struct ping_request request = {
		.count = 1,
		.spacing = USEC_PER_SEC,
		.size = PINGER_SIZE_MIN + size,
	};
	struct pinger *pinger;

	if (!base)
		base = loop_new();
	memset(&wire, 0, sizeof(wire));
	wire.is_raw = how & 1;
	assert(ip_parse(how & 2 ? "2001:db8::7" : "192.0.2.7", &request.ip) == 0);
	pinger = pinger_new(base);
	exchange(pinger, &input, &request);
	pinger_free(pinger);
	return 0;
}
