/* age.c - what is old becomes coarse, and what is too old or too much goes.
 *
 * Jobs for the store's thread, one at a time, each a few thousand rows of the oldest: minutes that
 * are older than they are kept become hours, then hours go that are older than those are kept, then
 * the oldest of all as long as the file is too large.  Another follows while one had enough to do.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "history/inside.h"

enum { ROWS_A_JOB = 2000 };

struct ageing {
	struct history *history; /* borrowed; the loop's */
	uint32_t hour, day; /* before these, minutes become hours, and hours go */
	uint64_t bytes_max;
	usec_t wall;

	/* The thread's. */
	struct pack made, gone; /* rows to be written; the last of gone counts */
	unsigned seen;
	uint64_t bytes;
	struct account account; /* of the hour at hand */
};

static struct account *into_one(unsigned place, void *context)
{
	struct ageing *ageing = context;

	(void)place;
	return &ageing->account;
}

/* Notes the key of a row as the last one that is to go. */
static void note_gone(struct ageing *ageing, unsigned statement, const struct store_row *row)
{
	pack_done(&ageing->gone);
	pack_begin(&ageing->gone, statement);
	pack_number(&ageing->gone, row->values[0].number);
	pack_number(&ageing->gone, row->values[1].number);
	ageing->seen++;
}

static bool make_hour(const struct store_row *row, void *context)
{
	struct ageing *ageing = context;
	const struct store_value *data = &row->values[2];
	const uint64_t hour = (uint64_t)row->values[0].number;
	cleanup(text)
	struct text bytes = { 0 };
	size_t at = 0;

	ageing->account = (struct account){ 0 };
	while (data->kind == STORE_BYTES &&
	       account_unpack(data->data, data->len, &at, into_one, ageing))
		;
	if (ageing->account.checks) {
		account_pack(&ageing->account, (unsigned)(hour % HOURS_A_DAY), &bytes);
		pack_begin(&ageing->made, STORE_ADD_HOURS);
		pack_number(&ageing->made, (int64_t)(hour / HOURS_A_DAY));
		pack_number(&ageing->made, row->values[1].number);
		pack_bytes(&ageing->made, bytes.data, bytes.len);
	}
	note_gone(ageing, STORE_DROP_MINUTES, row);
	return true;
}

static bool drop_hour(const struct store_row *row, void *context)
{
	note_gone(context, STORE_DROP_HOURS, row);
	return true;
}

static bool drop_minute(const struct store_row *row, void *context)
{
	note_gone(context, STORE_DROP_MINUTES, row);
	return true;
}

static bool take_size(const struct store_row *row, void *context)
{
	struct ageing *ageing = context;

	ageing->bytes = (uint64_t)row->values[0].number;
	return false;
}

/* The oldest rows before a limit, and what is to become of them. */
static int take_oldest(struct store_session *session, struct ageing *ageing, unsigned ask,
		       int64_t before, bool (*take)(const struct store_row *, void *))
{
	struct pack question = { 0 };
	int r;

	ageing->seen = 0;
	pack_begin(&question, ask);
	pack_number(&question, before);
	pack_number(&question, ROWS_A_JOB);
	r = store_session_ask(session, &question, take, ageing);
	pack_done(&question);
	if (r == 0)
		r = store_session_put(session, &ageing->made);
	if (r == 0)
		r = store_session_put(session, &ageing->gone);
	pack_done(&ageing->made);
	pack_done(&ageing->gone);
	return r;
}

static int shrink(struct store_session *session, struct ageing *ageing)
{
	struct pack question = { 0 };
	int r;

	pack_begin(&question, STORE_ASK_SIZE);
	r = store_session_ask(session, &question, take_size, ageing);
	pack_done(&question);
	if (r < 0 || ageing->bytes <= ageing->bytes_max)
		return r;
	r = take_oldest(session, ageing, STORE_ASK_OLD_HOURS, INT64_MAX, drop_hour);
	if (r == 0 && ageing->seen == 0)
		r = take_oldest(session, ageing, STORE_ASK_OLD_MINUTES, INT64_MAX, drop_minute);
	return r;
}

static int age(struct store_session *session, void *context)
{
	struct ageing *ageing = context;
	int r = take_oldest(session, ageing, STORE_ASK_OLD_MINUTES, ageing->hour, make_hour);

	if (r == 0 && ageing->seen < ROWS_A_JOB)
		r = take_oldest(session, ageing, STORE_ASK_OLD_HOURS, ageing->day, drop_hour);
	if (r == 0 && ageing->seen < ROWS_A_JOB)
		r = shrink(session, ageing);
	return r;
}

static void aged(int result, void *context)
{
	struct ageing *ageing = context;
	struct history *history = ageing->history;
	/* What was dropped for its size says nothing of what is left to drop: look again. */
	const bool has_more = ageing->seen == ROWS_A_JOB || ageing->bytes > ageing->bytes_max;

	history->ageing = NULL;
	if (result == 0 && ageing->seen && has_more)
		history_age(history, ageing->wall);
	free(ageing);
}

static uint32_t units_before(usec_t wall, usec_t kept, usec_t unit)
{
	return (uint32_t)((wall > kept ? wall - kept : 0) / unit);
}

void history_age(struct history *history, usec_t wall)
{
	struct ageing *ageing;

	if (!history->store || history->ageing)
		return;
	ageing = MEMORY_NEW(struct ageing);
	ageing->history = history;
	ageing->wall = wall;
	ageing->hour = units_before(wall, history->settings.minutes, USEC_PER_HOUR);
	ageing->day = units_before(wall, history->settings.hours, USEC_PER_DAY);
	ageing->bytes_max = history->settings.store_bytes;
	if (store_submit_work(history->store, age, aged, ageing) == 0)
		history->ageing = ageing;
	else
		free(ageing);
}
