/* sound.c - whether a schedule holds what it promises. */
#include "sound.h"
#include "schedule/schedule.h"

enum { LIMITED = 4096 }; /* more hosts and groups than any test has */

struct tally {
	unsigned all, slow, waiting, in_heap;
	unsigned hosts[LIMITED], groups[LIMITED];
};

static bool cell_has(const struct cell *cell, const struct seat *seat)
{
	list_each (link, &cell->seats)
		if (link == &seat->link)
			return true;
	return false;
}

static bool line_has(const struct spot *spot, const struct spot *wanted)
{
	for (; spot; spot = spot->next)
		if (spot == wanted || line_has(spot->child, wanted))
			return true;
	return false;
}

static const struct group_limit *group_at(const struct permits *permits, uint32_t group)
{
	return group == SCHEDULE_NO_LIMIT ? &permits->others : permits->groups[group];
}

static unsigned host_max(const struct permits *permits, uint32_t host)
{
	return permits->hosts[host].max ? permits->hosts[host].max : permits->max_per_host;
}

static const char *cell_fault(const struct permits *permits, const struct seat *seat)
{
	const struct cell *const cell = seat->cell;
	const struct group_limit *const group = group_at(permits, seat->group);
	const struct gate *const gate = &group->gates[seat->lane];
	const bool is_at_gate = line_has(gate->cells.first, &cell->spot);
	const bool is_at_host = seat->host != SCHEDULE_NO_LIMIT &&
				line_has(permits->hosts[seat->host].cells.first, &cell->spot);

	if (!cell_has(cell, seat))
		return "a seat is not in its cell";
	if (cell->host != seat->host || cell->group != seat->group || cell->lane != seat->lane)
		return "a seat is in a cell of others";
	if (is_at_gate == is_at_host || is_at_host != cell->is_at_host)
		return "a cell is not in exactly one line";
	if (is_at_host && (host_max(permits, seat->host) == 0 ||
			   permits->hosts[seat->host].used < host_max(permits, seat->host)))
		return "a cell waits for a host that has room";
	if (gate->is_open != line_has(permits->lanes[seat->lane].gates.first, &gate->spot))
		return "a gate is not where it says";
	if (is_at_gate && gate->is_open != (group->max == 0 || group->used < group->max))
		return "a gate is open for a full group, or shut for one with room";
	return NULL;
}

static const char *seat_fault(struct schedule *schedule, const struct seat *seat,
			      struct tally *tally, bool is_pumped)
{
	const struct permits *const permits = &schedule->permits;
	const bool is_in_heap = heap_has(schedule->due, seat->id);

	if (is_in_heap != (seat->place == SEAT_HEAP))
		return "a seat is in the heap and elsewhere, or not where it says";
	tally->in_heap += is_in_heap;
	if (seat->place == SEAT_CELL) {
		tally->waiting++;
		if (is_pumped && !schedule->is_held && permits_fits(permits, seat))
			return "one waits with room under all its limits";
		return cell_fault(permits, seat);
	}
	if (seat->place == SEAT_FLIGHT) {
		tally->all++;
		tally->slow += seat->is_slow;
		if (seat->host != SCHEDULE_NO_LIMIT)
			tally->hosts[seat->host]++;
		if (seat->group != SCHEDULE_NO_LIMIT)
			tally->groups[seat->group]++;
		if (seat->lane == LANE_SLOW && !seat->is_slow)
			return "one of the slow lane does not count as slow";
	}
	return NULL;
}

static uint32_t cells_counted(const struct cells *cells)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < cells->room; i++)
		for (const struct cell *cell = cells->buckets[i]; cell; cell = cell->next)
			count++;
	return count;
}

static const char *tally_fault(const struct schedule *schedule, const struct tally *tally)
{
	const struct permits *const permits = &schedule->permits;
	unsigned grouped = 0;

	if (tally->all != permits->used || tally->slow != permits->lanes[LANE_SLOW].used)
		return "used is not what is in flight";
	if (cells_counted(&permits->cells) != permits->cells.count)
		return "there are more or fewer cells than are counted";
	if (tally->waiting != permits->waiting || tally->in_heap != heap_count(schedule->due))
		return "waiting is not what waits";
	for (uint32_t host = 0; host < permits->hosts_room && host < LIMITED; host++)
		if (permits->hosts[host].used != tally->hosts[host])
			return "a host's used is not what is in flight";
	for (uint32_t group = 0; group < permits->groups_room && group < LIMITED; group++) {
		grouped += tally->groups[group];
		if (permits->groups[group] && permits->groups[group]->used != tally->groups[group])
			return "a group's used is not what is in flight";
	}
	if (permits->others.used != tally->all - grouped)
		return "the groupless used is not what is in flight";
	return NULL;
}

const char *sound_fault(struct schedule *schedule, uint32_t ids, usec_t now, bool is_pumped)
{
	struct tally tally = { 0 };
	usec_t due;
	uint32_t id;

	if (is_pumped && !schedule->is_held && !permits_is_full(&schedule->permits) &&
	    heap_least(schedule->due, &id, &due) && due <= now)
		return "one is due, a permit is free, and nothing happens";
	for (id = 0; id < ids; id++) {
		const struct seat *const seat = schedule_seat(schedule, id);
		const char *fault = NULL;

		if (seat && seat->place == SEAT_FREE && heap_has(schedule->due, id))
			fault = "nobody is in the heap";
		else if (seat && seat->place != SEAT_FREE)
			fault = seat_fault(schedule, seat, &tally, is_pumped);

		if (fault)
			return fault;
	}
	return tally_fault(schedule, &tally);
}
