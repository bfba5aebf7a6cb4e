/* events.c - what happened: two rings of rendered lines. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/units.h"
#include "model/verdict.h"
#include "model/watch.h"
#include "status/endpoint.h"
#include "status/events.h"
#include "status/member.h"

struct ring {
	struct event_line *lines; /* owned; `room` of them */
	unsigned first, count;
	uint64_t lost; /* number of the last one that is no longer here */
};

struct events {
	unsigned room;
	uint64_t last;
	struct ring rings[EVENT_RINGS];
};

static const char *const names[EVENT_TYPES] = {
	[EVENT_VERDICT] = "verdict",   [EVENT_STATE] = "state",
	[EVENT_INCIDENT] = "incident", [EVENT_NOTIFICATION] = "notification",
	[EVENT_CONFIG] = "config",
};

/* The types whose lines are in each ring. */
static const unsigned kept_in[EVENT_RINGS] = {
	1u << EVENT_VERDICT,
	1u << EVENT_STATE | 1u << EVENT_INCIDENT | 1u << EVENT_NOTIFICATION | 1u << EVENT_CONFIG,
};

struct events *events_new(unsigned kept, uint64_t first)
{
	struct events *events = MEMORY_NEW(struct events);

	events->room = kept;
	events->last = first;
	for (unsigned i = 0; i < EVENT_RINGS; i++) {
		events->rings[i].lines = memory_new(kept, sizeof(struct event_line));
		events->rings[i].lost = first;
	}
	return events;
}

static void line_done(struct event_line *line)
{
	free(line->name);
	free(line->json);
}

void events_free(struct events *events)
{
	for (unsigned i = 0; i < EVENT_RINGS; i++) {
		struct ring *ring = &events->rings[i];

		for (unsigned k = 0; k < ring->count; k++)
			line_done(&ring->lines[(ring->first + k) % events->room]);
		free(ring->lines);
	}
	free(events);
}

uint64_t events_number(struct events *events)
{
	return ++events->last;
}

uint64_t events_last(const struct events *events)
{
	return events->last;
}

void events_begin(struct text *json, uint64_t seq, usec_t wall, const char *type)
{
	text_append(json, "{\"seq\":");
	text_append_uint(json, seq);
	text_append(json, ",\"at\":\"");
	units_time_print(json, wall);
	text_append(json, "\",\"type\":\"");
	text_append(json, type);
	text_append_char(json, '"');
}

/* The place of the next line; the oldest one makes room for it. */
static struct event_line *ring_place(struct ring *ring, unsigned room)
{
	if (ring->count < room)
		return &ring->lines[(ring->first + ring->count++) % room];

	struct event_line *oldest = &ring->lines[ring->first];

	ring->lost = oldest->seq;
	ring->first = (ring->first + 1) % room;
	line_done(oldest);
	return oldest;
}

void events_publish(struct events *events, enum event_type type, const char *name,
		    const struct text *body)
{
	struct ring *ring = &events->rings[kept_in[0] & 1u << type ? 0 : 1];
	struct text json = { 0 };
	struct event_line *line;

	events_begin(&json, events_number(events), clock_wall(), names[type]);
	if (body->len) {
		text_append_char(&json, ',');
		text_append_len(&json, body->data, body->len);
	}
	text_append_char(&json, '}');

	line = ring_place(ring, events->room);
	*line = (struct event_line){
		.seq = events->last,
		.type = type,
		.name = name ? memory_text(name) : NULL,
		.len = json.len,
	};
	line->json = text_take(&json);
}

void events_publish_pass(struct events *events, const char *name, const struct event_pass *pass)
{
	const size_t len = strlen(name) + 1, group_len = pass->group ? strlen(pass->group) + 1 : 0;
	char *copy = memory_new(len + group_len, 1);
	struct event_line *line = ring_place(&events->rings[0], events->room);

	memcpy(copy, name, len);
	if (pass->group)
		memcpy(copy + len, pass->group, group_len);
	*line = (struct event_line){
		.seq = events_number(events),
		.type = EVENT_VERDICT,
		.name = copy,
		.pass = *pass,
	};
	line->pass.group = pass->group ? copy + len : NULL;
}

const char *event_line_read(struct event_line *line)
{
	const struct event_pass *pass = &line->pass;
	struct text json = { 0 };

	if (line->json)
		return line->json;
	events_begin(&json, line->seq, pass->wall, names[line->type]);
	member_text(&json, "endpoint", line->name);
	if (pass->group)
		member_text(&json, "group", pass->group);
	member_text(&json, "verdict", verdict_name(VERDICT_PASS));
	endpoint_print_latency(&json, pass->latency);
	member_text(&json, "state", state_name((enum state)pass->state));
	endpoint_print_flags(&json, pass->flags, false);
	text_append_char(&json, '}');
	line->len = json.len;
	line->json = text_take(&json);
	return line->json;
}

void event_cursor_set(struct event_cursor *cursor, const struct events *events, uint64_t since)
{
	*cursor = (struct event_cursor){ .seen = since < events->last ? since : events->last };
	for (unsigned i = 0; i < EVENT_RINGS && since == 0; i++)
		if (events->rings[i].lost > cursor->forgiven)
			cursor->forgiven = events->rings[i].lost;
}

/* The first line behind `seen`, or NULL; numbers rise along the ring. */
static struct event_line *ring_find(const struct ring *ring, unsigned room, uint64_t seen)
{
	unsigned low = 0, high = ring->count;

	while (low < high) {
		const unsigned middle = low + (high - low) / 2;

		if (ring->lines[(ring->first + middle) % room].seq <= seen)
			low = middle + 1;
		else
			high = middle;
	}
	return low < ring->count ? &ring->lines[(ring->first + low) % room] : NULL;
}

enum event_step event_cursor_next(struct event_cursor *cursor, const struct events *events,
				  unsigned types, struct event_line **ret_line, uint64_t *ret_from,
				  uint64_t *ret_to)
{
	struct event_line *next = NULL;
	uint64_t from, to = 0;

	for (unsigned i = 0; i < EVENT_RINGS; i++) {
		const struct ring *ring = &events->rings[i];
		struct event_line *line;

		if (!(types & kept_in[i]))
			continue;
		line = ring_find(ring, events->room, cursor->seen);
		if (line && (!next || line->seq < next->seq))
			next = line;
		if (ring->lost > to)
			to = ring->lost;
	}
	/* A gap ends before the next line there is, so that numbers rise and none is in two. */
	if (next && next->seq <= to)
		to = next->seq - 1;
	from = (cursor->seen > cursor->forgiven ? cursor->seen : cursor->forgiven) + 1;
	if (to >= from) {
		*ret_from = from;
		*ret_to = to;
		cursor->seen = to;
		return EVENT_GAP;
	}
	if (!next)
		return EVENT_NOTHING;
	cursor->seen = next->seq;
	*ret_line = next;
	return EVENT_LINE;
}

const char *event_type_name(enum event_type type)
{
	return names[type];
}

enum event_type event_type_find(const char *name, size_t len)
{
	for (enum event_type type = 0; type < EVENT_TYPES; type++)
		if (strlen(names[type]) == len && memcmp(names[type], name, len) == 0)
			return type;
	return EVENT_TYPES;
}
