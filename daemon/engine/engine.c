/* engine.c - the pipeline.  Read it top to bottom; that is the way a check goes.
 *
 *   schedule --launch--> probe --observed--> judge --collect--> settle
 *      ^                                                          |
 *      +---------------------- schedule_done ---------------------+
 *
 * The rooms never call each other.  Each knows one callback, and all callbacks
 * are here.  Everything in this file runs on the first loop's thread; what a further loop
 * is handed goes through lookouts.c, from there to the judges, and comes back with the others.
 */
#include "alert/alert.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "base/units.h"
#include "config/snapshot.h"
#include "engine/house.h"
#include "health/health.h"
#include "health/parent.h"
#include "history/history.h"
#include "judge/judge.h"
#include "loop/turns.h"
#include "model/evidence.h"
#include "probe/probe.h"
#include "schedule/schedule.h"

enum {
	/* What is due together starts over several turns: none may take long. */
	LAUNCHES_A_TURN = 64,
	SETTLED_A_TURN = 256,
	/* So many before the clock is looked at. */
	LAUNCHES_AT_ONCE = 4,
	SETTLED_AT_ONCE = 16,
	/* More endpoints than these are a fleet, and not named one by one when they come up. */
	FLEET = 100,
};

/* On a slow machine that is fewer: this long, and libcurl has as much to do with what was launched. */
static const usec_t launch_for = USEC_PER_MS / 2, settle_for = USEC_PER_MS;

static const usec_t slow_check = USEC_PER_SEC;

static void launch(uint32_t id, usec_t due, void *context);
static void observed(struct check *check, void *context);
static void settle(struct engine *engine, struct check *check);

/* With thousands a second something is always about to be due.  What is due so soon after the
 * last launch waits, and comes with what is due by then: a turn of the loop costs as much as the
 * launch of a check.  It waits for longer only where that many come together.
 */
enum { LAUNCHES_MANY = 4 };
static const usec_t launch_together = USEC_PER_MS, launch_many_together = 4 * USEC_PER_MS;

/* When the judges are behind, no more is started. */
static void hold_back(struct engine *engine)
{
	if (engine->is_held || judge_in_hand(engine->judge) < engine->judge_queue_max)
		return;
	engine->is_held = true;
	schedule_hold(engine->schedule, true);
}

static void wait_for_more(struct engine *engine, usec_t now, bool are_many)
{
	/* Once may be what gathered while this machine stood still. */
	engine->together_until =
		now + (are_many && engine->were_many ? launch_many_together : launch_together);
	engine->were_many = are_many;
}

/* 1. Time has passed or a permit came back: start what is due, and sleep until the next is. */
void engine_pump(struct engine *engine)
{
	const usec_t now = clock_now();
	unsigned launched = 0, more;
	usec_t next;

	hold_back(engine);
	do {
		more = schedule_pump(engine->schedule, now, LAUNCHES_AT_ONCE, launch, engine);
		launched += more;
	} while (more == LAUNCHES_AT_ONCE && launched < LAUNCHES_A_TURN &&
		 clock_now() - now < launch_for);
	lookouts_send(engine);
	if (launched)
		wait_for_more(engine, now, launched >= LAUNCHES_MANY);
	next = schedule_next(engine->schedule);
	if (next > now && next < engine->together_until)
		next = engine->together_until;
	if (next == USEC_NEVER)
		(void)event_del(engine->pump_timer);
	else
		engine_arm(engine->pump_timer, next > now ? next - now : 0);
}

/* Here, or on a further loop. */
static void probe(struct engine *engine, struct check *check)
{
	check_advance(check, CHECK_PROBING);
	if (lookouts_take(engine, check))
		return;
	if (!check->started)
		check_begin(check, clock_now());
	list_append(&engine->in_flight, &check->link);
	check->endpoint->type->start(check, engine->tools, observed, engine);
}

/* 2. The schedule gave a watch its permit: make the parcel and start the probe. */
static void launch(uint32_t id, usec_t due, void *context)
{
	struct engine *engine = context;
	struct watch *watch = engine->roster.watches[id];
	struct check *check = check_new(watch->endpoint, &watch->snapshot->settings.limits);

	check->watch_id = id;
	check->generation = watch->generation;
	check->snapshot = snapshot_ref(watch->snapshot);
	check->due = due;
	check->is_confirming = watch->standing.leaning != watch->standing.state;
	check->keeps_success = watch->evidence != NULL;
	heartbeat_carry(engine, watch, check);
	quorum_carry(engine, watch, check);
	watch->is_in_flight = true;
	probe(engine, check);
}

/* Whether nobody else is about to come before a judge: then the one that is there does not wait. */
static bool is_alone(const struct engine *engine)
{
	const usec_t next = schedule_next(engine->schedule);

	return list_is_empty(&engine->in_flight) &&
	       (next == USEC_NEVER || next > clock_now() + ENGINE_GATHER_FOR);
}

/* 3. The probe has seen what there was to see: let a worker look at it.  The permit
 * is also the place in the queue; but when the judges are behind, no more is started.
 */
static void observed(struct check *check, void *context)
{
	struct engine *engine = context;

	list_remove(&check->link);
	check->observed = clock_now();
	if (check->is_cancelled || check->is_silent) {
		settle(engine, check);
		/* No judge has anything to say that would bring the permit to others. */
		if (!engine->is_ending)
			engine_arm(engine->pump_timer, 0);
		return;
	}
	if (judge_submit(engine->tray, check)) {
		if (is_alone(engine))
			judge_flush(engine->tray);
		else if (!evtimer_pending(engine->flush_timer, NULL))
			engine_arm(engine->flush_timer, ENGINE_GATHER_FOR);
	}
	hold_back(engine);
}

/* Whether there is more of a check that is several, one after the other. */
static bool goes_on(struct engine *engine, struct check *check)
{
	enum check_turn turn;

	if (!check->chain || check->is_cancelled || check->is_silent)
		return false;
	if (engine->is_ending || engine->members[check->watch_id].is_leaving) {
		check->is_cancelled = true;
		return false;
	}
	turn = check->chain->next(check);
	if (turn == CHECK_IS_OVER)
		return false;
	if (turn == CHECK_PROBES) {
		probe(engine, check);
		return true;
	}
	check_advance(check, CHECK_PROBING);
	observed(check, engine);
	return true;
}

static bool is_enough(unsigned settled, usec_t began)
{
	return settled == SETTLED_A_TURN ||
	       (settled % SETTLED_AT_ONCE == 0 && clock_now() - began > settle_for);
}

/* 4. Workers have verdicts: settle each, then see what the freed permits allow. */
void engine_collect(struct engine *engine)
{
	const usec_t began = clock_now();
	struct check *check;
	bool is_over = false;
	unsigned settled = 0;

	judge_wake_read(engine->judge);
	while (!is_over && (check = judge_next(engine->judge))) {
		if (check->is_away)
			lookouts_return(engine, check);
		if (!goes_on(engine, check))
			settle(engine, check);
		is_over = is_enough(++settled, began);
	}
	if (is_over)
		engine_wake_again(judge_wake_fd(engine->judge));
	if (engine->is_held && !engine->is_ending &&
	    judge_in_hand(engine->judge) <= engine->judge_queue_max / 2) {
		engine->is_held = false;
		schedule_hold(engine->schedule, false);
	}
	if (!engine->is_ending)
		engine_pump(engine);
}

static void count(struct vitals *vitals, const struct check *check)
{
	vitals->checks_total++;
	vitals->checks_failed += check->verdict.kind == VERDICT_FAIL;
	vitals->outcomes[check->verdict.kind][check->verdict.class]++;
}

/* The first passes of a large fleet are no news, and --once prints them all by itself. */
static bool is_news(const struct engine *engine, const struct watch *watch, enum state from)
{
	if (engine->is_once)
		return false;
	return from != STATE_PENDING || watch->standing.state != STATE_UP ||
	       engine->roster.count <= FLEET;
}

static void log_change(const struct engine *engine, const struct watch *watch,
		       const struct check *check, enum state from)
{
	const struct verdict *verdict = &check->verdict;
	const bool is_bad = verdict->kind != VERDICT_PASS;
	const struct log_field fields[] = {
		{ "PICKET_ENDPOINT", watch->endpoint->name },
		{ "PICKET_STATE", state_name(watch->standing.state) },
		{ "PICKET_PREVIOUS", state_name(from) },
		{ "PICKET_CLASS", is_bad ? class_name(verdict->class) : "" },
		{ "PICKET_PHASE", is_bad ? phase_name(verdict->phase) : "" },
		{ "PICKET_REASON", is_bad ? verdict->reason : "" },
		{ 0 },
	};

	log_event(is_news(engine, watch, from) ? LOG_NOTICE : LOG_DEBUG, LOG_STATE_CHANGED, fields,
		  "'%s' is %s (was %s)%s%s", watch->endpoint->name,
		  state_name(watch->standing.state), state_name(from), is_bad ? ": " : "",
		  is_bad ? verdict->reason : "");
}

static void log_flapping(const struct watch *watch)
{
	const struct log_field fields[] = { { "PICKET_ENDPOINT", watch->endpoint->name }, { 0 } };

	log_event(LOG_NOTICE, LOG_FLAPPING, fields,
		  watch->standing.is_flapping
			  ? "'%s' is flapping: its verdict changes from one check to the next"
			  : "'%s' has stopped flapping",
		  watch->endpoint->name);
}

static void log_check(const struct check *check)
{
	const struct verdict *verdict = &check->verdict;
	struct text took = { 0 };

	if (!log_is_wanted(LOG_DEBUG))
		return;
	units_duration_show(&took, check->observed - check->started);
	log_line(LOG_DEBUG, "'%s': %s after %s%s%s%s%s", check->endpoint->name,
		 verdict_name(verdict->kind), text_string(&took), verdict->class ? ", " : "",
		 verdict->class ? class_name(verdict->class) : "", verdict->reason ? ": " : "",
		 verdict->reason ? verdict->reason : "");
	text_done(&took);
}

/* Of the last failure, which stays as proof after the recovery, and of the last success
 * since, to see what is different.
 */
static void keep_evidence(struct engine *engine, struct watch *watch, struct check *check)
{
	const bool is_pass = check->verdict.kind == VERDICT_PASS;

	if (check->evidence)
		evidence_keep(&engine->shelf, is_pass ? &watch->success : &watch->evidence,
			      TAKE(check->evidence));
}

/* What the verdict means for the state; one that is in doubt means nothing yet. */
static struct health_change weigh(struct engine *engine, struct watch *watch, struct check *check)
{
	static const struct patience at_once = { .failures = 1, .successes = 1 };
	const struct patience *patience =
		engine->is_once ? &at_once : &watch->endpoint->terms->confirm;
	const enum state state = watch->standing.state;

	health_date(&watch->standing, patience, watch, watch->doubts);
	if (!engine->is_once && doubt_check(engine, watch, check))
		return (struct health_change){ .from = state, .to = state, .is_confirming = true };
	return health_record(&watch->standing, &check->verdict, patience, check->observation.wall);
}

/* 5. The verdict is in: believe it or make sure, and tell whoever cares. */
static enum beat_next believe(struct engine *engine, struct watch *watch, struct check *check)
{
	const bool was_confirming = watch->standing.leaning != watch->standing.state;
	const bool was_in_trouble = parent_is_in_trouble(watch);
	struct health_change change;

	dates_note(engine, watch, check);
	change = weigh(engine, watch, check);
	count(&engine->vitals, check);
	log_check(check);
	roster_note(watch, check);
	doubt_note(engine, watch);
	keep_evidence(engine, watch, check);
	watch->is_stale = false;
	if (change.is_changed) {
		roster_set_state(&engine->roster, watch, change.to);
		roll_follow_state(engine, watch);
		quorum_follow(engine, watch);
		log_change(engine, watch, check, change.from);
		tell_soon(engine);
	}
	if (change.is_flapping_changed && !engine->is_once)
		log_flapping(watch);
	if (engine->status) {
		status_note(watch, check);
		status_publish_verdict(engine->status, watch, check);
		export_verdict(engine, watch);
		if (change.is_changed)
			status_publish_state(engine->status, watch, change.from);
	}
	if (engine->history)
		history_append(engine->history, watch, check, keep_rows(engine));
	if (change.is_changed || change.is_confirming || was_confirming)
		keep_watch(engine, watch);
	else
		keep_later(engine, watch);
	if (change.is_changed && !engine->is_once)
		alert_follow(engine->alert, watch, clock_moment(), keep_rows(engine));
	else
		alert_look(engine->alert, watch, clock_moment(), keep_rows(engine));
	keep_commit(engine);
	if (watch->endpoint->is_parent && parent_is_in_trouble(watch) != was_in_trouble)
		holds_soon(engine);
	requests_answer(watch, check);
	return change.is_confirming ? BEAT_CONFIRM : BEAT_REGULAR;
}

static bool was_slow(const struct check *check)
{
	return check->observed - check->started > slow_check ||
	       check->verdict.class == CLASS_timeout || check->verdict.class == CLASS_dns_timeout;
}

/* There may be reason not to wait for the next beat. */
static void look_again(struct engine *engine, struct watch *watch)
{
	heartbeat_follow(engine, watch);
	quorum_done(engine, watch);
	holds_note(engine, watch);
}

/* 6. Round again: the permit goes back, the check is freed.  A check that was cancelled
 * has no verdict and leaves nothing behind but a count; one that had nothing to say, not
 * even that.
 */
static void settle(struct engine *engine, struct check *check)
{
	struct watch *watch = roster_get(&engine->roster, check->watch_id, check->generation);
	struct guest *guest = engine->members[watch->id].guest;
	enum beat_next next = BEAT_REGULAR;

	watch->is_in_flight = false;
	histogram_add(&engine->vitals.lateness,
		      check->started > check->due ? check->started - check->due : 0);
	if (check->is_cancelled)
		engine->vitals.checks_cancelled++;
	else if (check->is_silent)
		requests_answer(watch, check);
	else if (guest)
		guest_settled(guest, check);
	else if (!engine->members[watch->id].is_leaving && !watch->is_paused)
		next = believe(engine, watch, check);
	schedule_done(engine->schedule, watch->id, next, watch->endpoint->terms->confirm.every,
		      was_slow(check), clock_now());
	if (engine->members[watch->id].is_leaving)
		roll_strike(engine, watch);
	else if (engine->is_once)
		schedule_pause(engine->schedule, watch->id);
	else
		look_again(engine, watch);
	if (engine->is_once && --engine->once_left == 0)
		engine->is_over = true;
	snapshot_unref(check->snapshot);
	check_free(check);
	if (guest)
		guest_free(guest);
	if (engine->is_ending)
		end_check(engine);
}

int engine_run(struct engine *engine)
{
	engine_pump(engine);
	while (!engine->is_over)
		(void)turns_run(engine->turns, engine->base);
	return engine->ended_by;
}
