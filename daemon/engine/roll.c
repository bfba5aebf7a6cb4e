/* roll.c - who is on the roster, and what the schedule knows of them. */
#include <stdlib.h>

#include "alert/alert.h"
#include "base/memory.h"
#include "config/snapshot.h"
#include "engine/house.h"
#include "health/health.h"
#include "history/history.h"
#include "judge/judge.h"
#include "loop/child.h"
#include "probe/probe.h"
#include "schedule/schedule.h"

/* All who run a program wait in one line, that of a host which no configuration can name. */
static const char children_place[] = " children";

static const char *limited_group(const struct endpoint *endpoint)
{
	return endpoint->group && endpoint->group->max_concurrent ? endpoint->group->name : NULL;
}

void roll_limits(struct engine *engine, const struct snapshot *snapshot, unsigned permits)
{
	/* A place in the queue first, then the permit that promises it. */
	judge_reserve(engine->judge, permits);
	schedule_set_limits(engine->schedule, permits, snapshot->settings.max_per_host);
	engine->vitals.permits_max = permits;
	engine->judge_queue_max = snapshot->settings.judge_queue ? snapshot->settings.judge_queue
								 : (permits > 1 ? permits / 2 : 1);
	engine->exec_concurrent = snapshot->settings.exec_concurrent;
	children_set_max(engine->tools->children, engine->exec_concurrent);
	const uint32_t place = places_find(&engine->hosts, children_place);

	if (place != PLACE_NONE)
		schedule_set_host(engine->schedule, place, engine->exec_concurrent);
	for (unsigned i = 0; i < snapshot->groups_count; i++) {
		const uint32_t number = places_find(&engine->groups, snapshot->groups[i].name);

		if (number != PLACE_NONE && snapshot->groups[i].max_concurrent)
			schedule_set_group(engine->schedule, number,
					   snapshot->groups[i].max_concurrent);
	}
}

/* Takes the places of `endpoint` among the limits. */
static struct membership join(struct engine *engine, const struct endpoint *endpoint)
{
	const bool is_child = endpoint->type->is_child;
	const struct membership membership = {
		.group = places_enter(&engine->groups, limited_group(endpoint)),
		.host = places_enter(&engine->hosts, is_child ? children_place : endpoint->host),
		.upkeep = upkeeps_enter(engine, endpoint->maintenance),
	};

	/* The number may have been another's before. */
	if (membership.host != PLACE_NONE)
		schedule_set_host(engine->schedule, membership.host,
				  is_child ? engine->exec_concurrent : 0);

	if (membership.group != PLACE_NONE)
		schedule_set_group(engine->schedule, membership.group,
				   endpoint->group->max_concurrent);
	return membership;
}

static void part(struct engine *engine, struct membership *membership)
{
	dates_forget(engine, membership);
	places_leave(&engine->groups, membership->group);
	places_leave(&engine->hosts, membership->host);
	upkeeps_leave(engine, membership->upkeep);
}

static struct beat beat_of(const struct watch *watch, const struct membership *membership)
{
	const struct endpoint *endpoint = watch->endpoint;

	return (struct beat){
		.interval = watch->standing.state == STATE_DOWN ? endpoint->interval_failing
								: endpoint->interval,
		.hash = endpoint->hash,
		.group = membership->group == PLACE_NONE ? SCHEDULE_NO_LIMIT : membership->group,
		.host = membership->host == PLACE_NONE ? SCHEDULE_NO_LIMIT : membership->host,
	};
}

void roll_follow_state(struct engine *engine, struct watch *watch)
{
	const struct beat beat = beat_of(watch, &engine->members[watch->id]);

	schedule_change(engine->schedule, watch->id, &beat, clock_now());
}

/* `enabled: false` is a pause that the configuration asks for. */
void roll_follow_pause(struct engine *engine, struct watch *watch)
{
	const enum state before = watch->standing.state;
	const bool is_paused = !watch->endpoint->is_enabled || watch->pause_asked;

	if (is_paused && !watch->is_paused)
		schedule_pause(engine->schedule, watch->id);
	else if (!is_paused && watch->is_paused)
		schedule_resume(engine->schedule, watch->id, clock_now());
	if (!is_paused && watch->is_paused) {
		watch->is_paused = false;
		heartbeat_resume(engine, watch);
	}
	watch->is_paused = is_paused;
	if (is_paused)
		health_pause(&watch->standing, clock_wall());
	else
		health_resume(&watch->standing, clock_wall());
	roll_follow_state(engine, watch);
	roster_set_state(&engine->roster, watch, watch->standing.state);
	if (watch->standing.state == before)
		return;
	quorum_follow(engine, watch);
	if (watch->endpoint->is_parent)
		holds_soon(engine);
	keep_watch(engine, watch);
	if (engine->history)
		history_follow(engine->history, watch, keep_rows(engine));
	alert_follow(engine->alert, watch, clock_moment(), keep_rows(engine));
	keep_commit(engine);
}

/* On the roster and in the schedule. */
static struct watch *enter(struct engine *engine, const struct endpoint *endpoint,
			   struct snapshot *snapshot)
{
	struct watch *watch = roster_add(&engine->roster, endpoint, snapshot_ref(snapshot));
	struct beat beat;

	health_init(&watch->standing, clock_wall());
	if (engine->history)
		history_enter(engine->history, watch);
	if (watch->id >= engine->members_room) {
		engine->members_room =
			(uint32_t)memory_next_room(engine->members_room, watch->id + 1u);
		engine->members = memory_grow(engine->members, engine->members_room,
					      sizeof(*engine->members));
	}
	engine->members[watch->id] = join(engine, endpoint);
	watch->upkeep = upkeeps_get(engine, engine->members[watch->id].upkeep);
	beat = beat_of(watch, &engine->members[watch->id]);
	schedule_add(engine->schedule, watch->id, &beat, clock_now());
	return watch;
}

struct watch *roll_enter(struct engine *engine, const struct endpoint *endpoint,
			 struct snapshot *snapshot)
{
	struct watch *watch = enter(engine, endpoint, snapshot);

	keep_later(engine, watch);
	maintenance_change(engine, watch);
	heartbeat_enter(engine, watch);
	roll_follow_pause(engine, watch);
	return watch;
}

struct watch *roll_enter_guest(struct engine *engine, const struct endpoint *endpoint,
			       struct snapshot *snapshot, struct guest *guest)
{
	struct watch *watch = enter(engine, endpoint, snapshot);
	const usec_t now = clock_now();

	/* Nobody counts it, and no name leads to it. */
	roster_retire(&engine->roster, watch);
	engine->members[watch->id].guest = guest;
	engine->members[watch->id].is_leaving = true;
	schedule_now(engine->schedule, watch->id, now);
	/* In a turn of its own, since this may be in the middle of another. */
	engine_arm(engine->pump_timer, 0);
	return watch;
}

void roll_change(struct engine *engine, struct watch *watch, const struct endpoint *endpoint,
		 struct snapshot *snapshot)
{
	const bool is_other = watch->endpoint->digest != endpoint->digest ||
			      watch->endpoint->hash != endpoint->hash;
	struct snapshot *before = watch->snapshot;

	watch->snapshot = snapshot_ref(snapshot);
	watch->endpoint = endpoint;
	if (is_other) {
		/* Its labels may be others. */
		watch->hush = (struct hush){ 0 };
		struct membership membership = join(engine, endpoint);
		const struct beat beat = beat_of(watch, &membership);

		part(engine, &engine->members[watch->id]);
		watch->upkeep = upkeeps_get(engine, membership.upkeep);
		maintenance_change(engine, watch);
		membership.is_unkept = true;
		engine->members[watch->id] = membership;
		schedule_change(engine->schedule, watch->id, &beat, clock_now());
		heartbeat_enter(engine, watch);
		roll_follow_pause(engine, watch);
	}
	snapshot_unref(before);
}

void roll_strike(struct engine *engine, struct watch *watch)
{
	struct snapshot *snapshot = watch->snapshot;

	schedule_remove(engine->schedule, watch->id);
	part(engine, &engine->members[watch->id]);
	roster_remove(&engine->roster, watch);
	snapshot_unref(snapshot);
}

void roll_leave(struct engine *engine, struct watch *watch)
{
	requests_answer(watch, NULL);
	keep_drop(engine, watch);
	if (engine->history)
		history_leave(engine->history, watch, clock_wall(), keep_rows(engine));
	alert_leave(engine->alert, watch, clock_moment(), keep_rows(engine));
	keep_commit(engine);
	if (!watch->is_in_flight) {
		roll_strike(engine, watch);
		return;
	}
	/* Its check ends first; nobody sees it any more. */
	engine->members[watch->id].is_leaving = true;
	roster_retire(&engine->roster, watch);
	list_each (link, &engine->in_flight) {
		struct check *check = LIST_ENTRY(link, struct check, link);

		if (check->watch_id == watch->id)
			check->endpoint->type->cancel(check);
	}
	lookouts_cancel(engine, watch);
}

void roll_done(struct engine *engine)
{
	roster_set_names(&engine->roster, NULL, 0);
	for (uint32_t id = 0; id < engine->roster.room; id++)
		if (engine->roster.watches[id])
			roll_strike(engine, engine->roster.watches[id]);
}
