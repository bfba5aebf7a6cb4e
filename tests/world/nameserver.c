/* nameserver.c - datagrams and streams around zone_answer().
 *
 * Source: RFC 1035, 4.2.
 */
#include "nameserver.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/list.h"
#include "base/memory.h"
#include "world.h"
#include "zone.h"

#define DATAGRAMS_A_TURN 256

struct nameserver {
	struct world *world; /* borrowed */
	struct event *readable; /* owned */
	struct evconnlistener *listener; /* owned */
	struct list late; /* of struct late */
	struct list streams; /* of struct stream */
	int udp; /* owned */
};

/* An answer that waits, for a datagram. */
struct late {
	struct list link;
	struct nameserver *nameserver; /* borrowed */
	struct event *timer; /* owned */
	struct sockaddr_storage peer;
	socklen_t peer_len;
	struct zone_reply reply;
};

struct stream {
	struct list link;
	struct nameserver *nameserver; /* borrowed */
	struct bufferevent *bev; /* owned */
};

static void late_free(struct late *late)
{
	list_remove(&late->link);
	event_free(late->timer);
	free(late);
}

static void on_late(evutil_socket_t fd, short what, void *context)
{
	struct late *late = context;

	(void)sendto(late->nameserver->udp, late->reply.data, late->reply.len, 0,
		     (const struct sockaddr *)&late->peer, late->peer_len);
	late_free(late);
}

static void answer_later(struct nameserver *nameserver, const struct zone_reply *reply,
			 const struct sockaddr_storage *peer, socklen_t peer_len)
{
	const struct timeval delay = { .tv_sec = (time_t)(reply->delay / USEC_PER_SEC),
				       .tv_usec = (suseconds_t)(reply->delay % USEC_PER_SEC) };
	struct late *late = MEMORY_NEW(struct late);

	late->nameserver = nameserver;
	late->reply = *reply;
	late->peer = *peer;
	late->peer_len = peer_len;
	late->timer = evtimer_new(nameserver->world->base, on_late, late);
	list_append(&nameserver->late, &late->link);
	evtimer_add(late->timer, &delay);
}

static void on_datagram(evutil_socket_t fd, short what, void *context)
{
	struct nameserver *nameserver = context;
	struct sockaddr_storage peer;
	struct zone_reply reply;
	uint8_t query[1024];

	for (unsigned i = 0; i < DATAGRAMS_A_TURN; i++) {
		socklen_t peer_len = sizeof(peer);
		ssize_t len =
			recvfrom(fd, query, sizeof(query), 0, (struct sockaddr *)&peer, &peer_len);

		if (len < 0)
			return;
		if (!zone_answer(nameserver->world->zone, query, (size_t)len, false, &reply))
			continue;
		if (reply.delay)
			answer_later(nameserver, &reply, &peer, peer_len);
		else
			(void)sendto(fd, reply.data, reply.len, 0, (struct sockaddr *)&peer,
				     peer_len);
	}
}

static void stream_free(struct stream *stream)
{
	list_remove(&stream->link);
	bufferevent_free(stream->bev);
	free(stream);
}

/* Two bytes of length, then the message; delays are for datagrams. */
static void on_stream(struct bufferevent *bev, void *context)
{
	struct stream *stream = context;
	struct evbuffer *input = bufferevent_get_input(bev);
	struct zone_reply reply;
	uint8_t head[2];

	while (evbuffer_copyout(input, head, 2) == 2) {
		const size_t len = (size_t)head[0] << 8 | head[1];
		uint8_t *query;

		if (evbuffer_get_length(input) < len + 2)
			return;
		query = evbuffer_pullup(input, (ssize_t)len + 2);
		if (zone_answer(stream->nameserver->world->zone, query + 2, len, true, &reply)) {
			const uint8_t size[2] = { (uint8_t)(reply.len >> 8), (uint8_t)reply.len };

			(void)bufferevent_write(bev, size, 2);
			(void)bufferevent_write(bev, reply.data, reply.len);
		}
		(void)evbuffer_drain(input, len + 2);
	}
}

static void on_stream_event(struct bufferevent *bev, short what, void *context)
{
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		stream_free(context);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer,
		      int len, void *context)
{
	struct nameserver *nameserver = context;
	struct stream *stream = MEMORY_NEW(struct stream);

	stream->nameserver = nameserver;
	stream->bev = bufferevent_socket_new(nameserver->world->base, fd, BEV_OPT_CLOSE_ON_FREE);
	list_append(&nameserver->streams, &stream->link);
	bufferevent_setcb(stream->bev, on_stream, NULL, on_stream_event, stream);
	bufferevent_enable(stream->bev, EV_READ | EV_WRITE);
}

struct nameserver *nameserver_new(struct world *world, int udp, int tcp)
{
	struct nameserver *nameserver = MEMORY_NEW(struct nameserver);

	nameserver->world = world;
	nameserver->udp = udp;
	list_init(&nameserver->late);
	list_init(&nameserver->streams);
	nameserver->readable =
		event_new(world->base, udp, EV_READ | EV_PERSIST, on_datagram, nameserver);
	event_add(nameserver->readable, NULL);
	nameserver->listener =
		evconnlistener_new(world->base, on_accept, nameserver,
				   LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, tcp);
	return nameserver;
}

void nameserver_free(struct nameserver *nameserver)
{
	list_each (link, &nameserver->late)
		late_free(LIST_ENTRY(link, struct late, link));
	list_each (link, &nameserver->streams)
		stream_free(LIST_ENTRY(link, struct stream, link));
	event_free(nameserver->readable);
	evconnlistener_free(nameserver->listener);
	(void)close(nameserver->udp);
	free(nameserver);
}
