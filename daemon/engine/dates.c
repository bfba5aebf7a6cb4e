/* dates.c - before many certificates are said to have expired: is it this host's clock?
 *
 * Where most of the certificates that were looked at are out of their time, and those are at
 * least three, what they have in common is the clock that they were compared with.  Then the log
 * says so, once, and the reason of each such failure.  What they are stays what it is: nobody
 * here can know.  Source: adjtimex(2).
 */
#include <stdlib.h>
#include <sys/timex.h>

#include "base/log.h"
#include "base/text.h"
#include "base/units.h"
#include "engine/house.h"
#include "model/tls.h"

enum { DOUBTED_AT_LEAST = 3 };

static enum dating dating_of(const struct check *check)
{
	const struct tls_facts *tls = check->observation.tls;
	const int64_t now = (int64_t)(check->observation.wall / USEC_PER_SEC);

	if (!tls || tls->chain_count == 0)
		return DATING_UNKNOWN;
	return now < tls->chain[0].not_before || now > tls->chain[0].not_after ? DATING_OUT
									       : DATING_IN;
}

/* Within the unit's ProtectClock= nobody may ask, and nothing is said of it. */
static bool is_unsynchronised(void)
{
	struct timex clock = { 0 };

	return adjtimex(&clock) >= 0 && clock.status & STA_UNSYNC;
}

static void tell(const struct engine *engine)
{
	const unsigned out = engine->dated[DATING_OUT], all = out + engine->dated[DATING_IN];
	struct text now = { 0 };

	units_time_print(&now, clock_wall());
	if (engine->is_clock_doubted)
		log_line(
			LOG_WARNING,
			"of %u certificates %u are out of their time: is the clock of this host right? "
			"It shows %s%s",
			all, out, text_string(&now),
			is_unsynchronised() ? ", and the kernel says that nothing keeps it in time"
					    : "");
	else
		log_line(
			LOG_NOTICE,
			"of %u certificates %u are out of their time: the clock of this host is not "
			"in doubt any more",
			all, out);
	text_done(&now);
}

static void look(struct engine *engine)
{
	const bool is_doubted = engine->dated[DATING_OUT] >= DOUBTED_AT_LEAST &&
				engine->dated[DATING_OUT] > engine->dated[DATING_IN];

	if (is_doubted == engine->is_clock_doubted)
		return;
	engine->is_clock_doubted = is_doubted;
	tell(engine);
}

static void set(struct engine *engine, struct membership *member, enum dating dating)
{
	if (member->dating == dating)
		return;
	if (member->dating)
		engine->dated[member->dating]--;
	if (dating)
		engine->dated[dating]++;
	member->dating = (uint8_t)dating;
	look(engine);
}

void dates_forget(struct engine *engine, struct membership *member)
{
	set(engine, member, DATING_UNKNOWN);
}

void dates_note(struct engine *engine, const struct watch *watch, struct check *check)
{
	struct membership *member = &engine->members[watch->id];
	const enum dating dating = dating_of(check);
	struct verdict *verdict = &check->verdict;
	struct text reason = { 0 };

	if (dating == DATING_UNKNOWN)
		return;
	set(engine, member, dating);
	if (!engine->is_clock_doubted || verdict->class != CLASS_tls_expired || !verdict->reason)
		return;
	text_print(&reason, "%s; so are %u of %u certificates: is the clock of this host right?",
		   verdict->reason, engine->dated[DATING_OUT],
		   engine->dated[DATING_OUT] + engine->dated[DATING_IN]);
	free(verdict->reason);
	verdict->reason = text_take(&reason);
}
