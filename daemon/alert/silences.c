/* silences.c - all silences, and which of them keeps a watch quiet. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alert/silences.h"
#include "base/memory.h"
#include "model/kept_silence.h"
#include "store/row.h"

struct silences {
	struct silence *list[SILENCES_MAX]; /* owned; their numbers rise */
	unsigned count;
	uint64_t latest; /* the last number that was given */
};

struct silences *silences_new(void)
{
	return MEMORY_NEW(struct silences);
}

void silences_free(struct silences *silences)
{
	for (unsigned i = 0; i < silences->count; i++)
		silence_free(silences->list[i]);
	free(silences);
}

int silences_add(struct silences *silences, struct silence *silence, struct pack *rows)
{
	if (silences->count == SILENCES_MAX) {
		silence_free(silence);
		return -ENOSPC;
	}
	silence->number = ++silences->latest;
	silences->list[silences->count++] = silence;
	if (rows)
		kept_pack_silence(silence, rows);
	return 0;
}

static struct silence *take_place(struct silences *silences, unsigned place, struct pack *rows)
{
	struct silence *silence = silences->list[place];

	silences->count--;
	memmove(&silences->list[place], &silences->list[place + 1],
		(silences->count - place) * sizeof(silences->list[0]));
	if (rows)
		kept_pack_drop_silence(silence->id, rows);
	return silence;
}

static unsigned find_id(const struct silences *silences, const char *id)
{
	unsigned place = 0;

	while (place < silences->count && strcmp(silences->list[place]->id, id) != 0)
		place++;
	return place;
}

struct silence *silences_take(struct silences *silences, const char *id, struct pack *rows)
{
	const unsigned place = find_id(silences, id);

	return place < silences->count ? take_place(silences, place, rows) : NULL;
}

struct silence *silences_take_over(struct silences *silences, usec_t boot, struct pack *rows)
{
	for (unsigned i = 0; i < silences->count; i++)
		if (silences->list[i]->until <= boot)
			return take_place(silences, i, rows);
	return NULL;
}

usec_t silences_next(const struct silences *silences)
{
	usec_t next = USEC_NEVER;

	for (unsigned i = 0; i < silences->count; i++)
		if (silences->list[i]->until < next)
			next = silences->list[i]->until;
	return next;
}

/* --- Who is quiet ------------------------------------------------------------------------- */

static bool has_number(const struct silences *silences, uint64_t number)
{
	unsigned low = 0, high = silences->count;

	while (low < high) {
		const unsigned middle = low + (high - low) / 2;

		if (silences->list[middle]->number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < silences->count && silences->list[low]->number == number;
}

/* What of it is still so. */
static void refresh(const struct silences *silences, struct hush *hush, usec_t boot)
{
	if (!hush->number)
		return;
	/* It ended last: what else matched is over as well. */
	if (hush->until <= boot)
		hush->number = 0;
	else if (!has_number(silences, hush->number))
		*hush = (struct hush){ 0 };
}

bool silences_look(const struct silences *silences, struct watch *watch, usec_t boot,
		   unsigned *looks)
{
	struct hush *hush = &watch->hush;

	refresh(silences, hush, boot);
	for (unsigned i = silences->count; i > 0; i--) {
		const struct silence *silence = silences->list[i - 1];

		if (silence->number <= hush->seen)
			break;
		if (silence->until <= boot || (hush->number && silence->until <= hush->until))
			continue;
		(*looks)++;
		if (!silence_matches(silence, watch->endpoint))
			continue;
		hush->number = silence->number;
		hush->until = silence->until;
	}
	hush->seen = silences->latest;
	return hush->number != 0;
}

bool silences_look_name(const struct silences *silences, const char *name, const char *group,
			usec_t boot)
{
	for (unsigned i = 0; i < silences->count; i++)
		if (silences->list[i]->until > boot &&
		    silence_matches_name(silences->list[i], name, group))
			return true;
	return false;
}

/* --- From the store, and again to it ------------------------------------------------------ */

void silences_load(struct silences *silences, const struct store_row *row, usec_t wall, usec_t boot,
		   struct pack *rows)
{
	struct silence *silence = kept_take_silence(row);
	usec_t left;

	if (!silence)
		return;
	if (silence->ends <= wall) {
		if (rows)
			kept_pack_drop_silence(silence->id, rows);
		silence_free(silence);
		return;
	}
	/* A file that is read twice says nothing new. */
	if (find_id(silences, silence->id) < silences->count) {
		silence_free(silence);
		return;
	}
	/* Never longer than it was meant, whatever became of the clock. */
	left = silence->ends - (wall > silence->made ? wall : silence->made);
	silence->until = boot + left;
	(void)silences_add(silences, silence, NULL);
}

void silences_pack(const struct silences *silences, struct pack *rows)
{
	for (unsigned i = 0; i < silences->count; i++)
		kept_pack_silence(silences->list[i], rows);
}

unsigned silences_count(const struct silences *silences)
{
	return silences->count;
}

const struct silence *silences_get(const struct silences *silences, unsigned place)
{
	return silences->list[place];
}
