/* receivers.c - POST /v1/receivers/NAME/test: one marked message, and what became of it. */
#include <stdlib.h>

#include "alert/receiver.h"
#include "base/cleanup.h"
#include "base/memory.h"
#include "status/inside.h"
#include "status/member.h"

/* Somebody waits for the end of a test. */
struct test_wait {
	struct answer *answer; /* borrowed */
	void *handle; /* of the engine */
	char *name; /* owned */
};

static void test_wait_free(struct test_wait *wait)
{
	free(wait->name);
	free(wait);
}

static void test_lost(struct answer *answer)
{
	struct test_wait *wait = answer->work;
	const struct status_requests *requests = &answer->status->requests;

	requests->test_forget(wait->handle, requests->engine);
	test_wait_free(wait);
}

static void tested(const struct delivery_result *result, void *context)
{
	struct test_wait *wait = context;
	struct answer *answer = wait->answer;
	cleanup(text)
	struct text json = { 0 };

	answer->lost = NULL;
	text_append_char(&json, '{');
	member_text(&json, "receiver", wait->name);
	member_bool(&json, "taken", result->outcome == DELIVERY_TAKEN);
	member_text(&json, "detail", result->detail);
	text_append_char(&json, '}');
	test_wait_free(wait);
	answer_json(answer, 200, &json);
}

void test_answer(struct call *call)
{
	static const char *const known[] = { NULL };
	const struct status_requests *requests = &call->status->requests;
	struct test_wait *wait;

	if (!call_check_query(call, known, NULL))
		return;
	wait = MEMORY_NEW(struct test_wait);
	wait->answer = call->answer;
	wait->name = memory_text(call->name);
	wait->handle = requests->test_receiver(call->name, tested, wait, requests->engine);
	if (!wait->handle) {
		answer_error(call->answer, 404, "not_found", "No receiver is called '%.128s'.",
			     call->name);
		test_wait_free(wait);
		return;
	}
	call->answer->work = wait;
	call->answer->lost = test_lost;
}
