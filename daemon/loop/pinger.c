/* pinger.c - who waits for which reply. */
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/memory.h"
#include "loop/pinger_inside.h"

static struct pinger_socket *socket_of(const struct ping *ping)
{
	return ping->request.ip.family == 4 ? &ping->pinger->v4 : &ping->pinger->v6;
}

struct pinger *pinger_new(struct event_base *base)
{
	struct pinger *pinger = MEMORY_NEW(struct pinger);

	pinger->base = base;
	if (getrandom(&pinger->secret, sizeof(pinger->secret), 0) < 0)
		abort(); /* cannot fail once the system has booted (getrandom(2)) */
	pinger->v4 = (struct pinger_socket){ .pinger = pinger, .family = 4, .fd = -1 };
	pinger->v6 = (struct pinger_socket){ .pinger = pinger, .family = 6, .fd = -1 };
	return pinger;
}

void pinger_free(struct pinger *pinger)
{
	pinger_socket_close(&pinger->v4);
	pinger_socket_close(&pinger->v6);
	free(pinger);
}

/* --- Replies --------------------------------------------------------------------------- */

static struct ping_packet *packet_of(struct ping *ping, uint16_t sequence)
{
	for (unsigned i = 0; i < ping->request.count; i++)
		if (ping->packets[i].is_sent && !ping->packets[i].is_back &&
		    ping->packets[i].sequence == sequence)
			return &ping->packets[i];
	return NULL;
}

static bool is_complete(const struct ping *ping)
{
	return ping->is_local || ping->back + ping->refused == ping->request.count;
}

/* With the kernel's stamp, which is on the wall clock and may have been set meanwhile: so
 * only as far as it makes sense.
 */
static usec_t took(const struct ping_packet *packet, usec_t stamp, usec_t now)
{
	const usec_t seen = now - packet->sent;
	const usec_t by_stamp = stamp > packet->sent_wall_ns
					? (stamp - packet->sent_wall_ns + 999) / 1000
					: USEC_NEVER;

	return by_stamp < seen ? by_stamp : seen;
}

void pinger_came(struct pinger_socket *at, uint16_t sequence, const struct ip *from,
		 const uint8_t *data, size_t len, usec_t stamp, usec_t now)
{
	struct ping *ping = at->waiting[sequence];
	struct ping_packet *packet;
	struct ip wanted;

	if (!ping || len != ping->request.size ||
	    memcmp(data, &ping->token, sizeof(ping->token)) != 0)
		return;
	wanted = ping->request.ip;
	wanted.scope = from->scope;
	packet = packet_of(ping, sequence);
	if (!packet || !ip_is_equal(&wanted, from))
		return;
	packet->is_back = true;
	packet->took = took(packet, stamp, now);
	at->waiting[sequence] = NULL;
	ping->back++;
	if (is_complete(ping))
		ping->done(ping, ping->context);
}

void pinger_refused(struct pinger_socket *at, uint16_t sequence, int error)
{
	struct ping *ping = at->waiting[sequence];

	if (!ping || !packet_of(ping, sequence))
		return;
	at->waiting[sequence] = NULL;
	ping->error = error;
	ping->refused++;
	if (is_complete(ping))
		ping->done(ping, ping->context);
}

/* --- Requests -------------------------------------------------------------------------- */

static bool take_sequence(struct pinger_socket *at, struct ping *ping, struct ping_packet *packet)
{
	for (unsigned tries = 0; tries < SEQUENCES; tries++) {
		const uint16_t sequence = (uint16_t)at->next++;

		if (at->waiting[sequence])
			continue;
		at->waiting[sequence] = ping;
		packet->sequence = sequence;
		return true;
	}
	return false;
}

static bool is_local(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS ||
	       error == EAGAIN || error == EPERM || error == EACCES || error == EADDRNOTAVAIL ||
	       error == EAFNOSUPPORT || error == EINVAL;
}

static int send_one(struct ping *ping)
{
	struct pinger_socket *at = socket_of(ping);
	struct ping_packet *packet = &ping->packets[ping->sent];
	int r = pinger_socket_open(at);

	if (r == 0 && !take_sequence(at, ping, packet))
		r = -EAGAIN;
	if (r < 0)
		return r;
	packet->is_sent = true;
	ping->sent++;
	r = pinger_socket_send(at, ping, packet);
	if (r == 0)
		return 0;
	at->waiting[packet->sequence] = NULL;
	/* It never left this host. */
	if (is_local(-r)) {
		packet->is_sent = false;
		ping->sent--;
	}
	return r;
}

/* What cannot be sent is as good as refused; what this host lacks ends it all. */
static void send_next(struct ping *ping)
{
	const int r = send_one(ping);

	if (r == 0)
		return;
	ping->error = -r;
	ping->is_local = is_local(-r);
	ping->refused++;
}

static void wait_for_next(struct ping *ping)
{
	const struct timeval spacing = { (time_t)(ping->request.spacing / USEC_PER_SEC),
					 (suseconds_t)(ping->request.spacing % USEC_PER_SEC) };

	(void)event_add(ping->timer, &spacing);
}

static void timer_fired(evutil_socket_t fd, short what, void *context)
{
	struct ping *ping = context;

	if (!is_complete(ping))
		send_next(ping);
	if (is_complete(ping))
		ping->done(ping, ping->context);
	else if (ping->sent < ping->request.count)
		wait_for_next(ping);
}

struct ping *ping_start(struct pinger *pinger, const struct ping_request *request, ping_done *done,
			void *context)
{
	struct ping *ping =
		memory_new(1, sizeof(*ping) + request->count * sizeof(struct ping_packet));

	ping->pinger = pinger;
	ping->request = *request;
	ping->done = done;
	ping->context = context;
	/* Nobody can guess it without the secret, and it costs no system call. */
	pinger->tokens++;
	ping->token = hash_bytes(&pinger->secret, &pinger->tokens, sizeof(pinger->tokens));
	send_next(ping);
	if (!is_complete(ping) && request->count == 1)
		return ping;
	ping->timer = evtimer_new(pinger->base, timer_fired, ping);
	if (!ping->timer)
		memory_out();
	if (is_complete(ping))
		event_active(ping->timer, EV_TIMEOUT, 1);
	else
		wait_for_next(ping);
	return ping;
}

void ping_free(struct ping *ping)
{
	struct pinger_socket *at = socket_of(ping);

	for (unsigned i = 0; i < ping->sent; i++)
		if (at->waiting && at->waiting[ping->packets[i].sequence] == ping)
			at->waiting[ping->packets[i].sequence] = NULL;
	if (ping->timer)
		event_free(ping->timer);
	free(ping);
}
