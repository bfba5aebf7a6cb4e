/* absence.c - when nobody looked. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "history/absence.h"
#include "store/row.h"
#include "store/schema.h"

void absences_done(struct absences *absences)
{
	free(absences->list);
	*absences = (struct absences){ 0 };
}

static void pack_put(const struct absence *absence, struct pack *rows)
{
	if (!rows)
		return;
	pack_begin(rows, STORE_PUT_ABSENCE);
	pack_number(rows, (int64_t)absence->began);
	pack_number(rows, (int64_t)absence->ended);
}

static void pack_drop(const struct absence *absence, struct pack *rows)
{
	if (!rows)
		return;
	pack_begin(rows, STORE_DROP_ABSENCE);
	pack_number(rows, (int64_t)absence->began);
}

static void sum_up(struct absences *absences)
{
	usec_t sum = 0;

	for (unsigned i = 0; i < absences->count; i++) {
		absences->list[i].before = sum;
		sum += absences->list[i].ended - absences->list[i].began;
	}
}

static void take_out(struct absences *absences, unsigned index)
{
	absences->count--;
	memmove(&absences->list[index], &absences->list[index + 1],
		(absences->count - index) * sizeof(*absences->list));
}

static void join_closest(struct absences *absences, struct pack *rows)
{
	struct absence *list = absences->list;
	unsigned closest = 0;

	for (unsigned i = 1; i + 1 < absences->count; i++)
		if (list[i + 1].began - list[i].ended <
		    list[closest + 1].began - list[closest].ended)
			closest = i;
	pack_drop(&list[closest + 1], rows);
	list[closest].ended = list[closest + 1].ended;
	pack_put(&list[closest], rows);
	take_out(absences, closest + 1);
}

void absences_add(struct absences *absences, usec_t began, usec_t ended, struct pack *rows)
{
	const struct absence *last = absences->count ? &absences->list[absences->count - 1] : NULL;

	if (last && began < last->ended)
		began = last->ended;
	if (began >= ended)
		return;
	if (absences->count == absences->room) {
		absences->room = (unsigned)memory_next_room(absences->room, absences->count + 1);
		absences->list =
			memory_grow(absences->list, absences->room, sizeof(*absences->list));
	}
	absences->list[absences->count] = (struct absence){ .began = began, .ended = ended };
	pack_put(&absences->list[absences->count++], rows);
	if (absences->count > ABSENCES_MAX)
		join_closest(absences, rows);
	sum_up(absences);
}

void absences_trim(struct absences *absences, usec_t horizon, struct pack *rows)
{
	while (absences->count && absences->list[0].ended < horizon) {
		pack_drop(&absences->list[0], rows);
		take_out(absences, 0);
	}
	sum_up(absences);
}

void absences_pack(const struct absences *absences, struct pack *rows)
{
	for (unsigned i = 0; i < absences->count; i++)
		pack_put(&absences->list[i], rows);
}

/* All absence before that time. */
static usec_t until_then(const struct absences *absences, usec_t wall)
{
	const struct absence *last;
	unsigned low = 0, high = absences->count;

	/* How many began before it. */
	while (low < high) {
		const unsigned middle = low + (high - low) / 2;

		if (absences->list[middle].began < wall)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return 0;
	last = &absences->list[low - 1];
	return last->before + (wall < last->ended ? wall : last->ended) - last->began;
}

usec_t absences_within(const struct absences *absences, usec_t from, usec_t until)
{
	if (absences->count == 0 || from >= until)
		return 0;
	return until_then(absences, until) - until_then(absences, from);
}
