/* inside.h - what the files of this room share: the status object, and who answers what. */
#pragma once

#include <jansson.h>

#include "base/clock.h"
#include "base/list.h"
#include "status/answer.h"
#include "status/peer.h"
#include "status/query.h"
#include "status/status.h"

struct door;
struct event;
struct events;
struct history;
struct past_check;
struct streams;

struct status {
	struct event_base *base; /* borrowed */
	const struct roster *roster; /* borrowed */
	const struct vitals *vitals; /* borrowed */
	const struct alert *alert; /* borrowed */
	struct history *history; /* borrowed */
	const struct silences *silences; /* borrowed */
	struct status_requests requests;
	const struct teller *teller; /* borrowed */
	struct door *door; /* owned; of the socket, or NULL */
	struct door *listen; /* owned; of the TCP port, or NULL */
	char *address; /* owned; where that is, with its port */
	const char *const *hosts; /* borrowed; that it is asked by, or NULL */
	bool shows_detail; /* there too */
	struct rights rights;
	struct events *events; /* owned */
	struct streams *streams; /* owned */
	struct list checks; /* of answers that wait for a verdict (action.c) */
	struct list reloads; /* of answers that wait for the reload under way */
	struct list next_reloads; /* and for the one after it */
	bool is_reloading;
	char *path; /* owned; of the socket, where we made it */
	unsigned mode; /* of that */
};

/* One request on its way through the routes. */
struct call {
	struct status *status;
	struct answer *answer;
	const char *name; /* what stands for * in the route, or NULL */
	const struct query *query;
	bool shows_detail; /* evidence, configuration, addresses and headers */
};

/* Finds out what is asked, and by whom, and has it answered. */
void route_call(struct answer *answer, const char *method, const char *path, const char *query);

void metrics_answer(struct call *call);
void scrape_answer(struct call *call);
void probe_answer(struct call *call);
void summary_answer(struct call *call);
void listing_answer(struct call *call);
void detail_answer(struct call *call);
void config_answer(struct call *call);
void check_answer(struct call *call);
void pause_answer(struct call *call);
void resume_answer(struct call *call);
void reload_answer(struct call *call);
void beat_answer(struct call *call);
void history_answer(struct call *call);
void overview_answer(struct call *call);
void incidents_answer(struct call *call);
void ack_answer(struct call *call);
void test_answer(struct call *call);
void silences_answer(struct call *call);
void silence_answer(struct call *call);
void unsilence_answer(struct call *call);
void stream_answer(struct call *call);
void board_answer(struct call *call);
void page_endpoint_answer(struct call *call);
void page_incidents_answer(struct call *call);
void badge_answer(struct call *call);

/* Answers 403, and says who may. */
void call_forbid(struct call *call);
/* Answers 400 where a parameter is not among `known`; false then. */
bool call_check_query(struct call *call, const char *const *known, const char *repeatable);
/* What came with the request: a JSON object, owned by the caller; answers 400 where it is none, and
 * returns NULL.
 */
json_t *call_read_json(struct call *call);
/* The watch that `name` stands for, of those that the caller may see; answers 404 where there is
 * none, and returns NULL.
 */
struct watch *call_find_watch(struct call *call);
/* The same, where a token of its own has to be shown anyway. */
struct watch *call_find_any(struct call *call);
/* Whether it is public, or the caller sees detail. */
bool call_sees(const struct call *call, const struct watch *watch);
/* Whether this endpoint (NULL: picket itself) is there and public: whoever sees no detail does
 * not learn of any other.
 */
bool status_is_public(const struct status *status, const char *endpoint);

/* "uptime" of the last day, week and month, where something is known of them. */
void history_print_uptime(struct text *json, const struct history *history,
			  const struct watch *watch, usec_t wall);
/* "slo": what is left of what is promised; nothing where nothing is. */
void history_print_slo(struct text *json, const struct history *history, const struct watch *watch,
		       usec_t wall);
/* "days": uptime from each edge to the next, null where nothing is known. */
void history_print_days(struct text *json, const struct history *history, const struct watch *watch,
			const usec_t *edges, unsigned days);
/* Whether its latency is that of an answer, as wanted or not. */
bool history_is_answer(const struct past_check *past);
/* "latency": of the last checks, null where there was no answer. */
void history_print_recent(struct text *json, const struct watch *watch);

/* Who asks, as people know him: "root", "uid 1000"; malloc'ed, NULL where nobody can tell. */
char *call_who(const struct call *call);

/* The event runs in the next turn of the loop. */
void status_next_turn(struct event *event);

/* The wall time of the next check, or USEC_NEVER. */
usec_t next_check_wall(const struct status *status, const struct watch *watch);
