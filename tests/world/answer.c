/* answer.c - heads, bodies and all the ways to get them wrong. */
#include "answer.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "conn.h"
#include "content.h"
#include "echo.h"
#include "world.h"

#define ENDLESS_PIECE 4096u

static const char *reason(unsigned status)
{
	static const struct {
		unsigned status;
		const char *reason;
	} reasons[] = { { 200, "OK" },
			{ 204, "No Content" },
			{ 301, "Moved Permanently" },
			{ 302, "Found" },
			{ 304, "Not Modified" },
			{ 401, "Unauthorized" },
			{ 404, "Not Found" },
			{ 500, "Internal Server Error" },
			{ 503, "Service Unavailable" } };

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "-";
}

static unsigned step_status(const struct step *step)
{
	const bool goes_on = step->location || (step->has_redirects && step->redirects > 0);

	if (step->status)
		return step->status;
	return goes_on ? 302 : 200;
}

static const char *step_type(const struct step *step)
{
	if (step->type)
		return step->type;
	return step->content == CONTENT_JSON || step->content == CONTENT_ECHO ? "application/json"
									      : "text/plain";
}

/* /redirect/3/… leads to /redirect/2/… */
static void put_location(struct evbuffer *to, const struct conn *conn)
{
	const struct step *step = conn->step;
	const char *rest = "";

	if (step->location) {
		evbuffer_add_printf(to, "Location: %s\r\n", step->location);
		return;
	}
	if (!step->has_redirects || step->redirects == 0)
		return;
	if (strncmp(conn->request.path, "/redirect/", 10) == 0) {
		rest = conn->request.path + 10;
		rest += strcspn(rest, "/");
	}
	evbuffer_add_printf(to, "Location: /redirect/%u%s\r\n", step->redirects - 1, rest);
}

static void put_long_header(struct evbuffer *to, size_t len)
{
	char *value = memory_new(len + 1, 1);

	memset(value, 'a', len);
	evbuffer_add_printf(to, "X-Long: ");
	evbuffer_add(to, value, len);
	evbuffer_add(to, "\r\n", 2);
	free(value);
}

static void put_head(struct evbuffer *to, const struct conn *conn, size_t body_len)
{
	const struct step *step = conn->step;
	const unsigned status = step_status(step);

	evbuffer_add_printf(to, "HTTP/1.1 %u %s\r\nContent-Type: %s\r\n", status, reason(status),
			    step_type(step));
	if (step->is_chunked || step->fault == FAULT_ENDLESS_BODY)
		evbuffer_add_printf(to, "Transfer-Encoding: chunked\r\n");
	else if (status != 204 && status != 304)
		evbuffer_add_printf(to, "Content-Length: %zu\r\n",
				    step->has_length ? step->length : body_len);
	if (step->is_gzip)
		evbuffer_add_printf(to, "Content-Encoding: gzip\r\n");
	if (step->is_last || !conn->request.is_keep_alive)
		evbuffer_add_printf(to, "Connection: close\r\n");
	put_location(to, conn);
	evbuffer_add(to, text_string(&step->headers), step->headers.len);
	if (step->long_header)
		put_long_header(to, step->long_header);
	if (step->fault != FAULT_ENDLESS_HEADERS)
		evbuffer_add(to, "\r\n", 2);
}

static void put_chunked(struct evbuffer *to, const char *data, size_t len)
{
	while (len > 0) {
		size_t piece = len < 16384 ? len : 16384;

		evbuffer_add_printf(to, "%zx\r\n", piece);
		evbuffer_add(to, data, piece);
		evbuffer_add(to, "\r\n", 2);
		data += piece;
		len -= piece;
	}
	evbuffer_add(to, "0\r\n\r\n", 5);
}

static void put_body(struct evbuffer *to, const struct conn *conn, struct content_bytes body)
{
	const struct step *step = conn->step;
	const unsigned status = step_status(step);

	if ((conn->request.method && strcmp(conn->request.method, "HEAD") == 0) || status == 204 ||
	    status == 304)
		return;
	if (step->fault == FAULT_HALF)
		body.len /= 2;
	if (step->is_chunked)
		put_chunked(to, body.data, body.len);
	else if (step->content == CONTENT_FILLER || step->content == CONTENT_JSON)
		evbuffer_add_reference(to, body.data, body.len, NULL, NULL);
	else
		evbuffer_add(to, body.data, body.len);
}

/* Nothing is left to be sent. */
static void answer_over(struct conn *conn)
{
	if (conn->step->fault == FAULT_HALF || conn->step->fault == FAULT_GARBAGE)
		conn_end(conn, false);
	else
		conn_finished(conn);
}

/* Byte by byte, where the step is slow; the rest waits in conn->slow. */
static void answer_drip(struct conn *conn)
{
	const size_t left = evbuffer_get_length(conn->slow);
	const bool in_body = left <= conn->slow_body_len;
	const usec_t pause = in_body ? conn->step->slow : conn->step->slow_head;
	struct evbuffer *piece = evbuffer_new();
	size_t len = 1;

	if (!pause)
		len = in_body ? left : left - conn->slow_body_len;
	(void)evbuffer_remove_buffer(conn->slow, piece, len);
	if (conn_send(conn, piece) && evbuffer_get_length(conn->slow) == 0)
		answer_over(conn);
	else if (evbuffer_get_length(conn->slow) > 0)
		conn_set_timer(conn, pause);
	evbuffer_free(piece);
}

/* A piece of something that has no end; the next when this one has left. */
static void answer_endless(struct conn *conn)
{
	struct evbuffer *piece = evbuffer_new();
	const bool in_body = conn->step->fault == FAULT_ENDLESS_BODY;
	char filler[ENDLESS_PIECE];

	memset(filler, 'x', sizeof(filler));
	if (in_body)
		evbuffer_add_printf(piece, "%x\r\n", ENDLESS_PIECE);
	else
		memcpy(filler, "X-More: ", 8);
	evbuffer_add(piece, filler, sizeof(filler));
	evbuffer_add(piece, "\r\n", 2);
	/* By way of the loop, or a fast reader would keep us here for ever. */
	(void)bufferevent_write_buffer(conn->bev, piece);
	conn->is_sending = true;
	evbuffer_free(piece);
}

static void answer_whole(struct conn *conn)
{
	struct evbuffer *bytes = evbuffer_new();
	const struct step *step = conn->step;
	struct text echo = { 0 };
	struct content_bytes body;

	if (step->content == CONTENT_ECHO) {
		echo_print(&echo, conn);
		body = (struct content_bytes){ text_string(&echo), echo.len };
	} else {
		body = shelf_take(conn->world->shelf, step);
	}
	put_head(bytes, conn, body.len);
	const size_t head_len = evbuffer_get_length(bytes);
	if (step->fault == FAULT_NONE || step->fault == FAULT_HALF)
		put_body(bytes, conn, body);
	text_done(&echo);

	if (step->slow || step->slow_head) {
		conn->slow_body_len = evbuffer_get_length(bytes) - head_len;
		(void)evbuffer_add_buffer(conn->slow, bytes);
		answer_drip(conn);
	} else if (step->fault == FAULT_ENDLESS_BODY || step->fault == FAULT_ENDLESS_HEADERS) {
		(void)bufferevent_write_buffer(conn->bev, bytes);
		conn->is_sending = true;
	} else if (conn_send(conn, bytes)) {
		answer_over(conn);
	}
	evbuffer_free(bytes);
}

static void answer_garbage(struct conn *conn)
{
	static const char garbage[] = "\x01\x02SSH-2.0-not-http\x80\xff\r\n\r\n\x00garbage";
	struct evbuffer *bytes = evbuffer_new();

	evbuffer_add(bytes, garbage, sizeof(garbage) - 1);
	if (conn_send(conn, bytes))
		answer_over(conn);
	evbuffer_free(bytes);
}

static void answer_now(struct conn *conn)
{
	switch (conn->step->fault) {
	case FAULT_SILENT:
		return;
	case FAULT_CLOSE:
	case FAULT_RESET:
		conn_end(conn, conn->step->fault == FAULT_RESET);
		return;
	case FAULT_GARBAGE:
		answer_garbage(conn);
		return;
	case FAULT_NONE:
	case FAULT_HALF:
	case FAULT_ENDLESS_HEADERS:
	case FAULT_ENDLESS_BODY:
		answer_whole(conn);
	}
}

void answer_start(struct conn *conn)
{
	if (conn->step->delay)
		conn_set_timer(conn, conn->step->delay);
	else
		answer_now(conn);
}

void answer_tick(struct conn *conn)
{
	if (evbuffer_get_length(conn->slow) > 0)
		answer_drip(conn);
	else
		answer_now(conn);
}

void answer_written(struct conn *conn)
{
	const struct step *step = conn->step;

	if (!step)
		conn_finished(conn); /* a reply of the control endpoint */
	else if (step->fault == FAULT_ENDLESS_BODY || step->fault == FAULT_ENDLESS_HEADERS)
		answer_endless(conn);
	else if (evbuffer_get_length(conn->slow) == 0)
		answer_over(conn);
}
