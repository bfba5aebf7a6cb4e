/* stream.c - the readers of /v1/events. */
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/cleanup.h"
#include "base/glob.h"
#include "base/memory.h"
#include "base/text.h"
#include "status/events.h"
#include "status/inside.h"
#include "status/stream.h"

enum {
	PART_BYTES = 64 * 1024, /* given to the socket at once */
	LOOKS_A_TURN = 200, /* at lines that a reader's filter may leave out */
};

struct stream {
	struct list link;
	struct streams *streams; /* borrowed */
	struct answer *answer; /* borrowed */
	struct event_cursor cursor;
	unsigned types; /* 1 << enum event_type; what is wanted */
	unsigned followed; /* the same; of whose gaps the reader hears */
	char *glob; /* owned; NULL: all names */
	const struct status *status; /* borrowed */
	bool sees_all; /* also endpoints that are not public */
	bool is_sse;
	bool is_writing; /* what was written is not in the kernel yet */
};

struct streams {
	struct events *events; /* borrowed */
	struct list readers;
	struct event *wake; /* owned */
	struct event *alive; /* owned */
};

static void stream_free(struct stream *stream)
{
	list_remove(&stream->link);
	free(stream->glob);
	free(stream);
}

static void lost(struct answer *answer)
{
	stream_free(answer->work);
}

/* One event as its format has it (HTML, 9.2 "Server-sent events"). */
static void append_event(const struct stream *stream, struct text *out, uint64_t seq,
			 const char *type, const char *json, size_t len)
{
	if (stream->is_sse) {
		text_append(out, "id: ");
		text_append_uint(out, seq);
		text_append(out, "\nevent: ");
		text_append(out, type);
		text_append(out, "\ndata: ");
	}
	text_append_len(out, json, len);
	text_append(out, stream->is_sse ? "\n\n" : "\n");
}

static void append_gap(const struct stream *stream, struct text *out, uint64_t from, uint64_t to)
{
	cleanup(text)
	struct text json = { 0 };

	events_begin(&json, to, clock_wall(), "gap");
	text_append(&json, ",\"from\":");
	text_append_uint(&json, from);
	text_append(&json, ",\"to\":");
	text_append_uint(&json, to);
	text_append_char(&json, '}');
	append_event(stream, out, to, "gap", json.data, json.len);
}

static bool is_wanted(const struct stream *stream, const struct event_line *line)
{
	if (!(stream->types & 1u << line->type))
		return false;
	if (!stream->sees_all && !status_is_public(stream->status, line->name))
		return false;
	return !stream->glob || (line->name && glob_matches_name(stream->glob, line->name));
}

/* Takes what the rings have for this reader; false where there may be more. */
static bool collect(struct stream *stream, struct text *out)
{
	for (unsigned looks = 0; looks < LOOKS_A_TURN && out->len < PART_BYTES; looks++) {
		struct event_line *line = NULL;
		uint64_t from, to;

		switch (event_cursor_next(&stream->cursor, stream->streams->events,
					  stream->followed, &line, &from, &to)) {
		case EVENT_NOTHING:
			return true;
		case EVENT_GAP:
			append_gap(stream, out, from, to);
			break;
		case EVENT_LINE:
			if (is_wanted(stream, line)) {
				const char *json = event_line_read(line);

				append_event(stream, out, line->seq, event_type_name(line->type),
					     json, line->len);
			}
			break;
		}
	}
	return false;
}

static void pump(struct stream *stream)
{
	cleanup(text)
	struct text out = { 0 };

	if (stream->is_writing)
		return;
	if (!collect(stream, &out))
		status_next_turn(stream->streams->wake);
	if (out.len == 0)
		return;
	stream->is_writing = true;
	answer_write(stream->answer, &out);
}

static void drained(struct answer *answer)
{
	struct stream *stream = answer->work;

	stream->is_writing = false;
	pump(stream);
}

static void pump_all(evutil_socket_t fd, short what, void *context)
{
	struct streams *streams = context;

	(void)fd;
	(void)what;
	list_each (link, &streams->readers)
		pump(LIST_ENTRY(link, struct stream, link));
}

/* Only for who has read all there is: others see that we live. */
static void say_alive(struct stream *stream)
{
	cleanup(text)
	struct text json = { 0 };
	cleanup(text)
	struct text out = { 0 };
	uint64_t seq;

	pump(stream);
	if (stream->is_writing)
		return;
	seq = events_number(stream->streams->events);
	events_begin(&json, seq, clock_wall(), "alive");
	text_append_char(&json, '}');
	append_event(stream, &out, seq, "alive", json.data, json.len);
	stream->is_writing = true;
	answer_write(stream->answer, &out);
}

static void all_alive(evutil_socket_t fd, short what, void *context)
{
	struct streams *streams = context;

	(void)fd;
	(void)what;
	list_each (link, &streams->readers)
		say_alive(LIST_ENTRY(link, struct stream, link));
}

struct streams *streams_new(struct event_base *base, struct events *events, usec_t alive)
{
	const struct timeval period = { .tv_sec = (time_t)(alive / USEC_PER_SEC),
					.tv_usec = (suseconds_t)(alive % USEC_PER_SEC) };
	struct streams *streams = MEMORY_NEW(struct streams);

	streams->events = events;
	list_init(&streams->readers);
	streams->wake = event_new(base, -1, 0, pump_all, streams);
	streams->alive = event_new(base, -1, EV_PERSIST, all_alive, streams);
	if (!streams->wake || !streams->alive || event_add(streams->alive, &period) < 0)
		memory_out();
	return streams;
}

void streams_free(struct streams *streams)
{
	event_free(streams->wake);
	event_free(streams->alive);
	free(streams);
}

void streams_wake(struct streams *streams)
{
	if (!list_is_empty(&streams->readers))
		event_active(streams->wake, EV_TIMEOUT, 0);
}

void streams_end(struct streams *streams)
{
	list_each (link, &streams->readers) {
		struct stream *stream = LIST_ENTRY(link, struct stream, link);
		struct answer *answer = stream->answer;

		stream_free(stream);
		answer_end(answer);
	}
}

/* What is said of the stream itself, and in any: bits behind those of the events. */
enum { SAYS_GAP = 1 << EVENT_TYPES, SAYS_ALIVE = 2 << EVENT_TYPES };

static bool is_word(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(text, word, len) == 0;
}

/* "state" or "state,gap"; 0 where one of them is no type. */
static unsigned parse_types(const char *text)
{
	unsigned types = 0;

	for (;;) {
		const size_t len = strcspn(text, ",");
		const enum event_type type = event_type_find(text, len);

		if (is_word(text, len, "gap"))
			types |= SAYS_GAP;
		else if (is_word(text, len, "alive"))
			types |= SAYS_ALIVE;
		else if (type == EVENT_TYPES)
			return 0;
		else
			types |= 1u << type;
		text += len;
		if (*text++ == '\0')
			return types;
	}
}

/* From ?since=, or from what a browser sends when it connects again.  False: no number. */
static bool find_since(const struct call *call, const struct events *events, uint64_t *ret_since)
{
	const char *text = query_find(call->query, "since");
	unsigned long long number;

	if (!text)
		text = answer_header(call->answer, "Last-Event-ID");
	if (!text) {
		*ret_since = events_last(events);
		return true;
	}
	if (query_number(text, 0, UINT64_MAX, &number) < 0)
		return false;
	*ret_since = number;
	return true;
}

void stream_answer(struct call *call)
{
	static const char *const known[] = { "since", "type", "name", NULL };
	struct streams *streams = call->status->streams;
	const char *accept = answer_header(call->answer, "Accept");
	const char *type, *glob;
	struct stream *stream;
	const unsigned detail = 1u << EVENT_CONFIG | 1u << EVENT_NOTIFICATION;
	const unsigned all = ((1u << EVENT_TYPES) - 1) & ~(call->shows_detail ? 0 : detail);
	unsigned types = all;
	uint64_t since;

	if (!call_check_query(call, known, NULL))
		return;
	type = query_find(call->query, "type");
	/* Faults of a configuration quote it, and what a receiver has answered is evidence. */
	if (type)
		types = parse_types(type) & (all | SAYS_GAP | SAYS_ALIVE);
	if (types == 0 || !find_since(call, streams->events, &since)) {
		answer_error(call->answer, 400, "bad_request",
			     "'type' is verdict, state, incident, gap or alive, with detail also "
			     "notification or config; 'since' is the number of an event.");
		return;
	}
	glob = query_find(call->query, "name");
	stream = MEMORY_NEW(struct stream);
	stream->streams = streams;
	stream->answer = call->answer;
	stream->status = call->status;
	stream->sees_all = call->shows_detail;
	stream->types = types & all;
	/* Who wants nothing but gaps wants those of everything. */
	stream->followed =
		types == SAYS_GAP || types == (SAYS_GAP | SAYS_ALIVE) ? all : types & all;
	stream->glob = glob ? memory_text(glob) : NULL;
	stream->is_sse = accept && strstr(accept, "text/event-stream");
	event_cursor_set(&stream->cursor, streams->events, since);
	list_append(&streams->readers, &stream->link);
	call->answer->work = stream;
	call->answer->lost = lost;
	call->answer->drained = drained;
	answer_begin(call->answer, stream->is_sse ? "text/event-stream" : "application/x-ndjson");
	pump(stream);
}
