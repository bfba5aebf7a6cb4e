/* status.c - the API's server: put together, fed with events, taken apart. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "alert/message.h"
#include "base/cleanup.h"
#include "base/memory.h"
#include "model/check.h"
#include "model/figures.h"
#include "model/notification.h"
#include "status/door.h"
#include "status/endpoint.h"
#include "status/entrance.h"
#include "status/events.h"
#include "status/families.h"
#include "status/inside.h"
#include "status/member.h"
#include "status/stream.h"

int status_new(struct event_base *base, const struct status_options *options,
	       const struct roster *roster, const struct vitals *vitals,
	       const struct status_requests *requests, struct status **ret_status, char **ret_fault)
{
	struct status *status = MEMORY_NEW(struct status);
	int r;

	status->base = base;
	status->roster = roster;
	status->vitals = vitals;
	status->alert = options->alert;
	status->teller = options->teller;
	status->history = options->history;
	status->silences = options->silences;
	status->requests = *requests;
	status->rights.own = geteuid();
	list_init(&status->checks);
	list_init(&status->reloads);
	list_init(&status->next_reloads);
	status->events = events_new(options->events, options->first_event);
	status->streams = streams_new(base, status->events, 15 * USEC_PER_SEC);
	r = status_set_admin_group(status, options->admin_group);
	if (r < 0)
		*ret_fault = memory_print("the admin_group '%s' cannot be used: %s",
					  options->admin_group,
					  r == -ENOENT ? "no group is called so" : strerror(-r));
	else
		r = entrance_open(status, options, ret_fault);
	if (r < 0) {
		status_free(status);
		return r;
	}
	*ret_status = status;
	return 0;
}

void status_set_programs(struct status *status, bool runs_programs)
{
	status->rights.own_runs_programs = runs_programs;
}

int status_set_admin_group(struct status *status, const char *admin_group)
{
	return rights_set_admins(&status->rights, admin_group);
}

void status_set_listen(struct status *status, const char *const *hosts, bool shows_detail)
{
	status->hosts = hosts;
	status->shows_detail = shows_detail;
}

const char *status_listens_at(const struct status *status)
{
	return status->address;
}

bool status_drain(struct status *status)
{
	struct door *const doors[] = { status->door, status->listen };
	unsigned answering = 0;

	streams_end(status->streams);
	for (unsigned i = 0; i < sizeof(doors) / sizeof(doors[0]); i++) {
		if (!doors[i])
			continue;
		door_close(doors[i]);
		answering += door_answering(doors[i]);
	}
	return answering == 0;
}

void status_free(struct status *status)
{
	entrance_free(status);
	streams_free(status->streams);
	events_free(status->events);
	rights_done(&status->rights);
	free(status);
}

uint64_t status_last_event(const struct status *status)
{
	return events_last(status->events);
}

void status_note(struct watch *watch, const struct check *check)
{
	if (!watch->figures)
		watch->figures = MEMORY_NEW(struct figures);
	families_note(watch->figures, check);
}

void status_next_turn(struct event *event)
{
	const struct timeval now = { 0 };

	/* event_active() would have it run in this turn, behind all that is active already: many
	 * slices would be one long turn.
	 */
	if (event_add(event, &now) < 0)
		memory_out();
}

usec_t next_check_wall(const struct status *status, const struct watch *watch)
{
	const usec_t next = status->requests.next_check(watch, status->requests.engine);
	const usec_t now = clock_now();

	if (next == USEC_NEVER)
		return USEC_NEVER;
	return clock_wall() + (next > now ? next - now : 0);
}

static void publish_fault(struct status *status, const struct watch *watch,
			  const struct verdict *verdict, const struct event_pass *facts)
{
	cleanup(text)
	struct text body = { 0 };

	member_text(&body, "endpoint", watch->endpoint->name);
	if (facts->group)
		member_text(&body, "group", facts->group);
	member_text(&body, "verdict", verdict_name(verdict->kind));
	endpoint_print_class(&body, verdict->class, verdict->phase);
	if (verdict->reason)
		member_text(&body, "reason", verdict->reason);
	endpoint_print_latency(&body, facts->latency);
	member_text(&body, "state", state_name(watch->standing.state));
	endpoint_print_flags(&body, facts->flags, false);
	events_publish(status->events, EVENT_VERDICT, watch->endpoint->name, &body);
}

void status_publish_verdict(struct status *status, const struct watch *watch,
			    const struct check *check)
{
	const struct verdict *verdict = &check->verdict;
	const struct event_pass pass = {
		.wall = clock_wall(),
		.latency = check->observation.latency,
		.group = watch->endpoint->group ? watch->endpoint->group->name : NULL,
		.state = (uint8_t)watch->standing.state,
		.flags = (uint8_t)endpoint_flags(status->roster, watch),
	};

	if (verdict->kind == VERDICT_PASS && !verdict->class && !verdict->reason)
		events_publish_pass(status->events, watch->endpoint->name, &pass);
	else
		publish_fault(status, watch, verdict, &pass);
	streams_wake(status->streams);
}

void status_publish_state(struct status *status, const struct watch *watch, enum state from)
{
	cleanup(text)
	struct text body = { 0 };
	const struct last_check *last = &watch->last;

	member_text(&body, "endpoint", watch->endpoint->name);
	if (watch->endpoint->group)
		member_text(&body, "group", watch->endpoint->group->name);
	member_text(&body, "from", state_name(from));
	member_text(&body, "to", state_name(watch->standing.state));
	if (watch->standing.since)
		member_time(&body, "since", watch->standing.since);
	endpoint_print_class(&body, last->class, last->phase);
	if (last->reason)
		member_text(&body, "reason", last->reason);
	events_publish(status->events, EVENT_STATE, watch->endpoint->name, &body);
	streams_wake(status->streams);
}

void status_publish_incident(struct status *status, const struct incident *incident,
			     enum incident_move move)
{
	cleanup(text)
	struct text body = { 0 };

	member_text(&body, "move", incident_move_name(move));
	message_print_incident(&body, incident, clock_wall());
	events_publish(status->events, EVENT_INCIDENT, incident->endpoint, &body);
	streams_wake(status->streams);
}

void status_publish_notification(struct status *status, const struct notification *notification,
				 const char *receiver, bool is_taken, const char *detail)
{
	cleanup(text)
	struct text body = { 0 };

	member_text(&body, "id", notification->id);
	member_text(&body, "receiver", receiver);
	member_text(&body, "event", notification_event_name(notification->event));
	member_bool(&body, "taken", is_taken);
	member_uint(&body, "tries", notification->tries);
	member_text(&body, "detail", detail);
	events_publish(status->events, EVENT_NOTIFICATION, NULL, &body);
	streams_wake(status->streams);
}

void status_publish_config(struct status *status, bool is_taken, const char *fault)
{
	cleanup(text)
	struct text body = { 0 };

	member_bool(&body, "taken", is_taken);
	if (is_taken)
		member_uint(&body, "endpoints", status->roster->count);
	else if (fault)
		member_text(&body, "fault", fault);
	events_publish(status->events, EVENT_CONFIG, NULL, &body);
	streams_wake(status->streams);
}
