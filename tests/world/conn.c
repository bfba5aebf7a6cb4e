/* conn.c - from bytes to requests, from requests to endpoints. */
#include "conn.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>

#include "answer.h"
#include "base/memory.h"
#include "certificates.h"
#include "control.h"
#include "ledger.h"
#include "loop/arrival.h"
#include "world.h"

#define LARGEST_HEAD  (256u << 10)
#define LARGEST_INPUT (32u << 20)

void conn_set_timer(struct conn *conn, usec_t wait)
{
	const struct timeval time = { .tv_sec = (time_t)(wait / USEC_PER_SEC),
				      .tv_usec = (suseconds_t)(wait % USEC_PER_SEC) };

	evtimer_add(conn->timer, &time);
}

static void conn_left(struct conn *conn, bool answered)
{
	if (conn->endpoint)
		ledger_left(conn->world->ledger, conn->endpoint, conn->host, answered,
			    conn->requested ? conn->sent - conn->requested : 0);
	conn->endpoint = conn->host = NULL;
}

void conn_free(struct conn *conn)
{
	SSL *ssl = conn->is_tls ? bufferevent_openssl_get_ssl(conn->bev) : NULL;

	conn_left(conn, false);
	if (ssl)
		(void)SSL_shutdown(ssl);
	bufferevent_free(conn->bev);
	event_free(conn->timer);
	if (conn->arrival)
		event_free(conn->arrival);
	evbuffer_free(conn->slow);
	list_remove(&conn->link);
	list_remove(&conn->wait_link);
	ledger_disconnected(conn->world->ledger);
	request_done(&conn->request);
	text_done(&conn->body);
	step_done(&conn->own_step);
	free(conn->wait_match);
	free(conn->local);
	free(conn);
}

void conn_finished(struct conn *conn)
{
	conn_left(conn, true);
	conn->is_busy = conn->is_sending = false;
	if (!conn->request.is_keep_alive || (conn->step && conn->step->is_last))
		conn->is_done = true;
	conn->step = NULL;
	step_done(&conn->own_step);
	conn->own_step = (struct step){ 0 };
	request_done(&conn->request);
	text_clear(&conn->body);
}

void conn_end(struct conn *conn, bool reset)
{
	const struct linger linger = { .l_onoff = 1, .l_linger = 0 };

	if (reset) {
		(void)setsockopt(bufferevent_getfd(conn->bev), SOL_SOCKET, SO_LINGER, &linger,
				 sizeof(linger));
		if (conn->is_tls)
			SSL_set_quiet_shutdown(bufferevent_openssl_get_ssl(conn->bev), 1);
	}
	conn_left(conn, true);
	conn->is_done = true;
}

bool conn_send(struct conn *conn, struct evbuffer *bytes)
{
	struct evbuffer *output = bufferevent_get_output(conn->bev);

	/* Before and not after: who is woken by the bytes may run before this here goes on. */
	conn->sent = clock_now();

	/* Most answers fit into the socket at once, which saves a turn of the loop. */
	if (!conn->is_tls && evbuffer_get_length(output) == 0)
		(void)evbuffer_write(bytes, bufferevent_getfd(conn->bev));
	if (evbuffer_get_length(bytes) > 0)
		(void)bufferevent_write_buffer(conn->bev, bytes);
	conn->is_sending = evbuffer_get_length(output) > 0;
	return !conn->is_sending;
}

void conn_reply(struct conn *conn, unsigned status, const char *type, const struct text *text)
{
	struct evbuffer *bytes = evbuffer_new();

	evbuffer_add_printf(bytes,
			    "HTTP/1.1 %u -\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n",
			    status, type, text->len);
	evbuffer_add(bytes, text_string(text), text->len);
	conn->is_busy = true;
	if (conn_send(conn, bytes))
		conn_finished(conn);
	evbuffer_free(bytes);
}

static void conn_refuse(struct conn *conn, unsigned status)
{
	struct text text = { 0 };

	conn->request.is_keep_alive = false;
	conn_reply(conn, status, "text/plain", &text);
}

/* The endpoint a request is for: by rule, else by its path. */
static struct tally *endpoint_find(struct conn *conn)
{
	const struct request *request = &conn->request;
	struct ledger *ledger = conn->world->ledger;
	const char *name = request->path;
	struct tally *endpoint;
	const struct rule *rule;

	rule = script_find(conn->world->script, request->path, request->host);
	if (rule && rule->pattern[0] != '/')
		name = request->host;
	endpoint = ledger_endpoint(ledger, name);
	script_follow(conn->world->script, &endpoint->progress, request->path, request->host);
	return endpoint;
}

static void conn_route(struct conn *conn)
{
	struct request *request = &conn->request;
	const usec_t now = clock_now();

	if (strncmp(request->path, "/_", 2) == 0) {
		control_answer(conn);
		return;
	}
	conn->is_busy = true;
	conn->requested = conn->came;
	conn->endpoint = endpoint_find(conn);
	conn->host = ledger_host(conn->world->ledger, request->host);
	ledger_arrived(conn->world->ledger, conn->endpoint, conn->host, now);
	if (conn->endpoint->progress.rule) {
		conn->step = progress_step(&conn->endpoint->progress, now, true);
	} else {
		step_read_path(&conn->own_step, request->path);
		conn->step = &conn->own_step;
	}
	answer_start(conn);
}

/* True if a whole request stands in conn->request. */
static bool conn_take_request(struct conn *conn)
{
	struct evbuffer *input = bufferevent_get_input(conn->bev);
	struct request *request = &conn->request;
	struct evbuffer_ptr end;
	size_t len;

	if (!request->head) {
		end = evbuffer_search(input, "\r\n\r\n", 4, NULL);
		if (end.pos < 0) {
			if (evbuffer_get_length(input) > LARGEST_HEAD)
				conn_refuse(conn, 431);
			return false;
		}
		len = (size_t)end.pos + 4;
		char *head = memory_new(len + 1, 1);
		(void)evbuffer_remove(input, head, len);
		if (request_parse(request, head) < 0) {
			conn_refuse(conn, 400);
			return false;
		}
	}
	if (evbuffer_get_length(input) < request->body_len)
		return false;
	if (request->body_len > 0) {
		text_append_len(&conn->body, evbuffer_pullup(input, (ssize_t)request->body_len),
				request->body_len);
		(void)evbuffer_drain(input, request->body_len);
	}
	return true;
}

void conn_run(struct conn *conn)
{
	while (!conn->is_done && !conn->is_busy && conn_take_request(conn))
		conn_route(conn);
	if (conn->is_done)
		conn_free(conn);
}

static void on_read(struct bufferevent *bev, void *context)
{
	struct conn *conn = context;

	if (evbuffer_get_length(bufferevent_get_input(bev)) > LARGEST_INPUT)
		conn_end(conn, true);
	conn_run(conn);
}

/* Before libevent reads what has come: of two events on one descriptor the one that was
 * added last runs first (a higher priority would keep the other from running at all).
 */
static void on_arrival(evutil_socket_t fd, short what, void *context)
{
	struct conn *conn = context;
	const usec_t now = clock_now();
	struct arrival_ages ages;

	(void)arrival_ages(fd, now, &ages);
	conn->came = now - ages.last;
}

static void watch_arrivals(struct conn *conn, int fd)
{
	conn->arrival = event_new(conn->world->base, fd, EV_READ | EV_PERSIST, on_arrival, conn);
	(void)event_add(conn->arrival, NULL);
}

static void on_written(struct bufferevent *bev, void *context)
{
	struct conn *conn = context;

	/* A fresh connection is told so once without having sent anything. */
	if (conn->is_sending) {
		conn->is_sending = false;
		conn->sent = clock_now();
		answer_written(conn);
	}
	conn_run(conn);
}

static void on_event(struct bufferevent *bev, short what, void *context)
{
	struct conn *conn = context;

	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
		conn->is_done = true;
	conn_run(conn);
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
	struct conn *conn = context;

	answer_tick(conn);
	conn_run(conn);
}

/* What the script says of an address before anything is read, or NULL. */
static const struct step *step_at_accept(struct conn *conn)
{
	struct world *world = conn->world;
	const struct step *step;
	struct tally *endpoint;
	const struct rule *rule = script_find(world->script, "", conn->local);
	const usec_t now = clock_now();

	if (!rule || rule->pattern[0] == '/')
		return NULL;
	endpoint = ledger_endpoint(world->ledger, conn->local);
	script_follow(world->script, &endpoint->progress, "", conn->local);
	step = progress_step(&endpoint->progress, now, false);
	if (!step->is_at_accept)
		return NULL;
	conn->endpoint = endpoint;
	conn->host = ledger_host(world->ledger, conn->local);
	ledger_arrived(world->ledger, conn->endpoint, conn->host, now);
	return progress_step(&endpoint->progress, now, true);
}

void conn_new(struct world *world, int fd, const char *local, const char *kind)
{
	struct conn *conn = MEMORY_NEW(struct conn);

	conn->world = world;
	conn->local = memory_text(local);
	conn->slow = evbuffer_new();
	conn->timer = evtimer_new(world->base, on_timer, conn);
	list_append(&world->conns, &conn->link);
	list_init(&conn->wait_link);
	ledger_connected(world->ledger);
	conn->step = step_at_accept(conn);
	conn->is_tls = kind && !conn->step;
	if (conn->is_tls) {
		conn->bev = bufferevent_openssl_socket_new(
			world->base, fd, certificates_session(world->certificates, kind, local),
			BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
		bufferevent_openssl_set_allow_dirty_shutdown(conn->bev, 1);
	} else {
		conn->bev = bufferevent_socket_new(world->base, fd, BEV_OPT_CLOSE_ON_FREE);
	}
	assert(conn->bev);
	bufferevent_setcb(conn->bev, on_read, on_written, on_event, conn);
	bufferevent_enable(conn->bev, EV_READ);
	if (world->is_clocked)
		watch_arrivals(conn, fd);
	if (conn->step) {
		conn->is_busy = true;
		answer_start(conn);
		conn_run(conn);
	}
}
