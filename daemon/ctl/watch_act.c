/* watch_act.c - what picketctl watch asks the daemon to do. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/units.h"
#include "ctl/client.h"
#include "ctl/document.h"
#include "ctl/watch.h"

static const usec_t message_stays = 5 * USEC_PER_SEC;

enum { ANSWER_BYTES = 1024 };

void viewer_say(struct viewer *viewer, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	text_clear(&viewer->message);
	text_vprint(&viewer->message, format, arguments);
	va_end(arguments);
	viewer->message_until = clock_now() + message_stays;
	viewer->is_dirty = true;
}

void prompt_open(struct viewer *viewer, enum question question, const char *subject,
		 const char *extra)
{
	const struct prompt prompt = {
		.question = question,
		.answer.limit_bytes = ANSWER_BYTES,
		.subject = subject ? memory_text(subject) : NULL,
		.extra = extra ? memory_text(extra) : NULL,
	};

	prompt_close(&viewer->prompt);
	viewer->prompt = prompt;
	viewer->is_dirty = true;
}

void prompt_close(struct prompt *prompt)
{
	text_done(&prompt->answer);
	free(prompt->subject);
	free(prompt->extra);
	*prompt = (struct prompt){ 0 };
}

/* True where the daemon has done it; else says why not. */
static bool is_done(struct viewer *viewer, int code, const struct text *body)
{
	cleanup(json)
	json_t *json = NULL;
	const char *message;

	if (code >= 200 && code < 300)
		return true;
	json = document_parse(body);
	message = document_text(json_object_get(json, "error"), "message");
	if (code == 0)
		viewer_say(viewer, "The daemon has not answered.");
	else if (*message)
		viewer_say(viewer, "%s", message);
	else
		viewer_say(viewer, "The daemon answers with status %d.", code);
	return false;
}

/* What the flags are now, no event tells. */
static void look_again(struct viewer *viewer, const char *name)
{
	struct seen *seen = watch_list_find(&viewer->list, name);

	if (seen)
		seen->wants_look = true;
}

static void ask_about(struct viewer *viewer, const struct seen *seen, const char *verb,
		      wire_done *done)
{
	cleanup(text)
	struct text path = { 0 };

	text_append(&path, "/v1/endpoints/");
	client_escape(&path, seen->name);
	text_print(&path, "/%s", verb);
	wire_ask(viewer->wire, "POST", path.data, NULL, seen->name, done, viewer);
}

static void checked(int code, const struct text *body, const char *subject, void *context)
{
	if (is_done(context, code, body))
		viewer_say(context, "%s is checked now.", subject);
}

void act_check(struct viewer *viewer, const struct seen *seen)
{
	ask_about(viewer, seen, "check", checked);
}

static void paused(int code, const struct text *body, const char *subject, void *context)
{
	cleanup(json)
	json_t *json = document_parse(body);

	if (!is_done(context, code, body))
		return;
	viewer_say(context, "%s is %s.", subject, document_text(json, "state"));
	look_again(context, subject);
}

void act_pause(struct viewer *viewer, const struct seen *seen)
{
	ask_about(viewer, seen, seen->state == STATE_PAUSED ? "resume" : "pause", paused);
}

/* --- Incidents ---------------------------------------------------------------------------- */

static void incidents_came(int code, const struct text *body, const char *subject, void *context)
{
	struct viewer *viewer = context;
	cleanup(json)
	json_t *json = document_parse(body);
	json_t *incident;
	size_t i;

	if (!is_done(viewer, code, body))
		return;
	json_array_foreach(json_object_get(json, "incidents"), i, incident)
	{
		if (strcmp(document_text(incident, "endpoint"), subject) != 0)
			continue;
		/* Who types something else meanwhile is not interrupted. */
		if (viewer->prompt.question == ASK_NOTHING)
			prompt_open(viewer, ASK_ACK_COMMENT, subject,
				    document_text(incident, "id"));
		return;
	}
	viewer_say(viewer, "%s has no open incident.", subject);
}

void act_acknowledge(struct viewer *viewer, const struct seen *seen)
{
	cleanup(text)
	struct text path = { 0 };

	text_append(&path, "/v1/incidents?open=1&name=");
	client_escape(&path, seen->name);
	wire_ask(viewer->wire, "GET", path.data, NULL, seen->name, incidents_came, viewer);
}

static void acknowledged(int code, const struct text *body, const char *subject, void *context)
{
	if (!is_done(context, code, body))
		return;
	viewer_say(context, "The incident of %s is acknowledged.", subject);
	look_again(context, subject);
}

static void acknowledge(struct viewer *viewer, const struct prompt *prompt)
{
	cleanup(text)
	struct text path = { 0 };

	text_append(&path, "/v1/incidents/");
	client_escape(&path, prompt->extra);
	text_append(&path, "/ack");
	if (prompt->answer.len) {
		text_append(&path, "?comment=");
		client_escape(&path, prompt->answer.data);
	}
	wire_ask(viewer->wire, "POST", path.data, NULL, prompt->subject, acknowledged, viewer);
}

/* --- Silences ----------------------------------------------------------------------------- */

static void silenced(int code, const struct text *body, const char *subject, void *context)
{
	if (!is_done(context, code, body))
		return;
	viewer_say(context, "Nobody is told of %s.", subject);
	look_again(context, subject);
}

static void add_member(struct text *json, const char *key, const char *value)
{
	text_print(json, "%s\"%s\":", json->len ? "," : "{", key);
	text_append_json(json, value, strlen(value));
}

static void silence(struct viewer *viewer, const struct prompt *prompt)
{
	cleanup(text)
	struct text json = { 0 };

	add_member(&json, "match", prompt->subject);
	add_member(&json, "for", prompt->extra);
	if (prompt->answer.len)
		add_member(&json, "comment", prompt->answer.data);
	text_append_char(&json, '}');
	wire_ask(viewer->wire, "POST", "/v1/silences", json.data, prompt->subject, silenced,
		 viewer);
}

static void take_span(struct viewer *viewer, const struct prompt *prompt)
{
	usec_t span;

	if (units_duration_parse(text_string(&prompt->answer), prompt->answer.len, &span) < 0) {
		viewer_say(viewer, "A duration is wanted, such as 2h; nothing was done.");
		return;
	}
	prompt_open(viewer, ASK_SILENCE_COMMENT, prompt->subject, prompt->answer.data);
}

void act_answered(struct viewer *viewer)
{
	struct prompt prompt = viewer->prompt;

	viewer->prompt = (struct prompt){ 0 };
	switch (prompt.question) {
	case ASK_ACK_COMMENT:
		acknowledge(viewer, &prompt);
		break;
	case ASK_SILENCE_SPAN:
		take_span(viewer, &prompt);
		break;
	case ASK_SILENCE_COMMENT:
		silence(viewer, &prompt);
		break;
	case ASK_FILTER:
	case ASK_NOTHING:
		break;
	}
	prompt_close(&prompt);
}
