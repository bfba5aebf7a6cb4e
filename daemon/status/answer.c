/* answer.c - what is said to one request. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "status/answer.h"
#include "status/door.h"
#include "status/inside.h"

enum {
	/* What a slice may take of a turn, and of memory.  Of CPU time, as turns are measured: by
	 * the clock it would get the less done the more others there are who want to run.
	 */
	SLICE_TIME = USEC_PER_MS,
	SLICE_BYTES = 256 * 1024,
	/* Of these the clock is looked at once. */
	SLICE_PIECES = 8,
	/* So much may wait for the peer, and more is made meanwhile. */
	AHEAD_BYTES = 256 * 1024,
};

static void answer_free(struct answer *answer)
{
	if (answer->turn)
		event_free(answer->turn);
	free(answer);
}

static void complete(struct evhttp_request *request, void *context)
{
	struct answer *answer = context;

	(void)request;
	visitor_await(answer->visitor);
	answer_free(answer);
}

struct answer *answer_new(struct status *status, struct visitor *visitor,
			  struct evhttp_request *request)
{
	struct answer *answer = MEMORY_NEW(struct answer);

	answer->status = status;
	answer->visitor = visitor;
	answer->request = request;
	visitor->answer = answer;
	evhttp_request_set_on_complete_cb(request, complete, answer);
	return answer;
}

void answer_lost(struct answer *answer)
{
	struct evhttp_request *request = answer->request;

	if (answer->lost)
		answer->lost(answer);
	/* Where the peer's end was seen while we worked, evhttp leaves the request to us. */
	if (!evhttp_request_get_connection(request))
		evhttp_request_free(request);
	answer_free(answer);
}

const char *answer_header(const struct answer *answer, const char *name)
{
	return evhttp_find_header(evhttp_request_get_input_headers(answer->request), name);
}

char *answer_body(const struct answer *answer, size_t *ret_len)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(answer->request);
	const size_t len = evbuffer_get_length(body);
	char *data = memory_new(len + 1, 1);

	if (evbuffer_copyout(body, data, len) != (ssize_t)len)
		abort();
	*ret_len = len;
	return data;
}

bool answer_has_body(const struct answer *answer)
{
	return evbuffer_get_length(evhttp_request_get_input_buffer(answer->request)) > 0;
}

void answer_set_header(struct answer *answer, const char *name, const char *value)
{
	(void)evhttp_add_header(evhttp_request_get_output_headers(answer->request), name, value);
}

/* evhttp takes the first of two lengths, and what it did not read as the next
 * request: so nothing is read from a connection after a body.
 */
static bool may_have_body(const struct answer *answer)
{
	return answer_header(answer, "Content-Length") ||
	       answer_header(answer, "Transfer-Encoding");
}

static void release_text(const void *data, size_t len, void *context)
{
	(void)data;
	(void)len;
	free(context);
}

/* Moves the text, without copying it. */
static struct evbuffer *take_text(struct text *text)
{
	struct evbuffer *buffer = evbuffer_new();
	const size_t len = text->len;
	char *data = text_take(text);

	if (!buffer || evbuffer_add_reference(buffer, data, len, release_text, data) < 0)
		memory_out();
	return buffer;
}

static void close_where_needed(struct answer *answer)
{
	if (may_have_body(answer) || door_is_closed(answer->visitor->door))
		answer_set_header(answer, "Connection", "close");
}

void answer_nothing(struct answer *answer)
{
	close_where_needed(answer);
	evhttp_send_reply(answer->request, HTTP_NOCONTENT, NULL, NULL);
}

void answer_document(struct answer *answer, int code, const char *content_type, struct text *text)
{
	struct evbuffer *body = take_text(text);

	answer_set_header(answer, "Content-Type", content_type);
	close_where_needed(answer);
	evhttp_send_reply(answer->request, code, NULL, body);
	evbuffer_free(body);
}

void answer_json(struct answer *answer, int code, struct text *json)
{
	text_append_char(json, '\n');
	answer_document(answer, code, "application/json", json);
}

void answer_error(struct answer *answer, int code, const char *name, const char *format, ...)
{
	cleanup(text)
	struct text json = { 0 };
	cleanup(text)
	struct text message = { 0 };
	va_list arguments;

	va_start(arguments, format);
	text_vprint(&message, format, arguments);
	va_end(arguments);
	text_append(&json, "{\"error\":{\"code\":");
	text_append_json(&json, name, strlen(name));
	text_append(&json, ",\"message\":");
	text_append_json(&json, text_string(&message), message.len);
	text_append(&json, "}}");
	answer_json(answer, code, &json);
}

void answer_begin(struct answer *answer, const char *content_type)
{
	answer_set_header(answer, "Content-Type", content_type);
	answer_set_header(answer, "Connection", "close");
	evhttp_send_reply_start(answer->request, HTTP_OK, NULL);
}

static void part_drained(struct evhttp_connection *connection, void *context)
{
	struct answer *answer = context;

	(void)connection;
	if (answer->drained)
		answer->drained(answer);
}

void answer_write(struct answer *answer, struct text *part)
{
	struct evbuffer *body;

	if (part->len == 0)
		return;
	body = take_text(part);
	evhttp_send_reply_chunk_with_cb(answer->request, body, part_drained, answer);
	evbuffer_free(body);
}

void answer_end(struct answer *answer)
{
	answer->drained = NULL;
	answer->lost = NULL;
	evhttp_send_reply_end(answer->request);
}

static void next_slice(evutil_socket_t fd, short what, void *context)
{
	struct answer *answer = context;

	(void)fd;
	(void)what;
	answer->make(answer);
}

static void slice_drained(struct answer *answer)
{
	if (!event_pending(answer->turn, EV_TIMEOUT, NULL))
		answer->make(answer);
}

void answer_slices(struct answer *answer, void (*make)(struct answer *answer))
{
	answer->make = make;
	answer->drained = slice_drained;
	answer->turn = evtimer_new(answer->status->base, next_slice, answer);
	if (!answer->turn)
		memory_out();
	make(answer);
}

void answer_write_slice(struct answer *answer, struct text *part)
{
	answer_write(answer, part);
	if (visitor_backlog(answer->visitor) < AHEAD_BYTES)
		status_next_turn(answer->turn);
}

struct slice slice_begin(void)
{
	return (struct slice){ .until = clock_thread_cpu() + SLICE_TIME };
}

bool slice_is_full(struct slice *slice, const struct text *part)
{
	return ++slice->looks % SLICE_PIECES == 0 &&
	       (part->len >= SLICE_BYTES || clock_thread_cpu() >= slice->until);
}
