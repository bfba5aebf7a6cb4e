/* page_frame.c - what the pages for people share. */
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/html.h"
#include "base/text.h"
#include "base/units.h"
#include "model/incident.h"
#include "model/roster.h"
#include "status/inside.h"
#include "status/page.h"
#include "status/page/page_assets.h"

/* img-src is for the icon in the head, which is no request. */
#define POLICY                                                                                     \
	"default-src 'none'; style-src '" PAGE_STYLE_HASH "'; script-src '" PAGE_SCRIPT_HASH       \
	"'; connect-src 'self'; img-src data:; "                                                   \
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
#define POLICY_OF_NOTHING "default-src 'none'; base-uri 'none'; sandbox"

const enum state page_order[STATES] = {
	STATE_DOWN, STATE_UNKNOWN, STATE_DEGRADED, STATE_PENDING, STATE_UP, STATE_PAUSED,
};

/* As the style has them in its light half; a # would end the address. */
static const char *const colours[STATES] = {
	[STATE_PENDING] = "5a6270", [STATE_UP] = "1a7f37",	[STATE_DEGRADED] = "9a6700",
	[STATE_DOWN] = "b42318",    [STATE_UNKNOWN] = "6e40a9", [STATE_PAUSED] = "5a6270",
};

void page_set_headers(struct answer *answer, bool is_page)
{
	answer_set_header(answer, "Content-Security-Policy", is_page ? POLICY : POLICY_OF_NOTHING);
	answer_set_header(answer, "X-Content-Type-Options", "nosniff");
	answer_set_header(answer, "Referrer-Policy", "no-referrer");
	answer_set_header(answer, "Cache-Control", "no-store");
}

void page_print_head(struct text *html, const struct page_head *head)
{
	text_append(html,
		    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
		    "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
	html_append(html, head->title);
	text_print(
		html,
		"</title>\n<link rel=\"icon\" href=\"data:image/svg+xml,%%3Csvg "
		"xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%%3E%%3Ccircle cx='4' cy='4' "
		"r='4' fill='%%23%s'/%%3E%%3C/svg%%3E\">\n<style>",
		colours[head->worst]);
	text_append_len(html, page_style, sizeof(page_style));
	text_print(html,
		   "</style>\n</head>\n<body data-kind=\"%s\" data-root=\"%s\" data-seq=\"%llu\"",
		   head->kind, head->root, head->seq);
	if (head->is_partial)
		text_append(html, " data-partial");
	if (head->name) {
		text_append(html, " data-name=\"");
		html_append(html, head->name);
		text_append_char(html, '"');
	}
	text_append(html, ">\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n");
}

void page_print_foot(struct text *html, const char *root)
{
	text_print(html,
		   "<footer><p><a href=\"%s./\">picket</a> " PICKET_VERSION " · <a "
		   "href=\"%sincidents\">incidents</a> · <a href=\"%sv1/endpoints\">JSON</a> · <a "
		   "href=\"%smetrics\">metrics</a> · times are UTC</p></footer>\n"
		   "<p id=\"news\" class=\"unseen\" aria-live=\"polite\"></p>\n<script>",
		   root, root, root, root);
	text_append_len(html, page_script, sizeof(page_script));
	text_append(html, "</script>\n</body>\n</html>\n");
}

/* The script says it in the same words. */
static void print_ago(struct text *html, usec_t ago)
{
	const unsigned long long seconds = ago / USEC_PER_SEC, minutes = seconds / 60,
				 hours = minutes / 60;

	if (seconds < 60)
		text_print(html, "%llus", seconds);
	else if (minutes < 60)
		text_print(html, "%llum", minutes);
	else if (hours < 24)
		text_print(html, "%lluh%llum", hours, minutes % 60);
	else
		text_print(html, "%llud", hours / 24);
}

void page_print_age(struct text *html, usec_t at, usec_t wall)
{
	text_append(html, "<time datetime=\"");
	units_time_print(html, at);
	text_append(html, "\" data-age>");
	print_ago(html, wall > at ? wall - at : 0);
	text_append(html, "</time>");
}

const char *page_reason_of(const struct watch *watch)
{
	if (watch->last.reason || !watch->incident)
		return watch->last.reason;
	return watch->incident->reason;
}

void page_print_state(struct text *html, enum state state)
{
	text_print(html, "<span class=\"state\" data-s=\"%s\">%s</span>", state_name(state),
		   state_name(state));
}

void page_print_tags(struct text *html, const struct roster *roster, const struct watch *watch)
{
	const bool is_bad =
		watch->standing.state == STATE_DOWN || watch->standing.state == STATE_UNKNOWN;
	const struct {
		const char *word;
		bool is_set;
	} tags[] = {
		{ "flapping", watch->standing.is_flapping },
		{ "acknowledged", watch->incident && watch->incident->acknowledged.at },
		{ "maintenance", watch->held & HOLD_MAINTENANCE },
		{ "silenced", watch->held & HOLD_SILENCE },
		{ "suppressed", is_bad && roster_find_down(roster, watch) },
	};

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		if (tags[i].is_set)
			text_print(html, " <span class=\"tag\">%s</span>", tags[i].word);
}

void page_answer_unknown(struct call *call)
{
	const struct page_head head = {
		.title = "Not found · picket",
		.kind = "none",
		.root = "../",
		.worst = STATE_UNKNOWN,
	};
	cleanup(text)
	struct text html = { 0 };

	page_print_head(&html, &head);
	text_append(&html,
		    "<header class=\"banner\" data-s=\"unknown\"><h1>No endpoint is called ‘");
	html_append(&html, call->name);
	text_append(&html, "’</h1></header>\n<main id=\"main\"><p><a href=\"../\">All endpoints</a>"
			   "</p></main>\n");
	page_print_foot(&html, "../");
	page_set_headers(call->answer, true);
	answer_document(call->answer, 404, "text/html; charset=utf-8", &html);
}
