/* health.c - from verdicts to state: one bad answer is not an outage. */
#include <limits.h>
#include <string.h>

#include "health/health.h"

enum { TURNS = 20 };
static const double flaps_above = 0.30, flaps_until = 0.25;

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

/* Whether streaks of this kind may have holes. */
static bool has_window(enum streak streak, const struct patience *patience)
{
	return patience->within && (streak == STREAK_FAIL || streak == STREAK_BAD);
}

static uint16_t count_window(const struct standing *standing, enum streak streak,
			     const struct patience *patience)
{
	const unsigned within = patience->within < 64 ? patience->within : 64;
	const uint64_t verdicts = streak == STREAK_FAIL ? standing->fails : standing->bads;

	return (uint16_t)__builtin_popcountll(verdicts & (UINT64_MAX >> (64 - within)));
}

/* Neither this host's trouble nor a program that could not tell. */
static bool is_about_it(const struct verdict *verdict)
{
	return verdict->kind != VERDICT_NONE && verdict->class != CLASS_local &&
	       verdict->class != CLASS_plugin_unknown;
}

static void look_back(struct standing *standing, const struct verdict *verdict)
{
	standing->fails = standing->fails << 1 | adds_to(verdict, STREAK_FAIL);
	standing->bads = standing->bads << 1 | adds_to(verdict, STREAK_BAD);
	standing->turns = standing->turns << 1 | (standing->latest != VERDICT_NONE &&
						  standing->latest != (uint8_t)verdict->kind);
	standing->latest = (uint8_t)verdict->kind;
}

static void count(struct standing *standing, const struct verdict *verdict,
		  const struct patience *patience, usec_t wall)
{
	if (is_about_it(verdict))
		look_back(standing, verdict);
	for (enum streak streak = 0; streak < STREAKS; streak++) {
		uint16_t *const length = &standing->lengths[streak];
		const bool was_there = *length > 0;

		if (has_window(streak, patience))
			*length = count_window(standing, streak, patience);
		else if (adds_to(verdict, streak))
			*length = *length < UINT16_MAX ? (uint16_t)(*length + 1) : *length;
		else if (breaks(verdict, streak))
			*length = 0;
		if (!was_there && *length > 0)
			standing->starts[streak] = wall;
	}
}

/* The wall time of the verdict that is so many back, or 0 where it is no longer known. */
static usec_t find_wall(const struct watch *watch, unsigned back)
{
	struct past_check checks[PAST_CHECKS];

	for (unsigned i = recent_read(watch->recent, checks); i-- > 0;) {
		const struct past_check *past = &checks[i];
		const struct verdict verdict = { .kind = past->kind, .class = past->class };

		if (is_about_it(&verdict) && back-- == 0)
			return past->at;
	}
	return 0;
}

void health_date(struct standing *standing, const struct patience *patience,
		 const struct watch *watch, unsigned passed_over)
{
	static const enum streak streaks[] = { STREAK_FAIL, STREAK_BAD };

	for (unsigned i = 0; patience->within && i < 2; i++) {
		/* The next verdict takes one place of the window. */
		const struct patience rest = { .within = patience->within - 1 };
		const uint64_t verdicts =
			streaks[i] == STREAK_FAIL ? standing->fails : standing->bads;
		const uint64_t held = verdicts & (UINT64_MAX >> (64 - rest.within));
		usec_t wall;

		standing->lengths[streaks[i]] = count_window(standing, streaks[i], &rest);
		if (!held)
			continue;
		wall = find_wall(watch, 63 - (unsigned)__builtin_clzll(held) + passed_over);
		if (wall)
			standing->starts[streaks[i]] = wall;
	}
}

double health_flapping(const struct standing *standing)
{
	double weight = 0;

	/* As nearly always. */
	if (standing->turns == 0)
		return 0;
	for (unsigned i = 0; i < TURNS; i++)
		if (standing->turns & 1u << i)
			weight += 1.2 - 0.4 * i / (TURNS - 1);
	return weight / TURNS;
}

static bool note_flapping(struct standing *standing)
{
	const bool was_flapping = standing->is_flapping;
	const double flapping = health_flapping(standing);

	standing->is_flapping = was_flapping ? flapping >= flaps_until : flapping > flaps_above;
	return standing->is_flapping != was_flapping;
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

/* The trouble that is over is not counted again. */
static void forget(struct standing *standing, enum state from, enum state to)
{
	if (from == STATE_DOWN || to == STATE_UP)
		standing->fails = standing->lengths[STREAK_FAIL] = 0;
	if (to == STATE_UP)
		standing->bads = standing->lengths[STREAK_BAD] = 0;
	/* What was known of the endpoint before this host's trouble is no longer so. */
	if (to == STATE_UNKNOWN) {
		standing->fails = standing->bads = 0;
		memset(standing->lengths, 0, sizeof(standing->lengths));
	}
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
		forget(standing, standing->state, path->to);
		settle(standing, path->to, standing->starts[path->streak]);
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
		unsigned wanted, more;

		if (path->from != standing->state || seen == 0)
			continue;
		wanted = needed(path, patience);
		more = seen < wanted ? wanted - seen : 0;
		if (more >= fewest)
			continue;
		fewest = more;
		standing->leaning = path->to;
		standing->leaning_since = standing->starts[path->streak];
		standing->seen = (uint16_t)seen;
		standing->needed = (uint16_t)wanted;
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
	bool is_flapping_changed = false;

	if (from != STATE_PAUSED && verdict->kind != VERDICT_NONE) {
		count(standing, verdict, patience, wall);
		change(standing, verdict, patience);
		lean(standing, patience);
		is_flapping_changed = note_flapping(standing);
	}
	return (struct health_change){
		.is_changed = standing->state != from,
		.is_flapping_changed = is_flapping_changed,
		.from = from,
		.to = standing->state,
		.is_confirming = standing->leaning != standing->state,
	};
}

void health_return(struct standing *standing, const struct patience *patience)
{
	lean(standing, patience);
}

void health_recall(struct watch *watch)
{
	struct standing *standing = &watch->standing;
	struct past_check checks[PAST_CHECKS];
	const unsigned count = recent_read(watch->recent, checks);

	for (unsigned i = 0; i < count; i++) {
		const struct past_check *past = &checks[i];
		const struct verdict verdict = { .kind = past->kind, .class = past->class };

		if (is_about_it(&verdict))
			look_back(standing, &verdict);
		/* Kept in milliseconds, so it may seem to be earlier than it was. */
		if (past->at + USEC_PER_MS <= standing->since)
			standing->fails = standing->bads = 0;
	}
	standing->is_flapping = health_flapping(standing) > flaps_above;
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
