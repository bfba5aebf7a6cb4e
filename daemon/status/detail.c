/* detail.c - GET /v1/endpoints/NAME: all that is known of one. */
#include "base/cleanup.h"
#include "model/evidence.h"
#include "status/endpoint.h"
#include "status/inside.h"
#include "status/member.h"

static void print_evidence(struct text *json, const char *name, const struct evidence *evidence)
{
	if (!evidence)
		return;
	member(json, name);
	text_append_len(json, evidence->json, evidence->len);
}

void detail_answer(struct call *call)
{
	static const char *const known[] = { NULL };
	const struct status_requests *requests = &call->status->requests;
	cleanup(text)
	struct text json = { 0 };
	const struct watch *watch;

	if (!call_check_query(call, known, NULL))
		return;
	watch = call_find_watch(call);
	if (!watch)
		return;
	text_append_char(&json, '{');
	endpoint_print_members(&json, call->status->roster, watch,
			       next_check_wall(call->status, watch), call->shows_detail);
	history_print_uptime(&json, call->status->history, watch, clock_wall());
	history_print_slo(&json, call->status->history, watch, clock_wall());
	if (call->shows_detail) {
		member(&json, "config");
		requests->explain(watch, &json, requests->engine);
		print_evidence(&json, "evidence", watch->evidence);
		print_evidence(&json, "evidence_success", watch->success);
	}
	member(&json, "recent");
	endpoint_print_recent(&json, watch);
	text_append_char(&json, '}');
	answer_json(call->answer, 200, &json);
}
