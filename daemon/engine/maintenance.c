/* maintenance.c - windows: whose are open, and what comes of it.
 *
 * Endpoints with the same windows share what is known of them, however many they are: whether one is
 * open, and when that changes next.  A heap has the next of these times.  When one has come the
 * watches are looked at as when a silence comes or ends (hold.c), a slice a turn, and
 * each takes over what is so of its windows; history gets the time by the calendar, whenever that is.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/units.h"
#include "engine/house.h"
#include "engine/keep.h"
#include "history/history.h"
#include "loop/alarm.h"
#include "model/maintenance.h"

enum {
	/* Each is a search in a calendar, and at worst a hundred of these: 5 ms in all. */
	LOOKS_A_TURN = 100,
};

/* A clock that is set by more than this is another time. */
static const usec_t drift_max = USEC_PER_SEC;

struct upkeeps {
	struct places lists; /* of windows, by their key */
	struct upkeep **by_number; /* owned; by the number of the place; NULL: nobody is there */
	uint32_t room;
	struct heap *next; /* owned; by number: when it is to be looked at again */
	struct alarm_clock *alarm; /* owned; NULL with --once */
	struct event *turn; /* owned; there is more to be done */
	uint32_t recheck_at; /* the clock was set: from this number on all are looked at */
	usec_t drift; /* how far wall time was from CLOCK_BOOTTIME */
	bool has_begun; /* what is new from here on is so since now */
};

/* --- What is known ------------------------------------------------------------------------ */

static void plan(struct upkeeps *upkeeps, uint32_t number)
{
	const usec_t until = upkeeps->by_number[number]->until;

	if (until == USEC_NEVER)
		(void)heap_remove(upkeeps->next, number);
	else
		heap_set(upkeeps->next, number, until);
}

static void arm(struct engine *engine)
{
	struct upkeeps *upkeeps = engine->upkeeps;
	uint32_t number;
	usec_t when;

	if (upkeeps->alarm)
		alarm_clock_set(upkeeps->alarm,
				heap_least(upkeeps->next, &number, &when) ? when : USEC_NEVER);
}

static struct maintenance *copy_of(const struct maintenance *maintenance)
{
	struct maintenance *copy = memory_copy(maintenance, sizeof(*maintenance));
	struct window *windows =
		memory_copy(maintenance->windows, maintenance->count * sizeof(*windows));

	for (unsigned i = 0; i < copy->count; i++)
		windows[i].text = memory_text(windows[i].text);
	copy->key = memory_text(maintenance->key);
	copy->windows = windows;
	return copy;
}

static void upkeep_free(struct upkeep *upkeep)
{
	struct maintenance *maintenance = (struct maintenance *)(uintptr_t)upkeep->maintenance;

	for (unsigned i = 0; i < maintenance->count; i++)
		free((char *)(uintptr_t)maintenance->windows[i].text);
	free((struct window *)(uintptr_t)maintenance->windows);
	free((char *)(uintptr_t)maintenance->key);
	free(maintenance);
	free(upkeep);
}

/* What comes with a reload is so from now on; at the start, what opened or closed while nobody was
 * there did so at its time.
 */
static usec_t known_since(const struct engine *engine, const struct maintenance *maintenance,
			  usec_t wall)
{
	const usec_t alive = engine->keep ? engine->keep->alive_wall : 0;

	return engine->upkeeps->has_begun ? wall : maintenance_since(maintenance, alive, wall);
}

static struct upkeep *upkeep_new(const struct engine *engine, const struct maintenance *maintenance)
{
	struct upkeep *upkeep = MEMORY_NEW(struct upkeep);
	const usec_t wall = clock_wall();
	const struct maintenance_look look = maintenance_look(maintenance, wall);

	upkeep->maintenance = copy_of(maintenance);
	upkeep->is_open = look.is_open;
	upkeep->until = look.until;
	upkeep->since = known_since(engine, maintenance, wall);
	return upkeep;
}

uint32_t upkeeps_enter(struct engine *engine, const struct maintenance *maintenance)
{
	struct upkeeps *upkeeps = engine->upkeeps;
	const uint32_t number =
		places_enter(&upkeeps->lists, maintenance ? maintenance->key : NULL);

	if (number == PLACE_NONE)
		return PLACE_NONE;
	if (number >= upkeeps->room) {
		const uint32_t before = upkeeps->room;

		upkeeps->room = (uint32_t)memory_next_room(before, number + 1u);
		upkeeps->by_number =
			memory_grow(upkeeps->by_number, upkeeps->room, sizeof(struct upkeep *));
		memset(upkeeps->by_number + before, 0,
		       (upkeeps->room - before) * sizeof(struct upkeep *));
	}
	if (!upkeeps->by_number[number]) {
		upkeeps->by_number[number] = upkeep_new(engine, maintenance);
		plan(upkeeps, number);
		arm(engine);
	}
	return number;
}

void upkeeps_leave(struct engine *engine, uint32_t number)
{
	struct upkeeps *upkeeps = engine->upkeeps;
	const char *key;

	if (number == PLACE_NONE)
		return;
	key = upkeeps->by_number[number]->maintenance->key;
	places_leave(&upkeeps->lists, number);
	if (places_find(&upkeeps->lists, key) != PLACE_NONE)
		return;
	(void)heap_remove(upkeeps->next, number);
	upkeep_free(TAKE(upkeeps->by_number[number]));
}

const struct upkeep *upkeeps_get(const struct engine *engine, uint32_t number)
{
	return number == PLACE_NONE ? NULL : engine->upkeeps->by_number[number];
}

/* --- What comes of it --------------------------------------------------------------------- */

static bool is_open(const struct watch *watch)
{
	return watch->upkeep && watch->upkeep->is_open;
}

static bool is_known(const struct watch *watch)
{
	return is_open(watch) == ((watch->held & HOLD_MAINTENANCE) != 0);
}

static void follow(struct engine *engine, struct watch *watch, usec_t since, struct pack *rows)
{
	watch->held &= (uint8_t)~HOLD_MAINTENANCE;
	if (is_open(watch))
		watch->held |= HOLD_MAINTENANCE;
	if (engine->history)
		history_maintain(engine->history, watch, is_open(watch), since, rows);
}

bool maintenance_follow(struct engine *engine, struct watch *watch)
{
	if (is_known(watch))
		return false;
	follow(engine, watch, watch->upkeep ? watch->upkeep->since : clock_wall(),
	       keep_rows(engine));
	return true;
}

void maintenance_change(struct engine *engine, struct watch *watch)
{
	/* Before it has begun, history will be told of all at once. */
	if (!engine->upkeeps->has_begun || is_known(watch))
		return;
	follow(engine, watch, clock_wall(), keep_rows(engine));
	keep_commit(engine);
}

void maintenance_begin(struct engine *engine)
{
	const usec_t wall = clock_wall();

	for (uint32_t id = 0; id < engine->roster.room; id++) {
		struct watch *watch = engine->roster.watches[id];

		if (watch)
			follow(engine, watch, watch->upkeep ? watch->upkeep->since : wall, NULL);
	}
	engine->upkeeps->has_begun = true;
}

/* --- Time goes on ------------------------------------------------------------------------- */

static void log_upkeep(const struct upkeep *upkeep)
{
	const struct window *window = &upkeep->maintenance->windows[0];
	cleanup(text)
	struct text windows = { 0 };
	cleanup(text)
	struct text until = { 0 };

	text_print(&windows, "%s for ", window->text);
	units_duration_print(&windows, window->lasts);
	if (upkeep->maintenance->count > 1)
		text_print(&windows, " and %u more", upkeep->maintenance->count - 1);
	if (upkeep->is_open) {
		text_append(&until, " until ");
		units_time_print(&until, upkeep->until);
	}
	log_event(LOG_INFO, LOG_MAINTENANCE, NULL, "maintenance of '%s' %s%s", windows.data,
		  upkeep->is_open ? "holds" : "is over", text_string(&until));
}

/* Whether it is another now. */
static bool look_again(struct upkeeps *upkeeps, uint32_t number, usec_t wall)
{
	struct upkeep *upkeep = upkeeps->by_number[number];
	const struct maintenance_look look = maintenance_look(upkeep->maintenance, wall);
	const bool is_other = look.is_open != upkeep->is_open;

	if (is_other && look.is_open)
		upkeep->since = look.since;
	else if (is_other)
		upkeep->since = upkeep->until < wall ? upkeep->until : wall;
	upkeep->is_open = look.is_open;
	upkeep->until = look.until;
	plan(upkeeps, number);
	if (is_other)
		log_upkeep(upkeep);
	return is_other;
}

static void note_drift(struct upkeeps *upkeeps, usec_t wall)
{
	const usec_t drift = wall - clock_boot();
	const usec_t moved =
		drift > upkeeps->drift ? drift - upkeeps->drift : upkeeps->drift - drift;

	upkeeps->drift = drift;
	if (moved > drift_max)
		upkeeps->recheck_at = 0;
}

static void take_turn(struct engine *engine)
{
	struct upkeeps *upkeeps = engine->upkeeps;
	const usec_t wall = clock_wall();
	bool is_other = false;
	unsigned looks = 0;
	uint32_t number;
	usec_t when;

	note_drift(upkeeps, wall);
	for (; looks < LOOKS_A_TURN && upkeeps->recheck_at < upkeeps->room; looks++) {
		number = upkeeps->recheck_at++;
		if (upkeeps->by_number[number] && look_again(upkeeps, number, wall))
			is_other = true;
	}
	for (; looks < LOOKS_A_TURN && heap_least(upkeeps->next, &number, &when) && when <= wall;
	     looks++)
		if (look_again(upkeeps, number, wall))
			is_other = true;
	if (looks == LOOKS_A_TURN)
		engine_arm(upkeeps->turn, 0);
	else
		arm(engine);
	if (is_other)
		holds_follow(engine);
}

static void on_turn(evutil_socket_t fd, short what, void *engine)
{
	(void)fd;
	(void)what;
	take_turn(engine);
}

static void ring(void *engine)
{
	take_turn(engine);
}

int upkeeps_init(struct engine *engine)
{
	struct upkeeps *upkeeps = MEMORY_NEW(struct upkeeps);

	engine->upkeeps = upkeeps;
	places_init(&upkeeps->lists);
	upkeeps->next = heap_new();
	upkeeps->turn = evtimer_new(engine->base, on_turn, engine);
	upkeeps->recheck_at = UINT32_MAX;
	upkeeps->drift = clock_wall() - clock_boot();
	if (engine->is_once)
		return 0;
	upkeeps->alarm = alarm_clock_new_wall(engine->base, ring, engine);
	return upkeeps->alarm ? 0 : -EMFILE;
}

void upkeeps_done(struct engine *engine)
{
	struct upkeeps *upkeeps = TAKE(engine->upkeeps);

	for (uint32_t i = 0; i < upkeeps->room; i++)
		if (upkeeps->by_number[i])
			upkeep_free(upkeeps->by_number[i]);
	if (upkeeps->alarm)
		alarm_clock_free(upkeeps->alarm);
	event_free(upkeeps->turn);
	heap_free(upkeeps->next);
	places_done(&upkeeps->lists);
	free(upkeeps->by_number);
	free(upkeeps);
}
