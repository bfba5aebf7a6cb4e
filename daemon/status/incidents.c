/* incidents.c - GET /v1/incidents, and POST /v1/incidents/ID/ack. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alert/alert.h"
#include "alert/message.h"
#include "alert/teller.h"
#include "base/cleanup.h"
#include "base/glob.h"
#include "base/memory.h"
#include "status/inside.h"
#include "status/member.h"

enum { LIMIT_MAX = 1000, COMMENT_BYTES_MAX = 1024 };

/* What a request wants to see. */
struct wanted {
	const struct status *status; /* borrowed */
	bool sees_all; /* also of endpoints that are not public */
	bool is_open_only;
	usec_t since; /* those that were open at this time or later */
	const char *glob; /* borrowed; or NULL */
	unsigned long long limit;
	const struct incident *after; /* borrowed; or NULL */
};

static const char *parse(const struct call *call, struct wanted *ret_wanted)
{
	const struct query *query = call->query;
	const char *open = query_find(query, "open"), *since = query_find(query, "since");
	const char *limit = query_find(query, "limit"), *after = query_find(query, "after");
	struct wanted wanted = {
		.status = call->status,
		.sees_all = call->shows_detail,
		.limit = LIMIT_MAX,
		.glob = query_find(query, "name"),
	};

	if (open && strcmp(open, "1") != 0 && strcmp(open, "0") != 0)
		return "open";
	wanted.is_open_only = open && *open == '1';
	if (since && units_time_parse(since, strlen(since), &wanted.since) < 0)
		return "since";
	if (limit && query_number(limit, 1, LIMIT_MAX, &wanted.limit) < 0)
		return "limit";
	if (after) {
		wanted.after = alert_find(call->status->alert, after);
		if (!wanted.after)
			return "after";
	}
	*ret_wanted = wanted;
	return NULL;
}

static bool is_wanted(const struct wanted *wanted, const struct incident *incident)
{
	if (wanted->is_open_only && !incident_is_open(incident))
		return false;
	if (incident->ended && incident->ended < wanted->since)
		return false;
	if (!wanted->sees_all && !status_is_public(wanted->status, incident->endpoint))
		return false;
	return !wanted->glob ||
	       (incident->endpoint && glob_matches_name(wanted->glob, incident->endpoint));
}

/* The last message to each receiver. */
static void print_told(struct text *json, const struct incident *incident)
{
	bool is_first = true;

	member(json, "notifications");
	text_append_char(json, '[');
	for (const struct told *told = incident->told; told; told = told->next) {
		const struct notification *message = told->message;

		if (!message)
			continue;
		text_append(json, is_first ? "{" : ",{");
		is_first = false;
		member_text(json, "id", message->id);
		member_text(json, "receiver", told->bundle->channel->name);
		member_text(json, "event", notification_event_name(message->event));
		member_text(json, "state", notification_state_name(message->state));
		/* Of a run before this one they are not known. */
		if (message->tries)
			member_uint(json, "tries", message->tries);
		member_time(json, "at", message->created);
		text_append_char(json, '}');
	}
	text_append_char(json, ']');
}

static void print_list(struct text *json, const struct alert *alert, const struct wanted *wanted)
{
	const struct incident *incident = wanted->after, *last = NULL;
	const usec_t wall = clock_wall();
	unsigned long long left = wanted->limit;

	member(json, "incidents");
	text_append_char(json, '[');
	while ((incident = alert_before(alert, incident))) {
		if (!is_wanted(wanted, incident))
			continue;
		if (left == 0)
			break;
		text_append(json, last ? ",\n{" : "\n{");
		message_print_incident(json, incident, wall);
		print_told(json, incident);
		text_append_char(json, '}');
		last = incident;
		left--;
	}
	text_append_char(json, ']');
	if (incident && last)
		member_text(json, "next", last->id);
}

void incidents_answer(struct call *call)
{
	static const char *const known[] = { "open", "since", "name", "limit", "after", NULL };
	struct wanted wanted;
	const char *fault;
	cleanup(text)
	struct text json = { 0 };

	if (!call_check_query(call, known, NULL))
		return;
	fault = parse(call, &wanted);
	if (fault) {
		answer_error(call->answer, 400, "bad_request",
			     "The value of the parameter '%s' makes no sense.", fault);
		return;
	}
	text_append_char(&json, '{');
	print_list(&json, call->status->alert, &wanted);
	text_append_char(&json, '}');
	answer_json(call->answer, 200, &json);
}

/* The comment, of the parameter or of {"comment":…}; malloc'ed, NULL where there is none.  False:
 * it makes no sense, and that is answered.
 */
static bool read_comment(struct call *call, char **ret_comment)
{
	const char *comment = query_find(call->query, "comment");
	const json_t *member;
	json_t *body = NULL;
	bool is_good = true;

	if (answer_has_body(call->answer)) {
		body = call_read_json(call);
		if (!body)
			return false;
		member = json_object_get(body, "comment");
		/* That one, or nothing; once, and without a NUL. */
		is_good =
			json_object_size(body) == (member ? 1u : 0u) && !(member && comment) &&
			(!member || (json_is_string(member) && strlen(json_string_value(member)) ==
								       json_string_length(member)));
		if (member)
			comment = json_string_value(member);
	}
	is_good = is_good && (!comment || strlen(comment) <= COMMENT_BYTES_MAX);
	if (is_good)
		*ret_comment = comment ? memory_text(comment) : NULL;
	else
		answer_error(call->answer, 400, "bad_request",
			     "Only a 'comment' goes with it, once: a text of at most %d bytes.",
			     COMMENT_BYTES_MAX);
	json_decref(body);
	return is_good;
}

void ack_answer(struct call *call)
{
	static const char *const known[] = { "comment", NULL };
	const struct status_requests *requests = &call->status->requests;
	cleanup(free)
	char *by = NULL;
	cleanup(free)
	char *comment = NULL;
	cleanup(text)
	struct text json = { 0 };
	int r;

	if (!call_check_query(call, known, NULL) || !read_comment(call, &comment))
		return;
	by = call_who(call);
	r = requests->acknowledge(call->name, by, comment, requests->engine);
	if (r == -ENOENT) {
		answer_error(call->answer, 404, "not_found", "No incident has the id '%.64s'.",
			     call->name);
		return;
	}
	if (r < 0) {
		answer_error(call->answer, 409, "closed", "The incident '%.64s' is over.",
			     call->name);
		return;
	}
	text_append_char(&json, '{');
	message_print_incident(&json, alert_find(call->status->alert, call->name), clock_wall());
	text_append_char(&json, '}');
	answer_json(call->answer, 200, &json);
}
