/* control.c - /_stats, /_wait and /_control/… ; README.md lists them. */
#include "control.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "base/units.h"
#include "conn.h"
#include "ledger.h"
#include "words.h"
#include "world.h"
#include "zone.h"

#define WAIT_LOOKS_EVERY (5 * USEC_PER_MS)
#define LONGEST_WAIT	 (10 * USEC_PER_MIN)

static void reply_text(struct conn *conn, unsigned status, const char *sentence)
{
	cleanup(text)
	struct text text = { 0 };

	text_append(&text, sentence);
	text_append(&text, "\n");
	conn_reply(conn, status, "text/plain", &text);
}

static void answer_stats(struct conn *conn)
{
	cleanup(free)
	char *match = words_query(conn->request.query, "match");
	cleanup(free)
	char *arrivals = words_query(conn->request.query, "arrivals");
	cleanup(text)
	struct text text = { 0 };

	text_append(&text, "{");
	ledger_print(conn->world->ledger, match ? match : "*",
		     !arrivals || strcmp(arrivals, "0") != 0, &text);
	text_append(&text, ",\"dns\":");
	zone_print(conn->world->zone, &text);
	text_append(&text, "}\n");
	conn_reply(conn, 200, "application/json", &text);
}

static size_t query_number(const char *query, const char *name, size_t fallback)
{
	cleanup(free)
	char *text = words_query(query, name);
	size_t number = fallback;

	if (text)
		(void)words_number(text, SIZE_MAX / 16, &number);
	return number;
}

static bool wait_is_over(struct conn *conn)
{
	const struct ledger *ledger = conn->world->ledger;

	if (ledger_reached(ledger, conn->wait_match, conn->wait_hits) >= conn->wait_endpoints) {
		reply_text(conn, 200, "reached");
		return true;
	}
	if (clock_now() < conn->wait_until)
		return false;
	reply_text(conn, 504, "not reached in time");
	return true;
}

static void wait_timer_start(struct world *world)
{
	const struct timeval time = { .tv_usec = (suseconds_t)WAIT_LOOKS_EVERY };

	if (!evtimer_pending(world->wait_timer, NULL))
		evtimer_add(world->wait_timer, &time);
}

static void answer_wait(struct conn *conn)
{
	const char *query = conn->request.query;
	cleanup(free)
	char *timeout = words_query(query, "timeout");
	usec_t wait = 30 * USEC_PER_SEC;

	if (timeout)
		(void)units_duration_parse(timeout, strlen(timeout), &wait);
	free(conn->wait_match);
	conn->wait_match = words_query(query, "match");
	if (!conn->wait_match)
		conn->wait_match = memory_text("*");
	conn->wait_hits = query_number(query, "hits", 1);
	conn->wait_endpoints = query_number(query, "endpoints", 1);
	conn->wait_until = clock_now() + (wait < LONGEST_WAIT ? wait : LONGEST_WAIT);
	if (wait_is_over(conn))
		return;
	conn->is_busy = true;
	list_append(&conn->world->waiting, &conn->wait_link);
	wait_timer_start(conn->world);
}

void control_tick(struct world *world)
{
	list_each (link, &world->waiting) {
		struct conn *conn = LIST_ENTRY(link, struct conn, wait_link);

		if (!wait_is_over(conn))
			continue;
		list_remove(&conn->wait_link);
		conn_run(conn);
	}
	if (!list_is_empty(&world->waiting))
		wait_timer_start(world);
}

static void answer_set(struct conn *conn, bool is_dns)
{
	struct world *world = conn->world;
	cleanup(free)
	char *name = words_query(conn->request.query, "name");
	cleanup(free)
	char *fault = NULL;
	const char *what = text_string(&conn->body);
	int r;

	if (!name) {
		reply_text(conn, 400, "wanted ?name=PATTERN");
		return;
	}
	r = is_dns ? zone_set(world->zone, name, what, &fault)
		   : script_add(world->script, name, what, &fault);
	reply_text(conn, r < 0 ? 400 : 200, r < 0 ? fault : "set");
}

void control_answer(struct conn *conn)
{
	struct world *world = conn->world;
	const char *path = conn->request.path;

	conn->step = NULL;
	if (strcmp(path, "/_stats") == 0) {
		answer_stats(conn);
	} else if (strcmp(path, "/_wait") == 0) {
		answer_wait(conn);
	} else if (strcmp(path, "/_control/set") == 0) {
		answer_set(conn, false);
	} else if (strcmp(path, "/_control/dns") == 0) {
		answer_set(conn, true);
	} else if (strcmp(path, "/_control/restore") == 0) {
		script_restore(world->script);
		reply_text(conn, 200, "restored");
	} else if (strcmp(path, "/_control/forget") == 0) {
		ledger_forget(world->ledger);
		zone_forget(world->zone);
		reply_text(conn, 200, "forgotten");
	} else {
		reply_text(conn, 404, "there is no such order");
	}
}
