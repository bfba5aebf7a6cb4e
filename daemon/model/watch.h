/* watch.h - an endpoint at run time: its state, its streaks, its last checks.
 *
 * Only the loop's thread reads or writes a watch.
 */
#pragma once

#include "base/clock.h"
#include "base/list.h"
#include "model/address.h"
#include "model/endpoint.h"
#include "model/recent.h"
#include "model/verdict.h"

struct snapshot; /* config/snapshot.h */
struct evidence; /* model/evidence.h */
struct figures; /* model/figures.h */
struct incident; /* model/incident.h */
struct pulse; /* model/pulse.h */
struct upkeep; /* model/maintenance.h */

enum state {
	STATE_PENDING,
	STATE_UP,
	STATE_DEGRADED,
	STATE_DOWN,
	STATE_UNKNOWN,
	STATE_PAUSED,
	STATES,
};

/* "pending", "up", … */
const char *state_name(enum state state);
/* STATES if no state is called so. */
enum state state_find(const char *name);

/* What can come several times in a row.  A local failure is about this host: it has a
 * streak of its own and breaks no other.  Of a plugin that could not tell nobody knows
 * whether it would have been bad, so it breaks only the streaks of what is good.
 */
enum streak {
	STREAK_FAIL,
	STREAK_BAD, /* fail or warn */
	STREAK_ANSWER, /* warn or pass */
	STREAK_PASS,
	STREAK_LOCAL,
	STREAK_UNKNOWN, /* a plugin that could not tell */
	STREAKS,
};

/* Where health/ keeps what it believes, and what it is making sure of. */
struct standing {
	enum state state;
	enum state leaning; /* what is being confirmed; equal to `state` when nothing is */
	usec_t since; /* wall time of the first check of the streak that led to `state` */
	usec_t leaning_since; /* the same of the streak that is being confirmed */
	uint16_t seen, needed; /* of that streak; 0 when nothing is being confirmed */
	uint16_t lengths[STREAKS]; /* saturating */
	usec_t starts[STREAKS]; /* wall time of the first check of each */
	/* Of the last verdicts about the endpoint, the newest in the lowest bit: was it a fail, was
	 * it a fail or a warn, was it another than the one before?
	 */
	uint64_t fails, bads;
	uint32_t turns;
	uint8_t latest; /* enum verdict_kind of the newest; VERDICT_NONE: there is none */
	bool is_flapping;
};

/* The last check in full, for status. */
struct last_check {
	usec_t wall; /* 0: there was none */
	usec_t latency; /* USEC_NEVER: not measured */
	usec_t lateness;
	uint32_t phases[PHASE_JUDGE]; /* microseconds, saturating */
	uint8_t phases_seen;
	uint8_t kind, class, phase;
	struct address address;
	char *reason; /* owned; NULL when it passed */
};

/* Which silence keeps back what would be told (alert/silences.c). */
struct hush {
	uint64_t number; /* of the one that ends last of those that match; 0: none does */
	usec_t until; /* CLOCK_BOOTTIME; when it ends */
	uint64_t seen; /* the silences up to this number were looked at */
};

/* Why nobody is told of a watch for some time; bits of watch->held. */
enum hold {
	HOLD_SILENCE = 1,
	HOLD_NEW = 2, /* it never was good, and receivers are to hear of it only then */
	HOLD_MAINTENANCE = 4, /* a window of it is open; of what is over they hear all the same */
	HOLD_PARENT = 8, /* what it depends on is down (health/parent.h) */
};

struct watch {
	const struct endpoint *endpoint; /* borrowed from snapshot */
	struct snapshot *snapshot; /* one reference, owned */
	uint32_t id; /* dense; the schedule knows it by this */
	uint32_t generation; /* a parcel of an older one is dropped */
	bool is_paused; /* by `enabled: false`, or because somebody asked for it */
	bool pause_asked;
	bool was_good; /* up or degraded, some time */
	bool is_stale; /* known from before a restart only, and by now too old to be believed */
	bool is_in_flight;
	bool is_stirred; /* since its check began, something changed that the check is about (engine/) */
	bool is_unknown_here; /* because of this host (alert/) */
	uint8_t held; /* of enum hold (engine/) */
	uint8_t doubts; /* failing checks in a row that were not believed yet (engine/) */
	enum state listed_as; /* whose list it is in; STATES: retired (roster.c) */
	usec_t doubted_since; /* monotonic; of the first of the doubts */
	struct pulse *pulse; /* owned; of one that is told by beats, else NULL (engine/) */
	struct incident *incident; /* borrowed; the open one, or NULL (alert/) */
	const struct upkeep *upkeep; /* borrowed; of its windows, or NULL (engine/) */
	struct hush hush;
	struct standing standing;
	struct last_check last;
	struct figures *figures; /* owned; of the last check, for metrics; NULL: none was noted */
	struct recent *recent; /* owned; the last checks, or NULL */
	struct evidence *evidence; /* owned; of the last failure, or NULL */
	struct evidence *success; /* owned; of the last success since it failed, or NULL */
	struct list by_state; /* the others in this state, in roster->by_state[] */
	struct list waiters; /* who asked for a check and waits for its verdict (engine/) */
};
