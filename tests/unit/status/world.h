/* world.h - an API server in a loop of its own, with made-up endpoints and engine. */
#pragma once

#include <stdbool.h>

#include <event2/event.h>
#include <jansson.h>

#include "base/text.h"
#include "history/history.h"
#include "model/check.h"
#include "model/roster.h"
#include "status/status.h"

enum { WORLD_ENDPOINTS_MAX = 4000 };

struct alert;
struct silences;
struct teller;

struct world {
	struct event_base *base;
	char folder[64];
	char path[96];
	struct endpoint *endpoints;
	struct roster roster;
	struct vitals vitals;
	struct teller *teller;
	struct alert *alert;
	struct history *history;
	struct silences *silences;
	struct status *status;

	/* What the made-up engine was asked. */
	unsigned checks_asked, checks_forgotten, reloads_asked, pauses_asked, beats;
	void (*settled)(const struct check *check, void *context);
	void *settled_context;
	void (*loaded)(const char *faults, void *context);
	void *loaded_context;
	unsigned tests_forgotten, probes_forgotten;
};

struct world_options {
	unsigned endpoints;
	unsigned events;
	unsigned connections;
	const char *listen; /* NULL: no TCP */
};

/* world_engine.c */
struct status_requests world_requests(struct world *world);

/* For cmocka; the options are in *state before (NULL: the usual ones). */
struct world *world_new(const struct world_options *options);
void world_free(struct world *world);
struct watch *world_watch(struct world *world, const char *name);
void world_set_state(struct world *world, const char *name, enum state state);
/* Verdicts for /v1/events. */
void world_publish(struct world *world, const char *name, enum verdict_kind kind);

/* A client that is moved by the same loop. */
struct client {
	struct world *world;
	int fd;
	struct event *readable;
	struct text received;
	bool is_closed; /* by the server */
};

struct client *client_new(struct world *world);
void client_free(struct client *client);
void client_send(struct client *client, const char *bytes, size_t len);
/* "GET /v1/status" and the rest of the head, with `more` header lines. */
void client_ask(struct client *client, const char *what, const char *more);
/* Turns the loop until the server closed, or the text came; fails after some seconds. */
void client_wait_closed(struct client *client);
void client_wait_text(struct client *client, const char *text);
/* Turns the loop until the condition holds; fails after some seconds. */
void world_wait(struct world *world, bool (*holds)(void *context), void *context);
void world_turn(struct world *world);

struct reply {
	int code;
	char *head, *body; /* owned */
};

/* What was received, taken apart; chunks are joined. */
struct reply client_reply(const struct client *client);
void reply_done(struct reply *reply);

/* One request on a connection of its own. */
struct reply ask(struct world *world, const char *what);
/* The same, where JSON with this status is expected. */
json_t *ask_json(struct world *world, const char *what, int code);
