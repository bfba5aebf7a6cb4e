/* heartbeat.c - POST /v1/heartbeats/NAME: a job says that it is alive, and what we know of it. */
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "probe/heartbeat.h"
#include "probe/probe.h"
#include "status/door.h"
#include "status/heartbeat.h"
#include "status/inside.h"
#include "status/member.h"

void heartbeat_print(struct text *json, const struct watch *watch, bool shows_detail)
{
	const struct pulse *pulse = watch->pulse;
	const usec_t due = heartbeat_due(watch->endpoint->options, pulse);

	member(json, "heartbeat");
	text_append_char(json, '{');
	if (pulse->last) {
		member_text(json, "status", pulse_word_name(pulse->last));
		member_time(json, "at", pulse->ended.wall);
	}
	if (pulse->last && pulse->message && shows_detail)
		member_text(json, "message", pulse->message);
	if (pulse->took != USEC_NEVER)
		member_seconds(json, "duration", pulse->took);
	if (pulse->began.at)
		member_time(json, "began_at", pulse->began.wall);
	if (due != USEC_NEVER)
		member_time(json, "due_at", pulse->waits.wall + (due - pulse->waits.at));
	text_append_char(json, '}');
}

/* In a time that tells nothing of how much of it is right. */
static bool is_equal(const char *given, const char *token)
{
	const size_t len = strlen(given), wanted = strlen(token);
	unsigned char difference = len != wanted;

	for (size_t i = 0; i < len; i++)
		difference |= (unsigned char)(given[i] ^ token[i < wanted ? i : 0]);
	return difference == 0;
}

static bool shows_token(const struct call *call, const char *token)
{
	static const char scheme[] = "Bearer ";
	const char *given = answer_header(call->answer, "Authorization");

	if (!token || !given || strncasecmp(given, scheme, strlen(scheme)) != 0)
		return false;
	return is_equal(given + strlen(scheme), token);
}

/* Whoever may change something anyway, and whoever shows the endpoint's token. */
static bool may_beat(struct call *call, const struct watch *watch)
{
	const struct heartbeat_options *options = watch->endpoint->options;

	if (call->answer->visitor->may_change || shows_token(call, options->token))
		return true;
	if (!options->token && door_kind(call->answer->visitor->door) == DOOR_LISTEN) {
		answer_error(call->answer, 403, "forbidden",
			     "'%.128s' has no 'token', so its beats are only taken over the Unix "
			     "socket.",
			     call->name);
		return false;
	}
	if (!options->token) {
		call_forbid(call);
		return false;
	}
	answer_set_header(call->answer, "WWW-Authenticate", "Bearer");
	answer_error(call->answer, 401, "unauthorized",
		     "That wants 'Authorization: Bearer' with the token of '%.128s'.", call->name);
	return false;
}

/* A beat counts, however long its message is. */
static char *cut(const char *message)
{
	return memory_text_len(message, utf8_cut(message, strlen(message), PULSE_MESSAGE_BYTES));
}

void beat_answer(struct call *call)
{
	static const char *const known[] = { "status", "message", NULL };
	const struct status_requests *requests = &call->status->requests;
	const char *status = query_find(call->query, "status");
	const char *message = query_find(call->query, "message");
	const enum pulse_word word = status ? pulse_word_find(status) : PULSE_OK;
	cleanup(free)
	char *text = message && *message ? cut(message) : NULL;
	struct watch *watch;

	if (!call_check_query(call, known, NULL))
		return;
	watch = call_find_any(call);
	if (!watch)
		return;
	if (!watch->pulse) {
		answer_error(call->answer, 409, "no_heartbeat",
			     "'%.128s' is looked at by probe %s; only a heartbeat can be told.",
			     call->name, watch->endpoint->type->name);
		return;
	}
	if (!may_beat(call, watch))
		return;
	if (word == PULSE_NONE) {
		answer_error(call->answer, 400, "bad_request", "'status' is ok, fail or start.");
		return;
	}
	requests->beat(watch, word, text, requests->engine);
	answer_nothing(call->answer);
}
