/* pinger_socket.c - echo requests and replies on the wire. */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "loop/pinger_inside.h"

enum {
	HEADER_LEN = 8, /* type, code, checksum, identifier, sequence number */
	BATCH = 32,
	REQUEST_BYTES = HEADER_LEN + PINGER_SIZE_MAX,
	/* Of a reply only the beginning is looked at, and its length. */
	REPLY_BYTES = 256,
	CONTROL_BYTES = 256,
	QUEUE_BYTES = 4 * 1024 * 1024, /* replies of one second, and some; requests as well */
	BATCHES_A_TURN = 8,
	WHOLE_BYTES = 576 - 60 - HEADER_LEN, /* behind the longest header of IPv4 */
};

/* --- Opening --------------------------------------------------------------------------- */

/* What only replies pass. */
static void set_filter(const struct pinger_socket *at)
{
	const uint32_t all_but_replies = ~(1u << ICMP_ECHOREPLY);
	struct icmp6_filter filter;

	if (at->family == 4) {
		(void)setsockopt(at->fd, SOL_RAW, ICMP_FILTER, &all_but_replies,
				 sizeof(all_but_replies));
		return;
	}
	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
	(void)setsockopt(at->fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter));
}

static void set_options(const struct pinger_socket *at)
{
	const int on = 1, bytes = QUEUE_BYTES;

	(void)setsockopt(at->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
	if (setsockopt(at->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0)
		(void)setsockopt(at->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	if (setsockopt(at->fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) < 0)
		(void)setsockopt(at->fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	if (at->family == 4)
		(void)setsockopt(at->fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on));
	else
		(void)setsockopt(at->fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on));
	if (at->is_raw)
		set_filter(at);
}

static void readable(evutil_socket_t fd, short what, void *context);

int pinger_socket_open(struct pinger_socket *at)
{
	const int domain = at->family == 4 ? AF_INET : AF_INET6;
	const int protocol = at->family == 4 ? (int)IPPROTO_ICMP : (int)IPPROTO_ICMPV6;

	if (at->fd >= 0)
		return 0;
	at->is_raw = false;
	at->fd = socket(domain, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	if (at->fd < 0 && (errno == EACCES || errno == EPERM || errno == EPROTONOSUPPORT)) {
		at->is_raw = true;
		at->fd = socket(domain, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	}
	if (at->fd < 0)
		return -errno;
	if (getrandom(&at->identifier, sizeof(at->identifier), 0) < 0)
		abort(); /* cannot fail once the system has booted (getrandom(2)) */
	at->is_unfragmented = false;
	set_options(at);
	if (!at->waiting) {
		at->waiting = memory_new(SEQUENCES, sizeof(struct ping *));
		at->request = memory_new(1, REQUEST_BYTES);
		for (size_t i = HEADER_LEN; i < REQUEST_BYTES; i++)
			at->request[i] = (uint8_t)i;
	}
	(void)event_assign(&at->event, at->pinger->base, at->fd, EV_READ | EV_PERSIST, readable,
			   at);
	(void)event_add(&at->event, NULL);
	return 0;
}

void pinger_socket_close(struct pinger_socket *at)
{
	if (at->fd >= 0) {
		(void)event_del(&at->event);
		(void)close(at->fd);
	}
	at->fd = -1;
	free(at->waiting);
	free(at->request);
	at->waiting = NULL;
	at->request = NULL;
}

/* --- Requests -------------------------------------------------------------------------- */

/* RFC 1071; the kernel does it for all but raw IPv4 sockets. */
static uint16_t checksum(const uint8_t *data, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)data[i] << 8 | data[i + 1];
	if (len % 2)
		sum += (uint32_t)data[len - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static size_t write_request(const struct pinger_socket *at, const struct ping *ping,
			    const struct ping_packet *packet)
{
	const size_t len = HEADER_LEN + ping->request.size;
	const uint16_t sequence = htons(packet->sequence);
	uint8_t *data = at->request;
	uint16_t sum;

	memset(data, 0, HEADER_LEN);
	data[0] = at->family == 4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
	memcpy(data + 4, &at->identifier, 2);
	memcpy(data + 6, &sequence, 2);
	memcpy(data + HEADER_LEN, &ping->token, sizeof(ping->token));
	if (at->family == 4 && at->is_raw) {
		sum = checksum(data, len);
		memcpy(data + 2, &sum, 2);
	}
	return len;
}

static void add_control(struct msghdr *message, int level, int type, const void *data, size_t len)
{
	struct cmsghdr *control =
		(struct cmsghdr *)(void *)((char *)message->msg_control + message->msg_controllen);

	control->cmsg_level = level;
	control->cmsg_type = type;
	control->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(control), data, len);
	message->msg_controllen += CMSG_SPACE(len);
}

/* What this request wants otherwise than the socket has it. */
static void add_controls(struct msghdr *message, const struct ping_request *request)
{
	const int ttl = (int)request->ttl;
	struct in_pktinfo v4 = { 0 };
	struct in6_pktinfo v6 = { 0 };
	const bool is_v4 = request->ip.family == 4;

	if (ttl)
		add_control(message, is_v4 ? (int)IPPROTO_IP : (int)IPPROTO_IPV6,
			    is_v4 ? IP_TTL : IPV6_HOPLIMIT, &ttl, sizeof(ttl));
	if (request->source.family == 0)
		return;
	memcpy(is_v4 ? (void *)&v4.ipi_spec_dst : (void *)&v6.ipi6_addr, request->source.bytes,
	       is_v4 ? 4 : 16);
	if (is_v4)
		add_control(message, IPPROTO_IP, IP_PKTINFO, &v4, sizeof(v4));
	else
		add_control(message, IPPROTO_IPV6, IPV6_PKTINFO, &v6, sizeof(v6));
}

/* There is no way to say it of one packet, so the socket is turned over when need be.  What no
 * network takes apart (RFC 791, 3.2: all can take 576 bytes) is said not to be, which saves the
 * kernel the search for a number that would tell its fragments from others.
 */
static void set_fragmentation(struct pinger_socket *at, const struct ping_request *request)
{
	const bool is_unfragmented =
		request->dont_fragment || (at->family == 4 && request->size <= WHOLE_BYTES);
	const int v4 = is_unfragmented ? IP_PMTUDISC_PROBE : IP_PMTUDISC_DONT;
	const int v6 = is_unfragmented;

	if (at->is_unfragmented == is_unfragmented)
		return;
	at->is_unfragmented = is_unfragmented;
	if (at->family == 4)
		(void)setsockopt(at->fd, IPPROTO_IP, IP_MTU_DISCOVER, &v4, sizeof(v4));
	else
		(void)setsockopt(at->fd, IPPROTO_IPV6, IPV6_DONTFRAG, &v6, sizeof(v6));
}

static usec_t wall_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (usec_t)now.tv_sec * 1000000000 + (usec_t)now.tv_nsec;
}

int pinger_socket_send(struct pinger_socket *at, const struct ping *ping,
		       struct ping_packet *packet)
{
	_Alignas(struct cmsghdr) char control[128] = { 0 };
	struct sockaddr_storage address;
	struct iovec data = { .iov_base = at->request };
	struct msghdr message = {
		.msg_name = &address,
		.msg_namelen = ip_to_socket(&ping->request.ip, 0, &address),
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control,
	};

	data.iov_len = write_request(at, ping, packet);
	add_controls(&message, &ping->request);
	set_fragmentation(at, &ping->request);
	/* An error may be what the network said of somebody else's request: once more. */
	for (unsigned tries = 0; tries < 3; tries++) {
		packet->sent = clock_now();
		packet->sent_wall_ns = wall_ns();
		if (sendmsg(at->fd, &message, 0) >= 0)
			return 0;
	}
	return -errno;
}

/* --- Replies --------------------------------------------------------------------------- */

static usec_t stamp_of(struct msghdr *message)
{
	struct timespec stamp;

	for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control;
	     control = CMSG_NXTHDR(message, control)) {
		if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&stamp, CMSG_DATA(control), sizeof(stamp));
		return (usec_t)stamp.tv_sec * 1000000000 + (usec_t)stamp.tv_nsec;
	}
	return 0;
}

static void take_reply(struct pinger_socket *at, struct msghdr *message, size_t len, usec_t now)
{
	const uint8_t *data = message->msg_iov->iov_base;
	struct ip from;
	uint16_t port;

	ip_from_socket(message->msg_name, &from, &port);
	/* A raw socket of IPv4 shows the header of IP too. */
	if (at->family == 4 && at->is_raw) {
		const size_t header = len ? (data[0] & 15u) * 4 : 0;

		if (header < 20 || header > len)
			return;
		data += header;
		len -= header;
	}
	if (len < HEADER_LEN || data[0] != (at->family == 4 ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY) ||
	    (at->is_raw && memcmp(data + 4, &at->identifier, 2) != 0))
		return;
	pinger_came(at, (uint16_t)(data[6] << 8 | data[7]), &from, data + HEADER_LEN,
		    len - HEADER_LEN, stamp_of(message), now);
}

/* Whether there may be more. */
static bool take_replies(struct pinger_socket *at)
{
	_Alignas(struct cmsghdr) char controls[BATCH][CONTROL_BYTES];
	uint8_t data[BATCH][REPLY_BYTES];
	struct sockaddr_storage from[BATCH];
	struct iovec places[BATCH];
	struct mmsghdr messages[BATCH];
	usec_t now;
	int count;

	for (unsigned i = 0; i < BATCH; i++) {
		places[i] = (struct iovec){ data[i], REPLY_BYTES };
		messages[i] = (struct mmsghdr){ .msg_hdr = {
							.msg_name = &from[i],
							.msg_namelen = sizeof(from[i]),
							.msg_iov = &places[i],
							.msg_iovlen = 1,
							.msg_control = controls[i],
							.msg_controllen = CONTROL_BYTES,
						} };
	}
	/* With the length that it had. */
	count = recvmmsg(at->fd, messages, BATCH, MSG_DONTWAIT | MSG_TRUNC, NULL);
	now = clock_now();
	for (int i = 0; i < count; i++)
		take_reply(at, &messages[i].msg_hdr, messages[i].msg_len, now);
	return count == BATCH;
}

/* A raw socket hears what becomes of the ICMP messages of all programs. */
static bool is_ours(const struct pinger_socket *at, const uint8_t *request)
{
	return !at->is_raw || (request[0] == (at->family == 4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST) &&
			       memcmp(request + 4, &at->identifier, 2) == 0);
}

/* An ICMP message about one of our requests, or the kernel's own finding. */
static bool take_error(struct pinger_socket *at)
{
	_Alignas(struct cmsghdr) char control[CONTROL_BYTES];
	uint8_t request[HEADER_LEN];
	struct iovec place = { request, sizeof(request) };
	struct msghdr message = {
		.msg_iov = &place,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct sock_extended_err error;

	if (recvmsg(at->fd, &message, MSG_ERRQUEUE | MSG_DONTWAIT) < HEADER_LEN)
		return false;
	if (!is_ours(at, request))
		return true;
	for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part;
	     part = CMSG_NXTHDR(&message, part)) {
		if (!(part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_RECVERR) &&
		    !(part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_RECVERR))
			continue;
		memcpy(&error, CMSG_DATA(part), sizeof(error));
		pinger_refused(at, (uint16_t)(request[6] << 8 | request[7]), (int)error.ee_errno);
	}
	return true;
}

static void readable(evutil_socket_t fd, short what, void *context)
{
	struct pinger_socket *at = context;

	for (unsigned i = 0; i < BATCHES_A_TURN && take_replies(at); i++)
		continue;
	for (unsigned i = 0; i < BATCH && take_error(at); i++)
		continue;
}
