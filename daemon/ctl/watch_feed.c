/* watch_feed.c - what the daemon says to picketctl watch.
 *
 * The stream of events is opened first and the list of endpoints asked for behind it;
 * events that come meanwhile wait until the list is there, so that none is lost and an
 * older list never wins.  Totals are asked for every other second, single endpoints only
 * while they are on the screen and events do not tell all about them.
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "ctl/client.h"
#include "ctl/document.h"
#include "ctl/watch.h"

enum {
	PAGE = 1000, /* endpoints in one answer */
	LOOKS_AT_ONCE = 2,
	HELD_BYTES = 8 * 1024 * 1024, /* of events, while a list is loaded */
	LINE_BYTES = 1024 * 1024,
};

static const usec_t status_every = 2 * USEC_PER_SEC;
static const usec_t retry_first = USEC_PER_SEC, retry_last = 15 * USEC_PER_SEC;

void feed_done(struct feed *feed)
{
	json_decref(feed->status);
	text_done(&feed->line);
	text_done(&feed->held);
}

/* Everything begins again, a little later each time. */
static void lose(struct viewer *viewer)
{
	struct feed *feed = &viewer->feed;

	wire_clear(viewer->wire);
	for (size_t i = 0; i < viewer->list.count; i++)
		viewer->list.all[i]->is_asked = false;
	viewer->pane.is_asked = false;
	text_clear(&feed->line);
	text_clear(&feed->held);
	feed->is_connected = feed->is_loading = feed->wants_load = false;
	feed->looks = 0;
	feed->retry_at = clock_now() + feed->retry_after;
	feed->retry_after *= 2;
	if (feed->retry_after > retry_last)
		feed->retry_after = retry_last;
	viewer->is_dirty = true;
}

/* --- Events ------------------------------------------------------------------------------- */

static void take_event(struct viewer *viewer, const json_t *event)
{
	const char *type = document_text(event, "type");
	const char *endpoint = document_text(event, "endpoint");

	/* After a reload there may be others, and who knows what was in a gap. */
	if (strcmp(type, "config") == 0 || strcmp(type, "gap") == 0)
		viewer->feed.wants_load = true;
	if (strcmp(type, "state") == 0 || strcmp(type, "incident") == 0)
		viewer->feed.next_status = 0;
	if (watch_list_event(&viewer->list, event))
		viewer->is_unsorted = true;
	if (viewer->pane.is_open && viewer->pane.name && strcmp(viewer->pane.name, endpoint) == 0)
		feed_look(viewer, viewer->pane.name);
	viewer->is_dirty = true;
}

static void take_line(struct viewer *viewer, const char *line, size_t len)
{
	struct feed *feed = &viewer->feed;
	cleanup(json)
	json_t *event = NULL;

	if (feed->is_loading) {
		text_append_len(&feed->held, line, len);
		text_append_char(&feed->held, '\n');
		return;
	}
	event = json_loadb(line, len, 0, NULL);
	if (event)
		take_event(viewer, event);
}

static void take(const char *data, size_t len, void *context)
{
	struct viewer *viewer = context;
	struct text *line = &viewer->feed.line;
	const char *end;

	while ((end = memchr(data, '\n', len))) {
		const size_t part = (size_t)(end - data);

		text_append_len(line, data, part);
		if (!line->is_cut)
			take_line(viewer, text_string(line), line->len);
		text_clear(line);
		data += part + 1;
		len -= part + 1;
	}
	text_append_len(line, data, len);
}

static void stream_ended(int code, const struct text *body, const char *subject, void *context)
{
	(void)code;
	(void)body;
	(void)subject;
	lose(context);
}

/* --- All endpoints ------------------------------------------------------------------------ */

static void add_parameter(struct text *path, const char *key, const char *value)
{
	text_append_char(path, strchr(path->data, '?') ? '&' : '?');
	text_append(path, key);
	text_append_char(path, '=');
	client_escape(path, value);
}

static void page_came(int code, const struct text *body, const char *subject, void *context);

static void ask_page(struct viewer *viewer, const char *after)
{
	const struct watch_list *list = &viewer->list;
	cleanup(text)
	struct text path = { 0 };

	text_print(&path, "/v1/endpoints?limit=%d", PAGE);
	if (list->group)
		add_parameter(&path, "group", list->group);
	if (list->patterns_count == 1)
		add_parameter(&path, "name", list->patterns[0]);
	if (after)
		add_parameter(&path, "after", after);
	wire_ask(viewer->wire, "GET", path.data, NULL, NULL, page_came, viewer);
}

static void load(struct viewer *viewer)
{
	viewer->feed.is_loading = true;
	viewer->feed.wants_load = false;
	watch_list_begin(&viewer->list);
	ask_page(viewer, NULL);
}

/* The list is whole: now what has happened meanwhile. */
static void settle(struct viewer *viewer)
{
	struct feed *feed = &viewer->feed;
	cleanup(text)
	struct text held = feed->held;

	watch_list_settle(&viewer->list);
	feed->held = (struct text){ .limit_bytes = HELD_BYTES };
	feed->is_loading = false;
	feed->is_connected = true;
	feed->retry_after = retry_first;
	viewer->is_unsorted = viewer->is_dirty = true;
	for (const char *line = text_string(&held), *end; (end = strchr(line, '\n'));
	     line = end + 1)
		take_line(viewer, line, (size_t)(end - line));
	if (held.is_cut)
		feed->wants_load = true;
}

static void page_came(int code, const struct text *body, const char *subject, void *context)
{
	struct viewer *viewer = context;
	cleanup(json)
	json_t *json = document_parse(body);
	const json_t *endpoints = json_object_get(json, "endpoints");
	const char *next = json_string_value(json_object_get(json, "next"));
	json_t *endpoint;
	size_t i;

	(void)subject;
	if (code != 200 || !json_is_array(endpoints)) {
		lose(viewer);
		return;
	}
	json_array_foreach(endpoints, i, endpoint) watch_list_take(&viewer->list, endpoint);
	if (next)
		ask_page(viewer, next);
	else
		settle(viewer);
}

/* --- Single ones, and totals -------------------------------------------------------------- */

static void look_came(int code, const struct text *body, const char *subject, void *context)
{
	struct viewer *viewer = context;
	struct pane *pane = &viewer->pane;
	struct seen *seen = watch_list_find(&viewer->list, subject);
	cleanup(json)
	json_t *json = document_parse(body);

	viewer->feed.looks--;
	if (seen)
		seen->is_asked = false;
	if (code == 0)
		return;
	if (seen && code == 200) {
		const enum state before = seen->state;

		watch_list_take(&viewer->list, json);
		viewer->is_unsorted |= seen->state != before;
	} else if (seen) {
		seen->wants_look = false;
	}
	if (pane->is_open && pane->name && strcmp(pane->name, subject) == 0) {
		pane->is_asked = false;
		json_decref(pane->endpoint);
		pane->endpoint = code == 200 ? json_incref(json) : NULL;
		pane->width = 0;
		if (code != 200)
			pane->is_open = false;
	}
	viewer->is_dirty = true;
}

static void ask_look(struct viewer *viewer, const char *name)
{
	cleanup(text)
	struct text path = { 0 };

	text_append(&path, "/v1/endpoints/");
	client_escape(&path, name);
	viewer->feed.looks++;
	wire_ask(viewer->wire, "GET", path.data, NULL, name, look_came, viewer);
}

void feed_look(struct viewer *viewer, const char *name)
{
	if (viewer->pane.is_asked || !viewer->feed.is_connected)
		return;
	viewer->pane.is_asked = true;
	ask_look(viewer, name);
}

static void look_at_shown(struct viewer *viewer)
{
	const struct watch_list *list = &viewer->list;
	const size_t rows = watch_rows(viewer);

	for (size_t i = 0; i < rows && list->top + i < list->lines_count; i++) {
		struct seen *seen = list->lines[list->top + i].seen;

		if (viewer->feed.looks >= LOOKS_AT_ONCE)
			return;
		if (!seen || !seen->wants_look || seen->is_asked)
			continue;
		seen->is_asked = true;
		ask_look(viewer, seen->name);
	}
}

static void status_came(int code, const struct text *body, const char *subject, void *context)
{
	struct viewer *viewer = context;

	(void)subject;
	if (code != 200) {
		lose(viewer);
		return;
	}
	json_decref(viewer->feed.status);
	viewer->feed.status = document_parse(body);
	viewer->is_dirty = true;
}

static void ask_status(struct viewer *viewer, usec_t now)
{
	viewer->feed.next_status = now + status_every;
	wire_ask(viewer->wire, "GET", "/v1/status", NULL, NULL, status_came, viewer);
}

void feed_start(struct viewer *viewer)
{
	struct feed *feed = &viewer->feed;

	if (!feed->retry_after)
		feed->retry_after = retry_first;
	feed->line.limit_bytes = LINE_BYTES;
	feed->held.limit_bytes = HELD_BYTES;
	feed->retry_at = 0;
	/* Of all names, for what is about the configuration is about none. */
	wire_follow(viewer->wire, "/v1/events?type=verdict,state,incident,config", take,
		    stream_ended, viewer);
	ask_status(viewer, clock_now());
	load(viewer);
}

usec_t feed_run(struct viewer *viewer, usec_t now)
{
	struct feed *feed = &viewer->feed;

	if (feed->retry_at) {
		if (now < feed->retry_at)
			return feed->retry_at;
		feed_start(viewer);
	}
	if (!feed->is_connected)
		return now + USEC_PER_SEC;
	if (feed->wants_load && !feed->is_loading)
		load(viewer);
	if (now >= feed->next_status)
		ask_status(viewer, now);
	if (!feed->is_loading && !viewer->is_unsorted)
		look_at_shown(viewer);
	return feed->next_status;
}
