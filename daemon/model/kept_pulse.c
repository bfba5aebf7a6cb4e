/* kept_pulse.c - the beats of heartbeats as rows of the store. */
#include <stdlib.h>

#include "base/memory.h"
#include "model/kept_pulse.h"
#include "model/watch.h"
#include "store/row.h"
#include "store/schema.h"

/* The columns, in the order of statements.inc. */
enum column { NAME, LAST, ENDED_AT, BEGAN_AT, TOOK, MESSAGE, WAITS_SINCE, COLUMNS };

void kept_pack_pulse(const struct watch *watch, struct pack *rows)
{
	const struct pulse *pulse = watch->pulse;

	pack_begin(rows, STORE_PUT_PULSE);
	pack_text(rows, watch->endpoint->name);
	pack_text(rows, pulse_word_name(pulse->last));
	pack_number(rows, (int64_t)pulse->ended.wall);
	pack_number(rows, (int64_t)pulse->began.wall);
	if (pulse->took == USEC_NEVER)
		pack_text(rows, NULL);
	else
		pack_number(rows, (int64_t)pulse->took);
	pack_text(rows, pulse->message);
	pack_number(rows, (int64_t)pulse->waits.wall);
}

/* What was written before a clock was set back has just been; 0 did not happen. */
static struct instant take_instant(const struct store_value *value, struct instant now)
{
	const usec_t wall =
		value->kind == STORE_NUMBER && value->number > 0 ? (usec_t)value->number : 0;
	const usec_t age = now.wall > wall ? now.wall - wall : 0;

	if (!wall)
		return (struct instant){ 0 };
	return (struct instant){ .at = now.at > age ? now.at - age : 1, .wall = wall };
}

bool kept_take_pulse(struct watch *watch, const struct store_row *row, struct instant now)
{
	const struct store_value *values = row->values;
	struct pulse *pulse = watch->pulse;
	enum pulse_word last = PULSE_NONE;

	if (row->count != COLUMNS || !pulse || pulse->last != PULSE_NONE)
		return false;
	if (values[LAST].kind == STORE_TEXT)
		last = pulse_word_find(values[LAST].data);
	if (last == PULSE_START)
		return false;
	pulse->last = last;
	pulse->ended = take_instant(&values[ENDED_AT], now);
	if (!pulse->began.at)
		pulse->began = take_instant(&values[BEGAN_AT], now);
	pulse->took = values[TOOK].kind == STORE_NUMBER && values[TOOK].number >= 0
			      ? (usec_t)values[TOOK].number
			      : USEC_NEVER;
	free(pulse->message);
	pulse->message =
		values[MESSAGE].kind == STORE_TEXT ? memory_text(values[MESSAGE].data) : NULL;
	pulse->waits = take_instant(&values[WAITS_SINCE], now);
	pulse->seen = last;
	return true;
}
