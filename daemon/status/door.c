/* door.c - who comes in: the connections of one listener of the API.
 *
 * evhttp 2.1 tells nobody of a connection before its first request, and has no
 * bound on them.  It asks for a bufferevent for each, though, and gives that its
 * own connection as the argument of the callbacks: from there comes the pointer
 * that evhttp_connection_set_closecb() wants.  A pass-through filter would count,
 * too, but says "written" when the bytes are only in the next buffer, and what is
 * in there is lost where the connection closes after its answer.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "status/door.h"

enum {
	HEADERS_MAX = 16 * 1024,
	BODY_MAX = 64 * 1024,
	INPUT_MAX = 2 * BODY_MAX, /* more is not read ahead, whatever a visitor sends */
	ARRIVALS_A_TURN = 32,
	PARTING = 16, /* who was turned away and may still be asking, at most */
	SPARES = 4, /* descriptors kept back for accept(2) where others took all */
};

/* At the end: so long a peer may take nothing of what waits for it. */
static const usec_t closing_wait = 500 * USEC_PER_MS;

struct door {
	struct door_options options;
	struct evhttp *http; /* owned */
	struct evconnlistener *listener; /* owned by http */
	struct evhttp_bound_socket *bound; /* owned by http; what holds the listener */
	struct list newcomers, visitors;
	struct event *look; /* owned; newcomers are there */
	struct event *sweep; /* owned */
	unsigned count; /* of all that are connected */
	unsigned inside, ordinary; /* of those that have a place */
	unsigned parting; /* of those that were turned away */
	unsigned arrivals; /* since the last look */
	bool is_closed;
	usec_t closed; /* monotonic; since when */
	int spares[SPARES];
	uint64_t refused[REFUSALS];
};

static const char too_many[] = "{\"error\":{\"code\":\"too_many_connections\","
			       "\"message\":\"All connections are taken; try later.\"}}\n";

static void reopen(struct door *door)
{
	if (door->is_closed || door->arrivals >= ARRIVALS_A_TURN)
		(void)evconnlistener_disable(door->listener);
	else
		(void)evconnlistener_enable(door->listener);
}

/* Called with evhttp as the context; the sweep opens again. */
static void accept_failed(struct evconnlistener *listener, void *context)
{
	(void)context;
	(void)evconnlistener_disable(listener);
}

static struct bufferevent *arrive(struct event_base *base, void *context)
{
	struct door *door = context;
	struct bufferevent *stream = bufferevent_socket_new(base, -1, 0);
	struct visitor *visitor;

	if (!stream)
		return NULL;
	visitor = MEMORY_NEW(struct visitor);
	visitor->door = door;
	visitor->stream = stream;
	visitor->since = clock_now();
	/* Until the look: evhttp may give up on the connection before. */
	bufferevent_incref(stream);
	list_append(&door->newcomers, &visitor->link);
	door->count++;
	door->arrivals++;
	reopen(door);
	event_active(door->look, EV_TIMEOUT, 0);
	return stream;
}

static void leave(struct visitor *visitor)
{
	struct door *door = visitor->door;

	list_remove(&visitor->link);
	door->count--;
	if (visitor->has_place) {
		door->inside--;
		door->ordinary -= !visitor->may_change;
	} else if (visitor->connection) {
		door->parting--;
	}
	free(visitor);
	if (!door->is_closed)
		reopen(door);
}

static void connection_closed(struct evhttp_connection *connection, void *context)
{
	struct visitor *visitor = context;
	struct door *door = visitor->door;

	(void)connection;
	if (visitor->answer)
		door->options.lost(visitor, door->options.context);
	leave(visitor);
}

static void output_changed(struct evbuffer *output, const struct evbuffer_cb_info *info,
			   void *context)
{
	struct visitor *visitor = context;

	(void)output;
	if (info->n_deleted > 0 || info->orig_size == 0)
		visitor->drained = clock_now();
}

/* Who is told to go before he has asked would ask a closed connection, and not see why (EPIPE):
 * so here only the talk ends; the connection does with his request, by his hand or by the sweep.
 */
static void turn_away(struct visitor *visitor)
{
	struct door *door = visitor->door;
	const int fd = bufferevent_getfd(visitor->stream);
	cleanup(text)
	struct text reply = { 0 };

	text_print(&reply,
		   "HTTP/1.1 503 Service Unavailable\r\n"
		   "Content-Type: application/json\r\n"
		   "Content-Length: %zu\r\n"
		   "Connection: close\r\n\r\n%s",
		   sizeof(too_many) - 1, too_many);
	/* Best effort: the socket is new, so its buffer takes this at once. */
	(void)!send(fd, reply.data, reply.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	(void)shutdown(fd, SHUT_WR);
	door->refused[REFUSED_NO_PLACE]++;
	if (++door->parting > PARTING)
		evhttp_connection_free(visitor->connection);
}

/* Whoever may change something takes any place there is, others only an ordinary one. */
static bool take_place(struct visitor *visitor)
{
	struct door *door = visitor->door;
	const struct door_options *options = &door->options;

	if (door->inside >= options->ordinary + options->reserved ||
	    (!visitor->may_change && door->ordinary >= options->ordinary))
		return false;
	door->inside++;
	door->ordinary += !visitor->may_change;
	return true;
}

/* Who is it, and is there a place? */
static void let_in(struct visitor *visitor)
{
	struct door *door = visitor->door;
	struct door_options *options = &door->options;
	void *connection;

	bufferevent_getcb(visitor->stream, NULL, NULL, NULL, &connection);
	if (!connection) {
		(void)bufferevent_decref(visitor->stream);
		leave(visitor);
		return;
	}
	(void)bufferevent_decref(visitor->stream);
	list_remove(&visitor->link);
	list_append(&door->visitors, &visitor->link);
	visitor->connection = connection;
	visitor->may_change =
		options->may_change(bufferevent_getfd(visitor->stream), options->context);
	visitor->has_place = take_place(visitor);
	bufferevent_setwatermark(visitor->stream, EV_READ, 0, INPUT_MAX);
	evhttp_connection_set_closecb(visitor->connection, connection_closed, visitor);
	(void)evbuffer_add_cb(bufferevent_get_output(visitor->stream), output_changed, visitor);
	if (!visitor->has_place)
		turn_away(visitor);
}

static void look(evutil_socket_t fd, short what, void *context)
{
	struct door *door = context;

	(void)fd;
	(void)what;
	list_each (link, &door->newcomers)
		let_in(LIST_ENTRY(link, struct visitor, link));
	list_each (link, &door->visitors) {
		struct visitor *visitor = LIST_ENTRY(link, struct visitor, link);

		if (visitor->is_parting)
			evhttp_connection_free(visitor->connection);
	}
	door->arrivals = 0;
	if (!door->is_closed)
		reopen(door);
}

/* A peer that closed is not seen while nothing is read from it. */
static bool is_gone(const struct visitor *visitor)
{
	struct pollfd look = { .fd = bufferevent_getfd(visitor->stream) };

	return poll(&look, 1, 0) > 0 && look.revents & (POLLHUP | POLLERR);
}

static bool has_left(const struct visitor *visitor, usec_t now)
{
	if (!visitor->has_place)
		return now - visitor->since > visitor->door->options.sweep;
	return visitor->answer && is_gone(visitor);
}

/* REFUSALS: it may stay. */
static enum door_refusal why_unwelcome(const struct visitor *visitor, usec_t now)
{
	const struct door_options *options = &visitor->door->options;
	const size_t backlog = visitor_backlog(visitor);

	if (!visitor->answer)
		return now - visitor->since > options->request_wait ? REFUSED_NO_REQUEST : REFUSALS;
	if (backlog > options->backlog_bytes ||
	    (backlog > 0 && now - visitor->drained > options->drain_wait))
		return REFUSED_NOT_READING;
	return REFUSALS;
}

/* Someone waits and no descriptor is left for them: give one of ours. */
static void lend_spare(struct door *door)
{
	struct pollfd look = { .fd = evconnlistener_get_fd(door->listener), .events = POLLIN };
	const int extra = fcntl(look.fd, F_DUPFD_CLOEXEC, 0);
	const bool is_waited = extra < 0 && poll(&look, 1, 0) > 0;

	for (unsigned i = 0; i < SPARES; i++) {
		if (extra >= 0 && door->spares[i] < 0) {
			door->spares[i] = extra;
			return;
		}
		if (is_waited && door->spares[i] >= 0) {
			(void)close(door->spares[i]);
			door->spares[i] = -1;
			return;
		}
	}
	if (extra >= 0)
		(void)close(extra);
}

static void sweep(evutil_socket_t fd, short what, void *context)
{
	struct door *door = context;
	const usec_t now = clock_now();

	(void)fd;
	(void)what;
	list_each (link, &door->visitors) {
		struct visitor *visitor = LIST_ENTRY(link, struct visitor, link);
		const enum door_refusal why = why_unwelcome(visitor, now);
		const bool is_over = has_left(visitor, now);

		if (why < REFUSALS && !is_over)
			door->refused[why]++;
		if (why < REFUSALS || is_over)
			evhttp_connection_free(visitor->connection);
	}
	if (door->is_closed)
		return;
	lend_spare(door);
	reopen(door);
}

static void take_request(struct evhttp_request *request, void *context)
{
	struct door *door = context;
	struct evhttp_connection *connection = evhttp_request_get_connection(request);

	list_each (link, &door->visitors) {
		struct visitor *visitor = LIST_ENTRY(link, struct visitor, link);

		if (visitor->connection != connection)
			continue;
		if (visitor->has_place) {
			door->options.request(visitor, request, door->options.context);
			return;
		}
		/* He has his answer already; not here, where evhttp still needs the connection. */
		visitor->is_parting = true;
		event_active(door->look, EV_TIMEOUT, 0);
		return;
	}
	/* Nobody comes past the look. */
	abort();
}

static bool open_listener(struct door *door, struct event_base *base)
{
	const unsigned flags = LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_CLOSE_ON_FREE;

	/* It listens already: no backlog is given here. */
	door->listener = evconnlistener_new(base, NULL, NULL, flags, 0, door->options.fd);
	if (!door->listener)
		return false;
	evconnlistener_set_error_cb(door->listener, accept_failed);
	door->bound = evhttp_bind_listener(door->http, door->listener);
	if (door->bound)
		return true;
	evconnlistener_free(TAKE(door->listener));
	door->options.fd = -1;
	return false;
}

static bool open_http(struct door *door, struct event_base *base)
{
	door->http = evhttp_new(base);
	if (!door->http)
		return false;
	evhttp_set_allowed_methods(door->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD |
						       EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE |
						       EVHTTP_REQ_OPTIONS | EVHTTP_REQ_TRACE |
						       EVHTTP_REQ_CONNECT | EVHTTP_REQ_PATCH);
	evhttp_set_max_headers_size(door->http, HEADERS_MAX);
	evhttp_set_max_body_size(door->http, BODY_MAX);
	evhttp_set_default_content_type(door->http, "application/json");
	evhttp_set_bevcb(door->http, arrive, door);
	evhttp_set_gencb(door->http, take_request, door);
	return open_listener(door, base);
}

static void keep_spares(struct door *door)
{
	for (unsigned i = 0; i < SPARES; i++)
		door->spares[i] = fcntl(door->options.fd, F_DUPFD_CLOEXEC, 0);
}

static void give_spares_up(struct door *door)
{
	for (unsigned i = 0; i < SPARES; i++)
		if (door->spares[i] >= 0)
			(void)close(door->spares[i]);
}

struct door *door_new(struct event_base *base, const struct door_options *options)
{
	struct door *door = MEMORY_NEW(struct door);
	const struct timeval period = { .tv_sec = (time_t)(options->sweep / USEC_PER_SEC),
					.tv_usec = (suseconds_t)(options->sweep % USEC_PER_SEC) };

	door->options = *options;
	list_init(&door->newcomers);
	list_init(&door->visitors);
	keep_spares(door);
	door->look = event_new(base, -1, 0, look, door);
	door->sweep = event_new(base, -1, EV_PERSIST, sweep, door);
	if (!door->look || !door->sweep || event_add(door->sweep, &period) < 0 ||
	    !open_http(door, base)) {
		door->is_closed = true;
		door_free(door);
		return NULL;
	}
	return door;
}

void door_move(struct door *door, int fd)
{
	struct event_base *base = evconnlistener_get_base(door->listener);

	/* With it goes the old descriptor; the spares are copies of it. */
	evhttp_del_accept_socket(door->http, door->bound);
	give_spares_up(door);
	door->options.fd = fd;
	keep_spares(door);
	if (!open_listener(door, base))
		abort();
	reopen(door);
}

void door_free(struct door *door)
{
	door->is_closed = true;
	if (door->http)
		evhttp_free(door->http);
	list_each (link, &door->newcomers) {
		struct visitor *visitor = LIST_ENTRY(link, struct visitor, link);

		(void)bufferevent_decref(visitor->stream);
		leave(visitor);
	}
	if (!door->listener && door->options.fd >= 0)
		(void)close(door->options.fd);
	if (door->look)
		event_free(door->look);
	if (door->sweep)
		event_free(door->sweep);
	give_spares_up(door);
	free(door);
}

/* What is ready waits for the peer alone, and it takes nothing. */
static bool is_stuck(const struct visitor *visitor, usec_t now)
{
	const usec_t closed = visitor->door->closed;
	const usec_t since = visitor->drained > closed ? visitor->drained : closed;

	return visitor_backlog(visitor) > 0 && now - since > closing_wait;
}

void door_close(struct door *door)
{
	const usec_t now = clock_now();

	if (!door->is_closed)
		door->closed = now;
	door->is_closed = true;
	(void)evconnlistener_disable(door->listener);
	list_each (link, &door->visitors) {
		struct visitor *visitor = LIST_ENTRY(link, struct visitor, link);

		if (!visitor->answer || is_stuck(visitor, now))
			evhttp_connection_free(visitor->connection);
	}
}

enum door_kind door_kind(const struct door *door)
{
	return door->options.kind;
}

int door_fd(const struct door *door)
{
	return door->options.fd;
}

unsigned door_answering(const struct door *door)
{
	unsigned count = 0;

	for (const struct list *link = door->visitors.after; link != &door->visitors;
	     link = link->after)
		count += LIST_ENTRY(link, const struct visitor, link)->answer != NULL;
	return count;
}

unsigned door_visitors(const struct door *door)
{
	return door->count;
}

bool door_is_closed(const struct door *door)
{
	return door->is_closed;
}

size_t visitor_backlog(const struct visitor *visitor)
{
	return evbuffer_get_length(bufferevent_get_output(visitor->stream));
}

void visitor_await(struct visitor *visitor)
{
	visitor->answer = NULL;
	visitor->since = clock_now();
}

uint64_t door_refused(const struct door *door, enum door_refusal why)
{
	return door ? door->refused[why] : 0;
}
