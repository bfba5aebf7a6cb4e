/* message.c - what a notification says. */
#include "alert/message.h"
#include "alert/bundle.h"
#include "base/cleanup.h"
#include "base/member.h"
#include "model/incident.h"

enum { NAMES_SHOWN = 3 };

static void print_acknowledged(struct text *json, const struct acknowledgement *acknowledged)
{
	member(json, "acknowledged");
	text_append_char(json, '{');
	member_time(json, "at", acknowledged->at);
	if (acknowledged->by)
		member_text(json, "by", acknowledged->by);
	if (acknowledged->comment)
		member_text(json, "comment", acknowledged->comment);
	text_append_char(json, '}');
}

void message_print_incident(struct text *json, const struct incident *incident, usec_t wall)
{
	const usec_t until = incident->ended ? incident->ended : wall;

	member_text(json, "id", incident->id);
	if (incident->endpoint) {
		member_text(json, "endpoint", incident->endpoint);
	} else {
		member(json, "endpoint");
		text_append(json, "null");
	}
	if (incident->group)
		member_text(json, "group", incident->group);
	member(json, "labels");
	text_append(json, incident->labels ? incident->labels : "{}");
	member_text(json, "severity", severity_name(incident->severity));
	member_text(json, "state", state_name(incident->state));
	if (incident->class)
		member_text(json, "class", class_name(incident->class));
	if (incident->class && incident->phase < PHASES)
		member_text(json, "phase", phase_name(incident->phase));
	if (incident->reason)
		member_text(json, "reason", incident->reason);
	member_time(json, "started_at", incident->started);
	member_time(json, "confirmed_at", incident->confirmed);
	if (incident->ended) {
		member_time(json, "ended_at", incident->ended);
		member_text(json, "end", incident_end_name(incident->end));
	}
	member_seconds(json, "duration", until > incident->started ? until - incident->started : 0);
	member_uint(json, "transition", incident->transition);
	if (incident->acknowledged.at)
		print_acknowledged(json, &incident->acknowledged);
}

static const char *name_of(const struct incident *incident)
{
	return incident->endpoint ? incident->endpoint : "this host";
}

/* "shop is down: timeout …" for one, "web: 12 problems, 3 resolved: shop, login, cart, …" for more. */
static void print_summary(struct text *text, const struct message_parts *parts)
{
	const struct incident *first = parts->incidents_count ? parts->incidents[0] : NULL;
	const unsigned problems = parts->news - parts->resolved;

	if (parts->event == NOTIFICATION_TEST) {
		text_append(text, "This is a test message of picket; nothing is wrong.");
		return;
	}
	if (parts->event == NOTIFICATION_REMINDER)
		text_append(text, "still: ");
	else if (parts->event == NOTIFICATION_UPDATE)
		text_append(text, "changed: ");
	else if (parts->event == NOTIFICATION_ESCALATION)
		text_append(text, "nobody has acknowledged: ");
	if (parts->news == 1 && first) {
		text_append(text, name_of(first));
		if (incident_is_open(first)) {
			text_print(text, " is %s", state_name(first->state));
			if (first->reason)
				text_print(text, ": %s", first->reason);
		} else {
			text_print(text, " has %s after ",
				   first->end == INCIDENT_RECOVERED ? "recovered"
								    : "ended as an incident");
			units_duration_show(text, first->ended - first->started);
		}
		return;
	}
	if (strcmp(parts->group, "-") != 0 && strcmp(parts->group, "all") != 0 &&
	    strcmp(parts->group, BUNDLE_REST) != 0)
		text_print(text, "%s: ", parts->group);
	if (problems)
		text_print(text, "%u problem%s", problems, problems == 1 ? "" : "s");
	if (parts->resolved)
		text_print(text, "%s%u resolved", problems ? ", " : "", parts->resolved);
	for (unsigned i = 0; i < parts->incidents_count && i < NAMES_SHOWN; i++)
		text_print(text, "%s%s", i ? ", " : ": ", name_of(parts->incidents[i]));
	if (parts->news > NAMES_SHOWN)
		text_append(text, ", …");
}

static void print_counts(struct text *json, const struct message_parts *parts)
{
	member(json, "counts");
	text_append_char(json, '{');
	member_uint(json, "problems", parts->news - parts->resolved);
	member_uint(json, "resolved", parts->resolved);
	member_uint(json, "open", parts->open);
	member_uint(json, "critical", parts->critical);
	text_append_char(json, '}');
}

void message_print(struct text *json, const struct message_parts *parts)
{
	cleanup(text)
	struct text summary = { 0 };

	print_summary(&summary, parts);
	text_append_char(json, '{');
	member_uint(json, "version", 1);
	member_text(json, "id", parts->id);
	member_text(json, "receiver", parts->receiver);
	member_text(json, "group", parts->group);
	member_text(json, "event", notification_event_name(parts->event));
	member_text(json, "summary", text_string(&summary));
	member_time(json, "at", parts->wall);
	print_counts(json, parts);
	member(json, "incidents");
	text_append_char(json, '[');
	for (unsigned i = 0; i < parts->incidents_count; i++) {
		text_append(json, i ? ",{" : "{");
		message_print_incident(json, parts->incidents[i], parts->wall);
		text_append_char(json, '}');
	}
	text_append_char(json, ']');
	member_uint(json, "omitted", parts->news - parts->incidents_count);
	text_append_char(json, '}');
}
