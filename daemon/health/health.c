/* health.c - from verdicts to state: one bad answer is not an outage. */
#include <limits.h>
#include <string.h>

#include "health/health.h"

/* How long a streak must be to lead somewhere. */
enum need { NEED_ONE, NEED_FAILURES, NEED_SUCCESSES };

struct path {
	enum state from, to;
	enum streak streak;
	enum need need;
};

/* Of one state the farthest stands first: what is confirmed as down is confirmed as
 * degraded too, and then it is down.
 */
static const struct path paths[] = {
	{ STATE_PENDING, STATE_UP, STREAK_PASS, NEED_ONE },
	{ STATE_PENDING, STATE_DOWN, STREAK_FAIL, NEED_FAILURES },
	{ STATE_PENDING, STATE_DEGRADED, STREAK_BAD, NEED_FAILURES },
	{ STATE_PENDING, STATE_UNKNOWN, STREAK_LOCAL, NEED_FAILURES },
	{ STATE_PENDING, STATE_UNKNOWN, STREAK_UNKNOWN, NEED_FAILURES },

	{ STATE_UP, STATE_DOWN, STREAK_FAIL, NEED_FAILURES },
	{ STATE_UP, STATE_DEGRADED, STREAK_BAD, NEED_FAILURES },
	{ STATE_UP, STATE_UNKNOWN, STREAK_LOCAL, NEED_FAILURES },
	{ STATE_UP, STATE_UNKNOWN, STREAK_UNKNOWN, NEED_FAILURES },

	{ STATE_DEGRADED, STATE_DOWN, STREAK_FAIL, NEED_FAILURES },
	{ STATE_DEGRADED, STATE_UP, STREAK_PASS, NEED_SUCCESSES },
	{ STATE_DEGRADED, STATE_UNKNOWN, STREAK_LOCAL, NEED_FAILURES },
	{ STATE_DEGRADED, STATE_UNKNOWN, STREAK_UNKNOWN, NEED_FAILURES },

	{ STATE_DOWN, STATE_UP, STREAK_PASS, NEED_SUCCESSES },
	{ STATE_DOWN, STATE_DEGRADED, STREAK_ANSWER, NEED_SUCCESSES },
	{ STATE_DOWN, STATE_UNKNOWN, STREAK_LOCAL, NEED_FAILURES },
	{ STATE_DOWN, STATE_UNKNOWN, STREAK_UNKNOWN, NEED_FAILURES },

	{ STATE_UNKNOWN, STATE_UP, STREAK_PASS, NEED_SUCCESSES },
	{ STATE_UNKNOWN, STATE_DOWN, STREAK_FAIL, NEED_FAILURES },
	{ STATE_UNKNOWN, STATE_DEGRADED, STREAK_ANSWER, NEED_SUCCESSES },
	{ STATE_UNKNOWN, STATE_DEGRADED, STREAK_BAD, NEED_FAILURES },
};

enum { PATHS = sizeof(paths) / sizeof(*paths) };

static bool adds_to(const struct verdict *verdict, enum streak streak)
{
	static const bool adds[][STREAKS] = {
		[VERDICT_PASS] = { [STREAK_PASS] = true, [STREAK_ANSWER] = true },
		[VERDICT_WARN] = { [STREAK_BAD] = true, [STREAK_ANSWER] = true },
		[VERDICT_FAIL] = { [STREAK_BAD] = true, [STREAK_FAIL] = true },
	};

	if (verdict->class == CLASS_local)
		return streak == STREAK_LOCAL;
	if (verdict->class == CLASS_plugin_unknown)
		return streak == STREAK_UNKNOWN;
	return adds[verdict->kind][streak];
}

static bool breaks(const struct verdict *verdict, enum streak streak)
{
	if (verdict->class == CLASS_local)
		return false;
	if (verdict->class == CLASS_plugin_unknown)
		return streak != STREAK_FAIL && streak != STREAK_BAD;
	return true;
}

static void count(struct standing *standing, const struct verdict *verdict, usec_t wall)
{
	for (enum streak streak = 0; streak < STREAKS; streak++) {
		if (adds_to(verdict, streak)) {
			if (standing->lengths[streak] == 0)
				standing->starts[streak] = wall;
			if (standing->lengths[streak] < UINT16_MAX)
				standing->lengths[streak]++;
		} else if (breaks(verdict, streak)) {
			standing->lengths[streak] = 0;
		}
	}
}

static unsigned needed(const struct path *path, const struct patience *patience)
{
	const unsigned wanted = path->need == NEED_FAILURES    ? patience->failures
				: path->need == NEED_SUCCESSES ? patience->successes
							       : 1;

	if (wanted == 0)
		return 1;
	return wanted < UINT16_MAX ? wanted : UINT16_MAX;
}

static void settle(struct standing *standing, enum state state, usec_t since)
{
	standing->state = standing->leaning = state;
	standing->since = standing->leaning_since = since;
	standing->seen = standing->needed = 0;
}

/* Goes where this verdict's streaks have led, the farthest first. */
static void change(struct standing *standing, const struct verdict *verdict,
		   const struct patience *patience)
{
	for (unsigned i = 0; i < PATHS; i++) {
		const struct path *const path = &paths[i];

		if (path->from != standing->state || !adds_to(verdict, path->streak) ||
		    standing->lengths[path->streak] < needed(path, patience))
			continue;
		settle(standing, path->to, standing->starts[path->streak]);
		/* What was known of the endpoint before this host's trouble is no longer so. */
		if (path->to == STATE_UNKNOWN)
			memset(standing->lengths, 0, sizeof(standing->lengths));
		return;
	}
}

/* Leans to where a streak is leading, the one that needs the fewest more. */
static void lean(struct standing *standing, const struct patience *patience)
{
	unsigned fewest = UINT_MAX;

	settle(standing, standing->state, standing->since);
	for (unsigned i = 0; i < PATHS; i++) {
		const struct path *const path = &paths[i];
		const unsigned seen = standing->lengths[path->streak];
		const unsigned wanted = needed(path, patience);
		const unsigned more = seen < wanted ? wanted - seen : 0;

		if (path->from != standing->state || seen == 0 || more >= fewest)
			continue;
		fewest = more;
		standing->leaning = path->to;
		standing->leaning_since = standing->starts[path->streak];
		standing->seen = seen;
		standing->needed = wanted;
	}
}

void health_init(struct standing *standing, usec_t wall)
{
	*standing = (struct standing){ 0 };
	settle(standing, STATE_PENDING, wall);
}

struct health_change health_record(struct standing *standing, const struct verdict *verdict,
				   const struct patience *patience, usec_t wall)
{
	const enum state from = standing->state;

	if (from != STATE_PAUSED && verdict->kind != VERDICT_NONE) {
		count(standing, verdict, wall);
		change(standing, verdict, patience);
		lean(standing, patience);
	}
	return (struct health_change){
		.is_changed = standing->state != from,
		.from = from,
		.to = standing->state,
		.is_confirming = standing->leaning != standing->state,
	};
}

void health_return(struct standing *standing, const struct patience *patience)
{
	lean(standing, patience);
}

void health_forget(struct standing *standing)
{
	memset(standing->lengths, 0, sizeof(standing->lengths));
	memset(standing->starts, 0, sizeof(standing->starts));
	settle(standing, standing->state, standing->since);
}

void health_pause(struct standing *standing, usec_t wall)
{
	if (standing->state == STATE_PAUSED)
		return;
	*standing = (struct standing){ 0 };
	settle(standing, STATE_PAUSED, wall);
}

void health_resume(struct standing *standing, usec_t wall)
{
	if (standing->state == STATE_PAUSED)
		health_init(standing, wall);
}
