/* pinger.h - echo requests of all endpoints, from one socket for each family.
 *
 * A datagram socket where the system lets this process have one (net.ipv4.ping_group_range),
 * else a raw one (CAP_NET_RAW).  A reply counts where identifier, sequence number, source and
 * a token in its data are those of a request that still waits; everything else is passed
 * over.  Round trips end with the kernel's receive stamp.  Loop thread only.
 * Sources: icmp(7), RFC 792, RFC 4443; Documentation/networking/timestamping.rst of Linux.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/ip.h"

struct event_base;
struct pinger;

enum { PINGER_COUNT_MAX = 100, PINGER_SIZE_MIN = 16, PINGER_SIZE_MAX = 65000 };

struct ping_request {
	struct ip ip;
	struct ip source; /* family 0: what the kernel takes */
	unsigned count; /* 1 to PINGER_COUNT_MAX */
	usec_t spacing; /* from one to the next */
	unsigned size; /* bytes of data */
	unsigned ttl; /* 0: the system's */
	bool dont_fragment;
};

struct ping_packet {
	uint16_t sequence;
	bool is_sent, is_back;
	usec_t sent; /* monotonic */
	usec_t sent_wall_ns; /* nanoseconds since 1970 */
	usec_t took; /* where it is back */
};

struct ping;

/* Of none more is anything to come, or this host can't send any. */
typedef void ping_done(struct ping *ping, void *context);

struct ping {
	struct pinger *pinger; /* borrowed */
	struct ping_request request;
	unsigned sent, back;
	unsigned refused; /* of which the network or the kernel said that they will not arrive */
	uint64_t token;
	int error; /* of the last that the network or the kernel refused, or 0 */
	bool is_local; /* and that was this host's own trouble */
	struct event *timer; /* owned; of the next one; NULL where one is enough */
	ping_done *done;
	void *context; /* borrowed */
	struct ping_packet packets[]; /* request.count */
};

struct pinger *pinger_new(struct event_base *base);
/* Nobody may be pinging. */
void pinger_free(struct pinger *pinger);

/* done() runs once, in a later turn, or never: there is no deadline here. */
struct ping *ping_start(struct pinger *pinger, const struct ping_request *request, ping_done *done,
			void *context);
/* What has not come back by now never does.  Also of one that is done. */
void ping_free(struct ping *ping);
