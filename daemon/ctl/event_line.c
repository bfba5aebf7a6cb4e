/* event_line.c - an event of the stream, as a line for people. */
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/units.h"
#include "ctl/document.h"
#include "ctl/event_line.h"
#include "ctl/paint.h"

/* Local time, for people who read along. */
static void print_clock(struct text *out, const json_t *event)
{
	const char *at = document_text(event, "at");
	usec_t wall;
	struct tm parts;
	char text[16] = "--:--:--";
	time_t seconds;

	if (units_time_parse(at, strlen(at), &wall) == 0) {
		seconds = (time_t)(wall / USEC_PER_SEC);
		if (localtime_r(&seconds, &parts))
			(void)strftime(text, sizeof(text), "%H:%M:%S", &parts);
	}
	text_append(out, text);
}

static void print_state_word(struct text *out, const struct event_look *look, const char *word)
{
	const enum state state = state_find(word);

	if (state == STATES)
		text_append_escaped(out, word, strlen(word));
	else
		paint_print(out, paint_state(state, look->has_utf8), word, look->has_color);
}

static void print_reason(struct text *out, const json_t *event)
{
	if (!*document_text(event, "class"))
		return;
	text_append(out, "  ");
	document_show_reason(out, event);
}

static void print_verdict(struct text *out, const struct event_look *look, const json_t *event)
{
	const char *word = document_text(event, "verdict");
	enum verdict_kind kind = VERDICT_NONE;

	for (enum verdict_kind each = VERDICT_PASS; each <= VERDICT_FAIL; each++)
		if (strcmp(verdict_name(each), word) == 0)
			kind = each;
	document_show(out, event, "endpoint");
	text_append(out, "  ");
	paint_print(out, paint_verdict(kind, look->has_utf8), verdict_name(kind), look->has_color);
	text_append(out, "  ");
	document_show_seconds(out, event, "latency");
	print_reason(out, event);
}

static void print_incident(struct text *out, const json_t *event)
{
	const char *end = document_text(event, "end");

	if (json_is_string(json_object_get(event, "endpoint")))
		document_show(out, event, "endpoint");
	else
		text_append(out, "this host");
	text_append(out, "  incident ");
	document_show(out, event, "id");
	text_append_char(out, ' ');
	document_show(out, event, *end ? "end" : "move");
	print_reason(out, event);
}

void event_line_print(struct text *out, const json_t *event, const struct event_look *look)
{
	const char *type = document_text(event, "type");

	print_clock(out, event);
	text_append(out, "  ");
	if (strcmp(type, "verdict") == 0) {
		print_verdict(out, look, event);
	} else if (strcmp(type, "state") == 0) {
		document_show(out, event, "endpoint");
		text_append(out, "  ");
		print_state_word(out, look, document_text(event, "from"));
		text_append(out, look->has_utf8 ? " → " : " -> ");
		print_state_word(out, look, document_text(event, "to"));
		print_reason(out, event);
	} else if (strcmp(type, "incident") == 0) {
		print_incident(out, event);
	} else if (strcmp(type, "notification") == 0) {
		document_show(out, event, "receiver");
		text_append(out, json_is_true(json_object_get(event, "taken"))
					 ? "  was told  "
					 : "  is not told yet  ");
		document_show(out, event, "detail");
	} else if (strcmp(type, "config") == 0) {
		text_append(out, json_is_true(json_object_get(event, "taken"))
					 ? "the configuration was loaded again"
					 : "a new configuration was refused: ");
		document_show(out, event, "fault");
	} else if (strcmp(type, "gap") == 0) {
		text_print(out, "events %lld to %lld are lost",
			   (long long)json_integer_value(json_object_get(event, "from")),
			   (long long)json_integer_value(json_object_get(event, "to")));
	} else {
		text_append_escaped(out, type, strlen(type));
	}
}
