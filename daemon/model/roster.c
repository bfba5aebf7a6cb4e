/* roster.c - all watches: by number, by name, by state. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/check.h"
#include "model/evidence.h"
#include "model/figures.h"
#include "model/pulse.h"
#include "model/roster.h"

enum { PARENTS_MAX = 256 };

void roster_init(struct roster *roster)
{
	*roster = (struct roster){ 0 };
	for (enum state state = 0; state < STATES; state++)
		list_init(&roster->by_state[state]);
}

static void watch_free(struct watch *watch)
{
	if (watch->evidence)
		evidence_free(watch->evidence);
	if (watch->success)
		evidence_free(watch->success);
	if (watch->figures)
		figures_free(watch->figures);
	if (watch->pulse)
		pulse_free(watch->pulse);
	free(watch->last.reason);
	free(watch->recent);
	free(watch);
}

void roster_done(struct roster *roster)
{
	for (uint32_t id = 0; id < roster->room; id++)
		if (roster->watches[id])
			watch_free(roster->watches[id]);
	free(roster->watches);
	free(roster->by_name);
	free(roster->generations);
	free(roster->spare_ids);
	roster_init(roster);
}

/* Room for more numbers, all of them spare; the lowest is taken first. */
static void grow(struct roster *roster)
{
	const uint32_t before = roster->room;
	const uint32_t room = (uint32_t)memory_next_room(before, before + 16);

	roster->watches = memory_grow(roster->watches, room, sizeof(*roster->watches));
	roster->generations = memory_grow(roster->generations, room, sizeof(*roster->generations));
	roster->spare_ids = memory_grow(roster->spare_ids, room, sizeof(*roster->spare_ids));
	for (uint32_t id = before; id < room; id++) {
		roster->watches[id] = NULL;
		roster->generations[id] = 0;
	}
	for (uint32_t id = room; id > before; id--)
		roster->spare_ids[roster->spare_count++] = id - 1;
	roster->room = room;
}

struct watch *roster_add(struct roster *roster, const struct endpoint *endpoint,
			 struct snapshot *snapshot)
{
	struct watch *watch = MEMORY_NEW(struct watch);

	if (roster->spare_count == 0)
		grow(roster);
	watch->endpoint = endpoint;
	watch->snapshot = snapshot;
	watch->id = roster->spare_ids[--roster->spare_count];
	watch->generation = roster->generations[watch->id];
	list_init(&watch->waiters);
	roster->watches[watch->id] = watch;
	list_append(&roster->by_state[STATE_PENDING], &watch->by_state);
	roster->in_state[STATE_PENDING]++;
	return watch;
}

void roster_set_names(struct roster *roster, struct watch **names, uint32_t count)
{
	free(roster->by_name);
	roster->by_name = names;
	roster->count = count;
}

void roster_retire(struct roster *roster, struct watch *watch)
{
	if (watch->listed_as == STATES)
		return;
	list_remove(&watch->by_state);
	roster->in_state[watch->listed_as]--;
	watch->listed_as = STATES;
}

void roster_remove(struct roster *roster, struct watch *watch)
{
	assert(roster->watches[watch->id] == watch);

	roster_retire(roster, watch);
	roster->watches[watch->id] = NULL;
	roster->generations[watch->id]++;
	roster->spare_ids[roster->spare_count++] = watch->id;
	watch_free(watch);
}

uint32_t roster_place(const struct roster *roster, const char *name)
{
	uint32_t low = 0, high = roster->count;

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;

		if (strcmp(roster->by_name[middle]->endpoint->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint32_t roster_behind(const struct roster *roster, const char *name)
{
	const uint32_t place = roster_place(roster, name);

	return place < roster->count && strcmp(roster->by_name[place]->endpoint->name, name) == 0
		       ? place + 1
		       : place;
}

struct watch *roster_find(const struct roster *roster, const char *name)
{
	const uint32_t place = roster_place(roster, name);

	if (place == roster->count || strcmp(roster->by_name[place]->endpoint->name, name) != 0)
		return NULL;
	return roster->by_name[place];
}

struct watch *roster_get(const struct roster *roster, uint32_t id, uint32_t generation)
{
	struct watch *watch = id < roster->room ? roster->watches[id] : NULL;

	return watch && watch->generation == generation ? watch : NULL;
}

void roster_set_state(struct roster *roster, struct watch *watch, enum state state)
{
	watch->standing.state = state;
	watch->was_good = watch->was_good || state == STATE_UP || state == STATE_DEGRADED;
	if (watch->listed_as == state || watch->listed_as == STATES)
		return;
	list_remove(&watch->by_state);
	roster->in_state[watch->listed_as]--;
	watch->listed_as = state;
	list_append(&roster->by_state[state], &watch->by_state);
	roster->in_state[state]++;
}

static uint32_t saturate(usec_t duration)
{
	return duration > UINT32_MAX ? UINT32_MAX : (uint32_t)duration;
}

static void note_past(struct watch *watch, const struct check *check)
{
	const struct past_check past = {
		.at = check->observation.wall,
		.latency = check->observation.latency == USEC_NEVER
				   ? 0
				   : saturate(check->observation.latency),
		.kind = (uint8_t)check->verdict.kind,
		.class = (uint8_t)check->verdict.class,
		.phase = (uint8_t)check->verdict.phase,
	};

	recent_add(&watch->recent, &past);
}

/* For whom a parent is looked for, and which. */
struct descent {
	const struct roster *roster;
	const struct watch *child;
	roster_is *is_it;
	unsigned looks;
};

/* Nobody depends on himself (config/relations.c), so this ends; the bound is for its time. */
static const struct watch *find_parent(struct descent *descent, const struct watch *below)
{
	const char *const *name = below->endpoint->depends_on;

	for (; name && *name && descent->looks < PARENTS_MAX; name++) {
		const struct watch *parent = roster_find(descent->roster, *name);

		descent->looks++;
		if (parent && !descent->is_it(parent, descent->child))
			parent = find_parent(descent, parent);
		if (parent)
			return parent;
	}
	return NULL;
}

const struct watch *roster_find_parent(const struct roster *roster, const struct watch *watch,
				       roster_is *is_it, unsigned *looks)
{
	struct descent descent = { .roster = roster, .child = watch, .is_it = is_it };
	const struct watch *parent = find_parent(&descent, watch);

	*looks += descent.looks;
	return parent;
}

static bool is_down(const struct watch *parent, const struct watch *child)
{
	(void)child;
	return parent->standing.state == STATE_DOWN;
}

const struct watch *roster_find_down(const struct roster *roster, const struct watch *watch)
{
	unsigned looks = 0;

	return roster_find_parent(roster, watch, is_down, &looks);
}

void roster_note(struct watch *watch, const struct check *check)
{
	const struct observation *observation = &check->observation;
	struct last_check *last = &watch->last;

	note_past(watch, check);
	free(last->reason);
	*last = (struct last_check){
		.wall = observation->wall,
		.latency = observation->latency,
		.lateness = check->started > check->due ? check->started - check->due : 0,
		.phases_seen = observation->phases_seen,
		.kind = (uint8_t)check->verdict.kind,
		.class = (uint8_t)check->verdict.class,
		.phase = (uint8_t)check->verdict.phase,
		.address = observation->address,
		.reason = check->verdict.reason ? memory_text(check->verdict.reason) : NULL,
	};
	for (enum phase phase = 0; phase < PHASE_JUDGE; phase++)
		last->phases[phase] = saturate(observation->phases[phase]);
}
