/* past.c - what the checks of an endpoint came to, read back. */
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "history/inside.h"
#include "history/past.h"

/* One question on its way.  The thread has it from history_ask() until `answered`. */
struct past_request {
	struct list link; /* in history->asks */
	uint64_t key;
	usec_t from, until;
	struct past past;
	struct account **accounts; /* owned; by step, NULL where nothing was */
	struct pack own; /* rows like those of the file that were not in it */
	usec_t unit, row; /* of the rows at hand: how long a place in them is, and a row */
	usec_t base; /* where the row at hand begins */
	void (*done)(struct past *past, void *context); /* NULL: forgotten */
	void *context;
};

static void request_free(struct past_request *request)
{
	list_remove(&request->link);
	for (unsigned i = 0; request->accounts && i < request->past.count; i++)
		free(request->accounts[i]);
	free(request->accounts);
	free(request->past.steps);
	pack_done(&request->own);
	free(request);
}

void history_free_asks(struct history *history)
{
	list_each (link, &history->asks)
		request_free(LIST_ENTRY(link, struct past_request, link));
}

void history_forget(struct past_request *request)
{
	request->done = NULL;
}

/* --- Steps -------------------------------------------------------------------------------- */

/* Midnight of that day, so many days later; as the host's time zone has it, so that a day may
 * have 23 hours or 25.
 */
static usec_t midnight(usec_t wall, int days)
{
	const time_t seconds = (time_t)(wall / USEC_PER_SEC);
	struct tm day;

	(void)localtime_r(&seconds, &day);
	day.tm_hour = day.tm_min = day.tm_sec = 0;
	day.tm_mday += days;
	day.tm_isdst = -1;
	return (usec_t)mktime(&day) * USEC_PER_SEC;
}

void past_days(usec_t wall, unsigned count, usec_t *ret_edges)
{
	for (unsigned i = 0; i < count; i++)
		ret_edges[i] = midnight(wall, (int)i - (int)count + 1);
	ret_edges[count] = wall;
}

static usec_t step_begin(const struct past_question *question, usec_t wall)
{
	return question->step == PAST_DAYS ? midnight(wall, 0) : wall - wall % question->step;
}

static usec_t step_end(const struct past_question *question, usec_t begin)
{
	return question->step == PAST_DAYS ? midnight(begin + USEC_PER_HOUR, 1)
					   : begin + question->step;
}

unsigned past_count_steps(const struct past_question *question)
{
	const usec_t step = question->step == PAST_DAYS ? 23 * USEC_PER_HOUR : question->step;
	const usec_t span = question->until > question->from ? question->until - question->from : 0;

	return span / step < PAST_STEPS_MAX ? (unsigned)(span / step) + 2 : PAST_STEPS_MAX + 1;
}

static void make_steps(struct past *past, const struct past_question *question)
{
	const unsigned room = past_count_steps(question);
	usec_t begin = step_begin(question, question->from);

	past->steps = memory_new(room, sizeof(*past->steps));
	while (begin < question->until && past->count < room) {
		struct past_step *step = &past->steps[past->count++];
		const usec_t end = step_end(question, begin);

		step->from = begin;
		step->until = end < question->until ? end : question->until;
		begin = end;
	}
	past->whole.from = past->count ? past->steps[0].from : question->from;
	past->whole.until = question->until;
}

/* --- On the store's thread ---------------------------------------------------------------- */

static struct account *account_at(struct past_request *request, usec_t wall)
{
	const struct past_step *steps = request->past.steps;
	unsigned low = 0, high = request->past.count;

	if (wall < request->past.whole.from || wall >= request->past.whole.until)
		return NULL;
	while (high - low > 1) {
		const unsigned middle = low + (high - low) / 2;

		if (steps[middle].from <= wall)
			low = middle;
		else
			high = middle;
	}
	if (!request->accounts[low])
		request->accounts[low] = MEMORY_NEW(struct account);
	return request->accounts[low];
}

static struct account *choose(unsigned place, void *context)
{
	struct past_request *request = context;

	return account_at(request, request->base + place * request->unit);
}

static bool add_row(const struct store_row *row, void *context)
{
	struct past_request *request = context;
	const struct store_value *data = &row->values[1];
	size_t at = 0;

	request->base = (usec_t)row->values[0].number * request->row;
	while (data->kind == STORE_BYTES &&
	       account_unpack(data->data, data->len, &at, choose, request))
		;
	return true;
}

static int read_rows(struct store_session *session, struct past_request *request, unsigned ask)
{
	struct pack question = { 0 };
	int r;

	pack_begin(&question, ask);
	pack_number(&question, (int64_t)request->key);
	pack_number(&question, (int64_t)(request->past.whole.from / request->row));
	pack_number(&question, (int64_t)(request->past.whole.until / request->row));
	r = store_session_ask(session, &question, add_row, request);
	pack_done(&question);
	return r;
}

static void fill_in(struct past_step *step, const struct account *account)
{
	step->checks = account->checks;
	step->failed = account->failed;
	step->unknown = account->unknown;
	step->answers = account->answers;
	step->least = account->least;
	step->greatest = account->greatest;
	step->mean = account->answers ? account->sum / account->answers : 0;
	step->p50 = account_quantile(account, 0.5);
	step->p95 = account_quantile(account, 0.95);
	step->p99 = account_quantile(account, 0.99);
}

static void sum_up(struct past_request *request)
{
	struct account whole = { 0 };

	for (unsigned i = 0; i < request->past.count; i++) {
		if (!request->accounts[i])
			continue;
		fill_in(&request->past.steps[i], request->accounts[i]);
		account_add(&whole, request->accounts[i]);
	}
	fill_in(&request->past.whole, &whole);
}

static void set_minutes(struct past_request *request)
{
	request->unit = HISTORY_SPAN;
	request->row = USEC_PER_HOUR;
}

static void add_own(struct past_request *request)
{
	struct store_row row;
	size_t at = 0;

	set_minutes(request);
	while (pack_next(&request->own, &at, &row))
		(void)add_row(&row, request);
}

static int read_past(struct store_session *session, void *context)
{
	struct past_request *request = context;
	int r;

	set_minutes(request);
	r = read_rows(session, request, STORE_ASK_MINUTES);
	request->unit = USEC_PER_HOUR;
	request->row = USEC_PER_DAY;
	if (r == 0)
		r = read_rows(session, request, STORE_ASK_HOURS);
	if (r == 0) {
		add_own(request);
		sum_up(request);
	}
	return r;
}

/* --- On the loop's ------------------------------------------------------------------------ */

static void answered(int result, void *context)
{
	struct past_request *request = context;

	if (request->done)
		request->done(result == 0 ? &request->past : NULL, request->context);
	request_free(request);
}

/* What of this endpoint is not in the file: what waits, and what is open. */
static void copy_own(const struct history *history, const struct track *track, struct pack *own)
{
	const struct pack *rows = &history->parts[history_part(track->key)];
	cleanup(text)
	struct text bytes = { 0 };
	struct account account = { 0 };
	struct store_row row;
	size_t at = 0;

	while (pack_next(rows, &at, &row)) {
		if ((uint64_t)row.values[1].number != track->key)
			continue;
		pack_begin(own, STORE_ASK_MINUTES);
		pack_number(own, row.values[0].number);
		pack_bytes(own, row.values[2].data, row.values[2].len);
	}
	if (track->bucket.checks == 0)
		return;
	account_add_bucket(&account, &track->bucket);
	account_pack(&account, track->bucket.span % SPANS_AN_HOUR, &bytes);
	pack_begin(own, STORE_ASK_MINUTES);
	pack_number(own, track->bucket.span / SPANS_AN_HOUR);
	pack_bytes(own, bytes.data, bytes.len);
}

static struct past_request *request_new(struct history *history)
{
	struct past_request *request = MEMORY_NEW(struct past_request);

	list_append(&history->asks, &request->link);
	return request;
}

struct past_request *history_ask(struct history *history, const struct watch *watch,
				 const struct past_question *question,
				 void (*done)(struct past *past, void *context), void *context)
{
	struct past_request *request = request_new(history);
	const struct track *track = history_track(history, watch);
	struct past *past = &request->past;
	int r = 0;

	request->done = done;
	request->context = context;
	make_steps(past, question);
	request->accounts = memory_new(past->count + 1, sizeof(*request->accounts));
	history_sum(history, watch, past->whole.from, past->whole.until, &past->whole.times);
	for (unsigned i = 0; i < past->count; i++)
		history_sum(history, watch, past->steps[i].from, past->steps[i].until,
			    &past->steps[i].times);
	if (track) {
		request->key = track->key;
		copy_own(history, track, &request->own);
	}
	if (history->store) {
		r = store_submit_work(history->store, read_past, answered, request);
		if (r == 0)
			return request;
	} else {
		add_own(request);
		sum_up(request);
	}
	answered(r, request);
	return NULL;
}
