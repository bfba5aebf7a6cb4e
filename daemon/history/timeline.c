/* timeline.c - what an endpoint was, and from when to when. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "history/absence.h"
#include "history/timeline.h"
#include "store/row.h"
#include "store/schema.h"

/* A mark: 48 bits of milliseconds, then whether there is maintenance, then the kind. */
enum { KIND_BITS = 0x0f, MAINTENANCE_BIT = 0x10, WHAT_BITS = 0xff, AT_SHIFT = 8 };

static const char *const names[TIMES] = {
	[TIME_UP] = "up",	  [TIME_DEGRADED] = "degraded",
	[TIME_DOWN] = "down",	  [TIME_UNKNOWN] = "unknown",
	[TIME_PAUSED] = "paused", [TIME_MAINTENANCE] = "maintenance",
};

const char *time_name(enum time_kind kind)
{
	return names[kind];
}

void timeline_done(struct timeline *timeline)
{
	if (timeline->room)
		free(timeline->marks.many);
	free(timeline->lumps);
	*timeline = (struct timeline){ 0 };
}

uint64_t *timeline_marks(const struct timeline *timeline)
{
	/* Whoever has a timeline that is not const may change them. */
	return timeline->room ? timeline->marks.many : (uint64_t *)(uintptr_t)timeline->marks.few;
}

static usec_t mark_at(uint64_t mark)
{
	return (mark >> AT_SHIFT) * USEC_PER_MS;
}

static unsigned mark_what(uint64_t mark)
{
	return (unsigned)(mark & WHAT_BITS);
}

static uint64_t mark_of(usec_t wall, unsigned what)
{
	return wall / USEC_PER_MS << AT_SHIFT | what;
}

static enum time_kind kind_of(uint64_t mark)
{
	return (enum time_kind)(mark & KIND_BITS);
}

/* What it counts as. */
static enum time_kind counts_as(uint64_t mark)
{
	return mark & MAINTENANCE_BIT && kind_of(mark) != TIME_NONE ? TIME_MAINTENANCE
								    : kind_of(mark);
}

/* --- Changes ------------------------------------------------------------------------------ */

/* The first mark that is not before `wall`. */
static unsigned find_place(const struct timeline *timeline, usec_t wall)
{
	unsigned low = 0, high = timeline->count;

	while (low < high) {
		const unsigned middle = low + (high - low) / 2;

		if (mark_at(timeline_marks(timeline)[middle]) < wall)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void make_room(struct timeline *timeline)
{
	uint64_t *many;

	if (timeline->count < (timeline->room ? timeline->room : MARKS_FEW))
		return;
	if (timeline->room) {
		timeline->room = (uint16_t)(timeline->room * 2);
		timeline->marks.many =
			memory_grow(timeline->marks.many, timeline->room, sizeof(uint64_t));
		return;
	}
	many = memory_new(2 * MARKS_FEW, sizeof(*many));
	memcpy(many, timeline->marks.few, sizeof(timeline->marks.few));
	timeline->marks.many = many;
	timeline->room = 2 * MARKS_FEW;
}

static void insert(struct timeline *timeline, unsigned place, uint64_t mark)
{
	uint64_t *marks;

	make_room(timeline);
	marks = timeline_marks(timeline);
	memmove(&marks[place + 1], &marks[place], (timeline->count - place) * sizeof(*marks));
	marks[place] = mark;
	timeline->count++;
}

/* Marks that change nothing are left out, from `first` on. */
static void tidy(struct timeline *timeline, unsigned first)
{
	unsigned out = first;

	for (unsigned i = first; i < timeline->count; i++) {
		const unsigned before =
			out ? mark_what(timeline_marks(timeline)[out - 1]) : TIME_NONE;

		if (mark_what(timeline_marks(timeline)[i]) != before)
			timeline_marks(timeline)[out++] = timeline_marks(timeline)[i];
	}
	timeline->count = (uint16_t)out;
}

/* From `wall` on the bits of `mask` are `what`. */
static bool change(struct timeline *timeline, unsigned mask, unsigned what, usec_t wall,
		   unsigned *ret_first)
{
	unsigned place, before;
	bool is_other;

	wall -= wall % USEC_PER_MS;
	/* What is in a lump stays as it is. */
	if (timeline->lumps_count && timeline->count && wall < mark_at(timeline_marks(timeline)[0]))
		wall = mark_at(timeline_marks(timeline)[0]);
	place = find_place(timeline, wall);
	before = place ? mark_what(timeline_marks(timeline)[place - 1]) : TIME_NONE;
	is_other = (before & mask) != what;
	for (unsigned i = place; i < timeline->count && !is_other; i++)
		is_other = (mark_what(timeline_marks(timeline)[i]) & mask) != what;
	if (!is_other)
		return false;
	if (place == timeline->count || mark_at(timeline_marks(timeline)[place]) != wall)
		insert(timeline, place, mark_of(wall, before));
	for (unsigned i = place; i < timeline->count; i++)
		timeline_marks(timeline)[i] =
			(timeline_marks(timeline)[i] & ~(uint64_t)mask) | what;
	tidy(timeline, place);
	*ret_first = place;
	return true;
}

bool timeline_set(struct timeline *timeline, enum time_kind kind, usec_t wall, unsigned *ret_first)
{
	return change(timeline, KIND_BITS, kind, wall, ret_first);
}

bool timeline_maintain(struct timeline *timeline, bool is_on, usec_t wall, unsigned *ret_first)
{
	return change(timeline, MAINTENANCE_BIT, is_on ? MAINTENANCE_BIT : 0, wall, ret_first);
}

enum time_kind timeline_last(const struct timeline *timeline)
{
	return timeline->count ? kind_of(timeline_marks(timeline)[timeline->count - 1]) : TIME_NONE;
}

usec_t timeline_last_since(const struct timeline *timeline)
{
	return timeline->count ? mark_at(timeline_marks(timeline)[timeline->count - 1]) : 0;
}

/* --- Sums --------------------------------------------------------------------------------- */

static void add(struct times *times, enum time_kind kind, const struct absences *absences,
		usec_t from, usec_t until)
{
	const bool is_seen = kind == TIME_UP || kind == TIME_DEGRADED || kind == TIME_DOWN;
	const usec_t away = is_seen ? absences_within(absences, from, until) : 0;

	times->of[kind] += until - from - away;
	times->of[TIME_UNKNOWN] += away;
}

static void add_lump(struct times *times, const struct lump *lump, usec_t from, usec_t until)
{
	const usec_t begin = lump->from > from ? lump->from : from;
	const usec_t end = lump->until < until ? lump->until : until;

	if (begin >= end)
		return;
	for (enum time_kind kind = 0; kind < TIMES; kind++)
		times->of[kind] += (usec_t)((double)lump->times.of[kind] * (double)(end - begin) /
					    (double)(lump->until - lump->from));
}

void timeline_sum(const struct timeline *timeline, const struct absences *absences, usec_t from,
		  usec_t until, struct times *times)
{
	unsigned i = find_place(timeline, from);

	for (unsigned k = 0; k < timeline->lumps_count; k++)
		add_lump(times, &timeline->lumps[k], from, until);
	for (i = i ? i - 1 : 0; i < timeline->count; i++) {
		const usec_t began = mark_at(timeline_marks(timeline)[i]);
		const usec_t ended =
			i + 1u < timeline->count ? mark_at(timeline_marks(timeline)[i + 1]) : until;
		const usec_t begin = began > from ? began : from;
		const usec_t end = ended < until ? ended : until;

		if (began >= until)
			return;
		if (begin < end)
			add(times, counts_as(timeline_marks(timeline)[i]), absences, begin, end);
	}
}

/* --- Bounds ------------------------------------------------------------------------------- */

static void pack_number_at(struct text *bytes, uint64_t number)
{
	while (number >= 0x80) {
		text_append_char(bytes, (char)(number | 0x80));
		number >>= 7;
	}
	text_append_char(bytes, (char)number);
}

/* A lump as a row: when it ended, and how long it was what. */
static void pack_lump(const struct lump *lump, const char *name, struct pack *rows)
{
	cleanup(text)
	struct text bytes = { 0 };

	if (!rows)
		return;
	pack_number_at(&bytes, lump->until);
	for (enum time_kind kind = 0; kind < TIMES; kind++)
		pack_number_at(&bytes, lump->times.of[kind]);
	pack_begin(rows, STORE_PUT_MARK);
	pack_text(rows, name);
	pack_number(rows, (int64_t)(lump->from / USEC_PER_MS));
	pack_number(rows, 0);
	pack_bytes(rows, bytes.data, bytes.len);
}

static void pack_drop(usec_t from, usec_t until, const char *name, struct pack *rows)
{
	if (!rows)
		return;
	pack_begin(rows, STORE_DROP_MARKS);
	pack_text(rows, name);
	pack_number(rows, (int64_t)(from / USEC_PER_MS));
	pack_number(rows, until == USEC_NEVER ? INT64_MAX : (int64_t)(until / USEC_PER_MS));
}

static void add_times(struct times *times, const struct times *others)
{
	for (enum time_kind kind = 0; kind < TIMES; kind++)
		times->of[kind] += others->of[kind];
}

/* The two neighbours whose joined span is shortest for its age: what is old may be coarse. */
static void join_lumps(struct timeline *timeline, const char *name, struct pack *rows)
{
	struct lump *lumps = timeline->lumps;
	const usec_t end = lumps[timeline->lumps_count - 1].until;
	double least = 0;
	unsigned found = 0;

	for (unsigned i = 0; i + 1u < timeline->lumps_count; i++) {
		const double span = (double)(lumps[i + 1].until - lumps[i].from);
		const double share = span / ((double)(end - lumps[i].from) + 1);

		if (i == 0 || share < least) {
			least = share;
			found = i;
		}
	}
	if (rows)
		pack_drop(lumps[found + 1].from, lumps[found + 1].until, name, rows);
	lumps[found].until = lumps[found + 1].until;
	add_times(&lumps[found].times, &lumps[found + 1].times);
	timeline->lumps_count--;
	memmove(&lumps[found + 1], &lumps[found + 2],
		(timeline->lumps_count - found - 1) * sizeof(*lumps));
	pack_lump(&lumps[found], name, rows);
}

static void add_lump_behind(struct timeline *timeline, const struct lump *lump)
{
	if (!timeline->lumps)
		timeline->lumps = memory_new(LUMPS_MAX + 1, sizeof(*timeline->lumps));
	timeline->lumps[timeline->lumps_count++] = *lump;
}

void timeline_bound(struct timeline *timeline, const struct absences *absences, const char *name,
		    struct pack *rows)
{
	const unsigned half = MARKS_MAX / 2;
	struct lump lump = { 0 };

	if (timeline->count <= MARKS_MAX)
		return;
	lump.from = mark_at(timeline_marks(timeline)[0]);
	lump.until = mark_at(timeline_marks(timeline)[half]);
	for (unsigned i = 0; i < half; i++)
		add(&lump.times, counts_as(timeline_marks(timeline)[i]), absences,
		    mark_at(timeline_marks(timeline)[i]), mark_at(timeline_marks(timeline)[i + 1]));
	timeline->count = (uint16_t)(timeline->count - half);
	memmove(timeline_marks(timeline), &timeline_marks(timeline)[half],
		timeline->count * sizeof(uint64_t));
	pack_drop(lump.from, lump.until, name, rows);
	pack_lump(&lump, name, rows);
	add_lump_behind(timeline, &lump);
	if (timeline->lumps_count > LUMPS_MAX)
		join_lumps(timeline, name, rows);
}

void timeline_trim(struct timeline *timeline, usec_t horizon, const char *name, struct pack *rows)
{
	unsigned lumps = 0, marks = 0;

	while (lumps < timeline->lumps_count && timeline->lumps[lumps].until <= horizon)
		lumps++;
	/* The last one before it says what it was at the horizon. */
	while (marks + 1u < timeline->count &&
	       mark_at(timeline_marks(timeline)[marks + 1]) <= horizon)
		marks++;
	if (lumps == 0 && marks == 0)
		return;
	timeline->lumps_count = (uint16_t)(timeline->lumps_count - lumps);
	timeline->count = (uint16_t)(timeline->count - marks);
	if (lumps)
		memmove(timeline->lumps, &timeline->lumps[lumps],
			timeline->lumps_count * sizeof(*timeline->lumps));
	memmove(timeline_marks(timeline), &timeline_marks(timeline)[marks],
		timeline->count * sizeof(uint64_t));
	pack_drop(0,
		  timeline->lumps_count ? timeline->lumps[0].from
					: mark_at(timeline_marks(timeline)[0]),
		  name, rows);
}

/* --- Rows --------------------------------------------------------------------------------- */

static void pack_mark(uint64_t mark, const char *name, struct pack *rows)
{
	pack_begin(rows, STORE_PUT_MARK);
	pack_text(rows, name);
	pack_number(rows, (int64_t)(mark >> AT_SHIFT));
	pack_number(rows, mark_what(mark));
	pack_text(rows, NULL);
}

void timeline_pack(const struct timeline *timeline, unsigned first, const char *name,
		   struct pack *rows)
{
	usec_t from = 0;

	if (!rows)
		return;
	if (first)
		from = mark_at(timeline_marks(timeline)[first - 1]) + USEC_PER_MS;
	else if (timeline->count)
		from = mark_at(timeline_marks(timeline)[0]);
	pack_drop(from, USEC_NEVER, name, rows);
	for (unsigned i = first; i < timeline->count; i++)
		pack_mark(timeline_marks(timeline)[i], name, rows);
}

void timeline_pack_all(const struct timeline *timeline, const char *name, struct pack *rows)
{
	for (unsigned i = 0; i < timeline->lumps_count; i++)
		pack_lump(&timeline->lumps[i], name, rows);
	for (unsigned i = 0; i < timeline->count; i++)
		pack_mark(timeline_marks(timeline)[i], name, rows);
}

void timeline_pack_end(const char *name, usec_t wall, struct pack *rows)
{
	pack_mark(mark_of(wall, TIME_NONE), name, rows);
}

enum time_kind timeline_kind_in(const struct store_row *row)
{
	if (row->count != 4 || row->values[3].kind == STORE_BYTES)
		return TIME_UNKNOWN;
	return (enum time_kind)(row->values[2].number & KIND_BITS);
}

static bool read_number(const struct store_value *value, size_t *at, uint64_t *ret_number)
{
	uint64_t number = 0;

	for (unsigned shift = 0; shift < 63 && *at < value->len; shift += 7) {
		const unsigned char byte = (unsigned char)value->data[(*at)++];

		number |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			*ret_number = number;
			return true;
		}
	}
	return false;
}

static bool read_lump(const struct store_value *value, usec_t from, struct lump *ret_lump)
{
	size_t at = 0;

	*ret_lump = (struct lump){ .from = from };
	if (!read_number(value, &at, &ret_lump->until) || ret_lump->until <= from)
		return false;
	for (enum time_kind kind = 0; kind < TIMES; kind++)
		if (!read_number(value, &at, &ret_lump->times.of[kind]))
			return false;
	return true;
}

void timeline_take(struct timeline *timeline, const struct store_row *row)
{
	const struct store_value *at = &row->values[1], *what = &row->values[2];
	const struct store_value *bytes = &row->values[3];
	struct lump lump;
	usec_t wall;
	unsigned place;

	if (row->count != 4 || at->kind != STORE_NUMBER || what->kind != STORE_NUMBER ||
	    at->number < 0 || at->number >= INT64_C(1) << 47)
		return;
	wall = (usec_t)at->number * USEC_PER_MS;
	if (bytes->kind == STORE_BYTES) {
		if (timeline->lumps_count < LUMPS_MAX && read_lump(bytes, wall, &lump))
			add_lump_behind(timeline, &lump);
		return;
	}
	place = find_place(timeline, wall);
	if ((what->number & KIND_BITS) >= TIMES || timeline->count > MARKS_MAX ||
	    (place < timeline->count && mark_at(timeline_marks(timeline)[place]) == wall))
		return;
	insert(timeline, place, mark_of(wall, (unsigned)what->number & WHAT_BITS));
}
