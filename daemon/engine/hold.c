/* hold.c - who is not told of what, for some time: by silences, and what others depend on.
 *
 * When a silence comes or ends, or a window of maintenance opens or closes, all watches are looked
 * at, a slice a turn, the first slice at once; so they are, in turns of their own, when something
 * that others depend on goes down or is back.
 * An incident that opens or closes meanwhile asks for itself, so none is told that should not be.
 */
#include <errno.h>
#include <stdlib.h>

#include "alert/alert.h"
#include "alert/silences.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/units.h"
#include "engine/house.h"
#include "health/parent.h"
#include "loop/alarm.h"
#include "schedule/schedule.h"

enum {
	/* Less than a millisecond: a watch is looked at, or a name matched. */
	LOOKS_A_TURN = 5000,
	/* What it costs besides where receivers are to be told after all. */
	LOOKS_A_CHANGE = 20,
	/* Incidents that are over; each is a search for its name. */
	ENDS_A_TURN = 500,
};

struct holds {
	struct silences *silences; /* owned */
	struct alarm_clock *alarm; /* owned; NULL where nobody is told of anything */
	struct event *sweep; /* owned */
	uint32_t at; /* the id of the watch that is looked at next */
	uint32_t left; /* watches of this round */
	unsigned ends_left; /* of incidents that are over, in this round */
};

/* --- Who is held ------------------------------------------------------------------------- */

static void look_at(struct engine *engine, struct watch *watch, unsigned *looks)
{
	const struct holds *holds = engine->holds;
	const bool has_waited = watch->held & HOLD_PARENT;

	watch->held &= HOLD_MAINTENANCE;
	if (maintenance_follow(engine, watch))
		*looks += LOOKS_A_CHANGE;
	if (silences_look(holds->silences, watch, clock_boot(), looks))
		watch->held |= HOLD_SILENCE;
	if (watch->endpoint->awaits_success && !watch->was_good)
		watch->held |= HOLD_NEW;
	if (parent_holds(&engine->roster, watch, has_waited, looks))
		watch->held |= HOLD_PARENT;
}

/* What it depends on is back, and so it is looked at. */
static void ask_for_check(struct engine *engine, const struct watch *watch)
{
	unsigned looks = 0;

	if (!(watch->held & HOLD_PARENT) || watch->is_in_flight || engine->is_ending ||
	    !parent_awaits_check(&engine->roster, watch, &looks))
		return;
	schedule_now(engine->schedule, watch->id, clock_now());
	/* In a turn of its own, since this may be in the middle of another. */
	engine_arm(engine->pump_timer, 0);
}

static bool is_held(const struct incident *incident, bool is_over, void *context)
{
	struct engine *engine = context;
	struct watch *watch = incident->watch;
	unsigned looks = 0;

	if (!watch && incident->endpoint)
		watch = roster_find(&engine->roster, incident->endpoint);
	if (!watch)
		return silences_look_name(engine->holds->silences, incident->endpoint,
					  incident->group, clock_boot());
	look_at(engine, watch, &looks);
	/* Whoever knows of it hears at once that it is over, window or not. */
	return (watch->held & ~(is_over ? HOLD_MAINTENANCE : 0)) != 0;
}

/* --- Round after round -------------------------------------------------------------------- */

static void sweep_watches(struct engine *engine)
{
	struct holds *holds = engine->holds;
	unsigned looks = 0;

	while (holds->left > 0 && looks < LOOKS_A_TURN) {
		struct watch *watch;

		if (holds->at >= engine->roster.room)
			holds->at = 0;
		watch = engine->roster.watches[holds->at++];
		holds->left--;
		looks++;
		if (!watch || engine->members[watch->id].is_leaving)
			continue;
		look_at(engine, watch, &looks);
		if (watch->incident &&
		    alert_hold(engine->alert, watch, clock_moment(), keep_rows(engine)))
			looks += LOOKS_A_CHANGE;
		ask_for_check(engine, watch);
	}
}

static void sweep_ends(struct engine *engine)
{
	struct holds *holds = engine->holds;
	const unsigned most = holds->ends_left < ENDS_A_TURN ? holds->ends_left : ENDS_A_TURN;
	const unsigned held =
		alert_hold_rest(engine->alert, most, clock_moment(), keep_rows(engine));

	holds->ends_left = holds->ends_left - most < held ? holds->ends_left - most : held;
}

static void sweep(struct engine *engine)
{
	struct holds *holds = engine->holds;

	if (holds->left > 0)
		sweep_watches(engine);
	else
		sweep_ends(engine);
	keep_commit(engine);
	if (holds->left > 0 || holds->ends_left > 0)
		engine_arm(holds->sweep, 0);
	outbox_follow(engine);
}

static void on_sweep(evutil_socket_t fd, short what, void *engine)
{
	(void)fd;
	(void)what;
	sweep(engine);
}

/* Another round, from where the last one has come to. */
static void begin_round(struct engine *engine)
{
	struct holds *holds = engine->holds;

	holds->left = engine->roster.room;
	holds->ends_left = alert_hold_rest(engine->alert, 0, clock_moment(), keep_rows(engine));
}

void holds_follow(struct engine *engine)
{
	struct holds *holds = engine->holds;

	if (!holds->alarm || engine->is_ending)
		return;
	alarm_clock_set(holds->alarm, silences_next(holds->silences));
	begin_round(engine);
	sweep(engine);
}

void holds_soon(struct engine *engine)
{
	if (!engine->holds->alarm || engine->is_ending)
		return;
	begin_round(engine);
	keep_commit(engine);
	engine_arm(engine->holds->sweep, 0);
}

void holds_note(struct engine *engine, struct watch *watch)
{
	unsigned looks = 0;

	if (!(watch->held & HOLD_PARENT))
		return;
	look_at(engine, watch, &looks);
	if (watch->incident)
		(void)alert_hold(engine->alert, watch, clock_moment(), keep_rows(engine));
	keep_commit(engine);
	ask_for_check(engine, watch);
	outbox_follow(engine);
}

/* --- Silences come and end ---------------------------------------------------------------- */

static void log_silence(const struct silence *silence, const char *what, const char *who)
{
	const struct log_field fields[] = {
		{ "PICKET_SILENCE", silence->id },
		{ "PICKET_MATCH", silence->match },
		{ "PICKET_BY", who ? who : "" },
		{ "PICKET_COMMENT", silence->comment ? silence->comment : "" },
		{ 0 },
	};

	log_event(LOG_NOTICE, LOG_SILENCE, fields, "silence %s of '%s' %s%s%s", silence->id,
		  silence->match, what, who ? " by " : "", who ? who : "");
}

static void ring(void *context)
{
	struct engine *engine = context;
	struct silence *silence;

	while ((silence = silences_take_over(engine->holds->silences, clock_boot(),
					     keep_rows(engine)))) {
		log_silence(silence, "is over", NULL);
		silence_free(silence);
	}
	keep_commit(engine);
	holds_follow(engine);
}

int holds_add(struct engine *engine, struct silence *silence)
{
	int r = silences_add(engine->holds->silences, silence, keep_rows(engine));
	cleanup(text)
	struct text what = { 0 };

	keep_commit(engine);
	if (r < 0)
		return r;
	text_append(&what, "holds until ");
	units_time_print(&what, silence->ends);
	log_silence(silence, what.data, silence->by);
	holds_follow(engine);
	return 0;
}

struct silence *holds_end(struct engine *engine, const char *id, const char *by)
{
	struct silence *silence = silences_take(engine->holds->silences, id, keep_rows(engine));

	keep_commit(engine);
	if (!silence)
		return NULL;
	log_silence(silence, "is ended", by);
	holds_follow(engine);
	return silence;
}

const struct silences *holds_silences(const struct engine *engine)
{
	return engine->holds->silences;
}

/* --- From the store, and again to it ------------------------------------------------------ */

void holds_load(struct engine *engine, const struct store_row *row, struct pack *rows)
{
	silences_load(engine->holds->silences, row, clock_wall(), clock_boot(), rows);
}

void holds_pack(const struct engine *engine, struct pack *rows)
{
	silences_pack(engine->holds->silences, rows);
}

int holds_init(struct engine *engine)
{
	struct holds *holds = MEMORY_NEW(struct holds);

	engine->holds = holds;
	holds->silences = silences_new();
	holds->sweep = evtimer_new(engine->base, on_sweep, engine);
	alert_set_held(engine->alert, is_held, engine);
	if (engine->is_once)
		return 0;
	holds->alarm = alarm_clock_new(engine->base, ring, engine);
	return holds->alarm ? 0 : -EMFILE;
}

void holds_done(struct engine *engine)
{
	struct holds *holds = TAKE(engine->holds);

	if (holds->alarm)
		alarm_clock_free(holds->alarm);
	event_free(holds->sweep);
	silences_free(holds->silences);
	free(holds);
}
