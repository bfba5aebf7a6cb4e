/* alert.h - from changes of state to incidents.
 *
 * Every change is written as a row of the store beside whatever else the caller puts into the
 * same batch, so that a state and its incident are never apart.  No clock: time is an
 * argument.  Loop thread only; nothing fails.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "model/incident.h"

struct alert;
struct pack;
struct roster;
struct store_row;
struct teller;
struct text;

/* Of those that are over; more where somebody is still to be told that they are. */
enum { ALERT_CLOSED_MAX = 5000 };

/* Something happened to an incident; all of it is in there. */
typedef void alert_told(const struct incident *incident, enum incident_move move, void *context);

/* Whether it, or with `is_over` that it is over, is kept back from all receivers; picket's own has
 * no endpoint.
 */
typedef bool alert_held(const struct incident *incident, bool is_over, void *context);

/* `teller` (borrowed) is told of everything that receivers may want to know. */
struct alert *alert_new(struct teller *teller, alert_told *told, void *context);
void alert_free(struct alert *alert);
/* Without this nothing is held. */
void alert_set_held(struct alert *alert, alert_held *is_held, void *context);

/* The state of a watch has changed, and its last check is noted.  `rows` may be NULL, here and
 * below: nothing is kept.
 */
void alert_follow(struct alert *alert, struct watch *watch, struct moment at, struct pack *rows);
/* A check that did not change the state, but perhaps why it is bad. */
void alert_look(struct alert *alert, struct watch *watch, struct moment at, struct pack *rows);
/* Incidents of endpoints that have another name now, which `now` tells; or NULL.  The names in the
 * file are the caller's.
 */
void alert_rename(struct alert *alert, const char *(*now)(const char *before, void *context),
		  void *context);
/* Nobody watches it any more. */
void alert_leave(struct alert *alert, struct watch *watch, struct moment at, struct pack *rows);
/* 0; -ENOENT: no incident has this id; -EALREADY: it is closed.  Acknowledged again, the later counts. */
int alert_acknowledge(struct alert *alert, const char *id, const char *by, const char *comment,
		      struct moment at, struct pack *rows);

/* A row of STORE_READ_INCIDENTS or STORE_READ_TOLD, in the order of the file. */
void alert_take(struct alert *alert, const struct store_row *row);
/* All rows were taken: incidents find their watches, and those whose endpoint is gone or was up
 * all the time are closed.
 */
void alert_loaded(struct alert *alert, const struct roster *roster, struct moment at,
		  struct pack *rows);
/* All that is known, after the store lost it: from its beginning, and on by at most about `max`
 * rows; true once that was all of it.
 */
void alert_pack_begin(struct alert *alert);
bool alert_pack_some(struct alert *alert, unsigned max, struct pack *rows);

/* What is held may be another now: of the open incident of this watch; and of picket's own and
 * `most` of those that are over and whose end is kept back.  The first returns whether anything
 * is another, the latter how many of these there are.
 */
bool alert_hold(struct alert *alert, const struct watch *watch, struct moment at,
		struct pack *rows);
unsigned alert_hold_rest(struct alert *alert, unsigned most, struct moment at, struct pack *rows);

/* Who is to be told may be others by a new configuration: nobody is told what he knows.  From
 * the beginning, and on by at most `max` incidents; true once those were all.
 */
void alert_retell(struct alert *alert);
bool alert_retell_some(struct alert *alert, unsigned max, struct moment at, struct pack *rows);

/* Open incidents that this receiver was told of: from the beginning, and on by at most `looks`
 * incidents until *count of them, at most `max`, are in `incidents` as JSON objects with commas
 * between; true once those were all.
 */
void alert_resend(struct alert *alert);
bool alert_resend_some(struct alert *alert, const char *receiver, unsigned looks, unsigned max,
		       struct text *incidents, unsigned *count);

const struct incident *alert_find(const struct alert *alert, const char *id);
unsigned alert_open(const struct alert *alert);
/* Newest first: the one that opened last, or the one before `incident`; NULL at the end. */
const struct incident *alert_before(const struct alert *alert, const struct incident *incident);
