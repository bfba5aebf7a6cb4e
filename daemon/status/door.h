/* door.h - who comes in: the connections of the API's listeners, counted, bounded and known.
 *
 * Ordinary visitors have so many places, and a few more are kept for those who may
 * change something, so that others cannot keep an administrator out.  Who finds no place
 * is told so at once.  Whoever does not ask, does not read or is gone is shown out by a
 * sweep; nothing relies on evhttp's own timeout, which would end idle streams too.  Loop
 * thread only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/list.h"

struct answer;
struct bufferevent;
struct door;
struct event_base;
struct evhttp_connection;
struct evhttp_request;

/* Which one it is; what is answered there is in the rows of route.c. */
enum door_kind {
	DOOR_SOCKET, /* the Unix socket: who comes is known */
	DOOR_LISTEN, /* the TCP port of `listen:`: anybody may come */
};

struct visitor {
	struct door *door; /* borrowed */
	struct list link;
	struct bufferevent *stream; /* borrowed from the connection */
	struct evhttp_connection *connection; /* borrowed; NULL until looked at */
	bool may_change; /* root, an admin or our own user */
	bool has_place; /* else he is turned away, or was not looked at yet */
	bool is_parting; /* turned away, and has asked all the same */
	struct answer *answer; /* owned; NULL while a request is awaited */
	usec_t since; /* monotonic: since when a request is awaited */
	usec_t drained; /* monotonic: when output went last, or had to wait first */
};

/* Why somebody was shown out, or not let in. */
enum door_refusal {
	REFUSED_NO_PLACE, /* too many were there */
	REFUSED_NO_REQUEST, /* no whole request came */
	REFUSED_NOT_READING, /* its answer was not read */
	REFUSALS,
};

struct door_options {
	enum door_kind kind;
	int fd; /* listens; owned by the door from then on */
	unsigned ordinary; /* visitors at once */
	unsigned reserved; /* more, for those who may change something */
	usec_t request_wait; /* for a whole request */
	usec_t drain_wait; /* for the peer to read anything */
	usec_t sweep; /* how often that is looked at */
	size_t backlog_bytes; /* unread, at most */
	/* Of a visitor that was just let in. */
	bool (*may_change)(int fd, void *context);
	/* A whole request; owns it until the answer is complete. */
	void (*request)(struct visitor *visitor, struct evhttp_request *request, void *context);
	/* The visitor is gone before its answer was complete. */
	void (*lost)(struct visitor *visitor, void *context);
	void *context;
};

/* NULL where libevent fails; the descriptor is closed then. */
struct door *door_new(struct event_base *base, const struct door_options *options);
/* Goes on at another descriptor that listens, which is its own from then on; who is in stays. */
void door_move(struct door *door, int fd);
/* Shows everybody out. */
void door_free(struct door *door);

/* Nobody comes in any more, and who has no answer to wait for goes.  Called again and again until
 * nobody is answered, so that who does not read what is ready for him goes as well, after half a
 * second.
 */
void door_close(struct door *door);
enum door_kind door_kind(const struct door *door);
/* The listening socket. */
int door_fd(const struct door *door);
/* Visitors whose answer is not complete. */
unsigned door_answering(const struct door *door);
/* All visitors. */
unsigned door_visitors(const struct door *door);
bool door_is_closed(const struct door *door);
/* How often, since the door was opened; of NULL never. */
uint64_t door_refused(const struct door *door, enum door_refusal why);

/* Bytes that wait for the visitor to read them. */
size_t visitor_backlog(const struct visitor *visitor);
/* The answer is complete: another request may come. */
void visitor_await(struct visitor *visitor);
