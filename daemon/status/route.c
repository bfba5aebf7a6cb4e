/* route.c - which function answers which request, at which door, and for whom.
 *
 * The Unix socket answers all of it.  The TCP port of `listen:` only answers what is FOR_ALL,
 * and with `listen_detail` what is FOR_DETAIL; whatever else comes there is refused, because
 * nobody is known there.  A request that shows who it is by a token of its own is FOR_ALL
 * here, and its function looks at the token where the door is DOOR_LISTEN.
 */
#include <errno.h>
#include <string.h>

#include <event2/bufferevent.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/text.h"
#include "expect/json.h"
#include "status/door.h"
#include "status/entrance.h"
#include "status/inside.h"

enum who {
	FOR_ALL, /* at either door */
	FOR_DETAIL, /* at `listen:` only where that shows detail */
	FOR_ADMINS, /* changes something: only over the socket, and not for everybody there */
	FOR_ADMINS_WITH, /* the same, and may come with a body */
};

/* Of a body: no request needs more. */
enum { DEPTH_MAX = 4 };

struct route {
	const char *method;
	const char *parts[PATH_MAX_PARTS]; /* "*" is any one part */
	enum who who;
	void (*answer)(struct call *call);
};

static const struct route routes[] = {
	{ "GET", { "" }, FOR_ALL, board_answer },
	{ "GET", { "endpoint", "*" }, FOR_ALL, page_endpoint_answer },
	{ "GET", { "incidents" }, FOR_ALL, page_incidents_answer },
	{ "GET", { "badge", "*" }, FOR_ALL, badge_answer },
	{ "GET", { "metrics" }, FOR_ALL, metrics_answer },
	{ "GET", { "metrics", "endpoints" }, FOR_ALL, scrape_answer },
	{ "GET", { "probe" }, FOR_ALL, probe_answer },
	{ "GET", { "v1", "status" }, FOR_ALL, summary_answer },
	{ "GET", { "v1", "config" }, FOR_DETAIL, config_answer },
	{ "GET", { "v1", "endpoints" }, FOR_ALL, listing_answer },
	{ "GET", { "v1", "endpoints", "*" }, FOR_ALL, detail_answer },
	{ "GET", { "v1", "endpoints", "*", "history" }, FOR_ALL, history_answer },
	{ "POST", { "v1", "endpoints", "*", "check" }, FOR_ADMINS, check_answer },
	{ "POST", { "v1", "endpoints", "*", "pause" }, FOR_ADMINS, pause_answer },
	{ "POST", { "v1", "endpoints", "*", "resume" }, FOR_ADMINS, resume_answer },
	{ "GET", { "v1", "history" }, FOR_ALL, overview_answer },
	{ "GET", { "v1", "events" }, FOR_ALL, stream_answer },
	{ "GET", { "v1", "incidents" }, FOR_ALL, incidents_answer },
	{ "POST", { "v1", "incidents", "*", "ack" }, FOR_ADMINS_WITH, ack_answer },
	{ "POST", { "v1", "receivers", "*", "test" }, FOR_ADMINS, test_answer },
	{ "POST", { "v1", "heartbeats", "*" }, FOR_ALL, beat_answer }, /* it asks for itself */
	{ "GET", { "v1", "silences" }, FOR_ALL, silences_answer },
	{ "POST", { "v1", "silences" }, FOR_ADMINS_WITH, silence_answer },
	{ "DELETE", { "v1", "silences", "*" }, FOR_ADMINS, unsilence_answer },
	{ "POST", { "v1", "reload" }, FOR_ADMINS, reload_answer },
};

enum { ROUTES = sizeof(routes) / sizeof(routes[0]) };

static bool route_matches(const struct route *route, const struct path *path, const char **ret_name)
{
	const char *name = NULL;
	unsigned i;

	for (i = 0; i < path->count && route->parts[i]; i++) {
		if (strcmp(route->parts[i], "*") == 0 && *path->parts[i])
			name = path->parts[i];
		else if (strcmp(route->parts[i], path->parts[i]) != 0)
			return false;
	}
	if (i < path->count || (i < PATH_MAX_PARTS && route->parts[i]))
		return false;
	*ret_name = name;
	return true;
}

/* No route has that path and that method. */
static void refuse(struct answer *answer, const struct path *path)
{
	cleanup(text)
	struct text allowed = { 0 };
	const char *name;

	for (unsigned i = 0; i < ROUTES; i++) {
		if (!route_matches(&routes[i], path, &name))
			continue;
		text_append(&allowed, allowed.len ? ", " : "");
		text_append(&allowed, routes[i].method);
	}
	if (allowed.len == 0) {
		answer_error(answer, 404, "not_found", "There is nothing at this path.");
		return;
	}
	answer_set_header(answer, "Allow", allowed.data);
	answer_error(answer, 405, "method_not_allowed", "This path only takes %s.", allowed.data);
}

/* At `listen:`, where nobody is known. */
static void forbid_here(struct call *call, enum who who)
{
	answer_error(call->answer, 403, "forbidden",
		     who >= FOR_ADMINS
			     ? "What changes something is only answered over the Unix socket."
			     : "That is only answered over the Unix socket; "
			       "'listen_detail' of 'picket:' would show it here.");
}

void call_forbid(struct call *call)
{
	const struct rights *rights = &call->status->rights;
	const char *own = rights->own_runs_programs ? "" : " and the daemon's own user";

	if (rights->group)
		answer_error(call->answer, 403, "forbidden",
			     "Only root, members of the group '%s'%s may do that.", rights->group,
			     own);
	else
		answer_error(call->answer, 403, "forbidden",
			     "Only root%s may do that; 'admin_group' can name a group.", own);
}

static void follow(const struct route *route, struct call *call, const char *query_text)
{
	const struct visitor *visitor = call->answer->visitor;
	struct query query = { 0 };

	call->shows_detail = entrance_shows_detail(call->status, visitor);
	if ((route->who == FOR_DETAIL && !call->shows_detail) ||
	    (route->who >= FOR_ADMINS && door_kind(visitor->door) == DOOR_LISTEN)) {
		forbid_here(call, route->who);
		return;
	}
	if (route->who >= FOR_ADMINS && !visitor->may_change) {
		call_forbid(call);
		return;
	}
	if (route->who == FOR_ADMINS && answer_has_body(call->answer)) {
		answer_error(call->answer, 400, "bad_request", "This request takes no body.");
		return;
	}
	if (query_parse(query_text, &query) < 0) {
		answer_error(call->answer, 400, "bad_request",
			     "The parameters are too many, badly escaped or not UTF-8.");
		return;
	}
	call->query = &query;
	route->answer(call);
	query_done(&query);
}

void route_call(struct answer *answer, const char *method, const char *path_text,
		const char *query_text)
{
	struct call call = { .status = answer->status, .answer = answer };
	const struct route *found = NULL;
	struct path path;
	int r = path_parse(path_text, &path);

	if (r < 0) {
		answer_error(answer, r == -E2BIG ? 404 : 400,
			     r == -E2BIG ? "not_found" : "bad_request",
			     r == -E2BIG ? "There is nothing at this path."
					 : "The path is badly escaped or not UTF-8.");
		return;
	}
	for (unsigned i = 0; i < ROUTES && !found; i++)
		if (strcmp(routes[i].method, method) == 0 &&
		    route_matches(&routes[i], &path, &call.name))
			found = &routes[i];
	if (found)
		follow(found, &call, query_text);
	else
		refuse(answer, &path);
	path_done(&path);
}

bool call_check_query(struct call *call, const char *const *known, const char *repeatable)
{
	const char *fault = query_fault(call->query, known, repeatable);

	if (!fault)
		return true;
	answer_error(call->answer, 400, "bad_request",
		     "The parameter '%.64s' is unknown here, or there twice.", fault);
	return false;
}

json_t *call_read_json(struct call *call)
{
	size_t len;
	cleanup(free)
	char *body = answer_body(call->answer, &len);
	struct json_notes notes;
	json_t *json = NULL;

	if (json_read(body, len, DEPTH_MAX, &json, &notes) < 0) {
		cleanup(text)
		struct text what = { 0 };

		json_notes_print(&what, &notes);
		answer_error(call->answer, 400, "bad_request", "The body%s.", text_string(&what));
		return NULL;
	}
	if (json_is_object(json))
		return json;
	json_decref(json);
	answer_error(call->answer, 400, "bad_request", "The body is to be a JSON object.");
	return NULL;
}

bool status_is_public(const struct status *status, const char *endpoint)
{
	const struct watch *watch = endpoint ? roster_find(status->roster, endpoint) : NULL;

	return !endpoint || (watch && watch->endpoint->is_public);
}

bool call_sees(const struct call *call, const struct watch *watch)
{
	return call->shows_detail || watch->endpoint->is_public;
}

/* Names are not looked up: that may ask a server, and the loop does not wait. */
char *call_who(const struct call *call)
{
	struct peer peer;
	char *who;

	if (peer_read(bufferevent_getfd(call->answer->visitor->stream), &peer) < 0)
		return NULL;
	who = peer.uid == 0 ? memory_text("root") : memory_print("uid %u", (unsigned)peer.uid);
	peer_done(&peer);
	return who;
}

static struct watch *found(struct call *call, struct watch *watch)
{
	if (!watch)
		answer_error(call->answer, 404, "not_found", "No endpoint is called '%.128s'.",
			     call->name);
	return watch;
}

struct watch *call_find_watch(struct call *call)
{
	struct watch *watch = roster_find(call->status->roster, call->name);

	return found(call, watch && call_sees(call, watch) ? watch : NULL);
}

struct watch *call_find_any(struct call *call)
{
	return found(call, roster_find(call->status->roster, call->name));
}
