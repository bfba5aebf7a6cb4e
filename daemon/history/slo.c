/* slo.c - a promise about uptime. */
#include "history/slo.h"
#include "history/history.h"
#include "model/watch.h"

static double burn_rate(const struct history *history, const struct watch *watch, usec_t wall,
			usec_t span)
{
	struct times times;
	double share;

	history_sum(history, watch, wall - span, wall, &times);
	share = history_share(&times);
	return share < 0 ? -1 : (1 - share) / (1 - watch->endpoint->terms->slo.target);
}

bool slo_report(const struct history *history, const struct watch *watch, usec_t wall,
		struct slo_report *ret_report)
{
	static const struct {
		const char *name;
		usec_t span;
	} spans[SLO_BURNS] = { { "1h", USEC_PER_HOUR },
			       { "6h", 6 * USEC_PER_HOUR },
			       { "3d", 3 * USEC_PER_DAY } };
	static const struct objective none = { 0 };
	const struct terms *terms = watch->endpoint->terms;
	const struct objective *slo = terms ? &terms->slo : &none;
	struct slo_report report = { .target = slo->target, .window = slo->window };
	struct times times;

	if (slo->target <= 0)
		return false;
	history_sum(history, watch, wall - slo->window, wall, &times);
	report.budget = (usec_t)((1 - slo->target) * (double)slo->window + 0.5);
	report.spent = times.of[TIME_DOWN];
	report.left = 1 - (double)report.spent / (double)(report.budget ? report.budget : 1);
	for (unsigned i = 0; i < SLO_BURNS; i++) {
		report.burns[i].name = spans[i].name;
		report.burns[i].rate = burn_rate(history, watch, wall, spans[i].span);
	}
	*ret_report = report;
	return true;
}
