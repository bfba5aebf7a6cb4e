/* connect.c - from a host and port to a connected socket.
 *
 *   resolve -> policy -> attempt, 250 ms later the next beside it, ... -> first that connects
 *
 * Whatever the end is, it is told by an event of its own, so that done() never runs
 * inside connect_start() or between two attempts.
 */
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/list.h"
#include "base/memory.h"
#include "base/text.h"
#include "loop/attempt.h"
#include "loop/connect.h"

enum { IDLE_MAX = 128 }; /* connections kept for the next one */

static const struct timeval attempt_delay = { 0, 250000 }; /* RFC 8305, 8 */

struct attempt {
	struct event event; /* initialised while fd >= 0 */
	struct connection *connection; /* borrowed */
	struct connect_try *try; /* borrowed from connection->connected */
	usec_t started;
	int fd; /* owned; -1: none */
};

struct connector {
	struct event_base *base; /* borrowed */
	struct resolver *resolver; /* borrowed */
	struct interface_families families;
	struct list running, idle; /* of struct connection; owned */
	unsigned idle_count;
};

struct connection {
	struct list link; /* in connector->running or ->idle */
	struct connector *connector; /* borrowed */
	struct event timer; /* the next attempt, or the end */
	struct lookup *lookup; /* owned; NULL: none runs */
	connect_done *done;
	void *context; /* borrowed */
	const char *source; /* borrowed from the target's owner, or NULL */
	uint16_t port;
	bool no_private, only_first;
	bool is_over;
	unsigned count, next, running; /* of connected.tries */
	struct attempt attempts[RESOLVE_ADDRESSES_MAX]; /* of the try with the same index */
	usec_t resolve_started, connect_started;
	unsigned weight; /* of the failure in `connected` */
	struct connected connected; /* as it is known so far */
	char detail[192];
};

static void on_timer(int fd, short what, void *context);

static void set_detail(struct connection *connection, const char *detail)
{
	struct text text = { .limit_bytes = sizeof(connection->detail) - 1 };

	connection->connected.detail = NULL;
	if (!detail)
		return;
	text_append(&text, detail);
	memcpy(connection->detail, text_string(&text), text.len + 1);
	text_done(&text);
	connection->connected.detail = connection->detail;
}

/* --- The end -------------------------------------------------------------------------------- */

static void end_attempt(struct attempt *attempt)
{
	if (attempt->fd < 0)
		return;
	attempt->try->took = clock_now() - attempt->started;
	(void)event_del(&attempt->event);
	(void)close(attempt->fd);
	attempt->fd = -1;
	attempt->connection->running--;
}

static void end_attempts(struct connection *connection)
{
	for (unsigned i = 0; i < connection->next; i++)
		end_attempt(&connection->attempts[i]);
}

/* All that remains is to tell. */
static void finish(struct connection *connection)
{
	end_attempts(connection);
	connection->is_over = true;
	(void)event_del(&connection->timer);
	event_active(&connection->timer, EV_TIMEOUT, 0);
}

static void release(struct connection *connection)
{
	struct connector *connector = connection->connector;

	(void)event_del(&connection->timer);
	list_remove(&connection->link);
	if (connector->idle_count == IDLE_MAX) {
		free(connection);
		return;
	}
	list_append(&connector->idle, &connection->link);
	connector->idle_count++;
}

static void tell(struct connection *connection)
{
	connect_done *done = connection->done;
	void *context = connection->context;
	struct connected connected = connection->connected;
	char detail[sizeof(connection->detail)];

	/* done() may start the next one in this one's place. */
	if (connected.detail) {
		memcpy(detail, connection->detail, sizeof(detail));
		connected.detail = detail;
	}
	release(connection);
	done(&connected, context);
}

/* --- Attempts -------------------------------------------------------------------------------- */

static void win(struct attempt *attempt, usec_t took)
{
	struct connection *connection = attempt->connection;
	struct connected *connected = &connection->connected;

	(void)event_del(&attempt->event);
	connected->outcome = CONNECT_OK;
	connected->fd = attempt->fd;
	connected->error = 0;
	connected->connect_took = took;
	set_detail(connection, NULL);
	(void)ip_to_socket(&attempt->try->ip, connection->port, &connected->address);
	attempt->try->is_over = true;
	attempt->try->outcome = CONNECT_OK;
	attempt->try->took = took;
	attempt->fd = -1;
	connection->running--;
	finish(connection);
}

/* Keeps the failure that tells most. */
static void note_failure(struct connection *connection, struct connect_try *try, int error,
			 const struct attempt_failure *failure)
{
	struct connected *connected = &connection->connected;

	try->is_over = true;
	try->outcome = failure->outcome;
	connected->connect_took = clock_now() - connection->connect_started;
	if (failure->weight < connection->weight)
		return;
	connection->weight = failure->weight;
	connected->outcome = failure->outcome;
	connected->error = error;
	set_detail(connection, failure->detail);
	(void)ip_to_socket(&try->ip, connection->port, &connected->address);
}

static void start_next(struct connection *connection);

static void on_writable(int fd, short what, void *context)
{
	struct attempt *attempt = context;
	struct connection *connection = attempt->connection;
	usec_t took = clock_now() - attempt->started;
	struct attempt_failure failure;
	int error;

	switch (attempt_state(fd, connection->port, &took, &error)) {
	case ATTEMPT_WAITS:
		(void)event_add(&attempt->event, NULL);
		break;
	case ATTEMPT_CONNECTED:
		win(attempt, took);
		break;
	case ATTEMPT_FAILED:
		failure = attempt_refused_there(error);
		end_attempt(attempt);
		note_failure(connection, attempt->try, error, &failure);
		start_next(connection);
		break;
	}
}

/* 0 where it is under way, else -errno. */
static int start_attempt(struct connection *connection, unsigned index)
{
	struct attempt *attempt = &connection->attempts[index];

	attempt->connection = connection;
	attempt->try = &connection->connected.tries[index];
	attempt->started = clock_now();
	if (!connection->connected.has_connected) {
		connection->connected.has_connected = true;
		connection->connect_started = attempt->started;
	}
	attempt->try->has_begun = true;
	attempt->try->began = attempt->started - connection->connect_started;
	attempt->fd = attempt_open(&attempt->try->ip, connection->port, connection->source);
	if (attempt->fd < 0)
		return attempt->fd;
	(void)event_assign(&attempt->event, connection->connector->base, attempt->fd, EV_WRITE,
			   on_writable, attempt);
	/* To an address of this host it is connected by now: worth one question before
	 * epoll is told of it, which costs next to nothing where it is not.
	 */
	event_active(&attempt->event, EV_WRITE, 0);
	connection->running++;
	return 0;
}

/* The next address, and after a while the one behind it; where none is left and
 * none is under way, that was it.
 */
static void start_next(struct connection *connection)
{
	bool is_short = false;

	while (connection->next < connection->count && !is_short) {
		const unsigned index = connection->next++;
		const int r = start_attempt(connection, index);

		if (r == 0)
			break;

		struct connect_try *try = &connection->connected.tries[index];
		const struct attempt_failure failure =
			attempt_refused_here(-r, try->ip.family, &connection->connector->families);

		note_failure(connection, try, -r, &failure);
		is_short = failure.is_shortage;
	}
	if (is_short)
		connection->count = connection->next;
	if (connection->next < connection->count)
		(void)event_add(&connection->timer, &attempt_delay);
	else if (connection->running == 0)
		finish(connection);
	else
		(void)event_del(&connection->timer);
}

static void on_timer(int fd, short what, void *context)
{
	struct connection *connection = context;

	if (connection->is_over)
		tell(connection);
	else
		start_next(connection);
}

/* --- Addresses --------------------------------------------------------------------------------- */

static void forbid(struct connection *connection, const struct ip *ip)
{
	struct text text = { 0 };

	ip_print(&text, ip);
	text_append(&text, " is a private address");
	connection->connected.outcome = CONNECT_FORBIDDEN;
	set_detail(connection, text_string(&text));
	(void)ip_to_socket(ip, connection->port, &connection->connected.address);
	text_done(&text);
	finish(connection);
}

static void use_addresses(struct connection *connection, const struct ip *addresses, unsigned count)
{
	struct connected *connected = &connection->connected;

	for (unsigned i = 0; i < count; i++)
		if (!connection->no_private || !ip_is_private(&addresses[i]))
			connected->tries[connected->tries_count++].ip = addresses[i];
	connection->count =
		connection->only_first && connected->tries_count > 1 ? 1 : connected->tries_count;
	if (connection->count == 0)
		forbid(connection, &addresses[0]);
	else
		start_next(connection);
}

static void fail_to_resolve(struct connection *connection, enum resolve_outcome outcome,
			    const char *detail)
{
	connection->connected.outcome = CONNECT_UNRESOLVED;
	connection->connected.resolve_outcome = outcome;
	set_detail(connection, detail);
	finish(connection);
}

static void on_resolved(const struct resolved *resolved, void *context)
{
	struct connection *connection = context;

	connection->lookup = NULL;
	connection->connected.has_resolved = resolved->took > 0;
	connection->connected.resolve_took = resolved->took;
	if (resolved->outcome == RESOLVE_OK)
		use_addresses(connection, resolved->addresses, resolved->count);
	else
		fail_to_resolve(connection, resolved->outcome, resolved->detail);
}

static void find_addresses(struct connection *connection, const struct connect_target *target)
{
	static const int families[] = {
		[CONNECT_ANY] = AF_UNSPEC,
		[CONNECT_IPV4] = AF_INET,
		[CONNECT_IPV6] = AF_INET6,
	};
	uint16_t port;
	struct ip ip;

	if (target->address) {
		ip_from_socket(target->address, &ip, &port);
		use_addresses(connection, &ip, 1);
		return;
	}
	if (ip_parse(target->host, &ip) < 0) {
		connection->lookup = resolve_start(connection->connector->resolver, target->host,
						   families[target->family], target->resolver,
						   on_resolved, connection);
		return;
	}
	if (target->family == CONNECT_ANY || (target->family == CONNECT_IPV4) == (ip.family == 4))
		use_addresses(connection, &ip, 1);
	else
		fail_to_resolve(connection, RESOLVE_NO_ADDRESS, "an address of the other family");
}

/* --- Connections -------------------------------------------------------------------------------- */

static struct connection *take(struct connector *connector)
{
	struct list *link = list_take_first(&connector->idle);
	struct connection *connection;

	if (link) {
		connector->idle_count--;
		connection = LIST_ENTRY(link, struct connection, link);
	} else {
		connection = MEMORY_NEW(struct connection);
	}
	connection->connector = connector;
	list_append(&connector->running, &connection->link);
	(void)event_assign(&connection->timer, connector->base, -1, 0, on_timer, connection);
	return connection;
}

struct connection *connect_start(struct connector *connector, const struct connect_target *target,
				 connect_done *done, void *context)
{
	struct connection *connection = take(connector);

	connection->lookup = NULL;
	connection->done = done;
	connection->context = context;
	connection->source = target->source;
	connection->port = target->port;
	connection->no_private = target->no_private;
	connection->only_first = target->only_first;
	connection->is_over = false;
	connection->count = connection->next = connection->running = 0;
	connection->weight = 0;
	connection->connected = (struct connected){ .fd = -1 };
	find_addresses(connection, target);
	return connection;
}

void connect_cancel(struct connection *connection, struct connected *ret_so_far)
{
	const struct connected *connected = &connection->connected;
	const bool was_running = connection->running > 0;

	if (connected->fd >= 0)
		(void)close(connected->fd);
	end_attempts(connection);
	*ret_so_far = *connected;
	ret_so_far->fd = -1;
	ret_so_far->detail = NULL;
	if (connection->lookup) {
		ret_so_far->outcome = CONNECT_UNRESOLVED;
		ret_so_far->resolve_outcome = resolve_silence(connection->lookup);
		resolve_cancel(connection->lookup);
	} else if (was_running) {
		ret_so_far->outcome = CONNECT_TIMED_OUT;
		ret_so_far->connect_took = clock_now() - connection->connect_started;
		(void)ip_to_socket(&connected->tries[connection->next - 1].ip, connection->port,
				   &ret_so_far->address);
	}
	release(connection);
}

struct connector *connector_new(struct event_base *base, struct resolver *resolver)
{
	struct connector *connector = MEMORY_NEW(struct connector);

	connector->base = base;
	connector->resolver = resolver;
	list_init(&connector->running);
	list_init(&connector->idle);
	return connector;
}

void connector_free(struct connector *connector)
{
	struct connected so_far;
	struct list *link;

	while ((link = list_first(&connector->running)))
		connect_cancel(LIST_ENTRY(link, struct connection, link), &so_far);
	while ((link = list_take_first(&connector->idle)))
		free(LIST_ENTRY(link, struct connection, link));
	free(connector);
}
