/* page_spark.c - the latencies of an endpoint's last checks as a line beside its name. */
#include "base/text.h"
#include "model/watch.h"
#include "status/inside.h"
#include "status/page.h"

enum { POINTS = 30 };

/* Points are what was measured, in microseconds, the newest on the right: the script adds to
 * them.  The style turns it upside down.
 */
void page_print_spark(struct text *html, const struct watch *watch)
{
	struct past_check checks[PAST_CHECKS];
	uint32_t values[POINTS], most = 1;
	unsigned count = 0;

	for (unsigned i = recent_read(watch->recent, checks); i > 0 && count < POINTS; i--) {
		const struct past_check *past = &checks[i - 1];

		if (!history_is_answer(past))
			continue;
		values[count++] = past->latency;
		most = past->latency > most ? past->latency : most;
	}
	text_print(html,
		   " <svg class=\"spark\" viewBox=\"0 0 %d %u\" preserveAspectRatio=\"none\" "
		   "aria-hidden=\"true\"><polyline points=\"",
		   POINTS - 1, most);
	for (unsigned i = count; i > 0; i--)
		text_print(html, i == count ? "%u,%u" : " %u,%u", POINTS - i, values[i - 1]);
	text_append(html, "\"></polyline></svg>");
}
