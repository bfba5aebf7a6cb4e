/* past_families.c - metrics of what was: uptime, and what is promised of it. */
#include "history/history.h"
#include "history/slo.h"
#include "status/family.h"

void family_print_uptime(struct printing *printing)
{
	static const struct {
		const char *window;
		usec_t span;
	} spans[] = { { "24h", USEC_PER_DAY },
		      { "7d", 7 * USEC_PER_DAY },
		      { "30d", 30 * USEC_PER_DAY } };
	const struct probed *one = printing->one;

	for (size_t i = 0; one->history && i < sizeof(spans) / sizeof(spans[0]); i++) {
		struct times times;

		history_sum(one->history, one->watch, one->wall - spans[i].span, one->wall, &times);
		if (history_share(&times) >= 0)
			family_sample_with(printing, spans[i].window, history_share(&times));
	}
}

/* False where nothing is promised. */
static bool find_slo(const struct printing *printing, struct slo_report *ret_report)
{
	const struct probed *one = printing->one;

	return one->history && slo_report(one->history, one->watch, one->wall, ret_report);
}

void family_print_target(struct printing *printing)
{
	struct slo_report report;

	if (find_slo(printing, &report))
		family_sample(printing, report.target);
}

void family_print_budget(struct printing *printing)
{
	struct slo_report report;

	if (find_slo(printing, &report))
		family_sample(printing, report.left);
}

void family_print_burn(struct printing *printing)
{
	struct slo_report report;

	if (!find_slo(printing, &report))
		return;
	for (unsigned i = 0; i < SLO_BURNS; i++)
		if (report.burns[i].rate >= 0)
			family_sample_with(printing, report.burns[i].name, report.burns[i].rate);
}
