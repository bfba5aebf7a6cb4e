/* status.c - the API's server: put together, fed with events, taken apart. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/http.h>

#include "alert/message.h"
#include "base/cleanup.h"
#include "base/memory.h"
#include "loop/listen.h"
#include "model/check.h"
#include "model/notification.h"
#include "status/door.h"
#include "status/endpoint.h"
#include "status/events.h"
#include "status/inside.h"
#include "status/member.h"
#include "status/stream.h"

enum { RESERVED_PLACES = 8, BACKLOG_BYTES = 1024 * 1024 };

static const struct {
	enum evhttp_cmd_type type;
	const char *name;
} methods[] = {
	{ EVHTTP_REQ_GET, "GET" },     { EVHTTP_REQ_POST, "POST" },
	{ EVHTTP_REQ_PUT, "PUT" },     { EVHTTP_REQ_DELETE, "DELETE" },
	{ EVHTTP_REQ_HEAD, "HEAD" },   { EVHTTP_REQ_OPTIONS, "OPTIONS" },
	{ EVHTTP_REQ_TRACE, "TRACE" }, { EVHTTP_REQ_CONNECT, "CONNECT" },
	{ EVHTTP_REQ_PATCH, "PATCH" },
};

static bool may_change(int fd, void *context)
{
	const struct status *status = context;
	struct peer peer;
	bool allowed;

	if (peer_read(fd, &peer) < 0)
		return false;
	allowed = rights_allow(&status->rights, &peer);
	peer_done(&peer);
	return allowed;
}

static void take_request(struct visitor *visitor, struct evhttp_request *request, void *context)
{
	struct answer *answer = answer_new(context, visitor, request);
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
	const char *method = "";

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (methods[i].type == evhttp_request_get_command(request))
			method = methods[i].name;
	route_call(answer, method, evhttp_uri_get_path(uri), evhttp_uri_get_query(uri));
}

static void visitor_lost(struct visitor *visitor, void *context)
{
	(void)context;
	answer_lost(visitor->answer);
}

/* The socket that was passed, if it is one to accept from. */
static int check_passed(int fd)
{
	int listens = 0, domain = 0;
	socklen_t size = sizeof(int);

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0)
		return -errno;
	return listens && domain == AF_UNIX ? fd : -EINVAL;
}

static int open_listener(const struct status_options *options, char **ret_fault)
{
	int fd = options->passed_fd >= 0 ? check_passed(options->passed_fd)
					 : listen_unix(options->path, options->mode);

	if (fd >= 0)
		return fd;
	if (options->passed_fd >= 0)
		*ret_fault = memory_print("the socket passed by the service manager is no "
					  "listening Unix socket");
	else if (fd == -EADDRINUSE)
		*ret_fault =
			memory_print("another daemon answers on the socket '%s'", options->path);
	else if (fd == -EEXIST)
		*ret_fault = memory_print("'%s' exists and is no socket", options->path);
	else
		*ret_fault = memory_print("cannot listen on the socket '%s': %s", options->path,
					  strerror(-fd));
	return fd;
}

static int open_door(struct status *status, const struct status_options *options, char **ret_fault)
{
	struct door_options door = {
		.ordinary = options->connections,
		.reserved = RESERVED_PLACES,
		.request_wait = 10 * USEC_PER_SEC,
		.drain_wait = USEC_PER_MIN,
		.sweep = USEC_PER_SEC,
		.backlog_bytes = BACKLOG_BYTES,
		.may_change = may_change,
		.request = take_request,
		.lost = visitor_lost,
		.context = status,
	};

	if (!options->path && options->passed_fd < 0)
		return 0;
	door.fd = open_listener(options, ret_fault);
	if (door.fd < 0)
		return door.fd;
	if (options->passed_fd < 0)
		status->path = memory_text(options->path);
	status->door = door_new(status->base, &door);
	if (status->door)
		return 0;
	*ret_fault = memory_text("the HTTP server cannot be set up");
	return -ENOMEM;
}

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
		r = open_door(status, options, ret_fault);
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

bool status_drain(struct status *status)
{
	if (!status->door)
		return true;
	streams_end(status->streams);
	door_close(status->door);
	return door_answering(status->door) == 0;
}

void status_free(struct status *status)
{
	if (status->door && status->path)
		listen_unlink(status->path, door_fd(status->door));
	if (status->door)
		door_free(status->door);
	streams_free(status->streams);
	events_free(status->events);
	rights_done(&status->rights);
	free(status->path);
	free(status);
}

uint64_t status_last_event(const struct status *status)
{
	return events_last(status->events);
}

usec_t next_check_wall(const struct status *status, const struct watch *watch)
{
	const usec_t next = status->requests.next_check(watch, status->requests.engine);
	const usec_t now = clock_now();

	if (next == USEC_NEVER)
		return USEC_NEVER;
	return clock_wall() + (next > now ? next - now : 0);
}

void status_publish_verdict(struct status *status, const struct watch *watch,
			    const struct check *check)
{
	cleanup(text)
	struct text body = { 0 };
	const struct verdict *verdict = &check->verdict;

	member_text(&body, "endpoint", watch->endpoint->name);
	if (watch->endpoint->group)
		member_text(&body, "group", watch->endpoint->group->name);
	member_text(&body, "verdict", verdict_name(verdict->kind));
	endpoint_print_class(&body, verdict->class, verdict->phase);
	if (verdict->reason)
		member_text(&body, "reason", verdict->reason);
	member_seconds(&body, "latency", check->observation.latency);
	member_text(&body, "state", state_name(watch->standing.state));
	events_publish(status->events, EVENT_VERDICT, watch->endpoint->name, &body);
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
