/* permits.c - the limits on checks in flight, and who waits for which of them. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "schedule/permits.h"
#include "schedule/schedule.h"

static struct group_limit *group_made(struct permits *permits, uint32_t group)
{
	if (group == SCHEDULE_NO_LIMIT)
		return &permits->others;
	if (group >= permits->groups_room) {
		const uint32_t room = (uint32_t)memory_next_room(permits->groups_room, group + 1u);

		permits->groups = memory_grow(permits->groups, room, sizeof(struct group_limit *));
		for (uint32_t i = permits->groups_room; i < room; i++)
			permits->groups[i] = NULL;
		permits->groups_room = room;
	}
	if (!permits->groups[group])
		permits->groups[group] = MEMORY_NEW(struct group_limit);
	return permits->groups[group];
}

static bool group_is_full(const struct group_limit *group)
{
	return group->max > 0 && group->used >= group->max;
}

static bool group_has_room(const struct permits *permits, uint32_t group)
{
	return group >= permits->groups_room || !permits->groups[group] ||
	       !group_is_full(permits->groups[group]);
}

static bool host_is_full(const struct permits *permits, uint32_t host)
{
	unsigned max = permits->max_per_host;

	if (host >= permits->hosts_room)
		return false;
	if (permits->hosts[host].max)
		max = permits->hosts[host].max;
	return max > 0 && permits->hosts[host].used >= max;
}

static struct host_limit *host_made(struct permits *permits, uint32_t host)
{
	if (host >= permits->hosts_room) {
		const uint32_t room = (uint32_t)memory_next_room(permits->hosts_room, host + 1u);

		permits->hosts = memory_grow(permits->hosts, room, sizeof(*permits->hosts));
		memset(permits->hosts + permits->hosts_room, 0,
		       (room - permits->hosts_room) * sizeof(*permits->hosts));
		permits->hosts_room = room;
	}
	return &permits->hosts[host];
}

static bool lane_is_full(const struct permits *permits, enum lane lane)
{
	return permits->lanes[lane].used >= permits->lanes[lane].max;
}

/* A gate stands in its lane's line under the age of its oldest cell, while its group has room. */
static void gate_settle(struct permits *permits, struct group_limit *group, enum lane lane)
{
	struct gate *const gate = &group->gates[lane];
	const bool is_wanted = gate->cells.first && !group_is_full(group);

	if (gate->is_open && is_wanted && gate->spot.due == gate->cells.first->due)
		return;
	if (gate->is_open)
		line_remove(&permits->lanes[lane].gates, &gate->spot);
	if (is_wanted)
		line_put(&permits->lanes[lane].gates, &gate->spot, gate->cells.first->due);
	gate->is_open = is_wanted;
}

static void group_settle(struct permits *permits, struct group_limit *group)
{
	gate_settle(permits, group, LANE_ORDINARY);
	gate_settle(permits, group, LANE_SLOW);
}

/* Into the line of whichever limit refuses it first. */
static void cell_hang(struct permits *permits, struct cell *cell)
{
	const usec_t due = cell_first(cell)->due;
	struct group_limit *const group = group_made(permits, cell->group);

	cell->is_at_host = host_is_full(permits, cell->host);
	if (cell->is_at_host) {
		line_put(&permits->hosts[cell->host].cells, &cell->spot, due);
		return;
	}
	line_put(&group->gates[cell->lane].cells, &cell->spot, due);
	gate_settle(permits, group, cell->lane);
}

static void cell_unhang(struct permits *permits, struct cell *cell)
{
	struct group_limit *const group = group_made(permits, cell->group);

	if (cell->is_at_host) {
		line_remove(&permits->hosts[cell->host].cells, &cell->spot);
		return;
	}
	line_remove(&group->gates[cell->lane].cells, &cell->spot);
	gate_settle(permits, group, cell->lane);
}

/* Whoever waits for the host alone may look further now. */
static void host_open(struct permits *permits, struct host_limit *host)
{
	while (host->cells.first) {
		struct cell *const cell = LIST_ENTRY(host->cells.first, struct cell, spot);

		line_remove(&host->cells, &cell->spot);
		cell_hang(permits, cell);
	}
}

void permits_init(struct permits *permits)
{
	*permits = (struct permits){ .max = 1 };
	list_init(&permits->fresh);
}

void permits_done(struct permits *permits)
{
	cells_done(&permits->cells);
	for (uint32_t i = 0; i < permits->groups_room; i++)
		free(permits->groups[i]);
	free(permits->groups);
	free(permits->hosts);
}

void permits_set_max(struct permits *permits, unsigned max, unsigned max_per_host)
{
	assert(max > 0);
	permits->max = max;
	permits->lanes[LANE_ORDINARY].max = max;
	permits->lanes[LANE_SLOW].max = max > 1 ? max / 2 : 1;
	permits->max_per_host = max_per_host;
	for (uint32_t host = 0; host < permits->hosts_room; host++)
		if (!host_is_full(permits, host))
			host_open(permits, &permits->hosts[host]);
}

void permits_set_group(struct permits *permits, uint32_t group, unsigned max)
{
	struct group_limit *const limit = group_made(permits, group);

	assert(group != SCHEDULE_NO_LIMIT);
	limit->max = max;
	group_settle(permits, limit);
}

void permits_set_host(struct permits *permits, uint32_t host, unsigned max)
{
	struct host_limit *const limit = host_made(permits, host);

	assert(host != SCHEDULE_NO_LIMIT);
	limit->max = max;
	if (!host_is_full(permits, host))
		host_open(permits, limit);
}

bool permits_is_full(const struct permits *permits)
{
	return permits->used >= permits->max;
}

bool permits_fits(const struct permits *permits, const struct seat *seat)
{
	return !host_is_full(permits, seat->host) && group_has_room(permits, seat->group) &&
	       !lane_is_full(permits, seat->lane) && !permits_is_full(permits);
}

static void take_own(struct permits *permits, const struct seat *seat)
{
	struct group_limit *const group = group_made(permits, seat->group);

	if (seat->host != SCHEDULE_NO_LIMIT)
		host_made(permits, seat->host)->used++;
	group->used++;
	group_settle(permits, group);
}

static void give_own(struct permits *permits, const struct seat *seat)
{
	struct group_limit *const group = group_made(permits, seat->group);

	group->used--;
	group_settle(permits, group);
	if (seat->host == SCHEDULE_NO_LIMIT)
		return;
	permits->hosts[seat->host].used--;
	if (!host_is_full(permits, seat->host))
		host_open(permits, &permits->hosts[seat->host]);
}

void permits_take(struct permits *permits, struct seat *seat, usec_t now)
{
	take_own(permits, seat);
	permits->used++;
	seat->started = now;
	seat->is_slow = seat->lane == LANE_SLOW;
	if (seat->is_slow)
		permits->lanes[LANE_SLOW].used++;
	else
		list_append(&permits->fresh, &seat->link);
}

void permits_give(struct permits *permits, struct seat *seat)
{
	permits->used--;
	if (seat->is_slow)
		permits->lanes[LANE_SLOW].used--;
	else
		list_remove(&seat->link);
	give_own(permits, seat);
}

void permits_move(struct permits *permits, struct seat *seat, uint32_t group, uint32_t host)
{
	give_own(permits, seat);
	seat->group = group;
	seat->host = host;
	take_own(permits, seat);
}

void permits_age(struct permits *permits, usec_t now)
{
	struct list *link;

	while ((link = list_first(&permits->fresh))) {
		struct seat *const seat = LIST_ENTRY(link, struct seat, link);

		if (seat->started + PERMITS_SLOW >= now)
			return;
		list_remove(link);
		seat->is_slow = true;
		permits->lanes[LANE_SLOW].used++;
	}
}

void permits_join(struct permits *permits, struct seat *seat)
{
	struct cell *const cell = cells_made(&permits->cells, seat);
	const bool is_first = list_is_empty(&cell->seats);

	list_append(&cell->seats, &seat->link);
	seat->cell = cell;
	permits->waiting++;
	if (is_first)
		cell_hang(permits, cell);
}

void permits_leave(struct permits *permits, struct seat *seat)
{
	struct cell *const cell = seat->cell;
	const bool is_first = cell_first(cell) == seat;

	/* The line knows the cell by the age of its first seat. */
	if (is_first)
		cell_unhang(permits, cell);
	list_remove(&seat->link);
	permits->waiting--;
	if (list_is_empty(&cell->seats))
		cells_end(&permits->cells, cell);
	else if (is_first)
		cell_hang(permits, cell);
}

/* The lane whose first gate has the oldest, or NULL.  `all` is known to have room. */
static struct gate *oldest_gate(const struct permits *permits)
{
	const struct spot *const ordinary = permits->lanes[LANE_ORDINARY].gates.first;
	const struct spot *const slow =
		lane_is_full(permits, LANE_SLOW) ? NULL : permits->lanes[LANE_SLOW].gates.first;
	const struct spot *const oldest =
		!ordinary || (slow && slow->due < ordinary->due) ? slow : ordinary;

	return oldest ? LIST_ENTRY(oldest, struct gate, spot) : NULL;
}

struct seat *permits_oldest(struct permits *permits)
{
	struct gate *gate;

	if (permits_is_full(permits))
		return NULL;
	while ((gate = oldest_gate(permits))) {
		struct cell *const cell = LIST_ENTRY(gate->cells.first, struct cell, spot);

		if (!host_is_full(permits, cell->host))
			return cell_first(cell);
		/* Its host was filled since the cell came to this gate. */
		cell_unhang(permits, cell);
		cell_hang(permits, cell);
	}
	return NULL;
}

bool permits_is_ready(const struct permits *permits)
{
	return !permits_is_full(permits) && oldest_gate(permits);
}
