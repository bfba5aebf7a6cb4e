/* badge.c - GET /badge/NAME.svg and NAME.json: the state of an endpoint, to be put elsewhere.
 *
 * Source: the endpoint badge of shields.io (schemaVersion 1).
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/html.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/utf8.h"
#include "status/inside.h"
#include "status/member.h"
#include "status/page.h"

/* Seconds that others may keep it: shields.io takes no less. */
enum { KEPT_SECONDS = 60 };

/* White on each of them has a contrast of at least 4.5 (WCAG 2.1, 1.4.3). */
static const char *const colours[STATES] = {
	[STATE_PENDING] = "#5a6270", [STATE_UP] = "#1a7f37",	  [STATE_DEGRADED] = "#9a6700",
	[STATE_DOWN] = "#b42318",    [STATE_UNKNOWN] = "#6e40a9", [STATE_PAUSED] = "#5a6270",
};

/* NULL: it does not end so, or nothing is before it. */
static char *cut_ending(const char *name, const char *ending)
{
	const size_t len = strlen(name), ending_len = strlen(ending);

	if (len <= ending_len || strcmp(name + len - ending_len, ending) != 0)
		return NULL;
	return memory_text_len(name, len - ending_len);
}

/* Of Verdana 11, about; textLength makes it exact whatever the font is. */
static unsigned width_of(const char *text)
{
	return (unsigned)utf8_count(text, strlen(text)) * 7;
}

static void print_label(struct text *svg, const char *text, unsigned x)
{
	text_print(svg,
		   "<text x=\"%u\" y=\"14\" textLength=\"%u\" lengthAdjust=\"spacingAndGlyphs\">",
		   x, width_of(text));
	html_append(svg, text);
	text_append(svg, "</text>");
}

static void print_svg(struct text *svg, const char *name, enum state state)
{
	const char *word = state_name(state);
	const unsigned left = width_of(name) + 12, right = width_of(word) + 12;

	text_print(svg,
		   "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"20\" "
		   "role=\"img\" aria-label=\"",
		   left + right);
	html_append(svg, name);
	text_print(svg, ": %s\"><title>", word);
	html_append(svg, name);
	text_print(
		svg,
		": %s</title><rect width=\"%u\" height=\"20\" rx=\"3\" fill=\"#3b424c\"/>"
		"<path d=\"M%u 0h%ua3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-%uz\" fill=\"%s\"/>"
		"<g fill=\"#fff\" font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"11\">",
		word, left + right, left, right - 3, right - 3, colours[state]);
	print_label(svg, name, 6);
	print_label(svg, word, left + 6);
	text_append(svg, "</g></svg>\n");
}

static void print_json(struct text *json, const char *name, enum state state)
{
	text_append_char(json, '{');
	member_uint(json, "schemaVersion", 1);
	member_text(json, "label", name);
	member_text(json, "message", state_name(state));
	member_text(json, "color", colours[state]);
	member_bool(json, "isError", state == STATE_DOWN);
	member_uint(json, "cacheSeconds", KEPT_SECONDS);
	text_append_char(json, '}');
}

void badge_answer(struct call *call)
{
	static const char *const known[] = { NULL };
	cleanup(free)
	char *svg_name = cut_ending(call->name, ".svg");
	cleanup(free)
	char *json_name = cut_ending(call->name, ".json");
	const char *name = svg_name ? svg_name : json_name;
	const struct watch *watch = name ? roster_find(call->status->roster, name) : NULL;
	cleanup(text)
	struct text text = { 0 };

	if (!call_check_query(call, known, NULL))
		return;
	if (!watch || !call_sees(call, watch)) {
		answer_error(call->answer, 404, "not_found",
			     name ? "No endpoint is called '%.128s'."
				  : "'%.128s' ends neither in .svg nor in .json.",
			     name ? name : call->name);
		return;
	}
	page_set_headers(call->answer, false);
	if (svg_name) {
		print_svg(&text, name, watch->standing.state);
		answer_document(call->answer, 200, "image/svg+xml", &text);
		return;
	}
	print_json(&text, name, watch->standing.state);
	answer_json(call->answer, 200, &text);
}
