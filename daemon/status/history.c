/* history.c - GET /v1/endpoints/NAME/history, and the uptime that every endpoint object has. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "history/history.h"
#include "history/past.h"
#include "history/slo.h"
#include "model/watch.h"
#include "status/inside.h"
#include "status/member.h"

enum { STEPS_WANTED = 300 };

/* Somebody who asked for the past of an endpoint. */
struct inquiry {
	struct answer *answer; /* borrowed; NULL: gone */
	char *name; /* owned; of the endpoint */
	usec_t step; /* or PAST_DAYS */
	struct past_request *request; /* borrowed; NULL: answered */
	struct past_step *steps; /* owned */
	unsigned count, shown;
};

static void inquiry_free(struct inquiry *inquiry)
{
	free(inquiry->name);
	free(inquiry->steps);
	free(inquiry);
}

/* --- Uptime ------------------------------------------------------------------------------- */

/* Seven digits: one second in a month shows. */
static void print_share(struct text *json, double share)
{
	const uint64_t parts = (uint64_t)(share * 1e7 + 0.5);

	/* What is not quite all does not look so. */
	text_append_decimal(json, parts == 10000000 && share < 1 ? parts - 1 : parts, 7);
}

static void member_share(struct text *json, const char *key, double share)
{
	member(json, key);
	print_share(json, share);
}

void history_print_uptime(struct text *json, const struct history *history,
			  const struct watch *watch, usec_t wall)
{
	static const struct {
		const char *name;
		usec_t span;
	} spans[] = { { "24h", USEC_PER_DAY },
		      { "7d", 7 * USEC_PER_DAY },
		      { "30d", 30 * USEC_PER_DAY } };
	bool is_first = true;

	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		struct times times;
		double share;

		history_sum(history, watch, wall - spans[i].span, wall, &times);
		share = history_share(&times);
		if (share < 0)
			continue;
		if (is_first) {
			member(json, "uptime");
			text_append_char(json, '{');
		}
		is_first = false;
		member_share(json, spans[i].name, share);
	}
	if (!is_first)
		text_append_char(json, '}');
}

static void print_burns(struct text *json, const struct slo_report *report)
{
	member(json, "burn");
	text_append_char(json, '{');
	for (unsigned i = 0; i < SLO_BURNS; i++) {
		if (report->burns[i].rate < 0)
			continue;
		member(json, report->burns[i].name);
		text_print(json, "%.6g", report->burns[i].rate);
	}
	text_append_char(json, '}');
}

void history_print_slo(struct text *json, const struct history *history, const struct watch *watch,
		       usec_t wall)
{
	struct slo_report report;

	if (!slo_report(history, watch, wall, &report))
		return;
	member(json, "slo");
	text_append_char(json, '{');
	member_share(json, "target", report.target);
	member_seconds(json, "window", report.window);
	member_seconds(json, "budget", report.budget);
	member_seconds(json, "spent", report.spent);
	member(json, "left");
	text_print(json, "%.6g", report.left);
	print_burns(json, &report);
	text_append_char(json, '}');
}

/* --- Days of many ------------------------------------------------------------------------- */

/* How often a figure of a line is not known. */
static void print_nothing(struct text *json)
{
	text_append(json, "null");
}

void history_print_days(struct text *json, const struct history *history, const struct watch *watch,
			const usec_t *edges, unsigned days)
{
	member(json, "days");
	text_append_char(json, '[');
	for (unsigned i = 0; i < days; i++) {
		struct times times;
		double share;

		history_sum(history, watch, edges[i], edges[i + 1], &times);
		share = history_share(&times);
		text_append(json, i ? "," : "");
		if (share < 0)
			print_nothing(json);
		else
			print_share(json, share);
	}
	text_append_char(json, ']');
}

bool history_is_answer(const struct past_check *past)
{
	return past->latency > 0 && (past->kind != VERDICT_FAIL || past->phase == PHASE_JUDGE);
}

void history_print_recent(struct text *json, const struct watch *watch)
{
	struct past_check checks[PAST_CHECKS];
	const unsigned count = recent_read(watch->recent, checks);

	member(json, "latency");
	text_append_char(json, '[');
	for (unsigned i = 0; i < count; i++) {
		const struct past_check *past = &checks[i];

		text_append(json, i ? "," : "");
		if (history_is_answer(past))
			units_seconds_print(json, past->latency);
		else
			print_nothing(json);
	}
	text_append_char(json, ']');
}

/* --- The question ------------------------------------------------------------------------- */

/* A time, or how long ago. */
static bool parse_since(const char *text, usec_t wall, usec_t *ret_since)
{
	const size_t len = strlen(text);
	usec_t span;

	if (units_time_parse(text, len, ret_since) == 0)
		return *ret_since <= wall;
	if (units_duration_parse(text, len, &span) < 0 || span == 0 || span > wall)
		return false;
	*ret_since = wall - span;
	return true;
}

/* The shortest that does not make more of them than can be looked at. */
static usec_t choose_step(const struct past_question *question)
{
	static const unsigned minutes[] = { 5, 10, 15, 30, 60, 120, 180, 360, 720 };

	for (size_t i = 0; i < sizeof(minutes) / sizeof(minutes[0]); i++)
		if ((question->until - question->from) / (minutes[i] * USEC_PER_MIN) <=
		    STEPS_WANTED)
			return minutes[i] * USEC_PER_MIN;
	return PAST_DAYS;
}

static bool parse_step(const char *text, usec_t *ret_step)
{
	usec_t step;

	if (units_duration_parse(text, strlen(text), &step) < 0)
		return false;
	if (step == 0 || step % (5 * USEC_PER_MIN) || step > 400 * USEC_PER_DAY)
		return false;
	*ret_step = step == USEC_PER_DAY ? PAST_DAYS : step;
	return true;
}

/* Where all there is are hours, a shorter step would be mostly holes. */
static usec_t coarsen(const struct history *history, const struct past_question *question,
		      usec_t wall)
{
	const bool is_old = wall - question->from > history_minutes(history);
	const usec_t step = question->step;

	if (!is_old || step == PAST_DAYS || step % USEC_PER_HOUR == 0)
		return step;
	return step + USEC_PER_HOUR - step % USEC_PER_HOUR;
}

/* The parameter that makes no sense, or NULL. */
static const char *parse(const struct call *call, struct past_question *ret_question)
{
	const struct history *history = call->status->history;
	const char *since = query_find(call->query, "since"),
		   *step = query_find(call->query, "step");
	struct past_question question = { .until = clock_wall() };
	usec_t oldest = question.until - history_hours(history);

	if (!parse_since(since ? since : "24h", question.until, &question.from))
		return "since";
	if (question.from < oldest)
		question.from = oldest;
	question.step = choose_step(&question);
	if (step && !parse_step(step, &question.step))
		return "step";
	question.step = coarsen(history, &question, question.until);
	*ret_question = question;
	return NULL;
}

/* --- The answer --------------------------------------------------------------------------- */

static void print_times(struct text *json, const struct times *times)
{
	const double share = history_share(times);

	if (share >= 0)
		member_share(json, "uptime", share);
	member(json, "time");
	text_append_char(json, '{');
	for (enum time_kind kind = 0; kind < TIMES; kind++)
		if (time_name(kind) && times->of[kind])
			member_seconds(json, time_name(kind), times->of[kind]);
	text_append_char(json, '}');
}

static void print_step(struct text *json, const struct past_step *step)
{
	print_times(json, &step->times);
	member_uint(json, "checks", step->checks);
	member_uint(json, "failed", step->failed);
	if (step->unknown)
		member_uint(json, "unknown", step->unknown);
	if (!step->answers)
		return;
	member(json, "latency");
	text_append_char(json, '{');
	member_seconds(json, "min", step->least);
	member_seconds(json, "avg", step->mean);
	member_seconds(json, "p50", step->p50);
	member_seconds(json, "p95", step->p95);
	member_seconds(json, "p99", step->p99);
	member_seconds(json, "max", step->greatest);
	text_append_char(json, '}');
}

static void next_slice(struct answer *answer)
{
	struct inquiry *inquiry = answer->work;
	cleanup(text)
	struct text json = { 0 };
	struct slice slice = slice_begin();

	while (inquiry->shown < inquiry->count && !slice_is_full(&slice, &json)) {
		const struct past_step *step = &inquiry->steps[inquiry->shown];

		text_append(&json, inquiry->shown++ ? ",\n{" : "\n{");
		member_time(&json, "at", step->from);
		print_step(&json, step);
		text_append_char(&json, '}');
	}
	if (inquiry->shown < inquiry->count) {
		answer_write_slice(answer, &json);
		return;
	}
	text_append(&json, "]}\n");
	answer_write(answer, &json);
	inquiry_free(inquiry);
	answer_end(answer);
}

static void answer_past(struct inquiry *inquiry, struct past *past)
{
	cleanup(text)
	struct text json = { 0 };

	inquiry->steps = TAKE(past->steps);
	inquiry->count = past->count;
	text_append_char(&json, '{');
	member_text(&json, "name", inquiry->name);
	member_time(&json, "from", past->whole.from);
	member_time(&json, "until", past->whole.until);
	member_seconds(&json, "step", inquiry->step == PAST_DAYS ? USEC_PER_DAY : inquiry->step);
	print_step(&json, &past->whole);
	member(&json, "buckets");
	text_append_char(&json, '[');
	answer_begin(inquiry->answer, "application/json");
	answer_write(inquiry->answer, &json);
	answer_slices(inquiry->answer, next_slice);
}

static void came(struct past *past, void *context)
{
	struct inquiry *inquiry = context;
	struct answer *answer = inquiry->answer;

	inquiry->request = NULL;
	if (past) {
		answer_past(inquiry, past);
		return;
	}
	answer->lost = NULL;
	inquiry_free(inquiry);
	answer_error(answer, 503, "unavailable",
		     "The store cannot be read now; /v1/status says why.");
}

static void lost(struct answer *answer)
{
	struct inquiry *inquiry = answer->work;

	if (inquiry->request)
		history_forget(inquiry->request);
	inquiry_free(inquiry);
}

void history_answer(struct call *call)
{
	static const char *const known[] = { "since", "step", NULL };
	struct past_question question;
	struct past_request *request;
	const struct watch *watch;
	struct inquiry *inquiry;
	const char *fault;

	if (!call_check_query(call, known, NULL))
		return;
	watch = call_find_watch(call);
	if (!watch)
		return;
	fault = parse(call, &question);
	if (fault || past_count_steps(&question) > PAST_STEPS_MAX) {
		answer_error(call->answer, 400, "bad_request",
			     "The value of '%s' makes no sense, or makes more than %d buckets.",
			     fault ? fault : "step", PAST_STEPS_MAX);
		return;
	}
	inquiry = MEMORY_NEW(struct inquiry);
	inquiry->answer = call->answer;
	inquiry->name = memory_text(watch->endpoint->name);
	inquiry->step = question.step;
	call->answer->work = inquiry;
	call->answer->lost = lost;
	/* Where it is answered at once, nothing of it is left here. */
	request = history_ask(call->status->history, watch, &question, came, inquiry);
	if (request)
		inquiry->request = request;
}
