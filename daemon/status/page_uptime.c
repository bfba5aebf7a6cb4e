/* page_uptime.c - how an endpoint was, for people: the last day, week and month, and a bar for each
 * of the last 90 days.
 */
#include "base/text.h"
#include "base/units.h"
#include "history/history.h"
#include "history/past.h"
#include "status/inside.h"
#include "status/page.h"

enum { DAYS = 90, BAR_STEP = 10, BAR_HEIGHT = 32 };

/* Days that were better than this are good, and those that were better than the other fair. */
static const double good = 0.999, fair = 0.95;

/* Never "100 %" of what was not whole. */
static void print_share(struct text *html, double share)
{
	if (share >= 1)
		text_append(html, "100 %");
	else
		text_print(html, "%.2f %%", share > 0.9999 ? 99.99 : share * 100);
}

static void print_spans(struct text *html, const struct history *history, const struct watch *watch,
			usec_t wall)
{
	static const struct {
		const char *name;
		usec_t span;
	} spans[] = { { "last 24 hours", USEC_PER_DAY },
		      { "last 7 days", 7 * USEC_PER_DAY },
		      { "last 30 days", 30 * USEC_PER_DAY } };

	text_append(html, "<dl>\n");
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		struct times times;
		double share;

		history_sum(history, watch, wall - spans[i].span, wall, &times);
		share = history_share(&times);
		text_print(html, "<div><dt>%s</dt><dd>", spans[i].name);
		if (share < 0)
			text_append(html, "nothing is known");
		else
			print_share(html, share);
		text_append(html, "</dd></div>\n");
	}
	text_append(html, "</dl>\n");
}

static void print_day(struct text *html, const struct times *times, usec_t from, unsigned place)
{
	const double share = history_share(times);
	const char *class = share < 0	   ? "none"
			    : share > good ? "pass"
			    : share > fair ? "warn"
					   : "fail";

	text_print(
		html,
		"<rect class=\"day %s\" x=\"%u\" y=\"0\" width=\"%d\" height=\"%d\"><title>from ",
		class, place * BAR_STEP, BAR_STEP - 2, BAR_HEIGHT);
	units_time_print(html, from);
	text_append(html, ": ");
	if (share < 0)
		text_append(html, "nothing is known");
	else
		print_share(html, share);
	if (times->of[TIME_DOWN]) {
		text_append(html, ", down for ");
		units_duration_show(html, times->of[TIME_DOWN]);
	}
	text_append(html, "</title></rect>");
}

static void print_days(struct text *html, const struct history *history, const struct watch *watch,
		       usec_t wall)
{
	usec_t edges[DAYS + 1];
	unsigned known = 0, bad = 0;

	past_days(wall, DAYS, edges);
	text_print(html,
		   "<figure>\n<svg class=\"days\" viewBox=\"0 0 %d %d\" "
		   "preserveAspectRatio=\"none\" role=\"img\" aria-labelledby=\"days-head\">",
		   DAYS * BAR_STEP, BAR_HEIGHT);
	for (unsigned i = 0; i < DAYS; i++) {
		struct times times;
		double share;

		history_sum(history, watch, edges[i], edges[i + 1], &times);
		share = history_share(&times);
		known += share >= 0;
		bad += share >= 0 && times.of[TIME_DOWN] > 0;
		print_day(html, &times, edges[i], i);
	}
	text_print(html,
		   "</svg>\n<figcaption id=\"days-head\">The last %d days, today on the right: "
		   "of %u something is known, it was down on %u.</figcaption>\n</figure>\n",
		   DAYS, known, bad);
}

void page_print_uptime(struct text *html, const struct history *history, const struct watch *watch,
		       usec_t wall)
{
	if (!history)
		return;
	text_append(html, "<section aria-labelledby=\"uptime-head\">\n"
			  "<h2 id=\"uptime-head\">Uptime</h2>\n");
	print_spans(html, history, watch, wall);
	print_days(html, history, watch, wall);
	text_append(html, "</section>\n");
}
