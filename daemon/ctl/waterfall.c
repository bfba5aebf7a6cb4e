/* waterfall.c - where the time of a check went. */
#include "ctl/waterfall.h"
#include "base/text.h"
#include "ctl/document.h"
#include "ctl/page.h"

enum { BAR_WIDTH = 40 };

static const char *const phases[] = { "resolve",    "connect",	"tls",	"request",
				      "first_byte", "transfer", "judge" };

enum { PHASE_NAMES = sizeof(phases) / sizeof(phases[0]) };

static double seconds_of(const json_t *object, const char *key)
{
	const double seconds = json_number_value(json_object_get(object, key));

	return seconds > 0 ? seconds : 0;
}

static double sum_of(const json_t *object)
{
	double sum = 0;

	for (unsigned i = 0; i < PHASE_NAMES; i++)
		sum += seconds_of(object, phases[i]);
	return sum;
}

/* Where in a check that took `total` this phase lies: "    ████      ". */
static void print_bar(struct text *text, double start, double length, double total, bool has_utf8)
{
	const unsigned from = total > 0 ? (unsigned)(start / total * BAR_WIDTH) : 0;
	unsigned to = total > 0 ? (unsigned)((start + length) / total * BAR_WIDTH + 0.5) : 0;

	if (to > BAR_WIDTH)
		to = BAR_WIDTH;
	for (unsigned i = 0; i < BAR_WIDTH; i++) {
		const bool is_in = i >= from && (i < to || (i == from && length > 0));

		text_append(text, is_in ? (has_utf8 ? "█" : "#") : (has_utf8 ? "·" : "."));
	}
}

/* One line a phase; returns where the next hop begins. */
static double print_phases(struct page *page, const json_t *object, double start, double total)
{
	for (unsigned i = 0; i < PHASE_NAMES; i++) {
		const json_t *phase = json_object_get(object, phases[i]);

		if (!json_is_number(phase))
			continue;
		text_print(&page->line, "    %-10s  ", phases[i]);
		print_bar(&page->line, start, seconds_of(object, phases[i]), total, page->has_utf8);
		text_append(&page->line, "  ");
		document_show_seconds(&page->line, object, phases[i]);
		page_end(page, 16);
		start += seconds_of(object, phases[i]);
	}
	return start;
}

/* Where there is more to tell than the one address that was used. */
static void print_addresses(struct page *page, const json_t *hop)
{
	const json_t *addresses = json_object_get(hop, "addresses");
	size_t i;
	json_t *address;

	if (json_array_size(addresses) < 2)
		return;
	json_array_foreach(addresses, i, address)
	{
		text_append(&page->line, i ? "                " : "    addresses   ");
		page_show(page, address, "address");
		text_append(&page->line, "  ");
		page_show(page, address, "outcome");
		if (json_object_get(address, "took")) {
			text_append(&page->line, " after ");
			document_show_seconds(&page->line, address, "took");
		}
		page_end(page, 18);
	}
}

static void print_hop(struct page *page, const json_t *hop, size_t number)
{
	text_print(&page->line, "  hop %zu  ", number);
	page_show(page, hop, "url");
	if (json_object_get(hop, "status"))
		text_print(&page->line, "  status %lld",
			   (long long)json_integer_value(json_object_get(hop, "status")));
	if (*document_text(hop, "address")) {
		text_append(&page->line, "  at ");
		page_show(page, hop, "address");
	}
	page_end(page, 9);
	if (!json_is_true(json_object_get(hop, "is_downgrade")))
		return;
	text_append(&page->line, "    a redirect led here from https to http, in the clear");
	page_end(page, 6);
}

void waterfall_print(struct page *page, const json_t *evidence)
{
	const json_t *hops = json_object_get(evidence, "hops");
	double start = 0, total = 0;
	size_t i;
	json_t *hop;

	json_array_foreach(hops, i, hop) total += sum_of(json_object_get(hop, "phases"));
	json_array_foreach(hops, i, hop)
	{
		page_end(page, 0);
		print_hop(page, hop, i + 1);
		start = print_phases(page, json_object_get(hop, "phases"), start, total);
		print_addresses(page, hop);
	}
	if (json_array_size(hops) > 0)
		return;
	page_end(page, 0);
	(void)print_phases(page, json_object_get(evidence, "phases"), 0,
			   sum_of(json_object_get(evidence, "phases")));
}
