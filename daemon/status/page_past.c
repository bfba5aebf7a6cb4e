/* page_past.c - what checks came to, for people: percentiles of latency over a day up to a year. */
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/units.h"
#include "history/past.h"
#include "status/inside.h"
#include "status/page.h"
#include "status/page_past.h"

/* Of the drawing; the style stretches it. */
enum { STEP_WIDTH = 10, HEIGHT = 100, HEADROOM = 4, STRIP = 4 };

static const struct page_span spans[] = {
	{ "24h", "24 hours", USEC_PER_DAY, 15 * USEC_PER_MIN },
	{ "7d", "7 days", 7 * USEC_PER_DAY, 2 * USEC_PER_HOUR },
	{ "30d", "30 days", 30 * USEC_PER_DAY, 6 * USEC_PER_HOUR },
	{ "365d", "365 days", 365 * USEC_PER_DAY, PAST_DAYS },
};

const struct page_span *page_span_find(const char *name)
{
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
		if (!name || strcmp(spans[i].name, name) == 0)
			return &spans[i];
	return NULL;
}

void page_span_question(const struct page_span *span, usec_t wall,
			struct past_question *ret_question)
{
	*ret_question = (struct past_question){
		.from = wall > span->span ? wall - span->span : 0,
		.until = wall,
		.step = span->step,
	};
}

/* To the minute: "2026-11-24 00:15". */
static void print_minute(struct text *html, usec_t wall)
{
	cleanup(text)
	struct text whole = { 0 };

	units_time_print(&whole, wall);
	text_print(html, "%.10s %.5s", whole.data, whole.data + 11);
}

/* --- The drawing -------------------------------------------------------------------------- */

typedef usec_t percentile(const struct past_step *step);

static usec_t half(const struct past_step *step)
{
	return step->p50;
}

static usec_t most(const struct past_step *step)
{
	return step->p95;
}

static usec_t nearly_all(const struct past_step *step)
{
	return step->p99;
}

static usec_t greatest_of(const struct past *past)
{
	usec_t greatest = 1;

	for (unsigned i = 0; i < past->count; i++)
		if (past->steps[i].p99 > greatest)
			greatest = past->steps[i].p99;
	return greatest;
}

/* Stairs, since a step is a span and not a point; where there was no answer, there is a gap.
 * An area (`is_area`) goes down to zero at both ends.
 */
static void print_stairs(struct text *html, const struct past *past, percentile *of,
			 const char *class, bool is_area)
{
	const usec_t greatest = greatest_of(past);
	bool is_open = false;

	text_print(html, "<path class=\"%s\" d=\"", class);
	for (unsigned i = 0; i <= past->count; i++) {
		const struct past_step *step = i < past->count ? &past->steps[i] : NULL;
		const unsigned x = i * STEP_WIDTH;

		if (step && step->answers) {
			const double share = (double)of(step) / (double)greatest;
			const double y = HEIGHT - share * (HEIGHT - HEADROOM);

			if (!is_open && is_area)
				text_print(html, "M%u %dV%.1fH%u", x, HEIGHT, y, x + STEP_WIDTH);
			else if (!is_open)
				text_print(html, "M%u %.1fH%u", x, y, x + STEP_WIDTH);
			else
				text_print(html, "V%.1fH%u", y, x + STEP_WIDTH);
			is_open = true;
		} else if (is_open) {
			if (is_area)
				text_print(html, "V%dZ", HEIGHT);
			is_open = false;
		}
	}
	text_append(html, "\"></path>");
}

/* At the foot, where checks failed. */
static void print_failures(struct text *html, const struct past *past)
{
	for (unsigned i = 0; i < past->count; i++) {
		const struct past_step *step = &past->steps[i];

		if (!step->failed)
			continue;
		text_print(
			html,
			"<rect class=\"failed\" x=\"%u\" y=\"%d\" width=\"%d\" height=\"%d\"><title>",
			i * STEP_WIDTH, HEIGHT - STRIP, STEP_WIDTH, STRIP);
		print_minute(html, step->from);
		text_print(html, ": %llu of %llu failed</title></rect>",
			   (unsigned long long)step->failed, (unsigned long long)step->checks);
	}
}

static void print_caption(struct text *html, const struct past *past, const struct page_span *span)
{
	const struct past_step *whole = &past->whole;

	text_print(html, "<figcaption id=\"past-head\">Of %llu checks in the last %s %llu failed",
		   (unsigned long long)whole->checks, span->title,
		   (unsigned long long)whole->failed);
	if (whole->answers) {
		text_append(html, ". Latency: <span class=\"key p50\">half</span> below ");
		units_duration_show(html, whole->p50);
		text_append(html, ", <span class=\"key p95\">95 %</span> below ");
		units_duration_show(html, whole->p95);
		text_append(html, ", <span class=\"key p99\">99 %</span> below ");
		units_duration_show(html, whole->p99);
		text_append(html, ", the slowest ");
		units_duration_show(html, whole->greatest);
	}
	text_append(html, ".</figcaption>\n");
}

static void print_chart(struct text *html, const struct past *past, const struct page_span *span)
{
	text_append(html, "<figure>\n<p class=\"axis\"><span>");
	units_duration_show(html, greatest_of(past));
	text_print(html,
		   "</span></p>\n<svg class=\"past\" viewBox=\"0 0 %u %d\" "
		   "preserveAspectRatio=\"none\" role=\"img\" aria-labelledby=\"past-head\">",
		   past->count * STEP_WIDTH, HEIGHT);
	print_stairs(html, past, nearly_all, "p99", true);
	print_stairs(html, past, most, "p95", true);
	print_stairs(html, past, half, "p50", false);
	print_failures(html, past);
	text_append(html, "</svg>\n<p class=\"axis\"><span>");
	print_minute(html, past->whole.from);
	text_append(html, "</span><span>");
	print_minute(html, past->whole.until);
	text_append(html, "</span></p>\n");
	print_caption(html, past, span);
	text_append(html, "</figure>\n");
}

/* --- The table ---------------------------------------------------------------------------- */

static void print_cell(struct text *html, usec_t latency)
{
	text_append(html, "<td class=\"number\">");
	if (latency)
		units_duration_show(html, latency);
	text_append(html, "</td>");
}

static void print_row(struct text *html, const struct past_step *step)
{
	text_append(html, "<tr><td>");
	print_minute(html, step->from);
	text_print(html, "</td><td class=\"number\">%llu</td><td class=\"number\">%llu</td>",
		   (unsigned long long)step->checks, (unsigned long long)step->failed);
	print_cell(html, step->p50);
	print_cell(html, step->p95);
	print_cell(html, step->p99);
	print_cell(html, step->greatest);
	text_append(html, "</tr>\n");
}

static void print_table(struct text *html, const struct past *past)
{
	static const char *const heads[] = { "checks",	   "failed",	 "half below",
					     "95 % below", "99 % below", "slowest" };

	text_append(html, "<details><summary>As a table, newest first</summary>\n<table>\n<thead>"
			  "<tr><th scope=\"col\">from</th>");
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		text_print(html, "<th scope=\"col\" class=\"number\">%s</th>", heads[i]);
	text_append(html, "</tr></thead>\n<tbody>\n");
	for (unsigned i = past->count; i > 0; i--)
		if (past->steps[i - 1].checks)
			print_row(html, &past->steps[i - 1]);
	text_append(html, "</tbody>\n</table></details>\n");
}

/* --- The section -------------------------------------------------------------------------- */

static void print_links(struct text *html, const struct page_span *shown)
{
	text_append(html, "<ul class=\"chips\">");
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
		text_print(html, "<li><a href=\"?span=%s\"%s>%s</a></li>", spans[i].name,
			   &spans[i] == shown ? " aria-current=\"true\"" : "", spans[i].title);
	text_append(html, "</ul>\n");
}

void page_print_past(struct text *html, const struct past *past, const struct page_span *span)
{
	text_append(html, "<section aria-labelledby=\"latency-head\">\n"
			  "<h2 id=\"latency-head\">Latency</h2>\n");
	print_links(html, span);
	if (!past) {
		text_append(html, "<p class=\"none\">The store cannot be read now; /v1/status says "
				  "why.</p>\n");
	} else if (past->whole.checks == 0) {
		text_print(html, "<p class=\"none\">Nothing is known of the last %s.</p>\n",
			   span->title);
	} else {
		print_chart(html, past, span);
		print_table(html, past);
	}
	text_append(html, "</section>\n");
}
