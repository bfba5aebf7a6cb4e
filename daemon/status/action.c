/* action.c - what a request may change: a check now, a reload. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "status/endpoint.h"
#include "status/inside.h"
#include "status/member.h"

/* Someone waits for a verdict. */
struct check_wait {
	struct list link;
	struct status *status; /* borrowed */
	struct answer *answer; /* borrowed; NULL: the connection is gone */
	void *handle; /* of the engine; NULL while check_now() has not returned */
	char *name; /* owned */
};

static void check_wait_free(struct check_wait *wait)
{
	list_remove(&wait->link);
	free(wait->name);
	free(wait);
}

static void check_lost(struct answer *answer)
{
	struct check_wait *wait = answer->work;
	const struct status_requests *requests = &wait->status->requests;

	requests->check_forget(wait->handle, requests->engine);
	check_wait_free(wait);
}

static void check_settled(const struct check *check, void *context)
{
	struct check_wait *wait = context;
	struct answer *answer = wait->answer;
	cleanup(text)
	struct text json = { 0 };

	answer->lost = NULL;
	if (check) {
		text_append_char(&json, '{');
		member_text(&json, "name", wait->name);
		endpoint_print_check(&json, check);
		text_append_char(&json, '}');
		answer_json(answer, 200, &json);
	} else {
		answer_error(answer, 503, "unavailable",
			     "The check of '%.128s' did not come to an end in time.", wait->name);
	}
	check_wait_free(wait);
}

static void nobody_waits(const struct check *check, void *context)
{
	(void)check;
	(void)context;
}

static void check_and_wait(struct call *call, struct watch *watch)
{
	const struct status_requests *requests = &call->status->requests;
	struct check_wait *wait = MEMORY_NEW(struct check_wait);

	wait->status = call->status;
	wait->answer = call->answer;
	wait->name = memory_text(watch->endpoint->name);
	list_append(&call->status->checks, &wait->link);
	call->answer->work = wait;
	call->answer->lost = check_lost;
	wait->handle = requests->check_now(watch, check_settled, wait, requests->engine);
}

void check_answer(struct call *call)
{
	static const char *const known[] = { "wait", NULL };
	const struct status_requests *requests = &call->status->requests;
	const char *wait = query_find(call->query, "wait");
	cleanup(text)
	struct text json = { 0 };
	struct watch *watch;

	if (!call_check_query(call, known, NULL))
		return;
	if (wait && strcmp(wait, "1") != 0 && strcmp(wait, "0") != 0) {
		answer_error(call->answer, 400, "bad_request", "'wait' is 0 or 1.");
		return;
	}
	watch = call_find_watch(call);
	if (!watch)
		return;
	if (watch->is_paused) {
		answer_error(call->answer, 409, "paused", "'%.128s' is paused.", call->name);
		return;
	}
	if (wait && *wait == '1') {
		check_and_wait(call, watch);
		return;
	}
	(void)requests->check_now(watch, nobody_waits, NULL, requests->engine);
	text_append_char(&json, '{');
	member_text(&json, "name", watch->endpoint->name);
	text_append_char(&json, '}');
	answer_json(call->answer, 202, &json);
}

static void set_pause(struct call *call, bool is_paused)
{
	static const char *const known[] = { NULL };
	const struct status_requests *requests = &call->status->requests;
	cleanup(text)
	struct text json = { 0 };
	struct watch *watch;

	if (!call_check_query(call, known, NULL))
		return;
	watch = call_find_watch(call);
	if (!watch)
		return;
	if (!is_paused && !watch->endpoint->is_enabled) {
		answer_error(call->answer, 409, "disabled",
			     "'%.128s' is paused by its configuration ('enabled: false').",
			     call->name);
		return;
	}
	requests->pause(watch, is_paused, requests->engine);
	text_append_char(&json, '{');
	member_text(&json, "name", watch->endpoint->name);
	member_text(&json, "state", state_name(watch->standing.state));
	text_append_char(&json, '}');
	answer_json(call->answer, 200, &json);
}

void pause_answer(struct call *call)
{
	set_pause(call, true);
}

void resume_answer(struct call *call)
{
	set_pause(call, false);
}

/* Someone waits for a reload. */
struct reload_wait {
	struct list link;
	struct answer *answer; /* borrowed */
};

static void reload_lost(struct answer *answer)
{
	struct reload_wait *wait = answer->work;

	list_remove(&wait->link);
	free(wait);
}

static void print_faults(struct text *json, const char *faults)
{
	bool is_first = true;

	member(json, "faults");
	text_append_char(json, '[');
	while (*faults) {
		const size_t len = strcspn(faults, "\n");

		if (len > 0 && !is_first)
			text_append_char(json, ',');
		if (len > 0) {
			text_append_json(json, faults, len);
			is_first = false;
		}
		faults += len + (faults[len] == '\n');
	}
	text_append_char(json, ']');
}

static void answer_reload(struct answer *answer, const char *faults)
{
	const struct status *status = answer->status;
	cleanup(text)
	struct text json = { 0 };

	text_append_char(&json, '{');
	if (*faults) {
		member(&json, "error");
		text_append_char(&json, '{');
		member_text(&json, "code", "invalid_configuration");
		member_text(&json, "message",
			    "The new configuration is refused; the running one is kept.");
		print_faults(&json, faults);
		text_append_char(&json, '}');
	} else {
		member_uint(&json, "endpoints", status->roster->count);
	}
	text_append_char(&json, '}');
	answer_json(answer, *faults ? 422 : 200, &json);
}

static void reload_loaded(const char *faults, void *context);

/* Whoever asked while one was under way wants what is in the files now. */
static void start_reload(struct status *status)
{
	struct list *link;

	while ((link = list_take_first(&status->next_reloads)))
		list_append(&status->reloads, link);
	status->is_reloading = true;
	status->requests.reload(reload_loaded, status, status->requests.engine);
}

static void reload_loaded(const char *faults, void *context)
{
	struct status *status = context;
	struct list *link;

	while ((link = list_take_first(&status->reloads))) {
		struct reload_wait *wait = LIST_ENTRY(link, struct reload_wait, link);
		struct answer *answer = wait->answer;

		free(wait);
		answer->lost = NULL;
		answer_reload(answer, faults);
	}
	status->is_reloading = false;
	if (!list_is_empty(&status->next_reloads))
		start_reload(status);
}

void reload_answer(struct call *call)
{
	static const char *const known[] = { NULL };
	struct status *status = call->status;
	struct reload_wait *wait;

	if (!call_check_query(call, known, NULL))
		return;
	wait = MEMORY_NEW(struct reload_wait);
	wait->answer = call->answer;
	call->answer->work = wait;
	call->answer->lost = reload_lost;
	list_append(&status->next_reloads, &wait->link);
	if (!status->is_reloading)
		start_reload(status);
}
