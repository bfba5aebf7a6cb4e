/* summary.c - GET /v1/status: how the daemon is, in one object. */
#include <unistd.h>

#include "alert/alert.h"
#include "base/cleanup.h"
#include "history/history.h"
#include "status/inside.h"
#include "status/member.h"
#include "store/store.h"

static void print_config(struct text *json, const struct status *status, bool shows_detail)
{
	const struct vitals *vitals = status->vitals;

	member(json, "config");
	text_append_char(json, '{');
	if (vitals->config_path && shows_detail)
		member_text(json, "path", vitals->config_path);
	if (vitals->config_loaded_wall)
		member_time(json, "loaded_at", vitals->config_loaded_wall);
	member_uint(json, "endpoints", status->roster->count);
	if (vitals->config_fault && shows_detail)
		member_text(json, "fault", vitals->config_fault);
	text_append_char(json, '}');
}

static void print_states(struct text *json, const struct roster *roster)
{
	member(json, "endpoints");
	text_append_char(json, '{');
	for (enum state state = 0; state < STATES; state++)
		member_uint(json, state_name(state), roster->in_state[state]);
	text_append_char(json, '}');
}

static void print_checks(struct text *json, const struct vitals *vitals)
{
	member(json, "checks");
	text_append_char(json, '{');
	member_uint(json, "total", vitals->checks_total);
	member_uint(json, "failed", vitals->checks_failed);
	member_uint(json, "in_flight", vitals->in_flight);
	member_uint(json, "waiting", vitals->waiting);
	text_append_char(json, '}');

	member(json, "permits");
	text_append_char(json, '{');
	member_uint(json, "max", vitals->permits_max);
	member_uint(json, "in_use", vitals->in_flight);
	text_append_char(json, '}');

	member(json, "judges");
	text_append_char(json, '{');
	member_uint(json, "threads", vitals->judges);
	member_uint(json, "queued", vitals->judge_queued);
	member_uint(json, "queue_max", vitals->judge_queue_max);
	text_append_char(json, '}');
}

/* Of all loops, as if they were one. */
static struct histogram all_turns(const struct vitals *vitals)
{
	struct histogram turns = vitals->turns;

	for (unsigned i = 0; i < vitals->further_loops; i++)
		histogram_merge(&turns, &vitals->further_turns[i]);
	return turns;
}

static void print_times(struct text *json, const struct vitals *vitals)
{
	const struct histogram turns = all_turns(vitals);

	member(json, "lateness");
	text_append_char(json, '{');
	if (vitals->lateness.count) {
		member_seconds(json, "p50", histogram_quantile(&vitals->lateness, 0.5));
		member_seconds(json, "p99", histogram_quantile(&vitals->lateness, 0.99));
		member_seconds(json, "max", vitals->lateness.max);
	}
	text_append_char(json, '}');

	member(json, "loop");
	text_append_char(json, '{');
	member_uint(json, "threads", 1 + vitals->further_loops);
	if (turns.count) {
		member_seconds(json, "turn_p99", histogram_quantile(&turns, 0.99));
		member_seconds(json, "turn_max", turns.max);
	}
	text_append_char(json, '}');
}

static void print_store(struct text *json, const struct status *status, bool shows_detail)
{
	struct store *store = status->vitals->store;
	const struct store_condition *condition = store ? store_condition(store) : NULL;

	member(json, "store");
	text_append_char(json, '{');
	if (!condition) {
		member_text(json, "state", "off");
	} else {
		member_text(json, "state",
			    condition->state == STORE_OK && condition->is_slow
				    ? "slow"
				    : store_state_name(condition->state));
		if (condition->state != STORE_OK && condition->fault && shows_detail)
			member_text(json, "fault", condition->fault);
		member_uint(json, "waiting", condition->waiting);
		member_uint(json, "written", condition->written);
		member_uint(json, "lost", condition->lost + history_lost(status->history));
	}
	text_append_char(json, '}');
}

/* Where endpoints are found; nothing of it without any. */
static void print_discovery(struct text *json, const struct vitals *vitals, bool shows_detail)
{
	if (!vitals->discoveries_count)
		return;
	member(json, "discovery");
	text_append_char(json, '[');
	for (unsigned i = 0; i < vitals->discoveries_count; i++) {
		const struct discovery_vital *discovery = &vitals->discoveries[i];

		text_append(json, i ? ",{" : "{");
		member_text(json, "kind", discovery->kind);
		if (shows_detail)
			member_text(json, "source", discovery->source);
		if (discovery->read_wall)
			member_time(json, "read_at", discovery->read_wall);
		member_uint(json, "targets", discovery->targets);
		member_uint(json, "endpoints", discovery->endpoints);
		member_uint(json, "left_out", discovery->left_out);
		member_bool(json, "failing", discovery->fault != NULL);
		if (discovery->fault && shows_detail)
			member_text(json, "fault", discovery->fault);
		if (discovery->why && shows_detail)
			member_text(json, "left_out_why", discovery->why);
		text_append_char(json, '}');
	}
	text_append_char(json, ']');
}

static void print_sign(struct text *json, const struct vitals *vitals, bool shows_detail)
{
	static const char *const states[] = {
		[SIGN_SENT] = "ok",
		[SIGN_FAILING] = "failing",
		[SIGN_WITHHELD] = "withheld",
	};

	if (vitals->sign == SIGN_NONE)
		return;
	member(json, "dead_man");
	text_append_char(json, '{');
	member_text(json, "state", states[vitals->sign]);
	if (vitals->signed_wall)
		member_time(json, "at", vitals->signed_wall);
	if (vitals->sign_fault && shows_detail)
		member_text(json, "fault", vitals->sign_fault);
	text_append_char(json, '}');
}

void summary_answer(struct call *call)
{
	static const char *const known[] = { NULL };
	const struct status *status = call->status;
	cleanup(text)
	struct text json = { 0 };

	if (!call_check_query(call, known, NULL))
		return;
	status->requests.refresh(status->requests.engine);
	text_append_char(&json, '{');
	member_text(&json, "version", PICKET_VERSION);
	member_uint(&json, "pid", (uint64_t)getpid());
	member_time(&json, "started_at", status->vitals->started_wall);
	if (status->address)
		member_text(&json, "listen", status->address);
	print_config(&json, status, call->shows_detail);
	print_states(&json, status->roster);
	print_checks(&json, status->vitals);
	print_times(&json, status->vitals);
	member(&json, "incidents");
	text_append_char(&json, '{');
	member_uint(&json, "open", alert_open(status->alert));
	text_append_char(&json, '}');
	member(&json, "notifications");
	text_append_char(&json, '{');
	member_uint(&json, "queued", status->vitals->messages_queued);
	member_uint(&json, "sent", status->vitals->messages_sent);
	member_uint(&json, "failed", status->vitals->messages_failed);
	member_uint(&json, "limited", status->vitals->messages_limited);
	text_append_char(&json, '}');
	print_store(&json, status, call->shows_detail);
	print_discovery(&json, status->vitals, call->shows_detail);
	print_sign(&json, status->vitals, call->shows_detail);
	text_append_char(&json, '}');
	answer_json(call->answer, 200, &json);
}

void status_summary_print(struct text *text, const struct roster *roster,
			  const struct vitals *vitals)
{
	bool is_first = true;

	text_print(text, "%u endpoint%s", roster->count, roster->count == 1 ? "" : "s");
	for (enum state state = 0; state < STATES; state++) {
		if (roster->in_state[state] == 0)
			continue;
		text_print(text, "%s%u %s", is_first ? ": " : ", ", roster->in_state[state],
			   state_name(state));
		is_first = false;
	}
	text_print(text, "; %llu checks, %llu failed; %u of %u permits in use, %u waiting",
		   (unsigned long long)vitals->checks_total,
		   (unsigned long long)vitals->checks_failed, vitals->in_flight,
		   vitals->permits_max, vitals->waiting);
	if (vitals->lateness.count) {
		text_append(text, "; lateness p99 ");
		units_duration_show(text, histogram_quantile(&vitals->lateness, 0.99));
	}
}
